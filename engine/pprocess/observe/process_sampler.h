// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>

#include <pprocess/os/clock.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/fd.h>
#include <pprocess/os/observer.h>

namespace pprocess::observe {

/// What the system says of a process (proc(5)).
struct ProcessReading {
    std::uint64_t cpu = 0;                      ///< time used so far by all its threads, ns
    std::uint64_t memory = 0;                   ///< resident, bytes
    std::int32_t threads = 0;                   ///< their number
    std::uint64_t descriptors = Event::unknown; ///< open files; `unknown` when that may not be seen
    char state = '?';                           ///< its letter, as in ps(1)
    std::int64_t started = 0;                   ///< ns of CLOCK_MONOTONIC, as exact as 10 ms
    unsigned long long start_ticks = 0;         ///< the same as the system counts it; with the pid unique
};

/// Reads all that; empty when there is no such process.
std::optional<ProcessReading> read_process(pid_t pid);

/// Looks at processes from outside, whether they are this one's children or not, and tells what it finds as events:
/// samples, being stopped and going on, and ends that nobody else has told.
class ProcessSampler {
public:
    /// Takes the events.
    using Writer = std::function<void(const Event& event, std::span<const std::byte> payload)>;

    /// Watches none yet. Throws `SystemError`.
    ProcessSampler();

    /// Watches one more, which existed at `seen` (ns, as in events): a process that has begun later is another with its
    /// pid. Nothing happens when it is watched already. Of `is_orphan` nobody else will tell the end.
    void watch(pid_t pid, std::int64_t seen, bool is_orphan = false);
    /// Its end has been told.
    void forget(pid_t pid);

    /// Readable when `learn_ends` has something to do.
    [[nodiscard]] int fd() const noexcept { return epoll_.fd(); }
    /// When `learn_ends` is to be called in any case.
    [[nodiscard]] os::Deadline next_look() const noexcept { return next_look_; }
    /// Tells of those that have ended: of an orphan at once, of others after some time for their creators to tell it.
    void learn_ends(const Writer& writer);
    /// Tells now that all of them have ended that have, whoever else may tell it later.
    void tell_all_ends(const Writer& writer);

    /// Takes and tells a sample of each.
    void sample(const Writer& writer);

    /// Do all those watched have ended?
    [[nodiscard]] bool all_have_ended() const noexcept { return living_ == 0; }
    /// How many live.
    [[nodiscard]] std::size_t living() const noexcept { return living_; }

    /// Sends a signal to the very process that is watched; false, with errno, when that cannot be: ESRCH when it has
    /// ended or is not watched.
    bool send_signal(pid_t pid, int signal) noexcept;

private:
    struct Watched {
        os::Fd pidfd; ///< empty: none was to be had, so /proc is looked at
        unsigned long long start_ticks = 0;
        bool is_orphan = false;
        bool is_stopped = false;
        bool has_ended = false;
        os::Clock::time_point ended_at{};
    };

    void end(pid_t pid, Watched& one);
    void tell_end(pid_t pid, const Watched& one, const Writer& writer) const;
    void look_again_by(os::Clock::time_point time);

    std::map<pid_t, Watched> watched_;
    os::Epoll epoll_;
    os::Deadline next_look_;
    std::size_t living_ = 0;
};

} // namespace pprocess::observe
