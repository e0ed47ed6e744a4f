// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <pprocess/job/history.h>
#include <pprocess/job/item_source.h>
#include <pprocess/job/job.h>
#include <pprocess/job/job_log.h>
#include <pprocess/job/plan.h>

namespace pprocess::workbench {

/// What has to be found out before a job can be started, or why it cannot be.
struct JobSearch {
    std::optional<job::Plan> plan;
    job::ItemPack items;
    std::size_t failed = 0; ///< of them, when they are run again
    std::optional<job::RunEntry> run;
    std::unique_ptr<job::JobLog> log;
    std::size_t doneBefore = 0;
    std::vector<std::string> problems; ///< worth telling, though the job can run
    QString historyProblem;            ///< why the run is not kept
    QString field;                     ///< with a mistake: what to change, as in `job::JobError`
    QString mistake;                   ///< why the job cannot run as it is written
    QString failure;                   ///< what else keeps it from running
};

/// Reads all items and asks the task libraries, for which it waits: never call it in the window's thread. With `past`
/// the job is that of the run, without the items that are done.
JobSearch searchJob(job::Job job, const std::optional<job::PastRun>& past, const std::stop_token& stop);

/// Only asks the task libraries, for items that are in `found` already and have these columns.
void searchSteps(JobSearch& found, const job::Job& job, std::vector<std::string> columns, const std::stop_token& stop);

/// Takes a run that never began out of the history, in another thread.
void forgetSoon(job::RunEntry entry);

} // namespace pprocess::workbench
