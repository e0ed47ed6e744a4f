// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_overview.h>

#include <widgets/colors.h>

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pprocess::widgets {

namespace {

constexpr double gripWidth = 5;

} // namespace

TimelineOverview::TimelineOverview(InstrumentData& record, TimeRange& range, QWidget* parent)
    : QWidget(parent),
      m_data(record),
      m_range(range) {
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("The whole record"));
    setToolTip(tr("How many processes were at work over the whole record; red: failures.\n"
                  "Drag the frame or its edges, draw a new one, or double-click to see all."));
    connect(&range, &TimeRange::changed, this, qOverload<>(&QWidget::update));
}

/// The whole record over so many columns. What lasts is not in the density yet.
std::vector<TimelineOverview::Column> TimelineOverview::columnsOf(const InstrumentData& data, const Made& made) {
    const std::int64_t begin = made.from;
    const std::int64_t end = made.to;
    const int width = made.width;
    std::vector<Column> columns(static_cast<std::size_t>(width));
    const double perColumn = static_cast<double>(end - begin) / width;
    const auto columnOf = [&](std::int64_t time) {
        const double x = static_cast<double>(time - begin) / perColumn;
        return static_cast<std::size_t>(std::clamp(x, 0.0, width - 1.0));
    };
    // Each column gets its very share: anything coarser shows as a comb.
    const auto addBusy = [&](std::int64_t from, std::int64_t to, double busy) {
        if (to <= begin || from >= end || to <= from)
            return;
        const double left = static_cast<double>(from - begin) / perColumn;
        const double right = static_cast<double>(to - begin) / perColumn;
        for (std::size_t at = columnOf(from); at <= columnOf(to - 1); ++at) {
            const auto edge = static_cast<double>(at);
            columns[at].busy += busy * (std::min(right, edge + 1) - std::max(left, edge)) / (right - left);
        }
    };
    const ActivityDensity& density = data.density();
    std::int64_t time = density.begin();
    for (const ActivityDensity::Bucket& bucket : density.buckets()) {
        addBusy(time, time + density.step(), bucket.busy);
        if (bucket.failures > 0 && time + density.step() > begin)
            columns[columnOf(time + density.step() / 2)].failures += bucket.failures;
        time += density.step();
    }
    for (const auto& [key, process] : data.head().processes()) {
        const auto& activities = data.activities(key);
        if (process.ended != 0 || process.is_program || activities.empty())
            continue;
        const Activity& last = activities.back();
        if (last.end == INT64_MAX && isBusy(last.state))
            addBusy(std::max(last.begin, begin), end, static_cast<double>(end - std::max(last.begin, begin)));
    }
    return columns;
}

double TimelineOverview::xOf(std::int64_t time) const {
    return static_cast<double>(time - m_range.wholeBegin()) * width() /
           static_cast<double>(m_range.wholeEnd() - m_range.wholeBegin());
}

std::int64_t TimelineOverview::timeAt(double x) const {
    return m_range.wholeBegin() +
           std::llround(x * static_cast<double>(m_range.wholeEnd() - m_range.wholeBegin()) / std::max(1, width()));
}

void TimelineOverview::paintEvent(QPaintEvent*) {
    const Colors colors = Colors::of(palette());
    QPainter painter(this);
    painter.fillRect(rect(), colors.card);
    if (m_data.endEvent() > 0) {
        // Moving the range changes nothing of what lies below it.
        const Made made{m_data.firstEvent(), m_data.endEvent(), m_range.wholeBegin(), m_range.wholeEnd(), width()};
        if (made != std::exchange(m_made, made))
            m_columns = columnsOf(m_data, made);
        double most = 1;
        for (const Column& column : m_columns)
            most = std::max(most, column.busy);
        const int ground = height() - 7;
        for (std::size_t at = 0; at < m_columns.size(); ++at) {
            const auto x = static_cast<int>(at);
            const int tall = static_cast<int>(std::ceil(m_columns[at].busy / most * (ground - 3)));
            painter.fillRect(x, ground - tall, 1, tall, colors.running);
            if (m_columns[at].failures > 0)
                painter.fillRect(x - 1, ground + 1, 3, 5, colors.failed);
        }
    }
    const double left = xOf(m_range.begin());
    const double right = std::max(left + 3, xOf(m_range.end()));
    QColor veil = colors.window;
    veil.setAlphaF(0.68F);
    painter.fillRect(QRectF(0, 0, left, height()), veil);
    painter.fillRect(QRectF(right, 0, width() - right, height()), veil);
    painter.setPen(QPen(colors.accent, 1));
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.drawRect(QRectF(left, 0, right - left - 1, height() - 1));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.accent);
    for (const double x : {left, right - 1})
        painter.drawRoundedRect(QRectF(x - 2, height() / 2.0 - 8, 4, 16), 2, 2);
}

TimelineOverview::Grip TimelineOverview::gripAt(double x) const {
    const double left = xOf(m_range.begin());
    const double right = xOf(m_range.end());
    if (std::abs(x - right) <= gripWidth)
        return Grip::end;
    if (std::abs(x - left) <= gripWidth)
        return Grip::begin;
    return x > left && x < right && !m_range.showsAll() ? Grip::move : Grip::fresh;
}

void TimelineOverview::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    m_pressed = event->position().x();
    m_grip = gripAt(m_pressed);
    m_grabbed = m_range.begin();
}

void TimelineOverview::mouseMoveEvent(QMouseEvent* event) {
    if (m_grip != Grip::none) {
        drag(event->position().x());
        return;
    }
    const Grip grip = gripAt(event->position().x());
    setCursor(grip == Grip::move ? Qt::OpenHandCursor : grip == Grip::fresh ? Qt::CrossCursor : Qt::SizeHorCursor);
}

void TimelineOverview::drag(double x) {
    const std::int64_t time = timeAt(x);
    switch (m_grip) {
    case Grip::move: {
        const std::int64_t begin = m_grabbed + time - timeAt(m_pressed);
        m_range.show(begin, begin + m_range.length());
        break;
    }
    case Grip::begin:
        m_range.show(std::min(time, m_range.end() - TimeRange::shortest), m_range.end());
        break;
    case Grip::end:
        m_range.show(m_range.begin(), std::max(time, m_range.begin() + TimeRange::shortest));
        break;
    case Grip::fresh:
        if (std::abs(x - m_pressed) >= 3)
            m_range.show(timeAt(std::min(x, m_pressed)), timeAt(std::max(x, m_pressed)));
        break;
    case Grip::none:
        break;
    }
}

void TimelineOverview::mouseReleaseEvent(QMouseEvent* event) {
    // A mere click beside the frame brings it there.
    const double x = event->position().x();
    if (m_grip == Grip::fresh && std::abs(x - m_pressed) < 3 && !m_range.showsAll()) {
        const std::int64_t begin = timeAt(x) - m_range.length() / 2;
        m_range.show(begin, begin + m_range.length());
    }
    m_grip = Grip::none;
}

void TimelineOverview::mouseDoubleClickEvent(QMouseEvent*) {
    m_grip = Grip::none;
    m_range.showAll();
}

} // namespace pprocess::widgets
