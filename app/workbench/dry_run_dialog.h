// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/task_libraries.h>

#include <QDialog>
#include <QTimer>

#include <atomic>
#include <memory>

#include <pprocess/job/job.h>

class QLabel;
class QPushButton;
class QTableWidget;

namespace pprocess::workbench {

/// Shows what a job would run for its first inputs, and how many inputs there are, without running anything. Looks for
/// the inputs in another thread; closing the dialog ends that.
class DryRunDialog : public QDialog {
    Q_OBJECT

public:
    static constexpr std::size_t mostShown = 20;

    DryRunDialog(const job::Job& job, TaskLibraries::Read libraries, QWidget* parent = nullptr);
    ~DryRunDialog() override;

    /// Looks for the inputs, and shows itself when there is something to be seen or it takes a while.
    void start();

signals:
    /// The job could not be run as it is written; `field` as in `job::JobError`. The dialog closes.
    void mistaken(const QString& field, const QString& message);
    /// All that there is to say has been said.
    void settled();

private:
    struct Line;
    struct Report;
    struct Search;

    static void search(const std::shared_ptr<Search>& search);
    void take(const Report& report);
    void addLine(const Line& line);
    void cancel();

    std::shared_ptr<Search> m_search;
    QTimer m_patience; ///< before it is shown without anything to see
    QLabel* m_words;
    QTableWidget* m_table;
    QLabel* m_problems;
    QPushButton* m_stop;
};

} // namespace pprocess::workbench
