// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/event_log_model.h>

#include <widgets/format.h>
#include <widgets/instruments/instrument_data.h>

#include <QElapsedTimer>

#include <algorithm>

namespace pprocess::widgets {

EventLogModel::EventLogModel(InstrumentData& data, QObject* parent) : QAbstractTableModel(parent), m_data(data) {
    m_search.setInterval(0);
    connect(&m_search, &QTimer::timeout, this, &EventLogModel::searchOn);
    m_new.setSingleShot(true);
    connect(&m_new, &QTimer::timeout, this, &EventLogModel::update);
    connect(&data, &InstrumentData::appended, this, &EventLogModel::takeNew);
    connect(&data, &InstrumentData::positionChanged, this, &EventLogModel::update);
    connect(&data, &InstrumentData::wasReset, this, &EventLogModel::restart);
    restart();
}

int EventLogModel::rowCount(const QModelIndex& parent) const {
    if (parent.isValid())
        return 0;
    const std::uint64_t rows = m_acceptsAll ? m_scanned - m_begin : m_found.size();
    return static_cast<int>(std::min<std::uint64_t>(rows, INT_MAX));
}

int EventLogModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

std::uint64_t EventLogModel::eventAt(int row) const {
    return m_acceptsAll ? m_begin + static_cast<std::uint64_t>(row) : m_found[static_cast<std::size_t>(row)];
}

int EventLogModel::rowOf(std::uint64_t event) const {
    if (m_acceptsAll)
        return static_cast<int>(std::clamp(event, m_begin, m_scanned) - m_begin);
    return static_cast<int>(std::lower_bound(m_found.begin(), m_found.end(), event) - m_found.begin());
}

QVariant EventLogModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const std::uint64_t number = eventAt(index.row());
    if (number < m_data.firstEvent() || number >= m_data.endEvent())
        return {};
    const Event& event = m_data.event(number);
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case TimeColumn:
            return seconds(event.time - m_data.head().begin());
        case ProcessColumn:
            return subjectOf(event) > 0 ? QString::number(subjectOf(event)) : QString();
        case KindColumn:
            return kindName(event.kind);
        case WhatColumn:
            return sentence(m_data, number);
        case BytesColumn:
            return hasBytes(event) ? format::bytes(static_cast<double>(event.size)) : QString();
        default:
            return {};
        }
    case Qt::DecorationRole:
        return index.column() == KindColumn ? stateIcon(signOf(event)) : QVariant();
    case Qt::TextAlignmentRole:
        return static_cast<int>(
            (index.column() == WhatColumn || index.column() == KindColumn ? Qt::AlignLeft : Qt::AlignRight) |
            Qt::AlignVCenter);
    case Qt::ToolTipRole:
        switch (index.column()) {
        case TimeColumn:
            return tr("Event %1, at %2 ns of the machine's clock")
                .arg(format::count(number), format::count(static_cast<std::uint64_t>(event.time)));
        case ProcessColumn:
            return tr("Told by process %1").arg(event.writer);
        case BytesColumn:
            return hasBytes(event) ? format::counted<EventLogModel>(event.size, QT_TR_N_NOOP("%1 byte(s)")) : QString();
        default:
            return sentence(m_data, number);
        }
    case FailedRole:
        return isFailure(event);
    default:
        return {};
    }
}

QVariant EventLogModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == WhatColumn || section == KindColumn ? Qt::AlignLeft : Qt::AlignRight) |
                                Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case TimeColumn:
        return tr("Time");
    case ProcessColumn:
        return tr("Process");
    case KindColumn:
        return tr("Event");
    case WhatColumn:
        return tr("What happened");
    case BytesColumn:
        return tr("Bytes");
    default:
        return {};
    }
}

void EventLogModel::setFilter(const EventFilter& filter) {
    if (filter == m_filter)
        return;
    m_filter = filter;
    restart();
}

void EventLogModel::setTimes(std::optional<std::pair<std::int64_t, std::int64_t>> times) {
    if (times == m_times)
        return;
    m_times = times;
    update();
}

void EventLogModel::restart() {
    beginResetModel();
    m_acceptsAll = m_filter.acceptsAll();
    m_found.clear();
    m_begin = m_end = m_scanned = UINT64_MAX;
    update();
    endResetModel();
    emit progressChanged();
}

void EventLogModel::takeNew() {
    // What is shown and no longer there goes at once.
    if (rowCount() < manyRows || m_data.firstEvent() > m_begin)
        update();
    else if (!m_new.isActive())
        m_new.start(manyRowsInterval);
}

/// Takes over what may be shown now, and which of it is known to be shown already.
void EventLogModel::update() {
    std::uint64_t begin = m_data.firstEvent();
    std::uint64_t end = m_data.position();
    if (m_times) {
        begin = std::clamp(m_data.indexAt(m_times->first), begin, end);
        end = std::clamp(m_data.indexAt(m_times->second + 1), begin, end);
    }
    const bool isReset = m_begin == UINT64_MAX;
    if (isReset) {
        m_begin = m_end = m_scanned = begin;
    } else if (begin < m_begin || begin > m_scanned || end < m_begin) {
        // Nothing that is known stays of use.
        restart();
        return;
    }
    if (begin > m_begin)
        dropBefore(begin);
    m_end = std::max(end, m_begin);
    if (m_end < m_scanned)
        dropFrom(m_end);
    if (m_acceptsAll && m_scanned < m_end) {
        if (!isReset)
            beginInsertRows({}, rowCount(), static_cast<int>(m_end - m_begin) - 1);
        m_scanned = m_end;
        if (!isReset)
            endInsertRows();
    }
    if (!isSearching())
        m_search.stop();
    else if (!m_search.isActive())
        m_search.start();
    if (!isReset)
        emit progressChanged();
}

void EventLogModel::dropBefore(std::uint64_t begin) {
    const int rows = rowOf(begin);
    if (rows > 0)
        beginRemoveRows({}, 0, rows - 1);
    m_begin = begin;
    if (!m_acceptsAll)
        m_found.erase(m_found.begin(), m_found.begin() + rows);
    if (rows > 0)
        endRemoveRows();
}

void EventLogModel::dropFrom(std::uint64_t end) {
    const int first = rowOf(end);
    const int rows = rowCount();
    if (first < rows)
        beginRemoveRows({}, first, rows - 1);
    m_scanned = end;
    if (!m_acceptsAll)
        m_found.resize(static_cast<std::size_t>(first));
    if (first < rows)
        endRemoveRows();
}

void EventLogModel::searchOn() {
    QElapsedTimer clock;
    clock.start();
    std::vector<std::uint64_t> found;
    const std::uint64_t end = std::min(m_end, m_scanned + sliceEvents);
    std::uint64_t index = std::max(m_scanned, m_data.firstEvent());
    for (; index < end; ++index) {
        if (index % 256 == 0 && clock.elapsed() >= sliceTime)
            break;
        if (m_filter.accepts(m_data, index))
            found.push_back(index);
    }
    m_scanned = std::max(index, m_scanned);
    append(std::move(found));
    if (!isSearching())
        m_search.stop();
    emit progressChanged();
}

void EventLogModel::append(std::vector<std::uint64_t> found) {
    if (found.empty())
        return;
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(found.size()) - 1);
    m_found.insert(m_found.end(), found.begin(), found.end());
    endInsertRows();
}

} // namespace pprocess::widgets
