// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/state_legend.h>

#include <widgets/colors.h>
#include <widgets/instruments/state_colors.h>

#include <QPainter>

namespace pprocess::widgets {

namespace {

constexpr int side = 10;
constexpr int gap = 5;
constexpr int spacing = 14;

} // namespace

StateLegend::StateLegend(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Colours of the states"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

QSize StateLegend::sizeHint() const {
    int width = 0;
    for (const auto state : statesInOrder)
        width += side + gap + fontMetrics().horizontalAdvance(stateText(state)) + spacing;
    return {width, fontMetrics().height() + 6};
}

QSize StateLegend::minimumSizeHint() const {
    return {0, sizeHint().height()};
}

void StateLegend::paintEvent(QPaintEvent*) {
    const Colors colors = Colors::of(palette());
    QPainter painter(this);
    painter.setPen(colors.muted);
    int x = 0;
    for (const auto state : statesInOrder) {
        const QString text = stateText(state);
        const int advance = fontMetrics().horizontalAdvance(text);
        if (x + side + gap + advance > width())
            break;
        const QRect swatch(x, (height() - side) / 2, side, side);
        painter.fillRect(swatch, stateColor(state, colors));
        if (state == observe::ProcessState::failed)
            painter.fillRect(swatch, failureHatch(colors));
        painter.drawText(QRect(x + side + gap, 0, advance + 2, height()), Qt::AlignVCenter | Qt::TextSingleLine, text);
        x += side + gap + advance + spacing;
    }
}

} // namespace pprocess::widgets
