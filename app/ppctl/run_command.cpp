// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/run_command.h>

#include <fcntl.h>
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
#include <pprocess/background/persistent.h>
#include <pprocess/job/background_job.h>
#include <pprocess/job/columns.h>
#include <pprocess/job/history.h>
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
        axis.values = job::split_list(values);
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
    const int ways = int(!options.inputs_file.empty()) + int(!options.table_file.empty()) + int(!options.grid.empty()) +
                     int(!options.folder.empty()) + int(!options.items.empty());
    if (ways > 1)
        throw UsageError("give one of --inputs, --folder, --item, --table and --grid");
    if (options.folder.empty() && (!options.pattern.empty() || options.no_recursive))
        throw UsageError("--pattern and --no-recursive go with --folder");
    if (!options.inputs_file.empty()) {
        job.inputs = job::LineInputs{options.inputs_file};
    } else if (!options.table_file.empty()) {
        job.inputs = table_of(options);
    } else if (!options.folder.empty()) {
        job.inputs =
            job::FolderInputs{options.folder, options.pattern.empty() ? "*" : options.pattern, !options.no_recursive};
    } else if (!options.items.empty()) {
        job.inputs = job::ListInputs{options.items};
    } else if (!options.grid.empty()) {
        job::GridInputs grid;
        for (const std::string& axis : options.grid)
            grid.axes.push_back(axis_of(axis));
        job.inputs = grid;
    }
    return ways == 1;
}

void set_manner(job::Job& job, const RunOptions& options) {
    if (!options.name.empty())
        job.name = options.name;
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
    if (options.output_cap)
        job.output_cap = *options.output_cap;
    if (options.stop_at_failure)
        job.stop_at_failure = true;
    if (options.keep_order && options.continuous)
        throw UsageError("give either --keep-order or --continuous");
    if (options.keep_order)
        job.pattern = job::Pattern::map;
    if (options.continuous)
        job.pattern = job::Pattern::continuous;
    if (options.batch)
        job.batch = *options.batch;
    if (options.reuse && options.fresh)
        throw UsageError("give either --reuse or --fresh");
    if (options.reuse || options.fresh)
        job.reuse = options.reuse;
}

/// The function of a task library that the words after -- are arguments of.
job::Function function_of(const RunOptions& options) {
    // A name may hold colons, as geo::area does; a path seldom does, and ends where a file is.
    std::size_t colon = options.function.find(':');
    while (colon != std::string::npos && ::access(options.function.substr(0, colon).c_str(), F_OK) != 0)
        colon = options.function.find(':', colon + 1);
    if (colon == std::string::npos)
        colon = options.function.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == options.function.size())
        throw UsageError("--function " + options.function +
                         ": write LIBRARY:NAME; ppctl tasks LIBRARY lists the names");
    return {options.function.substr(0, colon), options.function.substr(colon + 1), options.command};
}

/// The command after --: a shell's line is meant as it stands, words are each one argument.
std::string command_of(const RunOptions& options) {
    if (!options.use_shell)
        return join(options.command);
    if (options.command.size() != 1)
        throw UsageError("with --shell give the command as one word: -- 'wc -l {} > {}.count'");
    return options.command.front();
}

job::Job make_job(const RunOptions& options) {
    job::Job result;
    if (!options.job_file.empty()) {
        if (!options.command.empty() || !options.function.empty() || !options.then.empty())
            throw UsageError(
                "give either a job file or a command after -- (or --function) with its --then steps, not both");
        if (options.use_shell)
            throw UsageError("--shell goes with a command after --; a job file says so by \"use_shell\"");
        result = job::load(options.job_file);
        set_inputs(result, options);
    } else if (!options.command.empty() || !options.function.empty()) {
        if (options.function.empty()) {
            result.name = options.command.front();
            result.command = command_of(options);
            result.use_shell = options.use_shell;
        } else {
            result.function = function_of(options);
            result.name = result.function->name;
        }
        for (const std::string& line : options.then)
            result.then.emplace_back(job::Command{line, options.use_shell});
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

/// The items that a zero byte ends, in place of the lines.
std::unique_ptr<job::ItemSource> texts_of(const job::Inputs& inputs) {
    if (std::holds_alternative<job::StandardInput>(inputs))
        return job::texts_of(STDIN_FILENO, "standard input");
    const auto* lines = std::get_if<job::LineInputs>(&inputs);
    if (!lines)
        throw UsageError("--null goes with items from --inputs or standard input");
    os::Fd file(::open(lines->file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open())
        throw SystemError(errno, "read " + job::printable(lines->file.native()));
    const int descriptor = file.get();
    return job::texts_of(descriptor, job::printable(lines->file.native()), std::move(file));
}

job::Preparation prepare(const RunOptions& options) {
    try {
        job::Preparation ready = job::prepare(make_job(options));
        if (options.ended_by_zero)
            ready.items = texts_of(ready.plan.job().inputs);
        return ready;
    } catch (const job::JobError& error) {
        throw UsageError(error.field() + ": " + error.what());
    }
}

void check_log(const RunOptions& options) {
    if (options.log.empty() && options.resume)
        throw UsageError("--resume needs --log FILE: the log of the run to go on with");
    if (!options.log.empty() && !options.resume && ::access(options.log.c_str(), F_OK) == 0)
        throw UsageError("the log " + options.log +
                         " exists already; give --resume to go on where it ends, or another name");
}

/// The items that are left to do, where the log of an earlier run says what is done.
std::unique_ptr<job::ItemSource> left_of(std::unique_ptr<job::ItemSource> items, const RunOptions& options) {
    if (!options.resume)
        return items;
    const auto finished = std::make_shared<job::FinishedItems>(options.log);
    if (finished->size() > 0)
        std::fprintf(stderr, "ppctl: %zu %s done already\n", finished->size(),
                     finished->size() == 1 ? "item is" : "items are");
    return job::without(std::move(items), [finished](const job::Item& item) { return finished->take(item); });
}

/// A run of the history that is gone on with. While this exists nobody else does, and at the end the history is told.
class RunOfHistory {
public:
    /// None when the options name none. Throws `SystemError`: EBUSY while somebody else goes on with it.
    explicit RunOfHistory(const RunOptions& options) {
        if (options.go_on.empty())
            return;
        const auto run = job::past_run(options.go_on);
        if (!run)
            throw UsageError("--go-on " + options.go_on + ": this folder holds no run");
        entry_.emplace(*run);
    }

    /// To be called when nobody else adds to the run's log any more.
    void count_done() {
        if (entry_)
            done_before_ = job::FinishedItems(entry_->run().log()).size();
    }

    void finish(bool was_stopped, const job::Progress& progress) {
        if (entry_)
            entry_->finish(was_stopped, done_before_ + progress.succeeded, progress.failed);
    }

private:
    std::optional<job::RunEntry> entry_;
    std::size_t done_before_ = 0;
};

/// With the job and the log of the run of the history that is to be gone on with, if one is.
RunOptions with_run_of_history(RunOptions options) {
    if (options.go_on.empty())
        return options;
    if (!options.job_file.empty() || !options.command.empty() || !options.function.empty() || !options.log.empty())
        throw UsageError("--go-on goes with neither a job nor --log: the run's folder holds both");
    job::PastRun run;
    run.folder = options.go_on;
    options.job_file = run.job_file();
    options.log = run.log();
    options.resume = true;
    return options;
}

/// Waits for what a run with the same log has left behind, as when it was killed a moment ago: an item of its that ends
/// by and by would be run twice. The processes of a run hold its log locked to their ends.
std::unique_ptr<job::JobLog> open_log(const RunOptions& options) {
    if (options.log.empty())
        return nullptr;
    auto log = std::make_unique<job::JobLog>(options.log);
    if (log->lock())
        return log;
    std::fprintf(stderr, "ppctl: another run has the log %s; waiting for the end of its processes\n",
                 options.log.c_str());
    constexpr std::chrono::seconds patience{2}; // they are killed at once where their ppctl was
    if (!log->lock(patience))
        throw UsageError("the log " + options.log +
                         " is that of a run that goes on; wait for its end, stop it, or give another --log");
    return log;
}

ForkServer server_for(const job::Job& job, const job::JobLog* log) {
    launch::Surroundings surroundings = job::surroundings_of(job);
    if (log)
        surroundings.held = log->fileno();
    return ForkServer(surroundings);
}

void wait_for_input(int descriptor) {
    pollfd entry{descriptor, POLLIN, 0};
    ::poll(&entry, 1, -1);
}

/// Shows the first command lines instead of running them.
int show(const job::Plan& plan, job::ItemSource& items) {
    constexpr std::size_t most = 10;
    std::size_t shown = 0;
    job::Item item;
    for (job::ItemSource::Next next; (next = items.next(item)) != job::ItemSource::Next::end;) {
        if (next == job::ItemSource::Next::later) {
            wait_for_input(items.fileno());
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

/// Until the runner or a signal has something to be done; true for a signal.
bool wait_for(const job::Runner& runner, const StopSignals& stop_signals) {
    // A negative descriptor is left out by poll.
    std::array<pollfd, 3> entries{
        {{runner.fileno(), POLLIN, 0}, {stop_signals.fd(), POLLIN, 0}, {runner.items_fileno(), POLLIN, 0}}};
    // What has been printed is to be seen before a wait that may be long, but need not be written item by item.
    int ready = has_unwritten_output() ? ::poll(entries.data(), entries.size(), 0) : 0;
    if (ready == 0) {
        flush_output();
        ready = ::poll(entries.data(), entries.size(), -1);
    }
    if (ready < 0 && errno != EINTR)
        throw SystemError(errno, "wait for the job");
    return ready > 0 && entries[1].revents != 0;
}

/// Standard input stays here: what comes in by it is read to its end first.
std::unique_ptr<job::ItemSource> all_of(std::unique_ptr<job::ItemSource> items) {
    std::vector<job::Item> all;
    job::Item item;
    for (job::ItemSource::Next next; (next = items->next(item)) != job::ItemSource::Next::end;) {
        if (next == job::ItemSource::Next::item)
            all.push_back(std::move(item));
        else
            wait_for_input(items->fileno());
    }
    return job::list_of(std::move(all), items->columns());
}

/// The job in the background process, to its end: each item's result is kept for collectors as it comes. What its
/// creator had open is closed there. `items`: where they do not come from the job's files.
void run_there(Channel& own, const RunOptions& options, std::unique_ptr<job::ItemSource> items) {
    RunOfHistory run(options);
    auto log = open_log(options);
    run.count_done();
    job::Preparation ready = prepare(options);
    for (const std::string& problem : ready.problems)
        std::fprintf(stderr, "ppctl: %s\n", problem.c_str());
    if (!items)
        items = left_of(std::move(ready.items), options);
    ForkServer server = server_for(ready.plan.job(), log.get());
    job::Runner runner(
        server, std::move(ready.plan), std::move(items),
        [&](const job::ItemResult& result) { job::send_item(own, result); }, std::move(log));
    runner.start();
    while (!runner.finished()) {
        std::array<pollfd, 2> entries{{{runner.fileno(), POLLIN, 0}, {runner.items_fileno(), POLLIN, 0}}};
        ::poll(entries.data(), entries.size(), -1);
        runner.step(std::chrono::milliseconds(50));
    }
    run.finish(false, runner.progress());
    job::send_end(own, runner.progress());
}

int run_in_background(const RunOptions& options, const job::Job& job, std::unique_ptr<job::ItemSource> items) {
    const bool by_standard_input = std::holds_alternative<job::StandardInput>(job.inputs);
    RunOfHistory{options}; // here it can still be said that this is not possible
    open_log(options);
    items = by_standard_input ? all_of(left_of(std::move(items), options)) : nullptr;
    BackgroundOptions manner;
    manner.name = job.name;
    manner.most_kept = std::uint64_t{1} << 30; // a job goes on although nobody collects; one that gives more waits
    std::fflush(nullptr);
    Channel channel = create_persistent(options.background, manner);
    if (channel.pid() == 0)
        launch::run_and_exit(channel, [&](Channel& own) { run_there(own, options, std::move(items)); });
    if (options.json)
        print_json_line({{"background", {{"address", options.background}, {"pid", channel.pid()}}}});
    else
        std::fprintf(stderr,
                     "ppctl: the job runs in the background, process %d. Its results: ppctl collect %s\n"
                     "ppctl: to end it: ppctl stop %s\n",
                     channel.pid(), options.background.c_str(), options.background.c_str());
    return 0;
}

} // namespace

void add_run_command(CLI::App& app, RunOptions& options) {
    CLI::App* run = app.add_subcommand("run", "Run a job: a command over many inputs");
    run->add_option("job", options.job_file, "A job file (JSON)")->check(CLI::ExistingFile);
    run->add_option("--inputs", options.inputs_file, "Take the items from this file, one a line")
        ->check(CLI::ExistingFile);
    run->add_flag("-0,--null", options.ended_by_zero, "Items end with a zero byte, as find -print0 writes them");
    run->add_option("--folder", options.folder, "Take the files of this folder and those below")
        ->check(CLI::ExistingDirectory);
    run->add_option("--pattern", options.pattern, "Of the folder only files with such names: *.h;*.hpp");
    run->add_flag("--no-recursive", options.no_recursive, "Leave out the folders below");
    run->add_option("--item", options.items, "This item; give it again for more")->allow_extra_args(false);
    run->add_option("--table", options.table_file, "Take the rows of this CSV file; {name} or {1} is a column")
        ->check(CLI::ExistingFile);
    run->add_option("--separator", options.separator, "Between the table's columns: a character, tab or blank");
    run->add_flag("--no-header", options.no_header, "The table's first row names no columns; they are {1}, {2}…");
    run->add_option("--grid", options.grid,
                    "An axis: NAME=FROM:TO[:STEP] or NAME=VALUE,VALUE; several give every combination; {NAME}");
    run->add_option("--function", options.function,
                    "LIBRARY:NAME: call this function (see ppctl tasks); after -- stand its arguments");
    run->add_option("--then", options.then, "A command for the result of the one before; give it again for more steps")
        ->allow_extra_args(false);
    run->add_option("--background", options.background,
                    "Run it in a background process with this address; ppctl collect gets the results");
    run->add_option("--name", options.name, "What the job is called");
    run->add_option("--limit", options.limit, "Most commands at once (default: the available cores)");
    run->add_option("--timeout", options.timeout, "Seconds after which a command is ended");
    run->add_option("--retries", options.retries, "Begin an item that failed again, so many times")
        ->check(CLI::Range(0, 1000));
    run->add_option("--log", options.log, "Note in this file how each item ended, to go on from there with --resume");
    run->add_flag("--resume", options.resume, "Leave out the items that --log says have succeeded");
    run->add_option("--go-on", options.go_on, "Go on with the run that the workbench keeps in this folder")
        ->check(CLI::ExistingDirectory);
    run->add_flag("--stop-at-failure", options.stop_at_failure, "Do nothing more once an item has failed");
    run->add_flag("--shell", options.use_shell, "The command is one line for /bin/sh");
    run->add_option("--working-folder", options.working_folder, "Run the commands in this folder")
        ->check(CLI::ExistingDirectory);
    run->add_option("--env", options.environment, "NAME=VALUE: set a variable for the commands")
        ->allow_extra_args(false);
    run->add_option("--nice", options.niceness, "Give way to other processes, 0 to 19")->check(CLI::Range(-20, 19));
    run->add_option("--cores", options.cores, "Run on these processors only: 0,1,…")->delimiter(',');
    run->add_option("--output-cap", options.output_cap,
                    "Bytes of each item's output, and of its error output, that are kept (default: 16777216)");
    run->add_flag("--keep-order", options.keep_order, "Print results in the order of the items");
    run->add_flag("--continuous", options.continuous, "Print each line as soon as it is written");
    run->add_option("--batch", options.batch,
                    "Most items that a worker process has in hand (default: as many as take a millisecond)");
    run->add_flag("--reuse", options.reuse,
                  "Keep worker processes from one item to the next (the default for a command after --)");
    run->add_flag("--fresh", options.fresh, "A new worker process for each item");
    run->add_flag("--dry-run", options.dry_run, "Show the first command lines and run nothing");
    run->add_flag("--json", options.json, "Print one JSON object a line for each item instead of its output");
    run->footer(
        "After -- stands the command; in it {} is the item, {.} without extension, {/} its base name, {//} its "
        "folder,\n"
        "{#} its number. For example: ls *.wav | ppctl run -- flac {} -o {.}.flac\n"
        "{<} is the result of the step before, which a --then command has as its standard input too.\n"
        "Without a job file, --inputs, --folder, --item, --table or --grid the items are read from standard input.\n"
        "Exit status: 0 all well; 1-100 that many items failed; 101 more; 125 bad usage; 126 something else "
        "went wrong.");
}

int run(const RunOptions& given) {
    const RunOptions options = with_run_of_history(given);
    job::Preparation ready = prepare(options);
    for (const std::string& problem : ready.problems)
        std::fprintf(stderr, "ppctl: %s\n", problem.c_str());
    const job::Job job = ready.plan.job();
    const bool reads_terminal = std::holds_alternative<job::StandardInput>(job.inputs) && ::isatty(STDIN_FILENO);
    if (reads_terminal)
        std::fputs("ppctl: reading items from the terminal, one a line; Ctrl-D ends them.\n", stderr);
    check_log(options);
    if (!options.background.empty() && !options.dry_run)
        return run_in_background(options, job, std::move(ready.items));
    if (options.dry_run)
        return show(ready.plan, *left_of(std::move(ready.items), options));
    RunOfHistory run(options);
    auto log = open_log(options);
    run.count_done();
    auto items = left_of(std::move(ready.items), options);

    ForkServer server = server_for(job, log.get());
    StopSignals stop_signals; // after the server was started: its workers' commands get the signals as usual
    ItemPrinter printer(options.json, job.pattern == job::Pattern::continuous);
    ProgressLine line;
    job::Runner runner(
        server, std::move(ready.plan), std::move(items),
        [&](job::ItemResult result) {
            line.clear(printer.has_words(result));
            printer.print(result);
            line.text_ends(printer.ends_line());
        },
        std::move(log));
    runner.listen([&](const job::ItemOutput& output) {
        line.clear(false);
        printer.print(output);
        line.text_ends(true);
    });
    runner.start();
    bool stopped = false;
    while (!runner.finished()) {
        if (wait_for(runner, stop_signals) && stop_signals.take() != 0 && !std::exchange(stopped, true))
            runner.stop();
        runner.step(std::chrono::milliseconds(0)); // one by one: the wait above asks for what comes meanwhile
        line.update(runner.progress());
    }
    run.finish(stopped, runner.progress());
    print_summary(runner.progress(), options.json, line.elapsed());
    flush_output();
    line.finish(runner.progress());
    return stopped ? interrupted : for_failures(runner.progress().failed);
}

} // namespace ppctl
