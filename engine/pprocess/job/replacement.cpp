// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/replacement.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <pprocess/job/job.h>
#include <pprocess/os/fd.h>

namespace pprocess::job {

namespace {

/// A new file beside the one to be replaced; removed again unless it took its place.
class Replacement {
public:
    explicit Replacement(std::filesystem::path target)
        : target_(std::move(target)),
          action_("write " + printable(target_.native())) {
        struct stat old {};
        const bool replaces = ::stat(target_.c_str(), &old) == 0;
        for (unsigned attempt = 0; !file_.is_open(); ++attempt) {
            path_ = target_;
            path_ += "." + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".tmp";
            const int number = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (number >= 0) {
                file_ = os::Fd(number);
            } else if (errno != EEXIST) {
                fail();
            }
        }
        exists_ = true;
        if (replaces)
            (void)::fchmod(file_.get(), old.st_mode & 07777);
    }
    ~Replacement() {
        if (exists_)
            ::unlink(path_.c_str());
    }
    Replacement(const Replacement&) = delete;
    Replacement& operator=(const Replacement&) = delete;

    void write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t count = os::retry([&] { return ::write(file_.get(), text.data(), text.size()); });
            if (count < 0)
                fail();
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    void take_place() {
        // Some file systems tell only now that the disk is full.
        if (os::retry([&] { return ::fsync(file_.get()); }) < 0)
            fail();
        if (::close(file_.release()) < 0)
            fail();
        if (::rename(path_.c_str(), target_.c_str()) < 0)
            fail();
        exists_ = false;
    }

private:
    [[noreturn]] void fail() const {
        const int error = errno;
        if (error == ENOSPC || error == EDQUOT) {
            throw SystemError(error, action_, "Nothing was changed. Make room or save it elsewhere");
        }
        throw SystemError(error, action_);
    }

    std::filesystem::path target_;
    std::filesystem::path path_;
    std::string action_;
    os::Fd file_;
    bool exists_ = false;
};

} // namespace

void replace_file(const std::filesystem::path& file, std::string_view text) {
    std::error_code unresolved;
    const std::filesystem::path target = std::filesystem::canonical(file, unresolved);
    Replacement replacement(unresolved ? file : target);
    replacement.write(text);
    replacement.take_place();
}

} // namespace pprocess::job
