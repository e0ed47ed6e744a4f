// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/picture_pane.h>

#include <QPainter>

#include <algorithm>

namespace pprocess::widgets {

PicturePane::PicturePane(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("The picture of the selected result"));
}

void PicturePane::setPicture(const QImage& picture, const QString& words) {
    m_picture = QPixmap::fromImage(picture);
    m_words = picture.isNull() ? words
              : words.isEmpty()
                  ? tr("%1 × %2").arg(picture.width()).arg(picture.height())
                  : tr("%1 × %2 · %3").arg(QString::number(picture.width()), QString::number(picture.height()), words);
    setToolTip(m_words);
    setAccessibleDescription(m_words);
    update();
}

void PicturePane::clear() {
    m_picture = {};
    m_words.clear();
    setToolTip({});
    update();
}

void PicturePane::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    constexpr int margin = 10;
    const int line = fontMetrics().height() + 8;
    const QRect room = rect().adjusted(margin, margin, -margin, -margin - line);
    painter.setPen(palette().color(QPalette::PlaceholderText));
    if (m_picture.isNull()) {
        painter.drawText(rect().adjusted(margin, margin, -margin, -margin), Qt::AlignCenter | Qt::TextWordWrap,
                         m_words.isEmpty() ? tr("Reading the picture…") : m_words);
        return;
    }
    const QRect words(margin, rect().bottom() - line, width() - 2 * margin, line);
    painter.drawText(words, Qt::AlignCenter, fontMetrics().elidedText(m_words, Qt::ElideMiddle, words.width()));
    if (room.isEmpty()) {
        return;
    }
    constexpr double most = 8; // times its size
    const double scale = std::min({static_cast<double>(room.width()) / m_picture.width(),
                                   static_cast<double>(room.height()) / m_picture.height(), most});
    QRectF place(0, 0, m_picture.width() * scale, m_picture.height() * scale);
    place.moveCenter(QRectF(room).center());
    // Enlarged, its pixels are what there is to see.
    painter.setRenderHint(QPainter::SmoothPixmapTransform, scale < 2);
    painter.drawPixmap(place, m_picture, m_picture.rect());
}

} // namespace pprocess::widgets
