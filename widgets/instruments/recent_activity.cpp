// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/recent_activity.h>

#include <widgets/instruments/instrument_data.h>

#include <algorithm>
#include <numeric>

namespace pprocess::widgets {

namespace {

// Over less than this a rate would be an accident.
constexpr std::int64_t shortestSpan = 20'000'000;

} // namespace

std::uint64_t RecentActivity::Work::finishedInAll() const {
    return std::accumulate(finished.begin(), finished.end(), std::uint64_t{0});
}

void RecentActivity::clear() {
    m_begin = m_end = 0;
    m_traffic.clear();
    m_work.clear();
}

bool RecentActivity::update(const InstrumentData& data, std::uint64_t most) {
    const std::int64_t now = data.positionTime();
    const std::uint64_t end = data.position();
    const std::uint64_t begin = std::min(end, data.indexAt(now - window));
    // So far on or back that nothing of what is counted stays, or what is counted has been forgotten.
    if (begin >= m_end || end <= m_begin || m_begin < data.firstEvent() || (end > m_end && end - m_end > most)) {
        clear();
        m_begin = m_end = end;
    }
    for (; m_end < end; ++m_end)
        take(data.event(m_end), true);
    while (m_end > end)
        take(data.event(--m_end), false);
    for (; m_begin < begin; ++m_begin)
        take(data.event(m_begin), false);
    // The latest first: however little is counted, it is right for the time up to now.
    for (; m_begin > begin && most > 0; --most)
        take(data.event(--m_begin), true);
    const std::int64_t counted = m_begin > begin ? data.event(m_begin).time : data.beginTime();
    m_seconds = static_cast<double>(std::clamp(now - counted, shortestSpan, window)) / 1e9;
    return m_begin == begin;
}

void RecentActivity::take(const Event& event, bool isIn) {
    const auto add = [isIn](std::uint64_t& sum, std::uint64_t number) { sum = isIn ? sum + number : sum - number; };
    if (event.kind == EventKind::message_sent || event.kind == EventKind::message_received) {
        const auto place = m_traffic.try_emplace(event.channel).first;
        Traffic& traffic = place->second;
        const bool isSent = event.kind == EventKind::message_sent;
        const bool isByCreator = event.detail == static_cast<std::uint8_t>(ChannelEnd::creator);
        add(isByCreator ? isSent ? traffic.sentByCreator : traffic.receivedByCreator
            : isSent    ? traffic.sentByCreated
                        : traffic.receivedByCreated,
            event.size);
        add(traffic.events, 1);
        if (traffic.events == 0)
            m_traffic.erase(place);
    } else if (event.kind == EventKind::task_sent || event.kind == EventKind::task_finished) {
        const auto place = m_work.try_emplace(event.exchange).first;
        Work& work = place->second;
        add(event.kind == EventKind::task_sent
                ? work.sent
                : work.finished[std::min<std::size_t>(event.detail, work.finished.size() - 1)],
            1);
        add(work.events, 1);
        if (work.events == 0)
            m_work.erase(place);
    }
}

RecentActivity::Traffic RecentActivity::traffic(std::uint64_t channel) const {
    const auto place = m_traffic.find(channel);
    return place == m_traffic.end() ? Traffic() : place->second;
}

RecentActivity::Work RecentActivity::work(std::uint64_t exchange) const {
    const auto place = m_work.find(exchange);
    return place == m_work.end() ? Work() : place->second;
}

} // namespace pprocess::widgets
