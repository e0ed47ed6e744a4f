// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/background_model.h>

#include <widgets/format.h>
#include <widgets/state_icon.h>

#include <QFile>

#include <algorithm>
#include <chrono>
#include <tuple>

namespace pprocess::workbench {

using namespace widgets;

namespace {

bool isSame(const ListedBackground& one, const ListedBackground& other) {
    return one.process.entry == other.process.entry && one.process.started == other.process.started;
}

bool isEqual(const ListedBackground& one, const ListedBackground& other) {
    return std::tie(one.process.name, one.process.address, one.process.pid, one.process.state, one.program) ==
           std::tie(other.process.name, other.process.address, other.process.pid, other.process.state, other.program);
}

QString stateText(BackgroundState state) {
    switch (state) {
    case BackgroundState::working:
        return BackgroundModel::tr("working");
    case BackgroundState::result_waiting:
        return BackgroundModel::tr("result waiting");
    case BackgroundState::collector_attached:
        return BackgroundModel::tr("collector attached");
    case BackgroundState::died:
        return BackgroundModel::tr("died");
    case BackgroundState::gone:
        return BackgroundModel::tr("gone, stale file");
    }
    return {};
}

QString stateTip(BackgroundState state) {
    switch (state) {
    case BackgroundState::working:
        return BackgroundModel::tr("Its function runs, and nobody collects from it.");
    case BackgroundState::result_waiting:
        return BackgroundModel::tr("There is something to collect.");
    case BackgroundState::collector_attached:
        return BackgroundModel::tr("Somebody is collecting, here or elsewhere; only one can at a time.");
    case BackgroundState::died:
        return BackgroundModel::tr("It was killed or failed. Collect to learn how.");
    case BackgroundState::gone:
        return BackgroundModel::tr("It was ended by force, with whatever it kept. Clean up removes its files.");
    }
    return {};
}

StateSign sign(BackgroundState state) {
    switch (state) {
    case BackgroundState::working:
        return StateSign::running;
    case BackgroundState::result_waiting:
        return StateSign::succeeded;
    case BackgroundState::collector_attached:
        return StateSign::waiting;
    case BackgroundState::died:
        return StateSign::failed;
    case BackgroundState::gone:
        break;
    }
    return StateSign::cancelled;
}

QString ageOf(const BackgroundProcess& process) {
    const auto age =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now() - process.started);
    return age < std::chrono::minutes(1) ? BackgroundModel::tr("%1 s").arg(age.count()) : format::duration(age);
}

QString textOf(const BackgroundProcess& process, int column) {
    switch (column) {
    case BackgroundModel::NameColumn:
        return format::oneLine(process.name);
    case BackgroundModel::StateColumn:
        return stateText(process.state);
    case BackgroundModel::AgeColumn:
        return ageOf(process);
    case BackgroundModel::PidColumn:
        return QString::number(process.pid);
    case BackgroundModel::AddressColumn:
        return format::oneLine(process.address.native());
    default:
        return {};
    }
}

bool isNumber(int column) {
    return column == BackgroundModel::AgeColumn || column == BackgroundModel::PidColumn;
}

} // namespace

int BackgroundModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int BackgroundModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant BackgroundModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    const BackgroundProcess& process = at(index.row()).process;
    switch (role) {
    case Qt::DisplayRole:
        return textOf(process, index.column());
    case Qt::ToolTipRole:
        return index.column() == StateColumn ? stateTip(process.state) : textOf(process, index.column());
    case Qt::DecorationRole:
        return index.column() == NameColumn ? QVariant(stateIcon(sign(process.state))) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant((isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case HasFailedRole:
        return process.state == BackgroundState::died;
    case IsGoneRole:
        return process.state == BackgroundState::gone;
    default:
        return {};
    }
}

QVariant BackgroundModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case NameColumn:
        return tr("Name");
    case StateColumn:
        return tr("State");
    case AgeColumn:
        return tr("Age");
    case PidColumn:
        return tr("PID");
    case AddressColumn:
        return tr("Address");
    default:
        return {};
    }
}

void BackgroundModel::setProcesses(const std::vector<ListedBackground>& processes) {
    for (int row = rowCount() - 1; row >= 0; --row) {
        const auto isThis = [&](const auto& one) { return isSame(one, at(row)); };
        if (std::none_of(processes.begin(), processes.end(), isThis)) {
            beginRemoveRows({}, row, row);
            m_rows.erase(m_rows.begin() + row);
            endRemoveRows();
        }
    }
    // Both are in the order of their starts, so what is not at its place is new.
    for (int row = 0; row < static_cast<int>(processes.size()); ++row) {
        const ListedBackground& one = processes[static_cast<std::size_t>(row)];
        if (row < rowCount() && isSame(at(row), one)) {
            if (!isEqual(at(row), one)) {
                m_rows[static_cast<std::size_t>(row)] = one;
                emit dataChanged(index(row, 0), index(row, ColumnCount - 1));
            }
        } else {
            beginInsertRows({}, row, row);
            m_rows.insert(m_rows.begin() + row, one);
            endInsertRows();
        }
    }
}

void BackgroundModel::tick() {
    if (!m_rows.empty()) {
        emit dataChanged(index(0, AgeColumn), index(rowCount() - 1, AgeColumn), {Qt::DisplayRole});
    }
}

int BackgroundModel::goneCount() const {
    return static_cast<int>(std::count_if(m_rows.begin(), m_rows.end(),
                                          [](const auto& one) { return one.process.state == BackgroundState::gone; }));
}

} // namespace pprocess::workbench
