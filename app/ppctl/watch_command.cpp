// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/watch_command.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <app/ppctl/seconds_option.h>
#include <app/ppctl/stop_signals.h>
#include <app/ppctl/terminal_screen.h>
#include <app/ppctl/words.h>
#include <pprocess/background/directory.h>
#include <pprocess/observe/attachment.h>
#include <pprocess/observe/process_sampler.h>
#include <pprocess/os/clock.h>
#include <pprocess/os/error.h>

namespace ppctl {

namespace {

using namespace pprocess;
using namespace pprocess::observe;

constexpr std::chrono::seconds interval{1};
constexpr std::chrono::milliseconds redraw_interval{250};

/// Figures of a program or a background process at a moment.
struct Row {
    std::string name;
    pid_t pid = 0;
    std::string kind;
    std::string state;
    bool counts_tasks = false;
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    std::uint64_t running = 0;
    std::uint64_t queued = 0;
    double rate = 0; ///< tasks a second
    std::uint64_t processes = 0;
    double cores = 0; ///< CPU, 1 is a core
    std::uint64_t memory = 0;
};

/// A number that grows, and how fast it did in the last second or so.
class Rate {
public:
    double of(double number) {
        const auto now = os::Clock::now();
        const double seconds = std::chrono::duration<double>(now - since_).count();
        if (!is_known_) {
            since_ = now;
            number_ = number;
            is_known_ = true;
        } else if (seconds >= 0.9) {
            rate_ = (number - number_) / seconds;
            since_ = now;
            number_ = number;
        }
        return rate_;
    }

private:
    bool is_known_ = false;
    os::Clock::time_point since_;
    double number_ = 0;
    double rate_ = 0;
};

class WatchedProgram {
public:
    explicit WatchedProgram(const InspectableProgram& program) : attachment_(program) {}

    [[nodiscard]] int fileno() const { return attachment_.fileno(); }
    /// True when there is more to take in.
    bool step() {
        return attachment_.step({.present =
                                     [this](Snapshot state) {
                                         state_ = std::move(state);
                                         static_cast<void>(row()); // from which on the rate is known
                                     },
                                 .event = [this](const Event& event,
                                                 std::span<const std::byte> payload) { state_.apply(event, payload); },
                                 .answered = {}}) == Attachment::Step::more;
    }
    [[nodiscard]] bool is_over() const { return !attachment_.is_attached(); }

    Row row() {
        Row row{.name = attachment_.program().name, .pid = attachment_.program().pid, .kind = "program"};
        row.state = is_over() ? "ended" : "running";
        row.counts_tasks = true;
        for (std::size_t index = 0; index < state_.finished().size(); ++index) {
            row.done += state_.finished().at(index);
            row.failed += index == 0 ? 0 : state_.finished().at(index);
        }
        for (const auto& [id, exchange] : state_.exchanges()) {
            row.running += exchange.running;
            row.queued += exchange.queued;
        }
        for (const auto& [key, process] : state_.processes()) {
            if (has_ended(process.state)) {
                if (process.is_program)
                    row.state = "ended";
                continue;
            }
            ++row.processes;
            row.cores += process.cpu_share;
            row.memory += process.memory;
        }
        row.rate = rate_.of(static_cast<double>(row.done));
        return row;
    }

private:
    Attachment attachment_;
    Snapshot state_;
    Rate rate_;
};

class Watch {
public:
    /// Looks what there is.
    void look() {
        std::map<pid_t, bool> seen;
        for (const InspectableProgram& program : inspectable_programs()) {
            seen[program.inspector_pid] = true;
            if (programs_.contains(program.inspector_pid))
                continue;
            try {
                programs_.try_emplace(program.inspector_pid, std::make_unique<WatchedProgram>(program));
            } catch (const Error&) {
                // It has just ended.
            }
        }
        // One that has ended stays for a look, so that its last figures can be read.
        std::erase_if(programs_, [&](const auto& one) { return one.second->is_over() && !seen[one.first]; });
        processes_ = background_processes();
        std::erase_if(cpu_, [&](const auto& one) {
            return std::none_of(processes_.begin(), processes_.end(),
                                [&](const BackgroundProcess& process) { return process.pid == one.first; });
        });
    }

    [[nodiscard]] std::vector<pollfd> descriptors() const {
        std::vector<pollfd> entries;
        for (const auto& [pid, program] : programs_)
            entries.push_back({program->fileno(), POLLIN, 0});
        return entries;
    }
    bool step() {
        bool more = false;
        for (auto& [pid, program] : programs_)
            more = program->step() || more;
        return more;
    }

    std::vector<Row> rows() {
        std::vector<Row> rows;
        for (auto& [pid, program] : programs_)
            rows.push_back(program->row());
        for (const BackgroundProcess& process : processes_) {
            Row row{.name = process.name, .pid = process.pid, .kind = "background"};
            row.state = to_string(process.state);
            if (const auto reading = read_process(process.pid); reading && process.state != BackgroundState::gone) {
                constexpr double nanosecond = 1e-9;
                row.processes = 1;
                row.memory = reading->memory;
                row.cores = cpu_[process.pid].of(static_cast<double>(reading->cpu) * nanosecond);
            }
            rows.push_back(std::move(row));
        }
        return rows;
    }

private:
    std::map<pid_t, std::unique_ptr<WatchedProgram>> programs_;
    std::vector<BackgroundProcess> processes_;
    std::map<pid_t, Rate> cpu_;
};

std::string percent(double cores) {
    constexpr double whole = 100;
    return decimal_text(cores * whole, 0) + " %";
}

std::vector<std::string> screen_of(const std::vector<Row>& rows) {
    std::vector<std::vector<std::string>> cells{{"NAME", "PID>", "DONE>", "FAILED>", "RUNNING>", "QUEUED>", "TASKS/S>",
                                                 "PROCESSES>", "CPU>", "MEMORY>", "STATE"}};
    for (const Row& row : rows) {
        const auto tasks = [&](std::uint64_t count) { return row.counts_tasks ? std::to_string(count) : "-"; };
        cells.push_back({safe_text(row.name, 24), std::to_string(row.pid), tasks(row.done), tasks(row.failed),
                         tasks(row.running), tasks(row.queued), row.counts_tasks ? decimal_text(row.rate, 0) : "-",
                         std::to_string(row.processes), percent(row.cores), bytes_text(row.memory), row.state});
    }
    const auto programs = static_cast<std::uint64_t>(
        std::count_if(rows.begin(), rows.end(), [](const Row& row) { return row.counts_tasks; }));
    std::vector<std::string> lines{count_text(programs, "program") + ", " +
                                   count_text(rows.size() - programs, "background process") + "    q quits"};
    for (std::string& line : table_lines(std::move(cells)))
        lines.push_back(std::move(line));
    if (rows.empty())
        lines.emplace_back("Nothing runs that can be watched. Start a program with PPROCESS_INSPECT=1 in its "
                           "environment; it appears here by itself.");
    return lines;
}

std::string plain(const Row& row) {
    std::string line = safe_text(row.name, 40) + " " + std::to_string(row.pid) + ": ";
    if (row.counts_tasks)
        line += std::to_string(row.done) + " done (" + std::to_string(row.failed) + " failed), " +
                std::to_string(row.running) + " running, " + std::to_string(row.queued) + " queued, " +
                decimal_text(row.rate, 1) + " tasks/s, ";
    return line + count_text(row.processes, "process") + ", " + percent(row.cores) + " CPU, " + bytes_text(row.memory) +
           ", " + row.state;
}

std::string json(const Row& row) {
    constexpr double millisecond = 1e3;
    const double time =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count() * millisecond;
    nlohmann::ordered_json object{{"time_ms", static_cast<std::int64_t>(time)},
                                  {"name", row.name},
                                  {"pid", row.pid},
                                  {"kind", row.kind},
                                  {"state", row.state}};
    if (row.counts_tasks) {
        object["tasks_done"] = row.done;
        object["tasks_failed"] = row.failed;
        object["tasks_running"] = row.running;
        object["tasks_queued"] = row.queued;
        object["tasks_per_second"] = row.rate;
    }
    object["processes"] = row.processes;
    object["cpu_cores"] = row.cores;
    object["memory_bytes"] = row.memory;
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace

void add_watch_command(CLI::App& app, WatchOptions& options) {
    CLI::App* watch = app.add_subcommand("watch", "Show all programs and background processes as they go on");
    watch->add_flag("--json", options.json, "Print one JSON object a line for each program and second");
    add_seconds_option(*watch, options.seconds, options.seconds_given);
    watch->footer("On a terminal q or Ctrl-C leaves. Elsewhere one line is printed for each program and second.");
}

int watch(const WatchOptions& options) {
    // Ctrl-Z would leave the terminal as a screen.
    StopSignals stop_signals{SIGINT, SIGTERM, SIGHUP, SIGTSTP};
    std::optional<TerminalScreen> screen;
    if (understands_escapes(STDOUT_FILENO) && !options.json)
        screen.emplace();
    const os::Deadline end =
        options.seconds_given ? os::Deadline::after(std::chrono::duration<double>(options.seconds)) : os::Deadline();
    Watch watch;
    watch.look();
    os::Deadline next_look = os::Deadline::after(interval);
    os::Deadline next_output = screen ? os::Deadline(os::Clock::now()) : os::Deadline::after(interval);
    bool was_empty = false;
    for (bool more = false;;) {
        std::vector<pollfd> entries = watch.descriptors();
        entries.push_back({stop_signals.fd(), POLLIN, 0});
        if (screen && screen->has_keys())
            entries.push_back({STDIN_FILENO, POLLIN, 0});
        int wait = std::min(next_look.milliseconds_left(), next_output.milliseconds_left());
        if (end.is_set())
            wait = std::min(wait, end.milliseconds_left());
        if (::poll(entries.data(), entries.size(), more ? 0 : wait) < 0 && errno != EINTR)
            throw SystemError(errno, "wait for what happens");
        more = watch.step();
        const int signal = stop_signals.take();
        if ((signal != 0 && signal != SIGTSTP) || (screen && screen->take_quit()))
            return 0;
        if (next_output.has_passed()) {
            const auto rows = watch.rows();
            if (screen) {
                screen->draw(screen_of(rows));
            } else {
                for (const Row& row : rows)
                    std::puts((options.json ? json(row) : plain(row)).c_str());
                if (rows.empty() && !std::exchange(was_empty, true))
                    std::fputs(
                        "ppctl: nothing runs that can be watched; what is started with PPROCESS_INSPECT=1 in its "
                        "environment will appear here\n",
                        stderr);
            }
            if (std::fflush(stdout) != 0)
                throw SystemError(errno, "write to standard output");
            next_output = screen ? os::Deadline::after(redraw_interval) : os::Deadline::after(interval);
        }
        if (end.has_passed())
            return 0;
        if (next_look.has_passed()) {
            watch.look();
            next_look = os::Deadline::after(interval);
        }
    }
}

} // namespace ppctl
