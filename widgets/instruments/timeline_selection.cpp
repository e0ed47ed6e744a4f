// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_selection.h>

#include <widgets/instruments/timeline_messages.h>

#include <algorithm>

namespace pprocess::widgets::timeline {

namespace {

bool isKept(const InstrumentData& data, std::uint64_t event) {
    return event >= data.firstEvent() && event < data.endEvent();
}

/// From the way of a task's input to its process until its result has come back.
Span timeOfTask(const InstrumentData& data, const Selected& task, const TaskPlace& place, bool isOpen) {
    const auto& activities = data.activities(place.process);
    const Activity& activity = activities[place.index];
    const auto isIts = [&task](const Event& event, EventKind kind) {
        return event.kind == kind && event.task == task.task && event.exchange == task.id;
    };
    Span time;
    std::size_t first = place.index;
    while (first > 0 && activities[first - 1].state != observe::ProcessState::idle)
        --first;
    time.begin = activities[first > 0 ? first - 1 : first].begin;
    for (std::uint64_t index = data.indexAt(activity.begin); index-- > data.firstEvent();) {
        if (const Event& event = data.event(index); isIts(event, EventKind::task_sent)) {
            time.begin = event.time;
            break;
        }
    }
    if (isOpen) {
        time.end = INT64_MAX;
        return time;
    }
    std::size_t last = place.index;
    while (last + 1 < activities.size() && activities[last].state != observe::ProcessState::idle)
        ++last;
    time.end = std::min(activities[last].begin, activities[last].end);
    for (std::uint64_t index = data.indexAt(activity.begin); index < data.endEvent(); ++index) {
        if (const Event& event = data.event(index); isIts(event, EventKind::task_finished)) {
            time.end = std::max(time.end, event.time);
            break;
        }
    }
    return time;
}

} // namespace

std::optional<Span> spanOf(const InstrumentData& data, const Selected& selected) {
    const std::int64_t now = data.endTime();
    const auto& head = data.head();
    const auto ofProcess = [&](std::uint64_t key) -> std::optional<Span> {
        const observe::ProcessInfo* process = head.process(key);
        if (!process)
            return std::nullopt;
        return Span{process->created, process->ended != 0 ? process->ended : now};
    };
    switch (selected.kind) {
    case Selected::Kind::nothing:
        break;
    case Selected::Kind::process:
        return ofProcess(selected.id);
    case Selected::Kind::channel: {
        const auto channel = head.channels().find(selected.id);
        return channel == head.channels().end() ? std::nullopt : ofProcess(channel->second.process);
    }
    case Selected::Kind::exchange: {
        const auto exchange = head.exchanges().find(selected.id);
        if (exchange == head.exchanges().end())
            return std::nullopt;
        return Span{exchange->second.created, exchange->second.ended != 0 ? exchange->second.ended : now};
    }
    case Selected::Kind::task:
        if (const auto place = placeOf(data, selected.id, selected.task)) {
            const Activity& activity = data.activities(place->process)[place->index];
            return Span{activity.begin, std::min(activity.end, now)};
        }
        break;
    case Selected::Kind::event:
        if (isKept(data, selected.id)) {
            const std::int64_t time = data.event(selected.id).time;
            return Span{time, time};
        }
        break;
    }
    return std::nullopt;
}

Wanted messagesOf(const InstrumentData& data, const Selected& selected, bool isOpen) {
    const auto& head = data.head();
    Wanted wanted;
    const auto addProcess = [&](std::uint64_t key) {
        const observe::ProcessInfo* process = head.process(key);
        if (process && process->channel != 0)
            wanted.channels.insert(process->channel);
    };
    switch (selected.kind) {
    case Selected::Kind::process:
        addProcess(selected.id);
        for (const auto& [key, process] : head.processes()) {
            if (process.parent == selected.id)
                addProcess(key);
        }
        break;
    case Selected::Kind::channel:
        wanted.channels.insert(selected.id);
        break;
    case Selected::Kind::task:
        if (const auto place = placeOf(data, selected.id, selected.task)) {
            addProcess(place->process);
            wanted.time = timeOfTask(data, selected, *place, isOpen);
        }
        break;
    case Selected::Kind::event:
        if (isKept(data, selected.id)) {
            const Event& event = data.event(selected.id);
            if (event.kind == EventKind::message_sent || event.kind == EventKind::message_received)
                wanted.channels.insert(event.channel);
        }
        break;
    case Selected::Kind::exchange:
    case Selected::Kind::nothing:
        break;
    }
    return wanted;
}

} // namespace pprocess::widgets::timeline
