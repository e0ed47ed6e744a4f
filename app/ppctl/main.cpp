// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>
#include <vector>

#include <app/ppctl/attach_command.h>
#include <app/ppctl/collect_command.h>
#include <app/ppctl/exit_status.h>
#include <app/ppctl/export_command.h>
#include <app/ppctl/json_lines.h>
#include <app/ppctl/list_command.h>
#include <app/ppctl/run_command.h>
#include <app/ppctl/stop_command.h>
#include <app/ppctl/tasks_command.h>
#include <app/ppctl/trace_command.h>
#include <app/ppctl/watch_command.h>
#include <pprocess/os/observer.h>

namespace {

/// Standard streams that are closed: what is opened later must not get their numbers, and be written to as if it were
/// them. Writing to this says, as with none, that it cannot be done.
void take_closed_streams() {
    for (int number = ::open("/dev/null", O_RDONLY | O_CLOEXEC); number >= 0;
         number = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
        if (number > STDERR_FILENO) {
            ::close(number);
            return;
        }
    }
}

/// The words for the parser, which takes what stands behind "--option=" for its value where that is empty.
std::vector<const char*> with_empty_values(char** begin, char** end) {
    std::vector<const char*> words;
    for (char** word = begin; word != end; ++word) {
        const std::string_view text = *word;
        if (word != begin && text.starts_with("--") && text.find('=') == text.size() - 1) {
            (*word)[text.size() - 1] = '\0';
            words.push_back(*word);
            words.push_back("");
        } else {
            words.push_back(*word);
        }
    }
    return words;
}

/// An empty value mostly comes from a variable that is not set, and then no option at all would be meant silently.
void refuse_empty_values(const CLI::App& app) {
    for (const CLI::App* command : app.get_subcommands()) {
        for (const CLI::Option* option : command->get_options()) {
            const auto& values = option->results();
            if (option->get_name() != "--item" && std::find(values.begin(), values.end(), "") != values.end())
                throw ppctl::UsageError(option->get_name() + ": its value is empty; give one, or leave it out");
        }
        refuse_empty_values(*command);
    }
}

} // namespace

int main(int argc, char** argv) {
    take_closed_streams();
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
    ppctl::ExportOptions results;
    ppctl::add_export_command(app, results);
    ppctl::TasksOptions tasks;
    ppctl::add_tasks_command(app, tasks);

    // What stands behind -- is the command's own, options and all.
    char** const end = argv + argc;
    char** const dashes = std::find(argv, end, std::string_view("--"));
    if (dashes != end)
        run.command.assign(dashes + 1, end);

    try {
        const std::vector<const char*> words = with_empty_values(argv, dashes);
        app.parse(static_cast<int>(words.size()), words.data());
    } catch (const CLI::Success& answered) { // --help and --version
        return app.exit(answered);
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "ppctl: %s. See ppctl --help.\n", error.what());
        return ppctl::bad_usage;
    }

    try {
        refuse_empty_values(app);
        const auto do_it = [&] {
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
            if (app.got_subcommand("export"))
                return ppctl::export_results(results);
            if (app.got_subcommand("tasks"))
                return ppctl::tasks(tasks);
            return app.got_subcommand("watch") ? ppctl::watch(watch) : ppctl::export_trace(trace);
        };
        const int status = do_it();
        ppctl::flush_output(); // or a full disk would stay unnoticed
        return status;
    } catch (const ppctl::UsageError& error) {
        std::fprintf(stderr, "ppctl: %s\n", error.what());
        return ppctl::bad_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ppctl: %s\n", error.what());
        return ppctl::something_else;
    }
}
