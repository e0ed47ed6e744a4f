// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/history_dialog.h>

#include <app/workbench/history_model.h>
#include <app/workbench/preferences.h>
#include <app/workbench/styled.h>

#include <widgets/format.h>
#include <widgets/row_delegate.h>
#include <widgets/table_view.h>

#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QFile>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QSpinBox>
#include <QThreadPool>
#include <QVBoxLayout>

#include <algorithm>

namespace pprocess::workbench {

using widgets::TableView;

HistoryDialog::HistoryDialog(Preferences& preferences, QWidget* parent)
    : QDialog(parent),
      m_runs(new HistoryModel(this)) {
    setWindowTitle(tr("Earlier runs"));
    setObjectName(QStringLiteral("historyDialog"));
    resize(820, 420);
    m_table = new TableView;
    m_table->setObjectName(QStringLiteral("runs"));
    m_table->setAccessibleName(tr("Earlier runs, the latest first"));
    m_table->setModel(m_runs);
    m_table->setItemDelegate(new widgets::RowDelegate(
        [](const QModelIndex& index) { return index.column() == HistoryModel::FailedColumn; },
        [](const QModelIndex& index) { return index.column() == HistoryModel::StateColumn; }, this));
    const int widths[] = {240, 150, 90, 120, 70, 120};
    for (int column = 0; column < HistoryModel::ColumnCount; ++column) {
        m_table->setColumnWidth(column, widths[column]);
    }
    m_table->setStretchColumn(HistoryModel::NameColumn);
    m_table->setEmptyText(tr("Looking for runs…"));
    m_problem = styled::muted({});
    m_problem->setWordWrap(true);
    m_problem->hide();

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    const auto add = [&](const QString& text, const QString& tip, const char* name, auto&& what) {
        auto* button = buttons->addButton(text, QDialogButtonBox::ActionRole);
        button->setObjectName(QString::fromLatin1(name));
        button->setToolTip(tip);
        connect(button, &QPushButton::clicked, this, what);
        return button;
    };
    m_goOn =
        add(tr("&Go on"), tr("Do what this run has left to do; what has succeeded is not done again"), "goOn", [this] {
            if (const job::PastRun* run = chosen(); run && run->can_go_on()) {
                emit goOnRequested(*run);
                accept();
            }
        });
    m_goOn->setProperty("primary", true);
    m_runAgain = add(tr("&Run anew"), tr("Run the whole job once more"), "runAnew", [this] {
        if (const job::PastRun* run = chosen()) {
            emit jobRequested(*run, true);
            accept();
        }
    });
    m_open = add(tr("&Show the job"), tr("Put the job's settings into the form"), "showJob", [this] {
        if (const job::PastRun* run = chosen()) {
            emit jobRequested(*run, false);
            accept();
        }
    });
    m_compare = add(tr("&Compare"), {}, "compare", [this] { compare(); });
    m_trace = add(tr("&Trace"), {}, "openTrace", [this] {
        if (std::vector<job::PastRun> runs = chosenWithTrace(); !runs.empty()) {
            emit tracesRequested(runs);
            accept();
        }
    });
    m_forget = add(tr("&Forget"), tr("Remove this run and its log from the history"), "forget", [this] { forget(); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &HistoryDialog::showChoice);

    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_problem);
    auto* most = new QSpinBox;
    most->setObjectName(QStringLiteral("mostRuns"));
    most->setRange(1, Preferences::mostMostRuns);
    most->setValue(preferences.mostRuns());
    most->setAccessibleName(tr("How many runs are kept"));
    most->setToolTip(tr("The oldest make room at the end of a run; not those that can be gone on with"));
    connect(most, &QSpinBox::valueChanged, &preferences, &Preferences::setMostRuns);
    auto* keep = new QHBoxLayout;
    auto* keepLabel = styled::muted(tr("&Keep at most"));
    keepLabel->setBuddy(most);
    keep->addWidget(keepLabel);
    keep->addWidget(most);
    keep->addWidget(styled::muted(tr("runs that have ended, and 1 GiB")), 1);
    layout->addLayout(keep);
    layout->addWidget(buttons);

    // Several changes come at each start and end of a run.
    m_soon.setSingleShot(true);
    m_soon.setInterval(100);
    connect(&m_soon, &QTimer::timeout, this, &HistoryDialog::refresh);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, &m_soon, qOverload<>(&QTimer::start));
    showChoice();
    refresh();
}

void HistoryDialog::refresh() {
    QThreadPool::globalInstance()->start([self = QPointer<HistoryDialog>(this), number = ++m_search] {
        auto runs = std::make_shared<std::vector<job::PastRun>>(job::past_runs());
        QMetaObject::invokeMethod(
            qApp,
            [self, runs, number] {
                if (self && self->m_search == number) {
                    self->show(std::move(*runs));
                }
            },
            Qt::QueuedConnection);
    });
}

void HistoryDialog::show(std::vector<job::PastRun> runs) {
    std::vector<std::filesystem::path> before;
    for (const int row : m_table->selectedRows()) {
        before.push_back(m_runs->at(row).folder);
    }
    QStringList watched{QFile::decodeName(job::history_folder().c_str())};
    for (const job::PastRun& run : runs) {
        if (run.state == job::RunState::running) {
            watched += QFile::decodeName(run.folder.c_str());
        }
    }
    if (!m_watcher.directories().isEmpty()) {
        m_watcher.removePaths(m_watcher.directories());
    }
    m_watcher.addPaths(watched);
    m_runs->setRuns(std::move(runs));
    m_table->setEmptyText(tr("Nothing has been run yet"),
                          tr("Each run of a job is kept here with its settings and what was done, so that it can be "
                             "gone on with after any interruption."));
    QItemSelection selection;
    for (const std::filesystem::path& folder : before) {
        if (const int row = m_runs->rowOf(folder); row >= 0) {
            selection.select(m_runs->index(row, 0), m_runs->index(row, HistoryModel::ColumnCount - 1));
        }
    }
    if (!selection.isEmpty()) {
        m_table->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    } else if (m_runs->rowCount() > 0) {
        m_table->selectRow(0);
    }
    showChoice();
    emit refreshed();
}

const job::PastRun* HistoryDialog::chosen() const {
    const auto rows = m_table->selectedRows();
    return rows.size() == 1 ? &m_runs->at(rows.first()) : nullptr;
}

void HistoryDialog::showChoice() {
    const job::PastRun* run = chosen();
    m_goOn->setEnabled(run && run->can_go_on());
    m_runAgain->setEnabled(run);
    m_open->setEnabled(run);
    m_forget->setEnabled(run && run->state != job::RunState::running);
    const bool areTwo = m_table->selectedRows().size() == 2;
    m_trace->setEnabled(!chosenWithTrace().empty());
    m_trace->setToolTip(m_trace->isEnabled() ? tr("See what happened in the run with all instruments; of two runs side "
                                                  "by side")
                                             : tr("No trace was kept of this run (see Preferences, What is kept)"));
    m_compare->setEnabled(areTwo);
    m_compare->setToolTip(areTwo ? tr("Show what differs between the two runs: settings, outcomes, items")
                                 : tr("Select two runs to compare them (Ctrl+click, or Shift and an arrow key)"));
}

/// One or two runs, the earlier first; none unless each has one.
std::vector<job::PastRun> HistoryDialog::chosenWithTrace() const {
    std::vector<job::PastRun> runs;
    for (const int row : m_table->selectedRows()) {
        runs.insert(runs.begin(), m_runs->at(row));
    }
    const bool haveAll = std::all_of(runs.begin(), runs.end(), [](const job::PastRun& run) { return run.has_trace; });
    return haveAll && runs.size() <= 2 ? runs : std::vector<job::PastRun>();
}

void HistoryDialog::compare() {
    const auto rows = m_table->selectedRows();
    if (rows.size() == 2) {
        const job::PastRun first = m_runs->at(rows.last()); // the latest stands above
        const job::PastRun second = m_runs->at(rows.first());
        emit compareRequested(first, second);
        accept();
    }
}

void HistoryDialog::forget() {
    const job::PastRun* run = chosen();
    if (!run) {
        return;
    }
    try {
        job::forget_run(*run);
        m_problem->hide();
    } catch (const std::exception& error) {
        m_problem->setText(
            tr("The run was not forgotten. %1").arg(widgets::format::sentence(QString::fromUtf8(error.what()))));
        m_problem->show();
    }
    refresh();
}

} // namespace pprocess::workbench
