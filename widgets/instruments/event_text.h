// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/state_icon.h>

#include <QString>

#include <cstdint>

#include <pprocess/os/observer.h>

/// Events in words for people. All pure.
namespace pprocess::widgets {

class InstrumentData;

/// What kinds of events are told apart where kinds are chosen.
enum class EventGroup { processes, exchanges, tasks, messages, samples, record };
inline constexpr int eventGroups = 6;

EventGroup groupOf(EventKind kind);
/// "Processes", "Exchanges and channels", …
QString groupName(EventGroup group);

/// "task sent", "process ended", …
QString kindName(EventKind kind);
/// Its sign: a failure looks like one.
StateSign signOf(const Event& event);
/// Did something happen that should not have: a task without a value, a process that ended badly, lost events?
bool isFailure(const Event& event);
/// "with an error", "by the death of its process", … : how a task ended.
QString outcomeName(TaskOutcome outcome);

/// The process that an event is about: of messages the created one at either end. 0: not known.
std::int32_t subjectOf(const Event& event);
/// What an event adds, as a sentence: "task 12 sent to process 4711 (attempt 2): (12, "x")". `text` is what came with
/// it, in words.
QString sentence(const Event& event, const QString& text);
/// The same of an event of a record.
QString sentence(const InstrumentData& data, std::uint64_t index);
/// Has it a number of bytes to show?
bool hasBytes(const Event& event);

/// A stretch or point of time as "12.345678 s": for columns, with the same number of digits each.
QString seconds(std::int64_t time);

} // namespace pprocess::widgets
