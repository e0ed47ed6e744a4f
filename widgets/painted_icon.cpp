// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/painted_icon.h>

#include <QIconEngine>
#include <QPainter>

#include <utility>

namespace pprocess::widgets {

namespace {

using Paint = std::function<void(QPainter&, const QRectF&)>;

class PaintedIconEngine : public QIconEngine {
public:
    explicit PaintedIconEngine(Paint paint) : m_paint(std::move(paint)) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode, QIcon::State) override { m_paint(*painter, rect); }
    QPixmap pixmap(const QSize& size, QIcon::Mode, QIcon::State) override {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        m_paint(painter, QRectF(QPointF(0, 0), size));
        return pixmap;
    }
    [[nodiscard]] QIconEngine* clone() const override { return new PaintedIconEngine(m_paint); }

private:
    Paint m_paint;
};

} // namespace

QIcon paintedIcon(Paint paint) {
    return QIcon(new PaintedIconEngine(std::move(paint)));
}

} // namespace pprocess::widgets
