// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include <pprocess/os/observer.h>

namespace pprocess::widgets {

class InstrumentData;

/// Which tasks wait for a process at the position of a record, in the order in which they will be taken. A snapshot
/// knows only how many. Tasks that were queued before the first event kept are not known.
class WaitingTasks {
public:
    /// Goes to the position. Forward it costs the events in between, backward those since the last place it remembers.
    void update(const InstrumentData& data);
    /// Forgets everything, for another record.
    void clear();

    /// The first of them, at most `number`.
    [[nodiscard]] std::vector<std::uint64_t> first(std::uint64_t exchange, std::size_t number) const;

private:
    /// Tasks with indices in a row.
    struct Run {
        std::uint64_t begin;
        std::uint64_t end;
    };
    struct Queue {
        std::deque<Run> waiting;
        std::set<std::uint64_t> taken; ///< given to a process and not finished
    };
    using Queues = std::unordered_map<std::uint64_t, Queue>;

    void take(const Event& event);
    static void remove(Queue& queue, std::uint64_t task);

    std::uint64_t m_reached = 0;
    Queues m_queues;
    std::map<std::uint64_t, Queues> m_places; ///< by how many events they have taken in
};

} // namespace pprocess::widgets
