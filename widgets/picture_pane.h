// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPixmap>
#include <QWidget>

namespace pprocess::widgets {

/// A picture as large as there is room, never enlarged more than to see its pixels, with a line of words below.
class PicturePane : public QWidget {
    Q_OBJECT

public:
    explicit PicturePane(QWidget* parent = nullptr);

    /// `words`: where it is from, or why there is none when `picture` is null.
    void setPicture(const QImage& picture, const QString& words);
    void clear();
    [[nodiscard]] QSize pictureSize() const { return m_picture.size(); }
    [[nodiscard]] const QString& words() const { return m_words; }

    [[nodiscard]] QSize sizeHint() const override { return {240, 180}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QPixmap m_picture;
    QString m_words;
};

} // namespace pprocess::widgets
