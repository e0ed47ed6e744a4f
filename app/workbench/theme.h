// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPalette>

class QApplication;

namespace pprocess::workbench {

/// Dresses the application in light or dark, by the user's choice or the system's own palette.
class Theme : public QObject {
    Q_OBJECT

public:
    enum class Choice { system, light, dark };
    Q_ENUM(Choice)

    /// To be made before any widget, while the application still has the system's palette.
    explicit Theme(QApplication& application);

    void apply(Choice choice);
    [[nodiscard]] Choice choice() const { return m_choice; }

    static QString toString(Choice choice);
    /// The system's for anything unknown.
    static Choice fromString(const QString& text);

private:
    QApplication& m_application;
    QPalette m_systemPalette;
    Choice m_choice = Choice::system;
};

} // namespace pprocess::workbench
