// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pprocess::launch {

/// In what the processes of a fork server run, other than its owner. An aggregate: `{.niceness = 5}`.
struct Surroundings {
    /// Variables of the environment that are set or replaced: names and values.
    std::vector<std::pair<std::string, std::string>> environment = {};
    /// The folder that they start in; empty: the owner's.
    std::filesystem::path folder = {};
    /// Added to the owner's own (see nice(2)); a negative one needs the right to.
    int niceness = 0;
    /// The processors to run on, by their numbers from 0; empty: the owner's.
    std::vector<unsigned> cores = {};
    /// A descriptor of the owner that they, but not the programs that they run, hold open to their ends, as that of a
    /// locked file; -1: none.
    int held = -1;

    /// Are they those of the owner?
    [[nodiscard]] bool empty() const {
        return environment.empty() && folder.empty() && niceness == 0 && cores.empty() && held < 0;
    }
};

/// The number that `held` has in the launcher.
constexpr int held_descriptor = 4;
/// The launcher's argument for one that has it.
constexpr std::string_view held_word = "--held";

/// As arguments of the launcher; the environment is given to it when it is started.
std::vector<std::string> to_arguments(const Surroundings& surroundings);

/// Enters what the launcher's arguments say. Throws `SystemError` for what cannot be.
void enter_surroundings(int argument_count, char** arguments);

} // namespace pprocess::launch
