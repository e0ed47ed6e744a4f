// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/output_file.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <system_error>

#include <pprocess/job/job.h>
#include <pprocess/os/error.h>

namespace pprocess::job {

namespace {

namespace fs = std::filesystem;

/// Fewer and larger pieces cost less.
constexpr std::size_t piece = std::size_t{1} << 16;

/// What a chain of links leads to, whether that is there or not.
fs::path end_of_links(fs::path file) {
    constexpr int most = 40; // as many as the kernel follows
    std::error_code error;
    for (int count = 0; count < most && fs::is_symlink(fs::symlink_status(file, error)); ++count)
        file = file.parent_path() / fs::read_symlink(file, error);
    return file;
}

/// While it lives a reader's absence is an errno for this thread, and the host's handler hears nothing of it.
class NoPipeSignal {
public:
    NoPipeSignal() {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        sigset_t pending;
        ::sigpending(&pending);
        was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~NoPipeSignal() {
        const int kept = errno;
        const timespec at_once{};
        if (!was_pending_)
            (void)os::retry([&] { return ::sigtimedwait(&pipe_, nullptr, &at_once); });
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        errno = kept;
    }
    NoPipeSignal(const NoPipeSignal&) = delete;
    NoPipeSignal& operator=(const NoPipeSignal&) = delete;

private:
    sigset_t pipe_{};
    sigset_t before_{};
    bool was_pending_ = false;
};

} // namespace

OutputFile::OutputFile(const fs::path& file) : target_(file), action_("write " + printable(file.native())) {
    struct stat old {};
    const bool exists = ::stat(file.c_str(), &old) == 0;
    is_direct_ = exists && !S_ISREG(old.st_mode);
    if (is_direct_) {
        file_ = os::Fd(os::retry([&] { return ::open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY); }));
        if (!file_.is_open())
            fail();
        return;
    }
    target_ = end_of_links(file);
    create_beside();
    if (exists)
        (void)::fchmod(file_.get(), old.st_mode & 07777);
}

OutputFile::~OutputFile() {
    if (!beside_.empty())
        ::unlink(beside_.c_str());
}

void OutputFile::create_beside() {
    for (unsigned attempt = 0; !file_.is_open(); ++attempt) {
        fs::path name = target_;
        name += "." + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".tmp";
        file_ = os::Fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (file_.is_open())
            beside_ = std::move(name);
        else if (errno != EEXIST)
            fail();
    }
}

void OutputFile::write(std::string_view text) {
    unwritten_ += text;
    if (unwritten_.size() >= piece)
        flush();
}

void OutputFile::flush() {
    for (std::string_view rest = unwritten_; !rest.empty();) {
        const NoPipeSignal no_signal;
        const ssize_t count = os::retry([&] { return ::write(file_.get(), rest.data(), rest.size()); });
        if (count < 0)
            fail();
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
    unwritten_.clear();
}

void OutputFile::finish() {
    flush();
    // Some file systems tell only now that the disk is full.
    if (!is_direct_ && os::retry([&] { return ::fsync(file_.get()); }) < 0)
        fail();
    if (::close(file_.release()) < 0)
        fail();
    if (is_direct_)
        return;
    if (::rename(beside_.c_str(), target_.c_str()) < 0)
        fail();
    beside_.clear();
}

void OutputFile::fail() const {
    const int error = errno;
    if (!is_direct_ && (error == ENOSPC || error == EDQUOT))
        throw SystemError(error, action_, "Nothing was changed. Make room or save it elsewhere");
    throw SystemError(error, action_);
}

void replace_file(const fs::path& file, std::string_view text) {
    OutputFile output(file);
    output.write(text);
    output.finish();
}

} // namespace pprocess::job
