// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>

#include <app/ppctl/exit_status.h>
#include <app/ppctl/run_command.h>
#include <app/ppctl/trace_command.h>

int main(int argc, char** argv) {
    CLI::App app("Runs commands over many inputs in parallel processes.", "ppctl");
    app.set_version_flag("--version", "ppctl " PPROCESS_VERSION);
    app.require_subcommand(1);

    ppctl::RunOptions run;
    ppctl::add_run_command(app, run);
    ppctl::TraceExportOptions trace;
    ppctl::add_trace_command(app, trace);

    // What stands behind -- is the command's own, options and all.
    char** const end = argv + argc;
    char** const dashes = std::find(argv, end, std::string_view("--"));
    if (dashes != end)
        run.command.assign(dashes + 1, end);

    try {
        app.parse(static_cast<int>(dashes - argv), argv);
    } catch (const CLI::Success& answered) { // --help and --version
        return app.exit(answered);
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "ppctl: %s. See ppctl --help.\n", error.what());
        return ppctl::bad_usage;
    }

    try {
        return app.got_subcommand("trace") ? ppctl::export_trace(trace) : ppctl::run(run);
    } catch (const ppctl::UsageError& error) {
        std::fprintf(stderr, "ppctl: %s\n", error.what());
        return ppctl::bad_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ppctl: %s\n", error.what());
        return ppctl::something_else;
    }
}
