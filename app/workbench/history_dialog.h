// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QFileSystemWatcher>
#include <QTimer>

#include <pprocess/job/history.h>

class QLabel;
class QPushButton;

namespace pprocess::widgets {
class TableView;
}

namespace pprocess::workbench {

class HistoryModel;
class Preferences;

/// The runs of jobs that are kept, to go on with one that was broken off, to run one anew, to look at its job, or to
/// compare two.
class HistoryDialog : public QDialog {
    Q_OBJECT

public:
    /// `preferences` must live as long: how many runs are kept is set here too.
    explicit HistoryDialog(Preferences& preferences, QWidget* parent = nullptr);

    /// Looks at the history anew, in another thread.
    void refresh();

signals:
    /// What happened in one run, or in two, is to be seen.
    void tracesRequested(const std::vector<pprocess::job::PastRun>& runs);
    /// Do what this run has left to do.
    void goOnRequested(const pprocess::job::PastRun& run);
    /// Show the run's job, and run it at once or not.
    void jobRequested(const pprocess::job::PastRun& run, bool isToRun);
    /// Show two runs side by side, the earlier one first.
    void compareRequested(const pprocess::job::PastRun& first, const pprocess::job::PastRun& second);
    /// After the list has been renewed.
    void refreshed();

private:
    void show(std::vector<job::PastRun> runs);
    void showChoice();
    void compare();
    [[nodiscard]] std::vector<job::PastRun> chosenWithTrace() const;
    void forget();
    /// The selected run; null when there is none, or more than one.
    [[nodiscard]] const job::PastRun* chosen() const;

    HistoryModel* m_runs;
    widgets::TableView* m_table;
    QLabel* m_problem;
    QPushButton* m_goOn;
    QPushButton* m_runAgain;
    QPushButton* m_open;
    QPushButton* m_compare;
    QPushButton* m_trace;
    QPushButton* m_forget;
    QFileSystemWatcher m_watcher;
    QTimer m_soon;
    quint64 m_search = 0;
};

} // namespace pprocess::workbench
