// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <pprocess/observe/snapshot.h>

/// Which lanes a timeline has. Pure, like the geometry.
namespace pprocess::widgets::timeline {

/// One lane.
struct Row {
    std::uint64_t process = 0;  ///< key; 0: a lane of an exchange
    std::uint64_t exchange = 0; ///< id, with an exchange's lane
    int depth = 0;              ///< how far it is indented
    bool hasChildren = false;   ///< which may be collapsed
    bool isCollapsed = false;
    int top = 0;    ///< in pixels from the first row
    int height = 0; ///< in pixels
};

/// What is to be shown.
struct RowWishes {
    std::unordered_set<std::uint64_t> collapsed; ///< keys of processes whose children are not shown
    bool hideEnded = false;                      ///< that ended before `endedBefore`
    std::int64_t endedBefore = 0;                ///< ns
    int processHeight = 24;
    int exchangeHeight = 40;
};

/// Lanes, one below the other, and how many there could be.
struct Rows {
    std::vector<Row> rows;
    std::size_t processes = 0;                        ///< in all
    std::size_t shown = 0;                            ///< of these have a lane
    std::size_t hidden = 0;                           ///< of these, because they had ended
    int height = 0;                                   ///< of all lanes
    std::unordered_map<std::uint64_t, int> byProcess; ///< lanes of processes

    /// The lane at a height, or -1.
    [[nodiscard]] int rowAt(int y) const;
    /// The lane of a process, or of the nearest one above it whose children are collapsed; -1: none.
    [[nodiscard]] int rowOf(std::uint64_t process, const observe::Snapshot& snapshot) const;
    /// The lane of an exchange; -1: none.
    [[nodiscard]] int rowOfExchange(std::uint64_t exchange) const;
};

/// Every process below its parent, an exchange below its owner. A process that is hidden and has children that are not
/// stays, so that they do not hang in the air.
Rows layOutRows(const observe::Snapshot& snapshot, const RowWishes& wishes);

} // namespace pprocess::widgets::timeline
