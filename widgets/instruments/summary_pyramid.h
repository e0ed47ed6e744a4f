// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pprocess::widgets {

/// Summaries of entries that stand in a row: of each `fanout` of them, of each `fanout` of these summaries, and so on.
/// What a long stretch of entries adds up to is then known in few steps, however many they are. Only whole runs are
/// summarised; entries may go at the front and come at the back.
///
/// A `Summary` begins empty; `add` takes an entry in, with its index ever since the first one, or another summary of
/// later entries.
template <typename Summary>
class SummaryPyramid {
public:
    static constexpr std::size_t fanout = 8;

    /// Summarises the runs that are complete in the first `end` entries. What is summarised must not change but by
    /// `renew`. Returns whether there are more summaries now.
    template <typename Entries>
    bool extend(const Entries& entries, std::size_t end) {
        if ((end + m_dropped) / fanout <= (m_levels.empty() ? 0 : m_levels.front().end()))
            return false;
        if (m_levels.empty())
            m_levels.emplace_back();
        for (std::size_t block = m_levels.front().end(); (block + 1) * fanout <= end + m_dropped; ++block)
            m_levels.front().blocks.push_back(ofEntries(entries, block));
        for (std::size_t level = 1; m_levels[level - 1].end() / fanout > endOf(level); ++level) {
            if (level == m_levels.size())
                m_levels.emplace_back().first = m_levels[level - 1].first / fanout;
            while ((m_levels[level].end() + 1) * fanout <= m_levels[level - 1].end())
                m_levels[level].blocks.push_back(ofBlocks(level, m_levels[level].end()));
        }
        return true;
    }

    /// The entry with this index, as it is counted now, is another.
    template <typename Entries>
    void renew(const Entries& entries, std::size_t index) {
        std::size_t block = (index + m_dropped) / fanout;
        for (std::size_t level = 0; level < m_levels.size(); ++level, block /= fanout) {
            Level& one = m_levels[level];
            // What is not whole is not asked for either.
            if (block < one.first || block >= one.end() || block * spanOf(level) < m_dropped)
                return;
            one.blocks[block - one.first] = level == 0 ? ofEntries(entries, block) : ofBlocks(level, block);
        }
    }

    /// The first entries are no more.
    void drop(std::size_t number) {
        m_dropped += number;
        std::size_t gone = m_dropped;
        for (Level& level : m_levels) {
            gone /= fanout;
            // Not each time: what stays has to move.
            if (gone < level.first + std::max<std::size_t>(fanout, level.blocks.size() / 2))
                continue;
            const std::size_t dead = std::min(gone - level.first, level.blocks.size());
            level.blocks.erase(level.blocks.begin(), level.blocks.begin() + static_cast<std::ptrdiff_t>(dead));
            level.blocks.shrink_to_fit();
            level.first += dead;
        }
    }

    /// Goes through the entries from `begin` to before `end`, as they are counted now. `whole(summary, index, number)`
    /// says of a run whether its summary will do; if not, its parts are asked. `single(index)` gets what remains, and
    /// says whether to go on.
    template <typename Whole, typename Single>
    void walk(std::size_t begin, std::size_t end, Whole&& whole, Single&& single) const {
        while (begin < end) {
            if (const std::size_t taken = takeRun(begin, end, whole); taken > 0)
                begin += taken;
            else if (single(begin))
                ++begin;
            else
                return;
        }
    }

    /// How many entries went at the front, so far.
    [[nodiscard]] std::size_t dropped() const { return m_dropped; }
    /// Bytes for the summaries.
    [[nodiscard]] std::size_t memory() const {
        std::size_t bytes = m_levels.capacity() * sizeof(Level);
        for (const Level& level : m_levels)
            bytes += level.blocks.capacity() * sizeof(Summary);
        return bytes;
    }

private:
    struct Level {
        std::size_t first = 0; ///< number of the first block there is
        std::vector<Summary> blocks;
        [[nodiscard]] std::size_t end() const { return first + blocks.size(); }
    };

    static std::size_t spanOf(std::size_t level) {
        std::size_t span = fanout;
        for (; level > 0; --level)
            span *= fanout;
        return span;
    }
    [[nodiscard]] std::size_t endOf(std::size_t level) const {
        return level < m_levels.size() ? m_levels[level].end() : 0;
    }

    template <typename Entries>
    Summary ofEntries(const Entries& entries, std::size_t block) const {
        Summary sum;
        for (std::size_t place = std::max(block * fanout, m_dropped); place < (block + 1) * fanout; ++place)
            sum.add(entries[place - m_dropped], place);
        return sum;
    }
    Summary ofBlocks(std::size_t level, std::size_t block) const {
        const Level& below = m_levels[level - 1];
        Summary sum;
        for (std::size_t one = std::max(block * fanout, below.first); one < (block + 1) * fanout; ++one)
            sum.add(below.blocks[one - below.first]);
        return sum;
    }

    /// Returns how many entries the longest run that begins there and will do has; 0: none does.
    template <typename Whole>
    std::size_t takeRun(std::size_t begin, std::size_t end, Whole& whole) const {
        const std::size_t place = begin + m_dropped;
        if (place % fanout != 0 || m_levels.empty())
            return 0;
        std::size_t level = 0;
        std::size_t span = fanout;
        while (level + 1 < m_levels.size() && place % (span * fanout) == 0) {
            ++level;
            span *= fanout;
        }
        for (;; --level, span /= fanout) {
            const Level& one = m_levels[level];
            const std::size_t block = place / span;
            if (block >= one.first && block < one.end() && begin + span <= end &&
                whole(one.blocks[block - one.first], begin, span))
                return span;
            if (level == 0)
                return 0;
        }
    }

    std::size_t m_dropped = 0;
    std::vector<Level> m_levels;
};

} // namespace pprocess::widgets
