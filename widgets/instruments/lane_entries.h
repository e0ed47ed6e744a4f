// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include <pprocess/observe/snapshot.h>

namespace pprocess::widgets {

/// A stretch of time in which a process was at one thing.
struct Activity {
    std::int64_t begin = 0;                   ///< ns
    std::int64_t end = INT64_MAX;             ///< ns; the maximum while it lasts
    std::uint64_t exchange = 0;               ///< of the task
    std::uint64_t task = Event::unknown;      ///< its index; unknown: none
    observe::ProcessState state{};            ///< never an ended one
    TaskOutcome outcome = TaskOutcome::value; ///< of the task, once it has ended
};

/// A moment of a process that stays visible at any scale.
struct Mark {
    std::int64_t time = 0;            ///< ns
    std::uint64_t event = 0;          ///< index of the event
    EventKind kind = EventKind::none; ///< what happened
    bool isFailure = false;           ///< and should not have
};

/// How full an exchange is from a moment on.
struct Level {
    std::int64_t time = 0;     ///< ns
    std::uint64_t event = 0;   ///< index of the event
    std::uint32_t queued = 0;  ///< tasks that wait for a process
    std::uint32_t running = 0; ///< tasks given to a process and not finished
};

/// Did the work of this activity end badly?
inline bool isFailed(const Activity& activity) {
    return activity.outcome != TaskOutcome::value && activity.state == observe::ProcessState::running;
}

/// How grave a mark is: of several in one place the gravest is seen.
inline int gravity(const Mark& mark) {
    switch (mark.kind) {
    case EventKind::process_ended:
        return mark.isFailure ? 7 : 1;
    case EventKind::task_timed_out:
        return 6;
    case EventKind::task_finished:
        return 5;
    case EventKind::process_signalled:
        return 4;
    case EventKind::task_retried:
        return 3;
    case EventKind::process_stopped:
        return 2;
    default:
        return mark.isFailure ? 5 : 0;
    }
}

} // namespace pprocess::widgets
