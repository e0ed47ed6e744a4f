// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/memory_kills.h>

#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace pprocess::job {

namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> count_in(const fs::path& file) {
    std::ifstream lines(file);
    std::string word;
    for (std::uint64_t number = 0; lines >> word >> number;)
        if (word == "oom_kill")
            return number;
    return {};
}

/// The files that may hold the count of a group: of version 2 of the control groups, alone or beside version 1, and of
/// version 1. In a container the group may be its whole tree.
fs::path counter_of(const fs::path& membership, const fs::path& groups) {
    std::ifstream lines(membership);
    for (std::string line; std::getline(lines, line);) { // "0::/group", "4:memory:/group"
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos)
            continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string group = line.substr(second + 1);
        const bool is_unified = controllers == ",,";
        if (!is_unified && controllers.find(",memory,") == std::string::npos)
            continue;
        const char* const name = is_unified ? "memory.events" : "memory.oom_control";
        for (const char* tree : {"", "unified", "memory"})
            for (const std::string& place : {group, std::string()})
                if (const fs::path file = fs::path(groups / tree) += place + "/" + name; count_in(file))
                    return file;
    }
    return {};
}

} // namespace

MemoryKills::MemoryKills(const fs::path& membership, const fs::path& groups)
    : counter_(counter_of(membership, groups)),
      told_(count_in(counter_).value_or(0)) {}

bool MemoryKills::take_one() {
    if (count_in(counter_).value_or(0) <= told_)
        return false;
    ++told_;
    return true;
}

} // namespace pprocess::job
