// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/channel_grid.h>

#include <algorithm>
#include <cmath>

namespace pprocess::widgets {

ChannelGrid::ChannelGrid(int count, QSize view, int lineHeight) : m_count(count) {
    if (count <= 0)
        return;
    const int line = std::max(8, lineHeight);
    struct Step {
        Detail detail;
        int width;
        int height;
        int widest;
        int gap;
    };
    const Step steps[] = {
        {Detail::all, 10 * line, 3 * line + 26, 18 * line, 8},
        {Detail::short_, 8 * line + 6, 2 * line + 12, 13 * line, 6},
        {Detail::short_, 6 * line, 2 * line + 12, 10 * line, 6},
        {Detail::bars, 44, 22, 72, 3},
        {Detail::bars, 30, 16, 44, 2},
        {Detail::dot, 20, 20, 24, 2},
        {Detail::dot, 16, 16, 20, 2},
        {Detail::dot, 14, 14, 17, 2},
        {Detail::dot, 12, 12, 15, 2},
        {Detail::dot, 9, 9, 11, 1},
        {Detail::dot, 6, 6, 8, 1},
    };
    for (const Step& step : steps) {
        m_detail = step.detail;
        if (tryFit(step.width, step.height, step.widest, step.gap, view))
            return;
    }
}

/// Do all cells fit into the view with at least this width? Becomes that grid in any case.
bool ChannelGrid::tryFit(int width, int height, int widest, int gap, QSize view) {
    const int room = std::max(width, view.width() - 2 * margin);
    m_gap = gap;
    m_height = height;
    m_columns = std::clamp((room + gap) / (width + gap), 1, m_count);
    m_area = std::min(room, m_columns * (widest + gap) - gap);
    return this->height() <= view.height();
}

int ChannelGrid::height() const {
    return rows() == 0 ? 0 : 2 * margin + rows() * (m_height + m_gap) - m_gap;
}

/// Left edges are spread evenly, so that the cells fill the width to the pixel.
int ChannelGrid::left(int column) const {
    return margin + static_cast<int>(static_cast<std::int64_t>(m_area + m_gap) * column / m_columns);
}

QRect ChannelGrid::cell(int place) const {
    if (place < 0 || place >= m_count)
        return {};
    const int column = place % m_columns;
    const int row = place / m_columns;
    const int x = left(column);
    return {x, margin + row * (m_height + m_gap), left(column + 1) - m_gap - x, m_height};
}

int ChannelGrid::at(QPoint point) const {
    if (m_columns == 0 || point.y() < margin || point.x() < margin)
        return -1;
    const int row = (point.y() - margin) / (m_height + m_gap);
    const int guess = static_cast<int>(static_cast<std::int64_t>(point.x() - margin) * m_columns / (m_area + m_gap));
    for (const int column : {guess, guess + 1}) {
        const int place = row * m_columns + column;
        if (column < m_columns && cell(place).contains(point))
            return place;
    }
    return -1;
}

std::pair<int, int> ChannelGrid::between(int top, int bottom) const {
    if (m_columns == 0)
        return {0, 0};
    const int first = std::max(0, (top - margin) / (m_height + m_gap));
    const int last = std::max(0, (bottom - margin) / (m_height + m_gap) + 1);
    return {std::min(m_count, first * m_columns), std::min(m_count, last * m_columns)};
}

int ChannelGrid::moved(int place, int byColumns, int byRows) const {
    if (m_count == 0)
        return -1;
    if (place < 0 || place >= m_count)
        return 0;
    const int wanted = place + byColumns + byRows * m_columns;
    if (byRows != 0 && (wanted < 0 || wanted >= m_count)) {
        const int column = place % m_columns;
        const int last = column + (m_count - 1 - column) / m_columns * m_columns;
        return wanted < 0 ? column : last;
    }
    return std::clamp(wanted, 0, m_count - 1);
}

double barLength(double rate, double largest) {
    constexpr double least = 1e-4; // of the largest
    if (rate <= 0 || largest <= 0)
        return 0;
    const double share = std::min(1.0, rate / largest);
    return std::clamp(1 + std::log10(std::max(share, least)) / -std::log10(least), 0.06, 1.0);
}

} // namespace pprocess::widgets
