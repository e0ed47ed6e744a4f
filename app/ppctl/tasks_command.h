// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ppctl {

/// What `ppctl tasks` was asked.
struct TasksOptions {
    std::string library; ///< a shared object
    bool json = false;
};

/// Describes the command to the parser, which fills `options`.
void add_tasks_command(CLI::App& app, TasksOptions& options);

/// Lists the functions of a task library; returns the exit status. Throws `UsageError` for a library that cannot be
/// used.
int tasks(const TasksOptions& options);

} // namespace ppctl
