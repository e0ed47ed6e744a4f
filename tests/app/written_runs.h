// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>

#include <pprocess/job/history.h>
#include <pprocess/job/job_log.h>
#include <pprocess/job/runner.h>

/// A run as the history keeps it, without having been run. `end` is given the result of each item, which has succeeded
/// unless it says otherwise; false: the log is to lack it.
inline pprocess::job::PastRun writtenRun(const pprocess::job::Job& job, int items,
                                         const std::function<bool(pprocess::job::ItemResult& result)>& end) {
    using namespace pprocess::job;
    RunEntry entry(job, static_cast<std::size_t>(items));
    JobLog log(entry.run().log());
    std::size_t failed = 0;
    for (std::size_t item = 0; item < static_cast<std::size_t>(items); ++item) {
        ItemResult result;
        result.index = item;
        result.outcome = Outcome::succeeded;
        result.attempts = 1;
        const bool isLogged = end(result);
        failed += result.outcome == Outcome::succeeded ? 0 : 1;
        if (isLogged) {
            log.write(result);
        }
    }
    entry.finish(false, static_cast<std::size_t>(items) - failed, failed);
    return entry.run();
}
