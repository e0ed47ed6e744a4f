// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>

#include <pprocess/job/job.h>

namespace pprocess::job {

/// A line for a POSIX shell that runs the job by `ppctl run`. As short as it can be with every setting of the job; what
/// ppctl has no options for is given to it as a job file within the line. Throws `JobError` for a job without a
/// command, with one whose quotes are never closed, or with an incomplete grid.
std::string ppctl_line(const Job& job);

/// A whole program in C++ that does what the job does: by `pmap` or a `Queue` where a command is all of it, else by a
/// `Runner`. It prints each result and ends as `ppctl run` does. Throws as `ppctl_line`.
std::string cpp_program(const Job& job);

/// Throws `JobError` for a job of which neither can be written; see `ppctl_line`.
void check_steps_and_grid(const Job& job);

} // namespace pprocess::job
