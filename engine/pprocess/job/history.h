// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pprocess/job/job.h>
#include <pprocess/job/runner.h>
#include <pprocess/os/fd.h>

namespace pprocess::job {

/// How a run that is kept in the history stands.
enum class RunState {
    running,    ///< somebody runs it now
    ended,      ///< all its items have ended
    stopped,    ///< it was stopped before all its items were done
    broken_off, ///< whoever ran it ended first: killed, crashed, or the machine went down
};

/// "running", "ended", "stopped", "broken off".
std::string_view to_string(RunState state);

/// A run of a job, as the history has it. A value.
struct PastRun {
    std::filesystem::path folder;                    ///< with its job file, its log and what it says of itself
    std::string name;                                ///< of the job
    RunState state = RunState::broken_off;           ///< at the moment of asking
    std::chrono::system_clock::time_point started{}; ///< the first start
    std::optional<std::chrono::system_clock::time_point> ended; ///< the last end; none when it never came to one
    std::size_t total = 0;                                      ///< items, as far as they were known
    std::size_t succeeded = 0;                                  ///< items that ended well
    std::size_t failed = 0;                                     ///< items that did not, without those never begun
    bool has_trace = false;                                     ///< is there a `trace`?

    /// Is there something left to be done?
    [[nodiscard]] bool can_go_on() const { return state != RunState::running && succeeded < total; }
    /// The job file.
    [[nodiscard]] std::filesystem::path job_file() const { return folder / "job.json"; }
    /// The log (see `JobLog`).
    [[nodiscard]] std::filesystem::path log() const { return folder / "log.jsonl"; }
    /// What happened in it (see `observe::TraceReader`), where its owner has kept that.
    [[nodiscard]] std::filesystem::path trace() const { return folder / "trace.pptrace"; }
    /// The address of the background process that goes on with it, if there is one.
    [[nodiscard]] std::filesystem::path background_address() const { return folder / "background"; }
};

/// Where the runs of this user are kept: `$XDG_STATE_HOME/pprocess/runs`, by default `~/.local/state/pprocess/runs`
/// (XDG Base Directory Specification). It need not exist.
std::filesystem::path history_folder();

/// Every run kept below a folder, the latest first. What is no run is left out. Reads a small file of each.
std::vector<PastRun> past_runs(const std::filesystem::path& history = history_folder());

/// The run in this folder; none when there is no such thing.
std::optional<PastRun> past_run(const std::filesystem::path& folder);

/// Forgets a run with its log. Throws `SystemError`; EBUSY for one that is running or whose results a background
/// process keeps.
void forget_run(const PastRun& run);

/// How much of the history is kept.
struct HistoryLimits {
    std::size_t runs = 100;                       ///< that have ended
    std::uint64_t bytes = std::uint64_t{1} << 30; ///< of files, of those
};

/// Forgets the oldest of the runs that have ended until the rest is within the limits. Those that run, that were broken
/// off or stopped, and those whose results a background process keeps, stay. Returns how many were forgotten.
std::size_t prune_history(const HistoryLimits& limits, const std::filesystem::path& history = history_folder());

/// A run under way, held by whoever runs it. While it exists nobody else can go on with that run; when its owner ends,
/// however, the run can be gone on with.
class RunEntry {
public:
    /// Begins a run of the job in a folder of its own, which it makes. Throws `SystemError`.
    RunEntry(const Job& job, std::size_t total, const std::filesystem::path& history = history_folder());
    /// Goes on with a run. Throws `SystemError`: EBUSY while somebody else runs it.
    explicit RunEntry(const PastRun& run);
    /// Takes the run over, with its lock.
    RunEntry(RunEntry&&) noexcept = default;
    /// The same; a run held before is let go.
    RunEntry& operator=(RunEntry&&) noexcept = default;
    RunEntry(const RunEntry&) = delete;
    RunEntry& operator=(const RunEntry&) = delete;
    ~RunEntry() = default;

    /// What the history says of it.
    [[nodiscard]] const PastRun& run() const noexcept { return run_; }
    /// Notes how it stands at its end. `succeeded` and `failed` are of the whole run. Throws `SystemError`.
    void finish(bool was_stopped, std::size_t succeeded, std::size_t failed);

private:
    void lock();
    void write() const;

    PastRun run_;
    os::Fd lock_;
};

} // namespace pprocess::job
