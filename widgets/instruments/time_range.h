// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <cstdint>

namespace pprocess::widgets {

/// The stretch of time that all views of a record show, in ns of the record's clock, within the *whole* that there is.
///
/// While it *follows*, it moves with the end of the whole and keeps its length (or shows all, as long as it has been
/// showing all). Panning or zooming away from the end stops that; reaching the end again resumes it.
class TimeRange : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    /// No shorter stretch can be shown, in ns.
    static constexpr std::int64_t shortest = 1'000;

    [[nodiscard]] std::int64_t begin() const { return m_begin; }
    [[nodiscard]] std::int64_t end() const { return m_end; }
    [[nodiscard]] std::int64_t length() const { return m_end - m_begin; }
    [[nodiscard]] std::int64_t wholeBegin() const { return m_wholeBegin; }
    [[nodiscard]] std::int64_t wholeEnd() const { return m_wholeEnd; }
    [[nodiscard]] bool isFollowing() const { return m_follows; }
    [[nodiscard]] bool showsAll() const { return m_begin == m_wholeBegin && m_end == m_wholeEnd; }

    /// What there is has grown or is another.
    void setWhole(std::int64_t begin, std::int64_t end);

public slots:
    /// Shows this stretch, moved and cut to what there is.
    void show(qint64 begin, qint64 end);
    /// Shows `factor` times as much, with `time` staying where it is.
    void zoom(double factor, qint64 time);
    /// Moves by so much; negative: to earlier times.
    void pan(qint64 distance);
    /// Shows all and follows.
    void showAll();
    /// Moves with the end from now on, or stays.
    void setFollowing(bool follows);

signals:
    void changed();
    void followingChanged(bool follows);

private:
    void set(std::int64_t begin, std::int64_t end, bool follows);

    std::int64_t m_wholeBegin = 0;
    std::int64_t m_wholeEnd = shortest;
    std::int64_t m_begin = 0;
    std::int64_t m_end = shortest;
    bool m_follows = true;
    bool m_all = true;
};

} // namespace pprocess::widgets
