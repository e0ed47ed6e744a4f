// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/channel_grid.h>

#include <QRect>
#include <QSize>

#include <cstdint>
#include <vector>

namespace pprocess::widgets {

/// Where the parts of an exchange's diagram lie: what waits on the left, the slots in the middle, results on the right,
/// arrows between. A pure value.
struct ExchangeLayout {
    ExchangeLayout() = default;
    /// For so many slots in a widget of this size, with text lines of `lineHeight`.
    ExchangeLayout(QSize size, int slotCount, int lineHeight);

    QRect waiting;    ///< box on the left
    QRect into;       ///< room of the arrow to the slots
    QRect slotArea;   ///< box in the middle
    QRect out;        ///< room of the arrow to the results
    QRect results;    ///< box on the right
    ChannelGrid grid; ///< of the slots, within `gridArea`
    QRect gridArea;

    /// A slot in the widget's coordinates; null when there is no room to draw it.
    [[nodiscard]] QRect slot(int place) const;
    /// The slot at a point; -1: none.
    [[nodiscard]] int slotAt(QPoint point) const;
    /// How many of them can be drawn.
    [[nodiscard]] int drawn(int slotCount) const;
};

/// Who sits where: everybody stays in the slot he has, newcomers take the first free ones. 0: an empty slot. There are
/// at least `limit`; with no limit, as many as are needed.
std::vector<std::uint64_t> seated(const std::vector<std::uint64_t>& before, const std::vector<std::uint64_t>& members,
                                  std::uint64_t limit);

/// How thick an arrow is, in pixels, for so many things a second; 0: nothing moves.
int arrowWidth(double perSecond);

} // namespace pprocess::widgets
