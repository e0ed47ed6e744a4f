// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <pprocess/job/comparison.h>

namespace pprocess::workbench {

/// The items of two runs side by side, sorted and filtered by the model itself: of many in another thread, and taken
/// over when that is done.
class RunComparisonModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        ItemColumn,
        ChangeColumn,
        FirstOutcomeColumn,
        SecondOutcomeColumn,
        FirstTimeColumn,
        SecondTimeColumn,
        DifferenceColumn,
        ColumnCount
    };
    enum Role {
        HasFailedRole = Qt::UserRole + 1, ///< of an outcome's cell: it is a failure
        ChangeRole,                       ///< job::Change as an int
    };
    /// Which items are shown: every one, all but `job::Change::none`, or those that changed in one way.
    enum class Show { all, differing, one };

    explicit RunComparisonModel(QObject* parent = nullptr);
    ~RunComparisonModel() override;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// A negative column: the order of the comparison.
    void sort(int column, Qt::SortOrder order) override;

    void setComparison(std::shared_ptr<const job::RunComparison> comparison);
    /// Shows only items whose text contains `text`, in upper or lower case. `change` counts with `Show::one`.
    void setFilter(const QString& text, Show show, job::Change change = job::Change::none);
    /// Is another thread still sorting or filtering?
    [[nodiscard]] bool isArranging() const { return m_isArranging; }

    /// "succeeds now"; empty for `none`.
    static QString changeText(job::Change change);
    /// "timed out".
    static QString outcomeText(job::Outcome outcome);

    /// Up to so many items a new order or filter is made at once, in this thread.
    static constexpr std::size_t directLimit = 5000;

signals:
    /// Other items are shown, or in another order; or another thread has begun to look for them.
    void arranged();

private:
    using Rows = std::vector<std::uint32_t>;
    struct Order {
        QString text;
        Show show = Show::all;
        job::Change change = job::Change::none;
        int column = -1;
        Qt::SortOrder direction = Qt::AscendingOrder;
        [[nodiscard]] bool accepts(const job::RunComparison::Row& row) const;
    };

    static Rows arrangedRows(const job::RunComparison& comparison, const Order& order,
                             const std::atomic<bool>& isStale);
    void arrange();
    void take(Rows rows);

    std::shared_ptr<const job::RunComparison> m_comparison;
    Rows m_shown;
    Order m_order;
    bool m_isArranging = false;
    std::shared_ptr<std::atomic<bool>> m_stale;
};

} // namespace pprocess::workbench
