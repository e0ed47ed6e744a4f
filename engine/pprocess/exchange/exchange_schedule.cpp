// SPDX-License-Identifier: LGPL-3.0-or-later

/// How an exchange comes to start its tasks: in new processes, or in those that it keeps.

#include <pprocess/exchange/exchange.h>

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace pprocess {

namespace {

/// Work that a reused process may have ahead of it, in seconds: enough that it never waits for the next task, little
/// enough that it is not left with a heap that others could take.
constexpr double seconds_ahead = 0.001;
constexpr std::size_t most_ahead = 256;

/// After a shortage that nothing here may ever end, it is tried again so much later.
constexpr std::chrono::milliseconds back_off{100};

} // namespace

bool Exchange::is_shortage(int error) noexcept {
    return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE || error == ENOSPC;
}

void Exchange::submit(std::unique_ptr<Work> work) {
    Task task;
    task.index = next_index_++;
    task.work = std::move(work);
    tell_queued(task);
    waiting_.push_back(std::move(task));
    try {
        schedule();
    } catch (...) {
        // Whoever is told that it failed must not see it run later.
        if (!waiting_.empty() && waiting_.back().index + 1 == next_index_) {
            waiting_.pop_back();
            --next_index_;
            tell_interrupted(EventKind::task_cancelled, next_index_, {});
        }
        update_flag();
        throw;
    }
    update_flag();
}

Exchange::Member* Exchange::idle_for(const Work::Key& key) {
    for (const std::uint64_t id : idle_) {
        Member* member = find(id);
        if (member->key == key)
            return member;
    }
    return nullptr;
}

std::size_t Exchange::depth_by_time() const {
    if (!batches_allowed_ || options_.timeout || options_.max_tasks_per_process > 0)
        return 1;
    if (most_in_batch_)
        return std::max<std::size_t>(1, *most_in_batch_);
    if (task_seconds_ <= 0)
        return 1;
    return std::max<std::size_t>(1,
                                 static_cast<std::size_t>(std::min(seconds_ahead / task_seconds_, double(most_ahead))));
}

std::size_t Exchange::depth() const {
    const std::size_t by_share = waiting_.size() / (2 * std::max<std::size_t>(1, members_.size())) + 1;
    return std::min(depth_by_time(), by_share);
}

std::size_t Exchange::wanted_waiting() const {
    const std::size_t depth = depth_by_time();
    return depth > 1 ? 2 * depth * std::max<std::size_t>(1, members_.size()) : 1;
}

void Exchange::schedule() {
    while (!waiting_.empty()) {
        const Work& work = *waiting_.front().work;
        if (options_.reuse && work.is_reusable()) {
            if (Member* member = idle_for(work.key())) {
                hand_over_next(*member);
                continue;
            }
        }
        if (has_free_slot()) {
            if (!launch_again_.is_set() && launch_next())
                continue;
        }
        make_room(); // an idle process that knows another function holds the slot, or what is short
        break;
    }
    while (batches_allowed_ && !waiting_.empty() && !hand_out_ahead()) {
    }
}

/// Gives working processes tasks ahead; false when it must begin again, as the members have changed.
bool Exchange::hand_out_ahead() {
    for (auto& [id, member] : members_) {
        if (!member->reusable || member->dismissed || member->abandoned || member->tasks.empty())
            continue;
        while (!waiting_.empty() && waiting_.front().work->key() == member->key && member->tasks.size() < depth())
            if (!hand_over_next(*member))
                return false;
    }
    return true;
}

bool Exchange::launch_next() {
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    try {
        adopt(options_.reuse ? task.work->launch_for_reuse() : task.work->launch(), task);
        return true;
    } catch (const SystemError& error) {
        waiting_.push_front(std::move(task));
        if (!is_shortage(error.code().value()) || members_.empty())
            throw;
        await_room();
        return false;
    } catch (...) {
        fail_task(std::move(task), std::current_exception());
        return true;
    }
}

/// A shortage passes when something that runs here has ended, or something elsewhere; then it is tried again.
void Exchange::await_room() {
    launch_again_ = os::Deadline::after(back_off);
    set_timer();
}

/// Lets as many idle processes go as there are waiting tasks that none of them can take, those counted that are going.
void Exchange::make_room() {
    if (idle_.empty())
        return;
    auto going = static_cast<std::size_t>(
        std::count_if(members_.begin(), members_.end(), [](const auto& entry) { return entry.second->dismissed; }));
    std::size_t seen = 0;
    for (const Task& task : waiting_) {
        if (idle_.empty() || ++seen > members_.size())
            return;
        if (options_.reuse && task.work->is_reusable() && idle_for(task.work->key()))
            continue;
        if (going > 0) {
            --going;
        } else {
            dismiss(*find(*idle_.begin()));
        }
    }
}

/// Ends a task that no process can be given: a channel that has nothing but the error stands for one.
void Exchange::fail_task(Task task, std::exception_ptr error) {
    Member& member = new_member({});
    member.abandoned = true;
    member.index = task.index;
    member.attempts = task.attempts;
    member.started = member.since = os::Clock::now();
    member.channel.fail(std::move(error));
    mark_ready(member);
}

/// Gives a process the first waiting task; false when it did not get it, and then neither may be there any more.
bool Exchange::hand_over_next(Member& member) {
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    tell_given(member, task, false);
    try {
        task.work->hand_over(member.channel);
    } catch (const ChannelClosed&) {
        // It ended while idle, which is no task's failure; its end will be seen in a moment.
        tell_queued(task);
        waiting_.push_front(std::move(task));
        member.dismissed = true;
        idle_.erase(member.id);
        return false;
    } catch (const SystemError&) {
        // Part of it may have gone out, and nothing that follows would be understood.
        tell_queued(task);
        waiting_.push_front(std::move(task));
        abandon(member, nullptr);
        return false;
    } catch (...) {
        tell_queued(task); // or else the next one that this process gets would be taken for it
        fail_task(std::move(task), std::current_exception()); // it cannot travel; the process is as it was
        return false;
    }
    send_pending(member);
    idle_.erase(member.id);
    member.tasks.push_back(std::move(task));
    if (member.tasks.size() == 1)
        begin_task(member);
    return true;
}

void Exchange::dismiss(Member& member) {
    member.dismissed = true;
    idle_.erase(member.id);
    say_no_more(member);
    send_pending(member);
    if (options_.timeout)
        set_deadline(member, os::Deadline::after(*options_.timeout)); // one that stands still does not hear of it
}

void Exchange::say_no_more(Member& member) {
    try {
        member.channel.post(std::monostate());
    } catch (const ChannelClosed&) {
        // It has ended by itself.
    }
}

void Exchange::dismiss_idle() {
    while (!idle_.empty())
        dismiss(*find(*idle_.begin()));
}

} // namespace pprocess
