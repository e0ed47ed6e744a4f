// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/job_controller.h>
#include <app/workbench/job_record.h>
#include <app/workbench/page.h>

#include <widgets/instruments/failures_view.h>
#include <widgets/instruments/instrument_source.h>
#include <widgets/result_export.h>

class QAction;
class QLabel;
class QScrollArea;
class QSplitter;
class QStackedWidget;

namespace pprocess::workbench {

class JobForm;
class JobHeader;
class ProcessCard;
class ProgressCard;
class ResultCard;
class RunTrace;

/// The page of a job: its form at the left; at the right its progress, processes and results, or the instruments for
/// what happens in it.
class JobPage : public Page {
    Q_OBJECT

public:
    /// What the window's menus offer of this page. Each is enabled while it can do something.
    struct Actions {
        QList<QAction*> file;
        QList<QAction*> run;
        QList<QAction*> view;
        QList<QAction*> saveResults;
    };

    /// `server` may be empty: then one is started with the first run. `record` must outlive the page.
    JobPage(std::unique_ptr<ForkServer> server, JobRecord& record, QWidget* parent = nullptr);
    ~JobPage() override;

    void setJob(const job::Job& job, const QString& file = {});
    /// Reads a job file in another thread and shows it.
    void openJob(const QString& file);
    void saveJob(const QString& file);
    void saveResults(const QString& file, widgets::result_export::Format format);
    void run();
    void runInBackground();
    /// Shows what a background process has of its job (see there).
    void collect(std::unique_ptr<BackgroundCollector> collector, const std::vector<AnyValue>& values,
                 const QString& name);
    void runFailedAgain();
    /// Shows the job of an earlier run and does what that has left to do.
    void goOn(const job::PastRun& run);
    /// Shows the job of an earlier run, and runs it anew.
    void showRun(const job::PastRun& run, bool isToRun);
    /// Says so when the latest run was broken off, and how to go on with it.
    void mentionBrokenOffRun();

    [[nodiscard]] JobController& controller() { return *m_controller; }
    [[nodiscard]] QString summaryText() const;
    /// How long the job will still take; none while that cannot be said.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> remaining() const;
    /// Would nothing be lost if another job took the place of this one: no results, no file, nothing written?
    [[nodiscard]] bool isBlank() const;
    [[nodiscard]] const QString& jobFile() const { return m_jobFile; }
    [[nodiscard]] const Actions& actions() const { return m_actions; }
    /// Running, stopping and what is seen of the job can be asked for only while the page is in front.
    void setInFront(bool isInFront);

    [[nodiscard]] QString title() const override;
    [[nodiscard]] QList<Status> status() const override;
    [[nodiscard]] InstrumentBoard* board() const override;
    /// Shows the instruments, or the results again.
    void showInstruments(bool show);
    void storeState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;

signals:
    /// After a file was written or could not be.
    void saved(bool isSaved);
    void opened(bool isOpened);

private:
    void makeForm();
    [[nodiscard]] QWidget* makeRightSide();
    [[nodiscard]] QWidget* makeCards();
    [[nodiscard]] QWidget* makeInstruments();
    void wireInstruments();
    void showEmptyInstruments();
    void showSide();
    void runTasksAgain(const widgets::FailuresView::Tasks& tasks);
    /// The result that a task of the job has here, if it was that process which ran it; else null: it is another run's.
    [[nodiscard]] widgets::ResultRowPtr resultOf(std::uint64_t exchange, std::uint64_t task, std::int32_t pid) const;
    /// That of the last task of a process which has one.
    [[nodiscard]] widgets::ResultRowPtr resultOfProcess(std::uint64_t key) const;
    void showOutput(const widgets::ResultRowPtr& result);
    void makeActions();
    void listenToController();

    void askSaveJob(bool askForName);

    void onStateChanged(JobController::State state);
    void onStarted(bool isRerun);
    void beginTrace();
    void onMistake(const QString& field, const QString& message);
    void sample();
    void showTitle();
    void showActions();
    void problem(const QString& text);
    void takeMessageBack();

    void beginRecord();
    void claimForRecord();
    [[nodiscard]] QString endProcess(pid_t pid, widgets::InstrumentSource::Step step);

    JobRecord& m_record;
    widgets::LiveSource* m_source; ///< what happens in this job; null when that is not recorded
    JobController* m_controller;
    QString m_jobFile;
    job::Job m_given; ///< what the form was given to show
    JobForm* m_form;
    QScrollArea* m_formArea;
    JobHeader* m_header;
    ProgressCard* m_progress;
    ProcessCard* m_processes;
    ResultCard* m_results;
    InstrumentBoard* m_board = nullptr; ///< none before it is first asked for
    const QSettings* m_settings = nullptr;
    QStackedWidget* m_sides;
    QSplitter* m_outerSplitter;
    QSplitter* m_rowsSplitter;
    QTimer m_sampleTimer;
    QTimer m_statusTimer;
    std::unique_ptr<RunTrace> m_trace; ///< of the run under way, and a moment longer
    QTimer m_traceTimer;
    bool m_isBrokenOff = false; ///< the run that the trace is of

    Actions m_actions;
    QAction* m_formAction;
    QAction* m_runAction;
    QAction* m_backgroundAction;
    QAction* m_commandsAction;
    QAction* m_stopAction;
    QAction* m_againAction;
    bool m_isOpening = false; ///< a job is being read to be shown here
    bool m_isInFront = true;
};

} // namespace pprocess::workbench
