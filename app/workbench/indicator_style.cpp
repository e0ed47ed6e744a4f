// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/indicator_style.h>

#include <widgets/colors.h>

#include <QHeaderView>
#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>

namespace pprocess::workbench {

namespace {

/// Above the middle of the heading: beside it, it would lie on the text of a column that is narrow or aligned right.
void paintOrder(QPainter* painter, const QHeaderView& header) {
    const int section = header.sortIndicatorSection();
    const double middle = header.sectionViewportPosition(section) + header.sectionSize(section) / 2.0;
    const bool isAscending = header.sortIndicatorOrder() == Qt::AscendingOrder;
    const double flat = isAscending ? 5 : 1;
    const double point = isAscending ? 1 : 5;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(widgets::Colors::of(header.palette()).muted);
    painter->drawPolygon(QPolygonF({{middle - 4.5, flat}, {middle + 4.5, flat}, {middle, point}}));
    painter->restore();
}

} // namespace

IndicatorStyle::IndicatorStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void IndicatorStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                   const QWidget* widget) const {
    if (const auto* header = qobject_cast<const QHeaderView*>(widget); header && element == PE_IndicatorHeaderArrow) {
        paintOrder(painter, *header);
        return;
    }
    if (element != PE_IndicatorCheckBox && element != PE_IndicatorRadioButton) {
        QProxyStyle::drawPrimitive(element, option, painter, widget);
        return;
    }
    const auto colors = widgets::Colors::of(option->palette);
    const bool isOn = option->state.testFlag(State_On);
    const bool isEnabled = option->state.testFlag(State_Enabled);
    const bool isFocused = option->state.testFlag(State_HasFocus);
    const int side = qMin(option->rect.width(), option->rect.height()) - 1;
    QRectF box(0, 0, side, side);
    box.moveCenter(QRectF(option->rect).center());

    QColor mark = isEnabled ? colors.accentText : colors.muted;
    QColor ground = isOn ? (isEnabled ? colors.accent : colors.track) : colors.card;
    QColor outline = isOn && isEnabled ? colors.accent : isFocused ? colors.accent : colors.muted;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setOpacity(isEnabled ? 1.0 : 0.7);
    painter->setPen(QPen(outline, isFocused ? 2 : 1));
    painter->setBrush(ground);
    if (element == PE_IndicatorRadioButton) {
        painter->drawEllipse(box);
        if (isOn) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(mark);
            painter->drawEllipse(box.center(), side * 0.2, side * 0.2);
        }
    } else {
        painter->drawRoundedRect(box, 2.5, 2.5);
        if (isOn) {
            QPainterPath check(box.topLeft() + QPointF(side * 0.22, side * 0.52));
            check.lineTo(box.topLeft() + QPointF(side * 0.43, side * 0.73));
            check.lineTo(box.topLeft() + QPointF(side * 0.79, side * 0.28));
            painter->setPen(QPen(mark, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            painter->setBrush(Qt::NoBrush);
            painter->drawPath(check);
        }
    }
    painter->restore();
}

} // namespace pprocess::workbench
