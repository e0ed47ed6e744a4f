// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_set>
#include <vector>

#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>

namespace pprocess::widgets::timeline {

/// One message, from one end of a channel to the other.
struct Message {
    std::uint64_t channel = 0;
    std::uint64_t number = 0;         ///< in its direction, from 0
    bool isToProcess = false;         ///< from the creator to the created process; else the other way
    std::optional<std::int64_t> sent; ///< ns; empty: nobody told
    std::optional<std::int64_t> received;
    std::uint64_t event = 0; ///< by which it was first heard of
    std::uint64_t size = 0;  ///< bytes with frame

    [[nodiscard]] bool isWhole() const { return sent && received; }
};

/// Pairs the two ends of messages: by channel, direction and number. It goes on where it stopped when there are more
/// events.
class Messages {
public:
    /// Nothing found so far counts any more; from now on only messages of these channels do, if they were first heard
    /// of between two times (ns).
    void look(std::unordered_set<std::uint64_t> channels, std::int64_t from = INT64_MIN, std::int64_t to = INT64_MAX);
    /// Takes in the events that are new, at most so many at once. Returns whether that was all.
    bool update(const InstrumentData& data, std::uint64_t most = UINT64_MAX);
    /// In the order in which they were heard of; of very many, the latest.
    [[nodiscard]] const std::vector<Message>& found() const { return m_found; }
    [[nodiscard]] const std::unordered_set<std::uint64_t>& channels() const { return m_channels; }

private:
    void take(const Event& event, std::uint64_t index);
    void dropOldest();

    std::unordered_set<std::uint64_t> m_channels;
    std::int64_t m_from = INT64_MIN;
    std::int64_t m_to = INT64_MAX;
    std::uint64_t m_next = 0;
    std::vector<Message> m_found;
    std::map<std::tuple<std::uint64_t, bool, std::uint64_t>, std::size_t> m_open; ///< those with one end
};

/// Where the activity of a task lies: its process and its place there.
struct TaskPlace {
    std::uint64_t process = 0; ///< key
    std::size_t index = 0;     ///< of the activity
};
/// The latest run of a task, or another activity of it where it never ran.
std::optional<TaskPlace> placeOf(const InstrumentData& data, std::uint64_t exchange, std::uint64_t task);

/// What is to be read about one activity beside its times.
struct TaskText {
    QString input;              ///< preview; may be empty
    QString error;              ///< of a failed task
    std::uint64_t bytesIn = 0;  ///< of the message that brought it; 0: not known
    std::uint64_t bytesOut = 0; ///< of the message that took its result back; 0: not known
};
/// Looks it up in the events about it. It looks at a bounded number of them.
TaskText textOf(const InstrumentData& data, std::uint64_t process, const Activity& activity);
/// Its input alone, which takes far less.
QString inputOf(const InstrumentData& data, std::uint64_t process, const Activity& activity);

} // namespace pprocess::widgets::timeline
