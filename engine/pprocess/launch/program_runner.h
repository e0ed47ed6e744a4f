// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

#include <pprocess/launch/group_guard.h>
#include <pprocess/launch/program.h>
#include <pprocess/os/fd.h>

namespace pprocess::launch {

/// What is needed to run programs and need not be made anew for each: `run_program` for whoever runs many, one at a
/// time, all in one thread.
class ProgramRunner {
public:
    /// What the caller knows of the signal actions of its process.
    enum class Signals {
        may_change, ///< they are the host's: each program's process sets all to the default
        are_fixed,  ///< nobody changes them while this exists: only those that are not the default now are set
    };

    /// Throws `SystemError` when no process or descriptor is to be had. With `are_fixed`, for a process that does
    /// nothing else, also when there is no room for a program's process; one that is missing later is waited for, for
    /// 10 seconds.
    explicit ProgramRunner(Signals signals);

    /// See `run_program`.
    ProgramResult run(const ProgramTask& task, const OutputListener& listener = {});

private:
    GroupGuard guard_;
    os::Fd null_;                   ///< what a program without an input reads
    os::Fd termination_;            ///< readable when SIGTERM waits; not open where the host handles or blocks it
    std::uint64_t to_default_;      ///< a bit for each signal that a new process sets to its default, from bit 0 for 1
    std::chrono::seconds patience_; ///< for a process
    pid_t pid_;                     ///< of this process
};

} // namespace pprocess::launch
