// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/cores.h>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace pprocess {

namespace {

namespace fs = std::filesystem;

std::size_t cores_by_affinity() {
    for (int size = 1024; size <= 1 << 20; size *= 2) {
        cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(size));
        const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(size));
        const bool known = set && ::sched_getaffinity(0, bytes, set) == 0;
        const int count = known ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (known)
            return static_cast<std::size_t>(count);
    }
    return static_cast<std::size_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

/// The smallest quota, in processors, on the way from this process's control group (version 2) up to the root.
double cores_by_quota() {
    double smallest = INFINITY;
    std::ifstream membership("/proc/self/cgroup");
    for (std::string line; std::getline(membership, line);) {
        if (!line.starts_with("0::"))
            continue;
        const fs::path root = "/sys/fs/cgroup";
        for (fs::path group = root / fs::path(line.substr(3)).relative_path();; group = group.parent_path()) {
            std::ifstream file(group / "cpu.max");
            std::string quota;
            double period = 0;
            if (file >> quota >> period && quota != "max" && period > 0)
                smallest = std::min(smallest, std::stod(quota) / period);
            if (group == root || !group.has_relative_path())
                break;
        }
    }
    return smallest;
}

} // namespace

std::size_t available_cores() {
    const auto cores = static_cast<double>(cores_by_affinity());
    return static_cast<std::size_t>(std::max(1.0, std::ceil(std::min(cores, cores_by_quota()))));
}

std::size_t physical_cores() {
    std::set<std::pair<std::string, std::string>> cores;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/sys/devices/system/cpu", error)) {
        std::string package;
        std::string core;
        if (std::ifstream(entry.path() / "topology/physical_package_id") >> package &&
            std::ifstream(entry.path() / "topology/core_id") >> core)
            cores.emplace(package, core);
    }
    return cores.empty() ? available_cores() : cores.size();
}

} // namespace pprocess
