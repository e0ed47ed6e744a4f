// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pprocess/job/item_source.h>
#include <pprocess/job/job.h>
#include <pprocess/job/job_log.h>
#include <pprocess/job/plan.h>
#include <pprocess/launch/fork_server.h>
#include <pprocess/launch/program.h>
#include <pprocess/message/any_value.h>
#include <pprocess/os/process.h>

namespace pprocess::job {

/// How one item of a job ended.
enum class Outcome {
    succeeded,   ///< the program exited with status 0
    failed,      ///< it exited with another status
    killed,      ///< it, or the worker that ran it, was killed by a signal
    not_started, ///< it could not be started at all
    worker_lost, ///< the worker ended in another way before it could answer, or answered what it should not
    timed_out,   ///< a step took longer than the job allows, and was ended
    cancelled,   ///< the job was stopped first
};

/// The outcome's name as it is written to files: "succeeded", "failed", "killed", "not_started", "worker_lost",
/// "timed_out", "cancelled".
const char* to_string(Outcome outcome);

/// The result of one item. A value.
struct ItemResult {
    std::size_t index = 0;                ///< its number in the whole job, from 0
    std::string input;                    ///< the item's text
    Outcome outcome = Outcome::cancelled; ///< how it ended
    std::string detail;                   ///< "ok", "exit status 1", "killed by signal 9", "stopped before it ran", …
    pid_t worker = 0;                     ///< the worker process; 0 when the item never reached one
    unsigned attempts = 0;                ///< starts of the first step; 0 when it was cancelled before
    std::size_t step = 0;                 ///< the step that ended it, from 0
    std::chrono::nanoseconds duration{};  ///< of all steps of the last attempt
    ProgramResult program;                ///< of the last command; empty when the worker could not answer, but for
                                          ///< what lines had come before
    std::optional<AnyValue> value;        ///< what a function as last step gave

    /// Was the item ended by a command that exited by itself? Then its exit status means something; a function has
    /// none.
    [[nodiscard]] bool has_exit_status() const {
        return !value && (outcome == Outcome::succeeded || (outcome == Outcome::failed && program.exit_code != 0));
    }
};

/// Lines that the last step of an item has written while it runs, of a job whose pattern is continuous. A value.
struct ItemOutput {
    std::size_t index = 0; ///< the item's number in the whole job, from 0
    std::string input;     ///< its text
    unsigned attempt = 1;  ///< when the item is begun again its output begins again
    std::string lines;     ///< whole lines, with their ends
};

/// A worker process at one moment. A value.
struct WorkerSnapshot {
    /// What a worker is at.
    enum class State { starting, idle, running, ended };
    std::uint64_t id = 0;                          ///< never used twice within a job, unlike a pid
    pid_t pid = 0;                                 ///< 0 while starting
    State state = State::starting;                 ///< what it is at
    std::size_t item = 0;                          ///< the number of the input worked on last; meaningful while running
    std::string input;                             ///< its text
    std::chrono::steady_clock::time_point since{}; ///< of this state
    std::uint64_t items_done = 0;                  ///< items that it has ended
    std::uint64_t messages_in = 0;                 ///< from the worker
    std::uint64_t messages_out = 0;                ///< to the worker
    std::uint64_t bytes_in = 0;                    ///< from the worker
    std::uint64_t bytes_out = 0;                   ///< to the worker
    std::string ended;                             ///< how it ended, in words; empty before
};

/// Counts of a job's items; they always add up to `total`.
struct Progress {
    std::size_t total = 0;      ///< items of the job, as far as they are known
    bool is_total_known = true; ///< false while there may be more to be read
    std::size_t waiting = 0;    ///< not yet begun
    std::size_t running = 0;    ///< under way
    std::size_t succeeded = 0;  ///< ended well
    std::size_t failed = 0;     ///< every ended item that neither succeeded nor was cancelled
    std::size_t cancelled = 0;  ///< stopped, or dropped before they began
    /// How many have their result.
    [[nodiscard]] std::size_t ended() const { return succeeded + failed + cancelled; }
    /// Has every item its result?
    [[nodiscard]] bool finished() const { return is_total_known && ended() == total; }
};

/// Runs a job's steps over its inputs in worker processes of a fork server, never waiting: the owner watches `fileno()`
/// (and `items_fileno()`) and calls `step()` when it is readable. Each input ends in exactly one `ItemResult`.
///
/// Belongs to one thread. Destroying it ends what still runs.
class Runner {
public:
    /// Called from within `start()`, `step()` and `stop()`, once for each item, in the pattern's order (map: as the
    /// items came, all others: by arrival).
    using OnResult = std::function<void(ItemResult)>;
    /// Called from within `step()` with what is written by the items under way, each line once and before the item's
    /// result, which holds it again.
    using OnOutput = std::function<void(ItemOutput)>;

    /// `server` must outlive the runner; its processes have the job's surroundings (see `surroundings_of`). The
    /// columns of `items` are those that `plan` was made for. `log` gets a line for each item that ends; none: empty.
    Runner(ForkServer& server, Plan plan, std::unique_ptr<ItemSource> items, OnResult on_result,
           std::unique_ptr<JobLog> log = {});
    /// For a job of commands only, over these inputs. Throws `JobError` as `Plan`.
    Runner(ForkServer& server, const Job& job, std::vector<std::string> inputs, OnResult on_result);
    /// Ends what still runs.
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    /// Whom to tell of lines as they are written; before `start`. Only for a job whose pattern is continuous.
    void listen(OnOutput on_output);

    /// Starts the first workers. Never blocks. Throws as `step`.
    void start();

    /// Readable when `step` has something to do.
    [[nodiscard]] int fileno() const;

    /// Readable when `step` could take another item that was not there before; -1 while the runner wants none.
    [[nodiscard]] int items_fileno() const;

    /// Does what there is to do now, for about `budget` at most, and returns without waiting. Whoever wants to wait
    /// polls `fileno()`. Throws `SystemError` when workers cannot be made or the log cannot be written, `JobError` when
    /// items cannot be read; the job has been stopped then.
    void step(std::chrono::milliseconds budget = std::chrono::milliseconds(5));

    /// Ends what runs and drops what waits: each such item ends as cancelled. Returns at once; the workers' ends, and
    /// the results of items that had not begun, arrive through `step`.
    void stop();

    /// Sends a signal to one worker (by snapshot id), or to the command it runs with it. False when it has ended.
    bool signal_worker(std::uint64_t id, int signal);

    /// The id by which events name the exchange of this run; see `items_of_tasks`.
    [[nodiscard]] std::uint64_t id() const noexcept;
    /// The number of the item of each task of that exchange, in order: an item has a task for each step and attempt.
    [[nodiscard]] const std::vector<std::size_t>& items_of_tasks() const noexcept;
    /// The same for whoever keeps it when the runner goes, which must not be used after that.
    [[nodiscard]] std::vector<std::size_t> take_items_of_tasks();
    /// The counts now.
    [[nodiscard]] Progress progress() const;
    /// All items ended and all workers reaped.
    [[nodiscard]] bool finished() const;
    /// The job as it was given.
    [[nodiscard]] const Job& job() const;
    /// Every worker that lives, and those that ended since the last call (each once more, as ended).
    [[nodiscard]] std::vector<WorkerSnapshot> workers();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace pprocess::job
