// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/result_store.h>

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include <pprocess/job/history.h>
#include <pprocess/job/job.h>
#include <pprocess/job/runner.h>
#include <pprocess/launch/fork_server.h>

class QSocketNotifier;

namespace pprocess {
class AnyValue;
}

namespace pprocess::workbench {

class BackgroundCollector;
class CollectedJob;
struct JobSearch;

/// Runs one job at a time for a window: checks it and looks for its inputs in another thread, then drives the runner
/// from the window's own thread without ever waiting, and hands on what happened in batches, at most thirty times a
/// second.
class JobController : public QObject {
    Q_OBJECT

public:
    enum class State { idle, collecting, running, stopping };
    Q_ENUM(State)

    struct Summary {
        job::Progress progress;
        std::chrono::nanoseconds elapsed{};
        bool isRerun = false;
        bool wasStopped = false;
    };

    /// `server` may be empty when it could not be started; it is tried again at each start of a job.
    explicit JobController(std::unique_ptr<ForkServer> server, QObject* parent = nullptr);
    ~JobController() override;

    /// Checks the job, collects its inputs and starts it. Ends in `started`, `mistaken` or `failed`. The run is kept in
    /// the history.
    void start(const job::Job& job);
    /// Goes on with a run from the history: does what its log does not say is done. Ends as `start`.
    void goOn(const job::PastRun& run);
    /// Runs items of the job that ran last again, in the way that `corrected` says; their results carry the numbers
    /// that they had. Its inputs do not count. Ends as `start`.
    void startAgain(const std::vector<widgets::ResultRowPtr>& rows, job::Job corrected);
    /// Ends the work, also that of a background process whose results are collected here.
    void stop();

    /// As `start`, in a background process that needs no window. Ends in `leftInBackground`, `mistaken` or `failed`.
    void startInBackground(const job::Job& job);
    /// Ends the work here and has a background process go on with what is left; what is under way begins anew there.
    /// Ends in `leftInBackground` or `failed`; in neither when there was nothing left.
    void leaveInBackground();
    /// Is that being done, or was the job started for the background?
    [[nodiscard]] bool isGoingToBackground() const { return isBusy() && (m_isToBackground || m_isHandingOver); }
    /// Is there a run of the history to be gone on with?
    [[nodiscard]] bool canLeaveInBackground() const;
    /// Shows what a background process has of its job, as if it ran here. `values` have been taken from it already;
    /// `name` is what it is called.
    void collect(std::unique_ptr<BackgroundCollector> collector, const std::vector<AnyValue>& values,
                 const QString& name);
    /// Does the job that is under way run in a background process?
    [[nodiscard]] bool isElsewhere() const { return m_collected != nullptr; }
    /// Collects no more; the background process goes on and keeps the rest.
    void letGo();
    /// Can items of the job that ran last be run again?
    [[nodiscard]] bool canStartAgain() const { return !isBusy() && m_plan; }

    /// Forgets the counts of the job that ran last.
    void forget();
    /// False when the worker has ended.
    bool signalWorker(std::uint64_t id, int signal);

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isBusy() const { return m_state != State::idle; }
    /// The job under way or the one that ran last.
    [[nodiscard]] const job::Job& job() const { return m_job; }
    /// What an item was last run as: the job, or what became of it when the item was run again.
    [[nodiscard]] const job::Job& jobOf(std::size_t item) const;
    /// Its run in the history; none when it has none, or when the job has ended.
    [[nodiscard]] const job::PastRun* run() const { return m_run ? &m_run->run() : nullptr; }
    /// The names of its inputs' columns.
    [[nodiscard]] std::vector<std::string> columns() const {
        return m_plan ? m_plan->columns() : std::vector<std::string>();
    }
    [[nodiscard]] const job::Progress& progress() const { return m_progress; }
    [[nodiscard]] std::chrono::nanoseconds elapsed() const;
    /// Bytes that workers sent and were sent since the start.
    [[nodiscard]] std::uint64_t bytesMoved() const { return m_bytesEnded + m_bytesLiving; }
    [[nodiscard]] pid_t launcherPid() const;
    /// The id by which events name the exchange of the job under way; 0: there is none here.
    [[nodiscard]] std::uint64_t exchange() const { return m_runner ? m_runner->id() : 0; }
    [[nodiscard]] int livingWorkers() const { return m_livingWorkers; }
    /// The item that events mean by this exchange and this index of a task in it; none when it is not of the job that
    /// ran last, or ran again, here.
    [[nodiscard]] std::optional<std::size_t> itemOf(std::uint64_t exchange, std::uint64_t task) const;

    static constexpr int flushIntervalMs = 33;

signals:
    void stateChanged(pprocess::workbench::JobController::State state);
    /// The job runs; before any result or worker of it.
    void started(bool isRerun);
    void resultsArrived(const std::vector<pprocess::widgets::ResultRowPtr>& rows);
    /// Lines that items write while they run; of a job whose pattern is continuous.
    void linesArrived(const std::vector<pprocess::job::ItemOutput>& outputs);
    void workersChanged(const std::vector<pprocess::job::WorkerSnapshot>& workers);
    void progressChanged(const pprocess::job::Progress& progress);
    void finished(const pprocess::workbench::JobController::Summary& summary);
    /// The job cannot run as it is written; `field` as in `job::JobError`.
    void mistaken(const QString& field, const QString& message);
    /// Something else kept it from running or broke it off.
    void failed(const QString& message);
    /// Worth saying, but the job goes on.
    void noted(const QString& message);
    /// The job goes on in a background process with this address.
    void leftInBackground(const QString& address);
    /// What a background process, whose results are collected, has been given to do.
    void jobFound(const pprocess::job::Job& job);

private:
    std::stop_token newSearch();
    void look(const job::Job& job, const std::optional<job::PastRun>& past);
    void take(JobSearch found);
    void takeAgain(JobSearch found, std::vector<std::size_t> numbers);
    bool isRefused(const JobSearch& found);
    void saveCorrected();
    void reopenRun(std::size_t wereFailed);
    void startRunner(job::Plan plan, job::ItemPack items);
    void noteEnd();
    void leaveRun();
    void endRunner();
    bool ensureServer(const job::Job& job);
    void step();
    void scheduleFlush();
    void flush();
    void setState(State state);
    void breakOff(const QString& message);
    [[nodiscard]] std::vector<widgets::ResultRowPtr> takeRows();
    void countWorkers(const std::vector<job::WorkerSnapshot>& workers);
    void endHere();
    void handOver();
    void takeFound(const job::Job* found);
    void endCollection();

    std::unique_ptr<ForkServer> m_server;
    bool m_hasSurroundings = false; ///< does the server give its processes other surroundings than the window's?
    std::unique_ptr<job::Runner> m_runner;
    std::unique_ptr<QSocketNotifier> m_notifier;
    QTimer m_flushTimer;
    State m_state = State::idle;
    job::Job m_job;
    bool m_isRerun = false;
    bool m_wasStopped = false;
    std::optional<job::RunEntry> m_run;    ///< in the history, while the job is under way
    std::optional<job::PastRun> m_pastRun; ///< the same when it has ended
    std::unique_ptr<job::JobLog> m_log;    ///< for the next runner
    std::size_t m_doneBefore = 0;          ///< items of the run that had succeeded before this start
    std::size_t m_failedBefore = 0;        ///< items that had failed and are not started again
    std::optional<job::Plan> m_plan;       ///< of the job under way or the one that ran last
    /// Of that job, by the id of the exchange of each start of it or of a part: the numbers of the items by task.
    std::map<std::uint64_t, std::vector<std::size_t>> m_runs;
    /// What was run again, the latest last.
    struct Correction {
        job::Job before;                ///< as the others were run
        std::vector<std::size_t> items; ///< in order
    };
    std::vector<Correction> m_corrections;
    bool m_isHandingOver = false;              ///< until the background process is there
    bool m_isToBackground = false;             ///< what is under way is to be handed over
    std::unique_ptr<CollectedJob> m_collected; ///< while the job under way is that of a background process
    std::deque<widgets::ResultRowPtr> m_pending;
    std::vector<job::ItemOutput> m_pendingLines;
    job::Progress m_progress;
    QElapsedTimer m_clock;
    std::chrono::nanoseconds m_elapsed{};
    std::uint64_t m_bytesEnded = 0;
    std::uint64_t m_bytesLiving = 0;
    int m_livingWorkers = 0;
    // Tells the answers of a search for inputs that was given up from those of the present one.
    quint64 m_search = 0;
    std::stop_source m_stopSearch; ///< of the present one
};

} // namespace pprocess::workbench
