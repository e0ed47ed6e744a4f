// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/empty_text.h>

#include <widgets/colors.h>

#include <QPainter>
#include <QWidget>

namespace pprocess::widgets {

void paintEmptyText(QWidget& widget, const QString& title, const QString& advice) {
    const Colors colors = Colors::of(widget.palette());
    QPainter painter(&widget);
    QFont bold = widget.font();
    bold.setWeight(QFont::DemiBold);
    const QRect area = widget.rect().adjusted(16, 8, -16, -8);
    const int gap = 4;
    const int flags = Qt::AlignHCenter | Qt::TextWordWrap;
    const QRect titleRect = QFontMetrics(bold).boundingRect(area, flags, title);
    const QRect adviceRect = widget.fontMetrics().boundingRect(area, flags, advice);
    const int height = titleRect.height() + (advice.isEmpty() ? 0 : gap + adviceRect.height());
    const bool hasRoom = height <= area.height();
    int y = area.top() + qMax(0, (area.height() - height) / 2);
    painter.setPen(colors.text);
    painter.setFont(bold);
    painter.drawText(QRect(area.left(), y, area.width(), titleRect.height()), flags, title);
    if (!hasRoom)
        return;
    y += titleRect.height() + gap;
    painter.setPen(colors.muted);
    painter.setFont(widget.font());
    painter.drawText(QRect(area.left(), y, area.width(), adviceRect.height()), flags, advice);
}

} // namespace pprocess::widgets
