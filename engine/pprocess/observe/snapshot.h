// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pprocess/os/observer.h>

/// What events say, put together. No clock, no input, no output: the same events give the same values, live or read
/// from a file.
namespace pprocess::observe {

/// What a process is at.
enum class ProcessState : std::uint8_t {
    starting,  ///< created, and nothing heard of it yet
    idle,      ///< it waits for a task, or for what it is to receive
    receiving, ///< a value has come and is being decoded
    running,   ///< its function runs
    sending,   ///< its function has returned; the result is being encoded and sent
    waiting,   ///< for space in its channel, which nobody empties
    stopped,   ///< by a signal
    succeeded, ///< ended with status 0
    failed,    ///< ended in another way
};
/// "starting", "idle", …
const char* to_string(ProcessState state);
/// Has it ended?
constexpr bool has_ended(ProcessState state) {
    return state >= ProcessState::succeeded;
}

/// "value", "error", "died", "timed out", "cancelled".
const char* to_string(TaskOutcome outcome);
/// As it is spelled in `EventKind`.
const char* to_string(EventKind kind);

/// What went one way over a channel, as the end said that sent or received it.
struct Flow {
    std::uint64_t messages_sent = 0;     ///< by its sender
    std::uint64_t bytes_sent = 0;        ///< by its sender, frames and all
    std::uint64_t messages_received = 0; ///< by its receiver
    std::uint64_t bytes_received = 0;    ///< by its receiver
    std::int64_t last = 0;               ///< when the latest of all these was told, ns; 0: never

    /// Messages on their way: sent and not received. 0 when the sender does not tell.
    [[nodiscard]] std::uint64_t messages_waiting() const {
        return messages_sent > messages_received ? messages_sent - messages_received : 0;
    }
    /// The same in bytes.
    [[nodiscard]] std::uint64_t bytes_waiting() const {
        return bytes_sent > bytes_received ? bytes_sent - bytes_received : 0;
    }
};

/// Text, or the body of a frame that is turned into text when somebody wants to read it.
struct Content {
    std::string bytes;    ///< as they came
    bool is_body = false; ///< else UTF-8

    /// On one line of at most `limit` characters.
    [[nodiscard]] std::string text(std::size_t limit = 80) const;
};

/// A task that is being worked on.
struct TaskInfo {
    std::uint64_t exchange = 0; ///< id of its exchange
    std::uint64_t index = 0;    ///< in its exchange
    std::uint64_t process = 0;  ///< key of the process that has it; 0: not known yet
    std::uint64_t channel = 0;  ///< id of the one it was sent over
    unsigned attempts = 0;      ///< starts so far
    std::int64_t sent = 0;      ///< to its process, ns
    std::int64_t started = 0;   ///< by its process, ns; 0: not yet, or the process does not say
    std::int64_t returned = 0;  ///< ns; 0: not yet
    Content input;              ///< what it was given; may be empty
    std::uint64_t ordinal = 0;  ///< which task of its process, from 0
};

/// A process, living or ended. Pids are used again, keys are not.
struct ProcessInfo {
    std::uint64_t key = 0;    ///< unique in a snapshot, from 1, in the order of appearance
    std::int32_t pid = 0;     ///< as the system numbers it
    std::uint64_t parent = 0; ///< key of its creator; 0: not known
    std::string purpose;      ///< "function", "commands", "task", "fork server", "background", or the program's command
    bool is_program = false;  ///< the one that is watched, with which all began
    std::uint64_t channel = 0;                   ///< id of the one to its creator; 0: none
    std::uint64_t exchange = 0;                  ///< id of the one it works for; 0: none
    ProcessState state = ProcessState::starting; ///< what it is at
    std::int64_t since = 0;                      ///< of this state, ns
    std::int64_t created = 0;                    ///< when it was first heard of, ns
    std::int64_t ended = 0;                      ///< ns; 0: it lives
    std::string ending;                          ///< how it ended, in words
    std::uint64_t task = Event::unknown;         ///< index of its present or last task
    Content input;                               ///< of that task
    std::uint64_t tasks_done = 0;                ///< tasks of its that have ended
    std::uint64_t tasks_failed = 0;              ///< of these, not with a value
    std::uint64_t messages_in = 0;               ///< to this process, as its creator says
    std::uint64_t messages_out = 0;              ///< from this process, as its creator says
    std::uint64_t bytes_in = 0;                  ///< to this process, as its creator says
    std::uint64_t bytes_out = 0;                 ///< from this process, as its creator says
    std::int64_t busy = 0;                       ///< ns spent with tasks that have returned

    // The latest sample; meaningless when `sampled` is 0.
    std::int64_t sampled = 0;                   ///< when, ns
    std::uint64_t cpu = 0;                      ///< time used so far, ns
    double cpu_share = 0;                       ///< of one core, between the last two samples
    std::uint64_t memory = 0;                   ///< resident, bytes
    std::int32_t threads = 0;                   ///< their number
    std::uint64_t descriptors = Event::unknown; ///< open files; `unknown`: not to be learned
};

/// A channel between two processes.
struct ChannelInfo {
    std::uint64_t id = 0;       ///< as in events
    std::uint64_t process = 0;  ///< key of the created process at its far end; 0: not known
    std::uint64_t exchange = 0; ///< id of the exchange it is in; 0: none
    Flow to_process;            ///< from the creator to the created
    Flow from_process;          ///< the other way
    bool ready = false;         ///< something can be received by its exchange
    bool creator_waits = false; ///< for space
    bool created_waits = false; ///< for space
    bool is_open = true;        ///< false once it has left its exchange or its process has ended
};

/// An exchange, queue or map.
struct ExchangeInfo {
    std::uint64_t id = 0;                    ///< as in events
    std::uint64_t owner = 0;                 ///< key of its process; 0: not known
    std::uint64_t limit = 0;                 ///< slots; 0: no limit
    bool reuses = false;                     ///< processes are used again
    bool is_continuous = false;              ///< processes send any number of values
    std::int64_t created = 0;                ///< ns
    std::int64_t ended = 0;                  ///< ns; 0: it lives
    std::uint64_t expected = 0;              ///< tasks announced in all; 0: nobody said
    std::uint64_t queued = 0;                ///< tasks that wait for a process
    std::uint64_t running = 0;               ///< tasks given to a process and not finished
    std::uint64_t retried = 0;               ///< attempts that were followed by another
    std::array<std::uint64_t, 5> finished{}; ///< by `TaskOutcome`
    std::vector<std::uint64_t> members;      ///< keys of the processes in it, in the order of their coming

    /// How many tasks have ended.
    [[nodiscard]] std::uint64_t finished_in_all() const;
    /// How many tasks are known or announced.
    [[nodiscard]] std::uint64_t total() const;
};

/// The state of a program at one moment, put together from events in their order. A value: copies are independent.
///
/// It bears with events that are missing or come a little late: a process that was never announced appears with its
/// first event.
class Snapshot {
public:
    /// Takes one event in. `payload` as `Observer::observe` gets it.
    void apply(const Event& event, std::span<const std::byte> payload = {});

    /// Every process, living or ended, by key. At most `most_ended` ended ones are kept, the latest.
    [[nodiscard]] const std::map<std::uint64_t, ProcessInfo>& processes() const noexcept { return processes_; }
    /// Every channel of a kept process, and those without one, by id.
    [[nodiscard]] const std::map<std::uint64_t, ChannelInfo>& channels() const noexcept { return channels_; }
    /// Every exchange, by id.
    [[nodiscard]] const std::map<std::uint64_t, ExchangeInfo>& exchanges() const noexcept { return exchanges_; }
    /// Tasks given to a process and not finished, by exchange and index.
    [[nodiscard]] const std::map<std::pair<std::uint64_t, std::uint64_t>, TaskInfo>& running_tasks() const noexcept {
        return running_;
    }

    /// The living process with this pid, or the last that had it; null when there was none.
    [[nodiscard]] const ProcessInfo* process_of_pid(std::int32_t pid) const;
    /// Null when there is none.
    [[nodiscard]] const ProcessInfo* process(std::uint64_t key) const;
    /// The running task of a process; null when it has none or does not say.
    [[nodiscard]] const TaskInfo* task_of(const ProcessInfo& process) const;

    /// Tasks finished in all exchanges, by `TaskOutcome`.
    [[nodiscard]] const std::array<std::uint64_t, 5>& finished() const noexcept { return finished_; }
    /// The process whose state the last `apply` has changed, by key; 0: none.
    [[nodiscard]] std::uint64_t changed() const noexcept { return changed_; }
    /// Events taken in.
    [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
    /// Events that are known to be missing.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }
    /// Ended processes that are no longer kept.
    [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }
    /// The time of the first event, ns; 0 before.
    [[nodiscard]] std::int64_t begin() const noexcept { return begin_; }
    /// The latest time of an event, ns.
    [[nodiscard]] std::int64_t end() const noexcept { return end_; }

    /// So many ended processes are kept.
    static constexpr std::size_t most_ended = 10'000;

    /// All of it as a plain value, which can be sent and stored.
    struct Parts {
        std::vector<ProcessInfo> processes;                       ///< see `Snapshot::processes`
        std::vector<ChannelInfo> channels;                        ///< see `Snapshot::channels`
        std::vector<ExchangeInfo> exchanges;                      ///< see `Snapshot::exchanges`
        std::vector<TaskInfo> running;                            ///< see `Snapshot::running_tasks`
        std::vector<std::pair<std::int32_t, std::uint64_t>> pids; ///< which key each pid has now
        std::vector<std::uint64_t> ended;                         ///< keys of ended processes, in that order
        std::array<std::uint64_t, 5> finished{};                  ///< see `Snapshot::finished`
        std::uint64_t next_key = 1;                               ///< of the next process
        std::uint64_t events = 0;                                 ///< see `Snapshot::events`
        std::uint64_t dropped = 0;                                ///< see `Snapshot::dropped`
        std::uint64_t forgotten = 0;                              ///< see `Snapshot::forgotten`
        std::int64_t begin = 0;                                   ///< see `Snapshot::begin`
        std::int64_t end = 0;                                     ///< see `Snapshot::end`
    };
    /// What `restore` makes an equal snapshot of: what a late observer is given first.
    [[nodiscard]] Parts save() const;
    /// The snapshot that was saved.
    static Snapshot restore(Parts parts);

private:
    /// The process that has this pid or had it last.
    ProcessInfo& known(std::int32_t pid, std::int64_t time);
    ProcessInfo* living(std::int32_t pid);
    ProcessInfo& appear(std::int32_t pid, std::int64_t time);
    ChannelInfo& channel(std::uint64_t id);
    ExchangeInfo& exchange(std::uint64_t id, std::int64_t time);
    void set_state(ProcessInfo& process, ProcessState state, std::int64_t time);
    void apply_process(const Event& event, std::span<const std::byte> payload);
    void apply_sample(const Event& event);
    void apply_exchange(const Event& event);
    void apply_task(const Event& event, std::span<const std::byte> payload);
    void apply_work(const Event& event, std::span<const std::byte> payload);
    void apply_message(const Event& event, std::span<const std::byte> payload);
    void join(ChannelInfo& link, ProcessInfo& process);
    void take_up(ProcessInfo& process, const TaskInfo& task);
    void end_process(ProcessInfo& process, std::int64_t time);
    void end_exchange(ExchangeInfo& exchange, std::int64_t time);
    TaskInfo* given(std::uint64_t channel, std::uint64_t ordinal);
    void leave_slot(std::uint64_t exchange, std::uint64_t process);

    std::map<std::uint64_t, ProcessInfo> processes_;
    std::map<std::uint64_t, ChannelInfo> channels_;
    std::map<std::uint64_t, ExchangeInfo> exchanges_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, TaskInfo> running_;
    /// A running task by the channel that it was given over; what is in it is in `running_`.
    struct Given {
        std::uint64_t ordinal = 0;
        std::uint64_t exchange = 0;
        std::uint64_t index = 0;
    };
    std::unordered_map<std::uint64_t, std::vector<Given>> given_;
    std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> owned_; ///< exchanges, by the key of their process
    std::unordered_map<std::int32_t, std::uint64_t> by_pid_;
    std::deque<std::uint64_t> ended_;
    std::unordered_map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> lacks_input_; ///< task, by channel
    std::array<std::uint64_t, 5> finished_{};
    std::uint64_t next_key_ = 1;
    std::uint64_t changed_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t dropped_ = 0;
    std::uint64_t forgotten_ = 0;
    std::int64_t begin_ = 0;
    std::int64_t end_ = 0;
};

/// What comes with an event, on one line of at most `limit` characters: text as it is, a frame's body as its preview.
std::string text_of(const Event& event, std::span<const std::byte> payload, std::size_t limit = 80);

} // namespace pprocess::observe
