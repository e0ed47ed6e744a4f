// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/exchange/exchange.h>

#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>

namespace pprocess {

namespace {

constexpr std::uint64_t flag_tag = 0;
constexpr std::uint64_t timer_tag = 1;

} // namespace

Exchange::Exchange(ExchangeOptions options) : options_(std::move(options)), generation_(os::generation()) {
    if (options_.limit == std::size_t{0})
        throw std::invalid_argument("the limit of an exchange must be at least 1: with 0 no process could ever run");
    if (options_.reuse && options_.continuous)
        throw std::invalid_argument(
            "ExchangeOptions: reuse and continuous exclude each other: a process that sends any "
            "number of values does not say when it is free for the next task");
    epoll_.add(work_in_memory_.fd(), flag_tag);
    epoll_.add(timer_.fd(), timer_tag);
    os::observe_on_request();
    tell_begun();
}

Exchange::Exchange(Exchange&&) noexcept = default;

Exchange& Exchange::operator=(Exchange&& other) noexcept {
    if (this != &other) {
        end_processes();
        id_ = std::move(other.id_);
        options_ = std::move(other.options_);
        epoll_ = std::move(other.epoll_);
        work_in_memory_ = std::move(other.work_in_memory_);
        timer_ = std::move(other.timer_);
        members_ = std::move(other.members_);
        ready_ = std::move(other.ready_);
        idle_ = std::move(other.idle_);
        deadlines_ = std::move(other.deadlines_);
        waiting_ = std::move(other.waiting_);
        next_id_ = other.next_id_;
        next_index_ = other.next_index_;
        launch_again_ = other.launch_again_;
        kept_readable_ = other.kept_readable_;
        batches_allowed_ = other.batches_allowed_;
        most_in_batch_ = other.most_in_batch_;
        one_at_a_time_ = other.one_at_a_time_;
        task_seconds_ = other.task_seconds_;
        record_ = other.record_;
        generation_ = other.generation_;
    }
    return *this;
}

Exchange::~Exchange() {
    end_processes();
}

void Exchange::end_processes() noexcept {
    if (generation_ == os::generation()) {
        // All at once, so that ending a thousand takes no longer than ending one.
        for (auto& [id, member] : members_) {
            if (!is_idle(*member) && !member->dismissed)
                member->channel.process().terminate(); // a background process outlives us
            member->channel.close();
        }
        const auto deadline = os::Deadline::after(grace);
        for (auto& [id, member] : members_) {
            os::Process& process = member->channel.process();
            if (!process.exists() || process.is_remote() || process.wait(deadline))
                continue;
            process.send_signal(SIGKILL);
            process.send_signal(SIGCONT);
        }
    }
    members_.clear();
    tell_ended();
}

// -------------------------------------------------------------------------------------------------------------
// membership

Exchange::Member& Exchange::new_member(Channel channel) {
    auto member = std::make_unique<Member>();
    member->id = next_id_++;
    member->channel = std::move(channel);
    member->channel.exchange_id_ = member->id;
    member->messages_seen = member->channel.traffic().messages_in;
    return *members_.emplace(member->id, std::move(member)).first->second;
}

/// Takes a process over with its task, which stays the caller's when this throws.
Exchange::Member& Exchange::adopt(Channel channel, Task& task) {
    Member& member = new_member(std::move(channel));
    try {
        if (task.work) {
            member.key = task.work->key();
            member.reusable = options_.reuse && task.work->is_reusable();
            if (task.work->expects_more() && !member.reusable)
                say_no_more(member);
        }
        watch(member);
        send_pending(member); // what `launch` posted and the connection did not take
        tell_channel(EventKind::channel_added, member);
        tell_given(member, task, true);
        member.tasks.push_back(std::move(task));
    } catch (...) {
        stop_watching_socket(member);
        stop_watching_process(member);
        members_.erase(member.id);
        throw;
    }
    begin_task(member);
    if (member.channel.pump())
        mark_ready(member); // what was read before it came here, epoll knows nothing of
    return member;
}

Exchange::Member* Exchange::find(std::uint64_t id) {
    const auto place = members_.find(id);
    return place == members_.end() ? nullptr : place->second.get();
}

Exchange::Member& Exchange::member_of(const Channel& channel) {
    Member* member = find(channel.exchange_id_);
    if (!member || &member->channel != &channel)
        throw std::invalid_argument("this channel does not belong to this exchange");
    return *member;
}

void Exchange::watch(Member& member) {
    if (member.channel.is_open()) {
        epoll_.add(member.channel.fileno(), member.id);
        member.watched_socket = member.channel.fileno();
    }
    if (const int fd = member.channel.process().watch_fd(); fd >= 0) {
        epoll_.add(fd, member.id);
        member.watched_process = fd;
    }
}

void Exchange::stop_watching_socket(Member& member) {
    epoll_.remove(std::exchange(member.watched_socket, -1));
}
void Exchange::stop_watching_process(Member& member) {
    epoll_.remove(std::exchange(member.watched_process, -1));
}

Channel& Exchange::add(Channel channel) {
    Task task;
    task.index = next_index_++;
    Channel& added = adopt(std::move(channel), task).channel;
    update_flag();
    return added;
}

Channel& Exchange::add_wait(Channel channel) {
    wait();
    return add(std::move(channel));
}

std::vector<Channel*> Exchange::active() {
    std::vector<Channel*> channels;
    for (auto& [id, member] : members_)
        channels.push_back(&member->channel);
    return channels;
}

Channel Exchange::remove(Channel& channel) {
    Member& member = member_of(channel);
    settle(member);
    if (!has_begun(member))
        take_back(member);
    const bool lacks_outcome = awaits_outcome(member);
    if (lacks_outcome)
        set_record(member, true);
    stop_watching_socket(member);
    stop_watching_process(member);
    Channel result = std::move(channel);
    result.exchange_id_ = 0;
    if (!member.tasks.empty())
        member.tasks.pop_front(); // goes with the channel
    retire(member);
    if (options_.autoclose) {
        result.close();
        result.process().end(grace);
    }
    if (lacks_outcome) {
        tell_finished(TaskOutcome::cancelled, nullptr);
        store_removed(result);
    }
    schedule();
    update_flag();
    return result;
}

/// Puts a member's tasks that have no outcome yet back in front of the others.
void Exchange::requeue(Member& member) {
    for (; !member.tasks.empty(); member.tasks.pop_back())
        if (member.tasks.back().work && !member.tasks.back().ended) {
            tell_queued(member.tasks.back());
            waiting_.push_front(std::move(member.tasks.back()));
        }
}

/// Does the process work on the first of its tasks? The one after a result may still lie in the connection; a process
/// that does not say what it has taken up counts as working.
bool Exchange::has_begun(const Member& member) const {
    return member.channel.taken_by_peer().value_or(member.tasks_done) >= member.tasks_done;
}

/// Puts all of a member's tasks back, of which it has begun none.
void Exchange::take_back(Member& member) {
    if (member.tasks.empty())
        return;
    --member.tasks.front().attempts;
    requeue(member);
}

void Exchange::retire(Member& member) {
    if (const auto& status = member.channel.process().status(); status && !status->start_error())
        launch_again_ = {};
    requeue(member);
    stop_watching_socket(member);
    stop_watching_process(member);
    unmark_ready(member);
    set_deadline(member, {});
    idle_.erase(member.id);
    process_left(view(member));
    tell_channel(EventKind::channel_removed, member);
    members_.erase(member.id);
}

bool Exchange::is_idle(const Member& member) const {
    return member.reusable && member.tasks.empty() && !member.dismissed;
}

bool Exchange::awaits_outcome(const Member& member) const {
    return !member.abandoned && !member.failed && !member.tasks.empty() && !member.tasks.front().ended;
}

bool Exchange::has_free_slot() const {
    return !options_.limit || members_.size() < *options_.limit;
}

bool Exchange::busy() const {
    return options_.limit && members_.size() - idle_.size() >= *options_.limit;
}

bool Exchange::unfinished() const {
    return !waiting_.empty() || members_.size() > idle_.size();
}

void Exchange::wait() {
    while (busy())
        store();
}

void Exchange::finish() {
    while (unfinished())
        store();
    dismiss_idle();
    while (!members_.empty())
        store();
}

std::optional<Channel> Exchange::create() {
    if (options_.reuse)
        throw std::logic_error(
            "Exchange::create makes a process that goes on from here; it cannot be reused for another task");
    wait();
    Channel channel = pprocess::create();
    if (channel.pid() == 0)
        return channel;
    add(std::move(channel));
    return std::nullopt;
}

// ------------------------------------------------------------------------------------------------------------------
// ready

void Exchange::mark_ready(Member& member) {
    if (!std::exchange(member.is_ready, true))
        ready_.push_back(member.id);
    // Of each message anew: whoever observes takes what has been received for all there was.
    if (!std::exchange(member.told_ready, true))
        tell_channel(EventKind::channel_ready, member);
}

void Exchange::unmark_ready(Member& member) {
    // An error that has been taken is no message that anybody could have observed.
    if (std::exchange(member.told_ready, false))
        tell_channel(EventKind::channel_ready, member, Readiness::nothing_more);
    if (!std::exchange(member.is_ready, false))
        return;
    ready_.erase(std::find(ready_.begin(), ready_.end(), member.id));
}

void Exchange::update_flag() {
    work_in_memory_.set(kept_readable_ || !ready_.empty() ||
                        (!waiting_.empty() && (members_.empty() || (!launch_again_.is_set() && has_free_slot()))));
}

void Exchange::keep_readable(bool readable) {
    kept_readable_ = readable;
    update_flag();
}

void Exchange::examine(Member& member) {
    Channel& channel = member.channel;
    settle(member);
    if (member.wants_output || channel.has_unsent())
        send_pending(member);
    const bool due = channel.pump();
    if (channel.has_error() && member.reusable) { // as nothing more is taken from it, nothing more is given to it
        member.dismissed = true;
        idle_.erase(member.id);
    }
    if (channel.at_end_of_stream())
        stop_watching_socket(member);
    if (channel.process().status())
        stop_watching_process(member);
    if (due && (!channel.is_over() || channel.has_error())) {
        mark_ready(member);
    } else if (channel.is_over()) {
        handle_end(member);
    } else {
        unmark_ready(member);
    }
}

/// Sends what was posted and is not gone yet; the rest when the connection takes it.
void Exchange::send_pending(Member& member) {
    bool wanted = false;
    try {
        wanted = !member.channel.flush();
    } catch (const ChannelClosed&) {
        // It reads no more. Why, its end will tell.
    }
    if (std::exchange(member.wants_output, wanted) != wanted && member.watched_socket >= 0)
        epoll_.watch_output(member.watched_socket, member.id, wanted);
}

/// The member's process has ended and all it sent has been taken.
void Exchange::handle_end(Member& member) {
    const os::Process& process = member.channel.process();
    const bool well = !process.exists() || process.status()->success();
    if (member.abandoned || member.failed || member.end_delivered || member.channel.end_was_taken()) {
        retire(member);
    } else if (options_.continuous && well) {
        set_record(member, true);
        const std::uint64_t id = member.id;
        member.end_delivered = true;
        if (!member.tasks.empty())
            member.tasks.front().ended = true;
        tell_finished(TaskOutcome::value, nullptr);
        store_end(member.channel);
        if (Member* still = find(id))
            retire(*still);
    } else if (awaits_outcome(member) && !has_begun(member)) {
        take_back(member); // no task's failure: it died between two of them
        retire(member);
    } else if (awaits_outcome(member) && can_wait_for_room(member)) {
        await_room();
        take_back(member);
        retire(member);
    } else if (options_.continuous || awaits_outcome(member)) {
        if (!member.tasks.empty() && member.tasks.front().work && !member.got_value &&
            member.tasks.front().attempts <= options_.retries) {
            tell_queued(member.tasks.front(), EventKind::task_retried);
            retire(member); // which puts the task back for another attempt
        } else {
            mark_ready(member);
        }
    } else {
        retire(member);
    }
}

/// Was there no process to be had for it, for want of something that the end of another may give back?
bool Exchange::can_wait_for_room(const Member& member) const {
    const auto& status = member.channel.process().status();
    return status && is_shortage(status->start_error()) && member.tasks.front().work && members_.size() > 1;
}

/// A process may have ended before it came to be watched; then its end is dealt with like any other. Has one left?
bool Exchange::let_ended_go() {
    const std::size_t before = members_.size();
    for (const std::uint64_t id : std::vector<std::uint64_t>(ready_.begin(), ready_.end()))
        if (Member* member = find(id); member && member->channel.is_over() && !member->channel.has_error())
            examine(*member);
    return members_.size() < before;
}

/// Learns which members are ready. The flag is the caller's to update.
void Exchange::look_until(os::Deadline deadline) {
    schedule();
    // Whoever used what `ready` returned last time may have received from it, or not.
    for (const std::uint64_t id : std::vector<std::uint64_t>(ready_.begin(), ready_.end())) {
        if (Member* member = find(id))
            examine(*member);
    }
    std::array<epoll_event, 256> events{};
    for (;;) {
        const bool nothing_to_wait_for = members_.size() == idle_.size() && waiting_.empty();
        const bool wait = ready_.empty() && !nothing_to_wait_for;
        const std::size_t count = epoll_.wait(events, wait ? deadline : os::Deadline::after(std::chrono::seconds(0)));
        for (const epoll_event& event : std::span(events).first(count)) {
            if (event.data.u64 == timer_tag) {
                check_deadlines();
            } else if (Member* member = find(event.data.u64)) {
                if (!member->is_ready)
                    examine(*member);
            }
        }
        for (bool has_room = true; has_room && !waiting_.empty(); has_room = let_ended_go())
            schedule();
        if (!ready_.empty() || nothing_to_wait_for || deadline.has_passed())
            break;
    }
}

std::vector<Channel*> Exchange::ready_until(os::Deadline deadline) {
    look_until(deadline);
    update_flag();
    std::vector<Channel*> channels;
    channels.reserve(ready_.size());
    for (const std::uint64_t id : ready_)
        channels.push_back(&find(id)->channel);
    return channels;
}

// ----------------------------------------------------------------------------------------------------------------
// storing

void Exchange::store_data(Channel&) {
    throw std::logic_error("a value arrived, but this exchange does not override store_data");
}
void Exchange::store_error(Channel&, std::exception_ptr error) {
    std::rethrow_exception(error);
}
void Exchange::store_end(Channel&) {}
void Exchange::store_removed(Channel&) {}
void Exchange::process_left(const ProcessView&) {}

Exchange::ProcessView Exchange::view(const Member& member) const {
    return {member.id, &member.channel, awaits_outcome(member), member.index, member.since, member.tasks_done};
}

std::vector<Exchange::ProcessView> Exchange::processes() const {
    std::vector<ProcessView> views;
    views.reserve(members_.size());
    for (const auto& [id, member] : members_)
        views.push_back(view(*member));
    return views;
}

bool Exchange::send_signal(std::uint64_t id, int signal) {
    Member* member = find(id);
    return member && member->channel.process().send_signal(signal);
}

void Exchange::store_until(os::Deadline deadline) {
    look_until(deadline);
    std::vector<std::uint64_t> ids(ready_.begin(), ready_.end());
    if (one_at_a_time_ && ids.size() > 1) {
        std::rotate(ready_.begin(), ready_.begin() + 1, ready_.end());
        ids.erase(ids.begin() + 1, ids.end());
    }
    try {
        for (const std::uint64_t id : ids)
            if (Member* member = find(id); member && member->is_ready)
                deliver(*member);
        schedule();
    } catch (...) {
        update_flag();
        throw;
    }
    update_flag();
}

void Exchange::set_record(const Member& member, bool last) {
    record_ = {member.index, member.channel.pid(), member.attempts, member.started, last};
}

void Exchange::deliver(Member& member) {
    const std::uint64_t id = member.id;
    Channel& channel = member.channel;
    const std::uint64_t before = channel.traffic().messages_in;
    const bool is_value = channel.has_value();
    try {
        if (is_value) {
            const bool ends_task = !options_.continuous && awaits_outcome(member);
            set_record(member, !options_.continuous);
            member.told_outcome = ends_task;
            store_data(channel);
            if (ends_task)
                tell_value_taken(channel);
        } else {
            deliver_error(member);
        }
    } catch (...) {
        if (Member* still = find(id)) {
            if (is_value)
                still->told_outcome = false; // it was not, and what has been received counts
            examine(*still);
        }
        throw;
    }
    Member* still = find(id);
    if (!still)
        return;
    if (is_value && channel.traffic().messages_in == before)
        throw std::logic_error("store_data returned without having received from the channel it was given");
    examine(*still);
}

void Exchange::deliver_error(Member& member) {
    Channel& channel = member.channel;
    std::exception_ptr error;
    member.broken = channel.has_error() && !member.abandoned;
    const auto& status = channel.process().status();
    if (channel.is_over() && !channel.has_error() && status && !status->start_error() &&
        !channel.process().is_remote() && !channel.failure_was_final()) {
        error = std::make_exception_ptr(ProcessDied(channel.pid(), *status));
    } else {
        error = channel.take_error();
        if (!error) { // an end without a process and without a word
            error = std::make_exception_ptr(
                ChannelClosed("the other side closed its channel without having sent a result"));
        }
    }
    set_record(member, true);
    member.end_delivered = channel.is_over();
    const bool has_its_value = !member.reusable && !options_.continuous && !member.tasks.empty() &&
                               member.tasks.front().ended && !member.abandoned;
    if (has_its_value)
        return; // which stands, whatever happens to the process afterwards
    const bool ends_it = member.end_delivered || member.broken || channel.failure_was_final();
    if (member.reusable && ends_it && !member.abandoned && !has_begun(member)) {
        take_back(member); // it failed between two tasks, which is neither's failure
        return;
    }
    if (!member.tasks.empty() && (member.end_delivered || member.broken || !member.reusable))
        member.tasks.front().ended = true;
    if (member.broken && member.reusable && member.tasks.empty())
        return; // every task of this process has its outcome; as with one that dies while idle, none fails
    member.told_outcome = true;
    tell_finished(TaskOutcome::error, error);
    store_error(channel, error);
}

/// An outcome or a value has been received; what does that end?
void Exchange::settle(Member& member) {
    const std::uint64_t taken = member.channel.traffic().messages_in - member.messages_seen;
    member.messages_seen += taken;
    if (taken > 0)
        member.told_ready = false;
    const bool was_told = std::exchange(member.told_outcome, false);
    const bool took_end = member.channel.end_was_taken() && !member.end_delivered;
    const bool took_outcome = took_end || (options_.continuous ? member.channel.failure_was_taken() : taken > 0);
    if (took_outcome && awaits_outcome(member)) {
        // Whoever uses `ready` has received it himself.
        if (!was_told) {
            set_record(member, true);
            tell_received_by_hand(member, took_end && (options_.continuous || taken == 0));
        }
        if (took_end || !member.reusable)
            member.tasks.front().ended = true; // or else it would be started again
    }
    const bool ended_by_failure =
        member.channel.failure_was_taken() && (!member.reusable || member.channel.failure_was_final());
    if (member.reusable) {
        for (std::uint64_t count = 0; count < taken && !member.tasks.empty(); ++count)
            finish_task(member);
    } else if (taken > 0) {
        member.got_value = true;
        if (!options_.continuous && !member.tasks.empty())
            member.tasks.front().ended = true;
    }
    if (ended_by_failure) {
        member.failed = true;
        member.dismissed = true;
        idle_.erase(member.id);
    }
    if (member.broken && !member.abandoned)
        give_up(member);
}

void Exchange::begin_task(Member& member) {
    Task& task = member.tasks.front();
    task.attempts += 1;
    member.index = task.index;
    member.attempts = task.attempts;
    member.started = member.since = os::Clock::now();
    if (options_.timeout)
        set_deadline(member, os::Deadline::after(*options_.timeout));
}

void Exchange::finish_task(Member& member) {
    const double seconds = std::chrono::duration<double>(os::Clock::now() - member.started).count();
    task_seconds_ = task_seconds_ > 0 ? 0.8 * task_seconds_ + 0.2 * seconds : seconds;
    member.tasks.pop_front();
    member.tasks_done += 1;
    set_deadline(member, {});
    if (!member.tasks.empty()) {
        begin_task(member);
    } else if (options_.max_tasks_per_process > 0 && member.tasks_done >= options_.max_tasks_per_process) {
        dismiss(member);
    } else if (!member.dismissed) {
        idle_.insert(member.id);
        member.since = os::Clock::now();
    }
}

} // namespace pprocess
