// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_page.h>

#include <app/workbench/background_collector.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_status.h>
#include <app/workbench/job_files.h>
#include <app/workbench/job_form.h>
#include <app/workbench/job_header.h>
#include <app/workbench/process_card.h>
#include <app/workbench/progress_card.h>
#include <app/workbench/result_card.h>
#include <app/workbench/run_trace.h>
#include <app/workbench/styled.h>

#include <widgets/format.h>
#include <widgets/instruments/process_tree_view.h>
#include <widgets/instruments/recorder_source.h>

#include <QAction>
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QPointer>
#include <QScrollArea>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QThreadPool>
#include <QVBoxLayout>

#include <algorithm>
#include <csignal>
#include <set>

namespace pprocess::workbench {

using namespace widgets;

namespace {

const QString outerKey = QStringLiteral("window/outer");
const QString rowsKey = QStringLiteral("window/rows");

} // namespace

JobPage::JobPage(std::unique_ptr<ForkServer> server, JobRecord& record, QWidget* parent)
    : Page(parent),
      m_record(record),
      m_source(record.add()),
      m_controller(new JobController(std::move(server), this)) {
    makeForm();
    m_given = m_form->job();
    m_outerSplitter = new QSplitter(Qt::Horizontal);
    m_outerSplitter->setHandleWidth(4);
    m_outerSplitter->addWidget(m_formArea);
    m_outerSplitter->addWidget(makeRightSide());
    m_outerSplitter->setCollapsible(1, false);
    m_outerSplitter->setStretchFactor(0, 0);
    m_outerSplitter->setStretchFactor(1, 1);
    m_outerSplitter->setSizes({324, 956});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_outerSplitter);

    makeActions();
    listenToController();
    m_sampleTimer.setInterval(100);
    connect(&m_sampleTimer, &QTimer::timeout, this, &JobPage::sample);
    showTitle();
    onStateChanged(JobController::State::idle);
    beginRecord();
}

JobPage::~JobPage() {
    // The parts of this page hear from the controller; it must not speak to half of a page.
    m_controller->disconnect(this);
    delete m_controller;
    m_trace.reset();
    // Its views look at the source until they are gone.
    delete m_board;
    m_record.remove(m_source);
}

void JobPage::beginRecord() {
    if (!m_source) {
        return;
    }
    claimForRecord();
    m_source->setControl([this](pid_t pid, InstrumentSource::Step step) { return endProcess(pid, step); });
    m_source->setOutputs([this](std::uint64_t key) { return resultOfProcess(key) != nullptr; });
    connect(m_source, &InstrumentSource::controlAnswered, this,
            [this](const QString& text) { emit said(MessageBar::Kind::note, text); });
}

void JobPage::makeForm() {
    m_form = new JobForm;
    m_formArea = new QScrollArea;
    m_formArea->setObjectName(QStringLiteral("formArea"));
    m_formArea->setWidget(m_form);
    m_formArea->setWidgetResizable(true);
    m_formArea->setFrameShape(QFrame::NoFrame);
    m_formArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_formArea->setMinimumWidth(320); // the widest page and the bar that scrolls it: there is none for sideways
    m_formArea->setFocusPolicy(Qt::NoFocus);
    connect(m_form, &JobForm::changed, this, &JobPage::showTitle);
    connect(m_form, &JobForm::mistaken, this, &JobPage::onMistake);
}

QWidget* JobPage::makeRightSide() {
    m_header = new JobHeader;
    connect(m_header, &JobHeader::runRequested, this, &JobPage::run);
    connect(m_header, &JobHeader::stopRequested, m_controller, &JobController::stop);
    connect(m_header, &JobHeader::againRequested, this, &JobPage::runFailedAgain);
    connect(m_header, &JobHeader::sideChanged, this, &JobPage::showSide);
    m_sides = new QStackedWidget;
    m_sides->addWidget(makeCards());

    auto* page = new QWidget;
    page->setObjectName(QStringLiteral("page"));
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(2, 12, 14, 10);
    layout->setSpacing(10);
    layout->addWidget(m_header);
    layout->addWidget(m_sides, 1);
    return page;
}

QWidget* JobPage::makeCards() {
    m_progress = new ProgressCard(*m_controller);
    m_processes = new ProcessCard(*m_controller);
    m_results = new ResultCard(*m_controller);
    connect(m_processes, &ProcessCard::memoryChanged, this, &Page::statusChanged);
    connect(m_results, &ResultCard::countsChanged, this, &JobPage::showActions);
    connect(m_results, &ResultCard::saved, this, [this](bool isSaved, const QString& message) {
        emit said(isSaved ? MessageBar::Kind::success : MessageBar::Kind::problem, message);
        emit saved(isSaved);
    });

    m_rowsSplitter = new QSplitter(Qt::Vertical);
    m_rowsSplitter->setHandleWidth(10);
    m_rowsSplitter->addWidget(m_progress);
    m_rowsSplitter->addWidget(m_processes);
    m_rowsSplitter->addWidget(m_results);
    m_rowsSplitter->setChildrenCollapsible(false);
    m_rowsSplitter->setStretchFactor(0, 0);
    m_rowsSplitter->setStretchFactor(1, 2);
    m_rowsSplitter->setStretchFactor(2, 5);
    m_rowsSplitter->setSizes({142, 178, 348});
    // In a low window the cards would lie upon each other.
    auto* area = new QScrollArea;
    area->setObjectName(QStringLiteral("cards"));
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setFocusPolicy(Qt::NoFocus);
    m_rowsSplitter->setMinimumWidth(1); // tables scroll by themselves
    area->setWidget(m_rowsSplitter);
    return area;
}

/// Before anything that happens there is read from the recorder.
void JobPage::claimForRecord() {
    if (m_source) {
        m_record.claimLauncher(m_source, m_controller->launcherPid());
        m_record.claimExchange(m_source, m_controller->exchange());
    }
}

QString JobPage::endProcess(pid_t pid, InstrumentSource::Step step) {
    const auto answer = m_processes->signalProcess(pid, step == InstrumentSource::Step::kill ? SIGKILL : SIGTERM);
    return answer ? *answer
                  : tr("Process %1 is no worker of this job that lives: it cannot be ended from here.").arg(pid);
}

QWidget* JobPage::makeInstruments() {
    if (!m_source) {
        auto* reason = styled::muted(
            tr("What happens in this job is not recorded: %1. It runs all the same.").arg(m_record.problem()));
        reason->setAlignment(Qt::AlignCenter);
        reason->setWordWrap(true);
        return reason;
    }
    m_board = new InstrumentBoard(*m_source);
    showEmptyInstruments();
    if (m_settings) {
        m_board->restoreState(*m_settings);
    }
    wireInstruments();
    auto* card = new QFrame;
    styled::asCard(card);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->setSpacing(0);
    layout->addWidget(m_board);

    // Numbers that nobody could read any faster.
    m_statusTimer.setSingleShot(true);
    m_statusTimer.setInterval(100);
    connect(&m_statusTimer, &QTimer::timeout, this, &Page::statusChanged);
    const auto soon = [this] {
        if (board() && !m_statusTimer.isActive()) {
            m_statusTimer.start();
        }
    };
    connect(&m_source->data(), &InstrumentData::appended, this, soon);
    connect(&m_board->playback(), &Playback::moved, this, soon);
    connect(&m_board->playback(), &Playback::changed, this, &Page::statusChanged);
    return card;
}

void JobPage::showEmptyInstruments() {
    if (!m_board) {
        return;
    }
    if (m_controller->isElsewhere()) {
        m_board->setEmptyText(tr("A background process has this job"),
                              tr("While it runs, select it among the background processes (Ctrl+B) and press Watch "
                                 "live: every process, channel and message is shown there as it happens."));
    } else {
        m_board->setEmptyText(
            tr("Nothing has run yet"),
            tr("Press Run: every process, channel and message of the job is shown here as it happens."));
    }
}

void JobPage::wireInstruments() {
    connect(&m_board->processes(), &ProcessTreeView::outputRequested, this,
            [this](quint64 key) { showOutput(resultOfProcess(key)); });
    m_board->failures().setOutputs([this](const Failure& failure) {
        return resultOf(failure.exchange, failure.task, failure.process) != nullptr;
    });
    connect(&m_board->failures(), &FailuresView::outputRequested, this,
            [this](const Failure& failure) { showOutput(resultOf(failure.exchange, failure.task, failure.process)); });
    connect(&m_board->failures(), &FailuresView::runAgainRequested, this, &JobPage::runTasksAgain);
}

ResultRowPtr JobPage::resultOf(std::uint64_t exchange, std::uint64_t task, std::int32_t pid) const {
    const auto item = m_controller->itemOf(exchange, task);
    ResultRowPtr result = item ? m_results->resultOfItem(*item) : nullptr;
    return result && result->result.worker == pid ? result : nullptr;
}

ResultRowPtr JobPage::resultOfProcess(std::uint64_t key) const {
    const auto* process = m_source->data().snapshot().process(key);
    if (!process || !m_controller->itemOf(process->exchange, 0)) {
        return nullptr;
    }
    // What it works on now has no result yet; the last that it has done has.
    ResultRowPtr result = resultOf(process->exchange, process->task, process->pid);
    return result ? result : m_results->latestResultOf(process->pid);
}

void JobPage::showOutput(const ResultRowPtr& result) {
    if (result) {
        showInstruments(false);
        m_results->showItem(result->result.index);
    }
}

void JobPage::showSide() {
    if (m_header->side() == JobHeader::Instruments && m_sides->count() == 1) {
        // Views that nobody looks at would cost time with every job.
        m_sides->addWidget(makeInstruments());
    }
    m_sides->setCurrentIndex(m_header->side());
    showActions();
    emit boardChanged();
    emit statusChanged();
}

void JobPage::showInstruments(bool show) {
    m_header->showSide(show ? JobHeader::Instruments : JobHeader::Results);
}

InstrumentBoard* JobPage::board() const {
    return m_header->side() == JobHeader::Instruments ? m_board : nullptr;
}

void JobPage::makeActions() {
    const auto add = [this](QList<QAction*>& menu, const QString& text, const QList<QKeySequence>& shortcuts,
                            auto&& what) {
        auto* action = new QAction(text, this);
        action->setShortcuts(shortcuts);
        connect(action, &QAction::triggered, this, what);
        menu += action;
        return action;
    };
    add(m_actions.file, tr("&Save job"), {QKeySequence::Save}, [this] { askSaveJob(false); });
    add(m_actions.file, tr("Save job &as…"), {QKeySequence(tr("Ctrl+Shift+S"))}, [this] { askSaveJob(true); });
    m_actions.saveResults = m_results->saveActions();

    m_runAction =
        add(m_actions.run, tr("&Run"), {QKeySequence(tr("Ctrl+R")), QKeySequence(Qt::Key_F5)}, [this] { run(); });
    m_backgroundAction = add(m_actions.run, tr("Run in the &background"), {QKeySequence(tr("Ctrl+Shift+B"))},
                             [this] { runInBackground(); });
    m_stopAction = add(m_actions.run, tr("&Stop"), {QKeySequence(Qt::Key_Escape), QKeySequence(tr("Ctrl+."))},
                       [this] { m_controller->stop(); });
    m_againAction =
        add(m_actions.run, tr("Run &failed again"), {QKeySequence(tr("Ctrl+Shift+R"))}, [this] { runFailedAgain(); });
    m_commandsAction =
        add(m_actions.run, tr("Sho&w the commands…"), {QKeySequence(tr("Ctrl+E"))}, [this] { m_form->showCommands(); });

    m_formAction = add(m_actions.view, tr("&Form"), {QKeySequence(Qt::Key_F9)}, [] {});
    m_formAction->setCheckable(true);
    m_formAction->setChecked(true);
    connect(m_formAction, &QAction::toggled, m_formArea, &QWidget::setVisible);
    m_actions.view += m_results->showOutputAction();
    add(m_actions.view, tr("&Filter the results"), {QKeySequence::Find}, [this] { m_results->focusFilter(); });
}

void JobPage::listenToController() {
    connect(m_controller, &JobController::stateChanged, this, &JobPage::onStateChanged);
    connect(m_controller, &JobController::started, this, &JobPage::onStarted);
    m_traceTimer.setSingleShot(true);
    m_traceTimer.setInterval(1000);
    connect(&m_traceTimer, &QTimer::timeout, this, [this] { m_trace.reset(); });
    connect(m_controller, &JobController::finished, this, [this](const JobController::Summary& summary) {
        m_progress->end(summary);
        // The record hears of the last ends a moment later.
        m_traceTimer.start();
        emit statusChanged();
    });
    connect(m_controller, &JobController::mistaken, this, &JobPage::onMistake);
    connect(m_controller, &JobController::failed, this, [this](const QString& message) {
        m_isBrokenOff = true;
        problem(message);
        m_progress->showProgress();
    });
    connect(m_controller, &JobController::leftInBackground, this, [this] {
        emit said(MessageBar::Kind::success,
                  tr("The job goes on in the background, also without this window. Its results are collected on the "
                     "page of background processes (Ctrl+B)."));
        m_progress->showProgress();
    });
    connect(m_controller, &JobController::jobFound, this, [this](const job::Job& job) {
        m_form->setJob(job);
        m_given = m_form->job();
        showTitle();
    });
    connect(m_controller, &JobController::noted, this,
            [this](const QString& message) { emit said(MessageBar::Kind::note, message); });
}

QString JobPage::title() const {
    return m_header->title();
}

QString JobPage::summaryText() const {
    return m_progress->summaryText();
}

std::optional<std::chrono::nanoseconds> JobPage::remaining() const {
    return m_progress->remaining();
}

bool JobPage::isBlank() const {
    return !m_controller->isBusy() && !m_isOpening && m_jobFile.isEmpty() && m_controller->progress().total == 0 &&
           job::to_json(m_form->job()) == job::to_json(m_given);
}

QList<Page::Status> JobPage::status() const {
    if (InstrumentBoard* instruments = board()) {
        return instrumentStatus(*instruments);
    }
    const auto living = static_cast<std::uint64_t>(m_controller->livingWorkers());
    const pid_t launcher = m_controller->launcherPid();
    const auto memory = m_processes->memory();
    return {
        {m_controller->isElsewhere() ? tr("works in the background")
         : m_controller->isBusy()    ? format::counted<JobPage>(living, QT_TR_N_NOOP("%1 worker process(es)"))
                                     : tr("no worker processes"),
         {}},
        {launcher > 0 ? tr("launcher %1").arg(launcher) : tr("no launcher"), tr("The process that makes the workers")},
        {memory > 0 ? tr("%1 in workers").arg(format::bytes(static_cast<double>(memory))) : QString(),
         tr("Resident memory of the workers and their commands")}};
}

void JobPage::setInFront(bool isInFront) {
    m_isInFront = isInFront;
    showActions();
}

void JobPage::setJob(const job::Job& job, const QString& file) {
    m_jobFile = file;
    if (!m_controller->isBusy()) {
        // Under the name of this job the results of another would be taken for its own.
        m_controller->forget();
        m_results->clear();
        m_processes->clear();
        m_progress->clear();
        takeMessageBack();
    }
    m_form->setJob(job);
    m_given = m_form->job();
    showTitle();
    emit wanted();
}

void JobPage::openJob(const QString& file) {
    m_isOpening = true;
    job_files::load(file, this, [this, file](const job::Job& job, const QString& mistake) {
        m_isOpening = false;
        if (mistake.isEmpty()) {
            setJob(job, file);
        } else {
            problem(
                tr("The job “%1” could not be opened. %2").arg(QFileInfo(file).fileName(), format::sentence(mistake)));
        }
        emit opened(mistake.isEmpty());
    });
}

void JobPage::askSaveJob(bool askForName) {
    QString file = m_jobFile;
    if (askForName || file.isEmpty()) {
        file =
            QFileDialog::getSaveFileName(this, tr("Save the job"), file.isEmpty() ? QStringLiteral("job.json") : file,
                                         tr("Jobs (*.json *.ppjob);;All files (*)"));
    }
    if (!file.isEmpty()) {
        saveJob(file);
    }
}

void JobPage::saveJob(const QString& file) {
    job_files::save(m_form->job(), file, this, [this, file](const QString& mistake) {
        if (mistake.isEmpty()) {
            m_jobFile = file;
            showTitle();
            emit said(MessageBar::Kind::success, tr("The job was saved to “%1”.").arg(file));
        } else {
            problem(tr("The job could not be saved to “%1”: %2. A file that was there before is unchanged. "
                       "Free some space or choose another folder, then save again.")
                        .arg(file, mistake));
        }
        emit saved(mistake.isEmpty());
    });
}

void JobPage::saveResults(const QString& file, result_export::Format format) {
    m_results->save(file, format);
}

void JobPage::run() {
    if (m_controller->isBusy()) {
        return;
    }
    takeMessageBack();
    m_form->clearMistakes();
    m_controller->start(m_form->job());
}

void JobPage::runInBackground() {
    if (m_controller->isBusy()) {
        return;
    }
    takeMessageBack();
    m_form->clearMistakes();
    m_controller->startInBackground(m_form->job());
}

void JobPage::collect(std::unique_ptr<BackgroundCollector> collector, const std::vector<AnyValue>& values,
                      const QString& name) {
    job::Job job;
    job.name = name.toStdString();
    setJob(job);
    m_controller->collect(std::move(collector), values, name);
}

void JobPage::runFailedAgain() {
    if (m_controller->isBusy() || m_results->failedCount() == 0) {
        return;
    }
    takeMessageBack();
    m_form->clearMistakes();
    m_controller->startAgain(m_results->failedRows(), m_form->job());
}

void JobPage::goOn(const job::PastRun& run) {
    if (m_controller->isBusy()) {
        return;
    }
    showRun(run, false);
    m_controller->goOn(run);
}

void JobPage::showRun(const job::PastRun& run, bool isToRun) {
    if (m_controller->isBusy()) {
        problem(tr("A job is running on this page. Stop it first, or wait for its end."));
        return;
    }
    try {
        setJob(job::load(run.job_file()));
    } catch (const std::exception& error) {
        problem(tr("The job of that run cannot be read. %1").arg(format::sentence(QString::fromUtf8(error.what()))));
        return;
    }
    if (isToRun) {
        this->run();
    }
}

void JobPage::mentionBrokenOffRun() {
    QThreadPool::globalInstance()->start([self = QPointer<JobPage>(this)] {
        const std::vector<job::PastRun> runs = job::past_runs();
        if (runs.empty() || runs.front().state != job::RunState::broken_off || !runs.front().can_go_on()) {
            return;
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, run = runs.front()] {
                if (self && !self->m_controller->isBusy()) {
                    emit self->said(MessageBar::Kind::note,
                                    tr("The last run (%1) was broken off with %2 of %3 done. "
                                       "Go on with it by File, Earlier runs (Ctrl+H).")
                                        .arg(run.name.empty() ? tr("no name") : format::oneLine(run.name),
                                             format::count(run.succeeded),
                                             format::counted<JobPage>(run.total, QT_TR_N_NOOP("%1 item(s)"))));
                }
            },
            Qt::QueuedConnection);
    });
}

void JobPage::runTasksAgain(const FailuresView::Tasks& tasks) {
    if (m_controller->isBusy()) {
        return;
    }
    std::vector<ResultRowPtr> rows;
    std::set<std::size_t> items;
    std::set<std::size_t> well;
    std::uint64_t others = 0;
    for (const auto& [exchange, task] : tasks) {
        const auto item = m_controller->itemOf(exchange, task);
        const ResultRowPtr row = item ? m_results->resultOfItem(*item) : nullptr;
        if (!row) {
            ++others;
        } else if (row->succeeded()) {
            well.insert(*item);
        } else if (items.insert(*item).second) {
            rows.push_back(row);
        }
    }
    QStringList left;
    if (!well.empty()) {
        left += tr("%1 not run again, having succeeded since.")
                    .arg(format::counted<JobPage>(well.size(), QT_TR_N_NOOP("%1 item(s) (was|were)")));
    }
    if (others > 0) {
        left += tr("%1 to an earlier job, whose inputs are not kept: run that job anew.")
                    .arg(format::counted<JobPage>(others, QT_TR_N_NOOP("%1 task(s) (belongs|belong)")));
    }
    std::sort(rows.begin(), rows.end(),
              [](const auto& one, const auto& other) { return one->result.index < other->result.index; });
    takeMessageBack();
    if (!rows.empty()) {
        // What is to be seen now happens at the end of the record.
        m_board->playback().follow();
        m_controller->startAgain(rows, m_form->job());
    }
    if (!left.isEmpty()) {
        emit said(MessageBar::Kind::note, left.join(QLatin1Char(' ')));
    }
}

void JobPage::onStateChanged(JobController::State state) {
    const bool isBusy = state != JobController::State::idle;
    m_header->showState(state, m_results->focusRefuge());
    m_form->setLocked(isBusy);
    if (isBusy) {
        m_sampleTimer.start();
    } else {
        m_sampleTimer.stop();
    }
    m_processes->showState(state);
    m_results->showEmptyText();
    m_progress->showProgress();
    showActions();
    emit statusChanged();
}

void JobPage::onStarted(bool isRerun) {
    claimForRecord();
    m_processes->clear();
    if (!isRerun) {
        m_results->clear();
    }
    m_results->showPattern(m_controller->job().pattern);
    showEmptyInstruments();
    beginTrace();
    m_progress->begin();
}

/// What happens is kept beside the run's log, where both can be found later.
void JobPage::beginTrace() {
    m_traceTimer.stop();
    m_trace.reset();
    const job::PastRun* run = m_controller->run();
    if (!run || !m_source || m_record.traceBytes() == 0) {
        return;
    }
    m_trace = std::make_unique<RunTrace>(m_source->data(), run->trace(), m_record.traceBytes());
    m_isBrokenOff = false;
    connect(m_trace.get(), &RunTrace::failed, this, [this](const QString& why) {
        // Where the run has ended for want of the same, that is what a person has to read.
        if (!m_isBrokenOff) {
            emit said(MessageBar::Kind::note,
                      tr("The trace that is kept with this run ends here; the run itself does not suffer. %1")
                          .arg(format::sentence(why)));
        }
    });
}

void JobPage::onMistake(const QString& field, const QString& message) {
    if (!m_form->showMistake(field, message)) {
        problem(message);
        return;
    }
    if (!m_formArea->isVisible()) {
        problem(message);
    }
    // Once the mistake, and what was unfolded for it, have their places.
    QTimer::singleShot(0, this, [this] {
        if (QWidget* editor = m_form->focusWidget()) {
            m_formArea->ensureWidgetVisible(editor);
        }
    });
}

void JobPage::sample() {
    if (m_controller->state() != JobController::State::collecting) {
        m_progress->sample();
        m_processes->sample();
    }
    m_progress->showProgress();
    emit statusChanged();
}

void JobPage::showTitle() {
    m_header->showJob(m_form->job(), m_jobFile);
    emit titleChanged();
}

void JobPage::showActions() {
    const auto state = m_controller->state();
    const bool isBusy = state != JobController::State::idle;
    const bool canRunAgain = m_controller->canStartAgain() && m_results->failedCount() > 0;
    m_header->setCanRunAgain(canRunAgain);
    m_runAction->setEnabled(m_isInFront && !isBusy);
    m_backgroundAction->setEnabled(m_isInFront && !isBusy);
    m_commandsAction->setEnabled(m_isInFront);
    m_stopAction->setEnabled(m_isInFront &&
                             (state == JobController::State::running || state == JobController::State::collecting));
    m_againAction->setEnabled(m_isInFront && canRunAgain);
    if (m_board) {
        const bool hasItems = m_results->hasUnsuccessful();
        m_board->failures().setCanRunAgain(!isBusy && hasItems,
                                           isBusy ? tr("A job is under way. Wait for its end, or stop it first.")
                                                  : tr("None of the job's items has failed."));
    }
    for (QAction* action : std::as_const(m_actions.view)) {
        action->setEnabled(m_isInFront && (action == m_formAction || m_header->side() == JobHeader::Results));
    }
}

void JobPage::problem(const QString& text) {
    emit said(MessageBar::Kind::problem, text);
}

void JobPage::takeMessageBack() {
    emit said(MessageBar::Kind::note, {});
}

void JobPage::storeState(QSettings& settings) const {
    if (m_board) {
        m_board->storeState(settings);
    }
    settings.setValue(outerKey, m_outerSplitter->saveState());
    settings.setValue(rowsKey, m_rowsSplitter->saveState());
    m_processes->storeState(settings);
    m_results->storeState(settings);
}

void JobPage::restoreState(const QSettings& settings) {
    m_settings = &settings;
    if (m_board) {
        m_board->restoreState(settings);
    }
    m_outerSplitter->restoreState(settings.value(outerKey).toByteArray());
    m_rowsSplitter->restoreState(settings.value(rowsKey).toByteArray());
    m_processes->restoreState(settings);
    m_results->restoreState(settings);
}

} // namespace pprocess::workbench
