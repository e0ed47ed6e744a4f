// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>

#include <pprocess/os/observer.h>

namespace pprocess::widgets {

class InstrumentData;

/// What happened in the last second of record time before the position, counted from the events themselves, so that any
/// position gives the same figures however it was reached. Going forward costs the events that come in and go out.
class RecentActivity {
public:
    /// The time that is looked back, ns.
    static constexpr std::int64_t window = 1'000'000'000;

    /// Of a channel. What went one way is told by its sender, by its receiver, or by both.
    struct Traffic {
        std::uint64_t sentByCreator = 0;     ///< bytes
        std::uint64_t receivedByCreator = 0; ///< bytes
        std::uint64_t sentByCreated = 0;     ///< bytes
        std::uint64_t receivedByCreated = 0; ///< bytes
        std::uint64_t events = 0;            ///< messages told of, by whomever

        [[nodiscard]] std::uint64_t toProcess() const { return std::max(sentByCreator, receivedByCreated); }
        [[nodiscard]] std::uint64_t fromProcess() const { return std::max(sentByCreated, receivedByCreator); }
    };

    /// Of an exchange.
    struct Work {
        std::uint64_t sent = 0;                  ///< tasks given to processes
        std::array<std::uint64_t, 5> finished{}; ///< by `TaskOutcome`
        std::uint64_t events = 0;                ///< of these two

        [[nodiscard]] std::uint64_t finishedInAll() const;
    };

    /// Looks at the second before the position now. Of events that it has not counted yet it takes at most so many in,
    /// the latest first; until all are, the figures are those of a shorter time. Returns whether they are.
    bool update(const InstrumentData& data, std::uint64_t most = UINT64_MAX);
    /// Forgets everything, for another record.
    void clear();

    /// Nothing, for a channel that was silent.
    [[nodiscard]] Traffic traffic(std::uint64_t channel) const;
    /// Nothing, for an exchange that was.
    [[nodiscard]] Work work(std::uint64_t exchange) const;
    /// The seconds that were looked at: fewer than one at the beginning of a record or of the counting, never 0.
    [[nodiscard]] double seconds() const { return m_seconds; }

private:
    void take(const Event& event, bool isIn);

    std::uint64_t m_begin = 0;
    std::uint64_t m_end = 0;
    double m_seconds = 1;
    std::unordered_map<std::uint64_t, Traffic> m_traffic;
    std::unordered_map<std::uint64_t, Work> m_work;
};

} // namespace pprocess::widgets
