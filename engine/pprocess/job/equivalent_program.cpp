// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/equivalent.h>

#include <array>
#include <charconv>
#include <string_view>

#include <pprocess/message/utf8.h>

namespace pprocess::job {

namespace {

/// As an expression of C++.
std::string literal(std::string_view text) {
    const bool is_readable = message::is_utf8(text);
    std::string code = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            (code += '\\') += c;
        } else if (c == '\n') {
            code += "\\n";
        } else if (c == '\t') {
            code += "\\t";
        } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_readable)) {
            // Three octal digits, so that none that follows is taken for another of them.
            code += '\\';
            for (const int shift : {6, 3, 0})
                code += static_cast<char>('0' + ((byte >> shift) & 7));
        } else {
            code += c;
        }
    }
    code += '"';
    if (text.find('\0') == std::string_view::npos)
        return code;
    return "std::string(" + code + ", " + std::to_string(text.size()) + ")";
}

std::string literal(bool value) {
    return value ? "true" : "false";
}

std::string literal(double number) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

std::string list_of_literals(const std::vector<std::string>& texts) {
    std::string code = "{";
    for (const std::string& text : texts)
        code += (code.size() == 1 ? "" : ", ") + literal(text);
    return code + "}";
}

std::string inputs_code(const FolderInputs& files) {
    return "job::FolderInputs{.folder = " + literal(files.folder.native()) + ", .pattern = " + literal(files.pattern) +
           ", .recursive = " + literal(files.recursive) + "}";
}
std::string inputs_code(const ListInputs& list) {
    return "job::ListInputs{.items = " + list_of_literals(list.items) + "}";
}
std::string inputs_code(const LineInputs& lines) {
    return "job::LineInputs{.file = " + literal(lines.file.native()) + "}";
}
std::string inputs_code(const TableInputs& table) {
    const std::string separator = table.separator == '\t' ? "\\t" : std::string(1, table.separator);
    return "job::TableInputs{.file = " + literal(table.file.native()) + ", .separator = '" +
           (table.separator == '\'' || table.separator == '\\' ? "\\" : "") + separator +
           "', .has_header = " + literal(table.has_header) + "}";
}
std::string inputs_code(const GridInputs& grid) {
    std::string axes;
    for (const Axis& axis : grid.axes) {
        std::string values;
        if (const auto* range = std::get_if<Range>(&axis.values))
            values =
                "job::Range{" + literal(range->from) + ", " + literal(range->to) + ", " + literal(range->step) + "}";
        else
            values = "std::vector<std::string>" + list_of_literals(std::get<std::vector<std::string>>(axis.values));
        axes += (axes.empty() ? "" : ",\n                                  ") + std::string("job::Axis{") +
                literal(axis.name) + ", " + values + "}";
    }
    return "job::GridInputs{.axes = {" + axes + "}}";
}
std::string inputs_code(const StandardInput&) {
    return "job::StandardInput{}";
}

std::string inputs_code(const Inputs& inputs) {
    return std::visit([](const auto& given) { return inputs_code(given); }, inputs);
}

std::string limit_code(const Job& job) {
    return job.limit ? std::to_string(*job.limit) : "available_cores()";
}

std::string milliseconds_code(const Job& job) {
    return "std::chrono::milliseconds(" + std::to_string(job.timeout->count()) + ")";
}

/// The job's name as a comment; nothing in it may end that, or the line.
std::string comment_of(const Job& job) {
    return job.name.empty() ? std::string() : "// " + printable(job.name) + ".\n//\n";
}

constexpr const char* ending = "    return failed > 100 ? 101 : static_cast<int>(failed);\n}\n";

/// Of a single command: in the pattern itself.
class PatternProgram {
public:
    explicit PatternProgram(const Job& job) : job_(job) {}

    [[nodiscard]] std::string text() const {
        std::string code = comment_of(job_);
        code += "// Runs a command for each input, ";
        code += job_.pattern == Pattern::map        ? "the results in the order of the inputs.\n"
                : job_.pattern == Pattern::queue    ? "the results in the order in which they come.\n"
                : job_.pattern == Pattern::exchange ? "each result put in the place of its input as it comes.\n"
                                                    : "each line printed as it is written.\n";
        code += headers();
        if (job_.pattern == Pattern::exchange)
            code += results_in_place;
        if (job_.pattern == Pattern::continuous)
            code += lines_as_written;
        code += "\nint main() {\n    using namespace pprocess;\n\n";
        code += surroundings();
        code += "    const job::Inputs inputs = " + inputs_code(job_.inputs) + ";\n";
        code += "    const std::vector<std::string> columns = job::columns_of(inputs);\n";
        code += "    const job::CommandTemplate command(" + literal(job_.command) + ", " + literal(job_.use_shell) +
                ", columns);\n\n";
        if (job_.pattern == Pattern::continuous)
            return code + continuous() + ending;
        code += "    // What each process does.\n";
        code += "    const auto run = [&](std::size_t number, const std::string& input) {\n";
        code += "        return run_program({.arguments = command.arguments(job::filling_for(input, number, "
                "columns))" +
                program_options() + "});\n    };\n\n";
        if (job_.pattern == Pattern::exchange)
            return code + exchange() + ending;
        code += job_.pattern == Pattern::map ? map() : queue();
        code += "\n    std::size_t failed = 0;\n";
        code += "    for (auto result = results.begin(); result != results.end(); ++result) {\n";
        code += "        try {\n";
        code += "            std::cout << result->output;\n";
        code += "            std::cerr << result->error_output << result->start_message;\n";
        code += "            failed += result->success() ? 0 : 1;\n";
        code += "        } catch (const Error& error) { // its process has died or taken too long\n";
        code += "            std::cerr << error.what() << \"\\n\";\n";
        code += "            ++failed;\n        }\n    }\n";
        return code + ending;
    }

private:
    [[nodiscard]] std::string headers() const {
        std::string code = "#include <pprocess/job/command_template.h>\n#include <pprocess/job/job.h>\n"
                           "#include <pprocess/pprocess.h>\n\n";
        if (!job_.cores.empty())
            code += "#include <sched.h>\n";
        if (!job_.environment.empty())
            code += "#include <stdlib.h>\n";
        if (job_.niceness != 0)
            code += "#include <unistd.h>\n";
        if (job_.timeout)
            code += "#include <chrono>\n";
        code += "#include <cstddef>\n";
        if (stores())
            code += "#include <exception>\n";
        code += "#include <iostream>\n";
        if (job_.pattern == Pattern::exchange)
            code += "#include <map>\n";
        code += "#include <string>\n";
        if (job_.pattern == Pattern::continuous)
            code += "#include <string_view>\n";
        if (job_.pattern == Pattern::map)
            code += "#include <utility>\n";
        return code + "#include <vector>\n";
    }

    /// The processes take over what this one has.
    [[nodiscard]] std::string surroundings() const {
        std::string code;
        for (const auto& [name, value] : job_.environment)
            code += "    ::setenv(" + literal(name) + ", " + literal(value) + ", 1);\n";
        if (job_.niceness != 0) {
            code += "    if (::nice(" + std::to_string(job_.niceness) +
                    ") == -1)\n        std::cerr << \"the priority cannot be changed\\n\";\n";
        }
        if (!job_.cores.empty()) {
            code += "    cpu_set_t cores;\n    CPU_ZERO(&cores);\n";
            for (const unsigned core : job_.cores)
                code += "    CPU_SET(" + std::to_string(core) + ", &cores);\n";
            code += "    ::sched_setaffinity(0, sizeof cores, &cores);\n";
        }
        return code.empty() ? code : code + "\n";
    }

    [[nodiscard]] std::string program_options() const {
        std::string code;
        if (!job_.working_folder.empty())
            code += ",\n                            .working_folder = " + literal(job_.working_folder.native());
        if (job_.output_cap != Job{}.output_cap)
            code += ",\n                            .output_cap = " + std::to_string(job_.output_cap);
        return code;
    }

    [[nodiscard]] std::string options() const {
        std::string code = "{.limit = " + limit_code(job_);
        code += job_.pattern == Pattern::continuous ? ", .continuous = true" : ", .reuse = " + literal(job_.reuse);
        if (job_.timeout)
            code += ", .timeout = " + milliseconds_code(job_);
        return code + "}";
    }

    [[nodiscard]] std::string map() const {
        return "    std::vector<std::pair<std::size_t, std::string>> numbered;\n"
               "    for (std::string& input : job::collect_inputs(inputs))\n"
               "        numbered.emplace_back(numbered.size(), std::move(input));\n"
               "    auto results = pmap(run, numbered, " +
               options() + ");\n";
    }

    [[nodiscard]] std::string queue() const {
        return "    Queue<ProgramResult> results(" + options() +
               ");\n"
               "    auto start = results.manage(" +
               (job_.reuse ? "MakeReusable" : "MakeParallel") +
               "(run));\n"
               "    std::size_t number = 0;\n"
               "    for (const std::string& input : job::collect_inputs(inputs))\n"
               "        start(number++, input);\n";
    }

    /// Does the program have an exchange of its own?
    [[nodiscard]] bool stores() const {
        return job_.pattern == Pattern::exchange || job_.pattern == Pattern::continuous;
    }

    [[nodiscard]] std::string exchange() const {
        return "    ResultsInPlace results(" + options() +
               ");\n"
               "    auto start = results.manage(" +
               (job_.reuse ? "MakeReusable" : "MakeParallel") +
               R"((run));
    std::size_t number = 0;
    for (const std::string& input : job::collect_inputs(inputs))
        start(number++, input);
    results.finish();

    std::size_t failed = results.lost();
    for (const auto& [place, result] : results.in_place()) {
        std::cout << result.output;
        std::cerr << result.error_output << result.start_message;
        failed += result.success() ? 0 : 1;
    }
)";
    }

    [[nodiscard]] std::string continuous() const {
        return R"(    // What each process does: it sends lines while the command runs, and how it ended.
    const auto run = [&](Channel& channel, std::size_t number, const std::string& input) {
        const ProgramTask task{.arguments = command.arguments(job::filling_for(input, number, columns)))" +
               program_options() + R"(};
        channel.send(run_program(task, [&](std::string_view lines) {
            ProgramResult part;
            part.is_part = true;
            part.output = lines;
            channel.send(part);
        }));
    };

    LinesAsWritten lines()" +
               options() + R"();
    std::size_t number = 0;
    for (const std::string& input : job::collect_inputs(inputs))
        lines.start(run, number++, input);
    lines.finish();

    const std::size_t failed = lines.failed();
)";
    }

    static constexpr const char* results_in_place = R"(
/// Keeps each result in the place of its input; what has come can be looked at while the rest runs.
class ResultsInPlace : public pprocess::Exchange {
public:
    using Exchange::Exchange;
    const std::map<std::size_t, pprocess::ProgramResult>& in_place() const { return in_place_; }
    std::size_t lost() const { return lost_; }

protected:
    void store_data(pprocess::Channel& channel) override {
        in_place_[record().index] = channel.receive<pprocess::ProgramResult>();
    }
    void store_error(pprocess::Channel&, std::exception_ptr error) override {
        try {
            std::rethrow_exception(error);
        } catch (const pprocess::Error& reason) { // its process has died or taken too long
            std::cerr << reason.what() << "\n";
        }
        ++lost_;
    }

private:
    std::map<std::size_t, pprocess::ProgramResult> in_place_;
    std::size_t lost_ = 0;
};
)";

    static constexpr const char* lines_as_written = R"(
/// Prints what the commands write while they run.
class LinesAsWritten : public pprocess::Exchange {
public:
    using Exchange::Exchange;
    std::size_t failed() const { return failed_; }

protected:
    void store_data(pprocess::Channel& channel) override {
        const auto result = channel.receive<pprocess::ProgramResult>();
        std::cout << result.output << std::flush;
        if (result.is_part)
            return;
        std::cerr << result.error_output << result.start_message;
        failed_ += result.success() ? 0 : 1;
    }
    void store_error(pprocess::Channel&, std::exception_ptr error) override {
        try {
            std::rethrow_exception(error);
        } catch (const pprocess::Error& reason) { // its process has died or taken too long
            std::cerr << reason.what() << "\n";
        }
        ++failed_;
    }

private:
    std::size_t failed_ = 0;
};
)";

    const Job& job_;
};

std::string step_code(const Step& step) {
    if (const auto* command = std::get_if<Command>(&step))
        return "job::Command{" + literal(command->line) + ", " + literal(command->use_shell) + "}";
    const auto& function = std::get<Function>(step);
    return "job::Function{" + literal(function.library.native()) + ", " + literal(function.name) + ", " +
           list_of_literals(function.arguments) + "}";
}

/// The fields of the job that are not as they are in a new one.
std::string fields_code(const Job& job) {
    const Job plain;
    std::string code;
    const auto set = [&code](const std::string& field, const std::string& value) {
        code += "    job." + field + " = " + value + ";\n";
    };
    if (!job.name.empty())
        set("name", literal(job.name));
    if (job.function) {
        set("function", step_code(*job.function));
    } else {
        set("command", literal(job.command));
        if (job.use_shell)
            set("use_shell", "true");
    }
    for (const Step& step : job.then)
        code += "    job.then.push_back(" + step_code(step) + ");\n";
    set("inputs", inputs_code(job.inputs));
    if (job.pattern != Pattern::map)
        set("pattern", std::string("job::Pattern::") + to_string(job.pattern));
    if (job.limit)
        set("limit", std::to_string(*job.limit));
    if (!job.reuse)
        set("reuse", "false");
    if (job.batch)
        set("batch", std::to_string(*job.batch));
    if (job.timeout)
        set("timeout", milliseconds_code(job));
    if (job.retries != 0)
        set("retries", std::to_string(job.retries));
    if (job.stop_at_failure)
        set("stop_at_failure", "true");
    if (!job.working_folder.empty())
        set("working_folder", literal(job.working_folder.native()));
    for (const auto& [name, value] : job.environment)
        code += "    job.environment.emplace_back(" + literal(name) + ", " + literal(value) + ");\n";
    if (job.niceness != 0)
        set("niceness", std::to_string(job.niceness));
    for (const unsigned core : job.cores)
        code += "    job.cores.push_back(" + std::to_string(core) + ");\n";
    if (job.output_cap != plain.output_cap)
        set("output_cap", std::to_string(job.output_cap));
    return code;
}

/// Of any job: by the engine's own runner.
std::string runner_program(const Job& job) {
    const bool is_continuous = job.pattern == Pattern::continuous;
    return comment_of(job) + R"(// Runs the steps of a job over its inputs.
#include <pprocess/job/job.h>
#include <pprocess/job/plan.h>
#include <pprocess/job/runner.h>

#include <poll.h>

#include <array>
#include <chrono>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

int main() {
    using namespace pprocess;

    job::Job job;
)" + fields_code(job) +
           R"(
    const auto print = [](const job::ItemResult& result) {
)" +
           std::string(is_continuous ? R"(        // Whole lines have been printed as they were written.
        const std::string& output = result.program.output;
        std::cout << output.substr(output.rfind('\n') + 1);
)"
                                     : R"(        std::cout << result.program.output;
)") + R"(        if (result.value)
            std::cout << to_text(*result.value) << "\n";
        std::cerr << result.program.error_output;
        if (result.outcome != job::Outcome::succeeded)
            std::cerr << job::printable(result.input) << ": " << result.detail << "\n";
    };
    job::Preparation ready = job::prepare(job);
    ForkServer server(job::surroundings_of(job));
    job::Runner runner(server, std::move(ready.plan), std::move(ready.items), print);
)" +
           (is_continuous
                ? R"(    runner.listen([](const job::ItemOutput& output) { std::cout << output.lines << std::flush; });
)"
                : "") +
           R"(    runner.start();
    while (!runner.finished()) {
        std::array<pollfd, 2> watched{{{runner.fileno(), POLLIN, 0}, {runner.items_fileno(), POLLIN, 0}}};
        ::poll(watched.data(), watched.size(), -1);
        runner.step();
    }
    const std::size_t failed = runner.progress().failed;
)" + ending;
}

} // namespace

std::string cpp_program(const Job& job) {
    check_steps_and_grid(job);
    // What the pattern alone does not do: it knows no steps, and does not try again what a program says has failed.
    const bool needs_runner = job.function || !job.then.empty() || job.retries != 0 || job.stop_at_failure ||
                              job.batch || std::holds_alternative<StandardInput>(job.inputs);
    return needs_runner ? runner_program(job) : PatternProgram(job).text();
}

} // namespace pprocess::job
