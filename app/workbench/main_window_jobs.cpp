// SPDX-License-Identifier: GPL-3.0-or-later

/// The window's pages of jobs, and what leads to them.

#include <app/workbench/main_window.h>

#include <app/workbench/background_collector.h>
#include <app/workbench/background_page.h>
#include <app/workbench/history_dialog.h>
#include <app/workbench/history_model.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/job_list.h>
#include <app/workbench/job_list_model.h>
#include <app/workbench/job_notifier.h>
#include <app/workbench/run_comparison_page.h>
#include <app/workbench/value_page.h>
#include <app/workbench/welcome_page.h>

#include <widgets/format.h>
#include <widgets/instruments/recorder_source.h>
#include <widgets/instruments/trace_source.h>

#include <QFile>
#include <QFileDialog>
#include <QPushButton>
#include <QSettings>
#include <QTabWidget>
#include <QThreadPool>

#include <utility>

namespace pprocess::workbench {

using namespace widgets;

namespace {

const QString welcomedKey = QStringLiteral("welcomed");

ListedJob listed(const JobPage& page, JobController& controller) {
    return {.title = page.title(),
            .state = controller.state(),
            .isElsewhere = controller.isElsewhere(),
            .progress = controller.progress(),
            .remaining = page.remaining(),
            .elapsed = controller.elapsed()};
}

} // namespace

JobPage* MainWindow::addJobPage(std::unique_ptr<ForkServer> server, int place) {
    auto* page = new JobPage(std::move(server), m_record);
    listenToJob(page);
    m_jobPages += page;
    m_jobs->insert(static_cast<int>(m_jobPages.size()) - 1, listed(*page, page->controller()));
    addPage(page, place);
    constexpr int leastHeight = 700; // below that the page would have too little room
    if (m_jobPages.size() > 1 && !m_isListUnwanted && height() >= leastHeight) {
        showJobList();
    }
    return page;
}

/// As high as a person made it, at first for a few jobs.
void MainWindow::showJobList() {
    m_jobList->show();
    if (!std::exchange(m_wasListShown, true)) {
        resizeDocks({m_jobList}, {128}, Qt::Vertical);
    }
}

void MainWindow::listenToJob(JobPage* page) {
    connect(page, &JobPage::saved, this, &MainWindow::saved);
    connect(page, &JobPage::opened, this, &MainWindow::opened);
    connect(page, &Page::titleChanged, this, &MainWindow::showJobs);
    const auto soon = [this] {
        if (!m_jobsSoon.isActive()) {
            m_jobsSoon.start();
        }
    };
    connect(&page->controller(), &JobController::progressChanged, &m_jobsSoon, soon);
    connect(page, &Page::statusChanged, &m_jobsSoon, soon);
    connect(&page->controller(), &JobController::stateChanged, this, [this] {
        showJobs();
        closeWhenIdle();
    });
    connect(&page->controller(), &JobController::finished, this, [this, page](const JobController::Summary& summary) {
        pruneHistory();
        const std::size_t failures = summary.progress.failed;
        m_notifier->tell(failures == 0 ? tr("%1 has ended").arg(page->title())
                                       : tr("%1: %2").arg(page->title(), format::counted<MainWindow>(
                                                                             failures, QT_TR_N_NOOP("%1 failed"))),
                         page->summaryText(), summary.elapsed);
    });
    connect(&page->controller(), &JobController::failed, this, [this, page](const QString& message) {
        m_notifier->tell(page->title(), message, std::chrono::nanoseconds::max()); // however short
        if (m_closing == Closing::leaving) {
            m_closing = Closing::no; // to be read
        }
    });
}

JobPage* MainWindow::newJob() {
    // Beside the other jobs, before whatever else is open.
    JobPage* page = addJobPage(nullptr, m_pages->indexOf(m_jobPage) + 1);
    page->setJob(m_preferences.newJob());
    return page;
}

JobPage* MainWindow::pageForAnother() {
    return m_jobPage->isBlank() ? m_jobPage : newJob();
}

void MainWindow::openJob(const QString& file) {
    const bool isNew = !m_jobPage->isBlank();
    JobPage* page = pageForAnother();
    if (isNew) {
        connect(page, &JobPage::opened, this, [this, page](bool isOpened) {
            if (!isOpened && page->isBlank()) {
                QMetaObject::invokeMethod(page, [this, page] { removePage(m_pages->indexOf(page)); });
            }
        });
    }
    page->openJob(file);
}

void MainWindow::askOpenJob() {
    const QString file = QFileDialog::getOpenFileName(this, tr("Open a job"), m_jobPage->jobFile(),
                                                      tr("Jobs (*.json *.ppjob);;All files (*)"));
    if (!file.isEmpty()) {
        openJob(file);
    }
}

void MainWindow::askHistory() {
    auto* dialog = new HistoryDialog(m_preferences, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &HistoryDialog::goOnRequested, this,
            [this](const job::PastRun& run) { pageForAnother()->goOn(run); });
    connect(dialog, &HistoryDialog::jobRequested, this,
            [this](const job::PastRun& run, bool isToRun) { pageForAnother()->showRun(run, isToRun); });
    connect(dialog, &HistoryDialog::tracesRequested, this, [this](const std::vector<job::PastRun>& runs) {
        const auto traceOf = [](const job::PastRun& run) {
            auto source = std::make_unique<widgets::TraceSource>(QFile::decodeName(run.trace().c_str()));
            source->setTitle(tr("%1, %2").arg(run.name.empty() ? tr("Job without a name") : format::oneLine(run.name),
                                              HistoryModel::whenText(run.started)));
            return source;
        };
        addInstruments(traceOf(runs.front()));
        if (runs.size() > 1) {
            compareWith(traceOf(runs.back()));
        }
    });
    connect(dialog, &HistoryDialog::compareRequested, this, &MainWindow::compareRuns);
    dialog->open();
}

void MainWindow::compareRuns(const job::PastRun& first, const job::PastRun& second) {
    addPage(new RunComparisonPage(first, second), m_pages->count());
}

void MainWindow::showBackground() {
    if (m_backgroundPage) {
        m_pages->setCurrentWidget(m_backgroundPage);
        return;
    }
    m_backgroundPage = new BackgroundPage;
    connect(m_backgroundPage, &BackgroundPage::collectRequested, this, &MainWindow::collect);
    connect(m_backgroundPage, &BackgroundPage::watchRequested, this,
            [this](qint64 program) { attach(QString::number(program)); });
    addPage(m_backgroundPage, m_pages->count());
}

void MainWindow::collect(const QString& address, const QString& name) {
    const std::filesystem::path place(QFile::encodeName(address).toStdString());
    auto collector = std::make_unique<BackgroundCollector>(place);
    collector->start();
    const auto asJob = [this, name](std::unique_ptr<BackgroundCollector> from, const std::vector<AnyValue>& values) {
        pageForAnother()->collect(std::move(from), values, name);
    };
    job::PastRun run;
    run.folder = place.parent_path();
    if (run.background_address() == place && QFile::exists(QFile::decodeName(run.job_file().c_str()))) {
        asJob(std::move(collector), {});
        return;
    }
    auto* page = new ValuePage(std::move(collector), name);
    connect(page, &ValuePage::jobFound, this, [this, page, asJob](const std::vector<AnyValue>& values) {
        asJob(page->takeCollector(), values);
        // Not here: it is just being called.
        QMetaObject::invokeMethod(
            page, [this, page] { removePage(m_pages->indexOf(page)); }, Qt::QueuedConnection);
    });
    addPage(page, m_pages->count());
}

bool MainWindow::isJob(const QString& file) {
    return file.endsWith(QLatin1String(".ppjob"), Qt::CaseInsensitive) ||
           file.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
}

void MainWindow::showWelcomeOnce() {
    if (!m_settings.value(welcomedKey).toBool()) {
        m_settings.setValue(welcomedKey, true);
        showWelcome();
    }
}

void MainWindow::showWelcome() {
    if (m_welcome) {
        m_pages->setCurrentWidget(m_welcome);
        return;
    }
    m_welcome = new WelcomePage;
    const auto leave = [this] {
        // Not here: it is just calling.
        QMetaObject::invokeMethod(
            m_welcome, [this] { removePage(m_pages->indexOf(m_welcome)); }, Qt::QueuedConnection);
    };
    connect(m_welcome, &WelcomePage::tried, this, [this, leave](const job::Job& job, bool isWithInstruments) {
        JobPage* page = pageForAnother();
        page->setJob(job);
        page->showInstruments(isWithInstruments);
        page->run();
        leave();
    });
    connect(m_welcome, &WelcomePage::ownJobWanted, this, [this, leave] {
        pageForAnother()->setJob(m_preferences.newJob());
        leave();
    });
    addPage(m_welcome, m_pages->count());
}

/// What has ended long ago makes room, in another thread.
void MainWindow::pruneHistory() {
    job::HistoryLimits limits;
    limits.runs = static_cast<std::size_t>(m_preferences.mostRuns());
    QThreadPool::globalInstance()->start([limits] {
        try {
            job::prune_history(limits);
        } catch (const std::exception&) {
            // Then it is tried again after the next run.
        }
    });
}

void MainWindow::setJobPage(JobPage* page) {
    for (const Place& place : std::as_const(m_places)) {
        if (m_jobPage) {
            for (QAction* action : m_jobPage->actions().*place.actions) {
                place.menu->removeAction(action);
            }
        }
        place.menu->insertActions(place.before, page->actions().*place.actions);
    }
    m_jobPage = page;
}

void MainWindow::showJobs() {
    for (qsizetype i = 0; i < m_jobPages.size(); ++i) {
        m_jobs->set(static_cast<int>(i), listed(*m_jobPages[i], m_jobPages[i]->controller()));
    }
    showTitles();
}

} // namespace pprocess::workbench
