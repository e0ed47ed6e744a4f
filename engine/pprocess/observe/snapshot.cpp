// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/snapshot.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include <pprocess/message/describe.h>
#include <pprocess/message/frame.h>

namespace pprocess::observe {

const char* to_string(ProcessState state) {
    switch (state) {
    case ProcessState::starting:
        return "starting";
    case ProcessState::idle:
        return "idle";
    case ProcessState::receiving:
        return "receiving";
    case ProcessState::running:
        return "running";
    case ProcessState::sending:
        return "sending";
    case ProcessState::waiting:
        return "waiting";
    case ProcessState::stopped:
        return "stopped";
    case ProcessState::succeeded:
        return "succeeded";
    case ProcessState::failed:
        return "failed";
    }
    return "unknown";
}

const char* to_string(TaskOutcome outcome) {
    switch (outcome) {
    case TaskOutcome::value:
        return "value";
    case TaskOutcome::error:
        return "error";
    case TaskOutcome::died:
        return "died";
    case TaskOutcome::timed_out:
        return "timed out";
    case TaskOutcome::cancelled:
        return "cancelled";
    }
    return "unknown";
}

const char* to_string(EventKind kind) {
    switch (kind) {
    case EventKind::none:
        return "none";
    case EventKind::process_created:
        return "process_created";
    case EventKind::process_running:
        return "process_running";
    case EventKind::process_stopped:
        return "process_stopped";
    case EventKind::process_resumed:
        return "process_resumed";
    case EventKind::process_ended:
        return "process_ended";
    case EventKind::process_signalled:
        return "process_signalled";
    case EventKind::process_sample:
        return "process_sample";
    case EventKind::program_described:
        return "program_described";
    case EventKind::exchange_created:
        return "exchange_created";
    case EventKind::exchange_ended:
        return "exchange_ended";
    case EventKind::channel_added:
        return "channel_added";
    case EventKind::channel_ready:
        return "channel_ready";
    case EventKind::channel_removed:
        return "channel_removed";
    case EventKind::task_queued:
        return "task_queued";
    case EventKind::task_sent:
        return "task_sent";
    case EventKind::task_retried:
        return "task_retried";
    case EventKind::task_timed_out:
        return "task_timed_out";
    case EventKind::task_cancelled:
        return "task_cancelled";
    case EventKind::task_finished:
        return "task_finished";
    case EventKind::tasks_expected:
        return "tasks_expected";
    case EventKind::task_started:
        return "task_started";
    case EventKind::task_returned:
        return "task_returned";
    case EventKind::message_sent:
        return "message_sent";
    case EventKind::message_received:
        return "message_received";
    case EventKind::waiting_for_space:
        return "waiting_for_space";
    case EventKind::space_found:
        return "space_found";
    case EventKind::events_dropped:
        return "events_dropped";
    }
    return "unknown";
}

namespace {

std::string as_string(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Content content_of(const Event& event, std::span<const std::byte> payload) {
    return {as_string(payload), event.payload_is_body != 0};
}

std::string preview_of_body(std::span<const std::byte> body, std::size_t limit) {
    // Where it lay it need not have been aligned.
    kj::Array<capnp::word> words = kj::heapArray<capnp::word>(body.size() / sizeof(capnp::word));
    std::memcpy(words.begin(), body.data(), words.size() * sizeof(capnp::word));
    try {
        message::IncomingMessage incoming(words);
        const auto root = incoming.root();
        if (root.isFailure()) {
            const auto text = root.getFailure().getMessage().asChars();
            return Content{{text.begin(), text.size()}, false}.text(limit);
        }
        return root.isValue() ? message::preview(root.getValue(), limit) : std::string();
    } catch (const std::exception&) {
        return "(damaged)";
    } catch (const kj::Exception&) {
        return "(damaged)";
    }
}

/// On one line, and cut where it is too long.
std::string one_line(std::string_view text, std::size_t limit) {
    std::string line;
    std::size_t characters = 0;
    for (const char byte : text) {
        const bool continues = (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
        if (!continues && ++characters > limit) {
            line += "…";
            break;
        }
        const bool is_control = static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
        line += is_control ? ' ' : byte;
    }
    return line;
}

} // namespace

std::string Content::text(std::size_t limit) const {
    return is_body ? preview_of_body(std::as_bytes(std::span(bytes)), limit) : one_line(bytes, limit);
}

std::string text_of(const Event& event, std::span<const std::byte> payload, std::size_t limit) {
    return content_of(event, payload).text(limit);
}

std::uint64_t ExchangeInfo::finished_in_all() const {
    return std::accumulate(finished.begin(), finished.end(), std::uint64_t{0});
}

std::uint64_t ExchangeInfo::total() const {
    return std::max(expected, queued + running + finished_in_all());
}

// ------------------------------------------------------------------------------------------------------------------
// looking things up

const ProcessInfo* Snapshot::process(std::uint64_t key) const {
    const auto place = processes_.find(key);
    return place == processes_.end() ? nullptr : &place->second;
}

const ProcessInfo* Snapshot::process_of_pid(std::int32_t pid) const {
    const auto place = by_pid_.find(pid);
    return place == by_pid_.end() ? nullptr : process(place->second);
}

const TaskInfo* Snapshot::task_of(const ProcessInfo& process) const {
    const auto place = running_.find({process.exchange, process.task});
    return place == running_.end() || place->second.process != process.key ? nullptr : &place->second;
}

ProcessInfo* Snapshot::living(std::int32_t pid) {
    const auto place = by_pid_.find(pid);
    if (place == by_pid_.end())
        return nullptr;
    const auto process = processes_.find(place->second);
    return process == processes_.end() || process->second.ended != 0 ? nullptr : &process->second;
}

ProcessInfo& Snapshot::appear(std::int32_t pid, std::int64_t time) {
    ProcessInfo& process = processes_[next_key_];
    process.key = next_key_++;
    process.pid = pid;
    process.created = process.since = time;
    changed_ = process.key;
    by_pid_[pid] = process.key;
    return process;
}

ProcessInfo& Snapshot::known(std::int32_t pid, std::int64_t time) {
    const auto place = by_pid_.find(pid);
    const auto process = place == by_pid_.end() ? processes_.end() : processes_.find(place->second);
    return process == processes_.end() ? appear(pid, time) : process->second;
}

ChannelInfo& Snapshot::channel(std::uint64_t id) {
    ChannelInfo& channel = channels_[id];
    channel.id = id;
    return channel;
}

ExchangeInfo& Snapshot::exchange(std::uint64_t id, std::int64_t time) {
    ExchangeInfo& exchange = exchanges_[id];
    if (exchange.id == 0) {
        exchange.id = id;
        exchange.created = time;
    }
    return exchange;
}

void Snapshot::set_state(ProcessInfo& process, ProcessState state, std::int64_t time) {
    if (process.ended != 0 || process.state == state)
        return;
    process.state = state;
    process.since = time;
    changed_ = process.key;
}

// ------------------------------------------------------------------------------------------------------------------
// taking events in

void Snapshot::apply(const Event& event, std::span<const std::byte> payload) {
    ++events_;
    changed_ = 0;
    if (begin_ == 0)
        begin_ = event.time;
    end_ = std::max(end_, event.time);
    if (event.kind == EventKind::events_dropped) {
        dropped_ += event.number;
    } else if (event.kind == EventKind::process_sample) {
        apply_sample(event);
    } else if (event.kind < EventKind::exchange_created) {
        apply_process(event, payload);
    } else if (event.kind < EventKind::task_queued) {
        apply_exchange(event);
    } else if (event.kind < EventKind::task_started) {
        apply_task(event, payload);
    } else if (event.kind < EventKind::message_sent) {
        apply_work(event, payload);
    } else if (event.kind < EventKind::events_dropped) {
        apply_message(event, payload);
    }
}

void Snapshot::apply_process(const Event& event, std::span<const std::byte> payload) {
    if (event.process <= 0)
        return;
    if (event.kind == EventKind::process_ended) {
        if (ProcessInfo* process = living(event.process)) {
            process->ending = as_string(payload);
            const bool well = event.detail == static_cast<std::uint8_t>(ProcessEnd::exited) && event.value == 0;
            set_state(*process, well ? ProcessState::succeeded : ProcessState::failed, event.time);
            end_process(*process, event.time);
        }
        return;
    }
    // A pid that had its end before begins anew only with these two; whichever of them comes first.
    const bool may_be_new = event.kind == EventKind::process_created || event.kind == EventKind::process_running;
    ProcessInfo& process =
        may_be_new && !living(event.process) ? appear(event.process, event.time) : known(event.process, event.time);
    switch (event.kind) {
    case EventKind::process_created:
        process.purpose = as_string(payload);
        process.parent = known(event.writer, event.time).key;
        process.channel = event.channel;
        process.created = std::min(process.created, event.time);
        if (event.channel != 0)
            join(channel(event.channel), process);
        break;
    case EventKind::program_described:
        process.purpose = as_string(payload);
        process.is_program = true;
        set_state(process, ProcessState::running, event.time);
        break;
    case EventKind::process_running:
        process.channel = event.channel;
        if (event.channel != 0)
            join(channel(event.channel), process);
        if (process.state == ProcessState::starting)
            set_state(process, ProcessState::idle, event.time);
        break;
    case EventKind::process_stopped:
        set_state(process, ProcessState::stopped, event.time);
        break;
    case EventKind::process_resumed:
        if (process.state == ProcessState::stopped)
            set_state(process, task_of(process) ? ProcessState::running : ProcessState::idle, event.time);
        break;
    default:
        break;
    }
}

void Snapshot::apply_sample(const Event& event) {
    ProcessInfo* process = living(event.process);
    if (!process)
        return;
    if (process->sampled != 0 && event.time > process->sampled && event.number >= process->cpu)
        process->cpu_share =
            static_cast<double>(event.number - process->cpu) / static_cast<double>(event.time - process->sampled);
    process->sampled = event.time;
    process->cpu = event.number;
    process->memory = event.size;
    process->threads = event.value;
    process->descriptors = event.task;
}

void Snapshot::apply_exchange(const Event& event) {
    if (event.kind == EventKind::exchange_created || event.kind == EventKind::exchange_ended) {
        ExchangeInfo& one = exchange(event.exchange, event.time);
        if (event.kind == EventKind::exchange_ended) {
            end_exchange(one, event.time);
            return;
        }
        ProcessInfo& owner = known(event.process, event.time);
        one.owner = owner.key;
        owned_[owner.key].push_back(one.id);
        one.limit = event.number;
        one.reuses = (event.detail & exchange_reuses) != 0;
        one.is_continuous = (event.detail & exchange_is_continuous) != 0;
        if (owner.state == ProcessState::starting)
            set_state(owner, ProcessState::running, event.time);
        return;
    }
    ChannelInfo& link = channel(event.channel);
    if (event.kind == EventKind::channel_ready) {
        link.ready = static_cast<Readiness>(event.detail) == Readiness::something;
        return;
    }
    ProcessInfo* process = event.process > 0 ? living(event.process) : nullptr;
    if (event.kind == EventKind::channel_added) {
        link.exchange = event.exchange;
        exchange(event.exchange, event.time);
        // It may be forgotten by now, and what was read from a file may name one that never was.
        if (const auto known = processes_.find(link.process); !process && known != processes_.end())
            process = &known->second;
        if (process)
            join(link, *process);
    } else {
        link.ready = false;
        link.is_open = false;
        link.creator_waits = link.created_waits = false;
        leave_slot(event.exchange, link.process);
    }
}

/// Whatever it still had went with it.
void Snapshot::end_exchange(ExchangeInfo& one, std::int64_t time) {
    one.ended = time;
    one.queued = one.running = 0;
    one.members.clear();
    const auto first = running_.lower_bound({one.id, 0});
    const auto last = running_.upper_bound({one.id, UINT64_MAX});
    for (auto task = first; task != last; ++task)
        given_.erase(task->second.channel);
    running_.erase(first, last);
}

/// It is known now that this process is at the far end of this channel; a process of a fork server says so itself, and
/// often only after it has been given its first task.
void Snapshot::join(ChannelInfo& link, ProcessInfo& process) {
    if (std::exchange(link.process, process.key) != process.key) {
        // What has gone over the channel before that was from it and to it.
        process.messages_in += link.to_process.messages_sent;
        process.bytes_in += link.to_process.bytes_sent;
        process.messages_out += link.from_process.messages_received;
        process.bytes_out += link.from_process.bytes_received;
    }
    if (link.exchange == 0)
        return;
    process.exchange = link.exchange;
    auto& members = exchanges_[link.exchange].members;
    if (!has_ended(process.state) && std::find(members.begin(), members.end(), process.key) == members.end())
        members.push_back(process.key);
    const auto given = given_.find(link.id);
    if (given == given_.end())
        return;
    for (const Given& one : given->second) {
        TaskInfo& task = running_.at({one.exchange, one.index});
        if (std::exchange(task.process, process.key) != process.key && task.ordinal == process.tasks_done)
            take_up(process, task);
    }
}

/// The task that a process was given as its `ordinal`th over this channel; null when it has none such.
TaskInfo* Snapshot::given(std::uint64_t channel, std::uint64_t ordinal) {
    const auto all = given_.find(channel);
    if (all == given_.end())
        return nullptr;
    for (const Given& one : all->second)
        if (one.ordinal == ordinal)
            return &running_.at({one.exchange, one.index});
    return nullptr;
}

void Snapshot::take_up(ProcessInfo& process, const TaskInfo& task) {
    process.task = task.index;
    process.input = task.input;
}

void Snapshot::leave_slot(std::uint64_t id, std::uint64_t process) {
    const auto place = exchanges_.find(id);
    if (place != exchanges_.end())
        std::erase(place->second.members, process);
}

void Snapshot::apply_task(const Event& event, std::span<const std::byte> payload) {
    ExchangeInfo& one = exchange(event.exchange, event.time);
    const std::pair<std::uint64_t, std::uint64_t> name{event.exchange, event.task};
    const auto place = running_.find(name);
    const auto take_from_process = [&] {
        if (place == running_.end())
            return false;
        if (const auto all = given_.find(place->second.channel); all != given_.end()) {
            std::erase_if(all->second, [&](const Given& task) {
                return task.exchange == event.exchange && task.index == event.task;
            });
            if (all->second.empty())
                given_.erase(all);
        }
        running_.erase(place);
        one.running -= one.running > 0 ? 1 : 0;
        return true;
    };
    switch (event.kind) {
    case EventKind::tasks_expected:
        one.expected = event.number;
        break;
    case EventKind::task_retried:
        ++one.retried;
        break;
    case EventKind::task_queued:
        take_from_process();
        ++one.queued;
        break;
    case EventKind::task_sent: {
        one.queued -= one.queued > 0 ? 1 : 0;
        take_from_process();
        ++one.running;
        TaskInfo& task = running_[name];
        task = {.exchange = event.exchange, .index = event.task};
        task.attempts = static_cast<unsigned>(event.value);
        task.sent = event.time;
        task.ordinal = event.number;
        task.channel = event.channel;
        given_[event.channel].push_back({event.number, event.exchange, event.task});
        if (const auto link = channels_.find(event.channel); link != channels_.end())
            task.process = link->second.process;
        if (task.process == 0 && event.process > 0)
            task.process = known(event.process, event.time).key;
        if (payload.empty())
            lacks_input_[event.channel] = name;
        else
            task.input = content_of(event, payload);
        if (const auto worker = processes_.find(task.process);
            worker != processes_.end() && (!task_of(worker->second) || worker->second.tasks_done == event.number)) {
            take_up(worker->second, task);
            // It may have been quicker to say that it begins than its creator to say with what.
            if (worker->second.state == ProcessState::running)
                task.started = worker->second.since;
        }
        break;
    }
    case EventKind::task_finished: {
        const auto outcome = std::min<std::size_t>(event.detail, one.finished.size() - 1);
        ++one.finished[outcome];
        ++finished_[outcome];
        const std::uint64_t key = place == running_.end() ? 0 : place->second.process;
        const std::uint64_t channel_used = place == running_.end() ? 0 : place->second.channel;
        if (!take_from_process() && one.queued > 0 && event.value == 0)
            --one.queued;
        const auto worker = processes_.find(key);
        if (worker == processes_.end())
            break;
        ProcessInfo& process = worker->second;
        ++process.tasks_done;
        process.tasks_failed += outcome == 0 ? 0 : 1;
        // Of those it was given ahead it takes the next one up, if it has not said so already.
        if (const TaskInfo* next = given(channel_used, process.tasks_done); next && process.task == event.task)
            take_up(process, *next);
        break;
    }
    default:
        break;
    }
}

void Snapshot::apply_work(const Event& event, std::span<const std::byte> payload) {
    ProcessInfo& process = known(event.process, event.time);
    if (process.channel == 0)
        process.channel = event.channel;
    TaskInfo* const task = given(event.channel, event.number);
    if (task)
        take_up(process, *task);
    if (event.kind == EventKind::task_started) {
        set_state(process, ProcessState::running, event.time);
        if (task)
            task->started = event.time;
        if (!payload.empty())
            process.input = content_of(event, payload);
    } else {
        if (process.state == ProcessState::running)
            process.busy += event.time - process.since;
        set_state(process, ProcessState::sending, event.time);
        if (task)
            task->returned = event.time;
    }
}

void Snapshot::apply_message(const Event& event, std::span<const std::byte> payload) {
    ChannelInfo& link = channel(event.channel);
    const bool by_creator = event.detail == static_cast<std::uint8_t>(ChannelEnd::creator);
    if (link.process == 0 && !by_creator)
        join(link, known(event.writer, event.time));
    const auto far = processes_.find(link.process);
    ProcessInfo* const process = far == processes_.end() ? nullptr : &far->second;
    switch (event.kind) {
    case EventKind::waiting_for_space:
        (by_creator ? link.creator_waits : link.created_waits) = true;
        if (!by_creator)
            set_state(known(event.writer, event.time), ProcessState::waiting, event.time);
        break;
    case EventKind::space_found:
        (by_creator ? link.creator_waits : link.created_waits) = false;
        if (!by_creator && known(event.writer, event.time).state == ProcessState::waiting)
            set_state(known(event.writer, event.time), ProcessState::sending, event.time);
        break;
    case EventKind::message_sent: {
        Flow& flow = by_creator ? link.to_process : link.from_process;
        ++flow.messages_sent;
        flow.bytes_sent += event.size;
        flow.last = event.time;
        if (by_creator) {
            if (process) {
                ++process->messages_in;
                process->bytes_in += event.size;
            }
            if (const auto waiting = lacks_input_.find(event.channel); waiting != lacks_input_.end()) {
                if (const auto task = running_.find(waiting->second); task != running_.end()) {
                    task->second.input = content_of(event, payload);
                    if (process && process->task == task->second.index)
                        process->input = task->second.input;
                }
                lacks_input_.erase(waiting);
            }
        } else if (ProcessInfo* sender = living(event.writer); sender && sender->state == ProcessState::sending) {
            set_state(*sender, ProcessState::idle, event.time);
        }
        break;
    }
    case EventKind::message_received: {
        Flow& flow = by_creator ? link.from_process : link.to_process;
        ++flow.messages_received;
        flow.bytes_received += event.size;
        flow.last = event.time;
        if (by_creator) {
            link.ready = false;
            if (process) {
                ++process->messages_out;
                process->bytes_out += event.size;
            }
        } else if (ProcessInfo* receiver = living(event.writer); receiver && receiver->state == ProcessState::idle) {
            set_state(*receiver, ProcessState::receiving, event.time);
        }
        break;
    }
    default:
        break;
    }
}

void Snapshot::end_process(ProcessInfo& process, std::int64_t time) {
    process.ended = time;
    process.cpu_share = 0;
    leave_slot(process.exchange, process.key);
    // Killed, it cannot tell of the end of its own exchanges.
    if (const auto owned = owned_.find(process.key); owned != owned_.end()) {
        for (const std::uint64_t id : owned->second)
            if (ExchangeInfo& one = exchanges_[id]; one.ended == 0)
                end_exchange(one, time);
        owned_.erase(owned);
    }
    if (const auto link = channels_.find(process.channel); link != channels_.end()) {
        link->second.is_open = false;
        // What its creator had still to send, nobody will ever take.
        link->second.creator_waits = link->second.created_waits = false;
    }
    ended_.push_back(process.key);
    if (ended_.size() <= most_ended)
        return;
    const auto oldest = processes_.find(ended_.front());
    ended_.pop_front();
    ++forgotten_;
    if (oldest == processes_.end())
        return;
    channels_.erase(oldest->second.channel);
    if (const auto pid = by_pid_.find(oldest->second.pid); pid != by_pid_.end() && pid->second == oldest->first)
        by_pid_.erase(pid);
    processes_.erase(oldest);
}

// ------------------------------------------------------------------------------------------------------------------
// saving

Snapshot::Parts Snapshot::save() const {
    Parts parts;
    for (const auto& [key, process] : processes_)
        parts.processes.push_back(process);
    for (const auto& [id, channel] : channels_)
        parts.channels.push_back(channel);
    for (const auto& [id, exchange] : exchanges_)
        parts.exchanges.push_back(exchange);
    for (const auto& [name, task] : running_)
        parts.running.push_back(task);
    parts.pids.assign(by_pid_.begin(), by_pid_.end());
    parts.ended.assign(ended_.begin(), ended_.end());
    parts.finished = finished_;
    parts.next_key = next_key_;
    parts.events = events_;
    parts.dropped = dropped_;
    parts.forgotten = forgotten_;
    parts.begin = begin_;
    parts.end = end_;
    return parts;
}

Snapshot Snapshot::restore(Parts parts) {
    Snapshot snapshot;
    for (ProcessInfo& process : parts.processes) {
        const std::uint64_t key = process.key;
        snapshot.processes_.insert_or_assign(key, std::move(process));
    }
    for (ChannelInfo& channel : parts.channels)
        snapshot.channels_.insert_or_assign(channel.id, channel);
    for (ExchangeInfo& exchange : parts.exchanges) {
        const std::uint64_t id = exchange.id;
        if (exchange.ended == 0)
            snapshot.owned_[exchange.owner].push_back(id);
        snapshot.exchanges_.insert_or_assign(id, std::move(exchange));
    }
    for (TaskInfo& task : parts.running) {
        const std::pair name{task.exchange, task.index};
        snapshot.given_[task.channel].push_back({task.ordinal, task.exchange, task.index});
        snapshot.running_.insert_or_assign(name, std::move(task));
    }
    snapshot.by_pid_.insert(parts.pids.begin(), parts.pids.end());
    snapshot.ended_.assign(parts.ended.begin(), parts.ended.end());
    snapshot.finished_ = parts.finished;
    snapshot.next_key_ = parts.next_key;
    snapshot.events_ = parts.events;
    snapshot.dropped_ = parts.dropped;
    snapshot.forgotten_ = parts.forgotten;
    snapshot.begin_ = parts.begin;
    snapshot.end_ = parts.end;
    return snapshot;
}

} // namespace pprocess::observe
