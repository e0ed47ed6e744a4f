// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPoint>
#include <QRect>
#include <QSize>

namespace pprocess::widgets {

/// Where the cells of a channel matrix lie. A pure value: the same numbers give the same grid.
///
/// Cells are as large as lets all of them be seen at once, in a few steps with ever fewer details, down to dots of one
/// colour; when even those are too many, the grid is higher than its view.
class ChannelGrid {
public:
    /// How much a cell has room for.
    enum class Detail {
        all,    ///< label, both rates, what waits, age
        short_, ///< label and both rates
        bars,   ///< lamp and both rates
        dot,    ///< a colour
    };

    ChannelGrid() = default;
    /// For `count` cells in a view of this size, with text lines of `lineHeight`.
    ChannelGrid(int count, QSize view, int lineHeight);

    [[nodiscard]] Detail detail() const { return m_detail; }
    [[nodiscard]] int columns() const { return m_columns; }
    [[nodiscard]] int rows() const { return m_columns == 0 ? 0 : (m_count + m_columns - 1) / m_columns; }
    /// Height of all, gaps and margins included.
    [[nodiscard]] int height() const;
    /// A cell in the coordinates of the whole grid.
    [[nodiscard]] QRect cell(int place) const;
    /// The cell at a point of the whole grid; -1: none.
    [[nodiscard]] int at(QPoint point) const;
    /// The cells of which something lies between these two heights: first and after the last.
    [[nodiscard]] std::pair<int, int> between(int top, int bottom) const;
    /// From a cell to a neighbour, staying within the grid. `place` -1: to the first.
    [[nodiscard]] int moved(int place, int byColumns, int byRows) const;

    static constexpr int margin = 8;

private:
    [[nodiscard]] bool tryFit(int width, int height, int widest, int gap, QSize view);
    [[nodiscard]] int left(int column) const;

    int m_count = 0;
    int m_columns = 0;
    int m_area = 0;   ///< width for all cells and gaps
    int m_height = 0; ///< of one cell
    int m_gap = 0;
    Detail m_detail = Detail::all;
};

/// How long a bar for this rate is, between 0 and 1, where `largest` makes 1. Logarithmic: a thousandth is still seen.
double barLength(double rate, double largest);

} // namespace pprocess::widgets
