// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/event_text.h>

#include <widgets/format.h>
#include <widgets/instruments/instrument_data.h>

#include <csignal>
#include <cstring>

namespace pprocess::widgets {

EventGroup groupOf(EventKind kind) {
    if (kind == EventKind::process_sample)
        return EventGroup::samples;
    if (kind < EventKind::exchange_created)
        return EventGroup::processes;
    if (kind < EventKind::task_queued)
        return EventGroup::exchanges;
    if (kind < EventKind::message_sent)
        return EventGroup::tasks;
    return kind < EventKind::events_dropped ? EventGroup::messages : EventGroup::record;
}

QString groupName(EventGroup group) {
    switch (group) {
    case EventGroup::processes:
        return QStringLiteral("Processes");
    case EventGroup::exchanges:
        return QStringLiteral("Exchanges and channels");
    case EventGroup::tasks:
        return QStringLiteral("Tasks");
    case EventGroup::messages:
        return QStringLiteral("Messages");
    case EventGroup::samples:
        return QStringLiteral("Samples of CPU and memory");
    case EventGroup::record:
        return QStringLiteral("Lost events");
    }
    return {};
}

QString kindName(EventKind kind) {
    switch (kind) {
    case EventKind::process_created:
        return QStringLiteral("process created");
    case EventKind::process_running:
        return QStringLiteral("process running");
    case EventKind::process_stopped:
        return QStringLiteral("process stopped");
    case EventKind::process_resumed:
        return QStringLiteral("process resumed");
    case EventKind::process_ended:
        return QStringLiteral("process ended");
    case EventKind::process_signalled:
        return QStringLiteral("signal sent");
    case EventKind::process_sample:
        return QStringLiteral("sample");
    case EventKind::program_described:
        return QStringLiteral("program");
    case EventKind::exchange_created:
        return QStringLiteral("exchange created");
    case EventKind::exchange_ended:
        return QStringLiteral("exchange ended");
    case EventKind::channel_added:
        return QStringLiteral("channel added");
    case EventKind::channel_ready:
        return QStringLiteral("channel ready");
    case EventKind::channel_removed:
        return QStringLiteral("channel removed");
    case EventKind::task_queued:
        return QStringLiteral("task queued");
    case EventKind::task_sent:
        return QStringLiteral("task sent");
    case EventKind::task_retried:
        return QStringLiteral("task retried");
    case EventKind::task_timed_out:
        return QStringLiteral("task timed out");
    case EventKind::task_cancelled:
        return QStringLiteral("task cancelled");
    case EventKind::task_finished:
        return QStringLiteral("task finished");
    case EventKind::tasks_expected:
        return QStringLiteral("tasks announced");
    case EventKind::task_started:
        return QStringLiteral("task started");
    case EventKind::task_returned:
        return QStringLiteral("task returned");
    case EventKind::message_sent:
        return QStringLiteral("message sent");
    case EventKind::message_received:
        return QStringLiteral("message received");
    case EventKind::waiting_for_space:
        return QStringLiteral("waiting for space");
    case EventKind::space_found:
        return QStringLiteral("space found");
    case EventKind::events_dropped:
        return QStringLiteral("events lost");
    case EventKind::none:
        break;
    }
    return QStringLiteral("unknown event %1").arg(static_cast<int>(kind));
}

bool isFailure(const Event& event) {
    switch (event.kind) {
    case EventKind::process_ended:
        return event.detail != static_cast<std::uint8_t>(ProcessEnd::exited) || event.value != 0;
    case EventKind::task_finished:
        return event.detail != static_cast<std::uint8_t>(TaskOutcome::value) &&
               event.detail != static_cast<std::uint8_t>(TaskOutcome::cancelled);
    case EventKind::task_timed_out:
    case EventKind::events_dropped:
        return true;
    default:
        return false;
    }
}

StateSign signOf(const Event& event) {
    if (isFailure(event))
        return StateSign::failed;
    switch (event.kind) {
    case EventKind::process_ended:
    case EventKind::task_returned:
        return StateSign::succeeded;
    case EventKind::task_finished:
        return event.detail == static_cast<std::uint8_t>(TaskOutcome::cancelled) ? StateSign::cancelled
                                                                                 : StateSign::succeeded;
    case EventKind::process_running:
    case EventKind::process_resumed:
    case EventKind::task_started:
        return StateSign::running;
    case EventKind::task_queued:
    case EventKind::task_retried:
    case EventKind::tasks_expected:
    case EventKind::waiting_for_space:
    case EventKind::process_stopped:
        return StateSign::waiting;
    case EventKind::task_cancelled:
    case EventKind::exchange_ended:
    case EventKind::channel_removed:
    case EventKind::process_signalled:
        return StateSign::cancelled;
    default:
        return StateSign::starting;
    }
}

QString outcomeName(TaskOutcome outcome) {
    switch (outcome) {
    case TaskOutcome::value:
        return QStringLiteral("ended well");
    case TaskOutcome::error:
        return QStringLiteral("threw an error");
    case TaskOutcome::died:
        return QStringLiteral("lost its process");
    case TaskOutcome::timed_out:
        return QStringLiteral("timed out");
    case TaskOutcome::cancelled:
        return QStringLiteral("was cancelled");
    }
    return QStringLiteral("ended in an unknown way");
}

std::int32_t subjectOf(const Event& event) {
    const bool isOfMessage = groupOf(event.kind) == EventGroup::messages;
    if (isOfMessage && event.detail == static_cast<std::uint8_t>(ChannelEnd::created))
        return event.writer;
    return event.process != 0 ? event.process : event.writer;
}

bool hasBytes(const Event& event) {
    return groupOf(event.kind) == EventGroup::messages && event.kind != EventKind::space_found;
}

namespace {

QString process(std::int32_t pid) {
    return pid > 0 ? QStringLiteral("process %1").arg(pid) : QStringLiteral("a process");
}

QString task(const Event& event) {
    return event.task == Event::unknown ? QStringLiteral("a task") : QStringLiteral("task %1").arg(event.task);
}

QString attempt(const Event& event) {
    return event.value > 1 ? QStringLiteral(" (attempt %1)").arg(event.value) : QString();
}

QString with(const QString& words, const QString& text) {
    return text.isEmpty() ? words : words + QStringLiteral(": ") + text;
}

QString signalName(int signal) {
    const char* const name = ::sigabbrev_np(signal);
    return name ? QStringLiteral("SIG") + QLatin1String(name) : QStringLiteral("signal %1").arg(signal);
}

QString ofProcess(const Event& event, const QString& text) {
    const QString name = process(event.process);
    switch (event.kind) {
    case EventKind::process_created:
        return with(QStringLiteral("%1 created by %2").arg(name, process(event.writer)), text);
    case EventKind::process_running:
        return QStringLiteral("%1 runs").arg(name);
    case EventKind::process_stopped:
        return QStringLiteral("%1 was stopped by a signal").arg(name);
    case EventKind::process_resumed:
        return QStringLiteral("%1 goes on").arg(name);
    case EventKind::process_ended:
        return with(QStringLiteral("%1 ended").arg(name), text);
    case EventKind::process_signalled:
        return QStringLiteral("%1 was sent %2").arg(name, signalName(event.value));
    case EventKind::process_sample: {
        QString words = QStringLiteral("%1 has used %2 of CPU time, holds %3 of memory")
                            .arg(name, format::duration(std::chrono::nanoseconds(event.number)),
                                 format::bytes(static_cast<double>(event.size)));
        words += QStringLiteral(", ") + format::counted(static_cast<std::uint64_t>(std::max(event.value, 0)),
                                                        QStringLiteral("thread"), QStringLiteral("threads"));
        if (event.task != Event::unknown)
            words += QStringLiteral(", ") +
                     format::counted(event.task, QStringLiteral("open file"), QStringLiteral("open files"));
        return words;
    }
    case EventKind::program_described:
        return with(name, text);
    default:
        return text;
    }
}

QString ofExchange(const Event& event) {
    switch (event.kind) {
    case EventKind::exchange_created:
        return event.number == 0
                   ? QStringLiteral("%1 made an exchange without a limit").arg(process(event.process))
                   : QStringLiteral("%1 made an exchange of %2")
                         .arg(process(event.process),
                              format::counted(event.number, QStringLiteral("slot"), QStringLiteral("slots")));
    case EventKind::exchange_ended:
        return QStringLiteral("the exchange of %1 was destroyed").arg(process(event.process));
    case EventKind::channel_added:
        return QStringLiteral("%1 joined the exchange").arg(process(event.process));
    case EventKind::channel_ready:
        return (static_cast<Readiness>(event.detail) == Readiness::something
                    ? QStringLiteral("%1 has something to receive")
                    : QStringLiteral("%1 has nothing to receive any more"))
            .arg(process(event.process));
    case EventKind::channel_removed:
        return QStringLiteral("%1 left the exchange").arg(process(event.process));
    default:
        return {};
    }
}

QString ofTask(const Event& event, const QString& text) {
    const QString name = task(event);
    switch (event.kind) {
    case EventKind::tasks_expected:
        return QStringLiteral("there will be %1 in all")
            .arg(format::counted(event.number, QStringLiteral("task"), QStringLiteral("tasks")));
    case EventKind::task_queued:
        return QStringLiteral("%1 waits for a process").arg(name);
    case EventKind::task_sent:
        return with(QStringLiteral("%1 sent to %2%3").arg(name, process(event.process), attempt(event)), text);
    case EventKind::task_retried:
        return QStringLiteral("%1 waits again: its process died").arg(name);
    case EventKind::task_timed_out:
        return QStringLiteral("%1 has had its time; %2 is being ended").arg(name, process(event.process));
    case EventKind::task_cancelled:
        return QStringLiteral("%1 was cancelled by its owner").arg(name);
    case EventKind::task_finished: {
        const auto outcome = static_cast<TaskOutcome>(event.detail);
        if (outcome == TaskOutcome::died && event.process > 0)
            return with(QStringLiteral("%1 lost %2%3").arg(name, process(event.process), attempt(event)), text);
        QString words = name + QLatin1Char(' ') + outcomeName(outcome);
        if (event.process > 0)
            words += QStringLiteral(" in ") + process(event.process);
        return with(words + attempt(event), text);
    }
    case EventKind::task_started:
        return with(QStringLiteral("%1 began its task no. %2").arg(process(event.process)).arg(event.number + 1), text);
    case EventKind::task_returned:
        return QStringLiteral("%1 has worked out its task no. %2").arg(process(event.process)).arg(event.number + 1);
    default:
        return text;
    }
}

QString ofMessage(const Event& event, const QString& text) {
    // Told from the creator's side at either end, so that the two halves of one message read alike.
    const bool byCreator = event.detail == static_cast<std::uint8_t>(ChannelEnd::creator);
    const QString name = process(subjectOf(event));
    switch (event.kind) {
    case EventKind::message_sent:
        return with(byCreator ? QStringLiteral("sent to %1").arg(name) : QStringLiteral("sent by %1").arg(name), text);
    case EventKind::message_received:
        return with(byCreator ? QStringLiteral("received from %1").arg(name)
                              : QStringLiteral("received by %1").arg(name),
                    text);
    case EventKind::waiting_for_space:
        return byCreator ? QStringLiteral("the connection to %1 is full").arg(name)
                         : QStringLiteral("the connection of %1 is full").arg(name);
    case EventKind::space_found:
        return byCreator ? QStringLiteral("the connection to %1 has room again").arg(name)
                         : QStringLiteral("the connection of %1 has room again").arg(name);
    default:
        return text;
    }
}

} // namespace

QString sentence(const Event& event, const QString& text) {
    switch (groupOf(event.kind)) {
    case EventGroup::processes:
    case EventGroup::samples:
        return ofProcess(event, text);
    case EventGroup::exchanges:
        return ofExchange(event);
    case EventGroup::tasks:
        return ofTask(event, text);
    case EventGroup::messages:
        return ofMessage(event, text);
    case EventGroup::record:
        return QStringLiteral("%1 not recorded: more happened than there was room for")
            .arg(format::counted(event.number, QStringLiteral("event was"), QStringLiteral("events were")));
    }
    return text;
}

QString sentence(const InstrumentData& data, std::uint64_t index) {
    return sentence(data.event(index), data.text(index, 200));
}

QString seconds(std::int64_t time) {
    const bool isNegative = time < 0;
    const auto whole = static_cast<std::uint64_t>(isNegative ? -time : time);
    return QStringLiteral("%1%2.%3 s")
        .arg(isNegative ? QStringLiteral("-") : QString(), format::count(whole / 1'000'000'000))
        .arg(whole % 1'000'000'000 / 1'000, 6, 10, QLatin1Char('0'));
}

} // namespace pprocess::widgets
