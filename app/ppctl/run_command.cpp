// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/run_command.h>

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string>
#include <utility>

#include <app/ppctl/exit_status.h>
#include <app/ppctl/item_printer.h>
#include <app/ppctl/json_lines.h>
#include <app/ppctl/progress_line.h>
#include <app/ppctl/stop_signals.h>
#include <pprocess/job/runner.h>

namespace ppctl {

namespace {

using namespace pprocess;

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

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

/// One axis of a grid as it is written on the command line.
job::Axis axis_of(const std::string& text) {
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos)
        throw UsageError("--grid " + text + ": write NAME=FROM:TO, NAME=FROM:TO:STEP or NAME=VALUE,VALUE");
    job::Axis axis;
    axis.name = text.substr(0, sign);
    const std::string values = text.substr(sign + 1);
    std::vector<double> numbers;
    for (const std::string& part : split(values, ':')) {
        double number = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (error != std::errc() || end != part.data() + part.size())
            break;
        numbers.push_back(number);
    }
    const auto colons = std::count(values.begin(), values.end(), ':');
    if (colons > 0 && colons < 3 && numbers.size() == static_cast<std::size_t>(colons) + 1) {
        axis.values = job::Range{numbers[0], numbers[1],
                                 numbers.size() == 3 ? numbers[2] : (numbers[1] < numbers[0] ? -1.0 : 1.0)};
    } else {
        axis.values = split(values, ',');
    }
    return axis;
}

job::TableInputs table_of(const RunOptions& options) {
    job::TableInputs table;
    table.file = options.table_file;
    const std::string& separator = options.separator;
    if (separator == "tab" || separator == "\\t")
        table.separator = '\t';
    else if (separator == "blank")
        table.separator = ' ';
    else if (separator.size() == 1)
        table.separator = separator.front();
    else
        throw UsageError("--separator " + separator + ": give one character, or \"tab\" or \"blank\"");
    table.has_header = !options.no_header;
    return table;
}

/// Sets the inputs that the options name; false when they name none.
bool set_inputs(job::Job& job, const RunOptions& options) {
    const int ways = int(!options.inputs_file.empty()) + int(!options.table_file.empty()) + int(!options.grid.empty());
    if (ways > 1)
        throw UsageError("give one of --inputs, --table and --grid");
    if (!options.inputs_file.empty()) {
        job.inputs = job::LineInputs{options.inputs_file};
    } else if (!options.table_file.empty()) {
        job.inputs = table_of(options);
    } else if (!options.grid.empty()) {
        job::GridInputs grid;
        for (const std::string& axis : options.grid)
            grid.axes.push_back(axis_of(axis));
        job.inputs = grid;
    }
    return ways == 1;
}

void set_manner(job::Job& job, const RunOptions& options) {
    if (options.limit)
        job.limit = options.limit;
    if (options.timeout) {
        if (!(*options.timeout >= 0.001 && *options.timeout <= 1e9))
            throw UsageError("--timeout must be a number of seconds, at least 0.001");
        job.timeout = std::chrono::milliseconds(static_cast<long long>(*options.timeout * 1000 + 0.5));
    }
    if (options.retries)
        job.retries = *options.retries;
    for (const std::string& variable : options.environment) {
        const std::size_t sign = variable.find('=');
        if (sign == std::string::npos)
            throw UsageError("--env " + variable + ": write NAME=VALUE");
        job.environment.emplace_back(variable.substr(0, sign), variable.substr(sign + 1));
    }
    if (!options.working_folder.empty())
        job.working_folder = options.working_folder;
    if (options.niceness)
        job.niceness = *options.niceness;
    if (!options.cores.empty())
        job.cores = options.cores;
    if (options.stop_at_failure)
        job.stop_at_failure = true;
    if (options.keep_order)
        job.pattern = job::Pattern::map;
    if (options.reuse && options.fresh)
        throw UsageError("give either --reuse or --fresh");
    if (options.reuse || options.fresh)
        job.reuse = options.reuse;
}

job::Job make_job(const RunOptions& options) {
    job::Job result;
    if (!options.job_file.empty()) {
        if (!options.command.empty())
            throw UsageError("give either a job file or a command after --, not both");
        if (options.use_shell)
            throw UsageError("--shell goes with a command after --; a job file says so by \"use_shell\"");
        result = job::load(options.job_file);
        set_inputs(result, options);
    } else if (!options.command.empty()) {
        result.name = options.command.front();
        // A shell's line is meant as it stands; words are each one argument.
        result.command = !options.use_shell            ? join(options.command)
                         : options.command.size() == 1 ? options.command.front()
                                                       : throw UsageError("with --shell give the command as one word: "
                                                                          "-- 'wc -l {} > {}.count'");
        result.use_shell = options.use_shell;
        result.pattern = job::Pattern::queue;
        if (!set_inputs(result, options))
            result.inputs = job::StandardInput{};
    } else {
        throw UsageError(
            "nothing to run: give a job file, or a command after --. For example: ls *.txt | ppctl run -- wc -l {}");
    }
    set_manner(result, options);
    return result;
}

job::Preparation prepare(const RunOptions& options) {
    try {
        return job::prepare(make_job(options));
    } catch (const job::JobError& error) {
        throw UsageError(error.field() + ": " + error.what());
    }
}

/// The items that are left to do, where the log of an earlier run says what is done.
std::unique_ptr<job::ItemSource> left_of(std::unique_ptr<job::ItemSource> items, const RunOptions& options) {
    if (options.log.empty()) {
        if (options.resume)
            throw UsageError("--resume needs --log FILE: the log of the run to go on with");
        return items;
    }
    if (!options.resume) {
        if (::access(options.log.c_str(), F_OK) == 0) {
            throw UsageError("the log " + options.log +
                             " exists already; give --resume to go on where it ends, or another name");
        }
        return items;
    }
    const auto finished = std::make_shared<job::FinishedItems>(options.log);
    if (finished->size() > 0)
        std::fprintf(stderr, "ppctl: %zu %s done already\n", finished->size(),
                     finished->size() == 1 ? "item is" : "items are");
    return job::without(std::move(items), [finished](const job::Item& item) { return finished->take(item); });
}

/// Shows the first command lines instead of running them.
int show(const job::Plan& plan, job::ItemSource& items) {
    constexpr std::size_t most = 10;
    std::size_t shown = 0;
    job::Item item;
    for (job::ItemSource::Next next; (next = items.next(item)) != job::ItemSource::Next::end;) {
        if (next == job::ItemSource::Next::later) {
            pollfd entry{items.fileno(), POLLIN, 0};
            ::poll(&entry, 1, -1);
            continue;
        }
        if (shown == most) {
            std::printf("… and so on\n");
            return 0;
        }
        ++shown;
        for (const std::string& line : plan.lines(item))
            std::printf("%s\n", line.c_str());
    }
    return 0;
}

void wait_for(const job::Runner& runner, const StopSignals& stop_signals) {
    // A negative descriptor is left out by poll.
    std::array<pollfd, 3> entries{
        {{runner.fileno(), POLLIN, 0}, {stop_signals.fd(), POLLIN, 0}, {runner.items_fileno(), POLLIN, 0}}};
    if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR)
        throw SystemError(errno, "wait for the job");
}

} // namespace

void add_run_command(CLI::App& app, RunOptions& options) {
    CLI::App* run = app.add_subcommand("run", "Run a job: a command over many inputs");
    run->add_option("job", options.job_file, "A job file (JSON)")->check(CLI::ExistingFile);
    run->add_option("--inputs", options.inputs_file, "Take the items from this file, one a line")
        ->check(CLI::ExistingFile);
    run->add_option("--table", options.table_file, "Take the rows of this CSV file; {name} or {1} is a column")
        ->check(CLI::ExistingFile);
    run->add_option("--separator", options.separator, "Between the table's columns: a character, tab or blank");
    run->add_flag("--no-header", options.no_header, "The table's first row names no columns; they are {1}, {2}…");
    run->add_option("--grid", options.grid,
                    "An axis: NAME=FROM:TO[:STEP] or NAME=VALUE,VALUE; several give every combination; {NAME}");
    run->add_option("--limit", options.limit, "Most commands at once (default: the available cores)");
    run->add_option("--timeout", options.timeout, "Seconds after which a command is ended");
    run->add_option("--retries", options.retries, "Begin an item that failed again, so many times")
        ->check(CLI::Range(0, 1000));
    run->add_option("--log", options.log, "Note in this file how each item ended, to go on from there with --resume");
    run->add_flag("--resume", options.resume, "Leave out the items that --log says have succeeded");
    run->add_flag("--stop-at-failure", options.stop_at_failure, "Do nothing more once an item has failed");
    run->add_flag("--shell", options.use_shell, "The command is one line for /bin/sh");
    run->add_option("--working-folder", options.working_folder, "Run the commands in this folder")
        ->check(CLI::ExistingDirectory);
    run->add_option("--env", options.environment, "NAME=VALUE: set a variable for the commands")
        ->allow_extra_args(false);
    run->add_option("--nice", options.niceness, "Give way to other processes, 0 to 19")->check(CLI::Range(-20, 19));
    run->add_option("--cores", options.cores, "Run on these processors only: 0,1,…")->delimiter(',');
    run->add_flag("--keep-order", options.keep_order, "Print results in the order of the items");
    run->add_flag("--reuse", options.reuse,
                  "Keep worker processes from one item to the next (the default for a command after --)");
    run->add_flag("--fresh", options.fresh, "A new worker process for each item");
    run->add_flag("--dry-run", options.dry_run, "Show the first command lines and run nothing");
    run->add_flag("--json", options.json, "Print one JSON object a line for each item instead of its output");
    run->footer("After -- stands the command; in it {} is the item, {.} without extension, {/} its base name, {//} its "
                "folder,\n"
                "{#} its number. For example: ls *.wav | ppctl run -- flac {} -o {.}.flac\n"
                "Without a job file, --inputs, --table or --grid the items are read from standard input.\n"
                "Exit status: 0 all well; 1-100 that many items failed; 101 more; 125 bad usage; 126 something else "
                "went wrong.");
}

int run(const RunOptions& options) {
    job::Preparation ready = prepare(options);
    for (const std::string& problem : ready.problems)
        std::fprintf(stderr, "ppctl: %s\n", problem.c_str());
    const job::Job job = ready.plan.job();
    const bool reads_terminal = std::holds_alternative<job::StandardInput>(job.inputs) && ::isatty(STDIN_FILENO);
    if (reads_terminal)
        std::fputs("ppctl: reading items from the terminal, one a line; Ctrl-D ends them.\n", stderr);
    auto items = left_of(std::move(ready.items), options);
    if (options.dry_run)
        return show(ready.plan, *items);
    auto log = options.log.empty() ? nullptr : std::make_unique<job::JobLog>(options.log);

    ForkServer server(job::surroundings_of(job));
    StopSignals stop_signals; // after the server was started: its workers' commands get the signals as usual
    ItemPrinter printer(options.json);
    ProgressLine line;
    job::Runner runner(
        server, std::move(ready.plan), std::move(items),
        [&](job::ItemResult result) {
            line.clear();
            printer.print(result);
        },
        std::move(log));
    runner.start();
    bool stopped = false;
    while (!runner.finished()) {
        wait_for(runner, stop_signals);
        if (stop_signals.take() != 0 && !std::exchange(stopped, true))
            runner.stop();
        runner.step(std::chrono::milliseconds(50));
        line.update(runner.progress());
    }
    print_summary(runner.progress(), options.json, line.elapsed());
    flush_output();
    line.finish(runner.progress());
    return stopped ? interrupted : for_failures(runner.progress().failed);
}

} // namespace ppctl
