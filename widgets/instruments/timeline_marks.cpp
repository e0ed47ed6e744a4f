// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_marks.h>

#include <widgets/colors.h>

#include <QCoreApplication>
#include <QPainter>

#include <pprocess/observe/snapshot.h>

namespace pprocess::widgets {

void paintMark(QPainter& painter, const QRectF& rect, EventKind kind, bool isFailure, const Colors& colors) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = isFailure ? colors.failed : colors.muted;
    const double size = rect.width();
    const QPen line(color, size * 0.16, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    const auto at = [&rect](double x, double y) {
        return QPointF(rect.left() + x * rect.width(), rect.top() + y * rect.height());
    };
    const auto fill = [&](const QPolygonF& shape) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawPolygon(shape);
    };
    painter.setPen(line);
    painter.setBrush(Qt::NoBrush);
    switch (kind) {
    case EventKind::process_created: // a fork
        painter.drawPolyline(QPolygonF{at(0.15, 0.1), at(0.5, 0.5), at(0.5, 0.95)});
        painter.drawLine(at(0.85, 0.1), at(0.5, 0.5));
        break;
    case EventKind::process_running:
    case EventKind::process_resumed:
        fill({at(0.2, 0.1), at(0.9, 0.5), at(0.2, 0.9)});
        break;
    case EventKind::process_stopped:
        painter.drawLine(at(0.3, 0.15), at(0.3, 0.85));
        painter.drawLine(at(0.7, 0.15), at(0.7, 0.85));
        break;
    case EventKind::process_signalled: // a bolt
        fill({at(0.6, 0.0), at(0.1, 0.6), at(0.45, 0.6), at(0.35, 1.0), at(0.9, 0.38), at(0.55, 0.38)});
        break;
    case EventKind::task_retried:
        painter.drawArc(QRectF(at(0.12, 0.12), at(0.88, 0.88)), 60 * 16, 280 * 16);
        fill({at(0.45, 0.0), at(0.95, 0.12), at(0.6, 0.5)});
        break;
    case EventKind::task_timed_out: // a clock
        painter.drawEllipse(QRectF(at(0.08, 0.08), at(0.92, 0.92)));
        painter.drawPolyline(QPolygonF{at(0.5, 0.25), at(0.5, 0.52), at(0.7, 0.62)});
        break;
    case EventKind::task_finished: // an exclamation mark on a triangle
        fill({at(0.5, 0.0), at(1.0, 0.95), at(0.0, 0.95)});
        painter.setPen(QPen(colors.card, size * 0.13, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(at(0.5, 0.38), at(0.5, 0.6));
        painter.drawPoint(at(0.5, 0.8));
        break;
    case EventKind::process_ended:
        if (isFailure) {
            fill({at(0.05, 0.05), at(0.95, 0.05), at(0.95, 0.95), at(0.05, 0.95)});
            painter.setPen(QPen(colors.card, size * 0.15, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(at(0.28, 0.28), at(0.72, 0.72));
            painter.drawLine(at(0.72, 0.28), at(0.28, 0.72));
        } else {
            painter.drawRect(QRectF(at(0.15, 0.15), at(0.85, 0.85)));
        }
        break;
    default:
        painter.drawPoint(rect.center());
        break;
    }
    painter.restore();
}

QString markText(EventKind kind, bool isFailure) {
    const auto text = [](const char* english) {
        return QCoreApplication::translate("pprocess::widgets::markText", english);
    };
    switch (kind) {
    case EventKind::process_created:
        return text("Created");
    case EventKind::process_running:
        return text("Ready");
    case EventKind::process_stopped:
        return text("Stopped");
    case EventKind::process_resumed:
        return text("Resumed");
    case EventKind::process_signalled:
        return text("Signal sent");
    case EventKind::task_retried:
        return text("Retry");
    case EventKind::task_timed_out:
        return text("Timeout");
    case EventKind::task_finished:
        return text("Task failed");
    case EventKind::process_ended:
        return isFailure ? text("Died") : text("Ended");
    default:
        return QString::fromLatin1(observe::to_string(kind));
    }
}

} // namespace pprocess::widgets
