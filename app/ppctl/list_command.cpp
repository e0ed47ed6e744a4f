// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/list_command.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <app/ppctl/json_lines.h>
#include <app/ppctl/words.h>
#include <pprocess/background/directory.h>
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

} // namespace

void add_list_command(CLI::App& app, ListOptions& options) {
    CLI::App* list = app.add_subcommand("list", "List background processes and programs that can be inspected");
    list->add_flag("--json", options.json, "Print one JSON object a line");
}

int list(const ListOptions& options) {
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
