// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ppctl {

/// What `ppctl export` was told.
struct ExportOptions {
    std::string run;    ///< a log, the folder of a run of the history, or its name
    std::string format; ///< csv or json; empty: as the output is called
    std::string output; ///< a file; empty: standard output
    bool only_failed = false;
};

void add_export_command(CLI::App& app, ExportOptions& options);

/// Writes what a job's log holds as a file of results. Returns the exit status. Throws `UsageError` for what is no log
/// or run.
int export_results(const ExportOptions& options);

} // namespace ppctl
