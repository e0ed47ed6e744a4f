// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pprocess {

/// A program to run once: what a worker is sent. Text may hold any bytes, as arguments and file names do.
struct ProgramTask {
    /// The program (looked up in PATH unless it holds a slash) and its arguments; never empty, never seen by a shell.
    std::vector<std::string> arguments;
    /// The folder to run in; empty: the worker's own.
    std::string working_folder;
    /// Bytes of standard output and of standard error that are kept, each. What comes after is read, counted and
    /// dropped.
    std::uint64_t output_cap = 16u << 20;
    /// What it reads from standard input; empty: /dev/null.
    std::string input;
    /// When it has succeeded, a line is added to this file before anybody is told: `note`, then when it ended and how
    /// long it took (`"ended":…,"seconds":…}`). Empty: no file. That way no end of the processes around it can make a
    /// finished program look unfinished.
    std::string note_file;
    /// The line's beginning: a JSON object as far as the comma before its last two members.
    std::string note;
    /// Send each line of standard output as soon as it is written, as a `ProgramResult` that `is_part`; the last result
    /// then holds what no such part had.
    bool as_written = false;
};

/// How a program's run came out: what a worker sends back.
struct ProgramResult {
    /// The errno and words for why the program could not be started; 0 and empty when it ran.
    int start_error = 0;
    /// Says it to a person.
    std::string start_message;
    /// The exit code, or the signal that killed it (0: none). Both 0 for success.
    int exit_code = 0;
    /// The signal's number; 0: none.
    int signal = 0;
    /// What it wrote to standard output, up to the cap.
    std::string output;
    /// What it wrote to standard error, up to the cap.
    std::string error_output;
    /// Bytes written in all: more than `output.size()` says that the output was cut at the cap.
    std::uint64_t output_bytes = 0;
    /// The same of standard error.
    std::uint64_t error_bytes = 0;
    /// From just before the start to the end, by the monotonic clock.
    std::chrono::nanoseconds duration{};
    /// The errno with which the note could not be written; 0: it was, or there was none.
    int note_error = 0;
    /// Is this no end, but whole lines that the program has written since the part before?
    bool is_part = false;

    /// Did it run and exit with 0?
    [[nodiscard]] bool success() const { return start_error == 0 && exit_code == 0 && signal == 0; }
    /// Was there more output than is kept?
    [[nodiscard]] bool was_cut() const { return output_bytes > output.size() || error_bytes > error_output.size(); }
};

/// Is told what a program has written to standard output since it was told last: whole lines.
using OutputListener = std::function<void(std::string_view lines)>;

/// Runs a program to its end and captures what it writes. The program gets descriptors 0,
/// 1 and 2 and no other, the default signal actions and an empty signal mask, is the leader of a process group of its
/// own, and is killed with that group when the calling process dies, by whatever; a SIGTERM that would end the calling
/// process is passed on to the group first, which gets a moment. Grandchildren that outlive it and hold its output open
/// are not waited for. `listener`, if there is one, hears of whole lines while the program runs; the result's `output`
/// then holds only what it has not heard, and while it is at work nothing is read from the program. A program that
/// cannot be started is a result, not an exception. Throws `SystemError` only when no process or pipe can be made.
ProgramResult run_program(const ProgramTask& task, const OutputListener& listener = {});

} // namespace pprocess
