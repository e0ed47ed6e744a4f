// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/exchange_layout.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace pprocess::widgets {

namespace {

// More empty slots than this are not worth drawing one by one.
constexpr std::uint64_t mostSlots = 5'000;

} // namespace

ExchangeLayout::ExchangeLayout(QSize size, int slotCount, int lineHeight) {
    const int margin = 10;
    const int height = std::max(40, size.height() - 2 * margin);
    const int arrow = std::clamp(size.width() / 12, 2 * lineHeight, 6 * lineHeight);
    // The boxes at the sides give way before the slots do.
    const int room = (size.width() - 2 * margin - 2 * arrow - 4 * lineHeight) / 2;
    const int side = std::max(20, std::min(room, std::clamp(size.width() / 6, 7 * lineHeight, 13 * lineHeight)));
    waiting = QRect(margin, margin, side, height);
    results = QRect(size.width() - margin - side, margin, side, height);
    into = QRect(waiting.right() + 1, margin, arrow, height);
    out = QRect(results.left() - arrow, margin, arrow, height);
    slotArea = QRect(into.right() + 1, margin, std::max(40, out.left() - into.right() - 1), height);
    gridArea = slotArea.adjusted(1, lineHeight + 8, -1, -1);
    grid = ChannelGrid(slotCount, gridArea.size(), lineHeight);
}

QRect ExchangeLayout::slot(int place) const {
    const QRect cell = grid.cell(place);
    if (cell.isNull() || cell.bottom() >= gridArea.height())
        return {};
    return cell.translated(gridArea.topLeft());
}

int ExchangeLayout::slotAt(QPoint point) const {
    const int place = gridArea.contains(point) ? grid.at(point - gridArea.topLeft()) : -1;
    return place >= 0 && !slot(place).isNull() ? place : -1;
}

int ExchangeLayout::drawn(int slotCount) const {
    int first = 0;
    int last = slotCount;
    while (first < last) {
        const int middle = first + (last - first) / 2;
        if (slot(middle).isNull())
            last = middle;
        else
            first = middle + 1;
    }
    return first;
}

std::vector<std::uint64_t> seated(const std::vector<std::uint64_t>& before, const std::vector<std::uint64_t>& members,
                                  std::uint64_t limit) {
    std::unordered_set<std::uint64_t> standing(members.begin(), members.end());
    const std::size_t least = std::min(limit, mostSlots);
    std::vector<std::uint64_t> seats(before);
    seats.resize(std::max(seats.size(), least), 0);
    for (std::uint64_t& seat : seats) {
        if (standing.erase(seat) == 0)
            seat = 0;
    }
    auto seat = seats.begin();
    for (const std::uint64_t member : members) {
        if (standing.erase(member) == 0)
            continue;
        seat = std::find(seat, seats.end(), std::uint64_t{0});
        if (seat == seats.end()) {
            seats.push_back(member);
            seat = seats.end();
        } else {
            *seat = member;
        }
    }
    // Empty ones at the end are shown only as far as the limit goes.
    while (seats.size() > least && seats.back() == 0)
        seats.pop_back();
    return seats;
}

int arrowWidth(double perSecond) {
    if (perSecond <= 0)
        return 0;
    return static_cast<int>(std::lround(std::clamp(2 + 3.5 * std::log10(1 + perSecond), 2.0, 20.0)));
}

} // namespace pprocess::widgets
