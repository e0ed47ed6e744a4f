// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QSet>

#include <chrono>
#include <functional>
#include <optional>

class QWidget;

namespace pprocess::workbench {

class Preferences;

/// Tells a person who looks elsewhere that a job has ended, by the desktop's notifications
/// (org.freedesktop.Notifications), and shows how far all jobs are at the window's sign in a bar of tasks
/// (com.canonical.Unity.LauncherEntry). On a desktop without these nothing happens. Never waits for an answer.
class JobNotifier : public QObject {
    Q_OBJECT

public:
    /// `window` and `preferences`, which say whether notifications are wanted, must live as long.
    JobNotifier(QWidget& window, const Preferences& preferences);

    /// Tells of a job that has taken so long, unless the window is in front.
    void tell(const QString& title, const QString& text, std::chrono::nanoseconds took);
    /// From 0 to 1; none: nothing is under way.
    void showProgress(std::optional<double> part);

    /// Who is told instead of the desktop.
    using Listener = std::function<void(const QString& title, const QString& text)>;
    void setListener(Listener listener) { m_listener = std::move(listener); }

private slots:
    void onActionInvoked(uint id, const QString& action);

private:
    void notify(const QString& title, const QString& text);

    QWidget& m_window;
    const Preferences& m_preferences;
    Listener m_listener;
    QSet<uint> m_told;          ///< the numbers of notifications that are ours
    bool m_isListening = false; ///< to what becomes of notifications
    int m_percent = -1;         ///< what was shown last; -1: nothing
};

} // namespace pprocess::workbench
