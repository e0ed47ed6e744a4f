// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_notifier.h>

#include <app/workbench/preferences.h>
#include <app/workbench/session_bus.h>

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QWidget>

namespace pprocess::workbench {

namespace {

const QString service = QStringLiteral("org.freedesktop.Notifications");
const QString path = QStringLiteral("/org/freedesktop/Notifications");

} // namespace

JobNotifier::JobNotifier(QWidget& window, const Preferences& preferences)
    : QObject(&window),
      m_window(window),
      m_preferences(preferences) {}

void JobNotifier::tell(const QString& title, const QString& text, std::chrono::nanoseconds took) {
    if (m_window.isActiveWindow() || !m_preferences.notifies() || took < m_preferences.notifiesAfter()) {
        return;
    }
    QApplication::alert(&m_window);
    if (m_listener) {
        m_listener(title, text);
    } else if (hasSessionBus()) {
        notify(title, text);
    }
}

void JobNotifier::notify(const QString& title, const QString& text) {
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) {
        return;
    }
    if (!m_isListening) {
        m_isListening = bus.connect(service, path, service, QStringLiteral("ActionInvoked"), this,
                                    SLOT(onActionInvoked(uint, QString)));
    }
    QDBusMessage call = QDBusMessage::createMethodCall(service, path, service, QStringLiteral("Notify"));
    // Its text may be taken for markup.
    call.setArguments({QStringLiteral("pprocess"), 0U, QStringLiteral("pprocess"), title, text.toHtmlEscaped(),
                       QStringList{QStringLiteral("default"), tr("Show")},
                       QVariantMap{{QStringLiteral("desktop-entry"), QGuiApplication::desktopFileName()}}, -1});
    auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(answer, &QDBusPendingCallWatcher::finished, this, [this, answer] {
        if (const QDBusPendingReply<uint> id = *answer; !id.isError()) {
            m_told.insert(id.value());
        }
        answer->deleteLater();
    });
}

void JobNotifier::onActionInvoked(uint id, const QString& action) {
    // Everybody hears of everybody's.
    if (m_told.contains(id) && action == QLatin1String("default")) {
        m_window.raise();
        m_window.activateWindow();
    }
}

void JobNotifier::showProgress(std::optional<double> part) {
    const int percent = part ? static_cast<int>(*part * 100) : -1;
    if (percent == m_percent || !hasSessionBus()) {
        return;
    }
    m_percent = percent;
    QDBusMessage update = QDBusMessage::createSignal(
        QStringLiteral("/"), QStringLiteral("com.canonical.Unity.LauncherEntry"), QStringLiteral("Update"));
    update.setArguments({QStringLiteral("application://%1.desktop").arg(QGuiApplication::desktopFileName()),
                         QVariantMap{{QStringLiteral("progress"), part.value_or(0)},
                                     {QStringLiteral("progress-visible"), part.has_value()}}});
    QDBusConnection::sessionBus().send(update);
}

} // namespace pprocess::workbench
