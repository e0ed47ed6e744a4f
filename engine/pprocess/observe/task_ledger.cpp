// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/task_ledger.h>

#include <algorithm>

namespace pprocess::observe {

namespace {

/// The outcome of a task may be told after the end of its process. So many ended processes are remembered for that.
constexpr std::size_t most_ended_links = 4096;
/// Works that no task claims (of an exchange that is not recorded) do not add up.
constexpr std::size_t most_works = 4096;
/// How far an index may be ahead of the others and still be kept with them.
constexpr std::uint64_t widest_gap = 64;

std::string as_string(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

const TaskRecord* TaskLedger::apply(const Event& event, std::span<const std::byte> payload) {
    switch (event.kind) {
    case EventKind::task_queued:
        given_.erase({event.exchange, event.task});
        wait(event);
        return nullptr;
    case EventKind::task_sent:
        give(event, payload);
        return nullptr;
    case EventKind::task_timed_out:
        if (const auto place = given_.find({event.exchange, event.task}); place != given_.end())
            place->second.has_timed_out = true;
        return nullptr;
    case EventKind::task_retried:
    case EventKind::task_finished:
        return end_attempt(event, payload);
    case EventKind::task_started:
    case EventKind::task_returned:
        work(event, payload);
        return nullptr;
    case EventKind::message_sent:
    case EventKind::message_received:
        message(event, payload);
        return nullptr;
    case EventKind::process_ended:
        if (event.channel != 0) {
            Link& link = links_[event.channel];
            link.end = static_cast<ProcessEnd>(event.detail);
            link.end_value = event.value;
            forget(event.channel);
        }
        return nullptr;
    case EventKind::exchange_ended: {
        given_.erase(given_.lower_bound({event.exchange, 0}), given_.upper_bound({event.exchange, UINT64_MAX}));
        if (const auto place = queues_.find(event.exchange); place != queues_.end()) {
            const auto& times = place->second.times;
            const auto left = static_cast<std::size_t>(
                std::count_if(times.begin(), times.end(), [](std::int64_t time) { return time != 0; }));
            waiting_ -= left + place->second.others.size();
            queues_.erase(place);
        }
        return nullptr;
    }
    default:
        return nullptr;
    }
}

void TaskLedger::wait(const Event& event) {
    Queue& queue = queues_[event.exchange];
    const std::int64_t time = std::max<std::int64_t>(event.time, 1);
    if (queue.times.empty())
        queue.first = event.task;
    const std::uint64_t place = event.task - queue.first; // below `first` it is huge
    if (place >= queue.times.size() + widest_gap) {
        waiting_ += queue.others.insert_or_assign(event.task, time).second ? 1 : 0;
        return;
    }
    if (place >= queue.times.size())
        queue.times.resize(place + 1, 0);
    waiting_ += queue.times[place] == 0 ? 1 : 0;
    queue.times[place] = time;
}

/// When the task began to wait, which it does no longer; 0 when that was not told.
std::int64_t TaskLedger::take_waiting(const Event& event) {
    const auto found = queues_.find(event.exchange);
    if (found == queues_.end())
        return 0;
    Queue& queue = found->second;
    std::int64_t time = 0;
    if (const std::uint64_t place = event.task - queue.first; place < queue.times.size()) {
        time = std::exchange(queue.times[place], 0);
        while (!queue.times.empty() && queue.times.front() == 0) {
            queue.times.pop_front();
            ++queue.first;
        }
    } else if (const auto other = queue.others.find(event.task); other != queue.others.end()) {
        time = other->second;
        queue.others.erase(other);
    }
    waiting_ -= time != 0 ? 1 : 0;
    return time;
}

void TaskLedger::give(const Event& event, std::span<const std::byte> payload) {
    const Name name{event.exchange, event.task};
    TaskRecord& record = given_[name];
    record = TaskRecord();
    record.exchange = event.exchange;
    record.task = event.task;
    record.process = event.process;
    record.channel = event.channel;
    record.ordinal = event.number;
    record.attempts = static_cast<unsigned>(event.value);
    record.queued = take_waiting(event);
    record.sent = event.time;
    if (payload.empty())
        links_[event.channel].lacks_input = name;
    else
        record.input = {as_string(payload), event.payload_is_body != 0};
}

void TaskLedger::work(const Event& event, std::span<const std::byte> payload) {
    Link& link = links_[event.channel];
    Work& work = link.works[event.number];
    if (event.kind == EventKind::task_started) {
        work.started = event.time;
        work.received = std::exchange(link.received, 0);
        work.command = as_string(payload);
    } else {
        work.returned = event.time;
    }
    link.latest = event.number;
    if (link.works.size() > most_works)
        link.works.erase(link.works.begin());
}

void TaskLedger::message(const Event& event, std::span<const std::byte> payload) {
    Link& link = links_[event.channel];
    const bool by_creator = event.detail == static_cast<std::uint8_t>(ChannelEnd::creator);
    const bool is_sent = event.kind == EventKind::message_sent;
    if (by_creator && is_sent) {
        const auto place = given_.find(std::exchange(link.lacks_input, Name{0, Event::unknown}));
        if (place != given_.end()) {
            place->second.input = {as_string(payload), event.payload_is_body != 0};
            place->second.bytes_in = event.size;
        }
    } else if (by_creator) {
        link.collected = event.time;
        link.collected_size = event.size;
    } else if (!is_sent) {
        link.received = event.time;
    } else if (const auto work = link.works.find(link.latest);
               work != link.works.end() && work->second.returned != 0 && work->second.answered == 0) {
        work->second.answered = event.time;
    }
}

/// The record with what its process has said of it.
TaskRecord TaskLedger::joined(const TaskRecord& record) const {
    TaskRecord whole = record;
    const auto link = links_.find(record.channel);
    if (link == links_.end())
        return whole;
    whole.end = link->second.end;
    whole.end_value = link->second.end_value;
    if (link->second.collected >= record.sent) {
        whole.collected = link->second.collected;
        whole.bytes_out = link->second.collected_size;
    }
    if (const auto work = link->second.works.find(record.ordinal); work != link->second.works.end()) {
        whole.received = work->second.received;
        whole.started = work->second.started;
        whole.returned = work->second.returned;
        whole.answered = work->second.answered;
        whole.command = work->second.command;
    }
    return whole;
}

const TaskRecord* TaskLedger::end_attempt(const Event& event, std::span<const std::byte> payload) {
    const auto place = given_.find({event.exchange, event.task});
    if (place == given_.end()) {
        over_ = TaskRecord();
        over_.exchange = event.exchange;
        over_.task = event.task;
        over_.queued = take_waiting(event);
    } else {
        over_ = joined(place->second);
        if (const auto link = links_.find(over_.channel); link != links_.end()) {
            link->second.works.erase(over_.ordinal);
            link->second.collected = 0;
        }
        given_.erase(place);
    }
    if (over_.process == 0)
        over_.process = event.process;
    over_.finished = event.time;
    over_.attempts = static_cast<unsigned>(event.value);
    over_.is_last = event.kind == EventKind::task_finished;
    over_.outcome = over_.is_last ? static_cast<TaskOutcome>(event.detail) : TaskOutcome::died;
    over_.error = as_string(payload);
    return &over_;
}

void TaskLedger::forget(std::uint64_t channel) {
    ended_links_.push_back(channel);
    if (ended_links_.size() <= most_ended_links)
        return;
    links_.erase(ended_links_.front());
    ended_links_.pop_front();
}

} // namespace pprocess::observe
