// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>

namespace pprocess {

/// How many processors this process may use at once: its affinity mask, lowered to what a control group's CPU quota
/// allows (of this group and all above it, rounded up; either version of control groups). At least 1. A process created
/// by a parallel one gets the same answer: whoever runs one pool within another divides it between them.
[[nodiscard]] std::size_t available_cores();

/// How many physical cores the machine has (hardware threads of one core counted once). At least 1.
[[nodiscard]] std::size_t physical_cores();

namespace os {

/// The CPU quota of a process in processors, infinite where there is none. `membership` is its list of control groups
/// (/proc/self/cgroup), `mounts` the folder where they are mounted (/sys/fs/cgroup).
[[nodiscard]] double cores_by_quota(const std::filesystem::path& membership, const std::filesystem::path& mounts);

} // namespace os
} // namespace pprocess
