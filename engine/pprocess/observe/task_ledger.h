// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include <pprocess/observe/snapshot.h>

namespace pprocess::observe {

/// All that is known of one attempt at a task, once it is over. Times in nanoseconds of the monotonic clock; 0: that
/// did not happen, or nobody told.
struct TaskRecord {
    std::uint64_t exchange = 0; ///< id of its exchange
    std::uint64_t task = 0;     ///< index in its exchange
    std::int32_t process = 0;   ///< pid of the process that had it; 0: none
    std::uint64_t channel = 0;  ///< id of the channel to that process; 0: none
    std::uint64_t ordinal = 0;  ///< which task of that process, from 0
    unsigned attempts = 0;      ///< starts so far, this one included
    bool is_last = true;        ///< false: its process died, and the task is tried again
    bool has_timed_out = false; ///< its process was ended for that

    std::int64_t queued = 0;    ///< it began to wait for a process
    std::int64_t sent = 0;      ///< it was given to one
    std::int64_t received = 0;  ///< its arguments had come there
    std::int64_t started = 0;   ///< its function began
    std::int64_t returned = 0;  ///< its function ended
    std::int64_t answered = 0;  ///< its result was given to the channel
    std::int64_t collected = 0; ///< its result was received
    std::int64_t finished = 0;  ///< its outcome was settled

    TaskOutcome outcome = TaskOutcome::value; ///< meaningless unless `is_last`
    std::string error;                        ///< what it failed with, in words
    Content input;                            ///< what it was given; may be empty
    std::string command;                      ///< what it ran, when that is a command
    std::uint64_t bytes_in = 0;               ///< of the message with its arguments; 0: they went by fork
    std::uint64_t bytes_out = 0;              ///< of the message with its result
    ProcessEnd end = ProcessEnd::unknown;     ///< how its process had ended by then; `unknown` also when it had not
    std::int32_t end_value = 0;               ///< its exit code or signal
};

/// Joins what an exchange and its processes tell of each task. No clock, no input, no output.
///
/// Memory: about 200 bytes for a task that a process has, 8 for one that waits; nothing for one that is over.
class TaskLedger {
public:
    /// Takes an event in. What comes back is an attempt that it ended, valid until the next call; null: it ended none.
    const TaskRecord* apply(const Event& event, std::span<const std::byte> payload = {});

    /// Tasks that wait for a process.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
    /// Tasks that a process has.
    [[nodiscard]] std::size_t given() const noexcept { return given_.size(); }

    /// Calls `use(record)` for each task that a process has: what is known so far.
    template <typename Use>
    void each_given(Use&& use) const {
        for (const auto& [name, record] : given_)
            use(joined(record));
    }

private:
    using Name = std::pair<std::uint64_t, std::uint64_t>;

    /// What the process said that has the task.
    struct Work {
        std::int64_t received = 0;
        std::int64_t started = 0;
        std::int64_t returned = 0;
        std::int64_t answered = 0;
        std::string command;
    };
    /// What is known of one channel.
    struct Link {
        std::map<std::uint64_t, Work> works; ///< by ordinal
        std::uint64_t latest = 0;            ///< the ordinal that began last
        std::int64_t received = 0;           ///< the message that came last, by the created process
        Name lacks_input{0, Event::unknown};
        std::int64_t collected = 0; ///< the message that came last, by the creator
        std::uint64_t collected_size = 0;
        ProcessEnd end = ProcessEnd::unknown;
        std::int32_t end_value = 0;
    };
    /// When tasks of an exchange began to wait. Mostly they do so in the order of their indices.
    struct Queue {
        std::uint64_t first = 0;
        std::deque<std::int64_t> times; ///< of `first` and those that follow; 0: it does not wait
        std::map<std::uint64_t, std::int64_t> others;
    };

    void wait(const Event& event);
    std::int64_t take_waiting(const Event& event);
    void give(const Event& event, std::span<const std::byte> payload);
    void work(const Event& event, std::span<const std::byte> payload);
    void message(const Event& event, std::span<const std::byte> payload);
    const TaskRecord* end_attempt(const Event& event, std::span<const std::byte> payload);
    [[nodiscard]] TaskRecord joined(const TaskRecord& record) const;
    void forget(std::uint64_t channel);

    std::map<Name, TaskRecord> given_;
    std::unordered_map<std::uint64_t, Link> links_;
    std::unordered_map<std::uint64_t, Queue> queues_;
    std::deque<std::uint64_t> ended_links_;
    std::size_t waiting_ = 0;
    TaskRecord over_;
};

} // namespace pprocess::observe
