// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <pprocess/os/observer.h>

/// What events add up to over time: rates, durations and what the slots of exchanges were used for. No clock, no input,
/// no output: the same events give the same values.
namespace pprocess::observe {

/// How often durations of each size occurred. Buckets grow with the duration, eight for each doubling: what is read
/// from them is at most an eighth too large or too small; the count, the mean, the least and the most are exact. At
/// most 4 KiB.
class Distribution {
public:
    /// One more. In ns; negative counts as 0.
    void add(std::int64_t duration);

    /// How many.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// All together, ns.
    [[nodiscard]] std::int64_t sum() const noexcept { return sum_; }
    /// The shortest, ns; 0 when there is none.
    [[nodiscard]] std::int64_t least() const noexcept { return count_ == 0 ? 0 : least_; }
    /// The longest, ns; 0 when there is none.
    [[nodiscard]] std::int64_t most() const noexcept { return most_; }
    /// In ns; 0 when there is none.
    [[nodiscard]] double mean() const noexcept;
    /// So long did this share of all take at most, ns: 0.5 is the median. 0 when there is none.
    [[nodiscard]] std::int64_t quantile(double share) const noexcept;

    /// How many in each bucket; those after the last are empty.
    [[nodiscard]] const std::vector<std::uint64_t>& buckets() const noexcept { return buckets_; }
    /// In which bucket a duration is.
    static std::size_t bucket_of(std::int64_t duration) noexcept;
    /// The shortest duration in a bucket, ns.
    static std::int64_t begin_of(std::size_t bucket) noexcept;

private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    std::int64_t sum_ = 0;
    std::int64_t least_ = 0;
    std::int64_t most_ = 0;
};

/// The stages of a task.
enum class TaskStage : std::uint8_t {
    queued,     ///< until it was given to its process, for the last time if there were several attempts
    to_process, ///< from there until its function began: the way, decoding, and tasks given to the process before it
    running,    ///< its function; until its end was known, when it did not return
    returning,  ///< from its function's return until its exchange had stored the result
};
/// How many stages there are.
inline constexpr std::size_t task_stages = 4;
/// "queued", "to its process", "running", "returning".
const char* to_string(TaskStage stage);

/// A task that has ended.
struct TaskTimes {
    /// Of a stage that the task did not have, or of which nothing is known.
    static constexpr std::int64_t unknown = -1;

    std::int64_t finished = 0;                      ///< when, ns
    std::uint64_t exchange = 0;                     ///< its id
    std::uint64_t task = 0;                         ///< its index there
    std::array<std::int64_t, task_stages> stages{}; ///< how long each took, ns
    std::uint32_t attempts = 0;                     ///< how often it was given to a process
    TaskOutcome outcome{};                          ///< how it ended
};

/// How long tasks took in each stage, and how they ended.
struct StageTimes {
    std::array<Distribution, task_stages> stages; ///< by `TaskStage`
    std::array<std::uint64_t, 5> outcomes{};      ///< by `TaskOutcome`

    /// One more task.
    void add(const TaskTimes& task);
    /// How many tasks ended.
    [[nodiscard]] std::uint64_t count() const;
    /// Of one stage.
    [[nodiscard]] const Distribution& of(TaskStage stage) const { return stages[static_cast<std::size_t>(stage)]; }
};

/// What a slot of an exchange is used for: a place for one process.
enum class SlotUse : std::uint8_t {
    running,      ///< the function of a task runs
    handing_over, ///< a task is on its way to the process, or its result is being encoded
    uncollected,  ///< the process waits with a result that its exchange has not taken
    blocked,      ///< the process waits for space in its channel, which nobody empties
    unfilled,     ///< it has no task, although tasks wait
    starved,      ///< it has no task, and none waits
};
/// How many uses there are.
inline constexpr std::size_t slot_uses = 6;
/// "running", "handing over", …
const char* to_string(SlotUse use);

/// What happened in a stretch of time.
struct Step {
    std::uint64_t finished = 0;                 ///< tasks that ended
    std::uint64_t failed = 0;                   ///< of these, not with a value
    std::uint64_t retried = 0;                  ///< attempts that were followed by another
    std::uint64_t messages = 0;                 ///< sent or received by the creators of processes
    std::uint64_t bytes = 0;                    ///< in these, frames and all
    std::uint64_t arrived = 0;                  ///< tasks that were queued for the first time
    std::uint64_t most_queued = 0;              ///< the most tasks that waited at one moment
    std::array<std::int64_t, slot_uses> uses{}; ///< how long slots were used, ns; several at once add up
    std::int64_t queued = 0;                    ///< how long tasks waited, ns, likewise
    std::int64_t cpu = 0;                       ///< CPU time of created processes, ns, as far as there are samples

    /// Both together.
    Step& operator+=(const Step& other);
    /// Time of all slots, ns.
    [[nodiscard]] std::int64_t slot_time() const;
    /// Which part of the slots' time went into this; 0 when there were none.
    [[nodiscard]] double share(SlotUse use) const;
};

/// Steps of equal length one after another. When there are too many, they become twice as long.
class Series {
public:
    /// Of so many steps at most.
    explicit Series(std::size_t most) : most_(most) {}

    /// When the first step begins, ns.
    [[nodiscard]] std::int64_t begin() const noexcept { return begin_; }
    /// Length of a step, ns.
    [[nodiscard]] std::int64_t width() const noexcept { return width_; }
    /// In order of time; no two gaps between them.
    [[nodiscard]] const std::vector<Step>& steps() const noexcept { return steps_; }
    /// All that happened in this stretch of time; steps that lie in it partly count in that proportion.
    [[nodiscard]] Step sum(std::int64_t from, std::int64_t to) const;

    /// The step of a moment, which is made if need be.
    Step& at(std::int64_t time);
    /// Calls `add(step, nanoseconds)` for each step that the stretch touches.
    template <typename Add>
    void spread(std::int64_t from, std::int64_t to, Add&& add) {
        while (from < to) {
            Step& step = at(from);
            const std::int64_t end =
                std::min(to, begin_ + width_ * (static_cast<std::int64_t>((from - begin_) / width_) + 1));
            add(step, std::max<std::int64_t>(end - from, 0));
            from = std::max(end, from + 1);
        }
    }

    /// The first length of a step, ns.
    static constexpr std::int64_t shortest = 100'000;

private:
    void coarsen();

    std::size_t most_;
    std::int64_t begin_ = 0;
    std::int64_t width_ = shortest;
    std::vector<Step> steps_;
};

/// What limits a job.
enum class Limit : std::uint8_t {
    unknown,        ///< too little has happened to say
    failing,        ///< tasks fail or die
    slow_collector, ///< results wait to be taken
    skew,           ///< a few long tasks at the end, while slots are idle
    slow_inputs,    ///< slots are idle because no tasks come
    small_tasks,    ///< handing over takes more than the tasks do
    few_slots,      ///< all slots work, tasks wait, and the machine could do more
    cores,          ///< all slots work and all cores are busy: as fast as it gets
    nothing,        ///< nothing stands out
};
/// "unknown", "failing tasks", …
const char* to_string(Limit limit);

/// One sentence on what limits a job, and what it rests on.
struct Verdict {
    Limit limit = Limit::unknown; ///< what it is
    std::string sentence;         ///< for a person, with the figures
    std::uint64_t exchange = 0;   ///< of which exchange it speaks; 0: none
    std::int64_t from = 0;        ///< of which stretch of time, ns
    std::int64_t to = 0;          ///< its end
    std::uint64_t slot_count = 0; ///< that the exchange has
    double queued = 0;            ///< tasks that waited, on average
    double cores_used = -1;       ///< by all created processes; negative: there are no samples
    Step figures;                 ///< all that happened in that time
};

/// An exchange as the statistics know it.
struct ExchangeStatistics {
    std::uint64_t id = 0;                        ///< as in events
    std::uint64_t limit = 0;                     ///< slots; 0: no limit
    std::int64_t created = 0;                    ///< ns
    std::int64_t ended = 0;                      ///< ns; 0: it lives
    std::uint64_t expected = 0;                  ///< tasks announced; 0: nobody said
    std::uint64_t arrived = 0;                   ///< tasks queued so far
    std::uint64_t queued = 0;                    ///< tasks that wait
    std::uint64_t members = 0;                   ///< processes in it
    std::uint64_t most_members = 0;              ///< the most at one moment
    std::array<std::uint64_t, slot_uses> uses{}; ///< what its processes are used for now; `unfilled`: no task
    std::int64_t last_arrival = 0;               ///< when a task was queued for the first time last, ns
    std::int64_t first_given = 0;                ///< when the first task was given to a process, ns; 0: none was
    std::int64_t last_finished = 0;              ///< when the last task ended, ns; 0: none has
    std::int64_t drained = 0;                    ///< since when no task waits, ns; 0: some do, or none ever did
    StageTimes times;                            ///< of all its tasks
    Series series{2'048};                        ///< what happened
    std::int64_t known_until = 0;                ///< `series` goes so far, ns
    std::array<std::int64_t, slot_uses> tail{};  ///< ns that processes spent on each `SlotUse` since `drained`

    /// Slots: the limit, or where there is none the most processes that there were at once.
    [[nodiscard]] std::uint64_t slot_count() const { return limit != 0 ? limit : most_members; }
    /// Tasks that wait, also those that are announced and not queued yet.
    [[nodiscard]] std::uint64_t waiting() const;
};

/// Everything together.
///
/// Bounded: of exchanges that have ended the latest `most_ended` are kept one by one, of tasks the times of the latest
/// `most_tasks`; what is older stays in what is said of all together.
class Statistics {
public:
    /// Takes one event in. `payload` as `Observer::observe` gets it.
    void apply(const Event& event, std::span<const std::byte> payload = {});

    /// Of all exchanges together.
    [[nodiscard]] const StageTimes& times() const noexcept { return times_; }
    /// Of all exchanges together, and of messages that belong to none.
    [[nodiscard]] const Series& series() const noexcept { return series_; }
    /// Ids of those that are kept, in the order of their coming.
    [[nodiscard]] const std::vector<std::uint64_t>& exchanges() const noexcept { return order_; }
    /// Null when there is none, or it is no longer kept.
    [[nodiscard]] const ExchangeStatistics* exchange(std::uint64_t id) const;

    /// The latest tasks, in order of their ends.
    [[nodiscard]] const std::deque<TaskTimes>& tasks() const noexcept { return finished_; }
    /// How many older ones are no longer there.
    [[nodiscard]] std::uint64_t forgotten_tasks() const noexcept { return forgotten_tasks_; }
    /// Times of the tasks in `tasks` that ended within this stretch, of one exchange or (0) of all.
    [[nodiscard]] StageTimes times_within(std::int64_t from, std::int64_t to, std::uint64_t exchange = 0) const;

    /// When the first event happened, ns; 0 before.
    [[nodiscard]] std::int64_t begin() const noexcept { return begin_; }
    /// The latest time of an event, ns.
    [[nodiscard]] std::int64_t end() const noexcept { return end_; }

    /// What limits an exchange: over its latest two seconds while it lives, over all its time when it has ended. 0: the
    /// one that does the most. `cores`: of the machine that it runs on; 0: not known.
    [[nodiscard]] Verdict verdict(std::uint64_t exchange = 0, unsigned cores = 0) const;
    /// The same for a given stretch of time.
    [[nodiscard]] Verdict verdict_within(std::int64_t from, std::int64_t to, std::uint64_t exchange = 0,
                                         unsigned cores = 0) const;

    /// So many exchanges that have ended are kept.
    static constexpr std::size_t most_ended = 64;
    /// So many tasks are kept.
    static constexpr std::size_t most_tasks = 131'072;
    /// Of so many tasks that have not ended the times are kept; of more, they are only counted.
    static constexpr std::size_t most_open = 1'000'000;
    /// So much of the past `verdict` looks at while an exchange lives, ns.
    static constexpr std::int64_t recent = 2'000'000'000;

private:
    /// Channels beyond this number that are of no known process are not told apart.
    static constexpr std::size_t most_members = 65'536;

    struct OpenTask {
        std::int64_t queued = 0;
        std::int64_t sent = 0;
        std::uint64_t channel = 0;
        std::uint64_t ordinal = 0;
        std::uint32_t attempts = 0;
    };
    /// What a process says of one of its tasks.
    struct Work {
        std::int64_t started = 0;
        std::int64_t returned = 0;
    };
    /// The process at the end of a channel.
    struct Member {
        std::uint64_t exchange = 0;
        std::uint64_t given = 0;    ///< tasks, less those taken back
        std::uint64_t started = 0;  ///< likewise
        std::uint64_t returned = 0; ///< likewise
        std::uint64_t sent = 0;     ///< results
        std::uint64_t finished = 0; ///< tasks
        std::uint64_t early_messages = 0;
        std::uint64_t early_bytes = 0;
        std::deque<Work> work; ///< of tasks from `first_work` on
        std::uint64_t first_work = 0;
        SlotUse use = SlotUse::starved; ///< `starved`: has no task
        bool tells = false;             ///< of its tasks itself
        bool blocked = false;
        bool is_process = false;
    };
    struct Exchange {
        ExchangeStatistics public_part;
        std::unordered_map<std::uint64_t, OpenTask> open;
    };

    Exchange& exchange_of(std::uint64_t id, std::int64_t time);
    Member& member_of(std::uint64_t channel);
    void advance(Exchange& exchange, std::int64_t time);
    void settle(Member& member);
    void apply_exchange(const Event& event);
    void apply_process(const Event& event);
    void apply_task(const Event& event);
    void apply_work(const Event& event);
    void apply_message(const Event& event);
    void queue(Exchange& exchange, const Event& event);
    void give(Exchange& exchange, const Event& event);
    void take_back(const OpenTask& task);
    void finish(Exchange& exchange, const Event& event);
    void leave(Member& member, std::int64_t time);
    void end_exchange(Exchange& exchange, std::int64_t time);
    static Work* work_of(Member& member, std::uint64_t ordinal);
    [[nodiscard]] const ExchangeStatistics* busiest(std::int64_t from, std::int64_t to) const;

    StageTimes times_;
    Series series_{8'192};
    std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;
    std::vector<std::uint64_t> order_;
    std::deque<std::uint64_t> ended_;
    std::unordered_map<std::uint64_t, Member> members_;                  ///< by channel
    std::unordered_map<std::int32_t, std::vector<std::uint64_t>> owned_; ///< exchanges, by the pid of their process
    struct Sample {
        std::int64_t time = 0;
        std::uint64_t cpu = 0;
    };
    std::unordered_map<std::int32_t, Sample> samples_; ///< by pid
    std::deque<TaskTimes> finished_;
    std::uint64_t forgotten_tasks_ = 0;
    std::size_t open_tasks_ = 0;
    bool has_samples_ = false;
    std::int64_t begin_ = 0;
    std::int64_t end_ = 0;
};

} // namespace pprocess::observe
