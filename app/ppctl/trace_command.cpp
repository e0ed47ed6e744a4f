// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/trace_command.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <streambuf>
#include <string_view>
#include <system_error>

#include <app/ppctl/exit_status.h>
#include <pprocess/job/output_file.h>
#include <pprocess/observe/export.h>
#include <pprocess/observe/trace.h>
#include <pprocess/os/error.h>

namespace ppctl {

using namespace pprocess;

namespace {

/// What goes through a stream into a file.
class FileBuffer : public std::streambuf {
public:
    explicit FileBuffer(job::OutputFile& file) : file_(file) {}

protected:
    std::streamsize xsputn(const char* text, std::streamsize size) override {
        file_.write({text, static_cast<std::size_t>(size)});
        return size;
    }
    int_type overflow(int_type letter) override {
        const char text = traits_type::to_char_type(letter);
        return xsputn(&text, 1) == 1 ? letter : traits_type::eof();
    }

private:
    job::OutputFile& file_;
};

/// Returns what is wrong with the trace's end.
std::string export_to(const std::string& name, observe::TraceReader& trace, observe::ExportFormat format) {
    job::OutputFile file(name);
    FileBuffer buffer(file);
    std::ostream out(&buffer);
    out.exceptions(std::ios::badbit); // hands the file's own error on
    std::string problem = observe::export_trace(trace, format, out);
    file.finish();
    return problem;
}

std::string print(observe::TraceReader& trace, observe::ExportFormat format) {
    std::string problem = observe::export_trace(trace, format, std::cout);
    if (!std::cout.flush())
        throw SystemError(errno, "write to standard output");
    return problem;
}

} // namespace

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
    const observe::ExportFormat format = *observe::export_format(options.format);
    std::error_code error;
    if (!options.output.empty() && std::filesystem::equivalent(options.file, options.output, error))
        throw UsageError("the trace itself would be overwritten; choose another file for --output");
    const std::string problem =
        options.output.empty() ? print(trace, format) : export_to(options.output, trace, format);
    if (problem.empty())
        return 0;
    std::fprintf(stderr, "ppctl: %s\n", problem.c_str());
    return something_else;
}

} // namespace ppctl
