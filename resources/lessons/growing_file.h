// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A text file that others write to, read line by line as it grows.
#pragma once

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>

namespace lesson {

class GrowingFile {
public:
    /// Begins at the present end of the file: what is in it already is not news.
    explicit GrowingFile(const std::string& path) : path_(path) {
        file_ = checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        changes_ = checked(::inotify_init1(IN_CLOEXEC));
        // A removed file lives on while it is open here, so its last name counts, not its end.
        checked(::inotify_add_watch(changes_, path.c_str(), IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF));
        position_ = size();
    }

    ~GrowingFile() {
        ::close(changes_);
        ::close(file_);
    }

    GrowingFile(const GrowingFile&) = delete;
    GrowingFile& operator=(const GrowingFile&) = delete;

    /// Waits for the next whole line; nothing when the file has been removed or renamed.
    std::optional<std::string> next_line() {
        for (;;) {
            if (const std::size_t end = text_.find('\n'); end != std::string::npos) {
                const std::string line = text_.substr(0, end);
                text_.erase(0, end + 1);
                return line;
            }
            if (read_more())
                continue;
            if (!is_there())
                return {};
            wait_for_change();
        }
    }

private:
    int checked(int result) const {
        if (result < 0)
            throw std::system_error(errno, std::generic_category(), "cannot follow " + path_);
        return result;
    }

    off_t size() const {
        struct stat now {};
        checked(::fstat(file_, &now));
        return now.st_size;
    }

    bool is_there() const {
        struct stat here {};
        struct stat named {};
        checked(::fstat(file_, &here));
        return ::stat(path_.c_str(), &named) == 0 && named.st_ino == here.st_ino && named.st_dev == here.st_dev;
    }

    bool read_more() {
        if (size() < position_)
            position_ = 0; // it has been emptied to be written anew
        char buffer[4096];
        const ssize_t count = ::pread(file_, buffer, sizeof buffer, position_);
        if (count < 0)
            checked(-1);
        text_.append(buffer, static_cast<std::size_t>(count));
        position_ += count;
        return count > 0;
    }

    /// Every change since the last look is in the kernel's list, so none is missed in between.
    void wait_for_change() const {
        char events[4096];
        if (::read(changes_, events, sizeof events) < 0 && errno != EINTR)
            checked(-1);
    }

    std::string path_;
    int file_ = -1;
    int changes_ = -1;
    off_t position_ = 0;
    std::string text_; // read, and not yet returned
};

} // namespace lesson
