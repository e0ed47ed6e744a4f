// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/playback.h>

#include <widgets/instruments/event_text.h>

#include <algorithm>

namespace pprocess::workbench {

using widgets::InstrumentData;

const QList<double>& Playback::speeds() {
    static const QList<double> all{0.001, 0.01, 0.1, 0.25, 0.5, 1, 2, 5, 10, 100};
    return all;
}

Playback::Playback(InstrumentData& data, QObject* parent) : QObject(parent), m_data(data) {
    constexpr int frameMs = 33;
    m_timer.setInterval(frameMs);
    connect(&m_timer, &QTimer::timeout, this, &Playback::advance);
    noteFailures();
    connect(&data, &InstrumentData::appended, this, [this] {
        noteFailures();
        emit moved();
    });
    connect(&data, &InstrumentData::wasReset, this, [this] {
        m_timer.stop();
        m_failures.clear();
        m_lookedAt = 0;
        noteFailures();
        setState(State::following);
        emit moved();
    });
    connect(&data, &InstrumentData::positionChanged, this, [this] {
        // A view may have moved it.
        if (m_data.isFollowing()) {
            m_timer.stop();
            setState(State::following);
        } else if (m_state == State::following) {
            setState(State::paused);
        }
        emit moved();
    });
}

void Playback::setState(State state) {
    if (std::exchange(m_state, state) != state) {
        emit changed();
    }
}

void Playback::setLive(bool isLive) {
    if (std::exchange(m_isLive, isLive) != isLive) {
        emit changed();
    }
}

void Playback::play() {
    if (m_state == State::playing || !canPlay()) {
        return;
    }
    if (m_data.position() >= m_data.endEvent()) {
        m_data.setPosition(m_data.firstEvent());
    }
    startClock();
    m_timer.start();
    setState(State::playing);
}

void Playback::startClock() {
    m_startedAt = m_data.positionTime();
    m_clock.start();
}

void Playback::advance() {
    const double passed = static_cast<double>(m_clock.nsecsElapsed()) * m_speed;
    const std::int64_t now = m_startedAt + static_cast<std::int64_t>(passed);
    if (now >= m_data.endTime()) {
        follow();
        return;
    }
    // Clocks of processes differ by microseconds: it must not go back for that.
    const std::uint64_t next = std::max(m_data.position(), m_data.indexAt(now));
    if (next != m_data.position()) {
        m_data.setPosition(next);
    }
}

void Playback::pause() {
    m_timer.stop();
    if (m_data.isFollowing()) {
        m_data.setPosition(m_data.endEvent());
    }
    setState(State::paused);
}

void Playback::toggle() {
    if (isMoving()) {
        pause();
    } else {
        play();
    }
}

void Playback::step(int events) {
    m_timer.stop();
    const std::uint64_t position = m_data.position();
    if (events < 0 ? position > m_data.firstEvent() : position < m_data.endEvent()) {
        m_data.setPosition(events < 0 ? position - 1 : position + 1);
    }
    setState(m_data.isFollowing() ? State::following : State::paused);
}

void Playback::noteFailures() {
    while (!m_failures.empty() && m_failures.front() < m_data.firstEvent()) {
        m_failures.pop_front();
    }
    for (m_lookedAt = std::max(m_lookedAt, m_data.firstEvent()); m_lookedAt < m_data.endEvent(); ++m_lookedAt) {
        if (widgets::isFailure(m_data.event(m_lookedAt))) {
            m_failures.push_back(m_lookedAt);
        }
    }
}

std::optional<std::uint64_t> Playback::nextFailure() const {
    const auto next = std::lower_bound(m_failures.begin(), m_failures.end(), m_data.position());
    return next == m_failures.end() ? std::nullopt : std::optional(*next);
}

std::optional<std::uint64_t> Playback::previousFailure() const {
    // Where one stands after a failure it is the one before that which is meant; at the moving end one stands nowhere.
    const std::uint64_t end = m_data.position() - (m_data.isFollowing() || m_data.position() == 0 ? 0 : 1);
    const auto next = std::lower_bound(m_failures.begin(), m_failures.end(), end);
    return next == m_failures.begin() ? std::nullopt : std::optional(*std::prev(next));
}

void Playback::goToFailure(std::optional<std::uint64_t> event) {
    if (!event) {
        return;
    }
    m_timer.stop();
    m_data.setPosition(*event + 1);
    setState(m_data.isFollowing() ? State::following : State::paused);
    emit failureReached(*event);
}

void Playback::seek(qint64 elapsed) {
    m_timer.stop();
    m_data.setPosition(m_data.indexAt(m_data.beginTime() + elapsed));
    setState(State::paused);
}

void Playback::follow() {
    m_timer.stop();
    m_data.follow();
    setState(State::following);
}

void Playback::setSpeed(double speed) {
    if (speed == m_speed) {
        return;
    }
    m_speed = speed;
    startClock();
    emit changed();
}

void Playback::shiftSpeed(int places) {
    const auto& all = speeds();
    const qsizetype at = std::lower_bound(all.begin(), all.end(), m_speed) - all.begin();
    setSpeed(all[std::clamp<qsizetype>(at + places, 0, all.size() - 1)]);
}

void Playback::faster() {
    shiftSpeed(+1);
}

void Playback::slower() {
    shiftSpeed(-1);
}

} // namespace pprocess::workbench
