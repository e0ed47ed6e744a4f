// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
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
    bool ended_by_zero = false; ///< items that are read end with a zero byte each, not with a line
    std::string table_file;
    std::string separator = ",";
    bool no_header = false;
    std::vector<std::string> grid; ///< NAME=FROM:TO[:STEP] or NAME=VALUE,VALUE
    std::string folder;
    std::string pattern;
    bool no_recursive = false;
    std::vector<std::string> items;
    std::string function;          ///< LIBRARY:NAME
    std::vector<std::string> then; ///< command lines of the further steps
    std::string background;        ///< the address of the process to run it in; empty: here
    std::string name;              ///< of the job, for people
    std::optional<std::size_t> limit;
    std::optional<double> timeout; ///< seconds
    std::optional<unsigned> retries;
    std::vector<std::string> environment; ///< NAME=VALUE
    std::string working_folder;
    std::optional<int> niceness;
    std::vector<unsigned> cores;
    std::optional<std::uint64_t> output_cap; ///< bytes
    std::string log;
    bool resume = false;
    std::string go_on; ///< the folder of a run of the history, which has job and log
    bool use_shell = false;
    bool stop_at_failure = false;
    bool keep_order = false;
    bool continuous = false;
    std::optional<std::size_t> batch;
    bool reuse = false;
    bool fresh = false;
    bool dry_run = false;
    bool json = false;
    std::vector<std::string> command;
};

void add_run_command(CLI::App& app, RunOptions& options);

/// Runs the job to its end, items' output on standard output and everything said about them on standard error. Returns
/// the exit status. Throws `UsageError` for a job that cannot run as it was given.
int run(const RunOptions& options);

} // namespace ppctl
