// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/run_comparison_model.h>

#include <widgets/format.h>

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <limits>
#include <string_view>

namespace pprocess::workbench {

using job::Change;
using job::Outcome;
using widgets::format::duration;

namespace {

using Row = job::RunComparison::Row;
using End = job::RunComparison::End;

bool hasFailed(const std::optional<End>& end) {
    return end && end->outcome != Outcome::succeeded && end->outcome != Outcome::cancelled;
}

std::optional<std::chrono::nanoseconds> differenceOf(const Row& row) {
    return row.first && row.second ? std::optional(row.second->duration - row.first->duration) : std::nullopt;
}

QString timeText(const std::optional<End>& end) {
    return end && end->duration.count() > 0 ? duration(end->duration) : QString();
}

/// "+30 ms (1.3 ×)"
QString differenceText(const Row& row) {
    const auto difference = differenceOf(row);
    if (!difference || (row.first->duration.count() == 0 && row.second->duration.count() == 0)) {
        return {};
    }
    if (difference->count() == 0) {
        return QStringLiteral("±0 ms");
    }
    const QString sign = difference->count() < 0 ? QStringLiteral("−") : QStringLiteral("+");
    QString text = sign + duration(std::chrono::abs(*difference));
    if (row.change == Change::slower || row.change == Change::faster) {
        const auto [less, more] = std::minmax(row.first->duration, row.second->duration);
        const double ratio = static_cast<double>(more.count()) / static_cast<double>(qMax<qint64>(1, less.count()));
        text += QStringLiteral(" (%1 ×)").arg(widgets::format::rate(ratio));
    }
    return text;
}

QString textOf(const Row& row, int column) {
    switch (column) {
    case RunComparisonModel::ItemColumn:
        return widgets::format::oneLine(row.text);
    case RunComparisonModel::ChangeColumn:
        return RunComparisonModel::changeText(row.change);
    case RunComparisonModel::FirstOutcomeColumn:
        return row.first ? RunComparisonModel::outcomeText(row.first->outcome) : QString();
    case RunComparisonModel::SecondOutcomeColumn:
        return row.second ? RunComparisonModel::outcomeText(row.second->outcome) : QString();
    case RunComparisonModel::FirstTimeColumn:
        return timeText(row.first);
    case RunComparisonModel::SecondTimeColumn:
        return timeText(row.second);
    case RunComparisonModel::DifferenceColumn:
        return differenceText(row);
    default:
        return {};
    }
}

bool isNumber(int column) {
    return column == RunComparisonModel::FirstTimeColumn || column == RunComparisonModel::SecondTimeColumn ||
           column == RunComparisonModel::DifferenceColumn;
}

/// What a row is ordered by, but for its text. What is not there comes first.
double keyOf(const Row& row, int column) {
    constexpr double missing = -std::numeric_limits<double>::infinity();
    const auto time = [](const std::optional<End>& end) {
        return end ? static_cast<double>(end->duration.count()) : missing;
    };
    const auto outcome = [](const std::optional<End>& end) {
        return end ? static_cast<double>(end->outcome) : missing;
    };
    switch (column) {
    case RunComparisonModel::ChangeColumn:
        return static_cast<double>(row.change);
    case RunComparisonModel::FirstOutcomeColumn:
        return outcome(row.first);
    case RunComparisonModel::SecondOutcomeColumn:
        return outcome(row.second);
    case RunComparisonModel::FirstTimeColumn:
        return time(row.first);
    case RunComparisonModel::SecondTimeColumn:
        return time(row.second);
    default: {
        const auto difference = differenceOf(row);
        return difference ? static_cast<double>(difference->count()) : missing;
    }
    }
}

template <typename Key>
std::vector<std::uint32_t> sorted(std::vector<std::pair<Key, std::uint32_t>> keyed, Qt::SortOrder direction) {
    std::stable_sort(keyed.begin(), keyed.end(), [direction](const auto& one, const auto& other) {
        return direction == Qt::AscendingOrder ? one.first < other.first : other.first < one.first;
    });
    std::vector<std::uint32_t> rows;
    rows.reserve(keyed.size());
    for (const auto& [key, row] : keyed) {
        rows.push_back(row);
    }
    return rows;
}

} // namespace

RunComparisonModel::RunComparisonModel(QObject* parent)
    : QAbstractTableModel(parent),
      m_stale(std::make_shared<std::atomic<bool>>(false)) {}

RunComparisonModel::~RunComparisonModel() {
    *m_stale = true;
}

int RunComparisonModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

int RunComparisonModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString RunComparisonModel::changeText(Change change) {
    switch (change) {
    case Change::none:
        return {};
    case Change::succeeds_now:
        return tr("succeeds now");
    case Change::fails_now:
        return tr("fails now");
    case Change::fails_otherwise:
        return tr("fails otherwise");
    case Change::slower:
        return tr("slower");
    case Change::faster:
        return tr("faster");
    case Change::only_first:
        return tr("in the first only");
    case Change::only_second:
        return tr("in the second only");
    }
    return {};
}

QString RunComparisonModel::outcomeText(Outcome outcome) {
    switch (outcome) {
    case Outcome::succeeded:
        return tr("succeeded");
    case Outcome::failed:
        return tr("failed");
    case Outcome::killed:
        return tr("killed");
    case Outcome::not_started:
        return tr("not started");
    case Outcome::worker_lost:
        return tr("worker lost");
    case Outcome::timed_out:
        return tr("timed out");
    case Outcome::cancelled:
        return tr("stopped");
    }
    return {};
}

QVariant RunComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && isNumber(section)) {
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case ItemColumn:
        return tr("Item");
    case ChangeColumn:
        return tr("What changed");
    case FirstOutcomeColumn:
        return tr("First");
    case SecondOutcomeColumn:
        return tr("Second");
    case FirstTimeColumn:
        return tr("First took");
    case SecondTimeColumn:
        return tr("Second took");
    case DifferenceColumn:
        return tr("Difference");
    default:
        return {};
    }
}

QVariant RunComparisonModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || !m_comparison) {
        return {};
    }
    const Row row = m_comparison->row(m_shown[static_cast<std::size_t>(index.row())]);
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return textOf(row, index.column());
    case Qt::TextAlignmentRole:
        return QVariant((isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case HasFailedRole:
        return (index.column() == FirstOutcomeColumn && hasFailed(row.first)) ||
               (index.column() == SecondOutcomeColumn && hasFailed(row.second));
    case ChangeRole:
        return static_cast<int>(row.change);
    default:
        return {};
    }
}

bool RunComparisonModel::Order::accepts(const Row& row) const {
    if ((show == Show::differing && row.change == Change::none) || (show == Show::one && row.change != change)) {
        return false;
    }
    return text.isEmpty() || QString::fromUtf8(row.text.data(), static_cast<qsizetype>(row.text.size()))
                                 .contains(text, Qt::CaseInsensitive);
}

RunComparisonModel::Rows RunComparisonModel::arrangedRows(const job::RunComparison& comparison, const Order& order,
                                                          const std::atomic<bool>& isStale) {
    Rows rows;
    std::vector<std::pair<double, std::uint32_t>> numbers;
    std::vector<std::pair<std::string_view, std::uint32_t>> texts;
    for (std::size_t place = 0; place < comparison.size() && !isStale; ++place) {
        const Row row = comparison.row(place);
        if (!order.accepts(row)) {
            continue;
        }
        const auto number = static_cast<std::uint32_t>(place);
        if (order.column < 0) {
            rows.push_back(number);
        } else if (order.column == ItemColumn) {
            texts.emplace_back(row.text, number);
        } else {
            numbers.emplace_back(keyOf(row, order.column), number);
        }
    }
    return isStale || order.column < 0  ? rows
           : order.column == ItemColumn ? sorted(std::move(texts), order.direction)
                                        : sorted(std::move(numbers), order.direction);
}

void RunComparisonModel::sort(int column, Qt::SortOrder order) {
    m_order.column = column;
    m_order.direction = order;
    arrange();
}

void RunComparisonModel::setFilter(const QString& text, Show show, Change change) {
    m_order.text = text;
    m_order.show = show;
    m_order.change = change;
    arrange();
}

void RunComparisonModel::setComparison(std::shared_ptr<const job::RunComparison> comparison) {
    *m_stale = true;
    beginResetModel();
    m_shown.clear();
    m_comparison = std::move(comparison);
    endResetModel();
    arrange();
}

void RunComparisonModel::arrange() {
    *m_stale = true;
    m_stale = std::make_shared<std::atomic<bool>>(false);
    if (!m_comparison) {
        return;
    }
    if (m_comparison->size() <= directLimit) {
        take(arrangedRows(*m_comparison, m_order, *m_stale));
        return;
    }
    m_isArranging = true;
    emit arranged();
    QThreadPool::globalInstance()->start(
        [self = QPointer<RunComparisonModel>(this), comparison = m_comparison, order = m_order, stale = m_stale] {
            auto rows = std::make_shared<Rows>(arrangedRows(*comparison, order, *stale));
            QMetaObject::invokeMethod(
                qApp,
                [self, rows, stale] {
                    if (self && !*stale) {
                        self->take(std::move(*rows));
                    }
                },
                Qt::QueuedConnection);
        });
}

void RunComparisonModel::take(Rows rows) {
    m_isArranging = false;
    beginResetModel();
    m_shown = std::move(rows);
    endResetModel();
    emit arranged();
}

} // namespace pprocess::workbench
