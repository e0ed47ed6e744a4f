// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>

#include <pprocess/os/fd.h>

namespace pprocess::os {

/// A listening UNIX stream socket at a path, non-blocking, for processes of this user alone (mode 0600). The path may
/// be longer than a socket's address holds: up to what the system allows for a path.
class SocketFile {
public:
    SocketFile() = default;

    /// Makes the socket; it listens already when the file appears. Of several processes that try at once exactly one
    /// wins.
    ///
    /// A socket that nobody listens at any more is taken over. When somebody does, `make_way` is asked whether that
    /// process has left; when it returns false, or none is given, this throws `SystemError` (EADDRINUSE). The same for
    /// whatever else is there, which is never removed: a file of another kind, or of another user. Throws `SystemError`
    /// with what the system says for a folder that does not exist or cannot be written to.
    static SocketFile listen(const std::filesystem::path& path, const std::function<bool()>& make_way = {});

    /// The listening socket.
    [[nodiscard]] Fd& socket() noexcept { return socket_; }
    /// The folder it is in.
    [[nodiscard]] Fd& folder() noexcept { return folder_; }

    /// Removes the file, unless another has taken its place, and stops listening. Whoever connected before stays
    /// connected.
    void remove() noexcept;

private:
    Fd socket_;
    Fd folder_;
    std::string name_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

/// Connects to a socket file; non-blocking afterwards. Throws `SystemError`: ENOENT when there is no such file,
/// ECONNREFUSED when nobody listens there any more, ENOTSOCK for a file of another kind, EACCES when the listener is
/// another user's.
Fd connect_to(const std::filesystem::path& path);

/// Does the process at the other end of a connected UNIX socket belong to this user? For the one who connected: the
/// process that listened.
bool is_same_user(int socket);

/// The name for a file beside the one called `name`, such as its lock: a dot in front where `hidden`, cut where the
/// system would refuse so long a name.
std::string companion_name(const std::string& name, const std::string& suffix, bool hidden);

} // namespace pprocess::os
