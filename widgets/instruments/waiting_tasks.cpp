// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/waiting_tasks.h>

#include <widgets/instruments/instrument_data.h>

#include <algorithm>

namespace pprocess::widgets {

namespace {

constexpr std::uint64_t eventsPerPlace = 1 << 14;

} // namespace

void WaitingTasks::clear() {
    m_reached = 0;
    m_queues.clear();
    m_places.clear();
}

bool WaitingTasks::update(const InstrumentData& data, std::uint64_t most) {
    const std::uint64_t position = data.position();
    m_places.erase(m_places.begin(), m_places.lower_bound(data.firstEvent()));
    if (position < m_reached || m_reached < data.firstEvent()) {
        auto place = m_places.upper_bound(position);
        if (place == m_places.begin()) {
            m_queues.clear();
            m_reached = data.firstEvent();
        } else {
            --place;
            m_reached = place->first;
            m_queues = place->second;
        }
    }
    for (; m_reached < position && most > 0; ++m_reached, --most) {
        if (m_reached % eventsPerPlace == 0 && m_reached > 0)
            m_places.try_emplace(m_reached, m_queues);
        take(data.event(m_reached));
    }
    return m_reached == position;
}

void WaitingTasks::take(const Event& event) {
    switch (event.kind) {
    case EventKind::task_queued: {
        Queue& queue = m_queues[event.exchange];
        if (queue.taken.erase(event.task) > 0)
            queue.returned.push_front(event.task);
        else
            add(queue, event.task);
        break;
    }
    case EventKind::task_sent: {
        Queue& queue = m_queues[event.exchange];
        remove(queue, event.task);
        queue.taken.insert(event.task);
        break;
    }
    case EventKind::task_finished: {
        Queue& queue = m_queues[event.exchange];
        if (queue.taken.erase(event.task) == 0)
            remove(queue, event.task);
        break;
    }
    case EventKind::exchange_ended:
        m_queues.erase(event.exchange);
        break;
    default:
        break;
    }
}

/// Tasks are queued in the order of their indices.
void WaitingTasks::add(Queue& queue, std::uint64_t task) {
    auto next = queue.runs.upper_bound(task);
    if (next != queue.runs.begin()) {
        const auto before = std::prev(next);
        if (task < before->second)
            return;
        if (task == before->second) {
            before->second = task + 1;
            return;
        }
    }
    queue.runs.emplace_hint(next, task, task + 1);
}

void WaitingTasks::remove(Queue& queue, std::uint64_t task) {
    const auto returned = std::find(queue.returned.begin(), queue.returned.end(), task);
    if (returned != queue.returned.end()) {
        queue.returned.erase(returned);
        return;
    }
    auto run = queue.runs.upper_bound(task);
    if (run == queue.runs.begin())
        return;
    --run;
    const std::uint64_t end = run->second;
    if (task >= end)
        return;
    // What comes before it stays, what comes after it is a run of its own.
    auto next = std::next(run);
    if (task == run->first)
        next = queue.runs.erase(run);
    else
        run->second = task;
    if (task + 1 < end)
        queue.runs.emplace_hint(next, task + 1, end);
}

std::vector<std::uint64_t> WaitingTasks::first(std::uint64_t exchange, std::size_t number) const {
    std::vector<std::uint64_t> tasks;
    const auto place = m_queues.find(exchange);
    if (place == m_queues.end())
        return tasks;
    const Queue& queue = place->second;
    tasks.assign(queue.returned.begin(),
                 queue.returned.begin() + static_cast<std::ptrdiff_t>(std::min(number, queue.returned.size())));
    for (const auto& [begin, end] : queue.runs) {
        if (tasks.size() >= number)
            break;
        for (std::uint64_t task = begin; task < end && tasks.size() < number; ++task)
            tasks.push_back(task);
    }
    return tasks;
}

} // namespace pprocess::widgets
