// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
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

/// Where the inputs of a job come from.
using Inputs = std::variant<FolderInputs, ListInputs, LineInputs>;

/// In which order the results of a job come.
enum class Pattern {
    map,   ///< results in the order of the inputs
    queue, ///< results in the order of arrival
};

/// A job as data: a command to run over many inputs, and how. A value; says nothing of processes.
struct Job {
    std::string name; ///< for people
    /// The command line, split into arguments as a shell splits words (quotes and backslashes, nothing else). In it
    /// stand, for each input,
    /// - `{}` for the input itself, and `{.}` for it without extension,
    /// - `{/}` for its base name, and `{//}` for its folder,
    /// - `{#}` for its number, from 1.
    ///
    /// Without any of them the input becomes the last argument.
    std::string command;
    /// Give the command line to `/bin/sh -c` instead, with each placeholder replaced by its quoted text.
    bool use_shell = false;
    /// What the command is run over.
    Inputs inputs = ListInputs{};
    /// In which order the results come.
    Pattern pattern = Pattern::map;
    /// Most programs at once; at least 1. Empty: the available cores.
    std::optional<std::size_t> limit;
    /// Keep the worker processes from one item to the next instead of making one for each.
    bool reuse = true;
    /// The folder that the commands run in; empty: the caller's own.
    std::filesystem::path working_folder;
    /// Bytes of each item's output and error output that are kept.
    std::uint64_t output_cap = 16u << 20;
};

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
/// Writes by way of a temporary file beside it, so that a full disk leaves the old one. Throws `SystemError`.
void save(const Job& job, const std::filesystem::path& file);

/// The job that stands ready: the SHA-256 of every header below the system's include folder.
Job sample_job();

/// The inputs in the order in which they are numbered: files sorted by path (bytewise), lines and items as they stand.
/// Reads folders and files, so never call it on a thread that must not wait. A folder below the first that cannot be
/// read is left out and told to `problem`. Throws `JobError` when the folder or file cannot be read or there is not a
/// single input ("no file in … matches …").
std::vector<std::string> collect_inputs(const Inputs& inputs, std::vector<std::string>* problems = nullptr);

/// The arguments with which `job` runs the input numbered `index` (from 0).
std::vector<std::string> command_line(const Job& job, std::string_view input, std::size_t index);

/// A file's name or other bytes as readable, valid UTF-8 on one line: control and invalid bytes as `\n`, `\xff`.
std::string printable(std::string_view bytes);

} // namespace pprocess::job
