// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <span>

#include <pprocess/os/clock.h>
#include <pprocess/os/fd.h>

namespace pprocess::os {

/// Waits until the descriptor has input (or its end is there); false when that did not come by the deadline. Throws
/// `SystemError` when it cannot be waited for.
bool wait_readable(int fd, Deadline deadline);

/// A set of descriptors of which the ready ones are found at a cost that does not grow with the others (epoll,
/// level-triggered).
class Epoll {
public:
    /// An empty set. Throws `SystemError`.
    Epoll();

    /// The set's own descriptor: readable while any member is ready; may itself be watched.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// Watches `fd` for input (and its end); `tag` comes back with its events.
    void add(int fd, std::uint64_t tag);
    /// Whether room for output counts as ready too.
    void watch_output(int fd, std::uint64_t tag, bool wanted);
    /// Whether input counts, and whether room for output does. The end always does.
    void watch(int fd, std::uint64_t tag, bool input, bool output);
    /// Watches `fd` no more; nothing happens when it was not watched.
    void remove(int fd) noexcept;

    /// Waits until something is ready or the deadline passes and fills `events`; returns how many.
    std::size_t wait(std::span<epoll_event> events, Deadline deadline);

private:
    Fd fd_;
};

/// A descriptor that is readable exactly while it is raised; for telling a watcher of an `Epoll` that work waits in
/// memory.
class Flag {
public:
    /// A lowered flag. Throws `SystemError`.
    Flag();
    /// The descriptor to watch.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    /// Raises or lowers it.
    void set(bool raised);

private:
    Fd fd_;
    bool raised_ = false;
};

/// A descriptor that becomes readable at a point in monotonic time.
class Timer {
public:
    /// A disarmed timer. Throws `SystemError`.
    Timer();
    /// The descriptor to watch.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    /// Sets the point; an unset deadline disarms. Setting it clears readability.
    void set(const Deadline& deadline);

private:
    Fd fd_;
    Deadline deadline_;
};

} // namespace pprocess::os
