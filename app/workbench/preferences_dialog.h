// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace pprocess::workbench {

class Preferences;

/// The preferences, each of which counts as soon as it is changed.
class PreferencesDialog : public QDialog {
    Q_OBJECT

public:
    /// `preferences` must live as long.
    explicit PreferencesDialog(Preferences& preferences, QWidget* parent = nullptr);

private:
    void addGroup(const QString& title);
    void addHint(const QString& text);
    void addLook();
    void addNewJobs();
    void addEnds();
    void addKept();
    [[nodiscard]] QSpinBox* makeNumber(const char* name, int least, int most, const QString& accessibleName);
    void show();

    Preferences& m_preferences;
    QFormLayout* m_fields;
    QComboBox* m_theme;
    QSpinBox* m_limit;
    QSpinBox* m_output;
    QCheckBox* m_notifies;
    QSpinBox* m_notifiesAfter;
    QComboBox* m_closing;
    QSpinBox* m_mostRuns;
    QSpinBox* m_trace;
    QSpinBox* m_record;
    QLabel* m_problem;
    QPushButton* m_restore;
};

} // namespace pprocess::workbench
