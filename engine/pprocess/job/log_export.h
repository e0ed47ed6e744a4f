// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

namespace pprocess::job {

/// The log of a job (see `JobLog`) as a file of results, as far as the log knows them (docs/result-files.md).
struct LogExport {
    /// As what it is written.
    enum class Format {
        csv,  ///< with the columns of every file of results; those that a log does not hold are empty
        json, ///< `{"pprocess_results": 1, "results": [...]}`
    };
    /// Takes the next piece of text. What it throws goes on to the caller.
    using Sink = std::function<void(std::string_view)>;

    std::filesystem::path log;   ///< what is read
    Format format = Format::csv; ///< of what is written
    bool only_failed = false;    ///< leave out the items that have succeeded

    /// What was found.
    struct Counts {
        std::size_t items = 0;      ///< whose end the log notes
        std::size_t succeeded = 0;  ///< of these
        std::size_t unreadable = 0; ///< lines that mean nothing: cut short by a crash, or not of a log
    };

    /// Writes the last line about each item, in the order of the log; those with the same number and input are the
    /// same. The log is read twice, in little memory; what is added meanwhile is left out. Throws `SystemError` when it
    /// cannot be read, and `JobError` for a file that is no log.
    Counts write(const Sink& sink) const;
};

} // namespace pprocess::job
