// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/related.h>

#include <widgets/instruments/instrument_data.h>

namespace pprocess::widgets {

using Kind = Selected::Kind;

namespace {

const Event* eventOf(const Selected& selected, const InstrumentData& data) {
    const bool isKept =
        selected.kind == Kind::event && selected.id >= data.firstEvent() && selected.id < data.endEvent();
    return isKept ? &data.event(selected.id) : nullptr;
}

template <typename Map>
auto find(const Map& map, std::uint64_t id) {
    const auto place = map.find(id);
    return place == map.end() ? nullptr : &place->second;
}

} // namespace

std::uint64_t processOf(const Selected& selected, const InstrumentData& data) {
    const observe::Snapshot& snapshot = data.snapshot();
    switch (selected.kind) {
    case Kind::nothing:
        return 0;
    case Kind::process:
        return snapshot.process(selected.id) ? selected.id : 0;
    case Kind::channel: {
        const auto* channel = find(snapshot.channels(), selected.id);
        return channel ? channel->process : 0;
    }
    case Kind::task: {
        const auto task = snapshot.running_tasks().find({selected.id, selected.task});
        if (task != snapshot.running_tasks().end())
            return task->second.process;
        // Nobody has it any more; somebody may have had it last.
        for (const auto& [key, process] : snapshot.processes()) {
            if (process.exchange == selected.id && process.task == selected.task)
                return key;
        }
        return 0;
    }
    case Kind::exchange: {
        const auto* exchange = find(snapshot.exchanges(), selected.id);
        return exchange ? exchange->owner : 0;
    }
    case Kind::event: {
        const Event* event = eventOf(selected, data);
        const auto* process = event ? snapshot.process_of_pid(event->process) : nullptr;
        return process ? process->key : 0;
    }
    }
    return 0;
}

std::uint64_t channelOf(const Selected& selected, const InstrumentData& data) {
    if (selected.kind == Kind::channel)
        return find(data.snapshot().channels(), selected.id) ? selected.id : 0;
    if (selected.kind == Kind::exchange)
        return 0;
    if (const Event* event = eventOf(selected, data); event && event->channel != 0)
        return event->channel;
    const observe::ProcessInfo* process = data.snapshot().process(processOf(selected, data));
    return process ? process->channel : 0;
}

std::uint64_t exchangeOf(const Selected& selected, const InstrumentData& data) {
    if (selected.kind == Kind::exchange || selected.kind == Kind::task)
        return find(data.snapshot().exchanges(), selected.id) ? selected.id : 0;
    if (selected.kind == Kind::channel) {
        const auto* channel = find(data.snapshot().channels(), selected.id);
        return channel ? channel->exchange : 0;
    }
    if (const Event* event = eventOf(selected, data); event && event->exchange != 0)
        return event->exchange;
    const observe::ProcessInfo* process = data.snapshot().process(processOf(selected, data));
    return process ? process->exchange : 0;
}

} // namespace pprocess::widgets
