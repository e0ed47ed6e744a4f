// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string>
#include <string_view>
#include <vector>

#include <pprocess/job/command_template.h>
#include <pprocess/job/job.h>

namespace pprocess::workbench {

/// The command line of one item of a job as one would type it in a shell. Throws `job::JobError` where the job has
/// none. `columns`: the names of the inputs' columns.
QString commandText(const job::Job& job, std::string_view input, std::size_t index,
                    const std::vector<std::string>& columns = {});

/// The same for any step; `isFirst`: of its job.
QString stepText(const job::Step& step, bool isFirst, const job::Filling& filling,
                 const std::vector<std::string>& columns);

} // namespace pprocess::workbench
