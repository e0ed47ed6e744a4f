// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>

#include <pprocess/os/fd.h>

namespace pprocess::os {

/// What a fork server says about one of its children, each as one packet over a SOCK_SEQPACKET pair of that child's
/// own: first `started` with the pid and, beside it, a pidfd, sent by the child itself before anything else comes from
/// it; at last, by the server, how it ended.
struct Report {
    /// What is said.
    enum Kind : std::int32_t { started = 1, exited = 2, signaled = 3, not_started = 4 };
    Kind kind; ///< what is said
    pid_t pid; ///< of the child
    /// The exit code, the signal, or (for `not_started`) the errno of the fork.
    std::int32_t value;
};

/// What asking for a report gave.
enum class ReportResult { received, nothing_yet, server_gone };

/// Takes the next report without waiting; `pidfd` gets the descriptor that came with it.
ReportResult receive_report(int socket, Report& report, Fd& pidfd);

/// Sends a report, with `pidfd` unless that is -1. A receiver that has gone is not an error.
void send_report(int socket, const Report& report, int pidfd);

} // namespace pprocess::os
