// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>

#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>

/// What a selection means on a timeline.
namespace pprocess::widgets::timeline {

/// A stretch of time, ns.
struct Span {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};

/// From when to when it was, up to the end of the record where it still is; empty: it is not known.
std::optional<Span> spanOf(const InstrumentData& data, const Selected& selected);

/// Messages that belong to it: on which channels, between which times.
struct Wanted {
    std::unordered_set<std::uint64_t> channels;
    Span time{INT64_MIN, INT64_MAX};
};
/// `isOpen`: a selected task is still being worked on.
Wanted messagesOf(const InstrumentData& data, const Selected& selected, bool isOpen);

} // namespace pprocess::widgets::timeline
