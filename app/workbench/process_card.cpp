// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/process_card.h>

#include <app/workbench/styled.h>
#include <app/workbench/table_columns.h>

#include <widgets/format.h>
#include <widgets/process_model.h>
#include <widgets/process_sampler.h>
#include <widgets/row_delegate.h>
#include <widgets/table_view.h>

#include <QLabel>
#include <QMenu>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

#include <csignal>

namespace pprocess::workbench {

using namespace widgets;

namespace {

const QString columnsKey = QStringLiteral("window/processColumns");

} // namespace

ProcessCard::ProcessCard(JobController& controller, QWidget* parent) : QFrame(parent), m_controller(controller) {
    qRegisterMetaType<ProcessSamples>();
    styled::asCard(this);
    makeTable();
    m_count = styled::muted();
    auto* head = new QHBoxLayout;
    head->setContentsMargins(14, 8, 14, 4);
    head->addWidget(styled::heading(tr("Processes")));
    head->addSpacing(6);
    head->addWidget(m_count);
    head->addStretch(1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 4);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_table, 1);
    setMinimumHeight(122);

    m_sampler = new ProcessSampler(this);
    connect(m_sampler, &ProcessSampler::sampled, this, [this](const ProcessSamples& samples) {
        m_memory = 0;
        for (const auto& one : samples) {
            m_memory += one.residentBytes;
        }
        m_processes->setSamples(samples);
        emit memoryChanged();
    });
    connect(m_processes, &ProcessModel::countsChanged, this, &ProcessCard::showCount);
    connect(&m_controller, &JobController::workersChanged, m_processes, &ProcessModel::merge);
    showCount();
}

void ProcessCard::makeTable() {
    m_processes = new ProcessModel(this);
    m_sorted = new QSortFilterProxyModel(this);
    m_sorted->setSourceModel(m_processes);
    m_sorted->setSortRole(ProcessModel::SortRole);
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("processes"));
    m_table->setAccessibleName(tr("Worker processes"));
    m_table->setModel(m_sorted);
    const auto state = [](const QModelIndex& index) {
        return static_cast<job::WorkerSnapshot::State>(index.data(ProcessModel::StateRole).toInt());
    };
    m_table->setItemDelegate(new RowDelegate(
        [](const QModelIndex& index) {
            return (index.column() == ProcessModel::EndedColumn || index.column() == ProcessModel::StateColumn) &&
                   index.data(ProcessModel::HasFailedRole).toBool();
        },
        [state](const QModelIndex& index) { return state(index) == job::WorkerSnapshot::State::ended; }, this));
    table_columns::makeSortable(m_table, {62, 88, 152, 74, 54, 76, 68, 76, 76, 82, 142});
    m_table->setStretchColumn(ProcessModel::TaskColumn);
    connect(m_table, &QWidget::customContextMenuRequested, this, &ProcessCard::showMenu);
}

void ProcessCard::clear() {
    m_processes->clear();
}

void ProcessCard::showState(JobController::State state) {
    using State = JobController::State;
    if (state == State::stopping) {
        m_processes->setStopping();
    }
    switch (state) {
    case State::collecting:
        m_table->setEmptyText(tr("No processes yet"));
        break;
    case State::running:
    case State::stopping:
        if (m_controller.isElsewhere()) {
            m_table->setEmptyText(tr("The job runs in a background process"),
                                  tr("Its workers can be watched live from the page of background processes."));
            break;
        }
        m_table->setEmptyText(tr("Starting workers…"));
        break;
    case State::idle:
        m_sampler->watch({});
        m_memory = 0;
        m_table->setEmptyText(tr("No processes"),
                              tr("Each worker of a job appears here while it runs, and stays to tell how it ended."));
        break;
    }
}

void ProcessCard::sample() {
    if (m_controller.state() != JobController::State::collecting) {
        m_processes->tick();
        m_sampler->watch(m_processes->livingPids());
    }
}

void ProcessCard::showCount() {
    const int living = m_processes->livingCount();
    const int ended = m_processes->rowCount() - living;
    QStringList parts;
    if (living > 0) {
        parts += tr("%1 alive").arg(living);
    }
    if (m_processes->droppedCount() > 0) {
        parts += tr("the last %1 of %2 ended are shown")
                     .arg(format::count(static_cast<std::uint64_t>(ended)),
                          format::count(static_cast<std::uint64_t>(ended) + m_processes->droppedCount()));
    } else if (ended > 0) {
        parts += tr("%1 ended").arg(ended);
    }
    m_count->setText(parts.join(QStringLiteral(" · ")));
}

std::vector<std::uint64_t> ProcessCard::selectedLiving() const {
    std::vector<std::uint64_t> ids;
    for (const int row : m_table->selectedRows()) {
        const auto* worker = m_processes->snapshotAt(m_sorted->mapToSource(m_sorted->index(row, 0)));
        if (worker && worker->state != job::WorkerSnapshot::State::ended) {
            ids.push_back(worker->id);
        }
    }
    return ids;
}

std::optional<QString> ProcessCard::signalProcess(pid_t pid, int signal) {
    for (int row = 0; row < m_processes->rowCount(); ++row) {
        const auto* worker = m_processes->snapshotAt(m_processes->index(row, 0));
        if (worker && worker->pid == pid && worker->state != job::WorkerSnapshot::State::ended) {
            return m_controller.signalWorker(worker->id, signal)
                       ? tr("Process %1 was sent signal %2.").arg(pid).arg(signal)
                       : tr("Process %1 has ended already.").arg(pid);
        }
    }
    return {};
}

void ProcessCard::showMenu(const QPoint& position) {
    QMenu menu(this);
    const auto signalSelected = [this](int signal) {
        for (const auto id : selectedLiving()) {
            m_controller.signalWorker(id, signal);
        }
    };
    auto* stop = menu.addAction(tr("&Stop worker (SIGTERM)"), this, [&] { signalSelected(SIGTERM); });
    auto* kill = menu.addAction(tr("&Kill worker (SIGKILL)"), this, [&] { signalSelected(SIGKILL); });
    const bool isAnyAlive = !selectedLiving().empty();
    stop->setEnabled(isAnyAlive);
    kill->setEnabled(isAnyAlive);
    menu.addSeparator();
    auto* copy = menu.addAction(tr("&Copy"), m_table, &TableView::copySelection);
    copy->setEnabled(!m_table->selectedRows().isEmpty());
    menu.exec(m_table->viewport()->mapToGlobal(position));
}

void ProcessCard::storeState(QSettings& settings) const {
    table_columns::store(settings, columnsKey, m_table);
}

void ProcessCard::restoreState(const QSettings& settings) {
    table_columns::restore(settings, columnsKey, m_table);
}

} // namespace pprocess::workbench
