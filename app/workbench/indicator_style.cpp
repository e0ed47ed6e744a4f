// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/indicator_style.h>

#include <widgets/colors.h>

#include <QApplication>
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

/// The frame that the style sheet gives a line of text.
void paintFrame(QPainter* painter, const QStyleOption& option, const QColor& ground) {
    const auto colors = widgets::Colors::of(option.palette);
    const bool isFocused = option.state.testFlag(QStyle::State_HasFocus);
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(isFocused ? colors.accent : colors.border, 1));
    painter->setBrush(ground);
    painter->drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
}

void paintArrow(QPainter* painter, const QRect& area, bool isUp, const QColor& color) {
    const QPointF middle = QRectF(area).center();
    const double height = isUp ? -1.5 : 1.5;
    painter->setPen(QPen(color, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    painter->drawPolyline(
        QPolygonF({middle + QPointF(-3.5, -height), middle + QPointF(0, height), middle + QPointF(3.5, -height)}));
}

void paintChoice(QPainter* painter, const QStyle& style, const QStyleOptionComboBox& box, const QWidget* widget) {
    const auto colors = widgets::Colors::of(box.palette);
    const bool isUnderMouse = box.state.testFlag(QStyle::State_MouseOver) && box.state.testFlag(QStyle::State_Enabled);
    const QColor plain = colors.isDark ? colors.card.lighter(125) : colors.card;
    const QColor over = colors.isDark ? colors.card.lighter(145) : colors.window;
    paintFrame(painter, box, isUnderMouse ? over : plain);
    paintArrow(painter, style.subControlRect(QStyle::CC_ComboBox, &box, QStyle::SC_ComboBoxArrow, widget), false,
               box.palette.color(QPalette::ButtonText));
}

void paintNumber(QPainter* painter, const QStyle& style, const QStyleOptionSpinBox& box, const QWidget* widget) {
    const auto colors = widgets::Colors::of(box.palette);
    paintFrame(painter, box, colors.card);
    const auto paintStep = [&](QStyle::SubControl control, QAbstractSpinBox::StepEnabledFlag step, bool isUp) {
        const QRect area = style.subControlRect(QStyle::CC_SpinBox, &box, control, widget);
        if (box.activeSubControls == control && box.state.testFlag(QStyle::State_MouseOver)) {
            painter->fillRect(area.adjusted(0, 1, -1, -1), colors.track);
        }
        const bool canStep = box.stepEnabled.testFlag(step) && box.state.testFlag(QStyle::State_Enabled);
        paintArrow(painter, area, isUp, canStep ? colors.text : colors.cancelled);
    };
    if (box.subControls.testFlag(QStyle::SC_SpinBoxUp)) {
        paintStep(QStyle::SC_SpinBoxUp, QAbstractSpinBox::StepUpEnabled, true);
        paintStep(QStyle::SC_SpinBoxDown, QAbstractSpinBox::StepDownEnabled, false);
    }
}

QIcon messageIcon(const QColor& ground, const QColor& ink, const QString& sign) {
    constexpr int side = 32;
    constexpr int scale = 4; // sharp on any screen
    QPixmap pixmap(side * scale, side * scale);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(scale, scale);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawEllipse(QRectF(1, 1, side - 2, side - 2));
    QFont font;
    font.setPixelSize(20);
    font.setBold(true);
    painter.setFont(font);
    painter.setPen(ink);
    painter.drawText(QRectF(0, 0, side, side), Qt::AlignCenter, sign);
    return QIcon(pixmap);
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

int IndicatorStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                              QStyleHintReturn* returned) const {
    return hint == SH_DialogButtonBox_ButtonsHaveIcons ? 0 : QProxyStyle::styleHint(hint, option, widget, returned);
}

QIcon IndicatorStyle::standardIcon(StandardPixmap icon, const QStyleOption* option, const QWidget* widget) const {
    const auto colors = widgets::Colors::of(QApplication::palette());
    const QColor dark = widgets::Colors::light().text;
    switch (icon) {
    case SP_MessageBoxQuestion:
        return messageIcon(colors.accent, colors.accentText, QStringLiteral("?"));
    case SP_MessageBoxInformation:
        return messageIcon(colors.accent, colors.accentText, QStringLiteral("i"));
    case SP_MessageBoxWarning:
        return messageIcon(colors.waiting, dark, QStringLiteral("!"));
    case SP_MessageBoxCritical:
        return messageIcon(colors.failed, colors.isDark ? dark : colors.accentText, QStringLiteral("!"));
    default:
        return QProxyStyle::standardIcon(icon, option, widget);
    }
}

void IndicatorStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                        const QWidget* widget) const {
    const auto* const choice = qstyleoption_cast<const QStyleOptionComboBox*>(option);
    const auto* const number = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
    painter->save();
    if (control == CC_ComboBox && choice && !choice->editable) {
        paintChoice(painter, *proxy(), *choice, widget);
    } else if (control == CC_SpinBox && number) {
        paintNumber(painter, *proxy(), *number, widget);
    } else {
        QProxyStyle::drawComplexControl(control, option, painter, widget);
    }
    painter->restore();
}

} // namespace pprocess::workbench
