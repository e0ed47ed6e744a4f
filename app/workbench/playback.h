// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/instrument_data.h>

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <deque>
#include <optional>

namespace pprocess::workbench {

/// Moves the position of a record through time, as a player does: it stands still, it runs at a speed, or it is at the
/// end and moves with what comes.
class Playback : public QObject {
    Q_OBJECT

public:
    enum class State {
        following, ///< at the end, and stays there
        paused,    ///< stays where it is
        playing,   ///< moves on with the clock
    };
    Q_ENUM(State)

    /// Speeds that can be chosen: 1 is that of the events themselves.
    static const QList<double>& speeds();

    /// `data` must outlive this.
    explicit Playback(widgets::InstrumentData& data, QObject* parent = nullptr);

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] double speed() const { return m_speed; }
    /// Does the end of the record move? Else it stands still at the end too.
    [[nodiscard]] bool isLive() const { return m_isLive; }
    void setLive(bool isLive);
    /// Does what is shown change by itself?
    [[nodiscard]] bool isMoving() const {
        return m_state == State::playing || (m_state == State::following && m_isLive);
    }
    /// Is there anything to move through?
    [[nodiscard]] bool canPlay() const { return m_data.endEvent() > m_data.firstEvent(); }
    /// Is there a failure (see `widgets::isFailure`) after the position, or before it?
    [[nodiscard]] bool hasNextFailure() const { return nextFailure().has_value(); }
    [[nodiscard]] bool hasPreviousFailure() const { return previousFailure().has_value(); } ///< see `hasNextFailure`
    /// Time of the position since the beginning of the record, in ns.
    [[nodiscard]] std::int64_t elapsed() const { return m_data.positionTime() - m_data.beginTime(); }
    /// Length of the record, in ns.
    [[nodiscard]] std::int64_t length() const { return m_data.endTime() - m_data.beginTime(); }

public slots:
    /// From where it is; from the beginning when it is at the end.
    void play();
    void pause();
    /// Pauses when it moves, else plays.
    void toggle();
    /// Goes one event forth, or back, and stays there.
    void stepForward() { step(+1); }
    void stepBack() { step(-1); }
    /// Goes to the moment after the next failure, or the one before, and stays there. Does nothing when there is none.
    void goToNextFailure() { goToFailure(nextFailure()); }
    void goToPreviousFailure() { goToFailure(previousFailure()); } ///< see `goToNextFailure`
    /// Goes to a time since the beginning, in ns, and stays there.
    void seek(qint64 elapsed);
    void goToBeginning() { seek(0); }
    /// Goes to the end and moves with it.
    void follow();
    void setSpeed(double speed);
    void faster();
    void slower();

signals:
    /// State, speed, or whether it is live.
    void changed();
    /// Another position, or another length.
    void moved();
    /// The position is after a failure that was asked for: index of that event.
    void failureReached(quint64 event);

private:
    void step(int events);
    void noteFailures();
    [[nodiscard]] std::optional<std::uint64_t> nextFailure() const;
    [[nodiscard]] std::optional<std::uint64_t> previousFailure() const;
    void goToFailure(std::optional<std::uint64_t> event);
    void advance();
    void startClock();
    void setState(State state);
    void shiftSpeed(int places);

    widgets::InstrumentData& m_data;
    State m_state = State::following;
    double m_speed = 1;
    bool m_isLive = false;
    QTimer m_timer;
    QElapsedTimer m_clock;
    std::int64_t m_startedAt = 0;         ///< time of the record when the clock was started, ns
    std::deque<std::uint64_t> m_failures; ///< indices of events that are kept
    std::uint64_t m_lookedAt = 0;         ///< end of the events among which they were looked for
};

} // namespace pprocess::workbench
