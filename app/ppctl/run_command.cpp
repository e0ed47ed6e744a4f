// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/run_command.h>

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <string>

#include <app/ppctl/exit_status.h>
#include <app/ppctl/item_printer.h>
#include <app/ppctl/progress_line.h>
#include <app/ppctl/stop_signals.h>
#include <pprocess/job/runner.h>

namespace ppctl {

namespace {

using namespace pprocess;

/// A command given as words, as the one line that a job holds: each word quoted so that it is split again just there.
std::string join(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
        if (!line.empty())
            line += ' ';
        line += '\'';
        for (const char c : word) {
            if (c == '\'')
                line += "'\\''";
            else
                line += c;
        }
        line += '\'';
    }
    return line;
}

job::ListInputs items_from_standard_input() {
    if (::isatty(STDIN_FILENO))
        std::fputs("ppctl: reading items from the terminal, one a line; Ctrl-D ends them.\n", stderr);
    job::ListInputs inputs;
    for (std::string line; std::getline(std::cin, line);)
        if (!line.empty())
            inputs.items.push_back(std::move(line));
    return inputs;
}

job::Job make_job(const RunOptions& options) {
    job::Job result;
    if (!options.job_file.empty()) {
        if (!options.command.empty())
            throw UsageError("give either a job file or a command after --, not both");
        result = job::load(options.job_file);
        if (options.keep_order)
            result.pattern = job::Pattern::map;
    } else if (!options.command.empty()) {
        result.name = options.command.front();
        result.command = join(options.command);
        result.pattern = options.keep_order ? job::Pattern::map : job::Pattern::queue;
        result.reuse = true;
    } else {
        throw UsageError(
            "nothing to run: give a job file, or a command after --. For example: ls *.txt | ppctl run -- wc -l {}");
    }
    if (!options.inputs_file.empty()) {
        result.inputs = job::LineInputs{options.inputs_file};
    } else if (options.job_file.empty()) {
        result.inputs = items_from_standard_input();
    }
    if (options.limit_given)
        result.limit = options.limit;
    if (options.reuse)
        result.reuse = true;
    return result;
}

} // namespace

void add_run_command(CLI::App& app, RunOptions& options) {
    CLI::App* run = app.add_subcommand("run", "Run a job: a command over many inputs");
    run->add_option("job", options.job_file, "A job file (JSON)")->check(CLI::ExistingFile);
    run->add_option("--inputs", options.inputs_file, "Take the items from this file, one a line")
        ->check(CLI::ExistingFile);
    run->add_option("--limit", options.limit, "Most commands at once (default: the available cores)")
        ->each([&options](const std::string&) { options.limit_given = true; });
    run->add_flag("--keep-order", options.keep_order, "Print results in the order of the items");
    run->add_flag("--reuse", options.reuse,
                  "Keep worker processes from one item to the next (the default for a command after --)");
    run->add_flag("--json", options.json, "Print one JSON object a line for each item instead of its output");
    run->footer("After -- stands the command; in it {} is the item, {.} without extension, {/} its base name, {//} its "
                "folder,\n"
                "{#} its number. For example: ls *.wav | ppctl run -- flac {} -o {.}.flac\n"
                "Without a job file or --inputs the items are read from standard input.\n"
                "Exit status: 0 all well; 1-100 that many items failed; 101 more; 125 bad usage; 126 something else "
                "went wrong.");
}

int run(const RunOptions& options) {
    job::Job job;
    std::vector<std::string> inputs;
    std::vector<std::string> problems;
    try {
        job = make_job(options);
        job::validate(job);
        inputs = job::collect_inputs(job.inputs, &problems);
    } catch (const job::JobError& error) {
        throw UsageError(error.field() + ": " + error.what());
    }
    for (const std::string& problem : problems)
        std::fprintf(stderr, "ppctl: %s\n", problem.c_str());

    ForkServer server;
    StopSignals stop_signals; // after the server was started: its workers' commands get the signals as usual
    ItemPrinter printer(inputs, options.json);
    ProgressLine line;
    job::Runner runner(server, job, inputs, [&](job::ItemResult result) {
        line.clear();
        printer.print(result);
    });
    runner.start();
    bool stopped = false;
    while (!runner.finished()) {
        std::array<pollfd, 2> entries{{{runner.fileno(), POLLIN, 0}, {stop_signals.fd(), POLLIN, 0}}};
        if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR)
            throw SystemError(errno, "wait for the job");
        if (stop_signals.take() != 0 && !std::exchange(stopped, true))
            runner.stop();
        runner.step(std::chrono::milliseconds(50));
        line.update(runner.progress());
    }
    printer.flush();
    line.finish(runner.progress());
    return stopped ? interrupted : for_failures(runner.progress().failed);
}

} // namespace ppctl
