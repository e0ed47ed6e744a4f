// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/job_controller.h>

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace pprocess::workbench {

/// A job of the window, as the list of them shows it. A value.
struct ListedJob {
    QString title;
    JobController::State state = JobController::State::idle;
    bool isElsewhere = false; ///< it runs in a background process, whose results are collected here
    job::Progress progress;
    std::optional<std::chrono::nanoseconds> remaining;
    std::chrono::nanoseconds elapsed{};

    [[nodiscard]] bool isBusy() const { return state != JobController::State::idle; }
    bool operator==(const ListedJob& other) const;
};

/// How far jobs are together, from 0 to 1, each counting alike; none while nothing runs of which that can be said.
[[nodiscard]] std::optional<double> overallProgress(const std::vector<ListedJob>& jobs);

/// The jobs of the window, in the order of their pages.
class JobListModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { NameColumn, StateColumn, ProgressColumn, RemainingColumn, FailedColumn, ElapsedColumn, ColumnCount };
    enum Role { ProgressRole = Qt::UserRole + 1, HasFailedRole };

    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    void insert(int row, ListedJob job);
    void remove(int row);
    void set(int row, ListedJob job);
    [[nodiscard]] const std::vector<ListedJob>& jobs() const { return m_jobs; }

private:
    std::vector<ListedJob> m_jobs;
};

} // namespace pprocess::workbench
