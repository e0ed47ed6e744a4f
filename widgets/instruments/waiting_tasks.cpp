// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/waiting_tasks.h>

#include <widgets/instruments/instrument_data.h>

#include <algorithm>

namespace pprocess::widgets {

namespace {

constexpr std::uint64_t eventsPerPlace = 1 << 18;

} // namespace

void WaitingTasks::clear() {
    m_reached = 0;
    m_queues.clear();
    m_places.clear();
}

void WaitingTasks::update(const InstrumentData& data) {
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
    for (; m_reached < position; ++m_reached) {
        if (m_reached % eventsPerPlace == 0 && m_reached > 0)
            m_places.try_emplace(m_reached, m_queues);
        take(data.event(m_reached));
    }
}

void WaitingTasks::take(const Event& event) {
    switch (event.kind) {
    case EventKind::task_queued: {
        Queue& queue = m_queues[event.exchange];
        // What a process has given back is taken up before all others.
        if (queue.taken.erase(event.task) > 0)
            queue.waiting.push_front({event.task, event.task + 1});
        else if (!queue.waiting.empty() && queue.waiting.back().end == event.task)
            ++queue.waiting.back().end;
        else
            queue.waiting.push_back({event.task, event.task + 1});
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

void WaitingTasks::remove(Queue& queue, std::uint64_t task) {
    const auto run = std::find_if(queue.waiting.begin(), queue.waiting.end(),
                                  [task](const Run& one) { return one.begin <= task && task < one.end; });
    if (run == queue.waiting.end())
        return;
    if (run->begin == task) {
        if (++run->begin == run->end)
            queue.waiting.erase(run);
    } else if (run->end == task + 1) {
        --run->end;
    } else {
        const Run rest{task + 1, run->end};
        run->end = task;
        queue.waiting.insert(std::next(run), rest);
    }
}

std::vector<std::uint64_t> WaitingTasks::first(std::uint64_t exchange, std::size_t number) const {
    std::vector<std::uint64_t> tasks;
    const auto place = m_queues.find(exchange);
    if (place == m_queues.end())
        return tasks;
    for (const Run& run : place->second.waiting) {
        for (std::uint64_t task = run.begin; task < run.end && tasks.size() < number; ++task)
            tasks.push_back(task);
        if (tasks.size() >= number)
            break;
    }
    return tasks;
}

} // namespace pprocess::widgets
