// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ppctl {

/// What `ppctl stop` was asked.
struct StopOptions {
    std::string target; ///< the address of a background process, or the pid of one or of an inspectable program
    double grace = 2;   ///< seconds before a program is killed
    bool json = false;
};

/// Describes the command to the parser, which fills `options`.
void add_stop_command(CLI::App& app, StopOptions& options);

/// Ends a process that `ppctl list` lists; returns the exit status. Throws `UsageError` when it lists none such.
int stop(const StopOptions& options);

} // namespace ppctl
