// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>

#include <pprocess/job/item_source.h>
#include <pprocess/os/fd.h>

namespace pprocess::job {

struct ItemResult;

/// The log of a job: a file with one JSON object a line for each item that has ended, by which a job that was broken
/// off goes on (docs/job-files.md). Lines are only ever added, each by one write, also by the workers themselves; a
/// line that was cut off by a crash means nothing.
class JobLog {
public:
    /// Makes the file or adds to it. Throws `SystemError`.
    explicit JobLog(std::filesystem::path file);

    /// Where it is.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
    /// Keeps others from locking it, until this object and all that have inherited `fileno()` are gone; on a file
    /// system without locks it does nothing. False when somebody else still had it after `patience`.
    [[nodiscard]] bool lock(std::chrono::milliseconds patience = std::chrono::milliseconds(0));
    /// What is to be held open by processes that belong to a run (`launch::Surroundings::held`): the next run then
    /// waits for their ends, too.
    [[nodiscard]] int fileno() const noexcept { return opened_.get(); }
    /// The beginning of the line for an item's success, as `ProgramTask::note` has it.
    [[nodiscard]] static std::string note_of(const Item& item, unsigned attempts);
    /// Adds the line of an item. Throws `SystemError`.
    void write(const ItemResult& result);

private:
    std::filesystem::path file_;
    os::Fd opened_;
};

/// Which inputs a log says are done. Items are known by their text, so that a job goes on where it was although its
/// inputs have been added to since; one that stands there several times counts as often as it succeeded.
class FinishedItems {
public:
    /// Reads a log; one that is missing says that nothing is done. Throws `SystemError`, and `JobError` for a file that
    /// is no log.
    explicit FinishedItems(const std::filesystem::path& log);

    /// Has this item succeeded? Each success counts for one call.
    bool take(const Item& item);
    /// How many successes are left to be taken.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    std::unordered_map<std::uint64_t, std::uint32_t> counts_; ///< by a hash of the text
    std::size_t size_ = 0;
};

} // namespace pprocess::job
