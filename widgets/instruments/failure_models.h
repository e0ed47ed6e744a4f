// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/failure_list.h>

#include <QAbstractTableModel>

#include <optional>

namespace pprocess::widgets {

/// The groups of failures up to the position, in order of their first failures.
class FailureGroupModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { KindColumn, TextColumn, CountColumn, FirstColumn, LastColumn, ColumnCount };
    enum Role { SortRole = Qt::UserRole + 1 }; ///< numbers as numbers

    FailureGroupModel(InstrumentData& data, FailureList& list, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void update();
    void restart();

    InstrumentData& m_data;
    FailureList& m_list;
    int m_rows = 0;
};

/// The first failures of one group up to the position.
class FailureModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        TimeColumn,
        TaskColumn,
        InputColumn,
        ProcessColumn,
        TriesColumn,
        DurationColumn,
        TextColumn,
        ColumnCount
    };

    FailureModel(InstrumentData& data, FailureList& list, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// Shows this group (a place in `FailureList::groups`), or none.
    void setGroup(std::optional<std::uint32_t> group);
    [[nodiscard]] std::optional<std::uint32_t> group() const { return m_group; }
    /// The failure in a row.
    [[nodiscard]] const Failure& failureAt(int row) const;
    /// Row of a failure by its place in `FailureList::failures`; -1 when it is not shown.
    [[nodiscard]] int rowOf(std::uint32_t failure) const;
    /// How many the group has at the position, whether they are shown or not.
    [[nodiscard]] std::size_t total() const;

    /// No more rows than these.
    static constexpr int mostRows = 1'000;

private:
    void update();
    void restart();

    InstrumentData& m_data;
    FailureList& m_list;
    std::optional<std::uint32_t> m_group;
    int m_rows = 0;
};

} // namespace pprocess::widgets
