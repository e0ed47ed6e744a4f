// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/indicator_style.h>

#include <widgets/colors.h>

#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>

namespace pprocess::workbench {

IndicatorStyle::IndicatorStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void IndicatorStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                   const QWidget* widget) const {
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
