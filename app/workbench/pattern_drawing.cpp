// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/pattern_drawing.h>

#include <widgets/colors.h>

#include <QPainter>

#include <array>

namespace pprocess::workbench {

namespace {

/// When and where each of the four inputs is worked on.
struct Task {
    int lane;
    double begin;
    double end; ///< of 1
};

// The second ends before the first: it is there that the patterns differ.
constexpr std::array<Task, 4> tasks{{{0, 0.0, 0.6}, {1, 0.0, 0.28}, {1, 0.32, 0.72}, {0, 0.64, 1.0}}};
constexpr std::array<int, 4> byInput{0, 1, 2, 3};
constexpr std::array<int, 4> byEnd{1, 0, 2, 3};
/// Whose lines come one after the other while the first two are worked on.
constexpr std::array<int, 4> byLine{0, 1, 0, 2};
constexpr int laneHeight = 12;
constexpr int laneStep = 17;

QRectF barOf(const Task& task, double width) {
    return {2 + task.begin * width, 2.5 + task.lane * laneStep, (task.end - task.begin) * width, laneHeight};
}

} // namespace

PatternDrawing::PatternDrawing(Pattern pattern, QWidget* parent) : QWidget(parent), m_pattern(pattern) {
    setObjectName(QStringLiteral("patternDrawing"));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setPattern(pattern);
}

void PatternDrawing::setPattern(Pattern pattern) {
    m_pattern = pattern;
    switch (pattern) {
    case Pattern::map:
        setAccessibleName(tr("Drawing: of four inputs the second is done first; its result comes second."));
        break;
    case Pattern::queue:
        setAccessibleName(tr("Drawing: of four inputs the second is done first; its result comes first."));
        break;
    case Pattern::exchange:
        setAccessibleName(
            tr("Drawing: of four inputs the second is done first; its result is put in the second of four places."));
        break;
    case Pattern::continuous:
        setAccessibleName(tr("Drawing: lines of the first, the second, the first and the third of four inputs come "
                             "while these are worked on."));
        break;
    case Pattern::reused:
        setAccessibleName(tr("Drawing: two processes, each of which works on two inputs."));
        break;
    case Pattern::fresh:
        setAccessibleName(tr("Drawing: four processes, two at a time, each of which works on one input."));
        break;
    }
    setToolTip(showsResults() ? tr("Two processes work on four inputs; at the right what you get of them, from left to "
                                   "right as it comes.")
                              : tr("Four inputs in two lanes; a frame is a process."));
    update();
}

void PatternDrawing::paintEvent(QPaintEvent*) {
    const auto colors = widgets::Colors::of(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QFont small = font();
    small.setPixelSize(9);
    painter.setFont(small);

    const double width = showsResults() ? 50 : 102;
    const auto number = [&](const QRectF& box, int task, const QColor& color) {
        painter.setPen(color);
        painter.drawText(box, Qt::AlignCenter, QString::number(task + 1));
    };
    if (!showsResults()) {
        // The frames of the processes.
        painter.setPen(QPen(colors.muted, 1));
        painter.setBrush(Qt::NoBrush);
        if (m_pattern == Pattern::reused) {
            for (const int lane : {0, 1}) {
                const double end = lane == 0 ? tasks[3].end : tasks[2].end;
                painter.drawRoundedRect(barOf({lane, 0, end}, width).adjusted(-1.5, -1.5, 1.5, 1.5), 3, 3);
            }
        } else {
            for (const Task& task : tasks) {
                painter.drawRoundedRect(barOf(task, width).adjusted(-1.5, -1.5, 1.5, 1.5), 3, 3);
            }
        }
    }
    for (const int task : byInput) {
        const QRectF bar = barOf(tasks[static_cast<std::size_t>(task)], width);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.accent);
        painter.drawRoundedRect(showsResults() ? bar : bar.adjusted(1, 1, -1, -1), 2, 2);
        number(bar, task, colors.accentText);
    }
    if (showsResults())
        paintResults(painter, colors);
}

bool PatternDrawing::showsResults() const {
    return m_pattern != Pattern::reused && m_pattern != Pattern::fresh;
}

/// What comes, first to last; in an exchange the four places when the second input is done.
void PatternDrawing::paintResults(QPainter& painter, const widgets::Colors& colors) const {
    const bool hasPlaces = m_pattern == Pattern::exchange;
    const auto& order = m_pattern == Pattern::queue ? byEnd : m_pattern == Pattern::continuous ? byLine : byInput;
    for (std::size_t place = 0; place < order.size(); ++place) {
        const bool isFilled = !hasPlaces || order[place] == byEnd.front();
        // A line is flatter than a whole result.
        const bool isLine = m_pattern == Pattern::continuous;
        const QRectF box(58.5 + static_cast<double>(place) * 12, isLine ? 6 + static_cast<double>(place) * 6 : 11, 10,
                         isLine ? 10 : 12);
        painter.setPen(QPen(colors.muted, 1, isFilled ? Qt::SolidLine : Qt::DotLine));
        painter.setBrush(isFilled ? QBrush(colors.card) : QBrush(Qt::NoBrush));
        if (isLine) {
            painter.drawLine(box.bottomLeft(), box.bottomRight());
        } else {
            painter.drawRoundedRect(box, 2, 2);
        }
        if (isFilled) {
            painter.setPen(colors.text);
            painter.drawText(box, Qt::AlignCenter, QString::number(order[place] + 1));
        }
    }
}

} // namespace pprocess::workbench
