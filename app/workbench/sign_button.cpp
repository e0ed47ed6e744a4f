// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/sign_button.h>

#include <widgets/colors.h>

#include <QPainter>

namespace pprocess::workbench {

namespace {

/// On a ground from (-8, -8) to (8, 8).
class SignPainter {
public:
    SignPainter(QPainter& painter, const QColor& color, const QColor& failure)
        : m_painter(painter),
          m_color(color),
          m_failure(failure) {
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(color);
    }

    void paint(SignButton::Sign sign) {
        using Sign = SignButton::Sign;
        switch (sign) {
        case Sign::none:
            break;
        case Sign::beginning:
            bar(-7);
            triangle(+1, -1);
            triangle(+7, -1);
            break;
        case Sign::end:
            bar(5);
            triangle(+1, +1);
            triangle(-5, +1);
            break;
        case Sign::back:
            bar(3);
            triangle(0, -1);
            break;
        case Sign::forward:
            bar(-5);
            triangle(0, +1);
            break;
        case Sign::play:
            m_painter.drawPolygon(QPolygonF({{-4, -6.5}, {7, 0}, {-4, 6.5}}));
            break;
        case Sign::pause:
            m_painter.drawRect(QRectF(-5, -6, 3.5, 12));
            m_painter.drawRect(QRectF(1.5, -6, 3.5, 12));
            break;
        case Sign::previousFailure:
            triangle(-2, -1);
            cross(4);
            break;
        case Sign::nextFailure:
            triangle(2, +1);
            cross(-4);
            break;
        }
    }

private:
    void bar(double left) { m_painter.drawRect(QRectF(left, -5.5, 2, 11)); }
    /// Its flat side is at `x`, its point lies in `direction`.
    void triangle(double x, double direction) {
        m_painter.drawPolygon(QPolygonF({{x, -5.5}, {x + 6 * direction, 0}, {x, 5.5}}));
    }
    /// As a failure is marked everywhere.
    void cross(double x) {
        m_painter.setPen(QPen(m_failure, 2, Qt::SolidLine, Qt::RoundCap));
        m_painter.drawLine(QPointF(x - 2.7, -2.7), QPointF(x + 2.7, 2.7));
        m_painter.drawLine(QPointF(x - 2.7, 2.7), QPointF(x + 2.7, -2.7));
    }

    QPainter& m_painter;
    QColor m_color;
    QColor m_failure;
};

} // namespace

SignButton::SignButton(Sign sign, QWidget* parent) : QToolButton(parent), m_sign(sign) {
    setAutoRaise(true);
    setFocusPolicy(Qt::StrongFocus);
}

void SignButton::setSign(Sign sign) {
    if (sign != m_sign) {
        m_sign = sign;
        update();
    }
}

QSize SignButton::sizeHint() const {
    return QToolButton::sizeHint().expandedTo({30, 26});
}

void SignButton::paintEvent(QPaintEvent* event) {
    QToolButton::paintEvent(event);
    if (m_sign == Sign::none) {
        return;
    }
    const auto colors = widgets::Colors::of(palette());
    QColor color = colors.text;
    QColor failure = colors.failed;
    if (!isEnabled()) {
        color = colors.muted;
        color.setAlphaF(0.45F);
        failure = color;
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(QRectF(rect()).center());
    SignPainter(painter, color, failure).paint(m_sign);
}

} // namespace pprocess::workbench
