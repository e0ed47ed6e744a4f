// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include <pprocess/observe/snapshot.h>
#include <pprocess/observe/trace.h>

namespace pprocess::observe {

/// What a trace can be written as.
enum class ExportFormat : std::uint8_t {
    chrome,  ///< JSON in the Trace Event Format, which Perfetto and Chrome's trace viewer open: processes as tracks,
             ///< states as slices, messages as arrows, counters; microseconds since the beginning
    csv,     ///< a line for each event (RFC 4180), after one with the names of the columns; nanoseconds since then
    job_log, ///< a line for each task that is over, with the columns of GNU parallel's --joblog and two more
};

/// "chrome", "csv", "joblog"; empty for anything else.
std::optional<ExportFormat> export_format(std::string_view name);

/// Takes events and writes something else. Whatever bytes their texts hold, what it writes is well-formed UTF-8.
class Exporter {
public:
    Exporter() = default;
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;
    virtual ~Exporter() = default;

    /// The state of a program whose beginning is not among the events; before them, if at all.
    virtual void begin_with(const Snapshot::Parts& state) = 0;
    /// The next event, `payload` as `Observer::observe` gets it.
    virtual void add(const Event& event, std::span<const std::byte> payload) = 0;
    /// There are no more.
    virtual void finish() = 0;
};

/// Writes to `out`, which must outlive it. `wall_clock`: nanoseconds since 1970 at time 0 of the events.
std::unique_ptr<Exporter> make_exporter(ExportFormat format, std::ostream& out, std::int64_t wall_clock = 0);

/// Writes all that is left of a trace. Returns what is wrong with the trace's end; empty when nothing is.
std::string export_trace(TraceReader& trace, ExportFormat format, std::ostream& out);

} // namespace pprocess::observe
