// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/attach_command.h>

#include <poll.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>

#include <app/ppctl/exit_status.h>
#include <app/ppctl/json_lines.h>
#include <app/ppctl/seconds_option.h>
#include <app/ppctl/stop_signals.h>
#include <app/ppctl/words.h>
#include <pprocess/observe/attachment.h>
#include <pprocess/observe/trace.h>
#include <pprocess/os/clock.h>

namespace ppctl {

namespace {

using namespace pprocess;
using namespace pprocess::observe;

constexpr double nanosecond = 1e-9;

/// What the channels to created processes carried, as their creators say.
struct Traffic {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
};

/// Prints what happens: processes, tasks and failures one by one, and everything else as sums, once a second. As lines
/// for reading as far as they can be read, or as JSON objects without such a limit.
class Narrator {
public:
    Narrator(const InspectableProgram& program, bool json) : program_(program), json_(json) {}

    void present(Snapshot state) {
        state_ = std::move(state);
        begin_ = os::Clock::now().time_since_epoch().count();
        for (const auto& [key, process] : state_.processes()) {
            total_.messages += process.messages_in + process.messages_out;
            total_.bytes += process.bytes_in + process.bytes_out;
        }
        if (json_) {
            print_json_line({{"attached", {{"name", program_.name}, {"pid", program_.pid}, {"now", sums()}}}});
            flush_output();
            last_sums_ = sums_text();
            return;
        }
        std::printf("Attached to %s, process %d: %s\n", safe_text(program_.name, 40).c_str(), program_.pid,
                    safe_text(program_.command_line).c_str());
        std::printf("Now: %s; %s; %s so far\n", tasks_text().c_str(), processes_text().c_str(),
                    traffic_text(total_).c_str());
        int room = lines_a_second;
        std::uint64_t more = 0;
        for (const auto& [key, process] : state_.processes()) {
            if (has_ended(process.state) || process.is_program)
                continue;
            if (room-- > 0)
                std::printf("  process %d, %s: %s\n", process.pid, safe_text(process.purpose, 60).c_str(),
                            to_string(process.state));
            else
                ++more;
        }
        if (more > 0)
            std::printf("  and %s more\n", count_text(more, "process").c_str());
        std::fflush(stdout);
        last_sums_ = sums_text();
    }

    void event(const Event& event, std::span<const std::byte> payload) {
        state_.apply(event, payload);
        switch (event.kind) {
        case EventKind::process_created:
            line(event, "process " + std::to_string(event.process) + " created by " + std::to_string(event.writer) +
                            ": " + safe_text(text_of(event, payload)));
            break;
        case EventKind::process_ended:
            line(event, "process " + std::to_string(event.process) + " " + safe_text(text_of(event, payload)),
                 event.process == program_.pid || event.value != 0 ||
                     event.detail != static_cast<std::uint8_t>(ProcessEnd::exited));
            break;
        case EventKind::process_stopped:
            line(event, "process " + std::to_string(event.process) + " is stopped", true);
            break;
        case EventKind::process_resumed:
            line(event, "process " + std::to_string(event.process) + " goes on", true);
            break;
        case EventKind::process_signalled:
            line(event, "process " + std::to_string(event.process) + " is sent signal " + std::to_string(event.value),
                 true);
            break;
        case EventKind::task_started:
            if (!payload.empty())
                line(event, "process " + std::to_string(event.process) + " runs " + safe_text(text_of(event, payload)));
            break;
        case EventKind::task_retried:
            line(event, task(event) + " is tried again", true);
            break;
        case EventKind::task_timed_out:
            line(event, task(event) + " takes too long and is being ended", true);
            break;
        case EventKind::task_finished:
            tell_finished(event, payload);
            break;
        case EventKind::message_sent:
        case EventKind::message_received:
            if (event.detail == static_cast<std::uint8_t>(ChannelEnd::creator)) {
                ++total_.messages;
                total_.bytes += event.size;
            }
            break;
        case EventKind::events_dropped:
            line(event, count_text(event.number, "event") + " could not be recorded in time and are missing here",
                 true);
            break;
        default:
            break;
        }
    }

    /// Once a second.
    void sum_up() {
        if (untold_ > 0)
            std::printf("%s  and %s more like these\n", time_text(os::Clock::now().time_since_epoch().count()).c_str(),
                        count_text(untold_, "line").c_str());
        untold_ = 0;
        budget_ = rare_budget_ = lines_a_second;
        if (std::string sums = sums_text(); sums != last_sums_) {
            const std::int64_t now = os::Clock::now().time_since_epoch().count();
            if (json_)
                print_json_line({{"seconds", seconds(now)}, {"sums", this->sums()}});
            else
                std::printf("%s  %s\n", time_text(now).c_str(), sums.c_str());
            last_sums_ = std::move(sums);
        }
        flush_output();
    }

    void finish(const std::string& why, bool is_lost) {
        if (json_) {
            print_json_line({{"end",
                              {{"why", why},
                               {"connection_lost", is_lost},
                               {"sums", sums()},
                               {"events", state_.events()},
                               {"events_dropped", state_.dropped()}}}});
            flush_output();
            return;
        }
        if (untold_ > 0)
            std::printf("and %s more like these\n", count_text(untold_, "line").c_str());
        std::printf("%s\n", why.c_str());
        std::string outcomes;
        std::uint64_t tasks = 0;
        for (std::size_t index = 0; index < state_.finished().size(); ++index) {
            const std::uint64_t count = state_.finished().at(index);
            tasks += count;
            if (count > 0)
                outcomes += (outcomes.empty() ? "" : ", ") + std::to_string(count) + " " +
                            to_string(static_cast<TaskOutcome>(index));
        }
        std::printf("Tasks finished: %llu%s%s%s\n", static_cast<unsigned long long>(tasks),
                    outcomes.empty() ? "" : " (", outcomes.c_str(), outcomes.empty() ? "" : ")");
        std::printf("Processes: %llu, of which %llu live\n",
                    static_cast<unsigned long long>(state_.processes().size() + state_.forgotten()),
                    static_cast<unsigned long long>(living()));
        std::printf("Messages: %llu (%s)\n", static_cast<unsigned long long>(total_.messages),
                    bytes_text(total_.bytes).c_str());
        std::printf("Events: %llu, dropped: %llu\n", static_cast<unsigned long long>(state_.events()),
                    static_cast<unsigned long long>(state_.dropped()));
        std::fflush(stdout);
    }

private:
    static constexpr int lines_a_second = 40;

    /// Since it was attached.
    [[nodiscard]] double seconds(std::int64_t time) const {
        return static_cast<double>(std::max<std::int64_t>(time - begin_, 0)) * nanosecond;
    }
    [[nodiscard]] std::string time_text(std::int64_t time) const {
        std::string text = decimal_text(seconds(time), 3);
        return text.insert(0, text.size() < 8 ? 8 - text.size() : 0, ' ') + " s";
    }
    /// What is `rare` has an allowance of its own, so that it is not lost among the rest.
    void line(const Event& event, const std::string& text, bool rare = false) {
        if (json_) {
            nlohmann::ordered_json object{{"seconds", seconds(event.time)}, {"event", to_string(event.kind)}};
            if (event.process > 0)
                object["process"] = event.process;
            if (event.task > 0)
                object["task"] = event.task;
            object["text"] = text;
            print_json_line(object);
            return;
        }
        int& budget = rare ? rare_budget_ : budget_;
        if (budget <= 0) {
            ++untold_;
            return;
        }
        --budget;
        std::printf("%s  %s\n", time_text(event.time).c_str(), text.c_str());
    }
    static std::string task(const Event& event) { return "task " + std::to_string(event.task); }
    void tell_finished(const Event& event, std::span<const std::byte> payload) {
        const auto outcome = static_cast<TaskOutcome>(event.detail);
        std::string text = task(event);
        if (outcome == TaskOutcome::value)
            text += " is done";
        else
            text += std::string(" failed, ") + to_string(outcome);
        if (event.process > 0)
            text += ", by process " + std::to_string(event.process);
        if (!payload.empty())
            text += ": " + safe_text(text_of(event, payload));
        line(event, text, outcome != TaskOutcome::value);
    }
    [[nodiscard]] std::uint64_t living() const {
        std::uint64_t count = 0;
        for (const auto& [key, process] : state_.processes())
            count += has_ended(process.state) ? 0 : 1;
        return count;
    }
    [[nodiscard]] std::string tasks_text() const {
        std::uint64_t done = 0;
        std::uint64_t running = 0;
        std::uint64_t queued = 0;
        for (const std::uint64_t count : state_.finished())
            done += count;
        for (const auto& [id, exchange] : state_.exchanges()) {
            running += exchange.running;
            queued += exchange.queued;
        }
        return count_text(done, "task") + " finished, " + std::to_string(running) + " running, " +
               std::to_string(queued) + " queued";
    }
    [[nodiscard]] nlohmann::ordered_json sums() const {
        nlohmann::ordered_json outcomes = nlohmann::ordered_json::object();
        std::uint64_t finished = 0;
        for (std::size_t index = 0; index < state_.finished().size(); ++index) {
            finished += state_.finished().at(index);
            if (state_.finished().at(index) > 0)
                outcomes[to_string(static_cast<TaskOutcome>(index))] = state_.finished().at(index);
        }
        std::uint64_t running = 0;
        std::uint64_t queued = 0;
        for (const auto& [id, exchange] : state_.exchanges()) {
            running += exchange.running;
            queued += exchange.queued;
        }
        return {{"tasks_finished", finished}, {"outcomes", outcomes},  {"tasks_running", running},
                {"tasks_queued", queued},     {"processes", living()}, {"messages", total_.messages},
                {"bytes", total_.bytes}};
    }
    [[nodiscard]] std::string processes_text() const { return count_text(living(), "process"); }
    static std::string traffic_text(const Traffic& traffic) {
        return count_text(traffic.messages, "message") + ", " + bytes_text(traffic.bytes);
    }
    [[nodiscard]] std::string sums_text() const {
        double share = 0;
        std::uint64_t memory = 0;
        for (const auto& [key, process] : state_.processes()) {
            if (has_ended(process.state))
                continue;
            share += process.cpu_share;
            memory += process.memory;
        }
        constexpr double percent = 100;
        return tasks_text() + "; " + traffic_text(total_) + "; " + processes_text() + ", " +
               decimal_text(share * percent, 0) + " % CPU, " + bytes_text(memory);
    }

    InspectableProgram program_;
    bool json_;
    Snapshot state_;
    std::int64_t begin_ = 0;
    Traffic total_;
    std::uint64_t untold_ = 0;
    int budget_ = lines_a_second;
    int rare_budget_ = lines_a_second;
    std::string last_sums_;
};

} // namespace

void add_attach_command(CLI::App& app, AttachOptions& options) {
    CLI::App* attach = app.add_subcommand("attach", "Watch a running program: its processes, tasks and failures");
    attach->add_option("program", options.program, "Its name or its process's number, as ppctl list says")->required();
    add_seconds_option(*attach, options.seconds, options.seconds_given);
    attach->add_flag("--json", options.json, "Print one JSON object a line for what happens, and sums once a second");
    attach->add_option("--trace", options.trace, "Record what happens in this file as well");
    attach->footer("Ends with the program, or on Ctrl-C, which the program does not notice.\n"
                   "Exit status: 0 all well; 125 bad usage, such as a name that nothing has; 126 something else went "
                   "wrong.");
}

int attach(const AttachOptions& options) {
    std::optional<InspectableProgram> program;
    try {
        program = inspectable_program(options.program);
    } catch (const SystemError&) {
        throw;
    } catch (const Error& error) {
        throw UsageError(error.what());
    }
    Attachment attachment(*program);
    std::optional<TraceWriter> trace;
    if (!options.trace.empty())
        trace.emplace(options.trace);
    Narrator narrator(*program, options.json);
    const Attachment::Callbacks callbacks{
        .present =
            [&](Snapshot state) {
                if (trace)
                    trace->write(state.save());
                narrator.present(std::move(state));
            },
        .event =
            [&](const Event& event, std::span<const std::byte> payload) {
                if (trace)
                    trace->write(event, payload);
                narrator.event(event, payload);
            },
        .answered = {},
    };

    StopSignals stop_signals;
    const os::Deadline end =
        options.seconds_given ? os::Deadline::after(std::chrono::duration<double>(options.seconds)) : os::Deadline();
    os::Deadline next_sum = os::Deadline::after(std::chrono::seconds(1));
    std::string why;
    bool is_lost = false;
    for (bool more = false; why.empty();) {
        std::array<pollfd, 2> entries{{{attachment.fileno(), POLLIN, 0}, {stop_signals.fd(), POLLIN, 0}}};
        int wait = more ? 0 : next_sum.milliseconds_left();
        if (end.is_set())
            wait = std::min(wait, end.milliseconds_left());
        if (::poll(entries.data(), entries.size(), wait) < 0 && errno != EINTR)
            throw SystemError(errno, "wait for what happens");
        const auto step = attachment.step(callbacks);
        more = step == Attachment::Step::more;
        if (step == Attachment::Step::over) {
            is_lost = attachment.ending() != "the program has ended";
            why = is_lost ? "The connection is lost: " + attachment.ending() + "." : "The program has ended.";
        } else if (stop_signals.take() != 0) {
            why = "Detached; the program goes on.";
        } else if (end.has_passed()) {
            why = "Detached after " + decimal_text(options.seconds, 1) + " s; the program goes on.";
        }
        if (next_sum.has_passed()) {
            narrator.sum_up();
            if (trace)
                trace->flush();
            next_sum = os::Deadline::after(std::chrono::seconds(1));
        }
    }
    narrator.finish(why, is_lost);
    if (trace) {
        trace->flush();
        if (options.json)
            print_json_line({{"trace", {{"file", options.trace}, {"events", trace->written()}}}});
        else
            std::printf("Trace: %s, %llu events\n", options.trace.c_str(),
                        static_cast<unsigned long long>(trace->written()));
    }
    return is_lost ? something_else : 0;
}

} // namespace ppctl
