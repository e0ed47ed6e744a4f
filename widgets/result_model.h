// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/result_store.h>

#include <QAbstractTableModel>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace pprocess::widgets {

/// The results of a job, one row for each item that ended, sorted and filtered by the model itself.
///
/// Rows come in batches. A change of order or filter over many rows is worked out in another thread from a snapshot and
/// taken over when it is ready; rows that arrive meanwhile are put in place then. Small tables change at once.
class ResultModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        NumberColumn,
        InputColumn,
        OutcomeColumn,
        ExitColumn,
        DurationColumn,
        TriesColumn,
        FirstLineColumn,
        ColumnCount
    };
    enum Role { OutcomeRole = Qt::UserRole + 1 }; ///< job::Outcome as an int
    enum class Show { all, succeeded, failed, cancelled };
    Q_ENUM(Show)

    /// How many rows of each kind there are, whatever the filter shows.
    struct Counts {
        std::size_t all = 0;
        std::size_t succeeded = 0;
        std::size_t failed = 0;
        std::size_t cancelled = 0;
        std::size_t numbers = 0;  ///< those that are one number
        std::size_t pictures = 0; ///< those that may have a picture
    };

    explicit ResultModel(QObject* parent = nullptr);
    ~ResultModel() override;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// A negative column: the order of arrival.
    void sort(int column, Qt::SortOrder order) override;

    /// Adds rows; one whose item (`result.index`) is there already takes that one's place.
    void merge(std::vector<ResultRowPtr> rows);
    void clear();

    /// Shows only rows of one kind whose input, outcome or first line of output contains `text`, in upper or lower
    /// case.
    void setFilter(const QString& text, Show show);

    [[nodiscard]] ResultRowPtr rowAt(const QModelIndex& index) const;
    /// What the table shows in a row; valid until the model changes.
    [[nodiscard]] ResultView viewAt(int row) const { return m_store.view(m_shown[static_cast<std::size_t>(row)]); }
    /// What there is of an item, shown or not; null: nothing yet.
    [[nodiscard]] ResultRowPtr resultOfItem(std::size_t item) const;
    /// The last that arrived of a worker; null: none. Looks through all rows.
    [[nodiscard]] ResultRowPtr latestResultOf(pid_t worker) const;
    /// The shown row of an item, if it is shown.
    [[nodiscard]] QModelIndex indexOfItem(std::size_t item) const;
    [[nodiscard]] const Counts& counts() const { return m_counts; }
    [[nodiscard]] bool isFiltered() const { return !m_order.accepts.acceptsAll(); }
    /// Is another thread still sorting or filtering?
    [[nodiscard]] bool isArranging() const { return m_isArranging; }
    /// All rows in order of arrival, for another thread to read.
    [[nodiscard]] ResultStore snapshot() { return m_store.snapshot(); }
    [[nodiscard]] std::vector<ResultRowPtr> failedRows() const;

    static QString exitText(const ResultView& result);

    /// Up to so many rows a new order or filter is made at once, in this thread.
    static constexpr std::size_t directLimit = 5000;

signals:
    void countsChanged();
    void arrangingChanged(bool arranging);

private:
    using Row = std::uint32_t;
    using Rows = std::vector<Row>;

    struct Filter {
        QString text;
        Show show = Show::all;
        [[nodiscard]] bool acceptsAll() const { return text.isEmpty() && show == Show::all; }
        [[nodiscard]] bool accepts(const ResultView& row) const;
    };
    struct Order {
        Filter accepts;
        int column = -1;
        Qt::SortOrder direction = Qt::AscendingOrder;
        [[nodiscard]] bool isArrival() const { return column < 0; }
        /// What a row is ordered by. Its text is that of the row.
        struct Key;
        [[nodiscard]] Key keyOf(const ResultView& view, Row row) const;
        [[nodiscard]] bool before(const Key& left, const Key& right) const;
        [[nodiscard]] bool before(const ResultStore& store, Row a, Row b) const;
    };

    static Rows arranged(const ResultStore& store, const Order& order, const std::atomic<bool>& isStale);

    void arrange();
    void take(Rows shown, std::size_t knownRows);
    void insertShown(Rows added);
    void count(const ResultView& row, std::ptrdiff_t by);
    void setArranging(bool arranging);

    ResultStore m_store;
    Rows m_shown;                          ///< rows of the store in the order shown
    std::vector<std::int32_t> m_rowOfItem; ///< -1: there is none yet
    Order m_order;
    Counts m_counts;
    bool m_isArranging = false;
    std::shared_ptr<std::atomic<bool>> m_stale;
};

} // namespace pprocess::widgets
