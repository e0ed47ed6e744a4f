// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/result_model.h>

#include <widgets/format.h>
#include <widgets/picture_source.h>
#include <widgets/state_icon.h>

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <numeric>

namespace pprocess::widgets {

using job::Outcome;

namespace {

StateSign signOf(const ResultView& row) {
    return row.succeeded() ? StateSign::succeeded : row.cancelled() ? StateSign::cancelled : StateSign::failed;
}

bool hasRun(const ResultView& row) {
    return row.outcome == Outcome::succeeded || row.outcome == Outcome::failed ||
           (row.outcome == Outcome::killed && row.signal != 0);
}

bool hasExit(const ResultView& row) {
    return hasRun(row) && !row.hasValue;
}

// Orders exits with a status before those by a signal, and items that have none last.
int exitKey(const ResultView& row) {
    if (!hasExit(row)) {
        return 2000;
    }
    return row.signal != 0 ? 1000 + row.signal : row.exitCode;
}

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

template <typename T>
int compare(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

} // namespace

ResultModel::ResultModel(QObject* parent) : QAbstractTableModel(parent) {}

ResultModel::~ResultModel() {
    if (m_stale) {
        *m_stale = true;
    }
}

int ResultModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

int ResultModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString ResultModel::exitText(const ResultView& result) {
    if (!hasExit(result)) {
        return QStringLiteral("—");
    }
    return result.signal != 0 ? tr("signal %1").arg(result.signal) : QString::number(result.exitCode);
}

QVariant ResultModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const ResultView row = m_store.view(m_shown[static_cast<std::size_t>(index.row())]);
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case NumberColumn:
            return format::count(row.index + 1);
        case InputColumn:
            return format::oneLine(row.input, 1000);
        case OutcomeColumn:
            return textOf(row.detail);
        case ExitColumn:
            return exitText(row);
        case DurationColumn:
            return hasRun(row) ? format::duration(row.duration) : QStringLiteral("—");
        case TriesColumn:
            return QString::number(row.attempts);
        case FirstLineColumn: {
            const QString line = format::oneLine(row.firstLine());
            return line.isEmpty() && !row.cancelled() ? tr("(no output)") : line;
        }
        default:
            return {};
        }
    case Qt::ToolTipRole:
        switch (index.column()) {
        case InputColumn:
            return format::oneLine(row.input, 4000);
        case OutcomeColumn:
            return textOf(row.detail);
        case FirstLineColumn:
            return format::oneLine(row.firstLine());
        default:
            return {};
        }
    case Qt::DecorationRole:
        return index.column() == OutcomeColumn ? QVariant(stateIcon(signOf(row))) : QVariant();
    case Qt::TextAlignmentRole:
        switch (index.column()) {
        case NumberColumn:
        case ExitColumn:
        case DurationColumn:
        case TriesColumn:
            return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        default:
            return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
        }
    case OutcomeRole:
        return static_cast<int>(row.outcome);
    default:
        return {};
    }
}

QVariant ResultModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        const bool isNumber =
            section == NumberColumn || section == ExitColumn || section == DurationColumn || section == TriesColumn;
        return QVariant((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role == Qt::DisplayRole) {
        switch (section) {
        case NumberColumn:
            return tr("#");
        case InputColumn:
            return tr("Input");
        case OutcomeColumn:
            return tr("Outcome");
        case ExitColumn:
            return tr("Exit");
        case DurationColumn:
            return tr("Time");
        case TriesColumn:
            return tr("Tries");
        case FirstLineColumn:
            return tr("First line");
        default:
            return {};
        }
    }
    if (role == Qt::ToolTipRole) {
        switch (section) {
        case NumberColumn:
            return tr("The input's number");
        case ExitColumn:
            return tr("The program's exit status, or the signal that killed it");
        case DurationColumn:
            return tr("From just before the program's start to its end");
        case FirstLineColumn:
            return tr("The first line of the output, or of the error output when there is no other");
        case TriesColumn:
            return tr("How often the item was given to a worker");
        default:
            return {};
        }
    }
    return {};
}

bool ResultModel::Filter::accepts(const ResultView& row) const {
    switch (show) {
    case Show::all:
        break;
    case Show::succeeded:
        if (!row.succeeded()) {
            return false;
        }
        break;
    case Show::failed:
        if (!row.failed()) {
            return false;
        }
        break;
    case Show::cancelled:
        if (!row.cancelled()) {
            return false;
        }
        break;
    }
    return text.isEmpty() || QString::fromStdString(job::printable(row.input)).contains(text, Qt::CaseInsensitive) ||
           textOf(row.detail).contains(text, Qt::CaseInsensitive) ||
           format::oneLine(row.firstLine()).contains(text, Qt::CaseInsensitive);
}

struct ResultModel::Order::Key {
    const char* text = nullptr; ///< of a column of texts
    std::int64_t number = 0;    ///< of one of numbers; else the text's length
    std::size_t index = 0;
    Row row = 0;
};

ResultModel::Order::Key ResultModel::Order::keyOf(const ResultView& view, Row row) const {
    Key key{.index = view.index, .row = row};
    const auto setText = [&key](std::string_view text) {
        key.text = text.data() ? text.data() : "";
        key.number = static_cast<std::int64_t>(text.size());
    };
    switch (column) {
    case InputColumn:
        setText(view.input);
        break;
    case OutcomeColumn:
        setText(view.detail);
        break;
    case FirstLineColumn:
        setText(view.firstLine());
        break;
    case ExitColumn:
        key.number = exitKey(view);
        break;
    case DurationColumn:
        key.number = view.duration.count();
        break;
    case TriesColumn:
        key.number = view.attempts;
        break;
    default:
        break;
    }
    return key;
}

bool ResultModel::Order::before(const Key& left, const Key& right) const {
    int difference = 0;
    if (left.text && right.text) {
        difference = std::string_view(left.text, static_cast<std::size_t>(left.number))
                         .compare({right.text, static_cast<std::size_t>(right.number)});
    } else {
        difference = compare(left.number, right.number);
    }
    if (difference == 0) {
        difference = compare(left.index, right.index);
    }
    if (difference == 0) {
        difference = compare(left.row, right.row);
    }
    return direction == Qt::AscendingOrder ? difference < 0 : difference > 0;
}

bool ResultModel::Order::before(const ResultStore& store, Row a, Row b) const {
    return isArrival() ? a < b : before(keyOf(store.view(a), a), keyOf(store.view(b), b));
}

ResultModel::Rows ResultModel::arranged(const ResultStore& store, const Order& order,
                                        const std::atomic<bool>& isStale) {
    Rows rows;
    if (order.accepts.acceptsAll()) {
        rows.resize(store.size());
        std::iota(rows.begin(), rows.end(), Row{0});
    } else {
        for (std::size_t row = 0; row < store.size(); ++row) {
            if (row % 1024 == 0 && isStale) {
                return {};
            }
            if (order.accepts.accepts(store.view(row))) {
                rows.push_back(static_cast<Row>(row));
            }
        }
    }
    if (!order.isArrival() && !isStale) {
        // The rows themselves lie all over the memory.
        std::vector<Order::Key> keys;
        keys.reserve(rows.size());
        for (const Row row : rows) {
            keys.push_back(order.keyOf(store.view(row), row));
        }
        std::sort(keys.begin(), keys.end(),
                  [&](const Order::Key& a, const Order::Key& b) { return order.before(a, b); });
        std::transform(keys.begin(), keys.end(), rows.begin(), [](const Order::Key& key) { return key.row; });
    }
    return rows;
}

void ResultModel::arrange() {
    if (m_stale) {
        *m_stale = true;
    }
    m_stale = std::make_shared<std::atomic<bool>>(false);
    if (m_store.size() <= directLimit) {
        take(arranged(m_store, m_order, *m_stale), m_store.size());
        return;
    }
    setArranging(true);
    auto store = std::make_shared<ResultStore>(m_store.snapshot());
    // Qt's queues order the two threads already; this says so to tools that cannot look into Qt.
    auto handOver = std::make_shared<std::atomic<int>>(0);
    handOver->store(1);
    QThreadPool::globalInstance()->start([self = QPointer<ResultModel>(this), target = static_cast<QObject*>(qApp),
                                          store = std::move(store), order = m_order, stale = m_stale,
                                          handOver]() mutable {
        handOver->load();
        auto rows = std::make_shared<Rows>(arranged(*store, order, *stale));
        const std::size_t known = store->size();
        // The last reference to a row must not fall here while the table still paints it, nor a million of them there
        // at once.
        store.reset();
        handOver->store(2);
        QMetaObject::invokeMethod(
            target,
            [self, rows, stale, known, handOver] {
                handOver->load();
                if (self && !*stale) {
                    self->take(std::move(*rows), known);
                }
            },
            Qt::QueuedConnection);
    });
}

void ResultModel::take(Rows shown, std::size_t knownRows) {
    setArranging(false);
    m_stale.reset();
    beginResetModel();
    m_shown = std::move(shown);
    endResetModel();
    Rows added;
    for (std::size_t row = knownRows; row < m_store.size(); ++row) {
        if (m_order.accepts.accepts(m_store.view(row))) {
            added.push_back(static_cast<Row>(row));
        }
    }
    insertShown(std::move(added));
}

void ResultModel::setArranging(bool arranging) {
    if (m_isArranging != arranging) {
        m_isArranging = arranging;
        emit arrangingChanged(arranging);
    }
}

void ResultModel::sort(int column, Qt::SortOrder order) {
    if (m_order.column == column && m_order.direction == order) {
        return;
    }
    m_order.column = column;
    m_order.direction = order;
    arrange();
}

void ResultModel::setFilter(const QString& text, Show show) {
    if (m_order.accepts.text == text && m_order.accepts.show == show) {
        return;
    }
    m_order.accepts = {text, show};
    arrange();
}

void ResultModel::clear() {
    if (m_stale) {
        *m_stale = true;
        m_stale.reset();
    }
    setArranging(false);
    beginResetModel();
    m_shown.clear();
    m_shown.shrink_to_fit();
    m_rowOfItem.clear();
    m_counts = {};
    // A million results with their output take a while to free.
    QThreadPool::globalInstance()->start(
        [old = std::make_shared<ResultStore>(std::move(m_store))]() mutable { old.reset(); });
    m_store = ResultStore();
    endResetModel();
    emit countsChanged();
}

void ResultModel::count(const ResultView& row, std::ptrdiff_t by) {
    const auto add = [by](std::size_t& number) {
        number = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(number) + by);
    };
    add(m_counts.all);
    if (row.number()) {
        add(m_counts.numbers);
    } else if (picture_source::mayHavePicture(row)) {
        add(m_counts.pictures);
    }
    add(row.succeeded() ? m_counts.succeeded : row.cancelled() ? m_counts.cancelled : m_counts.failed);
}

void ResultModel::merge(std::vector<ResultRowPtr> rows) {
    if (rows.empty()) {
        return;
    }
    Rows added;
    bool isReplaced = false;
    for (auto& one : rows) {
        const StoredRow row(std::move(one));
        const ResultView view = row.view();
        const std::size_t item = view.index;
        if (item >= m_rowOfItem.size()) {
            m_rowOfItem.resize(std::max(item + 1, m_rowOfItem.size() * 2), -1);
        }
        count(view, +1);
        if (const auto known = m_rowOfItem[item]; known >= 0) {
            const auto at = static_cast<std::size_t>(known);
            count(m_store.view(at), -1);
            m_store.replace(at, row);
            isReplaced = true;
            continue;
        }
        const auto at = static_cast<Row>(m_store.size());
        m_rowOfItem[item] = static_cast<std::int32_t>(at);
        if (m_order.accepts.accepts(view)) {
            added.push_back(at);
        }
        m_store.append(row);
    }
    if (isReplaced) {
        // A replaced row may leave the filter or change its place; a rerun is of few rows, so all are arranged anew.
        if (m_order.isArrival() && m_order.accepts.acceptsAll() && !m_isArranging) {
            if (!m_shown.empty()) {
                emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
            }
            insertShown(std::move(added));
        } else {
            arrange();
        }
    } else if (!m_isArranging) {
        insertShown(std::move(added));
    }
    emit countsChanged();
}

void ResultModel::insertShown(Rows added) {
    if (added.empty()) {
        return;
    }
    const auto before = [this](Row a, Row b) { return m_order.before(m_store, a, b); };
    if (!m_order.isArrival()) {
        std::sort(added.begin(), added.end(), before);
    }
    const bool atEnd = m_order.isArrival() || m_shown.empty() || before(m_shown.back(), added.front());
    const auto first = static_cast<int>(m_shown.size());
    beginInsertRows({}, first, first + static_cast<int>(added.size()) - 1);
    m_shown.insert(m_shown.end(), added.begin(), added.end());
    endInsertRows();
    if (atEnd) {
        return;
    }
    // In two steps, since rows that land in many places would cost the views one step each.
    emit layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const auto kept = persistentIndexList();
    Rows keptRows;
    keptRows.reserve(static_cast<std::size_t>(kept.size()));
    for (const auto& index : kept) {
        keptRows.push_back(m_shown[static_cast<std::size_t>(index.row())]);
    }
    std::inplace_merge(m_shown.begin(), m_shown.begin() + first, m_shown.end(), before);
    QModelIndexList moved;
    moved.reserve(kept.size());
    for (qsizetype i = 0; i < kept.size(); ++i) {
        const auto place =
            std::lower_bound(m_shown.begin(), m_shown.end(), keptRows[static_cast<std::size_t>(i)], before);
        moved.push_back(index(static_cast<int>(place - m_shown.begin()), kept[i].column()));
    }
    changePersistentIndexList(kept, moved);
    emit layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

ResultRowPtr ResultModel::rowAt(const QModelIndex& index) const {
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    return m_store.at(m_shown[static_cast<std::size_t>(index.row())]);
}

ResultRowPtr ResultModel::resultOfItem(std::size_t item) const {
    if (item >= m_rowOfItem.size() || m_rowOfItem[item] < 0) {
        return {};
    }
    return m_store.at(static_cast<std::size_t>(m_rowOfItem[item]));
}

ResultRowPtr ResultModel::latestResultOf(pid_t worker) const {
    for (std::size_t row = m_store.size(); row > 0; --row) {
        if (m_store.view(row - 1).worker == worker) {
            return m_store.at(row - 1);
        }
    }
    return {};
}

QModelIndex ResultModel::indexOfItem(std::size_t item) const {
    if (item >= m_rowOfItem.size() || m_rowOfItem[item] < 0) {
        return {};
    }
    const auto row = static_cast<Row>(m_rowOfItem[item]);
    // Sorted by the present order, unless a new one is still being worked out.
    auto place = m_shown.end();
    if (m_order.isArrival() && !m_isArranging) {
        place = std::lower_bound(m_shown.begin(), m_shown.end(), row);
        if (place != m_shown.end() && *place != row) {
            place = m_shown.end();
        }
    } else {
        place = std::find(m_shown.begin(), m_shown.end(), row);
    }
    return place == m_shown.end() ? QModelIndex() : index(static_cast<int>(place - m_shown.begin()), 0);
}

std::vector<ResultRowPtr> ResultModel::failedRows() const {
    std::vector<ResultRowPtr> rows;
    for (std::size_t row = 0; row < m_store.size() && rows.size() < m_counts.failed; ++row) {
        if (m_store.view(row).failed()) {
            rows.push_back(m_store.at(row));
        }
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a->result.index < b->result.index; });
    return rows;
}

} // namespace pprocess::widgets
