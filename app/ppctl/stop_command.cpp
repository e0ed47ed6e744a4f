// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/stop_command.h>

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <optional>

#include <app/ppctl/background_address.h>
#include <app/ppctl/exit_status.h>
#include <app/ppctl/json_lines.h>
#include <app/ppctl/words.h>
#include <pprocess/background/persistent.h>
#include <pprocess/observe/inspectable_program.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/process.h>

namespace ppctl {

namespace {

using namespace pprocess;

std::string words_of(const BackgroundProcess& process) {
    return "the background process " + safe_text(process.name, 40) + " (" + std::to_string(process.pid) + ")";
}

std::optional<InspectableProgram> program_of(const std::string& pid) {
    const auto programs = inspectable_programs();
    const auto found = std::find_if(programs.begin(), programs.end(), [&](const InspectableProgram& program) {
        return std::to_string(program.pid) == pid;
    });
    return found == programs.end() ? std::nullopt : std::optional(*found);
}

/// Signals go by the descriptor, so that no stranger is met who got the number of a process that has just ended.
void signal_by(const os::Fd& process, int signal) {
    if (::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) != 0 && errno != ESRCH)
        throw SystemError(errno, "stop the program");
}

/// Did it end before it had to be killed?
bool end_by_steps(const os::Fd& process, double grace) {
    signal_by(process, SIGTERM);
    signal_by(process, SIGCONT); // one that stands still hears of it too
    const auto milliseconds = std::chrono::milliseconds(static_cast<long long>(grace * 1000));
    if (os::wait_readable(process.get(), os::Deadline::after(milliseconds)))
        return true;
    signal_by(process, SIGKILL);
    os::wait_readable(process.get(), {});
    return false;
}

/// One that cannot be asked at its address (the file is gone, it stands still): by the process that keeps its results,
/// with which it ends.
void stop_keeper(const BackgroundProcess& process, double grace) {
    const os::Fd keeper = os::open_pidfd(process.keeper_pid);
    const auto still = background_process_at(process.address);
    if (keeper.is_open() && still && still->keeper_pid == process.keeper_pid && still->state != BackgroundState::gone)
        end_by_steps(keeper, grace);
    remove_entries_of_the_gone();
}

/// Says how it went: in `words`, or as an object with `how` ("gone", "ended", "killed").
template <typename Target>
void tell(const StopOptions& options, const Target& target, const char* kind, const char* how, bool has_dropped,
          const std::string& words) {
    if (options.json)
        print_json_line({{"stopped",
                          {{"name", target.name},
                           {"pid", target.pid},
                           {"kind", kind},
                           {"how", how},
                           {"dropped_results", has_dropped}}}});
    else
        print_bytes(words + "\n");
}

int stop_background(const BackgroundProcess& process, const StopOptions& options) {
    if (process.state == BackgroundState::gone) {
        remove_entries_of_the_gone();
        tell(options, process, "background", "gone", false,
             words_of(process) + " has ended before; what was left of it is removed");
        return 0;
    }
    try {
        stop_persistent(process.address);
    } catch (const SystemError&) {
        stop_keeper(process, options.grace);
    }
    const bool has_dropped = process.state == BackgroundState::result_waiting;
    tell(options, process, "background", "ended", has_dropped,
         words_of(process) + " was told to end and has ended" +
             (has_dropped ? "; what nobody had collected is dropped" : ""));
    return 0;
}

int stop_program(const InspectableProgram& program, const StopOptions& options) {
    const os::Fd process = os::open_pidfd(program.pid);
    const auto still = program_of(std::to_string(program.pid));
    const std::string words = safe_text(program.name, 40) + " (" + std::to_string(program.pid) + ")";
    if (!process.is_open() || !still || !still->is_running || still->started != program.started)
        throw UsageError(words + " has ended already");
    const std::string told = words + " was told to end (SIGTERM, SIGCONT)";
    if (end_by_steps(process, options.grace))
        tell(options, program, "program", "ended", false, told + " and has ended");
    else
        tell(options, program, "program", "killed", false,
             told + ", did not within " + duration_text(options.grace) + ", and was killed (SIGKILL)");
    return 0;
}

} // namespace

void add_stop_command(CLI::App& app, StopOptions& options) {
    CLI::App* stop = app.add_subcommand("stop", "End a background process or an inspectable program");
    stop->add_option("target", options.target, "Its address or its process's number, as ppctl list says")->required();
    stop->add_option("--grace", options.grace, "Seconds that a program is given before it is killed (default: 2)")
        ->check(CLI::Range(0.0, 3600.0));
    stop->add_flag("--json", options.json, "Print what was done as one JSON object");
    stop->footer(
        "In three steps: SIGTERM; SIGCONT, so that one which stands still hears of it; SIGKILL after a grace.\n"
        "What a background process has kept for collectors is dropped, after a grace of half a second.\n"
        "Exit status: 0 it has ended; 125 nothing like that is listed; 126 something else went wrong.");
}

int stop(const StopOptions& options) {
    for (const BackgroundProcess& process : background_processes())
        if (std::to_string(process.pid) == options.target)
            return stop_background(process, options);
    if (const auto process = background_process_at(options.target))
        return stop_background(*process, options);
    if (const auto program = program_of(options.target))
        return stop_program(*program, options);
    throw UsageError("nothing to stop at " + options.target +
                     ": it is neither the address nor the process number of anything that ppctl list shows");
}

} // namespace ppctl
