// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/time_range.h>

#include <algorithm>
#include <cmath>

namespace pprocess::widgets {

void TimeRange::setWhole(std::int64_t begin, std::int64_t end) {
    end = std::max(end, begin + shortest);
    if (begin == m_wholeBegin && end == m_wholeEnd)
        return;
    m_wholeBegin = begin;
    m_wholeEnd = end;
    if (m_all) {
        m_begin = begin;
        m_end = end;
    } else if (m_follows) {
        m_begin = std::max(begin, end - length());
        m_end = end;
    } else {
        const std::int64_t shown = std::min(length(), end - begin);
        m_begin = std::clamp(m_begin, begin, end - shown);
        m_end = m_begin + shown;
    }
    emit changed();
}

void TimeRange::set(std::int64_t begin, std::int64_t end, bool follows) {
    const std::int64_t whole = m_wholeEnd - m_wholeBegin;
    const std::int64_t shown = std::clamp(end - begin, std::min(shortest, whole), whole);
    begin = std::clamp(begin, m_wholeBegin, m_wholeEnd - shown);
    m_all = follows && shown == whole;
    const bool isChange = begin != m_begin || begin + shown != m_end;
    m_begin = begin;
    m_end = begin + shown;
    if (std::exchange(m_follows, follows) != follows)
        emit followingChanged(follows);
    if (isChange)
        emit changed();
}

void TimeRange::show(qint64 begin, qint64 end) {
    set(begin, end, end >= m_wholeEnd);
}

void TimeRange::zoom(double factor, qint64 time) {
    const double shown = std::clamp(static_cast<double>(length()) * factor, static_cast<double>(shortest),
                                    static_cast<double>(m_wholeEnd - m_wholeBegin));
    const double share = std::clamp(static_cast<double>(time - m_begin) / static_cast<double>(length()), 0.0, 1.0);
    const auto begin = time - static_cast<std::int64_t>(std::llround(share * shown));
    show(begin, begin + std::llround(shown));
}

void TimeRange::pan(qint64 distance) {
    show(m_begin + distance, m_end + distance);
}

void TimeRange::showAll() {
    set(m_wholeBegin, m_wholeEnd, true);
}

void TimeRange::setFollowing(bool follows) {
    if (follows)
        set(m_wholeEnd - length(), m_wholeEnd, true);
    else
        set(m_begin, m_end, false);
}

} // namespace pprocess::widgets
