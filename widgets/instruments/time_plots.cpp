// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/time_plots.h>

#include <widgets/colors.h>
#include <widgets/format.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/instruments/time_range.h>

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <cmath>

namespace pprocess::widgets {

using observe::SlotUse;
using observe::Step;

namespace {

constexpr int plots = 4;
constexpr int binColumns = 3;
constexpr double zoomStep = 0.8;
constexpr double panShare = 0.1;
constexpr int margin = 8;

/// From the bottom of the stack to its top: first what is work, last what is none.
constexpr std::array usesInOrder{SlotUse::running, SlotUse::handing_over, SlotUse::uncollected,
                                 SlotUse::blocked, SlotUse::unfilled,     SlotUse::starved};

/// The next of 1, 2, 5, 10, … that is not less.
double roundUp(double number) {
    if (number <= 1)
        return 1;
    const double decade = std::pow(10.0, std::floor(std::log10(number)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (decade * factor >= number)
            return decade * factor;
    }
    return decade * 10;
}

/// The same in the units that bytes are written in.
double roundUpBytes(double number) {
    double unit = 1;
    while (number / unit > 1000)
        unit *= 1024;
    return roundUp(number / unit) * unit;
}

} // namespace

TimeBins TimeBins::of(const observe::Series& series, const timeline::Scale& scale, int columns) {
    TimeBins result;
    if (series.steps().empty())
        return result;
    const double wanted = static_cast<double>(scale.length) * columns / scale.width;
    const auto together =
        std::max<std::int64_t>(1, std::llround(std::ceil(wanted / static_cast<double>(series.width()))));
    result.width = together * series.width();
    const auto binOf = [&](std::int64_t time) {
        return time <= series.begin() ? 0 : (time - series.begin()) / result.width;
    };
    const std::int64_t first = binOf(scale.begin);
    const auto all = static_cast<std::int64_t>(series.steps().size());
    const std::int64_t last = std::min(binOf(scale.end()), (all - 1) / together);
    result.begin = series.begin() + first * result.width;
    for (std::int64_t bin = first; bin <= last; ++bin) {
        Step sum;
        for (std::int64_t step = bin * together; step < std::min(all, (bin + 1) * together); ++step)
            sum += series.steps()[static_cast<std::size_t>(step)];
        result.bins.push_back(sum);
    }
    return result;
}

TimePlots::TimePlots(TimeRange& range, QWidget* parent) : QWidget(parent), m_range(range) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Throughput over time"));
    setAccessibleDescription(
        tr("Tasks a second, bytes a second, use of the slots and waiting tasks, over the range of time that all views "
           "share."));
}

QSize TimePlots::minimumSizeHint() const {
    return {320, 260};
}

QSize TimePlots::sizeHint() const {
    return {720, 480};
}

QColor TimePlots::useColor(SlotUse use, const Colors& colors) {
    switch (use) {
    case SlotUse::running:
        return stateColor(observe::ProcessState::running, colors);
    case SlotUse::handing_over:
        return stateColor(observe::ProcessState::sending, colors);
    case SlotUse::uncollected:
        return colors.isDark ? QColor(0x2b, 0x86, 0x69) : QColor(0x1d, 0x6b, 0x52);
    case SlotUse::blocked:
        return stateColor(observe::ProcessState::waiting, colors);
    case SlotUse::unfilled:
        return stateColor(observe::ProcessState::stopped, colors);
    case SlotUse::starved:
        return stateColor(observe::ProcessState::idle, colors);
    }
    return colors.muted;
}

QString TimePlots::useText(SlotUse use) {
    switch (use) {
    case SlotUse::running:
        return tr("Running");
    case SlotUse::handing_over:
        return tr("Handing over");
    case SlotUse::uncollected:
        return tr("Result not collected");
    case SlotUse::blocked:
        return tr("Waiting for space");
    case SlotUse::unfilled:
        return tr("Empty while tasks wait");
    case SlotUse::starved:
        return tr("No task");
    }
    return {};
}

void TimePlots::draw(const observe::Series& series, std::uint64_t slotCount) {
    m_bins = TimeBins::of(series, scale(), binColumns);
    m_slotCount = slotCount;
    update();
}

void TimePlots::setPosition(std::optional<std::int64_t> time) {
    m_position = time;
    update();
}

// ------------------------------------------------------------------------------------------------------------------
// where things are

QRect TimePlots::area() const {
    const int text = fontMetrics().height();
    return rect().adjusted(margin, 2, -margin, -text - 6);
}

QRect TimePlots::plotRect(int plot) const {
    const QRect all = area();
    const int title = fontMetrics().height() + 4;
    const int top = all.top() + plot * all.height() / plots + title;
    const int bottom = all.top() + (plot + 1) * all.height() / plots - 4;
    return {all.left(), top, all.width(), std::max(1, bottom - top)};
}

timeline::Scale TimePlots::scale() const {
    return {m_range.begin(), std::max<std::int64_t>(1, m_range.length()), std::max(1, area().width())};
}

std::pair<int, int> TimePlots::columnsOf(std::size_t bin, const timeline::Scale& scale) const {
    const std::int64_t begin = m_bins.begin + static_cast<std::int64_t>(bin) * m_bins.width;
    const int left = area().left();
    return {left + std::clamp(scale.column(begin), 0, scale.width),
            left + std::clamp(scale.column(begin + m_bins.width), 0, scale.width)};
}

// ------------------------------------------------------------------------------------------------------------------
// painting

void TimePlots::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    const Colors colors = Colors::of(palette());
    painter.fillRect(rect(), colors.card);
    paintAxis(painter, colors);
    paintRates(painter, colors);
    paintUses(painter, colors);
    paintQueue(painter, colors);
    const timeline::Scale scale = this->scale();
    const auto line = [&](int x, const QColor& color, Qt::PenStyle style) {
        painter.setPen(QPen(color, 1, style));
        painter.drawLine(x, area().top(), x, area().bottom());
    };
    if (m_position && *m_position >= scale.begin && *m_position <= scale.end())
        line(area().left() + scale.column(*m_position), colors.accent, Qt::SolidLine);
    if (m_pointer >= area().left() && m_pointer <= area().right())
        line(m_pointer, colors.muted, Qt::DashLine);
    if (hasFocus()) {
        painter.setPen(QPen(colors.accent, 1));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void TimePlots::paintAxis(QPainter& painter, const Colors& colors) {
    const timeline::Scale scale = this->scale();
    const QRect all = area();
    const std::int64_t step = timeline::rulerStep(scale, fontMetrics().horizontalAdvance(QStringLiteral("0000.00 ms")));
    const std::int64_t zero = m_range.wholeBegin();
    std::int64_t time = zero + ((scale.begin - zero) / step) * step;
    for (; time <= scale.end(); time += step) {
        if (time < scale.begin)
            continue;
        const int x = all.left() + scale.column(time);
        for (int plot = 0; plot < plots; ++plot) {
            const QRect one = plotRect(plot);
            painter.fillRect(x, one.top(), 1, one.height(), colors.track);
        }
        const QString text = timeline::rulerLabel(time - zero, step);
        const int width = fontMetrics().horizontalAdvance(text);
        const int left = std::min(x - width / 2, all.right() - width);
        painter.setPen(colors.muted);
        painter.drawText(std::max(all.left(), left), rect().bottom() - fontMetrics().descent() - 1, text);
    }
}

void TimePlots::paintFrame(QPainter& painter, const Colors& colors, int plot, const QString& title, double most,
                           const QString& mostText) {
    const QRect one = plotRect(plot);
    const int base = one.top() - fontMetrics().descent() - 2;
    const int free = one.width() - (most > 0 ? fontMetrics().horizontalAdvance(mostText) + 10 : 0);
    painter.setPen(colors.text);
    painter.drawText(one.left(), base, fontMetrics().elidedText(title, Qt::ElideRight, free));
    if (most > 0) {
        painter.setPen(colors.muted);
        painter.drawText(one.right() - fontMetrics().horizontalAdvance(mostText), base, mostText);
    }
    painter.fillRect(one.left(), one.top(), one.width(), 1, colors.track);
    painter.fillRect(one.left(), one.bottom(), one.width(), 1, colors.border);
}

void TimePlots::paintRates(QPainter& painter, const Colors& colors) {
    double mostTasks = 0;
    double mostBytes = 0;
    const double seconds = static_cast<double>(m_bins.width) / 1e9;
    for (const Step& bin : m_bins.bins) {
        mostTasks = std::max(mostTasks, static_cast<double>(bin.finished) / seconds);
        mostBytes = std::max(mostBytes, static_cast<double>(bin.bytes) / seconds);
    }
    const double tasksTop = mostTasks > 0 ? roundUp(mostTasks) : 0;
    const double bytesTop = mostBytes > 0 ? roundUpBytes(mostBytes) : 0;
    paintFrame(painter, colors, 0, tr("Tasks finished a second, failed ones hatched"), tasksTop,
               tr("up to %1").arg(format::rate(tasksTop)));
    paintFrame(painter, colors, 1, tr("Bytes a second, both ways"), bytesTop,
               tr("up to %1").arg(format::bytes(bytesTop)));
    const timeline::Scale scale = this->scale();
    const QBrush hatch = failureHatch(colors);
    for (std::size_t bin = 0; bin < m_bins.bins.size(); ++bin) {
        const Step& step = m_bins.bins[bin];
        const auto [left, right] = columnsOf(bin, scale);
        if (right <= left)
            continue;
        const auto bar = [&, left = left, right = right](int plot, double rate, double top, const QBrush& brush) {
            const QRect one = plotRect(plot);
            const int height =
                rate <= 0 ? 0 : std::clamp(static_cast<int>(std::lround(rate / top * one.height())), 1, one.height());
            painter.fillRect(left, one.bottom() - height + 1, right - left, height, brush);
        };
        if (step.finished != 0) {
            bar(0, static_cast<double>(step.finished) / seconds, tasksTop, colors.done);
            if (step.failed != 0) {
                bar(0, static_cast<double>(step.failed) / seconds, tasksTop, colors.failed);
                bar(0, static_cast<double>(step.failed) / seconds, tasksTop, hatch);
            }
        }
        if (step.bytes != 0)
            bar(1, static_cast<double>(step.bytes) / seconds, bytesTop, colors.cancelled);
    }
}

void TimePlots::paintUses(QPainter& painter, const Colors& colors) {
    const QRect one = plotRect(2);
    double most = static_cast<double>(m_slotCount);
    for (const Step& bin : m_bins.bins)
        most = std::max(most, static_cast<double>(bin.slot_time()) / static_cast<double>(m_bins.width));
    const double top = m_slotCount != 0 && most <= static_cast<double>(m_slotCount) * 1.01
                           ? static_cast<double>(m_slotCount)
                           : std::ceil(most);
    // The legend is the title, in the order of the stack.
    paintFrame(painter, colors, 2, QString(), top,
               top == 1 ? tr("1 slot") : tr("%1 slots").arg(format::count(std::llround(top))));
    const int base = one.top() - fontMetrics().descent() - 2;
    const int square = fontMetrics().ascent() - 2;
    int x = one.left();
    const int end = one.right() - fontMetrics().horizontalAdvance(QStringLiteral("00,000 slots"));
    for (const SlotUse use : usesInOrder) {
        const QString text = useText(use);
        const int width = square + 4 + fontMetrics().horizontalAdvance(text);
        if (x + width > end)
            break;
        painter.fillRect(x, base - square, square, square, useColor(use, colors));
        painter.setPen(colors.text);
        painter.drawText(x + square + 4, base, text);
        x += width + 12;
    }
    if (top <= 0)
        return;
    const timeline::Scale scale = this->scale();
    for (std::size_t bin = 0; bin < m_bins.bins.size(); ++bin) {
        const auto [left, right] = columnsOf(bin, scale);
        double below = 0;
        for (const SlotUse use : usesInOrder) {
            const auto time = static_cast<double>(m_bins.bins[bin].uses[static_cast<std::size_t>(use)]);
            if (time <= 0)
                continue;
            const double above = below + time / static_cast<double>(m_bins.width) / top;
            const int from = static_cast<int>(std::lround(below * one.height()));
            const int to = static_cast<int>(std::lround(std::min(above, 1.0) * one.height()));
            painter.fillRect(left, one.bottom() + 1 - to, right - left, to - from, useColor(use, colors));
            below = above;
        }
    }
}

void TimePlots::paintQueue(QPainter& painter, const Colors& colors) {
    std::uint64_t most = 0;
    for (const Step& bin : m_bins.bins)
        most = std::max(most, bin.most_queued);
    const double top = most == 0 ? 0 : roundUp(static_cast<double>(most));
    paintFrame(painter, colors, 3, tr("Tasks that wait"), top, tr("up to %1").arg(format::count(std::llround(top))));
    if (top <= 0)
        return;
    const QRect one = plotRect(3);
    const timeline::Scale scale = this->scale();
    for (std::size_t bin = 0; bin < m_bins.bins.size(); ++bin) {
        const auto [left, right] = columnsOf(bin, scale);
        const double share = static_cast<double>(m_bins.bins[bin].most_queued) / top;
        if (share <= 0)
            continue;
        const int height = std::max(1, static_cast<int>(std::lround(share * one.height())));
        painter.fillRect(left, one.bottom() + 1 - height, right - left, height, colors.waiting);
    }
}

QString TimePlots::textAt(int x) const {
    if (m_bins.bins.empty() || x < area().left() || x > area().right())
        return {};
    const std::int64_t time = scale().timeAt(x - area().left());
    if (time < m_bins.begin)
        return {};
    const auto bin = static_cast<std::size_t>((time - m_bins.begin) / m_bins.width);
    if (bin >= m_bins.bins.size())
        return {};
    const Step& step = m_bins.bins[bin];
    const double seconds = static_cast<double>(m_bins.width) / 1e9;
    QString text = tr("%1 after the beginning, over %2: %3 tasks/s, %4/s, %5 waiting")
                       .arg(timeline::rulerLabel(time - m_range.wholeBegin(), std::max<std::int64_t>(1, m_bins.width)),
                            timeline::rulerLabel(m_bins.width, std::max<std::int64_t>(1, m_bins.width / 10)),
                            format::rate(static_cast<double>(step.finished) / seconds),
                            format::bytes(static_cast<double>(step.bytes) / seconds), format::count(step.most_queued));
    if (step.failed != 0)
        text += tr(", %1 failed").arg(format::count(step.failed));
    for (const SlotUse use : usesInOrder) {
        if (const double share = step.share(use); share >= 0.01)
            text += QStringLiteral(", ") + useText(use).toLower() + u' ' + QString::number(share * 100, 'f', 0) +
                    QStringLiteral(" %");
    }
    return text;
}

// ------------------------------------------------------------------------------------------------------------------
// moving

void TimePlots::wheelEvent(QWheelEvent* event) {
    const QPoint angle = event->angleDelta();
    const int turn = angle.y() != 0 ? angle.y() : angle.x();
    event->accept();
    if (event->modifiers() & Qt::ControlModifier)
        m_range.zoom(std::pow(zoomStep, turn / 120.0),
                     scale().timeAt(event->position().x() - static_cast<double>(area().left())));
    else
        m_range.pan(std::llround(-turn / 120.0 * panShare * static_cast<double>(m_range.length())));
}

void TimePlots::keyPressEvent(QKeyEvent* event) {
    const auto step = std::llround(panShare * static_cast<double>(m_range.length()));
    const int pointer = m_pointer >= area().left() ? m_pointer - area().left() : area().width() / 2;
    switch (event->key()) {
    case Qt::Key_W:
    case Qt::Key_Plus:
        m_range.zoom(zoomStep, scale().timeAt(pointer));
        break;
    case Qt::Key_S:
    case Qt::Key_Minus:
        m_range.zoom(1 / zoomStep, scale().timeAt(pointer));
        break;
    case Qt::Key_A:
    case Qt::Key_Left:
        m_range.pan(-step);
        break;
    case Qt::Key_D:
    case Qt::Key_Right:
        m_range.pan(step);
        break;
    case Qt::Key_Home:
        m_range.show(m_range.wholeBegin(), m_range.wholeBegin() + m_range.length());
        break;
    case Qt::Key_End:
        m_range.show(m_range.wholeEnd() - m_range.length(), m_range.wholeEnd());
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

void TimePlots::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    m_pressed = event->pos();
    m_pressedBegin = m_range.begin();
    m_isDragged = false;
}

void TimePlots::mouseMoveEvent(QMouseEvent* event) {
    m_pointer = event->pos().x();
    if (m_pressed) {
        const int moved = event->pos().x() - m_pressed->x();
        m_isDragged = m_isDragged || std::abs(moved) >= QApplication::startDragDistance();
        if (m_isDragged) {
            setCursor(Qt::ClosedHandCursor);
            const double perColumn = static_cast<double>(m_range.length()) / std::max(1, area().width());
            const std::int64_t begin = m_pressedBegin - std::llround(moved * perColumn);
            m_range.show(begin, begin + m_range.length());
        }
    }
    emit hovered(textAt(m_pointer));
    update();
}

void TimePlots::mouseReleaseEvent(QMouseEvent* event) {
    if (m_pressed && !m_isDragged && event->pos().x() >= area().left())
        emit positionChosen(scale().timeAt(event->pos().x() - area().left()));
    m_pressed.reset();
    unsetCursor();
}

void TimePlots::mouseDoubleClickEvent(QMouseEvent* /*event*/) {
    m_range.showAll();
}

void TimePlots::leaveEvent(QEvent* /*event*/) {
    m_pointer = -1;
    emit hovered({});
    update();
}

} // namespace pprocess::widgets
