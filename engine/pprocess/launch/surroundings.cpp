// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/surroundings.h>

#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include <pprocess/os/error.h>

namespace pprocess::launch {

namespace {

constexpr std::string_view folder_word = "--folder=";
constexpr std::string_view niceness_word = "--nice=";
constexpr std::string_view core_word = "--core=";

} // namespace

std::vector<std::string> to_arguments(const Surroundings& surroundings) {
    std::vector<std::string> arguments;
    if (!surroundings.folder.empty())
        arguments.push_back(std::string(folder_word) + surroundings.folder.native());
    if (surroundings.niceness != 0)
        arguments.push_back(std::string(niceness_word) + std::to_string(surroundings.niceness));
    for (const unsigned core : surroundings.cores)
        arguments.push_back(std::string(core_word) + std::to_string(core));
    if (surroundings.held >= 0)
        arguments.emplace_back(held_word);
    return arguments;
}

void enter_surroundings(int argument_count, char** arguments) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    for (int place = 1; place < argument_count; ++place) {
        const std::string_view argument = arguments[place];
        if (argument.starts_with(folder_word)) {
            const std::string folder(argument.substr(folder_word.size()));
            if (::chdir(folder.c_str()) < 0)
                throw SystemError(errno, "enter the folder " + folder);
        } else if (argument.starts_with(niceness_word)) {
            errno = 0;
            const int niceness = std::atoi(arguments[place] + niceness_word.size());
            if (::nice(niceness) == -1 && errno != 0)
                throw SystemError(errno, "change the priority by " + std::to_string(niceness));
        } else if (argument.starts_with(core_word)) {
            const int core = std::atoi(arguments[place] + core_word.size());
            if (core >= 0 && core < CPU_SETSIZE)
                CPU_SET(core, &cores);
        }
    }
    if (CPU_COUNT(&cores) > 0 && ::sched_setaffinity(0, sizeof cores, &cores) < 0)
        throw SystemError(errno, "keep to the processors given");
}

} // namespace pprocess::launch
