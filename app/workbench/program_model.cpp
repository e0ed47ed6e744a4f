// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/program_model.h>

#include <algorithm>
#include <tuple>

namespace pprocess::workbench {

namespace {

bool comesBefore(const ListedProgram& one, const ListedProgram& other) {
    return std::make_tuple(!one.canAttach, one.started, one.pid) <
           std::make_tuple(!other.canAttach, other.started, other.pid);
}

bool isSamePlace(const ListedProgram& one, const ListedProgram& other) {
    return !comesBefore(one, other) && !comesBefore(other, one);
}

} // namespace

int ProgramModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ProgramModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ProgramModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case NameColumn:
        return tr("Name");
    case PidColumn:
        return tr("PID");
    case StartedColumn:
        return tr("Since");
    case StateColumn:
        return tr("State");
    case CommandColumn:
        return tr("Command");
    default:
        return {};
    }
}

QVariant ProgramModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    if (role == Qt::TextAlignmentRole && index.column() == PidColumn) {
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) {
        return {};
    }
    const auto& program = at(index.row());
    switch (index.column()) {
    case NameColumn:
        return program.name;
    case PidColumn:
        return QString::number(program.pid);
    case StartedColumn:
        return program.started.date() == QDate::currentDate() ? program.started.toString(QStringLiteral("HH:mm:ss"))
                                                              : program.started.toString(QStringLiteral("d MMM HH:mm"));
    case StateColumn:
        return program.state;
    case CommandColumn:
        return program.command;
    default:
        return {};
    }
}

Qt::ItemFlags ProgramModel::flags(const QModelIndex& index) const {
    return index.isValid() && !at(index.row()).canAttach ? Qt::ItemFlags(Qt::ItemIsSelectable)
                                                         : QAbstractTableModel::flags(index);
}

void ProgramModel::setPrograms(std::vector<ListedProgram> programs) {
    std::sort(programs.begin(), programs.end(), comesBefore);
    std::size_t row = 0;
    for (auto& program : programs) {
        while (row < m_rows.size() && comesBefore(m_rows[row], program)) {
            beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
            m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(row));
            endRemoveRows();
        }
        if (row < m_rows.size() && isSamePlace(m_rows[row], program)) {
            if (m_rows[row] != program) {
                m_rows[row] = std::move(program);
                emit dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), ColumnCount - 1));
            }
        } else {
            beginInsertRows({}, static_cast<int>(row), static_cast<int>(row));
            m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(row), std::move(program));
            endInsertRows();
        }
        ++row;
    }
    if (row < m_rows.size()) {
        beginRemoveRows({}, static_cast<int>(row), static_cast<int>(m_rows.size()) - 1);
        m_rows.resize(row);
        endRemoveRows();
    }
}

} // namespace pprocess::workbench
