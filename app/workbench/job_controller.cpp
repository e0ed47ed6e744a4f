// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_controller.h>

#include <app/workbench/background_collector.h>
#include <app/workbench/background_start.h>

#include <widgets/format.h>

#include <QCoreApplication>
#include <QFile>
#include <QPointer>
#include <QSocketNotifier>
#include <QThreadPool>

#include <algorithm>
#include <iterator>
#include <utility>

#include <pprocess/job/background_job.h>

namespace pprocess::workbench {

using widgets::ResultRow;

/// What is found out in another thread before a job can be started.
struct JobController::Search {
    std::optional<job::Plan> plan;
    job::ItemPack items;
    std::size_t failed = 0; ///< of them, when they are run again
    std::optional<job::RunEntry> run;
    std::unique_ptr<job::JobLog> log;
    std::size_t doneBefore = 0;
    std::vector<std::string> problems;
    QString historyProblem;
    QString field;
    QString mistake;
    QString failure;
};

/// Reads all items: the window's thread never waits for a disk.
JobController::Search JobController::search(job::Job job, const std::optional<job::PastRun>& past,
                                            const std::stop_token& stop) {
    Search found;
    try {
        if (past) {
            found.run.emplace(*past);
            job = job::load(past->job_file());
        }
        if (std::holds_alternative<job::StandardInput>(job.inputs)) {
            job::collect_inputs(job.inputs); // which says why not
        }
        job::Preparation ready = job::prepare(job, stop);
        std::optional<job::FinishedItems> finished;
        if (past) {
            finished.emplace(past->log());
            found.doneBefore = finished->size();
        }
        bool isAny = false;
        for (job::Item item; ready.items->next(item) == job::ItemSource::Next::item;) {
            isAny = true;
            if (stop.stop_requested()) {
                throw job::SearchStopped();
            }
            if (!finished || !finished->take(item)) {
                found.items.add(item);
            }
        }
        if (!isAny) {
            job::collect_inputs(job.inputs, nullptr, stop); // which says why there are none
        }
        found.problems = std::move(ready.problems);
        found.plan = std::move(ready.plan);
        if (past) {
            found.log = std::make_unique<job::JobLog>(past->log());
        }
    } catch (const job::JobError& error) {
        found.field = QString::fromStdString(error.field());
        found.mistake = QString::fromUtf8(error.what());
        return found;
    } catch (const std::exception& error) {
        found.failure = QString::fromUtf8(error.what());
        return found;
    }
    try {
        if (!past) {
            found.run.emplace(job, found.items.size());
            found.log = std::make_unique<job::JobLog>(found.run->run().log());
        }
    } catch (const std::exception& error) {
        // That a job leaves no trace of itself is no reason not to run it.
        found.run.reset();
        found.historyProblem = QString::fromUtf8(error.what());
    }
    return found;
}

namespace {

/// Takes a run that never began out of the history, in another thread.
void forgetSoon(job::RunEntry entry) {
    auto held = std::make_shared<std::optional<job::RunEntry>>(std::move(entry));
    QThreadPool::globalInstance()->start([held] {
        const job::PastRun run = (*held)->run();
        held->reset();
        try {
            job::forget_run(run);
        } catch (const std::exception&) {
            // Then it stays there, as one of which nothing was done.
        }
    });
}

} // namespace

JobController::JobController(std::unique_ptr<ForkServer> server, QObject* parent)
    : QObject(parent),
      m_server(std::move(server)) {
    m_flushTimer.setSingleShot(true);
    m_flushTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_flushTimer, &QTimer::timeout, this, &JobController::flush);
}

JobController::~JobController() {
    m_stopSearch.request_stop();
    m_collector.reset();
    m_notifier.reset();
    m_runner.reset();
}

std::chrono::nanoseconds JobController::elapsed() const {
    if (m_collector && m_pastRun) {
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
        auto found = std::make_shared<Search>(search(job, past, stop));
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
bool JobController::isRefused(const Search& found) {
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

void JobController::take(Search found) {
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
                       .arg(widgets::format::counted(m_doneBefore, tr("item"), tr("items"))));
        return;
    }
    if (m_isToBackground) {
        m_plan = std::move(found.plan);
        if (m_run) {
            handOver();
        } else {
            m_isToBackground = false;
            setState(State::idle);
            emit failed(tr("The job cannot be run in the background, as its run is not kept in the history: %1")
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
        emit noted(problems.size() == 1 ? tr("Left out: %1").arg(first)
                                        : tr("Left out %1 folders that cannot be read; the first: %2")
                                              .arg(widgets::format::count(problems.size()), first));
    } else if (!found.historyProblem.isEmpty()) {
        emit noted(tr("This run is not kept in the history: %1").arg(found.historyProblem));
    } else if (m_doneBefore > 0) {
        emit noted(tr("%1 done before and left out.")
                       .arg(widgets::format::counted(m_doneBefore, tr("item was"), tr("items were"))));
    }
}

void JobController::noteEnd() {
    if (!m_run) {
        return;
    }
    try {
        m_run->finish(m_wasStopped, m_doneBefore + m_progress.succeeded, m_failedBefore + m_progress.failed);
    } catch (const std::exception& error) {
        emit noted(tr("The history does not know how this run ended: %1").arg(QString::fromUtf8(error.what())));
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
    auto found = std::make_shared<Search>();
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
        try {
            found->plan = job::prepare_steps(corrected, columns, stop);
        } catch (const job::JobError& error) {
            found->field = QString::fromStdString(error.field());
            found->mistake = QString::fromUtf8(error.what());
        } catch (const std::exception& error) {
            found->failure = QString::fromUtf8(error.what());
        }
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

void JobController::takeAgain(Search found, std::vector<std::size_t> numbers) {
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
        emit noted(
            tr("The history keeps the job of this run as it was before: %1").arg(QString::fromUtf8(error.what())));
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
        emit noted(tr("This run is not kept in the history: %1").arg(QString::fromUtf8(error.what())));
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
    if (!m_runner && !m_collector) {
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
    } else if (m_collector && m_isCollectionOver) {
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
    if (m_state == State::collecting && !m_collector) {
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
    m_collectedEnd.reset();
    m_isCollectionOver = false;
    m_collectionProblem.clear();
    m_collector = std::move(collector);
    connect(m_collector.get(), &BackgroundCollector::arrived, this, &JobController::takeValues);
    const auto end = [this](const QString& problem) {
        m_isCollectionOver = true;
        m_collectionProblem = problem;
        scheduleFlush();
    };
    connect(m_collector.get(), &BackgroundCollector::ended, this, end);
    connect(m_collector.get(), &BackgroundCollector::failed, this, end);
    connect(m_collector.get(), &BackgroundCollector::stopFailed, this, [this](const QString& why) {
        setState(State::running);
        emit noted(tr("The background process was not stopped: %1").arg(why));
    });
    setState(State::running);
    emit started(false);
    readCollectedJob();
    takeValues(values);
}

/// Looks, in another thread, for the run that the process goes on with.
void JobController::readCollectedJob() {
    struct Found {
        std::optional<job::PastRun> run;
        std::optional<job::Job> job;
        std::optional<job::Plan> plan;
    };
    const std::filesystem::path address = m_collector->address();
    const std::stop_token stop = newSearch();
    QThreadPool::globalInstance()->start([self = QPointer<JobController>(this), address, stop, number = m_search] {
        auto found = std::make_shared<Found>();
        try {
            found->run = job::past_run(address.parent_path());
            if (found->run && found->run->background_address() == address) {
                found->job = job::load(found->run->job_file());
                found->plan = job::prepare(*found->job, stop).plan;
            } else {
                found->run.reset();
            }
        } catch (const std::exception&) {
            // Then its results are shown all the same.
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, found, number] {
                if (!self || self->m_search != number || !self->m_collector) {
                    return;
                }
                self->m_pastRun = found->run;
                self->m_plan = std::move(found->plan);
                if (found->job) {
                    self->m_job = *found->job;
                    emit self->jobFound(*found->job);
                }
                self->countCollected();
                emit self->progressChanged(self->m_progress);
            },
            Qt::QueuedConnection);
    });
}

void JobController::takeValues(const std::vector<AnyValue>& values) {
    for (const AnyValue& value : values) {
        job::JobMessage message;
        try {
            message = job::job_message(value);
        } catch (const std::exception&) {
            continue; // of a later version
        }
        if (auto* item = std::get_if<job::ItemResult>(&message)) {
            m_progress.succeeded += item->outcome == job::Outcome::succeeded;
            m_progress.cancelled += item->outcome == job::Outcome::cancelled;
            m_progress.failed += item->outcome != job::Outcome::succeeded && item->outcome != job::Outcome::cancelled;
            auto row = std::make_shared<ResultRow>();
            row->input = std::move(item->input);
            row->result = std::move(*item);
            m_pending.push_back(std::move(row));
        } else if (const auto* end = std::get_if<job::Progress>(&message)) {
            m_collectedEnd = *end;
        }
    }
    countCollected();
    scheduleFlush();
}

/// How many items there are is known from the run as long as it is under way, and by the process's last words.
void JobController::countCollected() {
    m_progress.total = m_progress.ended();
    m_progress.is_total_known = m_collectedEnd.has_value();
    if (!m_collectedEnd && m_pastRun && m_pastRun->state == job::RunState::running) {
        m_progress.is_total_known = true;
        m_progress.total =
            std::max(m_progress.total, m_pastRun->total - std::min(m_pastRun->total, m_pastRun->succeeded));
    } else if (m_collectedEnd) {
        m_progress.total = std::max(m_progress.total, m_collectedEnd->total);
    }
    m_progress.waiting = m_progress.total - m_progress.ended();
}

void JobController::endCollection() {
    m_collector.reset();
    if (m_pastRun) {
        m_pastRun = job::past_run(m_pastRun->folder);
        if (m_pastRun && m_pastRun->ended) {
            m_elapsed = *m_pastRun->ended - m_pastRun->started;
        }
    }
    const bool isWhole = m_collectedEnd.has_value() || m_wasStopped;
    m_progress.total = m_progress.ended();
    m_progress.waiting = 0;
    m_progress.is_total_known = true;
    setState(State::idle);
    emit progressChanged(m_progress);
    emit finished({m_progress, m_elapsed, false, m_wasStopped});
    if (!isWhole) {
        emit failed(tr("Not all of the job has come: %1 What is left can be gone on with by File, Earlier runs.")
                        .arg(m_collectionProblem.isEmpty() ? tr("others have collected a part of it, or it was ended.")
                                                           : m_collectionProblem));
    }
}

void JobController::letGo() {
    if (m_collector) {
        m_collector.reset();
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
        m_runs[m_runner->id()] = m_runner->items_of_tasks();
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
    if (m_collector) {
        m_collector->stopProcess();
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
        emit noted(QString::fromUtf8(error.what()));
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
