// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/failure_models.h>

#include <widgets/format.h>
#include <widgets/instruments/event_text.h>
#include <widgets/instruments/instrument_data.h>

#include <algorithm>

namespace pprocess::widgets {

namespace {

int alignment(bool isNumber) {
    return static_cast<int>((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

StateSign sign(TaskOutcome outcome) {
    return outcome == TaskOutcome::cancelled ? StateSign::cancelled : StateSign::failed;
}

} // namespace

FailureGroupModel::FailureGroupModel(InstrumentData& data, FailureList& list, QObject* parent)
    : QAbstractTableModel(parent),
      m_data(data),
      m_list(list),
      m_rows(static_cast<int>(list.groupsNow())) {
    connect(&list, &FailureList::changed, this, &FailureGroupModel::update);
    connect(&list, &FailureList::wasReset, this, &FailureGroupModel::restart);
}

int FailureGroupModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_rows;
}

int FailureGroupModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant FailureGroupModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const FailureGroup& group = m_list.groups()[static_cast<std::size_t>(index.row())];
    const std::size_t count = m_list.membersNow(group);
    const auto timeOf = [&](std::size_t member) {
        return m_list.failures()[group.members[member]].time - m_data.head().begin();
    };
    const std::int64_t first = timeOf(0);
    const std::int64_t last = timeOf(count > 0 ? count - 1 : 0);
    if (role == SortRole) {
        switch (index.column()) {
        case CountColumn:
            return static_cast<qulonglong>(count);
        case FirstColumn:
            return static_cast<qlonglong>(first);
        case LastColumn:
            return static_cast<qlonglong>(last);
        default:
            return data(index, Qt::DisplayRole);
        }
    }
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case KindColumn:
            return outcomeName(group.outcome);
        case TextColumn:
            return group.isRest ? tr("(other texts)") : group.text.isEmpty() ? tr("(no text)") : group.text;
        case CountColumn:
            return format::count(count);
        case FirstColumn:
            return seconds(first);
        case LastColumn:
            return seconds(last);
        default:
            return {};
        }
    case Qt::DecorationRole:
        return index.column() == KindColumn ? stateIcon(sign(group.outcome)) : QVariant();
    case Qt::TextAlignmentRole:
        return alignment(index.column() >= CountColumn);
    case Qt::ToolTipRole:
        if (index.column() == TextColumn)
            return group.isRest ? tr("There are too many different texts to tell them all apart") : group.text;
        return {};
    default:
        return {};
    }
}

QVariant FailureGroupModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignment(section >= CountColumn);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case KindColumn:
        return tr("The task");
    case TextColumn:
        return tr("Text");
    case CountColumn:
        return tr("Tasks");
    case FirstColumn:
        return tr("First");
    case LastColumn:
        return tr("Last");
    default:
        return {};
    }
}

void FailureGroupModel::update() {
    const int rows = static_cast<int>(m_list.groupsNow());
    if (rows > m_rows) {
        beginInsertRows({}, m_rows, rows - 1);
        m_rows = rows;
        endInsertRows();
    } else if (rows < m_rows) {
        beginRemoveRows({}, rows, m_rows - 1);
        m_rows = rows;
        endRemoveRows();
    }
    if (m_rows > 0)
        emit dataChanged(index(0, TextColumn), index(m_rows - 1, LastColumn));
}

void FailureGroupModel::restart() {
    beginResetModel();
    m_rows = 0;
    endResetModel();
}

// ------------------------------------------------------------------------------------------------------------------

FailureModel::FailureModel(InstrumentData& data, FailureList& list, QObject* parent)
    : QAbstractTableModel(parent),
      m_data(data),
      m_list(list) {
    connect(&list, &FailureList::changed, this, &FailureModel::update);
    connect(&list, &FailureList::wasReset, this, &FailureModel::restart);
}

int FailureModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_rows;
}

int FailureModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

std::size_t FailureModel::total() const {
    return m_group && *m_group < m_list.groups().size() ? m_list.membersNow(m_list.groups()[*m_group]) : 0;
}

const Failure& FailureModel::failureAt(int row) const {
    return m_list.failures()[m_list.groups()[*m_group].members[static_cast<std::size_t>(row)]];
}

int FailureModel::rowOf(std::uint32_t failure) const {
    if (!m_group)
        return -1;
    const auto& members = m_list.groups()[*m_group].members;
    const auto place = std::lower_bound(members.begin(), members.end(), failure);
    const auto row = place - members.begin();
    return place != members.end() && *place == failure && row < m_rows ? static_cast<int>(row) : -1;
}

QVariant FailureModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Failure& failure = failureAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case TimeColumn:
            return seconds(failure.time - m_data.head().begin());
        case TaskColumn:
            return format::count(failure.task);
        case InputColumn:
            return m_list.inputOf(failure, 80);
        case ProcessColumn:
            return failure.process > 0 ? QString::number(failure.process) : QString();
        case TriesColumn:
            return QString::number(failure.attempts);
        case DurationColumn:
            return failure.sent == 0 ? QString()
                                     : format::duration(std::chrono::nanoseconds(failure.time - failure.sent));
        case TextColumn:
            return m_list.textOf(failure, 80);
        default:
            return {};
        }
    case Qt::TextAlignmentRole:
        return alignment(index.column() != InputColumn && index.column() != TextColumn);
    case Qt::ToolTipRole:
        return index.column() == InputColumn  ? m_list.inputOf(failure, 400)
               : index.column() == TextColumn ? m_list.textOf(failure, 400)
                                              : QString();
    default:
        return {};
    }
}

QVariant FailureModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignment(section != InputColumn && section != TextColumn);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case TimeColumn:
        return tr("Time");
    case TaskColumn:
        return tr("Task");
    case InputColumn:
        return tr("Input");
    case ProcessColumn:
        return tr("Process");
    case TriesColumn:
        return tr("Attempts");
    case DurationColumn:
        return tr("Took");
    case TextColumn:
        return tr("Text");
    default:
        return {};
    }
}

void FailureModel::setGroup(std::optional<std::uint32_t> group) {
    if (group == m_group)
        return;
    beginResetModel();
    m_group = group;
    m_rows = static_cast<int>(std::min<std::size_t>(total(), mostRows));
    endResetModel();
}

void FailureModel::update() {
    const int rows = static_cast<int>(std::min<std::size_t>(total(), mostRows));
    if (rows > m_rows) {
        beginInsertRows({}, m_rows, rows - 1);
        m_rows = rows;
        endInsertRows();
    } else if (rows < m_rows) {
        beginRemoveRows({}, rows, m_rows - 1);
        m_rows = rows;
        endRemoveRows();
    }
}

void FailureModel::restart() {
    beginResetModel();
    m_group.reset();
    m_rows = 0;
    endResetModel();
}

} // namespace pprocess::widgets
