// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pprocess/channel/channel.h>
#include <pprocess/exchange/work.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/observer.h>

namespace pprocess {

/// How an exchange, a queue or a map runs its tasks. An aggregate: `{.limit = 4, .reuse = true}`.
struct ExchangeOptions {
    /// Most processes at once; unset: no limit (`pmap`: `available_cores()`). Never 0.
    std::optional<std::size_t> limit = std::nullopt;
    /// Keep processes and give them further tasks; their callables must expect that (`MakeReusable`).
    bool reuse = false;
    /// Processes send any number of values. Not together with `reuse`: nothing would tell where the values of one task
    /// end.
    bool continuous = false;
    /// Does `remove` close the channel and reap its process?
    bool autoclose = true;
    /// For each task; after it the process is ended and the task's outcome is `TaskTimedOut`.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// How often a task is started again after `ProcessDied`; never after `RemoteError`.
    unsigned retries = 0;
    /// With `reuse`: a process is replaced after so many tasks; 0: no bound.
    std::size_t max_tasks_per_process = 0;
};

template <typename Function>
class Managed;

/// Watches many channels, runs tasks in processes of its own within a limit, and hands over what they send.
///
/// Derive and override `store_data`, or use `Queue` and `Map`. Everything here happens inside calls on the exchange:
/// nothing runs in between, and a host with an event loop watches `fileno()` and calls `store(0ms)`. Belongs to one
/// thread. Destroyed, it ends what is left; in a process created by it the inherited object does nothing.
class Exchange {
public:
    /// An exchange without channels. Throws `std::invalid_argument` for a limit of 0 and for `reuse` with `continuous`.
    explicit Exchange(ExchangeOptions options = {});
    /// Starts with these channels. A template so that `{.limit = 4}` can only mean options.
    template <std::same_as<std::vector<Channel>> Channels>
    explicit Exchange(Channels channels, ExchangeOptions options = {}) : Exchange(std::move(options)) {
        for (Channel& channel : channels)
            add(std::move(channel));
    }
    /// Moves everything, before or between calls on it; the channels stay where they are.
    Exchange(Exchange&&) noexcept;
    /// Ends what this one still ran, then takes over the other's.
    Exchange& operator=(Exchange&&) noexcept;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange();

    /// Takes a channel over, whatever the limit; the reference is valid until the channel leaves the exchange.
    Channel& add(Channel channel);
    /// The same once there is a free slot, storing what arrives until then.
    Channel& add_wait(Channel channel);

    /// Every channel watched.
    [[nodiscard]] std::vector<Channel*> active();
    /// Waits until something can be received and returns those channels; empty when nothing is left to wait for. A
    /// channel whose `receive` would throw an error not yet delivered counts. The pointers hold until the next call on
    /// the exchange.
    [[nodiscard]] std::vector<Channel*> ready() { return ready_until({}); }
    /// The same for a limited time; 0: what is ready now.
    template <typename Rep, typename Period>
    [[nodiscard]] std::vector<Channel*> ready(std::chrono::duration<Rep, Period> timeout) {
        return ready_until(os::Deadline::after(timeout));
    }

    /// Gives a channel back, closed and its process reaped unless `autoclose` is off. A task under way goes with it: in
    /// a `Queue` or `Map` its outcome is `TaskCancelled`; `store_error` is not called. Throws `std::invalid_argument`
    /// for a channel that is not here.
    Channel remove(Channel& channel);

    /// Would a start have to wait for a free slot?
    [[nodiscard]] bool busy() const;
    /// Is there a task waiting or running, or an added channel that has not ended?
    [[nodiscard]] bool unfinished() const;

    /// Stores what arrives until there is a free slot.
    void wait();
    /// Waits until something is there and stores it.
    void store() { store_until({}); }
    /// The same for a limited time; 0: what is there now.
    template <typename Rep, typename Period>
    void store(std::chrono::duration<Rep, Period> timeout) {
        store_until(os::Deadline::after(timeout));
    }
    /// Stores everything until all tasks and processes have ended.
    void finish();

    /// Runs `fn(channel, args...)` in a process as soon as there is a free slot; never waits. Function and arguments
    /// are copied or moved here. Throws `SystemError` as `pprocess::create` when nothing is running that could make
    /// room; the task is dropped then.
    template <typename Function, typename... Args>
    void start(Function&& fn, Args&&... args) {
        static_assert(std::is_invocable_v<std::decay_t<Function>&, Channel&, detail::wire_t<Args>&&...>,
                      "pprocess: the function must take pprocess::Channel& first and then the given arguments "
                      "(wrap a plain function in MakeParallel or MakeReusable)");
        start_shared(std::make_shared<std::decay_t<Function>>(std::forward<Function>(fn)), std::forward<Args>(args)...);
    }

    /// Makes a process that goes on from here, as `pprocess::create`; engaged only there. Waits for a free slot,
    /// storing what arrives. Throws `std::logic_error` with `reuse`.
    std::optional<Channel> create();

    /// A callable that starts `fn` here with the arguments it is called with. Holds a reference to this exchange.
    template <typename Function>
    [[nodiscard]] Managed<std::decay_t<Function>> manage(Function&& fn);

    /// A descriptor that is readable when `store(0ms)` has something to do; may be watched by poll, epoll or an event
    /// loop.
    [[nodiscard]] int fileno() const noexcept { return epoll_.fd(); }

    /// Ends what runs and drops what waits; each task not yet ended ends as `TaskCancelled`. Returns when the processes
    /// are gone; throws then what an override of `store_error` threw first.
    void cancel();

    /// The options as they were given.
    [[nodiscard]] const ExchangeOptions& options() const noexcept { return options_; }

    /// By which observers know it.
    [[nodiscard]] std::uint64_t id() const noexcept { return id_.value(); }

protected:
    /// What is known of the task that a channel's process works on, or of the one that has just ended.
    struct TaskRecord {
        std::size_t index = 0;           ///< in order of start
        pid_t pid = 0;                   ///< of the process; 0 when none worked on it
        unsigned attempts = 0;           ///< starts so far
        os::Clock::time_point started{}; ///< the last attempt
        /// Is this the last word on the task? False for a value of a continuous process.
        bool last = false;
    };

    /// A process of this exchange at one moment.
    struct ProcessView {
        std::uint64_t id = 0;             ///< never used twice in an exchange
        const Channel* channel = nullptr; ///< valid until the next call on the exchange
        bool working = false;             ///< on the task `index`
        std::size_t index = 0;            ///< of the task begun last
        os::Clock::time_point since{};    ///< of this state
        std::size_t tasks_done = 0;       ///< tasks that this process has ended
    };

    /// Called when a value can be received from `channel`; must receive it. The base throws `std::logic_error`.
    virtual void store_data(Channel& channel);
    /// Called with a task's or channel's error. The base rethrows it.
    virtual void store_error(Channel& channel, std::exception_ptr error);
    /// Called when a process that was to send any number of values has ended well.
    virtual void store_end(Channel& channel);
    /// Called when `remove` has taken a channel out whose task had no outcome yet.
    virtual void store_removed(Channel& channel);

    /// Called when a process has ended and leaves the exchange; `process.channel` knows how it ended.
    virtual void process_left(const ProcessView& process);

    /// Every process now, in no particular order.
    [[nodiscard]] std::vector<ProcessView> processes() const;
    /// Sends a signal to a process by its id; false when it has ended or cannot be reached.
    bool send_signal(std::uint64_t id, int signal);

    /// As `start`, with a function that several tasks share and for which one process can be used again, whatever its
    /// state.
    template <typename Function, typename... Args>
    void start_shared(std::shared_ptr<Function> fn, Args&&... args) {
        submit(std::make_unique<CallableWork<Function, detail::wire_t<Args>...>>(std::move(fn),
                                                                                 std::forward<Args>(args)...));
    }
    template <typename Function>
    friend class Managed;

    /// Adds a task; its index is the number of tasks and channels before it.
    void submit(std::unique_ptr<Work> work);
    /// For use inside `store_data`, `store_error`, `store_end`.
    [[nodiscard]] const TaskRecord& record() const noexcept { return record_; }
    /// How many tasks and channels this exchange has been given.
    [[nodiscard]] std::size_t started() const noexcept { return next_index_; }
    /// Lets reused processes be given tasks ahead of their results: at most `most` in hand at once, or else as many as
    /// take about a millisecond. Without this call each has one.
    void allow_batches(std::optional<std::size_t> most = {}) noexcept {
        batches_allowed_ = true;
        most_in_batch_ = most;
    }
    /// How many tasks have to be submitted ahead for every process to have as many in hand as it may.
    [[nodiscard]] std::size_t wanted_waiting() const;
    /// `store` takes one value and leaves others that have arrived where they are, in turns.
    void store_one_at_a_time() noexcept { one_at_a_time_ = true; }
    /// Like `cancel` without waiting for the processes' ends; those come through `store`.
    void begin_cancel();
    /// Keeps `fileno()` readable whatever else there is, for a derived class with work of its own to go on with.
    void keep_readable(bool readable);
    /// Lets idle processes go; they end by themselves.
    void dismiss_idle();
    /// Is any process left, working, idle or ending?
    [[nodiscard]] bool has_processes() const noexcept { return !members_.empty(); }
    /// Tells observers how many tasks there will be in all, for whoever submits them little by little.
    void announce_tasks(std::size_t total) const noexcept;
    /// Tells observers that a task will not be submitted after all: that with the index `task`.
    void announce_cancelled(std::size_t task) const noexcept;
    /// For use inside `store_data`: the value received says that the task failed, as a command's exit status does.
    /// Observers are told so.
    void call_it_failed(const std::string& text);
    /// How many tasks wait for a process.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

private:
    struct Task {
        std::size_t index = 0;
        unsigned attempts = 0;
        os::Clock::time_point started{};
        std::unique_ptr<Work> work;
        bool ended = false; ///< its outcome has been handed over
    };

    /// A channel watched, with its process and what that has to do.
    struct Member {
        std::uint64_t id = 0;
        Channel channel;
        std::deque<Task> tasks; ///< handed over and without outcome, in order; for a process made by `add` or `create`
                                ///< one without work
        Work::Key key;
        bool reusable = false;
        bool dismissed = false; ///< asked to end, or no longer wanted
        bool abandoned = false; ///< being ended by force: timed out or cancelled
        bool got_value = false; ///< of the present task or of a process that is not reused
        bool broken = false;    ///< what it sent could not be made sense of, which has been handed over
        bool failed = false;    ///< its task's error has been handed over
        bool is_ready = false;
        bool told_ready = false;   ///< to observers, since the last message was received
        bool told_outcome = false; ///< to observers, of what is being received now
        bool end_delivered = false;
        std::size_t tasks_done = 0;
        std::size_t index = 0; ///< of the task begun last
        unsigned attempts = 0; ///< of that task
        os::Clock::time_point started{};
        os::Clock::time_point since{}; ///< of working or idling
        std::uint64_t messages_seen = 0;
        bool wants_output = false;
        int watched_socket = -1;
        int watched_process = -1;
        os::Deadline deadline; ///< of the present task, or for killing what was asked to end
    };

    /// Between asking a process to end and killing it.
    static constexpr std::chrono::milliseconds grace{200};
    /// Is this errno one that may pass when something ends?
    static bool is_shortage(int error) noexcept;

    void look_until(os::Deadline deadline);
    std::vector<Channel*> ready_until(os::Deadline deadline);
    void store_until(os::Deadline deadline);

    Member& adopt(Channel channel, Task& task);
    Member& new_member(Channel channel);
    Member* find(std::uint64_t id);
    [[nodiscard]] ProcessView view(const Member& member) const;
    Member& member_of(const Channel& channel);
    void watch(Member& member);
    void stop_watching_socket(Member& member);
    void stop_watching_process(Member& member);

    /// Learns what there is to learn of a member and marks it ready, or lets it go.
    void examine(Member& member);
    /// Takes note of messages received from a member's channel, by whomever.
    void settle(Member& member);
    void send_pending(Member& member);
    void handle_end(Member& member);
    bool let_ended_go();
    void deliver(Member& member);
    void deliver_error(Member& member);
    void finish_task(Member& member);
    void retire(Member& member);
    void end_processes() noexcept;
    [[nodiscard]] bool awaits_outcome(const Member& member) const;
    [[nodiscard]] bool is_idle(const Member& member) const;
    void mark_ready(Member& member);
    void unmark_ready(Member& member);
    void update_flag();
    void set_record(const Member& member, bool last);

    void give_up(Member& member);
    void abandon(Member& member, std::exception_ptr error);
    void dismiss(Member& member);
    void say_no_more(Member& member);
    void cancel_task(Channel& channel, const Task& task, pid_t pid);
    void requeue(Member& member);
    void take_back(Member& member);
    [[nodiscard]] bool has_begun(const Member& member) const;
    [[nodiscard]] bool can_wait_for_room(const Member& member) const;

    void schedule();
    bool launch_next();
    bool hand_out_ahead();
    bool hand_over_next(Member& member);
    void fail_task(Task task, std::exception_ptr error);
    void make_room();
    void await_room();
    [[nodiscard]] Member* idle_for(const Work::Key& key);
    [[nodiscard]] std::size_t depth() const;
    [[nodiscard]] std::size_t depth_by_time() const;
    [[nodiscard]] bool has_free_slot() const;

    // What observers are told (exchange_events.cpp); nothing when there are none.
    void tell_begun() const noexcept;
    void tell_ended() const noexcept;
    void tell_channel(EventKind kind, const Member& member, Readiness readiness = Readiness::something) const noexcept;
    void tell_queued(const Task& task, EventKind kind = EventKind::task_queued) const noexcept;
    void tell_given(const Member& member, const Task& task, bool with_arguments) const noexcept;
    void tell_interrupted(EventKind kind, std::size_t task, const Channel& channel) const noexcept;
    void tell_finished(TaskOutcome outcome, const std::exception_ptr& error) const noexcept;
    void tell_value_taken(const Channel& channel) noexcept;
    void tell_received_by_hand(const Member& member, bool was_end) const noexcept;

    void begin_task(Member& member);
    void set_deadline(Member& member, os::Deadline deadline);
    void set_timer();
    void check_deadlines();

    os::Identity id_;
    ExchangeOptions options_;
    os::Epoll epoll_;
    os::Flag work_in_memory_; ///< raised while a member has a message that epoll does not know of
    os::Timer timer_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Member>> members_;
    std::deque<std::uint64_t> ready_;
    std::set<std::uint64_t> idle_;
    std::set<std::pair<os::Clock::time_point, std::uint64_t>> deadlines_;
    std::deque<Task> waiting_;
    std::uint64_t next_id_ = 2;
    std::size_t next_index_ = 0;
    os::Deadline launch_again_; ///< set: for want of something nothing is launched until then, or until an end here
    bool kept_readable_ = false;
    bool batches_allowed_ = false;
    std::optional<std::size_t> most_in_batch_;
    bool one_at_a_time_ = false;
    double task_seconds_ = 0; ///< smoothed time from one result of a reused process to the next
    TaskRecord record_;
    std::exception_ptr verdict_; ///< on the value that is being stored, for observers
    unsigned generation_ = 0;
};

/// A function bound to an exchange: calling it starts the function there.
template <typename Function>
class Managed {
public:
    /// Made by `Exchange::manage`.
    Managed(Exchange& exchange, Function function)
        : exchange_(&exchange),
          function_(std::make_shared<Function>(std::move(function))) {}

    /// As `Exchange::start` with the bound function.
    template <typename... Args>
    void operator()(Args&&... args) const {
        static_assert(std::is_invocable_v<Function&, Channel&, detail::wire_t<Args>&&...>,
                      "pprocess: the managed function must take pprocess::Channel& first and then the given arguments");
        exchange_->start_shared(function_, std::forward<Args>(args)...);
    }

private:
    Exchange* exchange_;
    std::shared_ptr<Function> function_;
};

template <typename Function>
Managed<std::decay_t<Function>> Exchange::manage(Function&& fn) {
    return {*this, std::forward<Function>(fn)};
}

} // namespace pprocess
