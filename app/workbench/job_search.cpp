// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_search.h>

#include <widgets/format.h>

#include <QThreadPool>

#include <utility>
#include <variant>

namespace pprocess::workbench {

JobSearch searchJob(job::Job job, const std::optional<job::PastRun>& past, const std::stop_token& stop) {
    JobSearch found;
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
        found.failure = widgets::format::sentence(QString::fromUtf8(error.what()));
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
        found.historyProblem = widgets::format::sentence(QString::fromUtf8(error.what()));
    }
    return found;
}

void searchSteps(JobSearch& found, const job::Job& job, std::vector<std::string> columns, const std::stop_token& stop) {
    try {
        found.plan = job::prepare_steps(job, std::move(columns), stop);
    } catch (const job::JobError& error) {
        found.field = QString::fromStdString(error.field());
        found.mistake = QString::fromUtf8(error.what());
    } catch (const std::exception& error) {
        found.failure = widgets::format::sentence(QString::fromUtf8(error.what()));
    }
}

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

} // namespace pprocess::workbench
