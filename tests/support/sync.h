// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

/// A gate that forked processes share: those that `pass` wait until it was opened for as many. Also a counter of
/// arrivals seen from outside. A plain pipe, so that created processes keep it.
class Gate {
public:
    Gate() {
        if (::pipe(ends_.data()) != 0)
            std::abort();
    }
    ~Gate() {
        close_reading();
        close_writing();
    }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    void open(int times = 1) const {
        for (; times > 0; --times) {
            const char token = 'x';
            while (::write(ends_[1], &token, 1) < 0 && errno == EINTR) {
            }
        }
    }
    /// Waits for one opening; false when every holder of the other side has gone.
    bool pass() const {
        char token = 0;
        ssize_t count = 0;
        while ((count = ::read(ends_[0], &token, 1)) < 0 && errno == EINTR) {
        }
        return count == 1;
    }
    /// Waits until every process that holds the other side has ended or closed it.
    void wait_until_abandoned() {
        close_writing();
        while (pass()) {
        }
    }
    void close_reading() {
        if (ends_[0] >= 0)
            ::close(std::exchange(ends_[0], -1));
    }
    void close_writing() {
        if (ends_[1] >= 0)
            ::close(std::exchange(ends_[1], -1));
    }
    [[nodiscard]] int reading_end() const { return ends_[0]; }
    [[nodiscard]] int writing_end() const { return ends_[1]; }

private:
    std::array<int, 2> ends_{};
};

/// Is the descriptor readable, within so many milliseconds, however often a signal interrupts the wait?
inline bool is_readable(int fd, int milliseconds = 0) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    pollfd entry{fd, POLLIN, 0};
    int count = 0;
    while ((count = ::poll(&entry, 1, milliseconds)) < 0 && errno == EINTR)
        milliseconds = static_cast<int>(std::max<long long>(
            0, std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count()));
    return count > 0;
}

/// Calls `attempt` with a length of time, and with longer ones until it answers that this one was long enough: for a
/// time limit that it has spared what it was to spare, for a delay that it outweighed the work. How long that is
/// depends on what else the machine does, so that no fixed length is right. What the last attempt leaves behind is to
/// be checked.
template <typename Attempt>
void with_long_enough(std::chrono::milliseconds first, Attempt attempt) {
    for (const int times : {1, 5, 25})
        if (attempt(first * times))
            return;
}

/// Waits until the process, child or stranger, has ended (a zombie has); true for one that is no more.
inline bool wait_for_end(pid_t pid, int milliseconds = 30'000) {
    const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (fd < 0)
        return errno == ESRCH;
    const bool ended = is_readable(fd, milliseconds);
    ::close(fd);
    return ended;
}
