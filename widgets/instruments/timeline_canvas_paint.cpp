// SPDX-License-Identifier: GPL-3.0-or-later
//
// How the lanes look. What lies where is in timeline_geometry.h; nothing here decides that.
#include <widgets/instruments/timeline_canvas.h>

#include <widgets/format.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/instruments/timeline_marks.h>

#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace pprocess::widgets {

namespace {

constexpr int markSize = 9;
constexpr double apart = 26;
constexpr int leastForText = 30;  ///< columns of a bar with its task's index
constexpr int leastForInput = 90; ///< and with its input
constexpr std::size_t mostArrows = 600;
constexpr std::size_t mostSmoothArrows = 60;
constexpr int indent = 14;

} // namespace

void TimelineCanvas::applyFonts() {
    m_colors = Colors::of(palette());
    for (std::size_t state = 0; state < m_stateColors.size(); ++state) {
        m_stateColors[state] = stateColor(static_cast<observe::ProcessState>(state), m_colors);
        m_stateTextColors[state] = stateTextColor(static_cast<observe::ProcessState>(state), m_colors);
    }
    m_barFont = font();
    m_barFont.setPointSizeF(std::max(6.5, font().pointSizeF() * 0.82));
    m_boldFont = font();
    m_boldFont.setBold(true);
    const QFontMetrics bar(m_barFont);
    const QFontMetrics name(font());
    m_digitWidth = bar.horizontalAdvance(u'0');
    m_rulerHeight = bar.height() + 10;
    m_wishes.processHeight = std::max(name.height() + 8, markSize + bar.height() + 6);
    m_wishes.exchangeHeight = 2 * bar.height() + 14;
    if (!m_isNameWidthChosen)
        m_nameWidth = std::clamp(name.averageCharWidth() * 46, 120, std::max(121, viewport()->width() / 3));
    m_texts.clear();
    m_markPixmaps.clear();
    const double ratio = devicePixelRatioF();
    // A tile rather than a brush's pattern, which is far slower and too fine at two device pixels a pixel.
    constexpr int tile = 6;
    m_hatch = QPixmap(QSize(tile, tile) * ratio);
    m_hatch.setDevicePixelRatio(ratio);
    m_hatch.fill(m_colors.failed);
    QPainter painter(&m_hatch);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(failureHatch(m_colors).color(), 1.5));
    for (int at = -tile; at <= tile; at += tile)
        painter.drawLine(QPointF(at - 1, tile + 1), QPointF(at + tile + 1, -1));
}

void TimelineCanvas::fill(QPainter& painter, const QRect& rect, const QColor& color) {
    painter.fillRect(rect, color);
    if (m_painted)
        m_painted->push_back({rect, color, false});
}

void TimelineCanvas::hatch(QPainter& painter, const QRect& rect) {
    painter.drawTiledPixmap(rect, m_hatch, rect.topLeft());
    if (m_painted)
        m_painted->push_back({rect, m_colors.failed, true});
}

void TimelineCanvas::drawText(QPainter& painter, const QRect& rect, const QString& text, const QColor& color,
                              const QFont& font, Qt::Alignment alignment) {
    if (rect.width() <= 4 || text.isEmpty())
        return;
    m_texts.draw(painter, rect, text, color, font, alignment);
}

QRect TimelineCanvas::barArea(const QRect& row) const {
    return {row.left(), row.top() + markSize + 1, row.width(), row.height() - markSize - 3};
}

void TimelineCanvas::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    m_lookups = 0;
    m_arrows.clear();
    const QRect all = viewport()->rect();
    fill(painter, all, m_colors.card);
    if (m_rows.rows.empty()) {
        paintEmpty(painter);
        return;
    }
    const QRect lanes = lanesRect();
    const int selected = rowOfSelection();
    const int first = std::max(0, m_rows.rowAt(verticalScrollBar()->value()));
    std::vector<std::pair<const timeline::Row*, QRect>> visible;
    for (int at = first; at < std::ssize(m_rows.rows); ++at) {
        const QRect rect = rowRect(at);
        if (rect.top() >= all.height())
            break;
        visible.emplace_back(&m_rows.rows[static_cast<std::size_t>(at)], rect);
        if (at == selected)
            fill(painter, rect, m_colors.selection);
    }
    painter.setClipRect(lanes);
    paintGrid(painter);
    for (const auto& [row, rect] : visible) {
        if (row->process != 0)
            paintProcess(painter, *row, rect);
        else
            paintExchange(painter, *row, rect);
    }
    // Above all bars, so that nothing covers them.
    for (const auto& [row, rect] : visible) {
        if (row->process != 0)
            paintMarks(painter, *row, rect);
    }
    paintArrows(painter);
    painter.setClipRect(QRect(0, m_rulerHeight, m_nameWidth, all.height()));
    for (const auto& [row, rect] : visible)
        paintName(painter, *row, rect);
    painter.setClipping(false);
    paintRuler(painter);
    paintCursor(painter);
    fill(painter, QRect(m_nameWidth - 1, 0, 1, all.height()), m_colors.border);
    if (hasFocus()) {
        painter.setPen(QPen(m_colors.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(all.adjusted(0, 0, -1, -1));
    }
    if (m_lookups > 24)
        scheduleRefresh();
}

void TimelineCanvas::paintEmpty(QPainter& painter) {
    painter.setPen(m_colors.muted);
    painter.setFont(font());
    painter.drawText(viewport()->rect(), Qt::AlignCenter,
                     tr("No process has been recorded yet.\n"
                        "Start a job, attach to a program, or open a trace, and its processes appear here."));
}

void TimelineCanvas::paintGrid(QPainter& painter) {
    const timeline::Scale scale = this->scale();
    const std::int64_t step = timeline::rulerStep(scale, 100);
    const std::int64_t zero = m_data.head().begin();
    const QRect lanes = lanesRect();
    std::int64_t time = zero + (scale.begin - zero) / step * step;
    for (; time <= scale.end(); time += step)
        fill(painter, QRect(m_nameWidth + scale.column(time), lanes.top(), 1, lanes.height()), m_colors.track);
}

void TimelineCanvas::paintRuler(QPainter& painter) {
    const timeline::Scale scale = this->scale();
    const std::int64_t step = timeline::rulerStep(scale, 100);
    const std::int64_t zero = m_data.head().begin();
    fill(painter, QRect(0, 0, viewport()->width(), m_rulerHeight), m_colors.window);
    painter.setClipRect(QRect(m_nameWidth, 0, scale.width, m_rulerHeight));
    std::int64_t time = zero + (scale.begin - zero) / step * step;
    for (; time <= scale.end(); time += step) {
        const int x = m_nameWidth + scale.column(time);
        fill(painter, QRect(x, m_rulerHeight - 6, 1, 6), m_colors.muted);
        for (int minor = 1; minor < 5; ++minor) {
            const int at = m_nameWidth + scale.column(time + step * minor / 5);
            fill(painter, QRect(at, m_rulerHeight - 3, 1, 3), m_colors.border);
        }
        const QString label = timeline::rulerLabel(time - zero, step);
        // Half a number would be another one.
        if (x + 4 + QFontMetrics(m_barFont).horizontalAdvance(label) <= viewport()->width())
            drawText(painter, QRect(x + 4, 0, 110, m_rulerHeight - 3), label, m_colors.muted, m_barFont);
    }
    painter.setClipping(false);
    fill(painter, QRect(0, m_rulerHeight - 1, viewport()->width(), 1), m_colors.border);
    drawText(painter, QRect(10, 0, m_nameWidth - 16, m_rulerHeight - 1), tr("Process"), m_colors.muted, m_barFont);
}

void TimelineCanvas::paintProcess(QPainter& painter, const timeline::Row& row, const QRect& rect) {
    fill(painter, QRect(m_nameWidth, rect.bottom(), rect.width() - m_nameWidth, 1), m_colors.track);
    const auto& activities = m_data.activities(row.process);
    const QRect area = barArea(rect);
    for (const timeline::Bar& bar : barsOf(row.process))
        paintBar(painter, row, bar, activities[bar.index],
                 QRect(m_nameWidth + bar.left, area.top(), bar.right - bar.left, area.height()));
}

void TimelineCanvas::paintBar(QPainter& painter, const timeline::Row& row, const timeline::Bar& bar,
                              const Activity& activity, const QRect& rect) {
    const auto state = static_cast<std::size_t>(bar.state);
    if (bar.isFailed) {
        if (rect.width() >= 4)
            hatch(painter, bar.isMerged ? rect : rect.adjusted(0, 0, -1, 0));
        else
            fill(painter, rect, m_colors.failed);
    } else if (bar.state == observe::ProcessState::idle) {
        // Thin, so that work stands out.
        fill(painter, QRect(rect.left(), rect.center().y() - 1, rect.width(), 4), m_stateColors[state]);
    } else {
        // A line between tasks that follow each other closely.
        const bool isApart = !bar.isMerged && rect.width() >= 4 && bar.state == observe::ProcessState::running;
        fill(painter, isApart ? rect.adjusted(0, 0, -1, 0) : rect, m_stateColors[state]);
    }
    const Selected& selected = m_selection.current();
    const bool isAtFocus = row.process == m_focusProcess && activity.begin == m_focusBegin;
    const bool isOfTask = selected.kind == Selected::Kind::task && activity.task == selected.task &&
                          activity.exchange == selected.id && bar.state == observe::ProcessState::running;
    if (isAtFocus || isOfTask) {
        const QRect frame = rect.width() < 3 ? rect.adjusted(-1, 0, 1, 0) : rect;
        painter.setPen(QPen(m_colors.text, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(frame.adjusted(0, 0, -1, -1));
    }
    if (bar.isMerged || rect.width() < leastForText || bar.state == observe::ProcessState::idle)
        return;
    const QRect inside = rect.adjusted(4, 0, -3, 0);
    QString text;
    if (activity.task == Event::unknown || bar.state != observe::ProcessState::running) {
        text = rect.width() >= leastForInput ? stateText(bar.state) : QString();
    } else {
        text = QString::number(activity.task);
        // Half a number would be another number.
        if (static_cast<int>(text.size()) * m_digitWidth > inside.width())
            return;
        if (rect.width() >= leastForInput) {
            const QString input = inputOf(row.process, activity);
            if (!input.isEmpty())
                text += QStringLiteral("  ") + input;
        }
    }
    if (bar.isFailed) {
        const int width = std::min(inside.width(), QFontMetrics(m_barFont).horizontalAdvance(text) + 4);
        painter.fillRect(QRect(inside.left() - 2, inside.top(), width, inside.height()), m_colors.failed);
        drawText(painter, inside, text, Qt::white, m_barFont);
    } else {
        drawText(painter, inside, text, m_stateTextColors[state], m_barFont);
    }
}

const QPixmap& TimelineCanvas::markPixmap(EventKind kind, bool isFailure) {
    QPixmap& pixmap = m_markPixmaps[static_cast<int>(kind) * 2 + (isFailure ? 1 : 0)];
    if (pixmap.isNull()) {
        const double ratio = devicePixelRatioF();
        pixmap = QPixmap(QSize(markSize + 2, markSize + 2) * ratio);
        pixmap.setDevicePixelRatio(ratio);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paintMark(painter, QRectF(1, 1, markSize, markSize), kind, isFailure, m_colors);
    }
    return pixmap;
}

void TimelineCanvas::paintMarks(QPainter& painter, const timeline::Row& row, const QRect& rect) {
    const auto& marks = m_data.marks(row.process);
    timeline::groupMarks(marks, scale(), apart, m_groups, m_data.markSummaries(row.process));
    const int barTop = barArea(rect).top();
    for (const timeline::MarkGroup& group : m_groups) {
        const Mark& mark = marks[group.index];
        const int x = m_nameWidth + static_cast<int>(std::floor(group.x));
        // A stem shows where exactly it was.
        fill(painter, QRect(x, barTop - 1, 1, 4), mark.isFailure ? m_colors.failed : m_colors.muted);
        const int left =
            std::clamp(x - markSize / 2 - 1, m_nameWidth, std::max(m_nameWidth, rect.width() - markSize - 2));
        painter.drawPixmap(left, rect.top(), markPixmap(mark.kind, mark.isFailure));
        if (group.count > 1) {
            constexpr int room = 24;
            const bool fits = left + markSize + 3 + room <= rect.width();
            drawText(painter, QRect(fits ? left + markSize + 3 : left - 2 - room, rect.top() - 1, room, markSize + 2),
                     group.count > 999 ? QStringLiteral("999+") : QString::number(group.count),
                     mark.isFailure ? m_colors.failedText : m_colors.muted, m_barFont,
                     Qt::AlignVCenter | (fits ? Qt::AlignLeft : Qt::AlignRight));
        }
    }
}

void TimelineCanvas::paintExchange(QPainter& painter, const timeline::Row& row, const QRect& rect) {
    fill(painter, QRect(m_nameWidth, rect.bottom(), rect.width() - m_nameWidth, 1), m_colors.track);
    const auto info = m_data.head().exchanges().find(row.exchange);
    if (info == m_data.head().exchanges().end())
        return;
    const Fullness& fullness = fullnessOf(info->second);
    const int half = (rect.height() - 8) / 2;
    const auto paintArea = [&](const std::vector<timeline::StepColumn>& columns, int bottom, double whole,
                               const QColor& color) {
        const QColor faint = m_colors.isDark ? color.darker(160) : color.lighter(135);
        int begin = 0;
        const auto heightOf = [&](double value) {
            return value <= 0 ? 0 : std::max(1, static_cast<int>(std::lround(std::min(1.0, value / whole) * half)));
        };
        // Neighbours of one height are one rectangle.
        for (int at = 1; at <= std::ssize(columns); ++at) {
            const timeline::StepColumn& before = columns[static_cast<std::size_t>(begin)];
            const int least = heightOf(before.least);
            const int most = heightOf(before.most);
            if (at < std::ssize(columns)) {
                const timeline::StepColumn& one = columns[static_cast<std::size_t>(at)];
                if (heightOf(one.least) == least && heightOf(one.most) == most)
                    continue;
            }
            if (most > least)
                fill(painter, QRect(m_nameWidth + begin, bottom - most, at - begin, most - least), faint);
            if (least > 0)
                fill(painter, QRect(m_nameWidth + begin, bottom - least, at - begin, least), color);
            begin = at;
        }
    };
    const auto label = [&](int bottom, const QString& text) {
        const int width = QFontMetrics(m_barFont).horizontalAdvance(text) + 8;
        const QRect ground(rect.width() - width - 4, bottom - half, width, half);
        painter.fillRect(ground, m_colors.card);
        drawText(painter, ground.adjusted(4, 0, -2, 0), text, m_colors.muted, m_barFont);
    };
    double most = 1;
    for (const timeline::StepColumn& column : fullness.queued)
        most = std::max(most, column.most);
    const int queueBottom = rect.top() + 3 + half;
    paintArea(fullness.queued, queueBottom, most, m_colors.waiting);
    label(queueBottom, tr("waiting, at most %1").arg(format::count(static_cast<std::uint64_t>(most))));
    double slots_ = static_cast<double>(info->second.limit);
    for (const timeline::StepColumn& column : fullness.running)
        slots_ = std::max(slots_, column.most);
    const int slotBottom = queueBottom + 2 + half;
    paintArea(fullness.running, slotBottom, std::max(1.0, slots_),
              m_stateColors[static_cast<std::size_t>(observe::ProcessState::running)]);
}

void TimelineCanvas::paintName(QPainter& painter, const timeline::Row& row, const QRect& rect) {
    fill(painter, QRect(0, rect.bottom(), m_nameWidth, 1), m_colors.track);
    int x = 8 + row.depth * indent;
    if (row.hasChildren) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_colors.muted);
        const QPointF middle(x + 5, rect.center().y() + 0.5);
        if (row.isCollapsed)
            painter.drawPolygon(QPolygonF{middle + QPointF(-3, -4), middle + QPointF(3, 0), middle + QPointF(-3, 4)});
        else
            painter.drawPolygon(QPolygonF{middle + QPointF(-4, -3), middle + QPointF(4, -3), middle + QPointF(0, 3)});
        painter.setRenderHint(QPainter::Antialiasing, false);
    }
    x += indent;
    const auto& snapshot = m_data.snapshot();
    if (row.process == 0) {
        const auto exchange = snapshot.exchanges().find(row.exchange);
        const int half = (rect.height() - 8) / 2;
        const QRect upper(x, rect.top() + 3, m_nameWidth - x - 8, half);
        const QRect lower = upper.translated(0, half + 2);
        if (exchange == snapshot.exchanges().end()) {
            drawText(painter, upper, tr("Exchange, not yet created"), m_colors.muted, m_barFont);
            return;
        }
        const observe::ExchangeInfo& info = exchange->second;
        drawText(painter, upper, tr("Queue: %1 waiting").arg(format::count(info.queued)), m_colors.text, m_barFont);
        drawText(painter, lower,
                 info.limit > 0
                     ? tr("Slots: %1 of %2 at work").arg(format::count(info.running), format::count(info.limit))
                     : tr("Slots: %1 at work").arg(format::count(info.running)),
                 m_colors.text, m_barFont);
        return;
    }
    const observe::ProcessInfo* process = snapshot.process(row.process);
    const observe::ProcessInfo* head = m_data.head().process(row.process);
    const observe::ProcessInfo* known = process ? process : head;
    if (!known)
        return;
    QString purpose = QString::fromStdString(known->purpose.empty() ? head->purpose : known->purpose);
    if (known->is_program) // what is cut off at the end is not to be its name
        purpose.remove(0, purpose.section(QLatin1Char(' '), 0, 0).lastIndexOf(QLatin1Char('/')) + 1);
    const QString state = process ? stateText(process->state) : tr("not yet");
    const QColor color = !process                                          ? m_colors.muted
                         : process->state == observe::ProcessState::failed ? m_colors.failedText
                                                                           : m_colors.muted;
    const QFontMetrics small(m_barFont);
    const int stateWidth = std::min(small.horizontalAdvance(state) + 2, (m_nameWidth - x) / 3);
    const int swatch = 8;
    const QRect stateRect(m_nameWidth - 10 - stateWidth, rect.top(), stateWidth, rect.height() - 1);
    drawText(painter, stateRect, state, color, m_barFont);
    if (process) {
        const auto at = static_cast<std::size_t>(process->state);
        fill(painter, QRect(stateRect.left() - swatch - 4, rect.center().y() - swatch / 2, swatch, swatch),
             m_stateColors[at]);
    }
    const QString pid = QString::number(known->pid);
    const int pidWidth = small.horizontalAdvance(pid) + 4;
    const QRect nameRect(x, rect.top(), stateRect.left() - swatch - 12 - x, rect.height() - 1);
    const QFont& nameFont = known->is_program ? m_boldFont : font();
    const int nameWidth =
        std::min(QFontMetrics(nameFont).horizontalAdvance(purpose), std::max(20, nameRect.width() - pidWidth - 6));
    drawText(painter, QRect(nameRect.left(), nameRect.top(), nameWidth, nameRect.height()), purpose,
             process && process->ended == 0 ? m_colors.text : m_colors.muted, nameFont);
    drawText(
        painter,
        QRect(nameRect.left() + nameWidth + 6, nameRect.top() + 1, nameRect.width() - nameWidth - 6, nameRect.height()),
        pid, m_colors.muted, m_barFont);
}

void TimelineCanvas::paintArrows(QPainter& painter) {
    if (m_messages.found().empty())
        return;
    const timeline::Scale scale = this->scale();
    const auto& head = m_data.head();
    std::unordered_map<std::uint64_t, std::pair<int, int>> ends; ///< heights of creator and process, by channel
    for (const std::uint64_t id : m_messages.channels()) {
        const auto channel = head.channels().find(id);
        const observe::ProcessInfo* process =
            channel == head.channels().end() ? nullptr : head.process(channel->second.process);
        if (!process)
            continue;
        const int from = m_rows.rowOf(process->parent, head);
        const int to = m_rows.rowOf(process->key, head);
        if (from >= 0 && to >= 0 && from != to)
            ends[id] = {barArea(rowRect(from)).center().y(), barArea(rowRect(to)).center().y()};
    }
    // One arrow for each few columns of a lane and direction is as much as can be told apart.
    std::unordered_map<std::uint64_t, double> last;
    for (const timeline::Message& message : m_messages.found()) {
        if (!message.isWhole() || *message.received < scale.begin || *message.sent > scale.end())
            continue;
        const auto end = ends.find(message.channel);
        if (end == ends.end())
            continue;
        const double from = scale.x(*message.sent);
        const double to = scale.x(*message.received);
        const auto [place, isFirst] = last.try_emplace(message.channel * 2 + (message.isToProcess ? 1 : 0), -1e9);
        if (from - place->second < 4)
            continue;
        place->second = from;
        const auto& [creator, process] = end->second;
        m_arrows.emplace_back(m_nameWidth + from, message.isToProcess ? creator : process, m_nameWidth + to,
                              message.isToProcess ? process : creator);
        if (m_arrows.size() >= mostArrows)
            break;
    }
    if (m_arrows.size() > mostSmoothArrows)
        paintManyArrows(painter);
    else
        paintSmoothArrows(painter);
}

/// What smooth lines cost is seen at once among many, what they gain is not.
void TimelineCanvas::paintManyArrows(QPainter& painter) {
    constexpr double side = 3;
    QColor color = m_colors.text;
    color.setAlphaF(0.45F);
    QList<QLineF> lines;
    lines.reserve(static_cast<qsizetype>(m_arrows.size()) * 3);
    for (const QLineF& arrow : m_arrows) {
        lines.append(arrow);
        const double length = arrow.length();
        if (length < 1)
            continue;
        const QPointF along = (arrow.p2() - arrow.p1()) / length;
        const QPointF across(-along.y() * side, along.x() * side);
        lines.append({arrow.p2(), arrow.p2() - along * 7 + across});
        lines.append({arrow.p2(), arrow.p2() - along * 7 - across});
    }
    painter.setPen(QPen(color, 0));
    painter.drawLines(lines);
}

void TimelineCanvas::paintSmoothArrows(QPainter& painter) {
    painter.setRenderHint(QPainter::Antialiasing);
    QColor color = m_colors.text;
    color.setAlphaF(0.85F);
    QPainterPath lines;
    QPainterPath heads;
    for (const QLineF& arrow : m_arrows) {
        lines.moveTo(arrow.p1());
        lines.lineTo(arrow.p2());
        const double length = arrow.length();
        if (length < 1)
            continue;
        const QPointF along = (arrow.p2() - arrow.p1()) / length;
        const QPointF across(-along.y(), along.x());
        heads.addPolygon(QPolygonF{arrow.p2(), arrow.p2() - along * 7 + across * 3.2,
                                   arrow.p2() - along * 7 - across * 3.2, arrow.p2()});
        heads.addEllipse(arrow.p1(), 2, 2);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, 1.2));
    painter.drawPath(lines);
    painter.fillPath(heads, color);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void TimelineCanvas::paintCursor(QPainter& painter) {
    const timeline::Scale scale = this->scale();
    const QRect lanes = lanesRect();
    const std::int64_t zero = m_data.head().begin();
    const auto flag = [&](int x, std::int64_t time, const QColor& ground, const QColor& text) {
        const QString label =
            timeline::rulerLabel(time - zero, std::max<std::int64_t>(1, timeline::rulerStep(scale, 10)));
        const int width = QFontMetrics(m_barFont).horizontalAdvance(label) + 10;
        const int left = std::clamp(x - width / 2, m_nameWidth, std::max(m_nameWidth, viewport()->width() - width));
        painter.fillRect(QRect(left, 1, width, m_rulerHeight - 4), ground);
        drawText(painter, QRect(left + 5, 1, width - 6, m_rulerHeight - 4), label, text, m_barFont);
    };
    if (m_drag == Drag::range) {
        const int left = std::max(m_nameWidth, std::min(m_pressed.x(), m_pointer.x()));
        const int right = std::max(m_pressed.x(), m_pointer.x());
        QColor band = m_colors.accent;
        band.setAlphaF(0.22F);
        painter.fillRect(QRect(left, 0, right - left, viewport()->height()), band);
        const double perColumn = static_cast<double>(scale.length) / scale.width;
        const QString text = format::duration(std::chrono::nanoseconds(std::llround((right - left) * perColumn)));
        drawText(painter, QRect(left + 6, m_rulerHeight + 4, 120, m_rulerHeight), text, m_colors.text, m_boldFont);
    } else if (lanes.contains(m_pointer)) {
        painter.fillRect(QRect(m_pointer.x(), lanes.top(), 1, lanes.height()), m_colors.border);
        flag(m_pointer.x(), scale.timeAt(m_pointer.x() - m_nameWidth), m_colors.border, m_colors.text);
    }
    const std::int64_t position = m_data.positionTime();
    if (!m_data.isFollowing() && position >= scale.begin && position <= scale.end()) {
        const int x = m_nameWidth + scale.column(position);
        painter.fillRect(QRect(x, lanes.top() - 4, 2, lanes.height() + 4), m_colors.accent);
        flag(x, position, m_colors.accent, m_colors.accentText);
    }
}

} // namespace pprocess::widgets
