// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProxyStyle>

namespace pprocess::workbench {

/// Fusion with check boxes and radio buttons whose outline can be seen on a dark ground too: Fusion makes it by
/// darkening the window's colour.
class IndicatorStyle : public QProxyStyle {
    Q_OBJECT

public:
    IndicatorStyle();

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
};

} // namespace pprocess::workbench
