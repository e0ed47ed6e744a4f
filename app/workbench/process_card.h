// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/job_controller.h>

#include <QFrame>

class QLabel;
class QSettings;
class QSortFilterProxyModel;

namespace pprocess::widgets {
class ProcessModel;
class ProcessSampler;
class TableView;
} // namespace pprocess::widgets

namespace pprocess::workbench {

/// The worker processes of the job, with what they use, and signals for them.
class ProcessCard : public QFrame {
    Q_OBJECT

public:
    explicit ProcessCard(JobController& controller, QWidget* parent = nullptr);

    /// Forgets the job before.
    void clear();
    void showState(JobController::State state);
    /// Renews times and samples of those that live.
    void sample();
    /// Sends a signal to the worker with this pid; a sentence says what became of that. None: no worker here has it.
    std::optional<QString> signalProcess(pid_t pid, int signal);
    /// Resident memory of the workers and their commands, in bytes.
    [[nodiscard]] std::uint64_t memory() const { return m_memory; }

    void storeState(QSettings& settings) const;
    void restoreState(const QSettings& settings);

signals:
    void memoryChanged();

private:
    void makeTable();
    void showCount();
    void showMenu(const QPoint& position);
    [[nodiscard]] std::vector<std::uint64_t> selectedLiving() const;

    JobController& m_controller;
    widgets::ProcessModel* m_processes;
    QSortFilterProxyModel* m_sorted;
    widgets::TableView* m_table;
    QLabel* m_count;
    widgets::ProcessSampler* m_sampler;
    std::uint64_t m_memory = 0;
};

} // namespace pprocess::workbench
