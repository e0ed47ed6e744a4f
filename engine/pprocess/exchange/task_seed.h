// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstdint>

namespace pprocess {

/// A seed for the random numbers of one task, derived from the seed of the whole job and the task's index.
///
/// A created process is a copy of its creator, generators included: tasks that draw from a generator made before they
/// began draw the same numbers all, and with reused processes the numbers depend on which process a task happens to
/// get. A task that makes a generator of its own instead draws numbers that no other task draws, and the same ones
/// whatever the limit, the order and the machine:
///
///     auto results = pprocess::pmap([](std::size_t index) {
///         std::mt19937_64 random(pprocess::task_seed(42, index));
///         ...
///     }, indices);
///
/// Different indices give different seeds that have nothing in common; so do different job seeds. What it gives for two
/// numbers is the same in every version.
[[nodiscard]] constexpr std::uint64_t task_seed(std::uint64_t job_seed, std::uint64_t index) noexcept {
    // SplitMix64 (Steele, Lea, Flood 2014): a step by an odd constant and a mixer, both without collisions.
    constexpr std::uint64_t step = 0x9e3779b97f4a7c15;
    constexpr auto mix = [](std::uint64_t bits) {
        bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
        bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
        return bits ^ (bits >> 31);
    };
    return mix(mix(job_seed + step) + (index + 1) * step);
}

} // namespace pprocess
