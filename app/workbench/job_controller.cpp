// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_controller.h>

#include <app/workbench/background_collector.h>
#include <app/workbench/background_start.h>
#include <app/workbench/collected_job.h>
#include <app/workbench/job_search.h>

#include <widgets/format.h>

#include <QCoreApplication>
#include <QFile>
#include <QPointer>
#include <QSocketNotifier>
#include <QThreadPool>

#include <algorithm>
#include <iterator>
#include <utility>

namespace pprocess::workbench {

using widgets::ResultRow;

JobController::JobController(std::unique_ptr<ForkServer> server, QObject* parent)
    : QObject(parent),
      m_server(std::move(server)) {
    m_flushTimer.setSingleShot(true);
    m_flushTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_flushTimer, &QTimer::timeout, this, &JobController::flush);
}

JobController::~JobController() {
    m_stopSearch.request_stop();
    m_collected.reset();
    m_notifier.reset();
    m_runner.reset();
}

std::chrono::nanoseconds JobController::elapsed() const {
    if (m_collected && m_pastRun) {
        return std::chrono::system_clock::now() - m_pastRun->started;
    }
    return m_runner && m_clock.isValid() ? std::chrono::nanoseconds(m_clock.nsecsElapsed()) : m_elapsed;
}

pid_t JobController::launcherPid() const {
    return m_server ? m_server->pid() : 0;
}

void JobController::setState(State state) {
    if (m_state != state) {
        m_state = state;
        emit stateChanged(state);
    }
}

void JobController::start(const job::Job& job) {
    if (!isBusy()) {
        look(job, {});
    }
}

void JobController::startInBackground(const job::Job& job) {
    if (!isBusy()) {
        m_isToBackground = true;
        look(job, {});
    }
}

void JobController::goOn(const job::PastRun& run) {
    if (!isBusy()) {
        look({}, run);
    }
}

/// Breaks the search before off.
std::stop_token JobController::newSearch() {
    ++m_search;
    m_stopSearch.request_stop();
    m_stopSearch = std::stop_source();
    return m_stopSearch.get_token();
}

void JobController::look(const job::Job& job, const std::optional<job::PastRun>& past) {
    m_job = job;
    m_isRerun = false;
    m_run.reset();
    m_pastRun.reset();
    setState(State::collecting);
    const std::stop_token stop = newSearch();
    QThreadPool::globalInstance()->start([self = QPointer<JobController>(this), job, past, stop, number = m_search] {
        auto found = std::make_shared<JobSearch>(searchJob(job, past, stop));
        QMetaObject::invokeMethod(
            qApp,
            [self, found, past, number] {
                if (self && self->m_search == number) {
                    self->take(std::move(*found));
                } else if (found->run && !past) {
                    forgetSoon(std::move(*found->run)); // nobody waits for it any more
                }
            },
            Qt::QueuedConnection);
    });
}

/// Tells why a job cannot be run, if that is so.
bool JobController::isRefused(const JobSearch& found) {
    if (found.mistake.isEmpty() && found.failure.isEmpty()) {
        return false;
    }
    m_isToBackground = false;
    setState(State::idle);
    if (found.failure.isEmpty()) {
        emit mistaken(found.field, found.mistake);
    } else {
        emit failed(found.failure);
    }
    return true;
}

void JobController::take(JobSearch found) {
    if (isRefused(found)) {
        return;
    }
    m_job = found.plan->job();
    m_run = std::move(found.run);
    m_log = std::move(found.log);
    m_doneBefore = found.doneBefore;
    m_failedBefore = 0;
    const std::vector<std::string> problems = std::move(found.problems);
    if (found.items.empty()) {
        m_isToBackground = false;
        setState(State::idle);
        noteEnd();
        emit noted(tr("All %1 of this run are done: nothing is left to do.")
                       .arg(widgets::format::counted<JobController>(m_doneBefore, QT_TR_N_NOOP("%1 item(s)"))));
        return;
    }
    if (m_isToBackground) {
        m_plan = std::move(found.plan);
        if (m_run) {
            handOver();
        } else {
            m_isToBackground = false;
            setState(State::idle);
            emit failed(tr("The job cannot be run in the background, as its run is not kept in the history. %1")
                            .arg(found.historyProblem));
        }
        return;
    }
    startRunner(std::move(*found.plan), std::move(found.items));
    if (!isBusy()) {
        return;
    }
    if (!problems.empty()) {
        const QString first = widgets::format::oneLine(problems.front());
        emit noted(problems.size() == 1
                       ? tr("A folder was left out. %1").arg(widgets::format::sentence(first))
                       : widgets::format::counted<JobController>(
                             problems.size(), QT_TR_N_NOOP("%1 folder(s) (was|were) left out. The first: ")) +
                             first + QLatin1Char('.'));
    } else if (!found.historyProblem.isEmpty()) {
        emit noted(tr("This run is not kept in the history. %1").arg(found.historyProblem));
    } else if (m_doneBefore > 0) {
        emit noted(
            tr("%1 done before and left out.")
                .arg(widgets::format::counted<JobController>(m_doneBefore, QT_TR_N_NOOP("%1 item(s) (was|were)"))));
    }
}

void JobController::noteEnd() {
    if (!m_run) {
        return;
    }
    try {
        m_run->finish(m_wasStopped, m_doneBefore + m_progress.succeeded, m_failedBefore + m_progress.failed);
    } catch (const std::exception& error) {
        emit noted(tr("The history does not know how this run ended. %1")
                       .arg(widgets::format::sentence(QString::fromUtf8(error.what()))));
    }
    leaveRun();
}

/// Lets others go on with the run; this window still can run parts of it again.
void JobController::leaveRun() {
    if (m_run) {
        m_pastRun = m_run->run();
        m_run.reset();
    }
}

void JobController::startAgain(const std::vector<widgets::ResultRowPtr>& rows, job::Job corrected) {
    if (isBusy() || rows.empty() || !m_plan) {
        return;
    }
    const bool hasOtherInputs =
        job::to_json(job::Job{.inputs = corrected.inputs}) != job::to_json(job::Job{.inputs = m_job.inputs});
    corrected.inputs = m_job.inputs;
    auto found = std::make_shared<JobSearch>();
    auto numbers = std::make_shared<std::vector<std::size_t>>();
    for (const auto& row : rows) {
        found->items.add({row->result.index, row->input});
        numbers->push_back(row->result.index);
        found->failed += row->failed() ? 1 : 0;
    }
    std::sort(numbers->begin(), numbers->end());
    setState(State::collecting);
    const std::stop_token stop = newSearch();
    QThreadPool::globalInstance()->start([self = QPointer<JobController>(this), corrected = std::move(corrected), found,
                                          numbers, hasOtherInputs, columns = m_plan->columns(), stop,
                                          number = m_search] {
        searchSteps(*found, corrected, columns, stop);
        QMetaObject::invokeMethod(
            qApp,
            [self, found, numbers, hasOtherInputs, number] {
                if (self && self->m_search == number) {
                    self->takeAgain(std::move(*found), std::move(*numbers));
                    if (hasOtherInputs && self->isBusy()) {
                        emit self->noted(
                            tr("These are items of the run before; what the form says of inputs now counts "
                               "when you press Run."));
                    }
                }
            },
            Qt::QueuedConnection);
    });
}

void JobController::takeAgain(JobSearch found, std::vector<std::size_t> numbers) {
    if (isRefused(found)) {
        return;
    }
    m_isRerun = true;
    reopenRun(found.failed);
    if (const job::Job& corrected = found.plan->job(); job::to_json(corrected) != job::to_json(m_job)) {
        m_corrections.push_back({std::exchange(m_job, corrected), std::move(numbers)});
        saveCorrected();
    } else if (!m_corrections.empty()) {
        auto& items = m_corrections.back().items;
        std::vector<std::size_t> all;
        std::set_union(items.begin(), items.end(), numbers.begin(), numbers.end(), std::back_inserter(all));
        items = std::move(all);
    }
    startRunner(std::move(*found.plan), std::move(found.items));
}

/// So that the run in the history is gone on with as it is now.
void JobController::saveCorrected() {
    if (!m_run) {
        return;
    }
    try {
        job::save(m_job, m_run->run().job_file());
    } catch (const std::exception& error) {
        emit noted(tr("The history keeps the job of this run as it was before. %1")
                       .arg(widgets::format::sentence(QString::fromUtf8(error.what()))));
    }
}

/// What is run again belongs to the run that it is of.
void JobController::reopenRun(std::size_t wereFailed) {
    if (!m_pastRun) {
        return;
    }
    m_doneBefore = m_pastRun->succeeded;
    m_failedBefore = m_pastRun->failed - std::min(m_pastRun->failed, wereFailed);
    try {
        m_run.emplace(*m_pastRun);
        m_log = std::make_unique<job::JobLog>(m_pastRun->log());
    } catch (const std::exception& error) {
        m_run.reset();
        emit noted(tr("This run is not kept in the history. %1")
                       .arg(widgets::format::sentence(QString::fromUtf8(error.what()))));
    }
}

const job::Job& JobController::jobOf(std::size_t item) const {
    const auto isOf = [item](const Correction& one) {
        return std::binary_search(one.items.begin(), one.items.end(), item);
    };
    const auto latest = std::find_if(m_corrections.rbegin(), m_corrections.rend(), isOf);
    if (latest == m_corrections.rbegin()) {
        return m_job;
    }
    // It was run as the job was until the correction after.
    return std::prev(latest)->before;
}

bool JobController::ensureServer(const job::Job& job) {
    // One that gives its processes other surroundings serves one run only.
    const launch::Surroundings surroundings = job::surroundings_of(job);
    if (m_server && m_server->is_running() && surroundings.empty() && !m_hasSurroundings) {
        return true;
    }
    m_server.reset();
    try {
        m_server = std::make_unique<ForkServer>(surroundings);
        m_hasSurroundings = !surroundings.empty();
        return true;
    } catch (const std::exception& error) {
        emit failed(tr("The launcher, which makes the worker processes, could not be started: %1. "
                       "Repair the installation, then press Run again.")
                        .arg(QString::fromUtf8(error.what())));
        return false;
    }
}

void JobController::startRunner(job::Plan plan, job::ItemPack items) {
    if (!ensureServer(plan.job())) {
        setState(State::idle);
        return;
    }
    m_pending.clear();
    m_pendingLines.clear();
    m_bytesEnded = m_bytesLiving = 0;
    m_livingWorkers = 0;
    m_wasStopped = false;
    m_progress = {};
    m_progress.total = m_progress.waiting = items.size();
    m_plan = plan;
    try {
        m_runner = std::make_unique<job::Runner>(
            *m_server, std::move(plan), items.take_all(m_plan->columns()),
            [this](job::ItemResult result) {
                auto row = std::make_shared<ResultRow>();
                row->input = std::move(result.input);
                row->result = std::move(result);
                m_pending.push_back(std::move(row));
            },
            std::move(m_log));
        m_runner->listen([this](job::ItemOutput output) { m_pendingLines.push_back(std::move(output)); });
        if (!m_isRerun) {
            m_runs.clear();
            m_corrections.clear();
        }
        m_clock.start();
        setState(State::running);
        emit started(m_isRerun);
        m_notifier = std::make_unique<QSocketNotifier>(m_runner->fileno(), QSocketNotifier::Read);
        connect(m_notifier.get(), &QSocketNotifier::activated, this, &JobController::step);
        m_runner->start();
        scheduleFlush();
    } catch (const std::exception& error) {
        breakOff(QString::fromUtf8(error.what()));
    }
}

void JobController::step() {
    if (!m_runner) {
        return;
    }
    try {
        m_runner->step();
        if (m_runner->finished()) {
            m_notifier->setEnabled(false);
            m_elapsed = std::chrono::nanoseconds(m_clock.nsecsElapsed());
            m_clock.invalidate();
        }
    } catch (const std::exception& error) {
        breakOff(QString::fromUtf8(error.what()));
        return;
    }
    scheduleFlush();
}

void JobController::scheduleFlush() {
    if (!m_flushTimer.isActive()) {
        m_flushTimer.start(flushIntervalMs);
    }
}

std::vector<widgets::ResultRowPtr> JobController::takeRows() {
    // So that a burst (stopping a job of a million items) does not fill the tables in one turn.
    constexpr std::size_t mostRows = 8000;
    std::vector<widgets::ResultRowPtr> rows;
    const auto end = m_pending.begin() + static_cast<std::ptrdiff_t>(std::min(mostRows, m_pending.size()));
    rows.assign(std::make_move_iterator(m_pending.begin()), std::make_move_iterator(end));
    m_pending.erase(m_pending.begin(), end);
    return rows;
}

void JobController::countWorkers(const std::vector<job::WorkerSnapshot>& workers) {
    m_bytesLiving = 0;
    m_livingWorkers = 0;
    for (const auto& worker : workers) {
        if (worker.state == job::WorkerSnapshot::State::ended) {
            m_bytesEnded += worker.bytes_in + worker.bytes_out;
        } else {
            m_bytesLiving += worker.bytes_in + worker.bytes_out;
            ++m_livingWorkers;
        }
    }
}

void JobController::flush() {
    if (!m_runner && !m_collected) {
        return;
    }
    const auto rows = takeRows();
    if (m_runner) {
        const auto workers = m_runner->workers();
        countWorkers(workers);
        m_progress = m_runner->progress();
        if (!workers.empty()) {
            emit workersChanged(workers);
        }
    } else {
        m_progress = m_collected->progress();
    }
    if (!m_pendingLines.empty()) {
        emit linesArrived(std::exchange(m_pendingLines, {}));
    }
    if (!rows.empty()) {
        emit resultsArrived(rows);
    }
    emit progressChanged(m_progress);
    if (!m_pending.empty()) {
        scheduleFlush();
    } else if (m_runner && m_runner->finished()) {
        endHere();
    } else if (m_collected && m_collected->isOver()) {
        endCollection();
    }
}

/// All items have their end, or the job has been stopped.
void JobController::endHere() {
    const Summary summary{m_progress, m_elapsed, m_isRerun, m_wasStopped};
    const bool isToGoOn = std::exchange(m_isToBackground, false) && m_progress.cancelled > 0;
    endRunner();
    noteEnd();
    if (isToGoOn) {
        emit finished(summary);
        handOver();
        return;
    }
    setState(State::idle);
    emit finished(summary);
    if (m_server && !m_server->is_running()) {
        emit failed(tr("The launcher, which makes the worker processes, has ended. "
                       "It is started again when you press Run."));
    }
}

bool JobController::canLeaveInBackground() const {
    return m_run && (m_state == State::collecting || m_state == State::running);
}

void JobController::leaveInBackground() {
    if (m_state == State::collecting && !m_collected) {
        m_isToBackground = true;
    } else if (m_state == State::running && m_run) {
        m_isToBackground = true;
        stop();
    }
}

/// To a background process, which goes on with the run.
void JobController::handOver() {
    m_isHandingOver = true;
    m_log.reset();
    leaveRun();
    background_start::start(
        m_pastRun->folder, this, [this](const std::filesystem::path& address, const QString& problem) {
            m_isHandingOver = m_isToBackground = false;
            setState(State::idle);
            if (problem.isEmpty()) {
                emit leftInBackground(QFile::decodeName(address.c_str()));
            } else {
                emit failed(tr("The job does not run in the background: %1. It can be gone on with here by File, "
                               "Earlier runs.")
                                .arg(problem));
            }
        });
}

void JobController::collect(std::unique_ptr<BackgroundCollector> collector, const std::vector<AnyValue>& values,
                            const QString& name) {
    if (isBusy()) {
        return;
    }
    m_job = {};
    m_job.name = name.toStdString();
    m_isRerun = m_wasStopped = false;
    m_run.reset();
    m_pastRun.reset();
    m_plan.reset();
    m_runs.clear();
    m_pending.clear();
    m_bytesEnded = m_bytesLiving = 0;
    m_livingWorkers = 0;
    m_progress = {};
    m_progress.is_total_known = false;
    m_elapsed = {};
    m_clock.invalidate();
    m_collected = std::make_unique<CollectedJob>(std::move(collector));
    connect(m_collected.get(), &CollectedJob::arrived, this, [this](const std::vector<widgets::ResultRowPtr>& rows) {
        m_pending.insert(m_pending.end(), rows.begin(), rows.end());
        scheduleFlush();
    });
    connect(m_collected.get(), &CollectedJob::ended, this, &JobController::scheduleFlush);
    connect(m_collected.get(), &CollectedJob::stopFailed, this, [this](const QString& why) {
        setState(State::running);
        emit noted(tr("The background process was not stopped. %1").arg(widgets::format::sentence(why)));
    });
    connect(m_collected.get(), &CollectedJob::found, this, &JobController::takeFound);
    setState(State::running);
    emit started(false);
    m_collected->begin(values);
}

/// What the background process was given to do, as far as the history knows.
void JobController::takeFound(const job::Job* found) {
    m_pastRun = m_collected->run();
    m_plan = m_collected->plan();
    if (found) {
        m_job = *found;
        emit jobFound(*found);
    }
    m_progress = m_collected->progress();
    emit progressChanged(m_progress);
}

void JobController::endCollection() {
    const auto collected = std::move(m_collected);
    if (m_pastRun) {
        m_pastRun = job::past_run(m_pastRun->folder);
        if (m_pastRun && m_pastRun->ended) {
            m_elapsed = *m_pastRun->ended - m_pastRun->started;
        }
    }
    const bool isWhole = collected->isWhole() || m_wasStopped;
    m_progress.total = m_progress.ended();
    m_progress.waiting = 0;
    m_progress.is_total_known = true;
    setState(State::idle);
    emit progressChanged(m_progress);
    emit finished({m_progress, m_elapsed, false, m_wasStopped});
    if (!isWhole) {
        emit failed(tr("Not all of the job has come: %1 What is left can be gone on with by File, Earlier runs.")
                        .arg(collected->problem().isEmpty() ? tr("others have collected a part of it, or it was ended.")
                                                            : collected->problem()));
    }
}

void JobController::letGo() {
    if (m_collected) {
        m_collected.reset();
        m_wasStopped = false;
        setState(State::idle);
    }
}

void JobController::forget() {
    if (!isBusy()) {
        m_progress = {};
        m_elapsed = {};
        m_runs.clear();
    }
}

std::optional<std::size_t> JobController::itemOf(std::uint64_t exchange, std::uint64_t task) const {
    if (m_runner && m_runner->id() == exchange) {
        return task < m_runner->items_of_tasks().size() ? std::optional(m_runner->items_of_tasks()[task])
                                                        : std::nullopt;
    }
    const auto run = m_runs.find(exchange);
    if (run == m_runs.end() || task >= run->second.size()) {
        return {};
    }
    return run->second[task];
}

void JobController::endRunner() {
    m_notifier.reset();
    if (m_runner) {
        m_runs[m_runner->id()] = m_runner->take_items_of_tasks();
    }
    m_runner.reset();
}

void JobController::stop() {
    if (m_state == State::collecting) {
        if (m_isHandingOver) {
            return; // it is just about to be in the background
        }
        ++m_search;
        m_stopSearch.request_stop();
        m_isToBackground = false;
        setState(State::idle);
        return;
    }
    if (m_state != State::running) {
        return;
    }
    m_wasStopped = true;
    setState(State::stopping);
    if (m_collected) {
        m_collected->stopProcess();
        return;
    }
    try {
        m_runner->stop();
    } catch (const std::exception& error) {
        breakOff(QString::fromUtf8(error.what()));
        return;
    }
    // Everything may have ended by this alone, and then no descriptor says so.
    step();
}

bool JobController::signalWorker(std::uint64_t id, int signal) {
    try {
        return m_runner && m_runner->signal_worker(id, signal);
    } catch (const std::exception& error) {
        emit noted(widgets::format::sentence(QString::fromUtf8(error.what())));
        return false;
    }
}

void JobController::breakOff(const QString& message) {
    m_notifier.reset();
    m_elapsed = m_clock.isValid() ? std::chrono::nanoseconds(m_clock.nsecsElapsed()) : std::chrono::nanoseconds{};
    m_clock.invalidate();
    if (m_runner) {
        m_progress = m_runner->progress();
    }
    std::vector<widgets::ResultRowPtr> rows(m_pending.begin(), m_pending.end());
    m_pending.clear();
    endRunner();
    m_isToBackground = false;
    leaveRun(); // what it has done is in its log
    m_livingWorkers = 0;
    setState(State::idle);
    if (!rows.empty()) {
        emit resultsArrived(rows);
    }
    emit progressChanged(m_progress);
    emit failed(tr("The job was broken off: %1. Results that had arrived are kept.").arg(message));
}

} // namespace pprocess::workbench
