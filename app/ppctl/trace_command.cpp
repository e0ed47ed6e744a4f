// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/trace_command.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include <app/ppctl/exit_status.h>
#include <pprocess/observe/export.h>
#include <pprocess/observe/trace.h>
#include <pprocess/os/error.h>

namespace ppctl {

using namespace pprocess;

void add_trace_command(CLI::App& app, TraceExportOptions& options) {
    CLI::App* trace = app.add_subcommand("trace", "Does something with a trace file, which a program has recorded.");
    trace->require_subcommand(1);
    CLI::App* command = trace->add_subcommand("export", "Writes a trace in a format that other tools read.");
    command->add_option("FILE", options.file, "the trace file")->required();
    command
        ->add_option("--format", options.format,
                     "chrome: JSON for Perfetto (ui.perfetto.dev) and chrome://tracing; csv: a line for each event; "
                     "joblog: a line for each task, as GNU parallel's --joblog")
        ->required()
        ->check(CLI::IsMember({"chrome", "csv", "joblog"}));
    command->add_option("-o,--output", options.output, "where to write it instead of standard output");
}

int export_trace(const TraceExportOptions& options) {
    observe::TraceReader trace(options.file);
    std::ofstream file;
    if (!options.output.empty()) {
        std::error_code error;
        if (std::filesystem::equivalent(options.file, options.output, error))
            throw UsageError("the trace itself would be overwritten; choose another file for --output");
        file.open(options.output, std::ios::binary | std::ios::trunc);
        if (!file)
            throw SystemError(errno, "write " + options.output);
    }
    std::ostream& out = options.output.empty() ? std::cout : file;
    const std::string problem = observe::export_trace(trace, *observe::export_format(options.format), out);
    if (!out.flush())
        throw SystemError(errno, "write " + (options.output.empty() ? "to standard output" : options.output));
    if (problem.empty())
        return 0;
    std::fprintf(stderr, "ppctl: %s\n", problem.c_str());
    return something_else;
}

} // namespace ppctl
