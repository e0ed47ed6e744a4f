// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_messages.h>

#include <algorithm>

namespace pprocess::widgets::timeline {

namespace {
constexpr std::size_t most = 200'000;
} // namespace

void Messages::look(std::unordered_set<std::uint64_t> channels, std::int64_t from, std::int64_t to) {
    m_channels = std::move(channels);
    m_from = from;
    m_to = to;
    m_next = 0;
    m_found.clear();
    m_open.clear();
}

bool Messages::update(const InstrumentData& data, std::uint64_t most) {
    // Processes write for themselves, and so a moment early or late.
    constexpr std::int64_t moment = 1'000'000;
    if (m_channels.empty())
        return true;
    std::uint64_t end = data.endEvent();
    if (m_next == 0 && m_from > INT64_MIN + moment)
        m_next = data.indexAt(m_from - moment);
    if (m_to < INT64_MAX - moment)
        end = data.indexAt(m_to + moment);
    m_next = std::max(m_next, data.firstEvent());
    const std::uint64_t stop = end > m_next && end - m_next > most ? m_next + most : end;
    for (; m_next < stop; ++m_next) {
        const Event& event = data.event(m_next);
        if (event.kind == EventKind::message_sent || event.kind == EventKind::message_received)
            take(event, m_next);
    }
    return m_next >= end;
}

void Messages::dropOldest() {
    const std::size_t dropped = m_found.size() / 2;
    m_found.erase(m_found.begin(), m_found.begin() + static_cast<std::ptrdiff_t>(dropped));
    std::erase_if(m_open, [dropped](const auto& open) { return open.second < dropped; });
    for (auto& [name, place] : m_open)
        place -= dropped;
}

void Messages::take(const Event& event, std::uint64_t index) {
    if (event.time < m_from || event.time > m_to || !m_channels.contains(event.channel))
        return;
    if (m_found.size() >= most)
        dropOldest();
    const bool isSent = event.kind == EventKind::message_sent;
    const bool isByCreator = event.detail == static_cast<std::uint8_t>(ChannelEnd::creator);
    const bool isToProcess = isSent == isByCreator;
    const auto [open, isNew] = m_open.try_emplace({event.channel, isToProcess, event.number}, m_found.size());
    if (isNew)
        m_found.push_back({.channel = event.channel,
                           .number = event.number,
                           .isToProcess = isToProcess,
                           .event = index,
                           .size = event.size});
    Message& message = m_found[open->second];
    (isSent ? message.sent : message.received) = event.time;
    if (message.isWhole())
        m_open.erase(open);
}

std::optional<TaskPlace> placeOf(const InstrumentData& data, std::uint64_t exchange, std::uint64_t task) {
    std::optional<TaskPlace> best;
    std::int64_t latest = INT64_MIN;
    for (const auto& [key, process] : data.head().processes()) {
        const auto& activities = data.activities(key);
        const auto cannotBeIn = [task](const ActivitySummary& run, std::size_t, std::size_t) {
            return task < run.leastTask || task > run.mostTask;
        };
        const auto look = [&, key = key](std::size_t index) {
            const Activity& activity = activities[index];
            const bool isIts = activity.task == task && activity.exchange == exchange;
            const std::int64_t worth =
                activity.state == observe::ProcessState::running ? activity.begin : activity.begin - INT64_MAX / 2;
            if (isIts && worth > latest) {
                latest = worth;
                best = TaskPlace{key, index};
            }
            return true;
        };
        data.activitySummaries(key).walk(0, activities.size(), cannotBeIn, look);
    }
    return best;
}

namespace {

constexpr std::uint64_t farthest = 20'000; ///< events that are looked at, either way

/// Back to where a task was sent; what it was given is told there, with the message after it, or where it was started.
/// Returns which message on its channel it was, if that is known.
std::uint64_t lookBack(const InstrumentData& data, std::uint64_t channel, const Activity& activity, TaskText& text) {
    const std::uint64_t start = data.indexAt(activity.begin + 1);
    for (std::uint64_t index = start; index-- > data.firstEvent() && start - index < farthest;) {
        const Event& event = data.event(index);
        if (event.kind == EventKind::message_sent && event.channel == channel &&
            event.detail == static_cast<std::uint8_t>(ChannelEnd::creator)) {
            text.bytesIn = event.size;
            if (event.payload_size > 0)
                text.input = data.text(index);
        } else if (event.kind == EventKind::task_started && event.channel == channel) {
            if (event.payload_size > 0)
                text.input = data.text(index);
        } else if (event.kind == EventKind::task_sent && event.task == activity.task &&
                   event.exchange == activity.exchange) {
            if (event.payload_size > 0)
                text.input = data.text(index);
            return event.number;
        }
    }
    return Event::unknown;
}

/// Forward to where its outcome is told.
void lookAhead(const InstrumentData& data, std::uint64_t channel, const Activity& activity, std::uint64_t number,
               TaskText& text) {
    const std::uint64_t start = data.indexAt(activity.begin + 1);
    const std::uint64_t stop = std::min(data.endEvent(), start + farthest);
    for (std::uint64_t index = start; index < stop; ++index) {
        const Event& event = data.event(index);
        if (event.kind == EventKind::message_sent && event.channel == channel &&
            event.detail != static_cast<std::uint8_t>(ChannelEnd::creator) &&
            (number == Event::unknown || event.number == number)) {
            text.bytesOut = event.size;
        } else if (event.kind == EventKind::task_finished && event.task == activity.task &&
                   event.exchange == activity.exchange) {
            if (event.detail != static_cast<std::uint8_t>(TaskOutcome::value))
                text.error = data.text(index);
            return;
        }
    }
}

} // namespace

TaskText textOf(const InstrumentData& data, std::uint64_t key, const Activity& activity) {
    TaskText text;
    const observe::ProcessInfo* process = data.head().process(key);
    if (!process || activity.task == Event::unknown)
        return text;
    const std::uint64_t number = lookBack(data, process->channel, activity, text);
    lookAhead(data, process->channel, activity, number, text);
    return text;
}

QString inputOf(const InstrumentData& data, std::uint64_t key, const Activity& activity) {
    TaskText text;
    const observe::ProcessInfo* process = data.head().process(key);
    if (process && activity.task != Event::unknown)
        lookBack(data, process->channel, activity, text);
    return text.input;
}

} // namespace pprocess::widgets::timeline
