// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/event_text.h>
#include <widgets/instruments/instrument_selection.h>

#include <QString>

#include <bitset>
#include <cstdint>
#include <set>
#include <utility>

#include <pprocess/observe/snapshot.h>

namespace pprocess::widgets {

/// Which events are wanted. Events are to be asked about in their order: what belongs to a task is learned on the way.
class EventFilter {
public:
    QString text;                          ///< contained in the sentence, in upper or lower case
    std::bitset<eventGroups> groups{0x3f}; ///< those that are wanted
    bool failuresOnly = false;             ///< what `isFailure`
    std::int32_t process = 0;              ///< about or by this pid; 0: any
    Selected selected;                     ///< what belongs to this; nothing: all

    /// Are all events wanted?
    [[nodiscard]] bool acceptsAll() const;
    /// Is this one, of this record?
    [[nodiscard]] bool accepts(const InstrumentData& data, std::uint64_t index);

    /// Only what the user chose counts, not what has been learned.
    friend bool operator==(const EventFilter& one, const EventFilter& other);

private:
    bool belongs(const InstrumentData& data, const Event& event, std::uint64_t index);

    std::set<std::pair<std::uint64_t, std::uint64_t>> m_places; ///< channel and ordinal of the selected task's starts
};

/// Does an event belong to a process of a snapshot? Pids are used again; a process's life says which one is meant.
bool isOf(const Event& event, const observe::ProcessInfo& process);

/// Key of the process that an event is about; 0: it is not known, or no longer.
std::uint64_t processOf(const InstrumentData& data, const Event& event);

/// The last event before `end` that belongs to what is selected; `UINT64_MAX`: none is kept.
std::uint64_t lastEventOf(const InstrumentData& data, const Selected& selected, std::uint64_t end);

} // namespace pprocess::widgets
