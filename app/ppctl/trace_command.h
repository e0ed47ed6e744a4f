// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ppctl {

/// What `ppctl trace export` was told.
struct TraceExportOptions {
    std::string file;
    std::string format;
    std::string output; ///< empty: standard output
};

void add_trace_command(CLI::App& app, TraceExportOptions& options);

/// Writes a trace file as something else and returns the exit status. What is wrong with the file's end is said on
/// standard error, and what can be read is written all the same.
int export_trace(const TraceExportOptions& options);

} // namespace ppctl
