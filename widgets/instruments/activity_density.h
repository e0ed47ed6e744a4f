// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include <pprocess/observe/snapshot.h>

namespace pprocess::widgets {

/// Is a process in this state at work, for an overview of a record?
constexpr bool isBusy(observe::ProcessState state) {
    using observe::ProcessState;
    return state == ProcessState::receiving || state == ProcessState::running || state == ProcessState::sending ||
           state == ProcessState::waiting;
}

/// How busy processes were over a whole record of any length, in at most `mostBuckets` equal stretches of time. Takes
/// stretches and moments one by one, in any order; memory and the time for one are bounded.
class ActivityDensity {
public:
    static constexpr std::size_t mostBuckets = 2048;

    /// What happened in a stretch of time.
    struct Bucket {
        double busy = 0;            ///< ns of work, of all processes together
        std::uint32_t failures = 0; ///< moments of failure
    };

    /// Some process was at work from `begin` to `end` (ns).
    void addBusy(std::int64_t begin, std::int64_t end);
    /// Something failed at `time` (ns).
    void addFailure(std::int64_t time);

    /// The first bucket's time, ns; it is 0 when there are none.
    [[nodiscard]] std::int64_t begin() const { return m_begin; }
    /// Length of a bucket, ns.
    [[nodiscard]] std::int64_t step() const { return m_step; }
    [[nodiscard]] const std::vector<Bucket>& buckets() const { return m_buckets; }

private:
    /// The bucket of a time, which is made if need be.
    std::size_t reach(std::int64_t time);

    std::int64_t m_begin = 0;
    std::int64_t m_step = 16'384;
    std::vector<Bucket> m_buckets;
};

} // namespace pprocess::widgets
