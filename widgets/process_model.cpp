// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/process_model.h>

#include <widgets/format.h>
#include <widgets/state_icon.h>

#include <algorithm>

namespace pprocess::widgets {

using State = job::WorkerSnapshot::State;

namespace {

// A worker that was told to end, or had nothing left to do, exits with 0: that is no failure.
bool endedBadly(const job::WorkerSnapshot& snapshot) {
    return snapshot.state == State::ended && !snapshot.ended.empty() &&
           (snapshot.ended.find("signal") != std::string::npos ||
            (snapshot.ended.find("status") != std::string::npos &&
             snapshot.ended.find("status 0") == std::string::npos));
}

bool isNumber(int column) {
    switch (column) {
    case ProcessModel::StateColumn:
    case ProcessModel::TaskColumn:
    case ProcessModel::EndedColumn:
        return false;
    default:
        return true;
    }
}

} // namespace

bool ProcessModel::hasFailed(const Row& row) {
    return !row.wasStopped && endedBadly(row.snapshot);
}

ProcessModel::ProcessModel(QObject* parent) : QAbstractTableModel(parent) {}

int ProcessModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ProcessModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString ProcessModel::stateText(const Row& row) const {
    switch (row.snapshot.state) {
    case State::starting:
        return tr("starting");
    case State::idle:
        return tr("waiting");
    case State::running:
        return tr("running");
    case State::ended:
        return row.wasStopped ? tr("stopped") : hasFailed(row) ? tr("died") : tr("ended");
    }
    return {};
}

QVariant ProcessModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) {
        return {};
    }
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const Snapshot& worker = row.snapshot;
    const bool hasEnded = worker.state == State::ended;
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case PidColumn:
            return worker.pid > 0 ? QString::number(worker.pid) : QStringLiteral("—");
        case StateColumn:
            return stateText(row);
        case TaskColumn:
            return row.task;
        case ElapsedColumn:
            return hasEnded ? QString() : format::duration(row.elapsed);
        case CpuColumn:
            return hasEnded || row.sample.cpuPercent < 0 ? QString()
                                                         : QStringLiteral("%1 %").arg(qRound(row.sample.cpuPercent));
        case MemoryColumn:
            return row.sample.residentBytes == 0 ? QString()
                                                 : format::bytes(static_cast<double>(row.sample.residentBytes));
        case MessagesInColumn:
            return format::count(worker.messages_in);
        case MessagesOutColumn:
            return format::count(worker.messages_out);
        case BytesInColumn:
            return format::bytes(static_cast<double>(worker.bytes_in));
        case BytesOutColumn:
            return format::bytes(static_cast<double>(worker.bytes_out));
        case EndedColumn:
            return QString::fromStdString(worker.ended);
        default:
            return {};
        }
    case SortRole:
        switch (index.column()) {
        case PidColumn:
            return static_cast<qlonglong>(worker.pid);
        case StateColumn:
            return static_cast<int>(worker.state);
        case TaskColumn:
            return row.task;
        case ElapsedColumn:
            return hasEnded ? qlonglong(-1) : static_cast<qlonglong>(row.elapsed.count());
        case CpuColumn:
            return hasEnded ? -1.0 : row.sample.cpuPercent;
        case MemoryColumn:
            return static_cast<qulonglong>(row.sample.residentBytes);
        case MessagesInColumn:
            return static_cast<qulonglong>(worker.messages_in);
        case MessagesOutColumn:
            return static_cast<qulonglong>(worker.messages_out);
        case BytesInColumn:
            return static_cast<qulonglong>(worker.bytes_in);
        case BytesOutColumn:
            return static_cast<qulonglong>(worker.bytes_out);
        case EndedColumn:
            return QString::fromStdString(worker.ended);
        default:
            return {};
        }
    case Qt::ToolTipRole:
        if (index.column() == TaskColumn) {
            return row.task;
        }
        if (index.column() == EndedColumn) {
            return QString::fromStdString(worker.ended);
        }
        return {};
    case Qt::DecorationRole:
        if (index.column() == StateColumn) {
            switch (worker.state) {
            case State::starting:
                return stateIcon(StateSign::starting);
            case State::idle:
                return stateIcon(StateSign::waiting);
            case State::running:
                return stateIcon(StateSign::running);
            case State::ended:
                return stateIcon(hasFailed(row) ? StateSign::failed : StateSign::cancelled);
            }
        }
        return {};
    case Qt::TextAlignmentRole:
        return QVariant((isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case StateRole:
        return static_cast<int>(worker.state);
    case IdRole:
        return static_cast<qulonglong>(worker.id);
    case HasFailedRole:
        return hasFailed(row);
    default:
        return {};
    }
}

QVariant ProcessModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role == Qt::DisplayRole) {
        switch (section) {
        case PidColumn:
            return tr("PID");
        case StateColumn:
            return tr("State");
        case TaskColumn:
            return tr("Task");
        case ElapsedColumn:
            return tr("For");
        case CpuColumn:
            return tr("CPU");
        case MemoryColumn:
            return tr("Memory");
        case MessagesInColumn:
            return tr("Msgs in");
        case MessagesOutColumn:
            return tr("Msgs out");
        case BytesInColumn:
            return tr("Bytes in");
        case BytesOutColumn:
            return tr("Bytes out");
        case EndedColumn:
            return tr("How it ended");
        default:
            return {};
        }
    }
    if (role == Qt::ToolTipRole) {
        switch (section) {
        case PidColumn:
            return tr("The process's number in the system");
        case TaskColumn:
            return tr("The input that it works on");
        case ElapsedColumn:
            return tr("Time in its present state");
        case CpuColumn:
            return tr("Of one processor, of the worker with its command, in the last quarter second");
        case MemoryColumn:
            return tr("Resident memory of the worker with its command");
        case MessagesInColumn:
            return tr("Messages received from the worker");
        case MessagesOutColumn:
            return tr("Messages sent to the worker");
        case BytesInColumn:
            return tr("Bytes received from the worker");
        case BytesOutColumn:
            return tr("Bytes sent to the worker");
        default:
            return {};
        }
    }
    return {};
}

void ProcessModel::update(int row, const Snapshot& snapshot) {
    Row& entry = m_rows[static_cast<std::size_t>(row)];
    const bool isOtherTask = entry.snapshot.item != snapshot.item || entry.snapshot.state != snapshot.state;
    entry.snapshot = snapshot;
    entry.wasStopped = entry.wasStopped || (m_isStopping && endedBadly(snapshot));
    if (isOtherTask) {
        // The task at which a worker died stays to be read.
        if (snapshot.state == State::running) {
            entry.task = format::oneLine(snapshot.input);
        } else if (snapshot.state != State::ended || !endedBadly(snapshot)) {
            entry.task.clear();
        }
    }
    if (snapshot.since.time_since_epoch().count() != 0) {
        entry.elapsed = std::max(std::chrono::nanoseconds{},
                                 std::chrono::nanoseconds(std::chrono::steady_clock::now() - snapshot.since));
    }
}

void ProcessModel::merge(const std::vector<Snapshot>& snapshots) {
    if (snapshots.empty()) {
        return;
    }
    const auto livingEnd = [this] { return m_rows.begin() + m_living; };
    const auto placeOf = [&](std::uint64_t id) {
        return std::lower_bound(m_rows.begin(), livingEnd(), id,
                                [](const Row& row, std::uint64_t wanted) { return row.snapshot.id < wanted; });
    };
    int firstChanged = -1;
    int lastChanged = -1;
    const auto flushChanged = [&] {
        if (firstChanged >= 0) {
            emit dataChanged(index(firstChanged, 0), index(lastChanged, ColumnCount - 1));
        }
        firstChanged = lastChanged = -1;
    };
    for (const Snapshot& snapshot : snapshots) {
        const auto place = placeOf(snapshot.id);
        const int row = static_cast<int>(place - m_rows.begin());
        const bool isKnown = place != livingEnd() && place->snapshot.id == snapshot.id;
        const bool hasEnded = snapshot.state == State::ended;
        if (isKnown && !hasEnded) {
            update(row, snapshot);
            firstChanged = firstChanged < 0 ? row : std::min(firstChanged, row);
            lastChanged = std::max(lastChanged, row);
            continue;
        }
        flushChanged();
        if (!isKnown) {
            const int at = hasEnded ? m_living : row;
            beginInsertRows({}, at, at);
            m_rows.insert(m_rows.begin() + at, Row());
            if (!hasEnded) {
                ++m_living;
            }
            m_rows[static_cast<std::size_t>(at)].snapshot.id = snapshot.id;
            update(at, snapshot);
            endInsertRows();
            continue;
        }
        // From its place among the living to the head of the ended, which begins where it leaves.
        const int head = m_living - 1;
        if (row != head) {
            beginMoveRows({}, row, row, {}, m_living);
            Row entry = std::move(m_rows[static_cast<std::size_t>(row)]);
            m_rows.erase(m_rows.begin() + row);
            m_rows.insert(m_rows.begin() + head, std::move(entry));
            --m_living;
            endMoveRows();
        } else {
            --m_living;
        }
        update(head, snapshot);
        emit dataChanged(index(head, 0), index(head, ColumnCount - 1));
    }
    flushChanged();
    if (const int surplus = rowCount() - m_living - endedLimit; surplus > 0) {
        beginRemoveRows({}, rowCount() - surplus, rowCount() - 1);
        m_rows.erase(m_rows.end() - surplus, m_rows.end());
        m_dropped += static_cast<std::size_t>(surplus);
        endRemoveRows();
    }
    emit countsChanged();
}

void ProcessModel::setSamples(const ProcessSamples& samples) {
    for (int row = 0; row < m_living; ++row) {
        Row& entry = m_rows[static_cast<std::size_t>(row)];
        if (const auto sample = samples.constFind(entry.snapshot.pid); sample != samples.constEnd()) {
            entry.sample = *sample;
        }
    }
    if (m_living > 0) {
        emit dataChanged(index(0, CpuColumn), index(m_living - 1, MemoryColumn));
    }
}

void ProcessModel::tick() {
    const auto now = std::chrono::steady_clock::now();
    for (int row = 0; row < m_living; ++row) {
        Row& entry = m_rows[static_cast<std::size_t>(row)];
        if (entry.snapshot.since.time_since_epoch().count() != 0) {
            entry.elapsed = std::max(std::chrono::nanoseconds{}, std::chrono::nanoseconds(now - entry.snapshot.since));
        }
    }
    if (m_living > 0) {
        emit dataChanged(index(0, ElapsedColumn), index(m_living - 1, ElapsedColumn));
    }
}

void ProcessModel::clear() {
    beginResetModel();
    m_rows.clear();
    m_living = 0;
    m_dropped = 0;
    m_isStopping = false;
    endResetModel();
    emit countsChanged();
}

std::vector<pid_t> ProcessModel::livingPids() const {
    std::vector<pid_t> pids;
    for (int row = 0; row < m_living; ++row) {
        if (const pid_t pid = m_rows[static_cast<std::size_t>(row)].snapshot.pid; pid > 0) {
            pids.push_back(pid);
        }
    }
    return pids;
}

const ProcessModel::Snapshot* ProcessModel::snapshotAt(const QModelIndex& index) const {
    return index.isValid() && index.row() < rowCount() ? &m_rows[static_cast<std::size_t>(index.row())].snapshot
                                                       : nullptr;
}

} // namespace pprocess::widgets
