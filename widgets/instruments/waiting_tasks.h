// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <pprocess/os/observer.h>

namespace pprocess::widgets {

class InstrumentData;

/// Which tasks wait for a process at the position of a record, in the order in which they will be taken. A snapshot
/// knows only how many. Tasks that were queued before the first event kept are not known.
class WaitingTasks {
public:
    /// Goes to the position, over at most so many events. Forward it costs the events in between, backward those since
    /// the last place it remembers. Returns whether it is there.
    bool update(const InstrumentData& data, std::uint64_t most = UINT64_MAX);
    /// Forgets everything, for another record.
    void clear();

    /// The first of them, at most `number`, as it was where `update` came to.
    [[nodiscard]] std::vector<std::uint64_t> first(std::uint64_t exchange, std::size_t number) const;

private:
    struct Queue {
        std::deque<std::uint64_t> returned;          ///< by a process; they come before all others
        std::map<std::uint64_t, std::uint64_t> runs; ///< tasks with indices in a row: the first, and after the last
        std::unordered_set<std::uint64_t> taken;     ///< given to a process and not finished
    };
    using Queues = std::unordered_map<std::uint64_t, Queue>;

    void take(const Event& event);
    static void add(Queue& queue, std::uint64_t task);
    static void remove(Queue& queue, std::uint64_t task);

    std::uint64_t m_reached = 0;
    Queues m_queues;
    std::map<std::uint64_t, Queues> m_places; ///< by how many events they have taken in
};

} // namespace pprocess::widgets
