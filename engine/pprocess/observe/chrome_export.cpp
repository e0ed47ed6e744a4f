// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/chrome_export.h>

#include <algorithm>
#include <cstdio>

#include <pprocess/observe/export_text.h>

namespace pprocess::observe {

namespace {

constexpr std::size_t longest_text = 200;
/// Numbers of tasks are written once in so long, ns, and whenever they become 0.
constexpr std::int64_t counter_step = 1'000'000;
/// Bytes a second are means over so long, ns.
constexpr std::int64_t rate_step = 100'000'000;
/// What no end is found for does not add up.
constexpr std::size_t most_open = 200'000;

/// Microseconds, exactly.
std::string microseconds(std::int64_t nanoseconds) {
    char text[40];
    std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(nanoseconds / 1000),
                  static_cast<long long>(nanoseconds % 1000));
    return text;
}

std::string as_string(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_drawn(ProcessState state) {
    return state != ProcessState::idle && !has_ended(state);
}

std::string arguments_of(const TaskRecord& record) {
    std::string text =
        "\"task\":" + std::to_string(record.task) + ",\"exchange\":\"" + std::to_string(record.exchange) +
        "\",\"attempts\":" + std::to_string(record.attempts) +
        ",\"outcome\":" + json_string(record.is_last ? to_string(record.outcome) : "died, and is tried again");
    if (const std::string input = record.input.text(longest_text); !input.empty())
        text += ",\"input\":" + json_string(input);
    if (!record.command.empty())
        text += ",\"command\":" + json_string(record.command);
    if (!record.error.empty())
        text += ",\"error\":" + json_string(record.error);
    return text;
}

} // namespace

ChromeExporter::ChromeExporter(std::ostream& out) : out_(out) {
    out_ << R"({"displayTimeUnit":"ns","otherData":{"recorded by":"pprocess"},"traceEvents":[)";
}

std::ostream& ChromeExporter::entry(char phase, std::string_view name, std::int32_t pid, std::uint64_t key,
                                    std::int64_t time) {
    out_ << (std::exchange(is_first_, false) ? "\n" : ",\n") << R"({"ph":")" << phase << R"(","name":)"
         << json_string(name) << R"(,"pid":)" << pid << R"(,"tid":)" << key;
    if (phase != 'M')
        out_ << R"(,"ts":)" << microseconds(std::max<std::int64_t>(time - *begin_, 0));
    return out_;
}

void ChromeExporter::begin_with(const Snapshot::Parts& state) {
    if (!begin_)
        begin_ = bytes_since_ = state.begin;
    snapshot_ = Snapshot::restore(state);
    end_ = std::max(end_, state.end);
    for (const auto& [key, process] : snapshot_.processes())
        if (!has_ended(process.state))
            track(process);
}

void ChromeExporter::add(const Event& event, std::span<const std::byte> payload) {
    if (!begin_)
        begin_ = bytes_since_ = event.time;
    end_ = std::max(end_, event.time);
    snapshot_.apply(event, payload);
    const TaskRecord* const record = ledger_.apply(event, payload);
    follow(event);
    mark(event, payload, record);
    if (record)
        write_slices(*record);
    if (event.kind == EventKind::message_sent || event.kind == EventKind::message_received)
        follow_message(event);
    if (event.exchange != 0)
        count_tasks(event);
    if (event.kind == EventKind::process_sample)
        count_sample(event);
    count_bytes(event.time);
}

void ChromeExporter::finish() {
    if (begin_) {
        for (auto& [key, track] : tracks_) {
            if (track.has_ended)
                continue;
            change(track, ProcessState::idle, end_);
            track.end = std::max(track.end, end_);
            end_life(track, {});
        }
        for (const auto& [name, slices] : slices_)
            for (const Slice& slice : slices)
                write_slice(slice, nullptr);
        count_bytes(bytes_since_ + rate_step);
        write_names();
    }
    out_ << "\n]}\n";
    out_.flush();
}

// ------------------------------------------------------------------------------------------------------------------
// tracks and slices

ChromeExporter::Track* ChromeExporter::track_of(std::int32_t pid) {
    const ProcessInfo* process = pid > 0 ? snapshot_.process_of_pid(pid) : nullptr;
    return process ? &track(*process) : nullptr;
}

ChromeExporter::Track& ChromeExporter::track(const ProcessInfo& process) {
    const auto [place, is_new] = tracks_.try_emplace(process.key);
    Track& track = place->second;
    if (is_new) {
        track.pid = process.pid;
        track.key = process.key;
        track.begin = track.end = std::max(process.created, *begin_);
        track.since = track.written_to = std::max(process.since, track.begin);
        track.state = process.state;
    }
    track.parent = process.parent;
    if (track.name.empty() && !process.purpose.empty())
        track.name = process.purpose;
    return track;
}

void ChromeExporter::follow(const Event& event) {
    // Whoever appears, and whoever changes what it is at.
    for (const std::int32_t pid : {event.writer, event.process}) {
        Track* const found = track_of(pid);
        const ProcessInfo* const process = found ? snapshot_.process(found->key) : nullptr;
        if (!process)
            continue;
        if (pid == event.writer && !found->has_ended)
            found->end = std::max(found->end, event.time);
        if (process->state != found->state)
            change(*found, process->state, event.time);
        if (event.kind == EventKind::task_started && pid == event.process)
            found->task = {event.channel, event.number};
        if (has_ended(process->state) && !found->has_ended) {
            found->end = std::max(found->end, event.time);
            end_life(*found, process->ending);
        }
    }
}

/// The process is at something else from now on: what it was at becomes a slice.
void ChromeExporter::change(Track& track, ProcessState state, std::int64_t time) {
    const ProcessState former = std::exchange(track.state, state);
    const Slice slice{track.pid, track.key, former, std::max(track.since, track.written_to),
                      std::max({time, track.since, track.written_to})};
    track.since = slice.end;
    track.end = std::max(track.end, slice.end);
    if (!is_drawn(former))
        return;
    track.written_to = slice.end;
    if (track.task && (former == ProcessState::running || former == ProcessState::sending)) {
        if (slices_.size() >= most_open) {
            for (const Slice& oldest : slices_.begin()->second)
                write_slice(oldest, nullptr);
            slices_.erase(slices_.begin());
        }
        slices_[*track.task].push_back(slice);
    } else {
        write_slice(slice, nullptr);
    }
    if (state == ProcessState::idle)
        track.task.reset();
}

void ChromeExporter::write_slices(const TaskRecord& record) {
    const auto place = slices_.find({record.channel, record.ordinal});
    if (place == slices_.end())
        return;
    for (const Slice& slice : place->second)
        write_slice(slice, &record);
    slices_.erase(place);
}

void ChromeExporter::write_slice(const Slice& slice, const TaskRecord* record) {
    const char* const state = to_string(slice.state);
    const bool is_task = record && slice.state == ProcessState::running;
    entry('X', is_task ? "task " + std::to_string(record->task) : state, slice.pid, slice.key, slice.begin)
        << R"(,"cat":")" << state << R"(","dur":)" << microseconds(slice.end - slice.begin) << R"(,"args":{)"
        << (record ? arguments_of(*record) : std::string()) << "}}";
}

void ChromeExporter::end_life(Track& track, const std::string& ending) {
    track.has_ended = true;
    entry('X', track.name.empty() ? "process" : std::string_view(track.name), track.pid, track.key, track.begin)
        << R"(,"cat":"process","dur":)" << microseconds(track.end - track.begin) << R"(,"args":{)"
        << (ending.empty() ? std::string() : "\"ended\":" + json_string(ending)) << "}}";
}

/// Children follow their creator, in the order of their coming.
void ChromeExporter::write_names() {
    std::map<std::uint64_t, std::vector<const Track*>> children; // by the creator's key; 0: none, or not known
    for (const auto& [key, track] : tracks_) {
        const bool has_creator = track.parent < key && tracks_.contains(track.parent);
        children[has_creator ? track.parent : 0].push_back(&track);
    }
    std::vector<const Track*> left(children[0].rbegin(), children[0].rend());
    for (std::size_t order = 0; !left.empty(); ++order) {
        const Track& track = *left.back();
        left.pop_back();
        const std::string name = (track.name.empty() ? "process" : track.name) + ' ' + std::to_string(track.pid);
        for (const char* what : {"process_name", "thread_name"})
            entry('M', what, track.pid, track.key, 0) << R"(,"args":{"name":)" << json_string(name) << "}}";
        entry('M', "process_sort_index", track.pid, track.key, 0) << R"(,"args":{"sort_index":)" << order << "}}";
        const auto& own = children[track.key];
        left.insert(left.end(), own.rbegin(), own.rend());
    }
}

// ------------------------------------------------------------------------------------------------------------------
// moments

void ChromeExporter::mark(const Event& event, std::span<const std::byte> payload, const TaskRecord* record) {
    const auto task_text = [&] { return record ? arguments_of(*record) : "\"task\":" + std::to_string(event.task); };
    const ProcessInfo* owner = nullptr;
    if (const auto exchange = snapshot_.exchanges().find(event.exchange); exchange != snapshot_.exchanges().end())
        owner = snapshot_.process(exchange->second.owner);
    const std::int32_t own_pid = owner ? owner->pid : event.writer;
    switch (event.kind) {
    case EventKind::process_created:
        mark_at(event.writer, event.time, "fork",
                "\"pid\":" + std::to_string(event.process) + ",\"for\":" + json_string(as_string(payload)));
        break;
    case EventKind::process_signalled:
        mark_at(event.process, event.time, "kill", "\"signal\":" + std::to_string(event.value));
        break;
    case EventKind::process_ended:
        if (event.detail != static_cast<std::uint8_t>(ProcessEnd::exited) || event.value != 0)
            mark_at(event.process, event.time, "failed end", "\"how\":" + json_string(as_string(payload)));
        break;
    case EventKind::task_retried:
        mark_at(own_pid, event.time, "retry", task_text());
        break;
    case EventKind::task_timed_out:
        mark_at(event.process, event.time, "timeout", task_text());
        break;
    case EventKind::task_finished:
        if (record && record->outcome != TaskOutcome::value)
            mark_at(record->process > 0 ? record->process : own_pid, event.time, to_string(record->outcome),
                    task_text());
        break;
    case EventKind::events_dropped:
        mark_at(event.writer, event.time, "events are missing", "\"number\":" + std::to_string(event.number));
        break;
    default:
        break;
    }
}

void ChromeExporter::mark_at(std::int32_t pid, std::int64_t time, std::string_view name, const std::string& arguments) {
    if (const Track* track = track_of(pid))
        entry('i', name, track->pid, track->key, time) << R"(,"s":"t","cat":"mark","args":{)" << arguments << "}}";
}

// ------------------------------------------------------------------------------------------------------------------
// messages

void ChromeExporter::follow_message(const Event& event) {
    const bool by_creator = event.detail == static_cast<std::uint8_t>(ChannelEnd::creator);
    const bool is_sent = event.kind == EventKind::message_sent;
    if (by_creator)
        bytes_ += event.size;
    const Track* const here = track_of(event.writer);
    if (!here)
        return;
    const bool to_created = by_creator == is_sent;
    const std::tuple name{event.channel, to_created, event.number};
    if (is_sent) {
        if (sent_.size() >= most_open)
            sent_.erase(sent_.begin());
        sent_[name] = {here->pid, here->key, event.time};
        return;
    }
    const auto place = sent_.find(name);
    if (place == sent_.end())
        return;
    const End from = place->second;
    sent_.erase(place);
    const std::uint64_t channel = channels_.try_emplace(event.channel, channels_.size() + 1).first->second;
    char id[24];
    std::snprintf(
        id, sizeof id, "0x%llx",
        static_cast<unsigned long long>((channel << 1 | (to_created ? 1U : 0U)) << 32 | (event.number & 0xFFFFFFFF)));
    const auto arguments = R"(,"args":{"channel":")" + std::to_string(event.channel) + R"(","number":)" +
                           std::to_string(event.number) + R"(,"size":)" + std::to_string(event.size) + "}}";
    entry('s', "message", from.pid, from.key, from.time) << R"(,"cat":"message","id":")" << id << '"' << arguments;
    entry('f', "message", here->pid, here->key, std::max(event.time, from.time))
        << R"(,"cat":"message","bp":"e","id":")" << id << '"' << arguments;
}

// ------------------------------------------------------------------------------------------------------------------
// counters

void ChromeExporter::count_tasks(const Event& event) {
    const auto place = snapshot_.exchanges().find(event.exchange);
    if (place == snapshot_.exchanges().end())
        return;
    const ExchangeInfo& exchange = place->second;
    Counter& counter = counters_[event.exchange];
    if (counter.queued == exchange.queued && counter.running == exchange.running)
        return;
    const bool is_empty = exchange.queued + exchange.running == 0;
    if (!is_empty && counter.written != 0 && event.time - counter.written < counter_step)
        return;
    const ProcessInfo* const owner = snapshot_.process(exchange.owner);
    const Track* const track = owner ? track_of(owner->pid) : track_of(event.writer);
    if (!track)
        return;
    counter = {exchange.queued, exchange.running, event.time};
    entry('C', "tasks of exchange " + std::to_string(event.exchange & 0xFFFFFFFF), track->pid, track->key, event.time)
        << R"(,"args":{"queued":)" << exchange.queued << R"(,"running":)" << exchange.running << "}}";
}

void ChromeExporter::count_bytes(std::int64_t time) {
    if (time - bytes_since_ < rate_step || tracks_.empty())
        return;
    const Track& track = tracks_.begin()->second;
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(bytes_) * 1e9 / static_cast<double>(rate_step));
    if (rate != bytes_written_)
        entry('C', "bytes per second", track.pid, track.key, bytes_since_) << R"(,"args":{"bytes":)" << rate << "}}";
    bytes_written_ = rate;
    bytes_ = 0;
    // In a long pause nothing is written but that it is one.
    const std::int64_t steps = (time - bytes_since_) / rate_step;
    if (steps > 1 && bytes_written_ != 0) {
        entry('C', "bytes per second", track.pid, track.key, bytes_since_ + rate_step) << R"(,"args":{"bytes":0}})";
        bytes_written_ = 0;
    }
    bytes_since_ += steps * rate_step;
}

void ChromeExporter::count_sample(const Event& event) {
    const Track* const track = track_of(event.process);
    const ProcessInfo* const process = track ? snapshot_.process(track->key) : nullptr;
    if (!process)
        return;
    entry('C', "CPU", track->pid, track->key, event.time)
        << R"(,"args":{"percent of a core":)" << static_cast<std::int64_t>(std::min(process->cpu_share * 100, 1e9))
        << "}}";
    entry('C', "memory", track->pid, track->key, event.time) << R"(,"args":{"bytes":)" << event.size << "}}";
}

} // namespace pprocess::observe
