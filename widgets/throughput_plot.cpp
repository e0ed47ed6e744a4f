// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/throughput_plot.h>

#include <widgets/colors.h>
#include <widgets/format.h>

#include <QEvent>
#include <QVBoxLayout>

#include <qcustomplot.h>

#include <cmath>

namespace pprocess::widgets {

namespace {

// Labels in the units of the rest of the window, at two round steps: a small plot has no room for more.
class RateTicker : public QCPAxisTicker {
public:
    explicit RateTicker(bool asBytes) : m_asBytes(asBytes) { setTickCount(3); }

protected:
    double getTickStep(const QCPRange& range) override {
        if (!m_asBytes || range.size() < 1024) {
            return QCPAxisTicker::getTickStep(range);
        }
        // Round in the unit that the labels are written in.
        const double unit = std::pow(1024.0, std::floor(std::log(range.size()) / std::log(1024.0)));
        return cleanMantissa(range.size() / unit / tickCount()) * unit;
    }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        return m_asBytes ? format::bytes(tick) : format::rate(tick);
    }

private:
    bool m_asBytes;
};

class SecondsTicker : public QCPAxisTicker {
public:
    SecondsTicker() { setTickCount(5); }

protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        if (tick < 60) {
            return QStringLiteral("%1 s").arg(tick);
        }
        const QString text = format::duration(std::chrono::nanoseconds(std::llround(tick * 1e9)));
        const auto last = text.indexOf(QLatin1String(" 0 ")); // a tick is a round number, not one that was measured
        return last < 0 ? text : text.left(last);
    }
};

} // namespace

ThroughputPlot::ThroughputPlot(QWidget* parent) : QWidget(parent), m_plot(new QCustomPlot(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    m_plot->setMinimumSize(0, 0);
    m_plot->setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Throughput over time"));

    m_items = m_plot->addGraph(m_plot->xAxis, m_plot->yAxis);
    m_bytes = m_plot->addGraph(m_plot->xAxis, m_plot->yAxis2);
    m_plot->xAxis->setTicker(QSharedPointer<SecondsTicker>::create());
    m_plot->yAxis->setTicker(QSharedPointer<RateTicker>::create(false));
    m_plot->yAxis2->setTicker(QSharedPointer<RateTicker>::create(true));
    m_plot->yAxis2->setVisible(true);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis, m_plot->yAxis2}) {
        axis->setSubTicks(false);
        axis->setTickLength(0);
        axis->setTickPen(Qt::NoPen);
        axis->setTickLabelPadding(5);
        axis->setPadding(0);
    }
    m_plot->axisRect()->setMinimumMargins(QMargins(6, 6, 6, 4));
    clear();
    applyColors();
}

QSize ThroughputPlot::minimumSizeHint() const {
    return {180, 70};
}

int ThroughputPlot::pointCount() const {
    return m_items->dataCount();
}

void ThroughputPlot::clear() {
    m_items->data()->clear();
    m_bytes->data()->clear();
    m_recent.clear();
    m_recent.push_back({});
    m_mostItems = m_mostBytes = 0;
    m_plot->xAxis->setRange(0, 10);
    m_plot->yAxis->setRange(0, 10);
    m_plot->yAxis2->setRange(0, 1024);
    // Numbers on an axis that measures nothing would be made up.
    m_plot->yAxis->setTickLabels(false);
    m_plot->yAxis2->setTickLabels(false);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ThroughputPlot::add(double seconds, std::size_t items, std::uint64_t bytes) {
    if (seconds <= m_recent.back().seconds) {
        return;
    }
    m_recent.push_back({seconds, items, bytes});
    // Each point is the mean over the last half second: over one interval of 0.1 s a few items more or less are only
    // noise.
    while (m_recent.size() > 6) {
        m_recent.pop_front();
    }
    const Totals& before = m_recent.front();
    const double span = seconds - before.seconds;
    const double itemRate = static_cast<double>(items - before.items) / span;
    const double byteRate = static_cast<double>(bytes - before.bytes) / span;
    m_plot->yAxis->setTickLabels(true);
    m_plot->yAxis2->setTickLabels(true);
    if (pointCount() == 0) {
        // The mean holds for the whole time since the start; so even the shortest job has a line.
        m_items->addData(0, itemRate);
        m_bytes->addData(0, byteRate);
    }
    m_items->addData(seconds, itemRate);
    m_bytes->addData(seconds, byteRate);
    m_mostItems = qMax(m_mostItems, itemRate);
    m_mostBytes = qMax(m_mostBytes, byteRate);
    m_plot->xAxis->setRange(0, qMax(2.0, seconds));
    // A little air above, and different for the two, so that lines of one shape do not cover each other.
    m_plot->yAxis->setRange(0, qMax(1.0, m_mostItems * 1.12));
    m_plot->yAxis2->setRange(0, qMax(16.0, m_mostBytes * 1.45));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ThroughputPlot::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        applyColors();
    }
}

void ThroughputPlot::applyColors() {
    const Colors colors = Colors::of(palette());
    QFont small = font();
    small.setPointSizeF(qMax(6.5, small.pointSizeF() * 0.85));
    m_plot->setBackground(QBrush(colors.card));
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis, m_plot->yAxis2}) {
        axis->setTickLabelFont(small);
        axis->setTickLabelColor(colors.muted);
        axis->setBasePen(axis == m_plot->xAxis ? QPen(colors.border) : QPen(Qt::NoPen));
        axis->grid()->setPen(QPen(colors.track, 1));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->yAxis->setTickLabelColor(colors.isDark ? colors.running : colors.accent);
    m_plot->yAxis2->setTickLabelColor(colors.isDark ? colors.done : colors.done.darker(140));
    QColor fill = colors.running;
    fill.setAlpha(colors.isDark ? 45 : 32);
    m_items->setPen(QPen(colors.running, 1));
    m_items->setBrush(fill);
    m_bytes->setPen(QPen(colors.done, 1, Qt::DashLine));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

} // namespace pprocess::widgets
