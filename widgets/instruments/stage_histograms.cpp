// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/stage_histograms.h>

#include <widgets/colors.h>
#include <widgets/format.h>
#include <widgets/instruments/time_plots.h>

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace pprocess::widgets {

using observe::Distribution;
using observe::TaskStage;

namespace {

constexpr int margin = 8;
constexpr std::array percentiles{0.5, 0.9, 0.99};

QColor stageColor(TaskStage stage, const Colors& colors) {
    switch (stage) {
    case TaskStage::queued:
        return colors.waiting;
    case TaskStage::to_process:
        return TimePlots::useColor(observe::SlotUse::handing_over, colors);
    case TaskStage::running:
        return TimePlots::useColor(observe::SlotUse::running, colors);
    case TaskStage::returning:
        return TimePlots::useColor(observe::SlotUse::uncollected, colors);
    }
    return colors.muted;
}

QString powerText(int power) {
    constexpr std::array units{"ns", "µs", "ms", "s"};
    const int unit = std::min(power / 3, 3);
    return QString::number(std::llround(std::pow(10, power - 3 * unit))) + u' ' +
           QString::fromUtf8(units[static_cast<std::size_t>(unit)]);
}

} // namespace

QString shortDuration(std::int64_t nanoseconds) {
    if (nanoseconds < 995)
        return QString::number(nanoseconds) + QStringLiteral(" ns");
    if (nanoseconds < 99'500) {
        const double microseconds = static_cast<double>(nanoseconds) / 1e3;
        return QString::number(microseconds, 'f', microseconds < 9.95 ? 1 : 0) + QStringLiteral(" µs");
    }
    return format::duration(std::chrono::nanoseconds(nanoseconds));
}

QString stageText(TaskStage stage) {
    switch (stage) {
    case TaskStage::queued:
        return StageHistograms::tr("Queued");
    case TaskStage::to_process:
        return StageHistograms::tr("To its process");
    case TaskStage::running:
        return StageHistograms::tr("Running");
    case TaskStage::returning:
        return StageHistograms::tr("Returning");
    }
    return {};
}

StageHistograms::StageHistograms(QWidget* parent) : QWidget(parent) {
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("How long tasks took in each stage"));
}

QSize StageHistograms::minimumSizeHint() const {
    return {240, 200};
}

QSize StageHistograms::sizeHint() const {
    return {420, 300};
}

void StageHistograms::draw(const observe::StageTimes& times) {
    m_times = times;
    std::int64_t least = INT64_MAX;
    std::int64_t most = 0;
    for (const Distribution& stage : m_times.stages) {
        if (stage.count() == 0)
            continue;
        least = std::min(least, std::max<std::int64_t>(stage.least(), 1));
        most = std::max(most, stage.most());
    }
    if (most > 0) {
        m_first = static_cast<int>(std::floor(std::log10(static_cast<double>(least))));
        m_last = std::max(m_first + 2, static_cast<int>(std::floor(std::log10(static_cast<double>(most)))) + 1);
    }
    update();
}

QRect StageHistograms::plotRect(std::size_t stage) const {
    const int text = fontMetrics().height();
    const QRect all = rect().adjusted(margin, 2, -margin, -text - 6);
    const int top = all.top() + static_cast<int>(stage) * all.height() / static_cast<int>(observe::task_stages);
    const int next = all.top() + static_cast<int>(stage + 1) * all.height() / static_cast<int>(observe::task_stages);
    return {all.left(), top + text + 4, all.width(), std::max(1, next - top - text - 8)};
}

int StageHistograms::columnOf(std::int64_t duration) const {
    const double power = std::log10(static_cast<double>(std::max<std::int64_t>(duration, 1)));
    const double share = std::clamp((power - m_first) / (m_last - m_first), 0.0, 1.0);
    return margin + static_cast<int>(std::lround(share * (width() - 2 * margin)));
}

void StageHistograms::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    const Colors colors = Colors::of(palette());
    painter.fillRect(rect(), colors.card);
    int free = 0;
    for (int power = m_first; power <= m_last; ++power) {
        const int x = columnOf(std::llround(std::pow(10.0, power)));
        for (std::size_t stage = 0; stage < observe::task_stages; ++stage)
            painter.fillRect(x, plotRect(stage).top(), 1, plotRect(stage).height(), colors.track);
        const QString text = powerText(power);
        const int size = fontMetrics().horizontalAdvance(text);
        const int left = std::clamp(x - size / 2, margin, std::max(margin, width() - margin - size));
        if (left < free)
            continue;
        painter.setPen(colors.muted);
        painter.drawText(left, height() - fontMetrics().descent() - 2, text);
        free = left + size + 8;
    }
    for (std::size_t stage = 0; stage < observe::task_stages; ++stage)
        paintStage(painter, stage);
}

void StageHistograms::paintStage(QPainter& painter, std::size_t stage) {
    const Colors colors = Colors::of(palette());
    const Distribution& times = m_times.stages[stage];
    const QRect one = plotRect(stage);
    const auto which = static_cast<TaskStage>(stage);
    painter.setPen(colors.text);
    const int base = one.top() - fontMetrics().descent() - 1;
    painter.drawText(one.left(), base, stageText(which));
    painter.fillRect(one.left(), one.bottom(), one.width(), 1, colors.border);
    QString sum = tr("nothing known");
    if (times.count() > 0) {
        const QString half = tr("half within %1").arg(shortDuration(times.quantile(0.5)));
        sum = tr("%1, 99 % within %2").arg(half, shortDuration(times.quantile(0.99)));
        if (fontMetrics().horizontalAdvance(stageText(which)) + 12 + fontMetrics().horizontalAdvance(sum) > one.width())
            sum = half;
    }
    painter.setPen(colors.muted);
    painter.drawText(one.right() - fontMetrics().horizontalAdvance(sum), base, sum);
    if (times.count() == 0)
        return;
    const std::uint64_t most = *std::max_element(times.buckets().begin(), times.buckets().end());
    const QColor color = stageColor(which, colors);
    for (std::size_t bucket = 0; bucket < times.buckets().size(); ++bucket) {
        const std::uint64_t number = times.buckets()[bucket];
        if (number == 0)
            continue;
        const int left = columnOf(Distribution::begin_of(bucket));
        const int right = std::max(left + 2, columnOf(Distribution::begin_of(bucket + 1)));
        // Rare durations are the ones that are looked for: they are seen at any scale.
        const int height = std::max(
            2, static_cast<int>(std::lround(static_cast<double>(number) / static_cast<double>(most) * one.height())));
        painter.fillRect(left, one.bottom() + 1 - height, right - left, height, color);
    }
    painter.setPen(QPen(colors.text, 1, Qt::DashLine));
    for (const double share : percentiles) {
        const int x = columnOf(times.quantile(share));
        painter.drawLine(x, one.top(), x, one.bottom());
    }
}

} // namespace pprocess::widgets
