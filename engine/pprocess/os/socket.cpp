// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/socket.h>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <pprocess/os/error.h>
#include <pprocess/os/observer.h>

namespace pprocess::os {

namespace {

/// Descriptors that one packet of ours carries at most.
constexpr std::size_t most_descriptors = 4;
static_assert(most_descriptors >= most_observers, "a fork server is told of all observers at once");

std::pair<Fd, Fd> pair(int type) {
    std::array<int, 2> numbers{};
    check(::socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, numbers.data()), "open a channel");
    return {Fd(numbers[0]), Fd(numbers[1])};
}

} // namespace

std::pair<Fd, Fd> stream_pair() {
    return pair(SOCK_STREAM);
}
std::pair<Fd, Fd> packet_pair() {
    return pair(SOCK_SEQPACKET);
}

ssize_t send_some(int socket, std::span<const iovec> parts) {
    msghdr header{};
    header.msg_iov = const_cast<iovec*>(parts.data()); // sendmsg only reads it
    header.msg_iovlen = parts.size();
    const ssize_t sent = retry([&] { return ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT); });
    return sent < 0 && errno == EAGAIN ? 0 : sent;
}

ssize_t receive_some(int socket, void* buffer, std::size_t size) {
    const ssize_t received = retry([&] { return ::recv(socket, buffer, size, MSG_DONTWAIT); });
    return received < 0 && errno == ECONNRESET ? 0 : received;
}

ssize_t send_with_descriptors(int socket, const void* data, std::size_t size, const std::vector<int>& descriptors) {
    iovec part{const_cast<void*>(data), size};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most_descriptors)> control{};
    if (!descriptors.empty()) {
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
        cmsghdr* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
        std::memcpy(CMSG_DATA(rights), descriptors.data(), sizeof(int) * descriptors.size());
    }
    return retry([&] { return ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT); });
}

ssize_t receive_with_descriptors(int socket, void* data, std::size_t size, std::vector<Fd>& descriptors) {
    iovec part{data, size};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most_descriptors)> control{};
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t received = retry([&] { return ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
    if (received < 0)
        return received;
    for (cmsghdr* rights = CMSG_FIRSTHDR(&header); rights; rights = CMSG_NXTHDR(&header, rights)) {
        if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        std::array<int, most_descriptors> numbers{};
        std::memcpy(numbers.data(), CMSG_DATA(rights), count * sizeof(int));
        for (std::size_t index = 0; index < count; ++index)
            descriptors.emplace_back(numbers[index]);
    }
    if (received == 0) {
        errno = ENOTCONN;
        return -1;
    }
    return received;
}

} // namespace pprocess::os
