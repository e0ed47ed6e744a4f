// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <pprocess/observe/recorder.h>
#include <pprocess/observe/trace.h>
#include <pprocess/os/fd.h>

namespace pprocess {

/// Records what happens in this program, and in the processes created from it, into a trace file:
///
///     pprocess::FileRecorder record("run.trace"); // until the end of this block
///
/// A process of its own writes the file, so that the program may create processes by fork, is not slowed by the disk,
/// and may crash: what it had recorded is in the file all the same. That process is no child of the program.
class FileRecorder {
public:
    /// The memory for what has not been written yet, in bytes.
    static constexpr std::size_t default_memory = std::size_t{16} << 20;

    /// Begins. To be made before the program has threads, as the process that writes is a copy of it. Throws as
    /// `observe::TraceWriter`, as `Recorder`, and as `pprocess::create`.
    explicit FileRecorder(const std::filesystem::path& file, observe::TraceStart start = observe::TraceStart::anew,
                          std::size_t memory = default_memory);
    /// Calls `finish`; what goes wrong then is not told.
    ~FileRecorder();
    FileRecorder(const FileRecorder&) = delete;
    FileRecorder& operator=(const FileRecorder&) = delete;

    /// Ends the record, waits until it is in the file and returns how many events that are. Throws `Error` when not all
    /// could be written; its text says why, how many are missing, and of which file. Does nothing a second time.
    std::uint64_t finish();
    /// Events that found no room in memory, so far.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return recorder_.dropped(); }

private:
    void make_writer(observe::TraceWriter& writer);

    Recorder recorder_;
    os::Fd control_; ///< to the process that writes
    std::string file_;
    unsigned generation_;
};

} // namespace pprocess
