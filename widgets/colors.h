// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>

namespace pprocess::widgets {

/// The few hues of the application, once for a light and once for a dark ground. A value: every view asks for the set
/// that fits its own palette, so nothing has to be told when the theme changes.
struct Colors {
    bool isDark = false;
    QColor window;
    QColor card;
    QColor alternate;
    QColor border;
    QColor text;
    QColor muted;
    QColor accent;
    QColor accentText; ///< on a ground of `accent`
    QColor selection;
    QColor track;
    QColor running;
    QColor done;
    QColor waiting;
    QColor failed;
    QColor failedText; ///< dark or light enough to read as text
    QColor cancelled;

    static Colors light();
    static Colors dark();
    /// The set for a palette, by how light its window is.
    static Colors of(const QPalette& palette);

    [[nodiscard]] QPalette palette() const;
};

/// How well a text of one colour is read on a ground of the other, from 1 to 21, as the WCAG defines it: 4.5 is enough
/// for text of any size, 3 for a sign or an outline.
[[nodiscard]] double contrast(const QColor& text, const QColor& ground);

} // namespace pprocess::widgets
