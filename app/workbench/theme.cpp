// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/theme.h>

#include <app/workbench/indicator_style.h>
#include <app/workbench/session_bus.h>

#include <widgets/colors.h>

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QEvent>
#include <QFile>

namespace pprocess::workbench {

namespace {

const QString portal = QStringLiteral("org.freedesktop.portal.Desktop");
const QString portalPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString portalSettings = QStringLiteral("org.freedesktop.portal.Settings");
const QString appearance = QStringLiteral("org.freedesktop.appearance");
const QString colorScheme = QStringLiteral("color-scheme");

} // namespace

Theme::Theme(QApplication& application) : m_application(application), m_systemPalette(QApplication::palette()) {
    // One style everywhere: the others of a Linux desktop take little notice of a palette.
    QApplication::setStyle(new IndicatorStyle);
    application.installEventFilter(this);
    listenToDesktop();
}

void Theme::listenToDesktop() {
    if (!hasSessionBus()) {
        return;
    }
    QDBusConnection bus = QDBusConnection::sessionBus();
    bus.connect(portal, portalPath, portalSettings, QStringLiteral("SettingChanged"), this,
                SLOT(onSettingChanged(QString, QString, QDBusVariant)));
    QDBusMessage call = QDBusMessage::createMethodCall(portal, portalPath, portalSettings, QStringLiteral("Read"));
    call.setArguments({appearance, colorScheme});
    auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(answer, &QDBusPendingCallWatcher::finished, this, [this, answer] {
        if (const QDBusPendingReply<QDBusVariant> value = *answer; !value.isError()) {
            onSettingChanged(appearance, colorScheme, value.value());
        }
        answer->deleteLater();
    });
}

void Theme::onSettingChanged(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group != appearance || key != colorScheme) {
        return;
    }
    QVariant scheme = value.variant();
    if (scheme.canConvert<QDBusVariant>()) {
        scheme = scheme.value<QDBusVariant>().variant(); // "Read" wraps it twice
    }
    const uint number = scheme.toUInt();
    setSystemIsDark(number == 1 ? std::optional(true) : number == 2 ? std::optional(false) : std::nullopt);
}

void Theme::setSystemIsDark(std::optional<bool> isDark) {
    if (isDark != m_isSystemDark) {
        m_isSystemDark = isDark;
        if (m_choice == Choice::system) {
            apply(m_choice);
        }
    }
}

bool Theme::eventFilter(QObject* watched, QEvent* event) {
    // Each window is told of it.
    if (event->type() == QEvent::ThemeChange && !m_isPaletteStale) {
        m_isPaletteStale = true;
        QMetaObject::invokeMethod(this, &Theme::readSystemPalette, Qt::QueuedConnection);
    }
    return QObject::eventFilter(watched, event);
}

/// What is set of the application's palette hides the system's.
void Theme::readSystemPalette() {
    QApplication::setPalette(QPalette());
    m_systemPalette = QApplication::palette();
    apply(m_choice);
    m_isPaletteStale = false;
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
    const bool isAnother = choice != m_choice;
    m_choice = choice;
    const std::optional<bool> isDark = choice == Choice::system ? m_isSystemDark : choice == Choice::dark;
    const auto colors = !isDark   ? widgets::Colors::of(m_systemPalette)
                        : *isDark ? widgets::Colors::dark()
                                  : widgets::Colors::light();
    QApplication::setPalette(colors.palette());

    QFile file(QStringLiteral(":/styles/workbench.qss"));
    QString sheet;
    if (file.open(QIODevice::ReadOnly)) {
        sheet = QString::fromUtf8(file.readAll());
    }
    const std::pair<const char*, QColor> names[] = {
        {"@accent-text", colors.accentText},
        {"@accent-over", colors.accent.darker(107)},
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
        {"@disabled", colors.palette().color(QPalette::Disabled, QPalette::Text)},
        {"@track", colors.track},
        {"@selection", colors.selection},
    };
    for (const auto& [name, color] : names) {
        sheet.replace(QLatin1String(name), color.name());
    }
    m_application.setStyleSheet(sheet);
    if (isAnother) {
        emit choiceChanged();
    }
}

} // namespace pprocess::workbench
