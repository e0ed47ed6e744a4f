// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/task.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace pprocess::launch {

namespace {

/// The name without the parentheses that the macro needed around a comma.
std::string_view name_of(const TaskEntry& entry) {
    std::string_view name = entry.name;
    if (name.size() > 2 && name.front() == '(' && name.back() == ')')
        name = name.substr(1, name.size() - 2);
    return name;
}

TaskDescription describe(const TaskEntry& entry) {
    TaskDescription task{std::string(name_of(entry)), entry.description, {}, entry.result_type()};
    for (std::uint32_t index = 0; index < entry.parameter_count; ++index)
        task.parameters.push_back({entry.parameter_names[index], entry.parameter_type(index)});
    return task;
}

std::string place_of(const TaskEntry& entry) {
    return std::string(entry.file) + ":" + std::to_string(entry.line);
}

} // namespace

const TaskEntry* find_task(const TaskTable& table, std::string_view name) {
    for (const TaskEntry* entry = table.first; entry; entry = entry->next) {
        if (name_of(*entry) == name)
            return entry;
    }
    return nullptr;
}

const TaskEntry* find_task(const TaskTable& table, void (*function)()) {
    for (const TaskEntry* entry = table.first; entry; entry = entry->next) {
        if (entry->function == function)
            return entry;
    }
    return nullptr;
}

std::string registered_name(const TaskTable& table, void (*function)()) {
    const TaskEntry* entry = find_task(table, function);
    if (!entry)
        throw std::invalid_argument("this function is not registered as a task; register it with PPROCESS_TASK");
    return std::string(name_of(*entry));
}

std::vector<TaskDescription> describe_tasks(const TaskTable& table) {
    std::vector<TaskDescription> tasks;
    for (const TaskEntry* entry = table.first; entry; entry = entry->next)
        tasks.push_back(describe(*entry));
    std::reverse(tasks.begin(), tasks.end()); // the list grows at its front
    return tasks;
}

std::string problem_of(const TaskTable& table) {
    std::map<std::string_view, const TaskEntry*> seen;
    for (const TaskEntry* entry = table.first; entry; entry = entry->next) {
        const auto [place, is_new] = seen.emplace(name_of(*entry), entry);
        if (!is_new)
            return "two of its tasks are called " + std::string(name_of(*entry)) + ": one registered at " +
                   place_of(*entry) + ", one at " + place_of(*place->second) +
                   ". Rename one, or spell one with its namespace in PPROCESS_TASK";
    }
    return {};
}

void refuse_arguments(const TaskEntry& entry, const TypeMismatch& mismatch) {
    const TaskDescription task = describe(entry);
    std::string parameters;
    for (const TaskParameter& parameter : task.parameters)
        parameters += (parameters.empty() ? "" : ", ") + parameter.type + " " + parameter.name;
    throw TypeMismatch(mismatch.arrived(), "the arguments of the task " + task.name + "(" + parameters + ")");
}

} // namespace pprocess::launch
