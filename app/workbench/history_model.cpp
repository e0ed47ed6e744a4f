// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/history_model.h>

#include <widgets/format.h>

#include <QDateTime>
#include <QFile>

namespace pprocess::workbench {

namespace {

bool isNumber(int column) {
    return column == HistoryModel::DoneColumn || column == HistoryModel::FailedColumn ||
           column == HistoryModel::TookColumn;
}

QString textOf(const job::PastRun& run, int column) {
    switch (column) {
    case HistoryModel::NameColumn:
        return run.name.empty() ? HistoryModel::tr("(no name)") : widgets::format::oneLine(run.name);
    case HistoryModel::StartedColumn:
        return HistoryModel::whenText(run.started);
    case HistoryModel::StateColumn:
        return HistoryModel::stateText(run.state);
    case HistoryModel::DoneColumn:
        return HistoryModel::tr("%1 of %2")
            .arg(widgets::format::count(run.succeeded), widgets::format::count(run.total));
    case HistoryModel::FailedColumn:
        return run.failed > 0 ? widgets::format::count(run.failed) : QString();
    case HistoryModel::TookColumn:
        return run.ended ? widgets::format::duration(*run.ended - run.started) : QString();
    default:
        return {};
    }
}

} // namespace

QString HistoryModel::whenText(std::chrono::system_clock::time_point time) {
    const auto moment = QDateTime::fromMSecsSinceEpoch(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
    return moment.date() == QDate::currentDate() ? moment.toString(QStringLiteral("HH:mm:ss"))
                                                 : moment.toString(QStringLiteral("d MMM yyyy HH:mm"));
}

QString HistoryModel::stateText(job::RunState state) {
    switch (state) {
    case job::RunState::running:
        return tr("running");
    case job::RunState::ended:
        return tr("ended");
    case job::RunState::stopped:
        return tr("stopped");
    case job::RunState::broken_off:
        return tr("broken off");
    }
    return {};
}

int HistoryModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int HistoryModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant HistoryModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && isNumber(section)) {
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case NameColumn:
        return tr("Job");
    case StartedColumn:
        return tr("Started");
    case StateColumn:
        return tr("State");
    case DoneColumn:
        return tr("Done well");
    case FailedColumn:
        return tr("Failed");
    case TookColumn:
        return tr("Took");
    default:
        return {};
    }
}

QVariant HistoryModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole:
        return textOf(at(index.row()), index.column());
    case Qt::ToolTipRole:
        return index.column() == NameColumn ? QFile::decodeName(at(index.row()).folder.c_str())
                                            : textOf(at(index.row()), index.column());
    case Qt::TextAlignmentRole:
        return QVariant((isNumber(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
        return {};
    }
}

void HistoryModel::setRuns(std::vector<job::PastRun> runs) {
    beginResetModel();
    m_runs = std::move(runs);
    endResetModel();
}

int HistoryModel::rowOf(const std::filesystem::path& folder) const {
    for (std::size_t row = 0; row < m_runs.size(); ++row) {
        if (m_runs[row].folder == folder) {
            return static_cast<int>(row);
        }
    }
    return -1;
}

} // namespace pprocess::workbench
