// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <memory>

namespace pprocess::launch {

/// Kills the process group of a command when this process ends before the command does, by whatever signal: a process
/// of its own that waits for that end and does nothing else.
///
/// `PR_SET_PDEATHSIG` alone would end the command, and leave what the command has started. The guard runs in this
/// process's memory, so that making one costs little in a process of any size. One guards one command at a time.
class GroupGuard {
public:
    /// Throws `SystemError` when no process or descriptor is to be had.
    GroupGuard();
    /// Ends the guard. Does nothing in a process forked from the one that made it.
    ~GroupGuard();
    GroupGuard(const GroupGuard&) = delete;
    GroupGuard& operator=(const GroupGuard&) = delete;

    /// The group to be killed; 0: none. To be written by a command's process as soon as it leads its group, and to be
    /// set back when its end is known.
    [[nodiscard]] volatile pid_t& group() noexcept;

private:
    struct Watch;
    std::unique_ptr<Watch> watch_;
    pid_t pid_ = 0;
    unsigned generation_ = 0;
};

} // namespace pprocess::launch
