// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/state_icon.h>

#include <widgets/colors.h>
#include <widgets/painted_icon.h>

#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

#include <array>

namespace pprocess::widgets {

void paintStateSign(QPainter& painter, const QRectF& rect, StateSign sign) {
    // These hues stand out from a light and from a dark ground alike.
    static const Colors colors = Colors::light();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double side = qMin(rect.width(), rect.height());
    painter.translate(rect.center());
    painter.scale(side / 16, side / 16);
    const QRectF disc(-6, -6, 12, 12);
    const auto ring = [&](const QColor& color) {
        painter.setPen(QPen(color, 1.8));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(disc.adjusted(0.9, 0.9, -0.9, -0.9));
    };
    const auto filled = [&](const QColor& color) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(disc);
    };
    const QPen stroke(Qt::white, 1.9, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    switch (sign) {
    case StateSign::starting:
        ring(colors.cancelled);
        break;
    case StateSign::waiting:
        ring(colors.waiting.darker(112));
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.waiting.darker(112));
        painter.drawPie(disc.adjusted(0.9, 0.9, -0.9, -0.9), 90 * 16, -180 * 16);
        break;
    case StateSign::running: {
        filled(colors.running);
        QPainterPath triangle;
        triangle.moveTo(-1.7, -2.9);
        triangle.lineTo(3.1, 0);
        triangle.lineTo(-1.7, 2.9);
        triangle.closeSubpath();
        painter.setBrush(Qt::white);
        painter.drawPath(triangle);
        break;
    }
    case StateSign::succeeded:
        filled(colors.done.darker(108));
        painter.setPen(stroke);
        painter.drawPolyline(QPolygonF({{-2.7, 0.2}, {-0.8, 2.2}, {2.8, -2.0}}));
        break;
    case StateSign::failed:
        filled(colors.failed);
        painter.setPen(stroke);
        painter.drawLine(QPointF(-2.2, -2.2), QPointF(2.2, 2.2));
        painter.drawLine(QPointF(-2.2, 2.2), QPointF(2.2, -2.2));
        break;
    case StateSign::cancelled:
        ring(colors.cancelled);
        painter.setPen(QPen(colors.cancelled, 1.9, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(QPointF(-2.4, 0), QPointF(2.4, 0));
        break;
    }
    painter.restore();
}

const QIcon& stateIcon(StateSign sign) {
    static const std::array<QIcon, 6> icons = [] {
        std::array<QIcon, 6> made;
        for (std::size_t i = 0; i < made.size(); ++i) {
            made[i] = paintedIcon([sign = static_cast<StateSign>(i)](QPainter& painter, const QRectF& rect) {
                paintStateSign(painter, rect, sign);
            });
        }
        return made;
    }();
    return icons[static_cast<std::size_t>(sign)];
}

} // namespace pprocess::widgets
