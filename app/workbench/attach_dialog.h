// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QPushButton;

namespace pprocess::widgets {
class TableView;
}

namespace pprocess::workbench {

class ProgramModel;

/// Offers the inspectable programs of this user, as they come and go, to attach to one of them.
class AttachDialog : public QDialog {
    Q_OBJECT

public:
    explicit AttachDialog(QWidget* parent = nullptr);

signals:
    /// This one was chosen.
    void chosen(qint64 pid);

private:
    void showEmptyText(const QString& problem);
    void showChoice();
    void choose();

    ProgramModel* m_programs;
    widgets::TableView* m_table;
    QPushButton* m_attach;
};

} // namespace pprocess::workbench
