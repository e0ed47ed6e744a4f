// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ppctl {

/// What `ppctl run` was told.
struct RunOptions {
    std::string job_file;
    std::string inputs_file;
    std::size_t limit = 0; ///< 0: as the job says
    bool limit_given = false;
    bool keep_order = false;
    bool reuse = false;
    bool json = false;
    std::vector<std::string> command;
};

void add_run_command(CLI::App& app, RunOptions& options);

/// Runs the job to its end, items' output on standard output and everything said about them on standard error. Returns
/// the exit status. Throws `UsageError` for a job that cannot run as it was given.
int run(const RunOptions& options);

} // namespace ppctl
