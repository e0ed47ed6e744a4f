// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/event_filter.h>

#include <widgets/instruments/instrument_data.h>

namespace pprocess::widgets {

bool isOf(const Event& event, const observe::ProcessInfo& process) {
    // Processes write for themselves and so a moment before their creator tells of them.
    constexpr std::int64_t moment = 1'000'000;
    return (subjectOf(event) == process.pid || event.process == process.pid) &&
           event.time >= process.created - moment && (process.ended == 0 || event.time <= process.ended + moment);
}

bool EventFilter::acceptsAll() const {
    return text.isEmpty() && groups.all() && !failuresOnly && process == 0 && selected.kind == Selected::Kind::nothing;
}

bool operator==(const EventFilter& one, const EventFilter& other) {
    return one.text == other.text && one.groups == other.groups && one.failuresOnly == other.failuresOnly &&
           one.process == other.process && one.selected == other.selected;
}

bool EventFilter::accepts(const InstrumentData& data, std::uint64_t index) {
    const Event& event = data.event(index);
    // The selection first: it learns from what the rest may turn down.
    if (selected.kind != Selected::Kind::nothing && !belongs(data, event, index))
        return false;
    if (!groups.test(static_cast<std::size_t>(groupOf(event.kind))) || (failuresOnly && !isFailure(event)))
        return false;
    if (process != 0 && subjectOf(event) != process && event.process != process && event.writer != process)
        return false;
    return text.isEmpty() || sentence(data, index).contains(text, Qt::CaseInsensitive);
}

bool EventFilter::belongs(const InstrumentData& data, const Event& event, std::uint64_t index) {
    switch (selected.kind) {
    case Selected::Kind::process: {
        const observe::ProcessInfo* info = data.head().process(selected.id);
        return info && isOf(event, *info);
    }
    case Selected::Kind::channel:
        return event.channel == selected.id;
    case Selected::Kind::exchange:
        return event.exchange == selected.id;
    case Selected::Kind::task:
        if (event.exchange == selected.id && event.task == selected.task) {
            if (event.kind == EventKind::task_sent)
                m_places.emplace(event.channel, event.number);
            return true;
        }
        return (event.kind == EventKind::task_started || event.kind == EventKind::task_returned) &&
               m_places.contains({event.channel, event.number});
    case Selected::Kind::event:
        return index == selected.id;
    case Selected::Kind::nothing:
        break;
    }
    return true;
}

std::uint64_t processOf(const InstrumentData& data, const Event& event) {
    const observe::Snapshot& head = data.head();
    const std::int32_t pid = subjectOf(event);
    const observe::ProcessInfo* const latest = head.process_of_pid(pid);
    if (!latest || isOf(event, *latest))
        return latest ? latest->key : 0;
    for (const auto& [key, process] : head.processes()) {
        if (process.pid == pid && isOf(event, process))
            return key;
    }
    return 0;
}

std::uint64_t lastEventOf(const InstrumentData& data, const Selected& selected, std::uint64_t end) {
    if (selected.kind == Selected::Kind::event)
        return selected.id >= data.firstEvent() && selected.id < end ? selected.id : UINT64_MAX;
    const observe::ProcessInfo* const process =
        selected.kind == Selected::Kind::process ? data.head().process(selected.id) : nullptr;
    for (std::uint64_t index = end; index > data.firstEvent(); --index) {
        const Event& event = data.event(index - 1);
        switch (selected.kind) {
        case Selected::Kind::process:
            if (!process)
                return UINT64_MAX;
            if (isOf(event, *process))
                return index - 1;
            break;
        case Selected::Kind::channel:
            if (event.channel == selected.id)
                return index - 1;
            break;
        case Selected::Kind::exchange:
            if (event.exchange == selected.id)
                return index - 1;
            break;
        case Selected::Kind::task:
            if (event.exchange == selected.id && event.task == selected.task)
                return index - 1;
            break;
        default:
            return UINT64_MAX;
        }
    }
    return UINT64_MAX;
}

} // namespace pprocess::widgets
