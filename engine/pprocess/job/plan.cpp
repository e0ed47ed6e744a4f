// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/plan.h>

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <stdexcept>

#include <pprocess/job/typed_text.h>
#include <pprocess/os/error.h>
#include <pprocess/os/fd.h>

namespace pprocess::job {

namespace {

namespace fs = std::filesystem;

/// The same mistake in a step further on.
JobError in_step(const std::string& prefix, const JobError& error) {
    return {prefix.empty() ? error.field() : prefix + "." + error.field(), error.what()};
}

std::string count_of(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string signature_of(const TaskDescription& task) {
    std::string text = task.name + "(";
    for (const TaskParameter& parameter : task.parameters)
        text += (&parameter == &task.parameters.front() ? "" : ", ") + parameter.name;
    return text + ")";
}

TaskDescription find_task(const Function& function, const Plan::Describe& describe, const fs::path& library) {
    std::vector<TaskDescription> tasks;
    try {
        tasks = describe(library);
    } catch (const RemoteError& error) {
        std::string sentence = std::string(error.what()) + ".";
        sentence.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence.front())));
        throw JobError("function.library", sentence);
    }
    std::string known;
    for (TaskDescription& task : tasks) {
        if (task.name == function.name)
            return std::move(task);
        known += (known.empty() ? "" : ", ") + task.name;
    }
    throw JobError("function.name", function.name.empty() ? "No function is chosen. " + printable(library.native()) +
                                                                " has: " + known + "."
                                                          : printable(library.native()) + " has no task called " +
                                                                printable(function.name) + "; it has: " + known + ".");
}

FunctionStep make_step(const Function& function, bool is_first, const std::vector<std::string>& columns,
                       const Plan::Describe& describe) {
    if (function.library.empty())
        throw JobError("function.library", "No task library is given. Choose a shared object with tasks.");
    const fs::path library = fs::absolute(function.library);
    const TaskDescription task = find_task(function, describe, library);
    if (task.result == "values on its channel") {
        throw JobError("function.name", task.name +
                                            " sends what it likes on its channel, so that nobody can tell where "
                                            "its result ends. Choose a function that returns its result.");
    }
    FunctionStep step{TaskName(library, task.name), task.parameters, {}};
    std::vector<std::string> texts = function.arguments;
    if (texts.empty()) {
        if (!is_first)
            texts.push_back("{<}");
        else if (columns.empty())
            texts.push_back("{}");
        for (std::size_t place = 0; is_first && place < columns.size(); ++place)
            texts.push_back("{" + std::to_string(place + 1) + "}");
        if (task.parameters.empty())
            texts.clear();
    }
    if (texts.size() != task.parameters.size()) {
        throw JobError("function.arguments", signature_of(task) + " takes " +
                                                 count_of(task.parameters.size(), "argument") + ", but the job gives " +
                                                 std::to_string(texts.size()) +
                                                 ". Write one text for each, such as {}.");
    }
    for (const std::string& text : texts)
        step.arguments.emplace_back(text, columns);
    return step;
}

} // namespace

AnyValue FunctionStep::arguments_for(const Filling& filling, const AnyValue* previous) const {
    std::vector<AnyValue> values;
    values.reserve(arguments.size());
    for (std::size_t place = 0; place < arguments.size(); ++place) {
        if (previous && arguments[place].is_previous()) {
            values.push_back(*previous); // as it is: no text is more exact
            continue;
        }
        try {
            values.push_back(value_from_text(parameters[place].type, arguments[place].text(filling)));
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(parameters[place].name + " " + error.what());
        }
    }
    return AnyValue::tuple(std::move(values));
}

std::vector<Step> steps_of(const Job& job) {
    std::vector<Step> steps;
    if (job.function)
        steps.emplace_back(*job.function);
    else
        steps.emplace_back(Command{job.command, job.use_shell});
    steps.insert(steps.end(), job.then.begin(), job.then.end());
    return steps;
}

Plan::Plan(Job job, std::vector<std::string> columns, const Describe& describe)
    : job_(std::move(job)),
      columns_(std::move(columns)) {
    for (const job::Step& step : steps_of(job_)) {
        const bool is_first = steps_.empty();
        const std::string prefix = is_first ? std::string() : "then[" + std::to_string(steps_.size() - 1) + "]";
        try {
            if (const auto* command = std::get_if<Command>(&step))
                steps_.emplace_back(CommandTemplate(command->line, command->use_shell, columns_, is_first));
            else
                steps_.emplace_back(make_step(std::get<Function>(step), is_first, columns_, describe));
        } catch (const JobError& error) {
            throw in_step(prefix, error);
        }
    }
}

std::vector<std::string> Plan::lines(const Item& item) const {
    Filling filling = filling_for(item.text, item.number, columns_);
    filling.previous = "{<}";
    std::vector<std::string> lines;
    for (const Step& step : steps_) {
        std::string line;
        if (const auto* function = std::get_if<FunctionStep>(&step)) {
            line = function->task.name + "(";
            for (const TextTemplate& argument : function->arguments)
                line += (&argument == &function->arguments.front() ? "" : ", ") + argument.text(filling);
            line += ")";
        } else {
            const std::vector<std::string> words = std::get<CommandTemplate>(step).arguments(filling);
            for (const std::string& word : words)
                line += (line.empty() ? "" : " ") + quoted_if_needed(word);
        }
        lines.push_back(printable(line));
    }
    return lines;
}

namespace {

/// Waits for what the library has, which may never come: loading it runs whatever it likes.
std::vector<TaskDescription> tasks_of(ForkServer& server, const fs::path& library, const std::stop_token& stop) {
    Channel channel = server.start_describing(library);
    const os::Fd asked(os::check(::eventfd(0, EFD_CLOEXEC), "wait for a task library"));
    const std::stop_callback ask(stop, [&asked] { ::eventfd_write(asked.get(), 1); });
    do {
        std::array<pollfd, 2> entries{{{channel.fileno(), POLLIN, 0}, {asked.get(), POLLIN, 0}}};
        os::check(os::retry([&] { return ::poll(entries.data(), entries.size(), -1); }), "wait for a task library");
        if (stop.stop_requested())
            throw SearchStopped();
    } while (!channel.pump());
    return channel.receive<std::vector<TaskDescription>>();
}

} // namespace

Preparation prepare(const Job& job, const std::stop_token& stop) {
    validate(job);
    std::vector<std::string> problems;
    auto items = open_inputs(job.inputs, &problems, stop);
    Plan plan = prepare_steps(job, items->columns(), stop);
    return {std::move(plan), std::move(items), std::move(problems)};
}

Plan prepare_steps(const Job& job, std::vector<std::string> columns, const std::stop_token& stop) {
    validate(job);
    std::optional<ForkServer> server; // only for jobs that call functions
    return Plan(job, std::move(columns), [&](const fs::path& library) {
        if (!server)
            server.emplace();
        return tasks_of(*server, library, stop);
    });
}

launch::Surroundings surroundings_of(const Job& job) {
    const std::vector<Step> steps = steps_of(job);
    const bool calls = std::any_of(steps.begin(), steps.end(),
                                   [](const Step& step) { return std::holds_alternative<Function>(step); });
    launch::Surroundings surroundings;
    surroundings.environment = job.environment;
    surroundings.niceness = job.niceness;
    surroundings.cores = job.cores;
    if (calls) // commands enter it by themselves
        surroundings.folder = job.working_folder;
    return surroundings;
}

} // namespace pprocess::job
