// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/stacked_bar.h>

#include <widgets/colors.h>
#include <widgets/format.h>

#include <QPainter>
#include <QPainterPath>

#include <array>

namespace pprocess::widgets {

StackedBar::StackedBar(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Progress"));
}

QSize StackedBar::sizeHint() const {
    return {400, 14};
}

QSize StackedBar::minimumSizeHint() const {
    return {80, 14};
}

void StackedBar::setProgress(const job::Progress& progress) {
    m_progress = progress;
    setToolTip(tr("%1 ok, %2 failed, %3 stopped, %4 running, %5 waiting")
                   .arg(format::count(progress.succeeded), format::count(progress.failed),
                        format::count(progress.cancelled), format::count(progress.running),
                        format::count(progress.waiting)));
    setAccessibleDescription(toolTip());
    update();
}

std::array<double, 4> StackedBar::parts(const job::Progress& progress, double width, double least) {
    const std::array<std::size_t, 4> counts{progress.succeeded, progress.failed, progress.cancelled, progress.running};
    std::array<double, 4> widths{};
    if (progress.total == 0) {
        return widths;
    }
    double sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) {
            widths[i] = qMax(least, width * static_cast<double>(counts[i]) / static_cast<double>(progress.total));
        }
        sum += widths[i];
    }
    if (sum > width) {
        // The widest part gives what the small ones took.
        auto& widest = *std::max_element(widths.begin(), widths.end());
        widest -= qMin(widest, sum - width);
    }
    return widths;
}

void StackedBar::paintEvent(QPaintEvent*) {
    const Colors colors = Colors::of(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(QRectF(rect()), 4, 4);
    painter.setClipPath(outline);
    painter.fillRect(rect(), colors.track);
    const std::array<QColor, 4> hues{colors.done, colors.failed, colors.cancelled, colors.running};
    const auto widths = parts(m_progress, width(), 4);
    double x = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const QRectF part(x, 0, widths[i], height());
        painter.fillRect(part, hues[i]);
        if (i == 1 && widths[i] > 0) {
            painter.save();
            painter.setClipRect(part, Qt::IntersectClip);
            painter.setPen(QPen(QColor(255, 255, 255, 150), 1.4));
            for (double at = part.left() - height(); at < part.right(); at += 5) {
                painter.drawLine(QPointF(at, height()), QPointF(at + height(), 0));
            }
            painter.restore();
        }
        x += widths[i];
    }
}

} // namespace pprocess::widgets
