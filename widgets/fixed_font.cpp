// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/fixed_font.h>

#include <QFontDatabase>
#include <QStringList>

namespace pprocess::widgets {

QFont fixedFont(const QFont& like) {
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    // Said once more, since what was not set explicitly a widget takes from its parent.
    font.setFamilies(font.families());
    font.setFixedPitch(true);
    if (like.pointSizeF() > 0) {
        font.setPointSizeF(like.pointSizeF());
    } else {
        font.setPixelSize(like.pixelSize());
    }
    return font;
}

} // namespace pprocess::widgets
