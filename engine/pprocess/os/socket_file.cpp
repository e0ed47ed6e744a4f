// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/socket_file.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <functional>

#include <pprocess/os/error.h>

namespace pprocess::os {

namespace {

namespace fs = std::filesystem;

/// How long a listener may take to accept a connection.
constexpr timeval patience{10, 0};

/// The address of `name` in an open folder, or of an open file itself when `name` is empty. A socket's address holds
/// 107 bytes; by the descriptor it is always short enough.
sockaddr_un address_of(const Fd& file, const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = "/proc/self/fd/" + std::to_string(file.get()) + (name.empty() ? "" : "/" + name);
    std::memcpy(address.sun_path, text.c_str(), std::min(text.size() + 1, sizeof address.sun_path - 1));
    return address;
}

int connect(const Fd& socket, const sockaddr_un& address) {
    return retry([&] { return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address); });
}

/// A socket that is blocking while it connects, since a full queue of connections cannot be waited for otherwise.
Fd connecting_socket() {
    Fd socket(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "open a socket"));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return socket;
}

/// Is a process listening at the socket file? With errno as `connect` says when not.
bool is_listened_at(const Fd& folder, const std::string& name) {
    const Fd file(::openat(folder.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    return file.is_open() && connect(connecting_socket(), address_of(file, {})) == 0;
}

/// Holds off everybody else who wants to make a socket of this name in this folder.
class Lock {
public:
    Lock(const Fd& folder, const std::string& name, const fs::path& path)
        : folder_(folder),
          name_(companion_name(name, ".lock", true)) {
        // The holder before may have removed the file while this one waited for it: then there is a new one.
        do {
            file_ = Fd(::openat(folder.get(), name_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
            if (!file_.is_open())
                throw SystemError(errno, "make a socket at " + path.string(), advice(errno));
            struct stat status {};
            if (::fstat(file_.get(), &status) == 0 && (status.st_uid != ::geteuid() || !S_ISREG(status.st_mode)))
                throw SystemError(EACCES, "make a socket at " + path.string(),
                                  "The file " + (path.parent_path() / name_).string() +
                                      " that should guard it is another user's");
            check(retry([&] { return ::flock(file_.get(), LOCK_EX); }), "lock the address of a socket");
        } while (!is_current());
    }
    ~Lock() { ::unlinkat(folder_.get(), name_.c_str(), 0); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    static std::string advice(int error) {
        return error == EACCES || error == EROFS ? "Files cannot be made in that folder; choose another address"
                                                 : "A file that guards it could not be made beside it";
    }

    [[nodiscard]] bool is_current() const {
        struct stat mine {};
        struct stat there {};
        return ::fstat(file_.get(), &mine) == 0 && ::fstatat(folder_.get(), name_.c_str(), &there, 0) == 0 &&
               mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
    }

    const Fd& folder_;
    std::string name_;
    Fd file_;
};

/// Removes what a dead process left at the address; throws when it is anything else.
void clear(const Fd& folder, const std::string& name, const fs::path& path, const std::function<bool()>& make_way) {
    const std::string action = "listen at " + path.string();
    struct stat status {};
    if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return;
        throw SystemError(errno, action);
    }
    if (!S_ISSOCK(status.st_mode))
        throw SystemError(EADDRINUSE, action, "There is a file that is no socket; it is left as it is");
    if (status.st_uid != ::geteuid())
        throw SystemError(EADDRINUSE, action, "There is a socket of another user");
    if (is_listened_at(folder, name)) {
        if (make_way && make_way() && ::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 &&
            errno == ENOENT)
            return;
        throw SystemError(EADDRINUSE, action,
                          "A live process is reached there. Collect its result or stop it first, or choose another "
                          "address");
    }
    if (errno != ECONNREFUSED && errno != ENOENT)
        throw SystemError(EADDRINUSE, action, "Whether a live process is reached there cannot be told");
    if (::unlinkat(folder.get(), name.c_str(), 0) != 0 && errno != ENOENT)
        throw SystemError(errno, "remove the socket that a dead process left at " + path.string());
}

/// Gives the socket its name, unless there is one already.
bool publish(const Fd& folder, const std::string& from, const std::string& to) {
    if (::renameat2(folder.get(), from.c_str(), folder.get(), to.c_str(), RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    // A file system that cannot rename that way.
    const bool done = ::linkat(folder.get(), from.c_str(), folder.get(), to.c_str(), 0) == 0;
    const int error = errno;
    ::unlinkat(folder.get(), from.c_str(), 0);
    errno = error;
    return done;
}

} // namespace

std::string companion_name(const std::string& name, const std::string& suffix, bool hidden) {
    const std::string whole = (hidden ? "." : "") + name + suffix;
    if (whole.size() <= NAME_MAX)
        return whole;
    const std::string mark = "~" + std::to_string(std::hash<std::string>()(name));
    return whole.substr(0, NAME_MAX - suffix.size() - mark.size()) + mark + suffix;
}

SocketFile SocketFile::listen(const fs::path& path, const std::function<bool()>& make_way) {
    const std::string action = "listen at " + path.string();
    SocketFile file;
    file.name_ = path.filename().string();
    if (file.name_.empty() || file.name_ == "." || file.name_ == "..")
        throw SystemError(EINVAL, "listen at \"" + path.string() + "\"", "An address is the name of a file");
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    file.folder_ = Fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!file.folder_.is_open())
        throw SystemError(errno, action, "The folder " + folder.string() + " must exist");
    if (file.name_.size() > NAME_MAX)
        throw SystemError(ENAMETOOLONG, action);

    const Lock lock(file.folder_, file.name_, path);
    clear(file.folder_, file.name_, path, make_way);

    file.socket_ = Fd(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "open a socket"));
    // Before it has a name, so that there is no moment in which others could connect.
    check(::fchmod(file.socket_.get(), 0600), "keep others from a socket");
    static std::atomic<unsigned> count = 0;
    const std::string unpublished = ".pprocess-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    const sockaddr_un address = address_of(file.folder_, unpublished);
    ::unlinkat(file.folder_.get(), unpublished.c_str(), 0); // of a process that had this pid
    if (::bind(file.socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw SystemError(errno, action);
    struct stat status {};
    if (::listen(file.socket_.get(), SOMAXCONN) != 0 ||
        ::fstatat(file.folder_.get(), unpublished.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !publish(file.folder_, unpublished, file.name_)) {
        const int error = errno == EEXIST ? EADDRINUSE : errno;
        ::unlinkat(file.folder_.get(), unpublished.c_str(), 0);
        throw SystemError(error, action);
    }
    file.device_ = status.st_dev;
    file.inode_ = status.st_ino;
    return file;
}

void SocketFile::remove() noexcept {
    struct stat status {};
    // While this process listens nobody takes the file over, so that what is looked at is what is removed.
    if (socket_.is_open() && ::fstatat(folder_.get(), name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_dev == device_ && status.st_ino == inode_)
        ::unlinkat(folder_.get(), name_.c_str(), 0);
    socket_.reset();
}

Fd connect_to(const fs::path& path) {
    const std::string action = "connect to " + path.string();
    const Fd file(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!file.is_open())
        throw SystemError(errno, action,
                          errno == ENOENT ? "There is no such address: nothing was started there, or its result has "
                                            "been collected"
                                          : "The path cannot be followed");
    struct stat status {};
    if (::fstat(file.get(), &status) == 0 && !S_ISSOCK(status.st_mode))
        throw SystemError(ENOTSOCK, action);
    Fd socket = connecting_socket();
    if (connect(socket, address_of(file, {})) != 0) {
        if (errno == ECONNREFUSED)
            throw SystemError(ECONNREFUSED, action,
                              "The process that was reached there has ended without leaving word");
        if (errno == EAGAIN)
            throw SystemError(ETIMEDOUT, action, "The process that is reached there does not answer");
        throw SystemError(errno, action);
    }
    if (!is_same_user(socket.get()))
        throw SystemError(EACCES, action, "The process that is reached there is another user's");
    check(::fcntl(socket.get(), F_SETFL, O_NONBLOCK), "set up a socket");
    return socket;
}

bool is_same_user(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

} // namespace pprocess::os
