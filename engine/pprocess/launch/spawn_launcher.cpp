// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/spawn_launcher.h>

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include <pprocess/os/error.h>

namespace pprocess::launch {

pid_t spawn_launcher(const std::filesystem::path& launcher, std::vector<std::string> arguments,
                     const std::vector<std::pair<int, int>>& descriptors, bool own_group,
                     const std::vector<std::pair<std::string, std::string>>& environment) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    for (const auto& [here, there] : descriptors)
        ::posix_spawn_file_actions_adddup2(&actions, here, there);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t defaults;
    ::sigemptyset(&none);
    ::sigfillset(&defaults);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    const int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (own_group ? POSIX_SPAWN_SETPGROUP : 0);
    ::posix_spawnattr_setflags(&attributes, static_cast<short>(flags));

    std::string name = launcher.string();
    std::vector<char*> words{name.data()};
    for (std::string& argument : arguments)
        words.push_back(argument.data());
    words.push_back(nullptr);
    std::vector<std::string> variables;
    for (const auto& [variable, value] : environment)
        variables.push_back(variable + "=" + value);
    std::vector<char*> whole;
    for (std::string& variable : variables)
        whole.push_back(variable.data());
    for (char** inherited = environ; *inherited; ++inherited) {
        const std::string_view text = *inherited;
        const bool is_replaced = std::any_of(environment.begin(), environment.end(), [&](const auto& one) {
            return text.substr(0, text.find('=')) == one.first;
        });
        if (!is_replaced)
            whole.push_back(*inherited);
    }
    whole.push_back(nullptr);
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, name.c_str(), &actions, &attributes, words.data(), whole.data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0)
        throw SystemError(error, "start " + name);
    return pid;
}

} // namespace pprocess::launch
