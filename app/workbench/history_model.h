// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <vector>

#include <pprocess/job/history.h>

namespace pprocess::workbench {

/// The runs of the history, the latest first.
class HistoryModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { NameColumn, StartedColumn, StateColumn, DoneColumn, FailedColumn, TookColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// "14:03:11" today, "23 Nov 2026 14:03" on another day.
    static QString whenText(std::chrono::system_clock::time_point time);
    /// "broken off".
    static QString stateText(job::RunState state);

    void setRuns(std::vector<job::PastRun> runs);
    [[nodiscard]] const job::PastRun& at(int row) const { return m_runs[static_cast<std::size_t>(row)]; }
    /// The row of the run in this folder; -1 when it is not there.
    [[nodiscard]] int rowOf(const std::filesystem::path& folder) const;

private:
    std::vector<job::PastRun> m_runs;
};

} // namespace pprocess::workbench
