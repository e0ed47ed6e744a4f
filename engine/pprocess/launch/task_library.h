// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>

#include <pprocess/launch/task.h>

namespace pprocess::launch {

/// The tasks that a server can run, or why it can run none.
struct ServedTasks {
    /// "the task library /lib/geo.so", as it stands in errors.
    std::string owner;
    /// Null when there are none, with or without a problem.
    const TaskTable* table = nullptr;
    /// Words for a person; empty when all is well.
    std::string problem;
};

/// Loads a task library into this process, for good. Whatever is wrong with it that its own code survives ends as the
/// result's problem.
ServedTasks load_tasks(const std::string& path);

/// How the problem reads when the process that loaded the library did not survive it, or died later. `end` says how
/// ("was killed by signal 11").
std::string crash_of_library(const std::string& path, bool was_loaded, const std::string& end);

} // namespace pprocess::launch
