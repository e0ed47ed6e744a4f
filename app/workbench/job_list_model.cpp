// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_list_model.h>

#include <widgets/format.h>
#include <widgets/state_icon.h>

#include <tuple>

namespace pprocess::workbench {

using namespace widgets;

namespace {

using State = JobController::State;

auto counts(const job::Progress& progress) {
    return std::make_tuple(progress.total, progress.is_total_known, progress.waiting, progress.running,
                           progress.succeeded, progress.failed, progress.cancelled);
}

QString stateText(const ListedJob& job) {
    switch (job.state) {
    case State::collecting:
        return JobListModel::tr("looking for inputs");
    case State::running:
        return job.isElsewhere ? JobListModel::tr("in the background") : JobListModel::tr("running");
    case State::stopping:
        return JobListModel::tr("stopping");
    case State::idle:
        break;
    }
    if (job.progress.total == 0) {
        return JobListModel::tr("not run yet");
    }
    if (job.progress.cancelled > 0) {
        return JobListModel::tr("stopped");
    }
    return job.progress.finished() ? JobListModel::tr("ended") : JobListModel::tr("broken off");
}

StateSign sign(const ListedJob& job) {
    switch (job.state) {
    case State::collecting:
        return StateSign::starting;
    case State::running:
        return StateSign::running;
    case State::stopping:
        return StateSign::cancelled;
    case State::idle:
        break;
    }
    if (job.progress.total == 0) {
        return StateSign::waiting;
    }
    if (job.progress.failed > 0) {
        return StateSign::failed;
    }
    return job.progress.cancelled > 0 || !job.progress.finished() ? StateSign::cancelled : StateSign::succeeded;
}

QString progressText(const job::Progress& progress) {
    return progress.total == 0
               ? QString()
               : JobListModel::tr("%1 of %2")
                     .arg(format::count(progress.succeeded + progress.failed), format::count(progress.total));
}

QString textOf(const ListedJob& job, int column) {
    switch (column) {
    case JobListModel::NameColumn:
        return job.title;
    case JobListModel::StateColumn:
        return stateText(job);
    case JobListModel::ProgressColumn:
        return progressText(job.progress);
    case JobListModel::RemainingColumn:
        return job.remaining ? format::duration(*job.remaining) : QString();
    case JobListModel::FailedColumn:
        return job.progress.total == 0 ? QString() : format::count(job.progress.failed);
    case JobListModel::ElapsedColumn:
        return job.progress.total == 0 ? QString() : format::duration(job.elapsed);
    default:
        return {};
    }
}

} // namespace

bool ListedJob::operator==(const ListedJob& other) const {
    return title == other.title && state == other.state && isElsewhere == other.isElsewhere &&
           counts(progress) == counts(other.progress) && remaining == other.remaining && elapsed == other.elapsed;
}

std::optional<double> overallProgress(const std::vector<ListedJob>& jobs) {
    double sum = 0;
    int running = 0;
    for (const ListedJob& job : jobs) {
        if (job.isBusy() && job.progress.total > 0) {
            sum += static_cast<double>(job.progress.ended()) / static_cast<double>(job.progress.total);
            ++running;
        }
    }
    return running == 0 ? std::nullopt : std::optional(sum / running);
}

int JobListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_jobs.size());
}

int JobListModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant JobListModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    const ListedJob& job = m_jobs[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return textOf(job, index.column());
    case Qt::DecorationRole:
        return index.column() == NameColumn ? QVariant(stateIcon(sign(job))) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant((index.column() >= ProgressColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case ProgressRole:
        return QVariant::fromValue(job.progress);
    case HasFailedRole:
        return job.progress.failed > 0;
    default:
        return {};
    }
}

QVariant JobListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return section > ProgressColumn ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                        : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case NameColumn:
        return tr("Job");
    case StateColumn:
        return tr("State");
    case ProgressColumn:
        return tr("Progress");
    case RemainingColumn:
        return tr("Time left");
    case FailedColumn:
        return tr("Failed");
    case ElapsedColumn:
        return tr("Elapsed");
    default:
        return {};
    }
}

void JobListModel::insert(int row, ListedJob job) {
    beginInsertRows({}, row, row);
    m_jobs.insert(m_jobs.begin() + row, std::move(job));
    endInsertRows();
}

void JobListModel::remove(int row) {
    beginRemoveRows({}, row, row);
    m_jobs.erase(m_jobs.begin() + row);
    endRemoveRows();
}

void JobListModel::set(int row, ListedJob job) {
    ListedJob& place = m_jobs[static_cast<std::size_t>(row)];
    if (!(place == job)) {
        place = std::move(job);
        emit dataChanged(index(row, 0), index(row, ColumnCount - 1));
    }
}

} // namespace pprocess::workbench
