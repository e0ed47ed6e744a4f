// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <pprocess/os/error.h>

namespace pprocess::job {

/// Every file below a folder whose name fits a pattern.
struct FolderInputs {
    std::filesystem::path folder; ///< searched for files
    /// As the shell's: `*`, `?`, `[a-z]`; several separated by `;`. Matched against the file's name. "*" for all.
    std::string pattern = "*";
    bool recursive = true; ///< folders below it too
};

/// Items given one by one. Any bytes.
struct ListInputs {
    std::vector<std::string> items; ///< the inputs as they are
};

/// Every line of a text file, without its line end; empty lines are left out.
struct LineInputs {
    std::filesystem::path file; ///< the text file
};

/// The rows of a table in a text file, each with its columns.
struct TableInputs {
    std::filesystem::path file; ///< the text file
    /// Between two columns. A comma, semicolon or tab: as in CSV (RFC 4180), where text in double quotes may hold
    /// separators, line ends and doubled quotes. A blank: any number of blanks and tabs, no quotes.
    char separator = ',';
    bool has_header = true; ///< the first row names the columns; otherwise they are called 1, 2, 3…
};

/// From one number to another.
struct Range {
    double from = 0; ///< the first value
    double to = 0;   ///< the last, if the steps meet it; never gone beyond
    double step = 1; ///< not 0; negative when `to` lies below `from`
};

/// One side of a grid: a name and the values that it takes, in order.
struct Axis {
    std::string name;                                     ///< for placeholders: letters, digits, _ and -
    std::variant<Range, std::vector<std::string>> values; ///< a range or the values themselves
};

/// Every combination of the values of all axes; those of the last follow each other first.
struct GridInputs {
    std::vector<Axis> axes; ///< at least one
};

/// Every line that comes in by standard input, without its line end; empty lines are left out. For `ppctl` only.
struct StandardInput {};

/// Where the inputs of a job come from.
using Inputs = std::variant<FolderInputs, ListInputs, LineInputs, TableInputs, GridInputs, StandardInput>;

/// A command line.
struct Command {
    std::string line;       ///< as `Job::command`
    bool use_shell = false; ///< as `Job::use_shell`
};

/// A call of a function of a task library (see PPROCESS_TASK).
struct Function {
    std::filesystem::path library; ///< the shared object
    std::string name;              ///< the task's name in it
    /// For each parameter a text, with placeholders, that is read as a value of the parameter's type. Empty: the
    /// input's fields, in order.
    std::vector<std::string> arguments;
};

/// What is done with one input, or with the result of the step before.
using Step = std::variant<Command, Function>;

/// How the results of a job come.
enum class Pattern {
    map,        ///< each once it is there and all before it are, in the order of the inputs
    queue,      ///< each as soon as it is there, in the order of arrival
    exchange,   ///< as `queue`; whoever shows them puts each in the place of its input
    continuous, ///< as `queue`, and each line that the last step's command writes as soon as it is written. Every item
                ///< has processes of its own then, whatever `reuse` says
};

/// The pattern's name as it is written to files: "map", "queue", "exchange", "continuous".
const char* to_string(Pattern pattern);

/// A job as data: what to run over many inputs, and how. A value; says nothing of processes.
struct Job {
    std::string name; ///< for people
    /// The command line, split into arguments as a shell splits words (quotes and backslashes, nothing else). In it
    /// stand, for each input,
    /// - `{}` for the input itself, and `{.}` for it without extension,
    /// - `{/}` for its base name, and `{//}` for its folder,
    /// - `{#}` for its number, from 1,
    /// - `{name}` or `{1}` for its column of that name or number, where it has columns,
    /// - `{<}` for the result of the step before, in a later step.
    ///
    /// Without any of them the input, or each of its columns, becomes a last argument.
    std::string command;
    /// Give the command line to `/bin/sh -c` instead, with each placeholder replaced by its quoted text.
    bool use_shell = false;
    /// Call this function instead of the command.
    std::optional<Function> function;
    /// Further steps for each input, in order, each begun when the one before has ended well. A command has the result
    /// of the step before as its standard input too.
    std::vector<Step> then;
    /// What the job is run over.
    Inputs inputs = ListInputs{};
    /// How the results come.
    Pattern pattern = Pattern::map;
    /// Most processes at once; at least 1. Empty: the available cores.
    std::optional<std::size_t> limit;
    /// Keep the worker processes from one item to the next instead of making one for each.
    bool reuse = true;
    /// With `reuse`: most items that a process has in hand at once, so that it need not wait for the next; 1: it gets
    /// one when it has ended another. Empty: as many as take about a millisecond. With a `timeout` always 1.
    std::optional<std::size_t> batch;
    /// How long one step may take; then its process is ended. Empty: as long as it likes.
    std::optional<std::chrono::milliseconds> timeout;
    /// How often an item that did not succeed is begun again, from its first step.
    unsigned retries = 0;
    /// Do nothing more once an item has failed for good.
    bool stop_at_failure = false;
    /// The folder that all steps run in; empty: the caller's own.
    std::filesystem::path working_folder;
    /// Variables of the environment that are set or replaced: names and values.
    std::vector<std::pair<std::string, std::string>> environment;
    /// By how much the processes give way to others, from -20 to 19 (see nice(2)); added to the caller's own.
    int niceness = 0;
    /// The processors to run on, by their numbers from 0; empty: wherever the caller may.
    std::vector<unsigned> cores;
    /// Bytes of each item's output and error output that are kept.
    std::uint64_t output_cap = 16u << 20;
};

/// All steps of a job: the function or the command first.
std::vector<Step> steps_of(const Job& job);

/// A job that cannot be run or read as it is written. `field()` names what to change ("command", "inputs.folder",
/// "limit"…), `what()` says it to a person: what is wrong and what to do.
class JobError : public Error {
public:
    /// `message` says what is wrong and what to do.
    JobError(std::string field, const std::string& message) : Error(message), field_(std::move(field)) {}
    /// The field to change, as in a job file.
    [[nodiscard]] const std::string& field() const noexcept { return field_; }

private:
    std::string field_;
};

/// Thrown by a search that its caller has asked to stop.
class SearchStopped : public Error {
public:
    SearchStopped() : Error("the search was broken off") {}
};

/// Throws `JobError` for the first thing that would keep the job from running: an empty command, unbalanced quotes, a
/// limit of 0, no such program (looked up as the worker will), a folder or file that is missing or cannot be read.
void validate(const Job& job);

/// Reads a job file (JSON, see docs/job-files.md). Throws `JobError` naming the field, or `SystemError` when the file
/// cannot be read.
Job load(const std::filesystem::path& file);
/// The same from text.
Job from_json(std::string_view text);
/// Non-UTF-8 bytes in items and paths survive the round trip.
std::string to_json(const Job& job);
/// Writes it by an `OutputFile`, so that a full disk leaves the old one and a device stays one. Throws `SystemError`.
void save(const Job& job, const std::filesystem::path& file);

/// The job that stands ready: the SHA-256 of every header below the system's include folder.
Job sample_job();

/// The inputs in the order in which they are numbered: files sorted by path (bytewise), lines, rows and items as they
/// stand, without a table's header; those with columns each as one line of CSV.
/// Reads folders and files, so never call it on a thread that must not wait. A folder below the first that cannot be
/// read is left out and told to `problem`. Throws `JobError` when the folder or file cannot be read or there is not a
/// single input ("no file in … matches …"), `SearchStopped` soon after `stop` was requested.
std::vector<std::string> collect_inputs(const Inputs& inputs, std::vector<std::string>* problems = nullptr,
                                        const std::stop_token& stop = {});

/// The names of the inputs' columns, in order; empty where an input is one text. Reads the header of a table, so never
/// call it on a thread that must not wait. Throws `JobError` when the file cannot be read or names a column twice.
std::vector<std::string> columns_of(const Inputs& inputs);

/// The arguments with which `job` runs its command for the input numbered `index` (from 0). `columns` as from
/// `columns_of`.
std::vector<std::string> command_line(const Job& job, std::string_view input, std::size_t index,
                                      const std::vector<std::string>& columns = {});

/// A file's name or other bytes as readable, valid UTF-8 on one line: control and invalid bytes as `\n`, `\xff`.
std::string printable(std::string_view bytes);

} // namespace pprocess::job
