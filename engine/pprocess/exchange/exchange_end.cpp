// SPDX-License-Identifier: LGPL-3.0-or-later

/// How an exchange ends its processes before they end by themselves: after their time, or because it is cancelled.

#include <pprocess/exchange/exchange.h>

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace pprocess {

namespace {

/// Calls `function`, and keeps the first exception of several such calls for later, so that what must be told to all
/// is.
template <typename Function>
void keep_going(std::exception_ptr& first, Function&& function) {
    try {
        function();
    } catch (const TaskCancelled&) {
        // Whoever cancels knows it.
    } catch (...) {
        if (!first)
            first = std::current_exception();
    }
}

} // namespace

void Exchange::set_deadline(Member& member, os::Deadline deadline) {
    if (member.deadline.is_set())
        deadlines_.erase({member.deadline.at(), member.id});
    member.deadline = deadline;
    if (deadline.is_set())
        deadlines_.insert({deadline.at(), member.id});
    set_timer();
}

/// Also sets the descriptor of a timer that has fired back.
void Exchange::set_timer() {
    os::Deadline next = launch_again_;
    if (!deadlines_.empty() && (!next.is_set() || deadlines_.begin()->first < next.at()))
        next = os::Deadline(deadlines_.begin()->first);
    timer_.set(next);
}

void Exchange::check_deadlines() {
    if (launch_again_.has_passed())
        launch_again_ = {};
    while (!deadlines_.empty() && deadlines_.begin()->first <= os::Clock::now()) {
        Member& member = *find(deadlines_.begin()->second);
        set_deadline(member, {});
        if (member.abandoned) {
            member.channel.process().send_signal(SIGKILL);
        } else if (member.channel.pump() && !member.channel.is_over()) {
            mark_ready(member); // it came in time, if only just
        } else if (awaits_outcome(member) && !has_begun(member)) {
            take_back(member); // it stood still between two tasks
            abandon(member, nullptr);
        } else {
            const auto text = "the task did not end within " + std::to_string(options_.timeout->count()) +
                              " ms; its process " + std::to_string(member.channel.pid()) + " has been ended";
            tell_interrupted(EventKind::task_timed_out, member.index, member.channel);
            abandon(member, awaits_outcome(member) ? std::make_exception_ptr(TaskTimedOut(text)) : nullptr);
        }
    }
    set_timer();
}

/// Ends a member's process by force, without a word on its present task. Those handed over ahead wait again.
void Exchange::give_up(Member& member) {
    stop_watching_socket(member);
    idle_.erase(member.id);
    member.dismissed = true;
    member.abandoned = true;
    if (!member.tasks.empty()) {
        member.tasks.pop_front();
        requeue(member);
    }
    member.channel.end_process();
    set_deadline(member, os::Deadline::after(grace));
}

/// As `give_up`; `error` becomes the task's outcome.
void Exchange::abandon(Member& member, std::exception_ptr error) {
    give_up(member);
    member.channel.fail(std::move(error));
    examine(member);
}

void Exchange::cancel_task(Channel& channel, const Task& task, pid_t pid) {
    record_ = {task.index, pid, task.attempts, task.started, true};
    const std::string text = task.attempts > 0
                                 ? "the task was cancelled and its process " + std::to_string(pid) + " has been ended"
                                 : "the task was cancelled before it began";
    tell_interrupted(EventKind::task_cancelled, task.index, channel);
    tell_finished(TaskOutcome::cancelled, nullptr);
    store_error(channel, std::make_exception_ptr(TaskCancelled(text)));
}

void Exchange::begin_cancel() {
    std::exception_ptr first;
    Channel nowhere;
    for (const auto& [id, member] : members_) {
        if (member->abandoned)
            continue;
        // Tasks handed over ahead are among the waiting ones again, so that they are told in order.
        while (member->tasks.size() > 1) {
            if (member->tasks.back().work)
                waiting_.push_front(std::move(member->tasks.back()));
            member->tasks.pop_back();
        }
    }
    std::deque<Task> dropped = std::exchange(waiting_, {});
    std::vector<std::uint64_t> ids;
    for (const auto& [id, member] : members_)
        ids.push_back(id);
    for (const std::uint64_t id : ids) {
        Member* member = find(id);
        if (!member || member->abandoned || is_idle(*member))
            continue;
        if (awaits_outcome(*member) || (options_.continuous && !member->failed && !member->tasks.empty())) {
            Task& task = member->tasks.front();
            task.started = member->started;
            keep_going(first, [&] { cancel_task(member->channel, task, member->channel.pid()); });
        }
        if ((member = find(id)))
            abandon(*member, nullptr);
    }
    for (const Task& task : dropped)
        keep_going(first, [&] { cancel_task(nowhere, task, 0); });
    while (!idle_.empty()) {
        Member& member = *find(*idle_.begin());
        dismiss(member);
        set_deadline(member, os::Deadline::after(grace)); // one that is stopped does not hear of it
    }
    update_flag();
    if (first)
        std::rethrow_exception(first);
}

void Exchange::cancel() {
    std::exception_ptr first;
    keep_going(first, [&] { begin_cancel(); });
    while (!members_.empty())
        keep_going(first, [&] { store(); });
    if (first)
        std::rethrow_exception(first);
}

} // namespace pprocess
