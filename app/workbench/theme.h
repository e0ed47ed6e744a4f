// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusVariant>
#include <QObject>
#include <QPalette>

#include <optional>

class QApplication;

namespace pprocess::workbench {

/// Dresses the application in light or dark, by the user's choice or the system's: what the desktop prefers
/// (org.freedesktop.appearance) or, where it says nothing of that, its palette. Follows the system when it changes.
class Theme : public QObject {
    Q_OBJECT

public:
    enum class Choice { system, light, dark };
    Q_ENUM(Choice)

    /// To be made before any widget, while the application still has the system's palette.
    explicit Theme(QApplication& application);

    void apply(Choice choice);
    [[nodiscard]] Choice choice() const { return m_choice; }
    /// What the desktop prefers; none: nothing.
    void setSystemIsDark(std::optional<bool> isDark);

    static QString toString(Choice choice);
    /// The system's for anything unknown.
    static Choice fromString(const QString& text);

signals:
    /// Another choice was applied.
    void choiceChanged();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private slots:
    void onSettingChanged(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void listenToDesktop();
    void readSystemPalette();

    QApplication& m_application;
    QPalette m_systemPalette;
    std::optional<bool> m_isSystemDark;
    Choice m_choice = Choice::system;
    bool m_isPaletteStale = false;
};

} // namespace pprocess::workbench
