// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProxyStyle>

namespace pprocess::workbench {

/// Fusion with check boxes and radio buttons whose outline can be seen on a dark ground too: Fusion makes it by
/// darkening the window's colour. Boxes to choose from and boxes for numbers look like the fields and buttons that the
/// style sheet draws beside them; a style sheet for these would need pictures of their arrows. The signs of messages
/// are drawn in the colours of the theme, and buttons of dialogs have words alone, on every desktop.
class IndicatorStyle : public QProxyStyle {
    Q_OBJECT

public:
    IndicatorStyle();

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* returned) const override;
    [[nodiscard]] QIcon standardIcon(StandardPixmap icon, const QStyleOption* option,
                                     const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                            const QWidget* widget) const override;
};

} // namespace pprocess::workbench
