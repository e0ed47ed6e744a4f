// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/process_state_icon.h>

#include <widgets/colors.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/painted_icon.h>

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

#include <algorithm>
#include <array>

namespace pprocess::widgets {

using observe::ProcessState;

QString stateExplanation(ProcessState state) {
    const auto text = [](const char* english) {
        return QCoreApplication::translate("pprocess::widgets::stateExplanation", english);
    };
    switch (state) {
    case ProcessState::starting:
        return text("Created, and nothing heard of it yet");
    case ProcessState::idle:
        return text("Waits for a task, or for what it is to receive");
    case ProcessState::receiving:
        return text("A value has come and is being decoded");
    case ProcessState::running:
        return text("Its function runs");
    case ProcessState::sending:
        return text("Its function has returned; the result is being encoded and sent");
    case ProcessState::waiting:
        return text("Its channel is full; it waits until somebody receives from it");
    case ProcessState::stopped:
        return text("Stopped by a signal");
    case ProcessState::succeeded:
        return text("Ended with status 0");
    case ProcessState::failed:
        return text("Ended by a signal or with another status than 0");
    }
    return {};
}

void paintProcessState(QPainter& painter, const QRectF& rect, ProcessState state, const Colors& colors) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double side = qMin(rect.width(), rect.height());
    painter.translate(rect.center());
    painter.scale(side / 16, side / 16);
    const QColor color = stateColor(state, colors);
    const QRectF disc(-6, -6, 12, 12);
    const QRectF inner = disc.adjusted(0.9, 0.9, -0.9, -0.9);
    const QPen stroke(Qt::white, 1.9, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    const auto filled = [&] {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(disc);
        painter.setPen(stroke);
        painter.setBrush(Qt::NoBrush);
    };
    const auto triangle = [&](double direction) {
        QPainterPath path;
        path.moveTo(-2.0 * direction, -3.0);
        path.lineTo(3.2 * direction, 0);
        path.lineTo(-2.0 * direction, 3.0);
        path.closeSubpath();
        painter.setPen(Qt::NoPen);
        painter.setBrush(Qt::white);
        painter.drawPath(path);
    };
    switch (state) {
    case ProcessState::starting: {
        QPen dotted(colors.isDark ? color.lighter(120) : color.darker(125), 1.8);
        dotted.setDashPattern({1.3, 1.3});
        painter.setPen(dotted);
        painter.drawEllipse(inner);
        break;
    }
    case ProcessState::idle:
        painter.setPen(QPen(colors.cancelled, 1.8));
        painter.drawEllipse(inner);
        break;
    case ProcessState::receiving:
        filled();
        painter.drawPolyline(QPolygonF({{-2.6, -0.2}, {0, 2.6}, {2.6, -0.2}}));
        painter.drawLine(QPointF(0, -3.2), QPointF(0, 2.4));
        break;
    case ProcessState::running:
        filled();
        triangle(1);
        break;
    case ProcessState::sending:
        filled();
        painter.drawPolyline(QPolygonF({{-2.6, 0.2}, {0, -2.6}, {2.6, 0.2}}));
        painter.drawLine(QPointF(0, 3.2), QPointF(0, -2.4));
        break;
    case ProcessState::waiting: {
        const QColor strong = color.darker(colors.isDark ? 100 : 112);
        painter.setPen(QPen(strong, 1.8));
        painter.drawEllipse(inner);
        painter.setPen(Qt::NoPen);
        painter.setBrush(strong);
        painter.drawPie(inner, 90 * 16, -180 * 16);
        break;
    }
    case ProcessState::stopped:
        filled();
        painter.drawLine(QPointF(-1.8, -2.5), QPointF(-1.8, 2.5));
        painter.drawLine(QPointF(1.8, -2.5), QPointF(1.8, 2.5));
        break;
    case ProcessState::succeeded:
        filled();
        painter.drawPolyline(QPolygonF({{-2.7, 0.2}, {-0.8, 2.2}, {2.8, -2.0}}));
        break;
    case ProcessState::failed:
        filled();
        painter.drawLine(QPointF(-2.2, -2.2), QPointF(2.2, 2.2));
        painter.drawLine(QPointF(-2.2, 2.2), QPointF(2.2, -2.2));
        break;
    }
    painter.restore();
}

const QIcon& processStateIcon(ProcessState state) {
    static const std::array<QIcon, statesInOrder.size()> icons = [] {
        std::array<QIcon, statesInOrder.size()> made;
        for (std::size_t place = 0; place < made.size(); ++place)
            made[place] =
                paintedIcon([state = static_cast<ProcessState>(place)](QPainter& painter, const QRectF& rect) {
                    static const Colors colors = Colors::light();
                    paintProcessState(painter, rect, state, colors);
                });
        return made;
    }();
    return icons[std::min(static_cast<std::size_t>(state), icons.size() - 1)];
}

} // namespace pprocess::widgets
