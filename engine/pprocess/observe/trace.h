// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <pprocess/observe/event_batch.h>
#include <pprocess/os/fd.h>

namespace pprocess {
class FileRecorder;
}

/// A trace file holds what was recorded of a program.
///
///     offset 0   a header of 64 bytes
///       0   8 bytes  "PPTRACE" and a zero
///       8   4 bytes  version, 1
///      12   4 bytes  0
///      16   8 bytes  wall-clock time of what the events call time 0, in nanoseconds since 1970
///      24  36 bytes  the machine's boot id, as the times mean nothing in another
///      60   4 bytes  CRC-32 of all this
///     then chunks, each a header of 40 bytes and a content
///       0   4 bytes  "PPTC"
///       4   4 bytes  what it is: 1 events (`encode(EventBatch)`), 2 a snapshot (`encode(Snapshot::Parts)`)
///       8   4 bytes  size of the content in bytes
///      12   4 bytes  how many events
///      16  16 bytes  the earliest and the latest time in it, in nanoseconds
///      32   4 bytes  0
///      36   4 bytes  CRC-32 of the header before this and the content
///
/// All numbers have their least significant byte first. A file that ends within a chunk is sound up to there.
namespace pprocess::observe {

/// What becomes of a file that is there already.
enum class TraceStart : std::uint8_t {
    anew,   ///< its content is lost
    append, ///< it is continued; a chunk at its end that is not whole is cut off
};

/// Writes a trace file. Events are gathered and written together: when there are many, when the oldest is a second old,
/// or when `flush` says so. One writer at a time: a second one is refused.
class TraceWriter {
public:
    /// Opens the file, or makes it (readable by its owner alone). Throws `SystemError` when that cannot be, with EBUSY
    /// when somebody else is writing it; `ProtocolError` when what is to be continued is no trace, of a newer version,
    /// or recorded before the machine was started last.
    explicit TraceWriter(std::filesystem::path file, TraceStart start = TraceStart::anew);
    /// Writes what is still gathered, if that can be done.
    ~TraceWriter();
    TraceWriter(const TraceWriter&) = delete;
    TraceWriter& operator=(const TraceWriter&) = delete;

    /// Adds the state of a program whose beginning was not recorded. Throws as `flush`.
    void write(const Snapshot::Parts& state);
    /// Adds an event, `payload` as `Observer::observe` gets it. Throws as `flush`.
    void write(const Event& event, std::span<const std::byte> payload);

    /// Writes what has been gathered. Throws `SystemError`, naming the file, when the system refuses (a full disk):
    /// what could not be written is lost and counted, the file stays sound, and later events are tried again. Once that
    /// succeeds the file says how many are missing.
    void flush();

    /// Calls `flush`, and lets another writer have the file. Nothing can be written after that.
    void close();

    /// Events that are in the file thanks to this object.
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
    /// Events that are not, because they could not be written.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }
    /// As it was given.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return path_; }

private:
    friend class pprocess::FileRecorder; // gives the descriptor to another process
    void begin_anew();
    void go_on();
    void put(std::uint32_t kind, std::span<const std::byte> content, std::uint32_t events, std::int64_t first,
             std::int64_t last);
    void put_whole(std::span<const std::byte> bytes);

    std::filesystem::path path_;
    os::Fd file_;
    std::uint64_t end_ = 0; ///< of what is sound
    EventBatch batch_;
    std::int64_t oldest_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t lost_untold_ = 0;
};

/// One piece of a trace.
using TraceChunk = std::variant<EventBatch, Snapshot::Parts>;

/// Reads a trace file, also one that is still being written. Whatever it holds, nothing worse than an exception comes
/// of it; memory is taken for one chunk at a time.
class TraceReader {
public:
    /// Opens it. Throws `SystemError` when that cannot be, `ProtocolError` when it is no trace, or of a newer version.
    explicit TraceReader(std::filesystem::path file);

    /// The next whole chunk; empty when there is none. Then `left_over` and `problem` say whether that is the end.
    std::optional<TraceChunk> next();

    /// Bytes behind the last whole chunk that are none, or damaged: nothing behind damage is read. 0 before the end.
    [[nodiscard]] std::uint64_t left_over() const noexcept { return left_over_; }
    /// What is wrong with them, and with which file; empty when nothing is.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    /// How much has been read and how much there is, in bytes.
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
    /// See `position`.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Wall-clock time of what the events call time 0, in nanoseconds since 1970.
    [[nodiscard]] std::int64_t wall_clock() const noexcept { return wall_clock_; }

private:
    friend class TraceWriter;
    [[nodiscard]] std::optional<TraceChunk> give_up(std::string reason);

    std::filesystem::path path_;
    os::Fd file_;
    std::uint64_t position_ = 0;
    std::uint64_t size_ = 0;
    std::int64_t wall_clock_ = 0;
    std::string boot_;
    std::uint64_t left_over_ = 0;
    std::string problem_;
};

/// Calls `event(event, payload)` for each event of a trace in its order, and `state(parts)` for each snapshot in it.
/// Returns what is wrong with its end; empty when nothing is. Throws as the constructor of `TraceReader`.
template <typename UseEvent, typename UseState>
std::string read_trace(TraceReader& reader, UseEvent&& event, UseState&& state) {
    while (auto chunk = reader.next()) {
        if (const auto* batch = std::get_if<EventBatch>(&*chunk))
            batch->each(event);
        else
            state(std::get<Snapshot::Parts>(std::move(*chunk)));
    }
    return reader.problem();
}

} // namespace pprocess::observe
