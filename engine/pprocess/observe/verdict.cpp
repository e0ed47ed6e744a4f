// SPDX-License-Identifier: LGPL-3.0-or-later

/// What limits a job: rules over what the slots of its exchange were used for.

#include <pprocess/observe/statistics.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace pprocess::observe {

namespace {

/// Tasks of less than this are small: starting a process for one takes about as long.
constexpr double small_task = 1e6;
/// A collector that takes one result in less than this is no slow one: that much the library itself may need.
constexpr double quick_collection = 2e6;

std::string printed(const char* format, double number) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), format, number);
    return text.data();
}

std::string percent(double share) {
    return printed("%.0f %%", share * 100);
}

std::string duration(double nanoseconds) {
    if (nanoseconds < 999'500)
        return printed(nanoseconds < 9'950 ? "%.1f µs" : "%.0f µs", nanoseconds / 1e3);
    if (nanoseconds < 999.5e6)
        return printed(nanoseconds < 9.95e6 ? "%.1f ms" : "%.0f ms", nanoseconds / 1e6);
    return printed(nanoseconds < 9.95e9 ? "%.1f s" : "%.0f s", nanoseconds / 1e9);
}

std::string grouped(std::uint64_t number);

std::string count(double number) {
    if (number > 999.5)
        return grouped(static_cast<std::uint64_t>(std::llround(number)));
    // 3.0 of something is 3.
    return printed(std::abs(number - std::round(number)) < 0.05 || number > 9.95 ? "%.0f" : "%.1f", number);
}

/// "1,204": a whole number as people read it.
std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t place = text.size(); place > 3; place -= 3)
        text.insert(place - 3, ",");
    return text;
}

std::string slots_in_words(std::uint64_t slots) {
    return slots == 1 ? "its one slot" : slots == 2 ? "both slots" : "all " + grouped(slots) + " slots";
}

/// Of one exchange in one stretch of time; each rule says whether it applies.
struct Judgement {
    const ExchangeStatistics& exchange;
    StageTimes times; ///< of the tasks that ended in the stretch
    unsigned cores;
    Verdict verdict;

    [[nodiscard]] double share(SlotUse use) const { return verdict.figures.share(use); }
    [[nodiscard]] double length() const { return static_cast<double>(verdict.to - verdict.from); }
    [[nodiscard]] double running() const { return times.of(TaskStage::running).mean(); }
    void decide(Limit limit, std::string sentence) {
        verdict.limit = limit;
        verdict.sentence = std::move(sentence);
    }

    bool knows_too_little();
    bool fails();
    bool has_skew();
    bool has_small_tasks();
    bool has_slow_collector();
    bool has_slow_inputs();
    bool is_full();
    void sums_up();
};

bool Judgement::knows_too_little() {
    if (exchange.arrived == 0 && exchange.first_given == 0) {
        decide(Limit::unknown, "No task has come yet.");
        return true;
    }
    if (verdict.figures.slot_time() > 0)
        return false;
    decide(Limit::unknown, exchange.first_given == 0 ? "No task has been given to a process yet."
                                                     : "Nothing has happened in this time.");
    return true;
}

bool Judgement::fails() {
    const Step& all = verdict.figures;
    // A task that was cancelled was wanted so.
    const std::uint64_t cancelled = times.outcomes[static_cast<std::size_t>(TaskOutcome::cancelled)];
    const std::uint64_t failed = all.failed - std::min(all.failed, cancelled) + all.retried;
    if (failed < 3 || failed * 5 < all.finished + all.retried)
        return false;
    std::string kinds;
    const auto say = [&kinds](std::uint64_t number, const std::string& what) {
        if (number != 0)
            kinds += (kinds.empty() ? "" : ", ") + grouped(number) + " " + what;
    };
    say(times.outcomes[static_cast<std::size_t>(TaskOutcome::error)], "with an error");
    say(times.outcomes[static_cast<std::size_t>(TaskOutcome::died)], "because the process died");
    say(times.outcomes[static_cast<std::size_t>(TaskOutcome::timed_out)], "by timeout");
    say(all.retried, "repeated");
    const double part = static_cast<double>(failed) / static_cast<double>(all.finished + all.retried);
    decide(Limit::failing, "Tasks fail: " + percent(part) + " of " + grouped(all.finished + all.retried) +
                               " attempts did not give a value" + (kinds.empty() ? "" : " (" + kinds + ")") + ".");
    return true;
}

bool Judgement::has_skew() {
    const std::uint64_t slots = exchange.slot_count();
    if (exchange.drained == 0 || slots < 2 || (exchange.ended == 0 && exchange.waiting() != 0))
        return false;
    // While more may come that is for another rule to judge.
    const bool still_works = exchange.uses[static_cast<std::size_t>(SlotUse::starved)] < exchange.members;
    if (exchange.ended == 0 && !still_works && exchange.last_finished < verdict.to - 1'000'000)
        return false;
    if (exchange.ended == 0 && exchange.last_arrival > verdict.from + (verdict.to - verdict.from) / 2 &&
        exchange.last_arrival - exchange.first_given > 10'000'000 && exchange.expected == 0)
        return false;
    Step tail;
    tail.uses = exchange.tail;
    const std::int64_t end = exchange.ended != 0 ? exchange.last_finished : verdict.to;
    const double tail_length = static_cast<double>(end - exchange.drained);
    const double all = static_cast<double>(end - exchange.first_given);
    if (all <= 0 || tail.slot_time() == 0 || tail_length < 0.2 * all)
        return false;
    const double idle = tail.share(SlotUse::starved);
    const Distribution& ran = exchange.times.of(TaskStage::running);
    const double longest = std::max(static_cast<double>(ran.most()), exchange.ended == 0 ? tail_length : 0);
    // One that is not most of the end is not what holds it up.
    if (idle < 0.4 || longest < 3 * static_cast<double>(ran.quantile(0.5)) || longest < tail_length / 2)
        return false;
    decide(Limit::skew, "A few long tasks hold up the end: in the last " + duration(tail_length) + " (" +
                            percent(tail_length / all) + " of the time) no task waited, and " +
                            count(idle * static_cast<double>(slots)) + " of " + std::to_string(slots) +
                            " slots had nothing to do. The longest task takes " + duration(longest) +
                            ", half of all tasks take " + duration(static_cast<double>(ran.quantile(0.5))) +
                            " or less. Start the long ones first, or split them.");
    return true;
}

bool Judgement::has_small_tasks() {
    const double overhead = share(SlotUse::handing_over) + share(SlotUse::unfilled) + share(SlotUse::uncollected);
    const double works = share(SlotUse::running);
    const auto finished = static_cast<double>(verdict.figures.finished);
    if (finished < 3 || times.of(TaskStage::running).count() == 0 || overhead <= works || running() >= small_task ||
        length() / finished >= quick_collection)
        return false;
    const double slot_time = static_cast<double>(verdict.figures.slot_time());
    decide(Limit::small_tasks, "Tasks are too small: one runs for " + duration(running()) +
                                   ", and handing it over and taking its result takes " +
                                   duration(overhead * slot_time / finished) + " of a slot (" + percent(overhead) +
                                   " of the slots' time). Put more work into each, or reuse the processes.");
    return true;
}

bool Judgement::has_slow_collector() {
    const double waits = share(SlotUse::uncollected) + share(SlotUse::blocked);
    if (waits < 0.25)
        return false;
    const Distribution& returning = times.of(TaskStage::returning);
    decide(Limit::slow_collector,
           "The collector is slow: processes spend " + percent(waits) +
               " of the slots' time with results that nobody "
               "takes" +
               (returning.count() == 0 ? std::string()
                                       : "; half of the results wait longer than " +
                                             duration(static_cast<double>(returning.quantile(0.5)))) +
               ". Take results as they come, and work on them elsewhere.");
    return true;
}

bool Judgement::has_slow_inputs() {
    const double idle = share(SlotUse::starved);
    if (idle < 0.3 || exchange.queued != 0)
        return false;
    if (exchange.ended == 0 && exchange.last_arrival < verdict.from && exchange.waiting() == 0 &&
        exchange.uses[static_cast<std::size_t>(SlotUse::starved)] == exchange.members) {
        decide(Limit::nothing, "There is nothing to do: every task that came has ended, and " +
                                   slots_in_words(std::max<std::uint64_t>(exchange.slot_count(), 1)) + " are free.");
        return true;
    }
    decide(Limit::slow_inputs, "Inputs come too slowly: " + percent(idle) + " of the time of " +
                                   std::to_string(exchange.slot_count()) +
                                   (exchange.slot_count() == 1 ? " slot" : " slots") +
                                   " goes by without a task, because none waits. They could run " +
                                   count(1 / std::max(1 - idle, 0.01)) + " times as many.");
    return true;
}

bool Judgement::is_full() {
    if (share(SlotUse::running) < 0.6)
        return false;
    const std::uint64_t slots = exchange.slot_count();
    const std::string busy = slots_in_words(slots) + (slots == 1 ? " runs" : " run") + " tasks " +
                             percent(share(SlotUse::running)) + " of the time";
    const double waiting = std::max(verdict.queued, static_cast<double>(exchange.waiting()));
    const bool has_samples = verdict.cores_used >= 0;
    const bool machine_is_busy = has_samples ? verdict.cores_used >= 0.8 * cores : slots >= cores;
    if (cores != 0 && machine_is_busy) {
        decide(Limit::cores, "As fast as it gets: " + busy + " on " + std::to_string(cores) +
                                 (cores == 1 ? " core" : " cores") +
                                 (has_samples ? ", of which " + count(verdict.cores_used) + " are in use" : "") + ".");
    } else if (waiting >= 1) {
        std::string room;
        if (has_samples && cores != 0)
            room = ", and of " + std::to_string(cores) + " cores only " + printed("%.1f", verdict.cores_used) +
                   " are in use";
        else if (cores != 0)
            room = ", and the machine has " + std::to_string(cores) + " cores";
        decide(Limit::few_slots,
               "Too few slots: " + busy + ", " + count(waiting) + (waiting < 1.5 ? " task waits" : " tasks wait") +
                   (verdict.queued > static_cast<double>(exchange.waiting()) ? " on average" : "") + room + ".");
    } else {
        decide(Limit::nothing, "Nothing limits it: " + busy + ", and no task waits.");
    }
    return true;
}

void Judgement::sums_up() {
    std::string uses;
    for (std::size_t use = 0; use < slot_uses; ++use)
        if (const double part = share(static_cast<SlotUse>(use)); part >= 0.05)
            uses +=
                (uses.empty() ? "" : ", ") + std::string(to_string(static_cast<SlotUse>(use))) + " " + percent(part);
    decide(Limit::nothing, "Nothing stands out. The time of the slots: " + uses + ".");
}

} // namespace

const ExchangeStatistics* Statistics::busiest(std::int64_t from, std::int64_t to) const {
    const ExchangeStatistics* best = nullptr;
    std::int64_t most = -1;
    for (const std::uint64_t id : order_) {
        const ExchangeStatistics* one = exchange(id);
        if (!one || one->created > to || (one->ended != 0 && one->ended < from))
            continue;
        const Step all = one->series.sum(from, to);
        const std::int64_t works = all.slot_time() - all.uses[static_cast<std::size_t>(SlotUse::starved)];
        if (works > most) {
            most = works;
            best = one;
        }
    }
    return best;
}

Verdict Statistics::verdict(std::uint64_t id, unsigned cores) const {
    const ExchangeStatistics* one = exchange(id);
    if (!one && id == 0)
        one = busiest(end_ - recent, end_);
    if (!one)
        return {.sentence = "No exchange has been made yet."};
    const std::int64_t begin = one->first_given != 0 ? one->first_given : one->created;
    const std::int64_t end = one->ended == 0 ? end_ : one->last_finished != 0 ? one->last_finished : one->ended;
    return verdict_within(one->ended == 0 ? std::max(begin, end - recent) : begin, end, one->id, cores);
}

Verdict Statistics::verdict_within(std::int64_t from, std::int64_t to, std::uint64_t id, unsigned cores) const {
    const ExchangeStatistics* one = exchange(id);
    if (!one && id == 0)
        one = busiest(from, to);
    if (!one)
        return {.sentence =
                    id == 0 ? "No exchange did anything in this time." : "Of this exchange nothing is kept any more."};
    Judgement judgement{*one, times_within(from, to, one->id), cores, {}};
    Verdict& verdict = judgement.verdict;
    verdict.exchange = one->id;
    verdict.from = from;
    verdict.to = to;
    verdict.slot_count = one->slot_count();
    verdict.figures = one->series.sum(from, to);
    // Of the steps at either end only a part lies in it; the tasks themselves are known one by one.
    if (from >= one->created && (finished_.empty() || finished_.front().finished <= from || forgotten_tasks_ == 0)) {
        verdict.figures.finished = judgement.times.count();
        verdict.figures.failed = judgement.times.count() - judgement.times.outcomes[0];
    }
    const std::int64_t length = std::max<std::int64_t>(to - from, 1);
    verdict.queued = static_cast<double>(verdict.figures.queued) / static_cast<double>(length);
    if (has_samples_)
        verdict.cores_used = static_cast<double>(series_.sum(from, to).cpu) / static_cast<double>(length);
    // Samples are taken a moment early or late.
    if (cores != 0)
        verdict.cores_used = std::min(verdict.cores_used, static_cast<double>(cores));
    judgement.knows_too_little() || judgement.fails() || judgement.has_skew() || judgement.has_small_tasks() ||
        judgement.has_slow_collector() || judgement.has_slow_inputs() || judgement.is_full() ||
        (judgement.sums_up(), true);
    return verdict;
}

} // namespace pprocess::observe
