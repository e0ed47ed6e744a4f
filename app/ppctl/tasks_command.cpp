// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/tasks_command.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdio>
#include <vector>

#include <app/ppctl/exit_status.h>
#include <app/ppctl/json_lines.h>
#include <app/ppctl/words.h>
#include <pprocess/job/typed_text.h>
#include <pprocess/launch/fork_server.h>

namespace ppctl {

namespace {

using namespace pprocess;

std::string result_words(const std::string& type) {
    return type == "void" ? "nothing" : safe_text(type);
}

void print_json(const TaskDescription& task) {
    auto parameters = nlohmann::ordered_json::array();
    for (const TaskParameter& parameter : task.parameters)
        parameters.push_back(
            {{"name", parameter.name}, {"type", parameter.type}, {"words", job::words_for(parameter.type)}});
    print_json_line(
        {{"name", task.name}, {"description", task.description}, {"parameters", parameters}, {"result", task.result}});
}

void print_text(const TaskDescription& task) {
    std::printf("%s: %s\n", safe_text(task.name).c_str(), safe_text(task.description).c_str());
    for (std::size_t i = 0; i < task.parameters.size(); ++i) {
        const TaskParameter& parameter = task.parameters[i];
        std::printf("    %zu. %s: %s (%s)\n", i + 1, safe_text(parameter.name).c_str(),
                    safe_text(job::words_for(parameter.type)).c_str(), safe_text(parameter.type).c_str());
    }
    std::printf("    gives %s\n", result_words(task.result).c_str());
}

} // namespace

void add_tasks_command(CLI::App& app, TasksOptions& options) {
    CLI::App* tasks = app.add_subcommand("tasks", "List the functions of a task library");
    tasks->add_option("library", options.library, "A shared object with functions registered by PPROCESS_TASK")
        ->required();
    tasks->add_flag("--json", options.json, "Print one JSON object a line");
    tasks->footer("One of them is run over many inputs by: ppctl run --function LIBRARY:NAME -- ARGUMENTS\n"
                  "Exit status: 0 all well; 125 the library cannot be used; 126 something else went wrong.");
}

int tasks(const TasksOptions& options) {
    ForkServer server;
    std::vector<TaskDescription> found;
    try {
        found = server.tasks(options.library);
    } catch (const RemoteError& error) {
        throw UsageError(error.what());
    }
    for (const TaskDescription& task : found) {
        if (options.json)
            print_json(task);
        else
            print_text(task);
    }
    return 0;
}

} // namespace ppctl
