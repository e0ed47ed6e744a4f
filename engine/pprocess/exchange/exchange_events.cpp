// SPDX-License-Identifier: LGPL-3.0-or-later

/// What exchanges tell observers.

#include <pprocess/exchange/exchange.h>

namespace pprocess {

namespace {

struct Ending {
    TaskOutcome outcome;
    std::string text;
};

Ending ending_of(TaskOutcome outcome, const std::exception_ptr& error) {
    if (!error)
        return {outcome, {}};
    try {
        std::rethrow_exception(error);
    } catch (const TaskTimedOut& timeout) {
        return {TaskOutcome::timed_out, timeout.what()};
    } catch (const TaskCancelled& cancelled) {
        return {TaskOutcome::cancelled, cancelled.what()};
    } catch (const ProcessDied& death) {
        return {TaskOutcome::died, death.what()};
    } catch (const std::exception& other) {
        return {TaskOutcome::error, other.what()};
    } catch (...) {
        return {TaskOutcome::error, "an exception of an unknown type"};
    }
}

} // namespace

void Exchange::tell_begun() const noexcept {
    Observer* const observer = os::observer();
    if (!observer) [[likely]]
        return;
    Event event{.exchange = id(), .number = options_.limit.value_or(0), .process = os::own_pid()};
    event.kind = EventKind::exchange_created;
    event.detail = static_cast<std::uint8_t>((options_.reuse ? exchange_reuses : 0) |
                                             (options_.continuous ? exchange_is_continuous : 0));
    os::tell(*observer, event);
}

void Exchange::tell_ended() const noexcept {
    Observer* const observer = os::observer();
    if (!observer || id() == 0 || generation_ != os::generation()) [[likely]]
        return;
    os::tell(*observer, {.exchange = id(), .process = os::own_pid(), .kind = EventKind::exchange_ended});
}

void Exchange::announce_tasks(std::size_t total) const noexcept {
    if (Observer* observer = os::observer()) [[unlikely]]
        os::tell(*observer,
                 {.exchange = id(), .number = total, .process = os::own_pid(), .kind = EventKind::tasks_expected});
}

void Exchange::announce_cancelled(std::size_t task) const noexcept {
    if (Observer* observer = os::observer()) [[unlikely]]
        os::tell(*observer, {.exchange = id(),
                             .task = task,
                             .kind = EventKind::task_finished,
                             .detail = static_cast<std::uint8_t>(TaskOutcome::cancelled)});
}

void Exchange::tell_channel(EventKind kind, const Member& member, Readiness readiness) const noexcept {
    if (Observer* observer = os::observer()) [[unlikely]]
        os::tell(*observer, {.channel = member.channel.id(),
                             .exchange = id(),
                             .process = member.channel.pid(),
                             .kind = kind,
                             .detail = static_cast<std::uint8_t>(readiness)});
}

void Exchange::tell_queued(const Task& task, EventKind kind) const noexcept {
    if (Observer* observer = os::observer()) [[unlikely]]
        os::tell(*observer, {.exchange = id(),
                             .task = task.index,
                             .process = os::own_pid(),
                             .value = static_cast<std::int32_t>(task.attempts),
                             .kind = kind});
}

void Exchange::tell_given(const Member& member, const Task& task, bool with_arguments) const noexcept {
    Observer* const observer = os::observer();
    if (!observer) [[likely]]
        return;
    const Event event{.channel = member.channel.id(),
                      .exchange = id(),
                      .task = task.index,
                      .number = member.tasks_done + member.tasks.size(),
                      .process = member.channel.pid(),
                      .value = static_cast<std::int32_t>(task.attempts + 1),
                      .kind = EventKind::task_sent};
    std::string arguments;
    if (with_arguments && task.work) {
        try {
            arguments = task.work->arguments_text();
        } catch (const std::exception&) {
            // It runs all the same.
        }
    }
    os::tell(*observer, event, arguments);
}

void Exchange::tell_interrupted(EventKind kind, std::size_t task, const Channel& channel) const noexcept {
    if (Observer* observer = os::observer()) [[unlikely]]
        os::tell(*observer,
                 {.channel = channel.id(), .exchange = id(), .task = task, .process = channel.pid(), .kind = kind});
}

/// Of the task that `record_` tells of.
void Exchange::tell_finished(TaskOutcome outcome, const std::exception_ptr& error) const noexcept {
    Observer* const observer = os::observer();
    if (!observer) [[likely]]
        return;
    const Ending ending = ending_of(outcome, error);
    os::tell(*observer,
             {.exchange = id(),
              .task = record_.index,
              .process = record_.pid,
              .value = static_cast<std::int32_t>(record_.attempts),
              .kind = EventKind::task_finished,
              .detail = static_cast<std::uint8_t>(ending.outcome)},
             ending.text);
}

/// What was wrong is known to whoever has received it, but for a death.
void Exchange::tell_received_by_hand(const Member& member, bool was_end) const noexcept {
    if (!os::observer()) [[likely]]
        return;
    const auto& status = member.channel.process().status();
    if (was_end && status && !status->start_error())
        tell_finished(TaskOutcome::died, std::make_exception_ptr(ProcessDied(member.channel.pid(), *status)));
    else
        tell_finished(!was_end && member.channel.last_was_decoded() ? TaskOutcome::value : TaskOutcome::error, nullptr);
}

void Exchange::call_it_failed(const std::string& text) {
    if (os::observer()) [[unlikely]]
        verdict_ = std::make_exception_ptr(Error(text));
}

void Exchange::tell_value_taken(const Channel& channel) noexcept {
    if (const std::exception_ptr verdict = std::exchange(verdict_, nullptr))
        tell_finished(TaskOutcome::error, verdict);
    else
        tell_finished(channel.last_was_decoded() ? TaskOutcome::value : TaskOutcome::error, nullptr);
}

} // namespace pprocess
