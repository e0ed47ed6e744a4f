// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/result_store.h>

#include <QObject>

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include <pprocess/job/history.h>
#include <pprocess/job/job.h>
#include <pprocess/job/plan.h>
#include <pprocess/job/runner.h>

namespace pprocess {
class AnyValue;
}

namespace pprocess::workbench {

class BackgroundCollector;

/// The job of a background process whose results are collected here: what comes of it, its counts, and what it was
/// given to do, as far as the history knows.
class CollectedJob : public QObject {
    Q_OBJECT

public:
    explicit CollectedJob(std::unique_ptr<BackgroundCollector> collector, QObject* parent = nullptr);
    /// Lets the process go.
    ~CollectedJob() override;

    /// Looks in another thread for the run of the history, and hands on what has been taken from the process already.
    void begin(const std::vector<AnyValue>& values);
    /// Has the process end; `stopFailed` when that is not possible.
    void stopProcess();

    [[nodiscard]] const job::Progress& progress() const { return m_progress; }
    /// The run of the history that the process goes on with; none when it is of no history, or not yet known.
    [[nodiscard]] const std::optional<job::PastRun>& run() const { return m_run; }
    /// Of its job; none likewise, or when that could not be run here.
    [[nodiscard]] const std::optional<job::Plan>& plan() const { return m_plan; }
    /// Nothing more comes.
    [[nodiscard]] bool isOver() const { return m_isOver; }
    /// Has the process itself said that this was all?
    [[nodiscard]] bool isWhole() const { return m_end.has_value(); }
    /// What was wrong with the process; empty: nothing that is known.
    [[nodiscard]] const QString& problem() const { return m_problem; }

signals:
    /// The counts may have changed, too.
    void arrived(const std::vector<pprocess::widgets::ResultRowPtr>& rows);
    /// `run`, `plan` and the counts are known now; `job` is null where no history has it.
    void found(const pprocess::job::Job* job);
    void ended();
    void stopFailed(const QString& why);

private:
    void lookForRun();
    void take(const std::vector<AnyValue>& values);
    void count();

    std::unique_ptr<BackgroundCollector> m_collector;
    std::stop_source m_stop;
    std::optional<job::PastRun> m_run;
    std::optional<job::Plan> m_plan;
    std::optional<job::Progress> m_end; ///< the process's last words
    job::Progress m_progress;
    bool m_isOver = false;
    QString m_problem;
};

} // namespace pprocess::workbench
