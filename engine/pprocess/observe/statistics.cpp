// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/statistics.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace pprocess::observe {

namespace {

constexpr std::size_t per_doubling = 8;

template <typename Enum>
constexpr std::size_t place(Enum value) {
    return static_cast<std::size_t>(value);
}

std::int64_t between(std::int64_t from, std::int64_t to) {
    if (from == 0 || to == 0)
        return TaskTimes::unknown;
    // Processes write for themselves and so a moment early or late.
    return std::max<std::int64_t>(to - from, 0);
}

} // namespace

const char* to_string(TaskStage stage) {
    constexpr std::array names{"queued", "to its process", "running", "returning"};
    return names[place(stage)];
}

const char* to_string(SlotUse use) {
    constexpr std::array names{"running",           "handing over", "result not collected",
                               "waiting for space", "unfilled",     "no task"};
    return names[place(use)];
}

const char* to_string(Limit limit) {
    constexpr std::array names{"unknown",     "failing tasks", "slow collector", "skew",   "slow inputs",
                               "small tasks", "too few slots", "cores",          "nothing"};
    return names[place(limit)];
}

// ------------------------------------------------------------------------------------------------------------------
// distributions

std::size_t Distribution::bucket_of(std::int64_t duration) noexcept {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration, 0));
    if (value < per_doubling)
        return value;
    const auto top = static_cast<std::size_t>(std::bit_width(value)) - 1;
    return (top - 2) * per_doubling + ((value >> (top - 3)) & (per_doubling - 1));
}

std::int64_t Distribution::begin_of(std::size_t bucket) noexcept {
    if (bucket < per_doubling)
        return static_cast<std::int64_t>(bucket);
    const std::size_t top = bucket / per_doubling + 2;
    if (top > 62)
        return INT64_MAX;
    return static_cast<std::int64_t>((per_doubling + bucket % per_doubling) << (top - 3));
}

void Distribution::add(std::int64_t duration) {
    duration = std::max<std::int64_t>(duration, 0);
    const std::size_t bucket = bucket_of(duration);
    if (bucket >= buckets_.size())
        buckets_.resize(bucket + 1);
    ++buckets_[bucket];
    least_ = count_ == 0 ? duration : std::min(least_, duration);
    most_ = std::max(most_, duration);
    sum_ += duration;
    ++count_;
}

double Distribution::mean() const noexcept {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::int64_t Distribution::quantile(double share) const noexcept {
    if (count_ == 0)
        return 0;
    const auto wanted = static_cast<std::uint64_t>(
        std::clamp(std::ceil(share * static_cast<double>(count_)), 1.0, static_cast<double>(count_)));
    std::uint64_t passed = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        passed += buckets_[bucket];
        if (passed >= wanted)
            return std::clamp(begin_of(bucket + 1) - 1, least_, most_);
    }
    return most_;
}

void StageTimes::add(const TaskTimes& task) {
    for (std::size_t stage = 0; stage < task_stages; ++stage)
        if (task.stages[stage] != TaskTimes::unknown)
            stages[stage].add(task.stages[stage]);
    ++outcomes[place(task.outcome)];
}

std::uint64_t StageTimes::count() const {
    return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
}

// ------------------------------------------------------------------------------------------------------------------
// series

Step& Step::operator+=(const Step& other) {
    finished += other.finished;
    failed += other.failed;
    retried += other.retried;
    messages += other.messages;
    bytes += other.bytes;
    arrived += other.arrived;
    most_queued = std::max(most_queued, other.most_queued);
    for (std::size_t use = 0; use < slot_uses; ++use)
        uses[use] += other.uses[use];
    queued += other.queued;
    cpu += other.cpu;
    return *this;
}

std::int64_t Step::slot_time() const {
    return std::accumulate(uses.begin(), uses.end(), std::int64_t{0});
}

double Step::share(SlotUse use) const {
    const std::int64_t all = slot_time();
    return all == 0 ? 0 : static_cast<double>(uses[place(use)]) / static_cast<double>(all);
}

Step& Series::at(std::int64_t time) {
    if (steps_.empty())
        begin_ = time;
    auto index = static_cast<std::size_t>(std::max<std::int64_t>(time - begin_, 0) / width_);
    while (index >= most_) {
        coarsen();
        index = static_cast<std::size_t>((time - begin_) / width_);
    }
    if (index >= steps_.size())
        steps_.resize(index + 1);
    return steps_[index];
}

void Series::coarsen() {
    for (std::size_t index = 0; index < steps_.size(); index += 2) {
        Step both = steps_[index];
        if (index + 1 < steps_.size())
            both += steps_[index + 1];
        steps_[index / 2] = both;
    }
    steps_.resize((steps_.size() + 1) / 2);
    width_ *= 2;
}

Step Series::sum(std::int64_t from, std::int64_t to) const {
    Step all;
    if (steps_.empty() || to <= from || to <= begin_)
        return all;
    auto index = static_cast<std::size_t>(std::max<std::int64_t>(from - begin_, 0) / width_);
    for (; index < steps_.size(); ++index) {
        const std::int64_t begin = begin_ + static_cast<std::int64_t>(index) * width_;
        if (begin >= to)
            break;
        const std::int64_t inside = std::min(to, begin + width_) - std::max(from, begin);
        if (inside >= width_) {
            all += steps_[index];
            continue;
        }
        const double part = static_cast<double>(inside) / static_cast<double>(width_);
        const auto scale = [part](auto& value) {
            value =
                static_cast<std::remove_reference_t<decltype(value)>>(std::llround(static_cast<double>(value) * part));
        };
        Step step = steps_[index];
        for (auto* count : {&step.finished, &step.failed, &step.retried, &step.messages, &step.bytes, &step.arrived})
            scale(*count);
        for (auto& use : step.uses)
            scale(use);
        scale(step.queued);
        scale(step.cpu);
        all += step;
    }
    return all;
}

// ------------------------------------------------------------------------------------------------------------------
// looking things up

std::uint64_t ExchangeStatistics::waiting() const {
    return queued + (expected > arrived && ended == 0 ? expected - arrived : 0);
}

const ExchangeStatistics* Statistics::exchange(std::uint64_t id) const {
    const auto found = exchanges_.find(id);
    return found == exchanges_.end() ? nullptr : &found->second->public_part;
}

StageTimes Statistics::times_within(std::int64_t from, std::int64_t to, std::uint64_t exchange) const {
    StageTimes times;
    auto task = std::lower_bound(finished_.begin(), finished_.end(), from,
                                 [](const TaskTimes& one, std::int64_t time) { return one.finished < time; });
    for (; task != finished_.end() && task->finished <= to; ++task)
        if (exchange == 0 || task->exchange == exchange)
            times.add(*task);
    return times;
}

Statistics::Exchange& Statistics::exchange_of(std::uint64_t id, std::int64_t time) {
    auto& found = exchanges_[id];
    if (!found) {
        found = std::make_unique<Exchange>();
        found->public_part.id = id;
        found->public_part.created = found->public_part.known_until = time;
        order_.push_back(id);
    }
    return *found;
}

Statistics::Member& Statistics::member_of(std::uint64_t channel) {
    return members_[channel];
}

/// Of those that wait to be matched with `task_sent`, as processes are quicker than their creators sometimes.
Statistics::Work* Statistics::work_of(Member& member, std::uint64_t ordinal) {
    if (ordinal < member.first_work || ordinal - member.first_work >= 4'096)
        return nullptr;
    const std::size_t index = ordinal - member.first_work;
    if (index >= member.work.size())
        member.work.resize(index + 1);
    return &member.work[index];
}

// ------------------------------------------------------------------------------------------------------------------
// levels

/// What the slots are used for lasts until the next event of the exchange.
void Statistics::advance(Exchange& exchange, std::int64_t time) {
    ExchangeStatistics& one = exchange.public_part;
    if (time <= one.known_until)
        return;
    const std::uint64_t used = std::accumulate(one.uses.begin(), one.uses.end(), std::uint64_t{0});
    auto uses = one.uses;
    const bool some_wait = one.queued > 0;
    const std::uint64_t idle =
        std::exchange(uses[place(SlotUse::starved)], 0) + (one.limit > used ? one.limit - used : 0);
    uses[place(some_wait ? SlotUse::unfilled : SlotUse::starved)] = idle;
    const auto add = [&](Step& step, std::int64_t length) {
        for (std::size_t use = 0; use < slot_uses; ++use)
            step.uses[use] += static_cast<std::int64_t>(uses[use]) * length;
        step.queued += static_cast<std::int64_t>(one.queued) * length;
        step.most_queued = std::max(step.most_queued, one.queued);
    };
    if (one.ended == 0 && (used != 0 || one.queued != 0 || one.first_given != 0)) {
        one.series.spread(one.known_until, time, add);
        series_.spread(one.known_until, time, add);
        if (one.drained != 0)
            for (std::size_t use = 0; use < slot_uses; ++use)
                one.tail[use] += static_cast<std::int64_t>(uses[use]) * (time - std::max(one.drained, one.known_until));
    }
    one.known_until = time;
}

/// After anything about it has changed: what is its slot used for now?
void Statistics::settle(Member& member) {
    SlotUse use = SlotUse::starved;
    if (!member.tells)
        use = member.given > member.finished ? SlotUse::running : SlotUse::starved;
    else if (member.blocked)
        use = SlotUse::blocked;
    else if (member.started > member.returned)
        use = SlotUse::running;
    else if (member.given > member.started || member.returned > member.sent)
        use = SlotUse::handing_over;
    else if (member.returned > member.finished && member.given > member.finished)
        use = SlotUse::uncollected;
    const SlotUse before = std::exchange(member.use, use);
    if (before == use || member.exchange == 0)
        return;
    if (const auto found = exchanges_.find(member.exchange); found != exchanges_.end()) {
        auto& uses = found->second->public_part.uses;
        --uses[place(before)];
        ++uses[place(use)];
    }
}

void Statistics::leave(Member& member, std::int64_t time) {
    const auto found = exchanges_.find(std::exchange(member.exchange, 0));
    if (found == exchanges_.end() || found->second->public_part.ended != 0)
        return;
    advance(*found->second, time);
    --found->second->public_part.members;
    --found->second->public_part.uses[place(member.use)];
}

// ------------------------------------------------------------------------------------------------------------------
// taking events in

void Statistics::apply(const Event& event, std::span<const std::byte> /*payload*/) {
    if (begin_ == 0)
        begin_ = event.time;
    end_ = std::max(end_, event.time);
    if (event.kind < EventKind::exchange_created)
        apply_process(event);
    else if (event.kind < EventKind::task_queued)
        apply_exchange(event);
    else if (event.kind < EventKind::task_started)
        apply_task(event);
    else if (event.kind < EventKind::message_sent)
        apply_work(event);
    else if (event.kind < EventKind::events_dropped)
        apply_message(event);
}

void Statistics::apply_process(const Event& event) {
    switch (event.kind) {
    case EventKind::process_created:
        if (event.channel != 0)
            member_of(event.channel).is_process = true;
        break;
    case EventKind::process_running:
        if (event.channel != 0 && event.writer == event.process) {
            Member& member = member_of(event.channel);
            member.is_process = member.tells = true;
            settle(member);
        }
        break;
    case EventKind::process_ended: {
        samples_.erase(event.process);
        // Killed, it cannot tell of the end of its own exchanges.
        if (const auto owned = owned_.find(event.process); owned != owned_.end()) {
            for (const std::uint64_t id : owned->second) {
                const auto exchange = exchanges_.find(id);
                if (exchange == exchanges_.end() || exchange->second->public_part.ended != 0)
                    continue;
                advance(*exchange->second, event.time);
                end_exchange(*exchange->second, event.time);
            }
            owned_.erase(event.process);
        }
        const auto found = members_.find(event.channel);
        if (found == members_.end())
            break;
        found->second.is_process = false;
        if (found->second.exchange == 0)
            members_.erase(found);
        break;
    }
    case EventKind::process_sample: {
        Sample& sample = samples_[event.process];
        if (sample.time != 0 && event.time > sample.time && event.number >= sample.cpu) {
            const double rate =
                static_cast<double>(event.number - sample.cpu) / static_cast<double>(event.time - sample.time);
            series_.spread(sample.time, event.time, [rate](Step& step, std::int64_t length) {
                step.cpu += std::llround(rate * static_cast<double>(length));
            });
            has_samples_ = true;
        }
        sample = {event.time, event.number};
        break;
    }
    default:
        break;
    }
}

void Statistics::apply_exchange(const Event& event) {
    if (event.kind == EventKind::channel_ready)
        return;
    Exchange& exchange = exchange_of(event.exchange, event.time);
    ExchangeStatistics& one = exchange.public_part;
    advance(exchange, event.time);
    switch (event.kind) {
    case EventKind::exchange_created:
        one.limit = event.number;
        owned_[event.process].push_back(event.exchange);
        break;
    case EventKind::exchange_ended:
        end_exchange(exchange, event.time);
        break;
    case EventKind::channel_added: {
        Member& member = member_of(event.channel);
        if (member.exchange != 0)
            leave(member, event.time);
        member.exchange = event.exchange;
        ++one.uses[place(member.use)];
        one.most_members = std::max(one.most_members, ++one.members);
        Step& step = one.series.at(event.time);
        step.messages += std::exchange(member.early_messages, 0);
        step.bytes += std::exchange(member.early_bytes, 0);
        break;
    }
    case EventKind::channel_removed:
        if (const auto found = members_.find(event.channel); found != members_.end()) {
            leave(found->second, event.time);
            if (!found->second.is_process)
                members_.erase(found);
        }
        break;
    default:
        break;
    }
}

void Statistics::end_exchange(Exchange& exchange, std::int64_t time) {
    ExchangeStatistics& one = exchange.public_part;
    one.ended = time;
    one.queued = one.members = 0;
    one.uses = {};
    open_tasks_ -= exchange.open.size();
    exchange.open.clear();
    for (auto entry = members_.begin(); entry != members_.end();) {
        if (entry->second.exchange == one.id)
            entry->second.exchange = 0;
        entry = entry->second.exchange == 0 && !entry->second.is_process ? members_.erase(entry) : std::next(entry);
    }
    ended_.push_back(one.id);
    if (ended_.size() > most_ended) {
        exchanges_.erase(ended_.front());
        std::erase(order_, ended_.front());
        ended_.pop_front();
    }
}

void Statistics::apply_task(const Event& event) {
    Exchange& exchange = exchange_of(event.exchange, event.time);
    ExchangeStatistics& one = exchange.public_part;
    if (event.kind != EventKind::task_queued || one.queued == 0)
        advance(exchange, event.time);
    switch (event.kind) {
    case EventKind::tasks_expected:
        one.expected = event.number;
        break;
    case EventKind::task_queued:
        queue(exchange, event);
        break;
    case EventKind::task_sent:
        give(exchange, event);
        break;
    case EventKind::task_retried:
        ++one.series.at(event.time).retried;
        ++series_.at(event.time).retried;
        break;
    case EventKind::task_finished:
        finish(exchange, event);
        break;
    default:
        break;
    }
}

void Statistics::queue(Exchange& exchange, const Event& event) {
    ExchangeStatistics& one = exchange.public_part;
    advance(exchange, event.time);
    const auto open = exchange.open.find(event.task);
    if (open != exchange.open.end()) {
        take_back(open->second);
        open->second.queued = event.time;
        open->second.sent = 0;
        open->second.channel = 0;
    } else {
        if (open_tasks_ < most_open) {
            exchange.open.emplace(event.task, OpenTask{.queued = event.time});
            ++open_tasks_;
        }
        // Put back although nobody knew of it: it was known before the record began.
        if (event.value == 0) {
            ++one.arrived;
            one.last_arrival = event.time;
            ++one.series.at(event.time).arrived;
            ++series_.at(event.time).arrived;
        }
    }
    ++one.queued;
    one.drained = 0;
    one.tail = {};
    Step& step = one.series.at(event.time);
    step.most_queued = std::max(step.most_queued, one.queued);
}

/// From its process, which has died or will end.
void Statistics::take_back(const OpenTask& task) {
    const auto found = members_.find(task.channel);
    if (task.channel == 0 || found == members_.end())
        return;
    Member& member = found->second;
    const Work* work = task.ordinal >= member.first_work && task.ordinal - member.first_work < member.work.size()
                           ? &member.work[task.ordinal - member.first_work]
                           : nullptr;
    member.given -= member.given > 0 ? 1 : 0;
    if (work && work->started != 0)
        member.started -= member.started > 0 ? 1 : 0;
    if (work && work->returned != 0)
        member.returned -= member.returned > 0 ? 1 : 0;
    settle(member);
}

void Statistics::give(Exchange& exchange, const Event& event) {
    ExchangeStatistics& one = exchange.public_part;
    one.queued -= one.queued > 0 ? 1 : 0;
    if (one.queued == 0)
        one.drained = event.time;
    if (one.first_given == 0)
        one.first_given = event.time;
    auto open = exchange.open.find(event.task);
    if (open == exchange.open.end() && open_tasks_ < most_open) {
        open = exchange.open.emplace(event.task, OpenTask{}).first;
        ++open_tasks_;
    }
    if (open != exchange.open.end()) {
        open->second.sent = event.time;
        open->second.channel = event.channel;
        open->second.ordinal = event.number;
        open->second.attempts = static_cast<std::uint32_t>(event.value);
    }
    if (event.channel != 0) {
        Member& member = member_of(event.channel);
        ++member.given;
        settle(member);
    }
}

void Statistics::finish(Exchange& exchange, const Event& event) {
    ExchangeStatistics& one = exchange.public_part;
    TaskTimes times{.finished = event.time, .exchange = event.exchange, .task = event.task};
    times.stages.fill(TaskTimes::unknown);
    times.attempts = static_cast<std::uint32_t>(event.value);
    times.outcome = static_cast<TaskOutcome>(std::min<std::size_t>(event.detail, 4));
    const auto open = exchange.open.find(event.task);
    if (open != exchange.open.end()) {
        const OpenTask& task = open->second;
        if (task.sent == 0) {
            one.queued -= one.queued > 0 ? 1 : 0;
            times.stages[place(TaskStage::queued)] = between(task.queued, event.time);
        } else {
            times.stages[place(TaskStage::queued)] = between(task.queued, task.sent);
        }
        if (const auto found = members_.find(task.channel); task.channel != 0 && found != members_.end()) {
            Member& member = found->second;
            Work work;
            while (member.first_work <= task.ordinal && !member.work.empty()) {
                work = member.first_work == task.ordinal ? member.work.front() : Work{};
                member.work.pop_front();
                ++member.first_work;
            }
            member.first_work = std::max(member.first_work, task.ordinal + 1);
            times.stages[place(TaskStage::to_process)] = between(task.sent, work.started);
            times.stages[place(TaskStage::running)] =
                between(work.started, work.returned != 0 ? work.returned : event.time);
            times.stages[place(TaskStage::returning)] = between(work.returned, event.time);
            ++member.finished;
            if (work.started != 0 && work.returned == 0) {
                // It will not: its process is gone, or does not tell of the end of a task that failed.
                ++member.returned;
            }
            settle(member);
        }
        exchange.open.erase(open);
        --open_tasks_;
    } else if (event.value == 0) {
        one.queued -= one.queued > 0 ? 1 : 0;
    }
    one.last_finished = event.time;
    one.times.add(times);
    times_.add(times);
    for (Series* series : {&one.series, &series_}) {
        Step& step = series->at(event.time);
        ++step.finished;
        step.failed += times.outcome == TaskOutcome::value ? 0 : 1;
    }
    finished_.push_back(times);
    if (finished_.size() > most_tasks) {
        finished_.pop_front();
        ++forgotten_tasks_;
    }
}

void Statistics::apply_work(const Event& event) {
    Member& member = member_of(event.channel);
    if (const auto found = exchanges_.find(member.exchange); member.exchange != 0 && found != exchanges_.end())
        advance(*found->second, event.time);
    member.tells = true;
    Work* const work = work_of(member, event.number);
    if (event.kind == EventKind::task_started) {
        ++member.started;
        if (work)
            work->started = event.time;
    } else {
        ++member.returned;
        if (work)
            work->returned = event.time;
    }
    settle(member);
}

void Statistics::apply_message(const Event& event) {
    auto found = members_.find(event.channel);
    // Of some processes the creator learns the pid only after it has sent them something.
    if (found == members_.end() && members_.size() < most_members)
        found = members_.try_emplace(event.channel).first;
    Member* const member = found == members_.end() ? nullptr : &found->second;
    const bool by_creator = event.detail == place(ChannelEnd::creator);
    const auto group = member && member->exchange != 0 ? exchanges_.find(member->exchange) : exchanges_.end();
    if (group != exchanges_.end())
        advance(*group->second, event.time);
    const bool is_message = event.kind == EventKind::message_sent || event.kind == EventKind::message_received;
    if (is_message && by_creator) {
        const auto add = [&event](std::uint64_t& messages, std::uint64_t& bytes) {
            ++messages;
            bytes += event.size;
        };
        Step& all = series_.at(event.time);
        add(all.messages, all.bytes);
        if (group != exchanges_.end()) {
            Step& step = group->second->public_part.series.at(event.time);
            add(step.messages, step.bytes);
        } else if (member) {
            add(member->early_messages, member->early_bytes);
        }
    }
    if (!member || by_creator)
        return;
    if (event.kind == EventKind::message_sent)
        ++member->sent;
    else if (event.kind == EventKind::waiting_for_space)
        member->blocked = true;
    else if (event.kind == EventKind::space_found)
        member->blocked = false;
    settle(*member);
}

} // namespace pprocess::observe
