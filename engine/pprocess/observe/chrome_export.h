// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pprocess/observe/export.h>
#include <pprocess/observe/snapshot.h>
#include <pprocess/observe/task_ledger.h>

namespace pprocess::observe {

/// Writes the Trace Event Format. Each process is a track: a slice for its life, within it slices for what it was at.
/// `pid` is the system's; `tid` is the process's key in a snapshot, as pids are used again.
class ChromeExporter final : public Exporter {
public:
    /// Writes to `out`, which must outlive it.
    explicit ChromeExporter(std::ostream& out);

    void begin_with(const Snapshot::Parts& state) override;
    void add(const Event& event, std::span<const std::byte> payload) override;
    void finish() override;

private:
    using TaskOfChannel = std::pair<std::uint64_t, std::uint64_t>; ///< id of the channel, ordinal

    struct Track {
        std::int32_t pid = 0;
        std::uint64_t key = 0;
        std::uint64_t parent = 0;
        std::string name;
        std::int64_t begin = 0;
        std::int64_t end = 0;
        ProcessState state = ProcessState::starting;
        std::int64_t since = 0;
        std::int64_t written_to = 0; ///< no slice within the life may begin before this
        std::optional<TaskOfChannel> task;
        bool has_ended = false;
    };
    struct Slice {
        std::int32_t pid = 0;
        std::uint64_t key = 0;
        ProcessState state = ProcessState::running;
        std::int64_t begin = 0;
        std::int64_t end = 0;
    };
    /// One end of an arrow.
    struct End {
        std::int32_t pid = 0;
        std::uint64_t key = 0;
        std::int64_t time = 0;
    };
    struct Counter {
        std::uint64_t queued = 0;
        std::uint64_t running = 0;
        std::int64_t written = 0;
    };

    Track* track_of(std::int32_t pid);
    Track& track(const ProcessInfo& process);
    void follow(const Event& event);
    void change(Track& track, ProcessState state, std::int64_t time);
    void end_life(Track& track, const std::string& ending);
    void write_slices(const TaskRecord& record);
    void write_slice(const Slice& slice, const TaskRecord* record);
    void mark(const Event& event, std::span<const std::byte> payload, const TaskRecord* record);
    void mark_at(std::int32_t pid, std::int64_t time, std::string_view name, const std::string& arguments);
    void follow_message(const Event& event);
    void count_tasks(const Event& event);
    void count_bytes(std::int64_t time);
    void count_sample(const Event& event);
    void write_names();

    /// Begins an object of the list with what all have.
    std::ostream& entry(char phase, std::string_view name, std::int32_t pid, std::uint64_t key, std::int64_t time);

    std::ostream& out_;
    bool is_first_ = true;
    std::optional<std::int64_t> begin_;
    std::int64_t end_ = 0;
    Snapshot snapshot_;
    TaskLedger ledger_;
    std::map<std::uint64_t, Track> tracks_;
    std::map<TaskOfChannel, std::vector<Slice>> slices_; ///< of tasks whose outcome is not known yet
    std::map<std::tuple<std::uint64_t, bool, std::uint64_t>, End> sent_;
    std::unordered_map<std::uint64_t, std::uint64_t> channels_; ///< numbers for arrows
    std::map<std::uint64_t, Counter> counters_;
    std::int64_t bytes_since_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t bytes_written_ = 0;
};

} // namespace pprocess::observe
