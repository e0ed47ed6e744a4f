// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/process_sampler.h>

#include <QAbstractTableModel>
#include <QString>

#include <deque>
#include <functional>
#include <vector>

#include <pprocess/job/runner.h>

namespace pprocess::widgets {

/// The worker processes of a job: those that live first, in the order of their making, then those that ended, the
/// latest first.
///
/// Changes come as snapshots in batches and are merged row by row, so that a selection stays on its process.
class ProcessModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        PidColumn,
        StateColumn,
        TaskColumn,
        ElapsedColumn,
        CpuColumn,
        MemoryColumn,
        MessagesInColumn,
        MessagesOutColumn,
        BytesInColumn,
        BytesOutColumn,
        EndedColumn,
        ColumnCount
    };
    enum Role { SortRole = Qt::UserRole + 1, StateRole, IdRole, HasFailedRole };

    using Snapshot = job::WorkerSnapshot;

    explicit ProcessModel(QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// Takes every worker that lives and those that ended since the last time.
    void merge(const std::vector<Snapshot>& snapshots);
    void setSamples(const ProcessSamples& samples);
    /// Renews the times shown of the workers that live.
    void tick();
    void clear();
    /// From now until `clear`, a worker that is ended by a signal was meant to be.
    void setStopping() { m_isStopping = true; }

    [[nodiscard]] int livingCount() const { return m_living; }
    [[nodiscard]] std::vector<pid_t> livingPids() const;
    /// How many ended processes are no longer shown.
    [[nodiscard]] std::size_t droppedCount() const { return m_dropped; }
    [[nodiscard]] const Snapshot* snapshotAt(const QModelIndex& index) const;

    static constexpr int endedLimit = 500;

signals:
    void countsChanged();

private:
    struct Row {
        Snapshot snapshot;
        ProcessSample sample;
        QString task;
        std::chrono::nanoseconds elapsed{};
        bool wasStopped = false;
    };

    [[nodiscard]] static bool hasFailed(const Row& row);
    [[nodiscard]] QString stateText(const Row& row) const;
    void update(int row, const Snapshot& snapshot);

    std::deque<Row> m_rows; ///< the living, sorted by id, then the ended
    int m_living = 0;
    std::size_t m_dropped = 0;
    bool m_isStopping = false;
};

} // namespace pprocess::widgets
