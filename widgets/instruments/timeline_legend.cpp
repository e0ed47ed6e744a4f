// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_legend.h>

#include <widgets/colors.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/instruments/timeline_marks.h>

#include <QPainter>

namespace pprocess::widgets {

namespace {
constexpr int sample = 12;
constexpr int gap = 4;
constexpr int distance = 14;
} // namespace

TimelineLegend::TimelineLegend(QWidget* parent) : QWidget(parent) {
    QFont small = font();
    small.setPointSizeF(std::max(6.5, small.pointSizeF() * 0.88));
    setFont(small);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setAccessibleName(tr("Legend"));
    for (const observe::ProcessState state : statesInOrder) {
        if (observe::has_ended(state))
            continue;
        m_entries.push_back({stateText(state), [this, state](QPainter& painter, const QRect& rect) {
                                 const int inset = state == observe::ProcessState::idle ? 4 : 0;
                                 painter.fillRect(rect.adjusted(0, inset, 0, -inset),
                                                  stateColor(state, Colors::of(palette())));
                             }});
    }
    m_entries.push_back({tr("Failed task"), [this](QPainter& painter, const QRect& rect) {
                             const Colors colors = Colors::of(palette());
                             painter.fillRect(rect, colors.failed);
                             painter.fillRect(rect, failureHatch(colors));
                         }});
    for (const EventKind kind : marksInOrder) {
        const bool isFailure = kind == EventKind::process_signalled || kind == EventKind::task_retried ||
                               kind == EventKind::task_timed_out || kind == EventKind::task_finished ||
                               kind == EventKind::process_ended;
        const auto paint = [this, kind](bool fails) {
            return [this, kind, fails](QPainter& painter, const QRect& rect) {
                paintMark(painter, QRectF(rect).adjusted(1, 1, -1, -1), kind, fails, Colors::of(palette()));
            };
        };
        // What a bar shows already is not shown twice.
        if (kind == EventKind::process_stopped)
            continue;
        m_entries.push_back({markText(kind, isFailure), paint(isFailure)});
        if (kind == EventKind::process_ended)
            m_entries.push_back({markText(kind, false), paint(false)});
    }
}

int TimelineLegend::lineHeight() const {
    return fontMetrics().height() + 4;
}

int TimelineLegend::layOut(int width, const std::function<void(const Entry&, const QRect&)>& place) const {
    int x = 0;
    int y = 0;
    for (const Entry& entry : m_entries) {
        const int needed = sample + gap + fontMetrics().horizontalAdvance(entry.text);
        if (x > 0 && x + needed > width) {
            x = 0;
            y += lineHeight();
        }
        if (place)
            place(entry, QRect(x, y, needed, lineHeight()));
        x += needed + distance;
    }
    return y + lineHeight();
}

int TimelineLegend::heightForWidth(int width) const {
    return layOut(width, {});
}

QSize TimelineLegend::sizeHint() const {
    return {600, heightForWidth(600)};
}

QSize TimelineLegend::minimumSizeHint() const {
    return {160, lineHeight()};
}

void TimelineLegend::paintEvent(QPaintEvent*) {
    const Colors colors = Colors::of(palette());
    QPainter painter(this);
    layOut(width(), [&](const Entry& entry, const QRect& rect) {
        painter.save();
        entry.paint(painter, QRect(rect.left(), rect.top() + (rect.height() - sample) / 2, sample, sample));
        painter.restore();
        painter.setPen(colors.text);
        painter.drawText(rect.adjusted(sample + gap, 0, 2, 0), Qt::AlignVCenter | Qt::AlignLeft, entry.text);
    });
}

} // namespace pprocess::widgets
