// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/colors.h>

#include <algorithm>
#include <cmath>

namespace pprocess::widgets {

namespace {

double luminance(const QColor& color) {
    const auto linear = [](double part) {
        return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

double contrast(const QColor& text, const QColor& ground) {
    const auto [darker, lighter] = std::minmax({luminance(text), luminance(ground)});
    return (lighter + 0.05) / (darker + 0.05);
}

Colors Colors::light() {
    Colors colors;
    colors.window = QColor(0xf4, 0xf6, 0xf8);
    colors.card = QColor(0xff, 0xff, 0xff);
    colors.alternate = QColor(0xf8, 0xf9, 0xfb);
    colors.border = QColor(0xd6, 0xdc, 0xe3);
    colors.text = QColor(0x1c, 0x22, 0x29);
    colors.muted = QColor(0x5a, 0x65, 0x70);
    colors.accent = QColor(0x2c, 0x6b, 0xc4);
    colors.accentText = QColor(0xff, 0xff, 0xff);
    colors.selection = QColor(0xd9, 0xe7, 0xf8);
    colors.track = QColor(0xe7, 0xea, 0xee);
    colors.running = QColor(0x35, 0x74, 0xcf);
    colors.done = QColor(0x4f, 0xb0, 0x8b);
    colors.waiting = QColor(0xe3, 0xb8, 0x4d);
    colors.failed = QColor(0xcb, 0x45, 0x31);
    colors.failedText = QColor(0xb2, 0x36, 0x24);
    colors.cancelled = QColor(0x97, 0xa1, 0xab);
    return colors;
}

Colors Colors::dark() {
    Colors colors;
    colors.isDark = true;
    colors.window = QColor(0x19, 0x1c, 0x20);
    colors.card = QColor(0x21, 0x25, 0x2b);
    colors.alternate = QColor(0x26, 0x2a, 0x31);
    colors.border = QColor(0x39, 0x40, 0x49);
    colors.text = QColor(0xe5, 0xe9, 0xed);
    colors.muted = QColor(0x9f, 0xa9, 0xb4);
    colors.accent = QColor(0x2f, 0x74, 0xd0);
    colors.accentText = QColor(0xff, 0xff, 0xff);
    colors.selection = QColor(0x2b, 0x46, 0x69);
    colors.track = QColor(0x32, 0x38, 0x40);
    colors.running = QColor(0x54, 0x95, 0xea);
    colors.done = QColor(0x4f, 0xb0, 0x8b);
    colors.waiting = QColor(0xdb, 0xb0, 0x4a);
    colors.failed = QColor(0xe0, 0x5c, 0x47);
    colors.failedText = QColor(0xf5, 0x8b, 0x79);
    colors.cancelled = QColor(0x7e, 0x88, 0x93);
    return colors;
}

Colors Colors::of(const QPalette& palette) {
    return palette.color(QPalette::Active, QPalette::Window).lightness() < 128 ? dark() : light();
}

QPalette Colors::palette() const {
    QPalette palette;
    palette.setColor(QPalette::Window, window);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, card);
    palette.setColor(QPalette::AlternateBase, alternate);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::PlaceholderText, isDark ? muted.darker(115) : muted.lighter(115));
    palette.setColor(QPalette::Button, isDark ? card.lighter(120) : card);
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::BrightText, failed);
    palette.setColor(QPalette::ToolTipBase, isDark ? alternate : text);
    palette.setColor(QPalette::ToolTipText, isDark ? text : card);
    palette.setColor(QPalette::Highlight, accent);
    palette.setColor(QPalette::HighlightedText, accentText);
    palette.setColor(QPalette::Link, isDark ? running : accent);
    palette.setColor(QPalette::LinkVisited, isDark ? running : accent);
    palette.setColor(QPalette::Light, isDark ? border.lighter(120) : card);
    palette.setColor(QPalette::Midlight, border);
    palette.setColor(QPalette::Mid, border);
    palette.setColor(QPalette::Dark, isDark ? window.darker(130) : border.darker(125));
    palette.setColor(QPalette::Shadow, isDark ? QColor(Qt::black) : border.darker(150));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, isDark ? muted.darker(115) : muted.lighter(115));
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, cancelled);
    return palette;
}

} // namespace pprocess::widgets
