// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pprocess/os/observer.h>

namespace pprocess::tests {

/// The events of a program that never ran: an exchange with reused workers that work on tasks of random length, some of
/// which fail. The same seed gives the same events. Two milliseconds a task on average, so that the record is about
/// `tasks * 2 / workers` ms long.
///
///     made_up_program({.workers = 20, .tasks = 1'000}, [&](const Event& event, std::string_view text) { ... });
struct MadeUp {
    int workers = 8;
    int tasks = 1'000;
    /// One task in so many fails; 0: none.
    int failing_one_in = 50;
    unsigned seed = 1;
    /// The last tasks stay unfinished and the workers alive.
    bool is_live = false;
    std::int64_t begin = 1'000'000'000;
};

/// Calls `take` for each event in order of time. Eleven events a task, and a few for each worker.
template <typename Take>
void made_up_program(const MadeUp& wish, Take&& take) {
    std::mt19937 random(wish.seed);
    constexpr std::int32_t program = 1000;
    constexpr std::uint64_t exchange = 77;
    std::vector<std::pair<Event, std::string>> events;
    const auto emit_event = [&](std::int64_t time, std::int32_t writer, Event event, std::string_view text = {}) {
        event.time = time;
        event.writer = writer;
        event.payload_size = static_cast<std::uint16_t>(text.size());
        events.emplace_back(event, text);
    };
    const auto hand_over = [&] {
        std::stable_sort(events.begin(), events.end(),
                         [](const auto& one, const auto& other) { return one.first.time < other.first.time; });
        for (const auto& [event, text] : events)
            take(event, std::string_view(text));
    };
    std::int64_t now = wish.begin;
    emit_event(now, program, {.process = program, .kind = EventKind::program_described}, "made up program");
    emit_event(now, program,
               {.exchange = exchange,
                .number = static_cast<std::uint64_t>(wish.workers),
                .process = program,
                .kind = EventKind::exchange_created,
                .detail = exchange_reuses});
    for (int index = 0; index < wish.tasks; ++index)
        emit_event(now + index * 100, program,
                   {.exchange = exchange,
                    .task = static_cast<std::uint64_t>(index),
                    .process = program,
                    .kind = EventKind::task_queued});
    now += wish.tasks * 100;
    struct Worker {
        std::int64_t free_at = 0;
        std::uint64_t done = 0;
    };
    std::vector<Worker> workers(static_cast<std::size_t>(wish.workers));
    const auto pid_of = [&](std::size_t worker) { return static_cast<std::int32_t>(program + 1 + worker); };
    const auto channel_of = [](std::size_t worker) { return static_cast<std::uint64_t>(500 + worker); };
    for (std::size_t worker = 0; worker < workers.size(); ++worker) {
        now += 20'000;
        emit_event(now, program,
                   {.channel = channel_of(worker), .process = pid_of(worker), .kind = EventKind::process_created},
                   "function");
        emit_event(now + 1'000, program,
                   {.channel = channel_of(worker),
                    .exchange = exchange,
                    .process = pid_of(worker),
                    .kind = EventKind::channel_added});
        emit_event(now + 5'000, pid_of(worker),
                   {.channel = channel_of(worker), .process = pid_of(worker), .kind = EventKind::process_running});
        workers[worker].free_at = now + 10'000;
    }
    for (int index = 0; index < wish.tasks; ++index) {
        const std::size_t worker = static_cast<std::size_t>(index) % workers.size();
        Worker& one = workers[worker];
        const auto task = static_cast<std::uint64_t>(index);
        const std::int32_t pid = pid_of(worker);
        const std::uint64_t channel = channel_of(worker);
        std::int64_t time = one.free_at + 2'000;
        emit_event(time, program,
                   {.channel = channel,
                    .exchange = exchange,
                    .task = task,
                    .number = one.done,
                    .process = pid,
                    .value = 1,
                    .kind = EventKind::task_sent});
        emit_event(time += 1'000, program,
                   {.channel = channel,
                    .number = one.done,
                    .size = 112,
                    .process = pid,
                    .kind = EventKind::message_sent,
                    .detail = static_cast<std::uint8_t>(ChannelEnd::creator)},
                   "(" + std::to_string(index) + ")");
        if (wish.is_live && index >= wish.tasks - wish.workers / 2)
            continue;
        const auto created = static_cast<std::uint8_t>(ChannelEnd::created);
        emit_event(time += 9'000, pid,
                   {.channel = channel,
                    .number = one.done,
                    .size = 112,
                    .kind = EventKind::message_received,
                    .detail = created});
        emit_event(time += 1'000, pid,
                   {.channel = channel, .number = one.done, .process = pid, .kind = EventKind::task_started});
        time += 200'000 + static_cast<std::int64_t>(random() % 3'600'000);
        emit_event(time, pid,
                   {.channel = channel, .number = one.done, .process = pid, .kind = EventKind::task_returned});
        const std::uint64_t size = 80 + random() % 4'000;
        emit_event(
            time += 4'000, pid,
            {.channel = channel, .number = one.done, .size = size, .kind = EventKind::message_sent, .detail = created},
            std::to_string(task * task));
        emit_event(time += 20'000, program,
                   {.channel = channel, .exchange = exchange, .process = pid, .kind = EventKind::channel_ready});
        emit_event(time += 2'000, program,
                   {.channel = channel,
                    .number = one.done,
                    .size = size,
                    .process = pid,
                    .kind = EventKind::message_received,
                    .detail = static_cast<std::uint8_t>(ChannelEnd::creator)});
        const bool fails = wish.failing_one_in > 0 && index % wish.failing_one_in == wish.failing_one_in - 1;
        const auto outcome = fails ? TaskOutcome::error : TaskOutcome::value;
        emit_event(time += 1'000, program,
                   {.exchange = exchange,
                    .task = task,
                    .process = pid,
                    .value = 1,
                    .kind = EventKind::task_finished,
                    .detail = static_cast<std::uint8_t>(outcome)},
                   fails ? (index % 3 == 0 ? "no such file" : "division by zero") : "");
        if (index % 10 == 9)
            emit_event(time += 500, pid,
                       {.task = 12,
                        .number = static_cast<std::uint64_t>(time - wish.begin) / 2,
                        .size = (8u + worker % 16) << 20,
                        .process = pid,
                        .value = 1,
                        .kind = EventKind::process_sample,
                        .detail = 'R'});
        ++one.done;
        one.free_at = time;
        now = std::max(now, time);
    }
    if (wish.is_live)
        return hand_over();
    for (std::size_t worker = 0; worker < workers.size(); ++worker) {
        now += 30'000;
        emit_event(now, program,
                   {.channel = channel_of(worker),
                    .process = pid_of(worker),
                    .kind = EventKind::process_ended,
                    .detail = static_cast<std::uint8_t>(ProcessEnd::exited)},
                   "exited with status 0");
        emit_event(now + 1'000, program,
                   {.channel = channel_of(worker),
                    .exchange = exchange,
                    .process = pid_of(worker),
                    .kind = EventKind::channel_removed});
    }
    emit_event(now + 5'000, program, {.exchange = exchange, .process = program, .kind = EventKind::exchange_ended});
    hand_over();
}

} // namespace pprocess::tests
