// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/task_library.h>

#include <dlfcn.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include <pprocess/os/process.h>

namespace pprocess::launch {

namespace {

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// What the loader says, without the path that it begins with, and what to do about it.
std::string words_for(const std::string& path, std::string reason) {
    if (reason.starts_with(path + ": "))
        reason.erase(0, path.size() + 2);
    if (has(reason, "undefined symbol"))
        return reason + ". Link the library with what defines that";
    if (has(reason, "invalid ELF header") || has(reason, "file too short") || has(reason, "not a dynamic") ||
        has(reason, "only ET_DYN") || has(reason, "position-independent executable") ||
        has(reason, "cannot dynamically load"))
        return "it is no shared library (" + reason + "). Build it with -shared -fPIC, or as a CMake MODULE library";
    if (has(reason, "wrong ELF class"))
        return "it was built for another kind of machine (" + reason + ")";
    if (has(reason, "cannot open shared object file"))
        return "a library that it needs is missing: " + reason + ". Install that, or link with its place as rpath";
    return reason;
}

std::string load(const std::string& path, const TaskTable*& table) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return errno == ENOENT ? "there is no such file" : std::system_category().message(errno);
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? "it is a folder, not a library" : "it is not a file";

    const std::size_t threads = os::thread_names().size();
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return words_for(path, ::dlerror());

    using Accessor = const TaskTable* (*)();
    const auto accessor = reinterpret_cast<Accessor>(::dlsym(library, "pprocess_task_table"));
    if (!accessor)
        return "it has no tasks. Register its functions with PPROCESS_TASK, of <pprocess/pprocess.h>";
    const TaskTable* found = accessor();
    if (found->interface != task_interface)
        return "it was built with pprocess " + std::string(found->version) + " (task interface " +
               std::to_string(found->interface) + "), and this is pprocess " + std::string(version) +
               " (task interface " + std::to_string(task_interface) + "). Build it again with this version";
    if (!found->first)
        return "it has no tasks. Register its functions with PPROCESS_TASK";
    if (os::thread_names().size() > threads)
        return "it starts threads while it is loaded, and workers that are copies of a process with threads could wait "
               "for ever for a lock. Start them in the tasks instead";
    if (std::string problem = problem_of(*found); !problem.empty())
        return problem;
    table = found;
    return {};
}

} // namespace

ServedTasks load_tasks(const std::string& path) {
    ServedTasks tasks;
    tasks.owner = "the task library " + path;
    if (const std::string problem = load(path, tasks.table); !problem.empty())
        tasks.problem = "cannot use the task library " + path + ": " + problem;
    return tasks;
}

std::string crash_of_library(const std::string& path, bool was_loaded, const std::string& end) {
    if (was_loaded)
        return "the process that had loaded the task library " + path + " " + end +
               ". A new pprocess::ForkServer loads it again";
    return "cannot use the task library " + path + ": the process that was loading it " + end +
           ". What it does before main (its static objects) is at fault";
}

} // namespace pprocess::launch
