// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/event_router.h>

namespace pprocess::widgets {

LiveSource* EventRouter::Owners::of(std::uint64_t id) const {
    const auto owner = owners_.find(id);
    return owner == owners_.end() ? nullptr : owner->second.job;
}

LiveSource* EventRouter::Owners::ofLiving(std::uint64_t id) const {
    const auto owner = owners_.find(id);
    return owner == owners_.end() || owner->second.hasEnded ? nullptr : owner->second.job;
}

/// Whoever had it before.
void EventRouter::Owners::set(std::uint64_t id, LiveSource* job) {
    owners_.insert_or_assign(id, Owner{job, ++lives_});
}

/// Unless somebody has it.
void EventRouter::Owners::add(std::uint64_t id, LiveSource* job) {
    if (owners_.try_emplace(id, Owner{job, lives_ + 1}).second)
        ++lives_;
}

void EventRouter::Owners::end(std::uint64_t id) {
    const auto owner = owners_.find(id);
    if (owner == owners_.end() || std::exchange(owner->second.hasEnded, true))
        return;
    ended_.emplace_back(id, owner->second.life);
    if (ended_.size() <= mostEnded)
        return;
    const auto [oldest, life] = ended_.front();
    ended_.pop_front();
    if (const auto gone = owners_.find(oldest); gone != owners_.end() && gone->second.life == life)
        owners_.erase(gone);
}

void EventRouter::Owners::forget(const LiveSource* job) {
    std::erase_if(owners_, [job](const auto& owner) { return owner.second.job == job; });
}

void EventRouter::claimExchange(std::uint64_t exchange, LiveSource* job) {
    if (exchange != 0)
        exchanges_.set(exchange, job);
}

void EventRouter::claimProcess(pid_t process, LiveSource* job) {
    if (isSign(process))
        processes_.set(static_cast<std::uint64_t>(process), job);
}

void EventRouter::forget(const LiveSource* job) {
    exchanges_.forget(job);
    channels_.forget(job);
    processes_.forget(job);
}

LiveSource* EventRouter::jobOf(const Event& event) {
    LiveSource* const job = known(event);
    if (job)
        learn(event, job);
    return job;
}

LiveSource* EventRouter::known(const Event& event) const {
    LiveSource* job = event.exchange != 0 ? exchanges_.of(event.exchange) : nullptr;
    if (!job && event.channel != 0)
        job = channels_.of(event.channel);
    if (!job && isSign(event.writer))
        job = processes_.of(static_cast<std::uint64_t>(event.writer));
    if (!job && isSign(event.process)) {
        const auto process = static_cast<std::uint64_t>(event.process);
        job = event.kind == EventKind::process_created ? processes_.ofLiving(process) : processes_.of(process);
    }
    return job;
}

void EventRouter::learn(const Event& event, LiveSource* job) {
    if (event.exchange != 0) {
        exchanges_.add(event.exchange, job);
        if (event.kind == EventKind::exchange_ended)
            exchanges_.end(event.exchange);
    }
    if (event.channel != 0) {
        channels_.add(event.channel, job);
        if (event.kind == EventKind::channel_removed)
            channels_.end(event.channel);
    }
    if (!isSign(event.process))
        return;
    const auto process = static_cast<std::uint64_t>(event.process);
    if (event.kind == EventKind::process_created)
        processes_.set(process, job);
    else
        processes_.add(process, job);
    if (event.kind == EventKind::process_ended)
        processes_.end(process);
}

} // namespace pprocess::widgets
