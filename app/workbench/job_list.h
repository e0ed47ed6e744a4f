// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDockWidget>

namespace pprocess::widgets {
class TableView;
}

namespace pprocess::workbench {

class JobListModel;

/// All jobs of the window at a glance, below its pages.
class JobList : public QDockWidget {
    Q_OBJECT

public:
    explicit JobList(JobListModel& jobs, QWidget* parent = nullptr);

    /// Marks the job whose page is in front; -1: none.
    void showFront(int row);

signals:
    /// This job's page is to come forward.
    void chosen(int row);

private:
    widgets::TableView* m_table;
};

} // namespace pprocess::workbench
