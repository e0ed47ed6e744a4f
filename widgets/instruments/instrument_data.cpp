// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/instrument_data.h>

#include <algorithm>
#include <utility>

namespace pprocess::widgets {

namespace {

constexpr std::size_t eventsPerChunk = 4096;
constexpr std::uint64_t eventsPerKeyframe = 32'768;

} // namespace

/// Some events in a row with what came with them.
struct InstrumentData::Chunk {
    std::vector<Event> events;
    std::vector<std::uint32_t> offsets; ///< of each event's payload
    std::vector<std::byte> payloads;

    [[nodiscard]] std::size_t memory() const {
        return events.capacity() * sizeof(Event) + offsets.capacity() * sizeof(std::uint32_t) + payloads.capacity();
    }
};

InstrumentData::InstrumentData(QObject* parent, std::size_t budget) : QObject(parent), m_budget(budget) {}

InstrumentData::~InstrumentData() = default;

void InstrumentData::reset(observe::Snapshot beginning) {
    m_chunks.clear();
    m_lanes.clear();
    m_levels.clear();
    m_laneBytes = 0;
    m_density = {};
    m_keyframes.clear();
    m_past.reset();
    m_first = m_end = m_published = m_position = 0;
    m_bytes = 0;
    m_base = beginning;
    m_head = std::move(beginning);
    for (const auto& [key, process] : m_head.processes())
        noteState(key);
    emit wasReset();
}

void InstrumentData::append(const Event& event, std::span<const std::byte> payload) {
    if (m_chunks.empty() || m_chunks.back()->events.size() == eventsPerChunk) {
        if (!m_chunks.empty()) {
            m_chunks.back()->payloads.shrink_to_fit();
            m_bytes += m_chunks.back()->memory();
            if (memory() > m_budget)
                forgetOldest();
        }
        m_chunks.push_back(std::make_unique<Chunk>());
        m_chunks.back()->events.reserve(eventsPerChunk);
        m_chunks.back()->offsets.reserve(eventsPerChunk);
    }
    Chunk& chunk = *m_chunks.back();
    chunk.events.push_back(event);
    chunk.events.back().payload_size = static_cast<std::uint16_t>(payload.size());
    chunk.offsets.push_back(static_cast<std::uint32_t>(chunk.payloads.size()));
    chunk.payloads.insert(chunk.payloads.end(), payload.begin(), payload.end());
    m_head.apply(event, payload);
    derive(event, m_end);
    ++m_end;
}

void InstrumentData::publish() {
    if (m_published == m_end)
        return;
    m_published = m_end;
    emit appended();
}

// ------------------------------------------------------------------------------------------------------------------
// the record

const InstrumentData::Chunk& InstrumentData::chunkOf(std::uint64_t index) const {
    return *m_chunks[(index - m_first) / eventsPerChunk];
}

const Event& InstrumentData::event(std::uint64_t index) const {
    return chunkOf(index).events[(index - m_first) % eventsPerChunk];
}

std::span<const std::byte> InstrumentData::payload(std::uint64_t index) const {
    const Chunk& chunk = chunkOf(index);
    const std::size_t place = (index - m_first) % eventsPerChunk;
    return std::span(chunk.payloads).subspan(chunk.offsets[place], chunk.events[place].payload_size);
}

QString InstrumentData::text(std::uint64_t index, std::size_t limit) const {
    return QString::fromStdString(observe::text_of(event(index), payload(index), limit));
}

std::uint64_t InstrumentData::indexAt(std::int64_t time) const {
    std::uint64_t low = m_first;
    std::uint64_t high = m_end;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (event(middle).time < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

std::int64_t InstrumentData::beginTime() const {
    return m_first == m_end ? m_base.begin() : event(m_first).time;
}

std::size_t InstrumentData::memory() const {
    return m_bytes + m_laneBytes;
}

void InstrumentData::forgetOldest() {
    while (m_chunks.size() > 1 && memory() > m_budget) {
        const Chunk& chunk = *m_chunks.front();
        std::int64_t latest = 0;
        for (std::size_t place = 0; place < chunk.events.size(); ++place) {
            m_base.apply(chunk.events[place],
                         std::span(chunk.payloads).subspan(chunk.offsets[place], chunk.events[place].payload_size));
            latest = std::max(latest, chunk.events[place].time);
        }
        m_first += chunk.events.size();
        m_bytes -= chunk.memory();
        m_chunks.pop_front();
        forgetOfLanes(latest);
    }
    m_keyframes.erase(m_keyframes.begin(), m_keyframes.lower_bound(m_first));
    if (m_past && m_position < m_first)
        setPosition(m_first);
}

void InstrumentData::forgetOfLanes(std::int64_t before) {
    const auto drop = [this]<typename Entry>(std::deque<Entry>& entries, auto& summaries, auto&& isOld) {
        std::size_t number = 0;
        for (; !entries.empty() && isOld(entries.front()); ++number)
            entries.pop_front();
        if (number == 0)
            return;
        m_laneBytes -= number * sizeof(Entry) + summaries.memory();
        summaries.drop(number);
        m_laneBytes += summaries.memory();
    };
    const auto isForgotten = [this](const auto& entry) { return entry.event < m_first; };
    for (auto& [key, lane] : m_lanes) {
        drop(lane.activities, lane.activitySummaries,
             [before](const Activity& activity) { return activity.end < before; });
        drop(lane.marks, lane.markSummaries, isForgotten);
    }
    for (auto& [exchange, levels] : m_levels)
        drop(levels.entries, levels.summaries, isForgotten);
    const auto eraseEmpty = [this](auto& lanes, auto&& isEmpty, auto&& memoryOf) {
        for (auto lane = lanes.begin(); lane != lanes.end();) {
            if (!isEmpty(*lane)) {
                ++lane;
                continue;
            }
            m_laneBytes -= memoryOf(lane->second);
            lane = lanes.erase(lane);
        }
    };
    eraseEmpty(
        m_lanes,
        [this](const auto& lane) {
            return lane.second.activities.empty() && lane.second.marks.empty() && !m_head.process(lane.first);
        },
        [](const Lane& lane) { return lane.activitySummaries.memory() + lane.markSummaries.memory(); });
    eraseEmpty(
        m_levels, [](const auto& levels) { return levels.second.entries.empty(); },
        [](const Levels& levels) { return levels.summaries.memory(); });
}

// ------------------------------------------------------------------------------------------------------------------
// the state

std::int64_t InstrumentData::positionTime() const {
    return position() > m_first ? event(position() - 1).time : beginTime();
}

void InstrumentData::setPosition(std::uint64_t index) {
    index = std::clamp(index, m_first, m_end);
    std::uint64_t reached = m_first;
    const observe::Snapshot* nearest = &m_base;
    if (auto frame = m_keyframes.upper_bound(index); frame != m_keyframes.begin()) {
        --frame;
        reached = frame->first;
        nearest = &frame->second;
    }
    // Stepping forward is what playing does all the time.
    if (m_past && m_position <= index && m_position >= reached) {
        reached = m_position;
    } else {
        auto past = std::make_unique<observe::Snapshot>(*nearest);
        m_past = std::move(past);
    }
    for (; reached < index; ++reached) {
        if (reached % eventsPerKeyframe == 0 && reached > m_first)
            m_keyframes.try_emplace(reached, *m_past);
        m_past->apply(event(reached), payload(reached));
    }
    m_position = index;
    emit positionChanged();
}

void InstrumentData::follow() {
    if (!m_past)
        return;
    m_past.reset();
    emit positionChanged();
}

// ------------------------------------------------------------------------------------------------------------------
// what each process did

const std::deque<Activity>& InstrumentData::activities(std::uint64_t process) const {
    static const std::deque<Activity> none;
    const auto lane = m_lanes.find(process);
    return lane == m_lanes.end() ? none : lane->second.activities;
}

const std::deque<Mark>& InstrumentData::marks(std::uint64_t process) const {
    static const std::deque<Mark> none;
    const auto lane = m_lanes.find(process);
    return lane == m_lanes.end() ? none : lane->second.marks;
}

const std::deque<Level>& InstrumentData::levels(std::uint64_t exchange) const {
    static const std::deque<Level> none;
    const auto levels = m_levels.find(exchange);
    return levels == m_levels.end() ? none : levels->second.entries;
}

const ActivitySummaries& InstrumentData::activitySummaries(std::uint64_t process) const {
    static const ActivitySummaries none;
    const auto lane = m_lanes.find(process);
    return lane == m_lanes.end() ? none : lane->second.activitySummaries;
}

const MarkSummaries& InstrumentData::markSummaries(std::uint64_t process) const {
    static const MarkSummaries none;
    const auto lane = m_lanes.find(process);
    return lane == m_lanes.end() ? none : lane->second.markSummaries;
}

const LevelSummaries& InstrumentData::levelSummaries(std::uint64_t exchange) const {
    static const LevelSummaries none;
    const auto levels = m_levels.find(exchange);
    return levels == m_levels.end() ? none : levels->second.summaries;
}

void InstrumentData::derive(const Event& event, std::uint64_t index) {
    if (m_head.changed() != 0)
        noteState(m_head.changed());
    if (event.kind >= EventKind::message_sent && event.kind != EventKind::events_dropped)
        return;
    if (event.exchange != 0)
        noteLevel(event, index);
    if (event.kind == EventKind::task_sent)
        noteTask(event);
    const observe::ProcessInfo* process = m_head.process_of_pid(event.process);
    if (!process)
        return;
    switch (event.kind) {
    case EventKind::process_created:
        noteCreation(*process);
        [[fallthrough]];
    case EventKind::process_running:
    case EventKind::process_stopped:
    case EventKind::process_resumed:
        addMark(process->key, event, index, false);
        break;
    case EventKind::process_ended:
        addMark(process->key, event, index, process->state == observe::ProcessState::failed);
        break;
    case EventKind::process_signalled:
    case EventKind::task_timed_out:
        addMark(process->key, event, index, true);
        break;
    case EventKind::task_retried:
        addMark(process->key, event, index, true);
        // Told by its owner; the process that died with it is the one that has it still.
        if (const auto task = m_head.running_tasks().find({event.exchange, event.task});
            task != m_head.running_tasks().end())
            noteOutcome(event, task->second.process, TaskOutcome::died);
        break;
    case EventKind::task_finished:
        noteOutcome(event, process->key, static_cast<TaskOutcome>(event.detail));
        if (event.detail != static_cast<std::uint8_t>(TaskOutcome::value))
            addMark(process->key, event, index, true);
        break;
    default:
        break;
    }
}

void InstrumentData::addMark(std::uint64_t process, const Event& event, std::uint64_t index, bool isFailure) {
    Lane& lane = m_lanes[process];
    lane.marks.push_back({event.time, index, event.kind, isFailure});
    m_laneBytes += sizeof(Mark);
    summarise(lane.marks, lane.marks.size(), lane.markSummaries);
    if (isFailure)
        m_density.addFailure(event.time);
}

void InstrumentData::noteLevel(const Event& event, std::uint64_t index) {
    const auto exchange = m_head.exchanges().find(event.exchange);
    if (exchange == m_head.exchanges().end())
        return;
    auto& [levels, summaries] = m_levels[event.exchange];
    const auto queued = static_cast<std::uint32_t>(exchange->second.queued);
    const auto running = static_cast<std::uint32_t>(exchange->second.running);
    if (!levels.empty() && levels.back().queued == queued && levels.back().running == running)
        return;
    const std::int64_t time = levels.empty() ? event.time : std::max(event.time, levels.back().time);
    levels.push_back({time, index, queued, running});
    m_laneBytes += sizeof(Level);
    summarise(levels, levels.size(), summaries);
}

void InstrumentData::noteState(std::uint64_t key) {
    const observe::ProcessInfo* process = m_head.process(key);
    if (!process)
        return;
    Lane& lane = m_lanes[key];
    auto& activities = lane.activities;
    // Processes write for themselves and so a moment early or late.
    const std::int64_t now = activities.empty() ? process->since : std::max(process->since, activities.back().begin);
    if (!activities.empty() && activities.back().end == INT64_MAX) {
        activities.back().end = now;
        if (isBusy(activities.back().state) && !process->is_program)
            m_density.addBusy(activities.back().begin, now);
        summarise(activities, activities.size(), lane.activitySummaries);
    }
    if (observe::has_ended(process->state))
        return;
    // Given ahead, it has come long after its creator told of it.
    if (process->state == observe::ProcessState::running && !activities.empty() &&
        activities.back().state == observe::ProcessState::receiving) {
        activities.back().exchange = process->exchange;
        activities.back().task = process->task;
        lane.activitySummaries.renew(activities, activities.size() - 1);
    }
    // One whose task is cancelled may have begun with it a moment before it hears of that, and tell so afterwards.
    const bool hasEnded = lane.task == process->task && lane.exchange == process->exchange;
    activities.push_back({.begin = now,
                          .exchange = process->exchange,
                          .task = process->task,
                          .state = process->state,
                          .outcome = hasEnded ? lane.outcome : TaskOutcome::value});
    m_laneBytes += sizeof(Activity);
}

/// A process may have said that it runs before its creator came to say when it had made it.
void InstrumentData::noteCreation(const observe::ProcessInfo& process) {
    Lane& lane = m_lanes[process.key];
    if (lane.activities.empty() || lane.activities.front().begin <= process.created)
        return;
    lane.activities.front().begin = process.created;
    lane.activitySummaries.renew(lane.activities, 0);
}

/// A process may have begun with a task before its creator has said which.
void InstrumentData::noteTask(const Event& event) {
    const auto task = m_head.running_tasks().find({event.exchange, event.task});
    const observe::ProcessInfo* process =
        task == m_head.running_tasks().end() ? nullptr : m_head.process(task->second.process);
    if (!process || process->task != event.task || process->tasks_done != event.number)
        return;
    Lane& lane = m_lanes[process->key];
    auto& activities = lane.activities;
    for (auto activity = activities.rbegin(); activity != activities.rend(); ++activity) {
        if (activity->task != Event::unknown)
            break;
        // It may be through already.
        if (activity->state == observe::ProcessState::starting || activity->state == observe::ProcessState::idle)
            continue;
        activity->exchange = event.exchange;
        activity->task = event.task;
        lane.activitySummaries.renew(activities, static_cast<std::size_t>(activities.rend() - activity) - 1);
    }
}

/// A task's outcome belongs to what its process did for it, which lies a little back.
void InstrumentData::noteOutcome(const Event& event, std::uint64_t key, TaskOutcome outcome) {
    // A process has few tasks ahead, so it does not lie far back; if it is not there, not all is to be searched.
    constexpr std::ptrdiff_t farthest = 512;
    const auto place = m_lanes.find(key);
    if (place == m_lanes.end())
        return;
    Lane& lane = place->second;
    lane.exchange = event.exchange;
    lane.task = event.task;
    lane.outcome = outcome;
    auto& activities = lane.activities;
    const auto end = activities.rbegin() + std::min(farthest, std::ssize(activities));
    const auto isIts = [&](const Activity& activity) {
        return activity.task == event.task && activity.exchange == event.exchange;
    };
    for (auto activity = std::find_if(activities.rbegin(), end, isIts); activity != end; ++activity) {
        // It may have idled between two stretches of the same task, before its creator had said which that was.
        if (activity->task == Event::unknown)
            continue;
        if (!isIts(*activity))
            break;
        if (std::exchange(activity->outcome, outcome) != outcome)
            lane.activitySummaries.renew(activities, static_cast<std::size_t>(activities.rend() - activity) - 1);
    }
}

} // namespace pprocess::widgets
