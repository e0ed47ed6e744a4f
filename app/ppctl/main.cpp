// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>

#include <app/ppctl/attach_command.h>
#include <app/ppctl/collect_command.h>
#include <app/ppctl/exit_status.h>
#include <app/ppctl/list_command.h>
#include <app/ppctl/run_command.h>
#include <app/ppctl/stop_command.h>
#include <app/ppctl/tasks_command.h>
#include <app/ppctl/trace_command.h>
#include <app/ppctl/watch_command.h>
#include <pprocess/os/observer.h>

int main(int argc, char** argv) {
    CLI::App app("Runs commands over many inputs in parallel processes, and watches programs that do.", "ppctl");
    app.set_version_flag("--version", "ppctl " PPROCESS_VERSION);
    app.require_subcommand(1);

    ppctl::RunOptions run;
    ppctl::add_run_command(app, run);
    ppctl::TraceExportOptions trace;
    ppctl::add_trace_command(app, trace);
    ppctl::ListOptions list;
    ppctl::add_list_command(app, list);
    ppctl::AttachOptions attach;
    ppctl::add_attach_command(app, attach);
    ppctl::WatchOptions watch;
    ppctl::add_watch_command(app, watch);

    ppctl::CollectOptions collect;
    ppctl::add_collect_command(app, collect);
    ppctl::StopOptions stop;
    ppctl::add_stop_command(app, stop);
    ppctl::TasksOptions tasks;
    ppctl::add_tasks_command(app, tasks);

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
        if (app.got_subcommand("run"))
            return ppctl::run(run);
        pprocess::os::never_observe_on_request(); // the rest only looks at others
        if (app.got_subcommand("list"))
            return ppctl::list(list);
        if (app.got_subcommand("attach"))
            return ppctl::attach(attach);
        if (app.got_subcommand("collect"))
            return ppctl::collect(collect);
        if (app.got_subcommand("stop"))
            return ppctl::stop(stop);
        if (app.got_subcommand("tasks"))
            return ppctl::tasks(tasks);
        return app.got_subcommand("watch") ? ppctl::watch(watch) : ppctl::export_trace(trace);
    } catch (const ppctl::UsageError& error) {
        std::fprintf(stderr, "ppctl: %s\n", error.what());
        return ppctl::bad_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ppctl: %s\n", error.what());
        return ppctl::something_else;
    }
}
