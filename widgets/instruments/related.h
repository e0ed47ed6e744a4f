// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/instrument_selection.h>

#include <cstdint>

/// What belongs to a selected thing, at the position of a record; 0: nothing does, or it is not known any more.
namespace pprocess::widgets {

class InstrumentData;

/// Key of the process: itself, the one at the far end of the channel, the one that has the task, the one the event is
/// about, or the owner of the exchange.
std::uint64_t processOf(const Selected& selected, const InstrumentData& data);
/// Id of the channel: itself, or that of its process.
std::uint64_t channelOf(const Selected& selected, const InstrumentData& data);
/// Id of the exchange: itself, that of the task, or the one its process or channel works for.
std::uint64_t exchangeOf(const Selected& selected, const InstrumentData& data);

} // namespace pprocess::widgets
