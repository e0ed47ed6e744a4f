// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <span>
#include <utility>
#include <vector>

#include <pprocess/os/fd.h>

namespace pprocess::os {

/// Two connected, non-blocking, close-on-exec UNIX stream sockets. Throws `SystemError`, naming the limit on open files
/// where that is why.
std::pair<Fd, Fd> stream_pair();

/// The same that keeps the borders of packets (SOCK_SEQPACKET).
std::pair<Fd, Fd> packet_pair();

/// Writes what the socket takes at once, never raising SIGPIPE. Returns the bytes taken; 0 when it is full; -1 with
/// errno (EPIPE: the other side is gone).
ssize_t send_some(int socket, std::span<const iovec> parts);

/// Reads what is there at once. Returns the bytes read; 0 at the end (a peer that closed with input unread counts as
/// an end); -1 with errno EAGAIN when nothing is there.
ssize_t receive_some(int socket, void* buffer, std::size_t size);

/// Sends one packet with descriptors attached (copies go to the receiver). Returns as `send_some`, but -1 with EAGAIN
/// when full.
ssize_t send_with_descriptors(int socket, const void* data, std::size_t size, const std::vector<int>& descriptors);

/// Receives one packet and the descriptors that came with it, close-on-exec. Returns the size; -1 with errno, where
/// ENOTCONN stands for the end.
ssize_t receive_with_descriptors(int socket, void* data, std::size_t size, std::vector<Fd>& descriptors);

} // namespace pprocess::os
