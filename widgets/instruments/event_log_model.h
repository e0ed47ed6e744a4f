// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/event_filter.h>

#include <QAbstractTableModel>
#include <QTimer>

#include <cstdint>
#include <deque>
#include <optional>

namespace pprocess::widgets {

class InstrumentData;

/// The events of a record up to its position, one row each, or those that a filter wants. Rows are numbers of events:
/// what they show is made when it is asked for.
///
/// A filter goes through the record in slices between other events of the window; what has been found is there at once.
/// New events, a new position and what is forgotten change rows at the ends only.
class EventLogModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { TimeColumn, ProcessColumn, KindColumn, WhatColumn, BytesColumn, ColumnCount };
    enum Role { FailedRole = Qt::UserRole + 1 }; ///< `isFailure`

    explicit EventLogModel(InstrumentData& data, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// Shows what this wants.
    void setFilter(const EventFilter& filter);
    [[nodiscard]] const EventFilter& filter() const { return m_filter; }
    /// Shows only events from `begin` up to and with `end` (ns); without a value, of any time.
    void setTimes(std::optional<std::pair<std::int64_t, std::int64_t>> times);

    /// The event that a row shows.
    [[nodiscard]] std::uint64_t eventAt(int row) const;
    /// The row of an event, or the next one after it when it is not shown; `rowCount` behind the last.
    [[nodiscard]] int rowOf(std::uint64_t event) const;

    /// Is the filter still going through the record?
    [[nodiscard]] bool isSearching() const { return m_scanned < m_end; }
    /// How many events it has to go through in all, and how many it has been through.
    [[nodiscard]] std::uint64_t total() const { return m_end - m_begin; }
    [[nodiscard]] std::uint64_t searched() const { return m_scanned - m_begin; }

    /// So many events are looked at between two events of the window, unless time is up before.
    static constexpr std::uint64_t sliceEvents = 20'000;
    /// So long, in ms.
    static constexpr int sliceTime = 8;
    /// With more rows than these new ones come only so often (ms): a table's work grows with all rows it has.
    static constexpr int manyRows = 50'000;
    static constexpr int manyRowsInterval = 100; ///< see `manyRows`

signals:
    /// Rows, or how far the search is.
    void progressChanged();

private:
    [[nodiscard]] bool showsAll() const { return m_acceptsAll; }
    void takeNew();
    void update();
    void restart();
    void dropBefore(std::uint64_t begin);
    void dropFrom(std::uint64_t end);
    void searchOn();
    void append(std::vector<std::uint64_t> found);

    InstrumentData& m_data;
    EventFilter m_filter;
    bool m_acceptsAll = true;
    std::optional<std::pair<std::int64_t, std::int64_t>> m_times;
    std::uint64_t m_begin = 0;   ///< of the events that may be shown
    std::uint64_t m_end = 0;     ///< likewise
    std::uint64_t m_scanned = 0; ///< up to here it is known which are
    std::deque<std::uint64_t> m_found;
    QTimer m_search;
    QTimer m_new;
};

} // namespace pprocess::widgets
