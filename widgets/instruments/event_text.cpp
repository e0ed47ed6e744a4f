// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/event_text.h>

#include <widgets/format.h>
#include <widgets/instruments/instrument_data.h>

#include <QCoreApplication>

#include <csignal>
#include <cstring>

namespace pprocess::widgets {

namespace {

/// Whom translations know these texts by.
class EventWords {
    Q_DECLARE_TR_FUNCTIONS(pprocess::widgets::EventWords)
};

} // namespace

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
        return EventWords::tr("Processes");
    case EventGroup::exchanges:
        return EventWords::tr("Exchanges and channels");
    case EventGroup::tasks:
        return EventWords::tr("Tasks");
    case EventGroup::messages:
        return EventWords::tr("Messages");
    case EventGroup::samples:
        return EventWords::tr("Samples of CPU and memory");
    case EventGroup::record:
        return EventWords::tr("Lost events");
    }
    return {};
}

QString kindName(EventKind kind) {
    switch (kind) {
    case EventKind::process_created:
        return EventWords::tr("process created");
    case EventKind::process_running:
        return EventWords::tr("process running");
    case EventKind::process_stopped:
        return EventWords::tr("process stopped");
    case EventKind::process_resumed:
        return EventWords::tr("process resumed");
    case EventKind::process_ended:
        return EventWords::tr("process ended");
    case EventKind::process_signalled:
        return EventWords::tr("signal sent");
    case EventKind::process_sample:
        return EventWords::tr("sample");
    case EventKind::program_described:
        return EventWords::tr("program");
    case EventKind::exchange_created:
        return EventWords::tr("exchange created");
    case EventKind::exchange_ended:
        return EventWords::tr("exchange ended");
    case EventKind::channel_added:
        return EventWords::tr("channel added");
    case EventKind::channel_ready:
        return EventWords::tr("channel ready");
    case EventKind::channel_removed:
        return EventWords::tr("channel removed");
    case EventKind::task_queued:
        return EventWords::tr("task queued");
    case EventKind::task_sent:
        return EventWords::tr("task sent");
    case EventKind::task_retried:
        return EventWords::tr("task retried");
    case EventKind::task_timed_out:
        return EventWords::tr("task timed out");
    case EventKind::task_cancelled:
        return EventWords::tr("task cancelled");
    case EventKind::task_finished:
        return EventWords::tr("task finished");
    case EventKind::tasks_expected:
        return EventWords::tr("tasks announced");
    case EventKind::task_started:
        return EventWords::tr("task started");
    case EventKind::task_returned:
        return EventWords::tr("task returned");
    case EventKind::message_sent:
        return EventWords::tr("message sent");
    case EventKind::message_received:
        return EventWords::tr("message received");
    case EventKind::waiting_for_space:
        return EventWords::tr("waiting for space");
    case EventKind::space_found:
        return EventWords::tr("space found");
    case EventKind::events_dropped:
        return EventWords::tr("events lost");
    case EventKind::none:
        break;
    }
    return EventWords::tr("unknown event %1").arg(static_cast<int>(kind));
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
        return EventWords::tr("ended well");
    case TaskOutcome::error:
        return EventWords::tr("threw an error");
    case TaskOutcome::died:
        return EventWords::tr("lost its process");
    case TaskOutcome::timed_out:
        return EventWords::tr("timed out");
    case TaskOutcome::cancelled:
        return EventWords::tr("was cancelled");
    }
    return EventWords::tr("ended in an unknown way");
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
    return pid > 0 ? EventWords::tr("process %1").arg(pid) : EventWords::tr("a process");
}

QString task(const Event& event) {
    return event.task == Event::unknown ? EventWords::tr("a task") : EventWords::tr("task %1").arg(event.task);
}

QString attempt(const Event& event) {
    return event.value > 1 ? EventWords::tr(" (attempt %1)").arg(event.value) : QString();
}

QString with(const QString& words, const QString& text) {
    return text.isEmpty() ? words : words + QStringLiteral(": ") + text;
}

QString signalName(int signal) {
    const char* const name = ::sigabbrev_np(signal);
    return name ? QStringLiteral("SIG") + QLatin1String(name) : EventWords::tr("signal %1").arg(signal);
}

QString ofProcess(const Event& event, const QString& text) {
    const QString name = process(event.process);
    switch (event.kind) {
    case EventKind::process_created:
        return with(EventWords::tr("%1 created by %2").arg(name, process(event.writer)), text);
    case EventKind::process_running:
        return EventWords::tr("%1 runs").arg(name);
    case EventKind::process_stopped:
        return EventWords::tr("%1 was stopped by a signal").arg(name);
    case EventKind::process_resumed:
        return EventWords::tr("%1 goes on").arg(name);
    case EventKind::process_ended:
        return with(EventWords::tr("%1 ended").arg(name), text);
    case EventKind::process_signalled:
        return EventWords::tr("%1 was sent %2").arg(name, signalName(event.value));
    case EventKind::process_sample: {
        QString words = EventWords::tr("%1 has used %2 of CPU time, holds %3 of memory")
                            .arg(name, format::duration(std::chrono::nanoseconds(event.number)),
                                 format::bytes(static_cast<double>(event.size)));
        words += QStringLiteral(", ") +
                 format::counted<EventWords>(static_cast<std::uint64_t>(std::max(event.value, 0)),
                                             QT_TRANSLATE_N_NOOP("pprocess::widgets::EventWords", "%1 thread(s)"));
        if (event.task != Event::unknown)
            words += QStringLiteral(", ") +
                     format::counted<EventWords>(
                         event.task, QT_TRANSLATE_N_NOOP("pprocess::widgets::EventWords", "%1 open file(s)"));
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
                   ? EventWords::tr("%1 made an exchange without a limit").arg(process(event.process))
                   : EventWords::tr("%1 made an exchange of %2")
                         .arg(process(event.process),
                              format::counted<EventWords>(
                                  event.number, QT_TRANSLATE_N_NOOP("pprocess::widgets::EventWords", "%1 slot(s)")));
    case EventKind::exchange_ended:
        return EventWords::tr("the exchange of %1 was destroyed").arg(process(event.process));
    case EventKind::channel_added:
        return EventWords::tr("%1 joined the exchange").arg(process(event.process));
    case EventKind::channel_ready:
        return (static_cast<Readiness>(event.detail) == Readiness::something
                    ? EventWords::tr("%1 has something to receive")
                    : EventWords::tr("%1 has nothing to receive any more"))
            .arg(process(event.process));
    case EventKind::channel_removed:
        return EventWords::tr("%1 left the exchange").arg(process(event.process));
    default:
        return {};
    }
}

QString ofTask(const Event& event, const QString& text) {
    const QString name = task(event);
    switch (event.kind) {
    case EventKind::tasks_expected:
        return EventWords::tr("there will be %1 in all")
            .arg(format::counted<EventWords>(event.number,
                                             QT_TRANSLATE_N_NOOP("pprocess::widgets::EventWords", "%1 task(s)")));
    case EventKind::task_queued:
        return EventWords::tr("%1 waits for a process").arg(name);
    case EventKind::task_sent:
        return with(EventWords::tr("%1 sent to %2%3").arg(name, process(event.process), attempt(event)), text);
    case EventKind::task_retried:
        return EventWords::tr("%1 waits again: its process died").arg(name);
    case EventKind::task_timed_out:
        return EventWords::tr("%1 has had its time; %2 is being ended").arg(name, process(event.process));
    case EventKind::task_cancelled:
        return EventWords::tr("%1 was cancelled by its owner").arg(name);
    case EventKind::task_finished: {
        const auto outcome = static_cast<TaskOutcome>(event.detail);
        if (outcome == TaskOutcome::died && event.process > 0)
            return with(EventWords::tr("%1 lost %2%3").arg(name, process(event.process), attempt(event)), text);
        QString words = name + QLatin1Char(' ') + outcomeName(outcome);
        if (event.process > 0)
            words += EventWords::tr(" in ") + process(event.process);
        return with(words + attempt(event), text);
    }
    case EventKind::task_started:
        return with(EventWords::tr("%1 began its task no. %2").arg(process(event.process)).arg(event.number + 1), text);
    case EventKind::task_returned:
        return EventWords::tr("%1 has worked out its task no. %2").arg(process(event.process)).arg(event.number + 1);
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
        return with(byCreator ? EventWords::tr("sent to %1").arg(name) : EventWords::tr("sent by %1").arg(name), text);
    case EventKind::message_received:
        return with(byCreator ? EventWords::tr("received from %1").arg(name)
                              : EventWords::tr("received by %1").arg(name),
                    text);
    case EventKind::waiting_for_space:
        return byCreator ? EventWords::tr("the connection to %1 is full").arg(name)
                         : EventWords::tr("the connection of %1 is full").arg(name);
    case EventKind::space_found:
        return byCreator ? EventWords::tr("the connection to %1 has room again").arg(name)
                         : EventWords::tr("the connection of %1 has room again").arg(name);
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
        return EventWords::tr("%1 not recorded: more happened than there was room for")
            .arg(format::counted<EventWords>(
                event.number, QT_TRANSLATE_N_NOOP("pprocess::widgets::EventWords", "%1 event(s) (was|were)")));
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
