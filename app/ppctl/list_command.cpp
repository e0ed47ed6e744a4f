// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/list_command.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include <app/ppctl/json_lines.h>
#include <app/ppctl/words.h>
#include <pprocess/background/directory.h>
#include <pprocess/job/history.h>
#include <pprocess/observe/inspectable_program.h>

namespace ppctl {

namespace {

using namespace pprocess;

double age_of(std::chrono::system_clock::time_point started) {
    return std::chrono::duration<double>(std::chrono::system_clock::now() - started).count();
}

std::string state_of(const InspectableProgram& program) {
    if (!program.is_running)
        return "ended, its processes run on";
    return program.allows_control ? "running, may be controlled" : "running";
}

std::string date_of(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
    return text.data();
}

/// The workbench's runs, the latest first.
int list_runs(const ListOptions& options) {
    const auto runs = job::past_runs();
    if (runs.empty())
        std::fprintf(stderr, "ppctl: the history (%s) holds no run; the workbench keeps its runs there.\n",
                     job::history_folder().c_str());
    if (options.json) {
        for (const job::PastRun& run : runs) {
            nlohmann::ordered_json object;
            object["run"] = run.folder.filename().string();
            set_bytes(object, "name", run.name);
            object["started"] = std::chrono::duration<double>(run.started.time_since_epoch()).count();
            object["state"] = job::to_string(run.state);
            object["items"] = run.total;
            object["succeeded"] = run.succeeded;
            object["failed"] = run.failed;
            set_bytes(object, "folder", run.folder.native());
            print_json_line(object);
        }
        return 0;
    }
    std::vector<std::vector<std::string>> rows{{"RUN", "NAME", "STARTED", "STATE", "ITEMS>", "OK>", "FAILED>"}};
    for (const job::PastRun& run : runs)
        rows.push_back({safe_text(run.folder.filename().string(), 40), safe_text(run.name, 40), date_of(run.started),
                        std::string(job::to_string(run.state)), std::to_string(run.total),
                        std::to_string(run.succeeded), std::to_string(run.failed)});
    if (!runs.empty())
        for (const std::string& line : table_lines(std::move(rows)))
            print_bytes(line + "\n");
    return 0;
}

} // namespace

void add_list_command(CLI::App& app, ListOptions& options) {
    CLI::App* list = app.add_subcommand("list", "List background processes and programs that can be inspected");
    list->add_flag("--runs", options.runs, "List the runs that the workbench keeps instead; see ppctl export");
    list->add_flag("--json", options.json, "Print one JSON object a line");
}

int list(const ListOptions& options) {
    if (options.runs)
        return list_runs(options);
    const auto programs = inspectable_programs();
    const auto processes = background_processes();
    if (programs.empty() && processes.empty()) {
        std::fputs(
            "ppctl: nothing to list: no background process and no inspectable program of this user is "
            "running.\nA program that uses pprocess is inspectable when it is started with PPROCESS_INSPECT=1 in "
            "its environment.\n",
            stderr);
        return 0;
    }
    if (options.json) {
        for (const InspectableProgram& program : programs)
            print_json_line({{"name", program.name},
                             {"pid", program.pid},
                             {"kind", "program"},
                             {"age_seconds", age_of(program.started)},
                             {"state", state_of(program)},
                             {"address", program.address.string()},
                             {"command_line", program.command_line},
                             {"allows_control", program.allows_control}});
        for (const BackgroundProcess& process : processes)
            print_json_line({{"name", process.name},
                             {"pid", process.pid},
                             {"kind", "background"},
                             {"age_seconds", age_of(process.started)},
                             {"state", to_string(process.state)},
                             {"address", process.address.string()},
                             {"keeper_pid", process.keeper_pid},
                             {"log", process.log.string()}});
        return 0;
    }
    std::vector<std::vector<std::string>> rows{{"NAME", "PID>", "KIND", "AGE>", "STATE", "ADDRESS"}};
    for (const InspectableProgram& program : programs)
        rows.push_back({safe_text(program.name, 40), std::to_string(program.pid), "program",
                        duration_text(age_of(program.started)), state_of(program),
                        safe_text(program.address.string())});
    for (const BackgroundProcess& process : processes)
        rows.push_back({safe_text(process.name, 40), std::to_string(process.pid), "background",
                        duration_text(age_of(process.started)), std::string(to_string(process.state)),
                        safe_text(process.address.string())});
    for (const std::string& line : table_lines(std::move(rows)))
        std::puts(line.c_str());
    return 0;
}

} // namespace ppctl
