// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace pprocess::job {

/// Knows of the processes that the kernel has killed for want of memory in the control group of this one, to which its
/// commands belong as well. Where the system does not count them there were none.
class MemoryKills {
public:
    /// Counts from now on. `membership`: the file that says to which group this process belongs; `groups`: where their
    /// files are.
    explicit MemoryKills(const std::filesystem::path& membership = "/proc/self/cgroup",
                         const std::filesystem::path& groups = "/sys/fs/cgroup");

    /// Was there one that no earlier call was told of?
    bool take_one();

private:
    std::filesystem::path counter_; ///< the file with the count; empty: there is none
    std::uint64_t told_ = 0;
};

} // namespace pprocess::job
