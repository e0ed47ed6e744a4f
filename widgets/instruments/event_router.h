// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>

#include <pprocess/os/observer.h>

namespace pprocess::widgets {

class LiveSource;

/// Finds out which job of a program an event belongs to, by what has been claimed for a job and by what hangs together
/// with that: the channels of its exchanges, the processes at their ends, and what those create.
///
/// What has ended is remembered for a while, for events that come late, so that a pid which is used again belongs to
/// whoever uses it now, and a program that runs for days needs no more memory.
class EventRouter {
public:
    /// `own`: the program's process, which works for all of its jobs. It is no sign of one.
    explicit EventRouter(pid_t own) : own_(own) {}

    /// From now on an exchange is this job's, and with it all that is connected to it.
    void claimExchange(std::uint64_t exchange, LiveSource* job);
    /// From now on a process is this job's, and with it all that it creates.
    void claimProcess(pid_t process, LiveSource* job);
    /// Forgets a job: what belonged to it is nobody's.
    void forget(const LiveSource* job);

    /// The job of an event, from which more is learned; null: nobody's, as far as is known by now.
    LiveSource* jobOf(const Event& event);

    /// What an id belonged to is known until so many others have ended after it.
    static constexpr std::size_t mostEnded = 10'000;

private:
    /// Whose the ids of one kind are.
    class Owners {
    public:
        [[nodiscard]] LiveSource* of(std::uint64_t id) const;
        /// Null when it has ended: the id means another one.
        [[nodiscard]] LiveSource* ofLiving(std::uint64_t id) const;
        void set(std::uint64_t id, LiveSource* job);
        void add(std::uint64_t id, LiveSource* job);
        void end(std::uint64_t id);
        void forget(const LiveSource* job);

    private:
        struct Owner {
            LiveSource* job;
            std::uint64_t life; ///< tells it from others of the same id
            bool hasEnded = false;
        };
        std::unordered_map<std::uint64_t, Owner> owners_;
        std::deque<std::pair<std::uint64_t, std::uint64_t>> ended_; ///< ids and their lives
        std::uint64_t lives_ = 0;
    };

    [[nodiscard]] LiveSource* known(const Event& event) const;
    void learn(const Event& event, LiveSource* job);
    [[nodiscard]] bool isSign(pid_t process) const { return process > 0 && process != own_; }

    pid_t own_;
    Owners exchanges_;
    Owners channels_;
    Owners processes_;
};

} // namespace pprocess::widgets
