// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace pprocess::launch {

/// Starts `pprocess-launcher` by exec, which is safe in a program with threads, and returns its pid; reaping it is the
/// caller's. `descriptors`: those that it gets, each with the number that it has there. Its signals are as the system
/// has them by default, whatever this program has made of its own. `own_group`: Ctrl-C does not reach it.
/// `environment`: variables that are set or replaced. Throws `SystemError` when it cannot be started.
pid_t spawn_launcher(const std::filesystem::path& launcher, std::vector<std::string> arguments,
                     const std::vector<std::pair<int, int>>& descriptors, bool own_group,
                     const std::vector<std::pair<std::string, std::string>>& environment = {});

} // namespace pprocess::launch
