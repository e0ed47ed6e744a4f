// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include <pprocess/job/command_template.h>
#include <pprocess/job/item_source.h>
#include <pprocess/job/job.h>
#include <pprocess/launch/fork_server.h>
#include <pprocess/launch/surroundings.h>
#include <pprocess/message/any_value.h>

namespace pprocess::job {

/// A step that calls a function, with what was learned of the function.
struct FunctionStep {
    TaskName task;                         ///< the library by its full path
    std::vector<TaskParameter> parameters; ///< as the library says
    std::vector<TextTemplate> arguments;   ///< one for each

    /// The arguments for one input; `previous` is what the step before gave. Throws `std::invalid_argument`, with the
    /// parameter's name in its sentence, for a text that is no value of a parameter's type.
    [[nodiscard]] AnyValue arguments_for(const Filling& filling, const AnyValue* previous) const;
};

/// A job that is ready to be run: its steps read and checked once. A value.
class Plan {
public:
    /// One step, ready to be filled in.
    using Step = std::variant<CommandTemplate, FunctionStep>;
    /// Says which tasks a library has, or throws why it cannot be used.
    using Describe = std::function<std::vector<TaskDescription>(const std::filesystem::path& library)>;

    /// Throws `JobError` naming the field ("command", "function.name", "then[0].function.arguments").
    Plan(Job job, std::vector<std::string> columns, const Describe& describe);

    /// The job as it was given.
    [[nodiscard]] const Job& job() const noexcept { return job_; }
    /// The names of the inputs' columns.
    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
    /// At least one.
    [[nodiscard]] const std::vector<Step>& steps() const noexcept { return steps_; }
    /// What would be run for an item, a line for each step, as one would type it. The result of a step before is shown
    /// as `{<}`.
    [[nodiscard]] std::vector<std::string> lines(const Item& item) const;

private:
    Job job_;
    std::vector<std::string> columns_;
    std::vector<Step> steps_;
};

/// All that a job needs before it can be run.
struct Preparation {
    Plan plan;                         ///< to be given to a `Runner`
    std::unique_ptr<ItemSource> items; ///< likewise
    std::vector<std::string> problems; ///< worth telling: folders that could not be read
};

/// Checks a job, opens its inputs and asks its task libraries, for which it waits: call it on a thread that may. Throws
/// `JobError`, `SystemError` when no process can be made to load a library, or `SearchStopped` soon after `stop` was
/// requested.
Preparation prepare(const Job& job, const std::stop_token& stop = {});

/// Checks a job and asks its task libraries, as `prepare` does, for inputs that are there already and have these
/// columns.
Plan prepare_steps(const Job& job, std::vector<std::string> columns, const std::stop_token& stop = {});

/// In what the processes of a job are to run: for the fork server that is given to its `Runner`.
launch::Surroundings surroundings_of(const Job& job);

} // namespace pprocess::job
