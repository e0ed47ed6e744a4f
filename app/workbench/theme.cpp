// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/theme.h>

#include <app/workbench/indicator_style.h>

#include <widgets/colors.h>

#include <QApplication>
#include <QFile>

namespace pprocess::workbench {

Theme::Theme(QApplication& application) : m_application(application), m_systemPalette(QApplication::palette()) {
    // One style everywhere: the others of a Linux desktop take little notice of a palette.
    QApplication::setStyle(new IndicatorStyle);
}

QString Theme::toString(Choice choice) {
    switch (choice) {
    case Choice::system:
        return QStringLiteral("system");
    case Choice::light:
        return QStringLiteral("light");
    case Choice::dark:
        return QStringLiteral("dark");
    }
    return {};
}

Theme::Choice Theme::fromString(const QString& text) {
    return text == QLatin1String("light")  ? Choice::light
           : text == QLatin1String("dark") ? Choice::dark
                                           : Choice::system;
}

void Theme::apply(Choice choice) {
    m_choice = choice;
    const auto colors = choice == Choice::light  ? widgets::Colors::light()
                        : choice == Choice::dark ? widgets::Colors::dark()
                                                 : widgets::Colors::of(m_systemPalette);
    QApplication::setPalette(colors.palette());

    QFile file(QStringLiteral(":/styles/workbench.qss"));
    QString sheet;
    if (file.open(QIODevice::ReadOnly)) {
        sheet = QString::fromUtf8(file.readAll());
    }
    const std::pair<const char*, QColor> names[] = {
        {"@accent-text", colors.accentText},
        {"@accent-light", colors.isDark ? colors.accent.lighter(112) : colors.accent.lighter(115)},
        {"@accent-dark", colors.accent.darker(115)},
        {"@accent", colors.accent},
        {"@window", colors.window},
        {"@card", colors.card},
        {"@raised", colors.isDark ? colors.card.lighter(125) : colors.card},
        {"@hover", colors.isDark ? colors.card.lighter(145) : colors.window},
        {"@alternate", colors.alternate},
        {"@border", colors.border},
        {"@faint", colors.isDark ? colors.muted.darker(150) : colors.muted.lighter(165)},
        {"@text", colors.text},
        {"@muted", colors.muted},
        {"@failed", colors.failedText},
        {"@track", colors.track},
        {"@selection", colors.selection},
    };
    for (const auto& [name, color] : names) {
        sheet.replace(QLatin1String(name), color.name());
    }
    m_application.setStyleSheet(sheet);
}

} // namespace pprocess::workbench
