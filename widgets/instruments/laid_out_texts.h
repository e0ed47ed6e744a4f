// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QHash>
#include <QStaticText>

#include <utility>
#include <vector>

class QColor;
class QPainter;
class QRect;

namespace pprocess::widgets {

/// Single lines of text that are painted in frame after frame. To lay a text out costs several times what drawing its
/// glyphs does, so each is laid out once for its font. Very many let go of the earlier ones.
class LaidOutTexts {
public:
    /// What was laid out is needed no more; due when fonts or the device change.
    void clear();
    /// How wide a text is, in pixels.
    [[nodiscard]] double width(const QFont& font, const QString& text);
    /// Draws a text in the middle of a rectangle's height, elided at its end where it is too long. `side` is left,
    /// right or the middle. Changes the painter's font and pen.
    void draw(QPainter& painter, const QRect& rect, const QString& text, const QColor& color, const QFont& font,
              Qt::Alignment side = Qt::AlignLeft);

private:
    /// Those of one font.
    struct Texts {
        QFont font;
        QHash<QString, QStaticText> laid;
        QHash<std::pair<QString, int>, QString> elided; ///< by text and room
    };

    Texts& of(const QFont& font);
    static QStaticText& laidOut(Texts& texts, const QString& text);

    std::vector<Texts> m_fonts; ///< a view has few
};

} // namespace pprocess::widgets
