// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/cores.h>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
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

/// What version 2 of control groups allows this group, in processors.
std::optional<double> quota_of_version_2(const fs::path& group) {
    std::ifstream file(group / "cpu.max"); // "max 100000" or "150000 100000"
    double quota = 0;
    double period = 0;
    if (file >> quota >> period && quota > 0 && period > 0)
        return quota / period;
    return std::nullopt;
}

/// The same of version 1, where -1 means no quota.
std::optional<double> quota_of_version_1(const fs::path& group) {
    std::ifstream quota_file(group / "cpu.cfs_quota_us");
    std::ifstream period_file(group / "cpu.cfs_period_us");
    double quota = 0;
    double period = 0;
    if (quota_file >> quota && period_file >> period && quota > 0 && period > 0)
        return quota / period;
    return std::nullopt;
}

/// The smallest quota on the way from a group up to the root. A group that is not there has none; where membership is
/// told as seen from outside of a container, the root is all that can be seen.
template <typename QuotaOf>
double smallest_quota(const fs::path& root, const std::string& membership, QuotaOf&& quota_of) {
    double smallest = INFINITY;
    const fs::path relative = fs::path(membership).relative_path();
    fs::path group = !relative.empty() && *relative.begin() == ".." ? root : root / relative;
    for (;; group = group.parent_path()) {
        if (const auto quota = quota_of(group))
            smallest = std::min(smallest, *quota);
        if (group == root || !group.has_relative_path())
            return smallest;
    }
}

bool names_cpu(const std::string& controllers) {
    return ("," + controllers + ",").find(",cpu,") != std::string::npos;
}

} // namespace

double os::cores_by_quota(const fs::path& membership, const fs::path& mounts) {
    double smallest = INFINITY;
    std::ifstream file(membership);
    // "0::/group" for version 2, "4:cpu,cpuacct:/group" for version 1.
    for (std::string line; std::getline(file, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (second == std::string::npos)
            continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const std::string group = line.substr(second + 1);
        if (controllers.empty()) {
            smallest = std::min(smallest, smallest_quota(mounts, group, quota_of_version_2));
        } else if (names_cpu(controllers)) {
            smallest = std::min(smallest, smallest_quota(mounts / controllers, group, quota_of_version_1));
        }
    }
    return smallest;
}

std::size_t available_cores() {
    const auto cores = static_cast<double>(cores_by_affinity());
    const double quota = os::cores_by_quota("/proc/self/cgroup", "/sys/fs/cgroup");
    return static_cast<std::size_t>(std::max(1.0, std::ceil(std::min(cores, quota))));
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
