// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>

#include <widgets/instruments/timeline_geometry.h>

/// What is to be read about what lies on a timeline, as plain text of some lines; empty: nothing is known.
namespace pprocess::widgets::timeline {

/// How full an exchange was at a time (ns).
QString exchangeDetails(const InstrumentData& data, std::uint64_t exchange, std::int64_t time);
/// The gravest of some marks of a process, and how many there are.
QString markDetails(const InstrumentData& data, std::uint64_t process, const MarkGroup& group);
/// What a process was at, by the index of the activity.
QString activityDetails(const InstrumentData& data, std::uint64_t process, std::size_t index);
/// The process itself.
QString processDetails(const InstrumentData& data, std::uint64_t process);

} // namespace pprocess::widgets::timeline
