// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include <pprocess/observe/snapshot.h>
#include <widgets/instruments/activity_density.h>
#include <widgets/instruments/lane_entries.h>
#include <widgets/instruments/lane_summaries.h>

namespace pprocess::widgets {

/// Everything recorded of one program, from whatever source: the events, the state they add up to, and for each process
/// what it was at. All views read this one object, none of them changes it.
///
/// Sources call `append` for each event and `publish` once for a batch; views hear of batches only. Events have indices
/// that never change. When the memory budget is exceeded the oldest events are let go, which `forgotten` says.
///
/// The *position* is the event up to which `snapshot` goes. It is at the end and moves with it, until `setPosition`
/// goes back; `follow` goes to the end again.
class InstrumentData : public QObject {
    Q_OBJECT

public:
    /// Memory for events and what is derived from them when nothing else is said, in bytes.
    static constexpr std::size_t defaultBudget = std::size_t{512} << 20;

    explicit InstrumentData(QObject* parent = nullptr, std::size_t budget = defaultBudget);
    ~InstrumentData() override;

    // For sources.

    /// Forgets everything; the record begins in this state.
    void reset(observe::Snapshot beginning = {});
    /// Takes one event in, without telling the views.
    void append(const Event& event, std::span<const std::byte> payload);
    /// Tells the views of all that has been appended since the last call, if anything.
    void publish();

    // The record.

    /// Index of the first event that is kept.
    [[nodiscard]] std::uint64_t firstEvent() const { return m_first; }
    /// Index after the last event.
    [[nodiscard]] std::uint64_t endEvent() const { return m_end; }
    /// Events that were let go for want of memory.
    [[nodiscard]] std::uint64_t forgotten() const { return m_first; }
    /// An event by its index, between `firstEvent` and `endEvent`. Valid until the next `append`.
    [[nodiscard]] const Event& event(std::uint64_t index) const;
    /// What came with it. Valid until the next `append`.
    [[nodiscard]] std::span<const std::byte> payload(std::uint64_t index) const;
    /// The same as one line of text.
    [[nodiscard]] QString text(std::uint64_t index, std::size_t limit = 80) const;
    /// The first event that did not happen before `time` (ns), or `endEvent`. Events of different processes may be out
    /// of order by microseconds.
    [[nodiscard]] std::uint64_t indexAt(std::int64_t time) const;
    /// Time of the first event kept, ns; 0 when there is none.
    [[nodiscard]] std::int64_t beginTime() const;
    /// Latest time of an event, ns; 0 when there is none.
    [[nodiscard]] std::int64_t endTime() const { return m_head.end(); }
    /// Bytes that the record takes up.
    [[nodiscard]] std::size_t memory() const;

    // The state.

    /// After the last event.
    [[nodiscard]] const observe::Snapshot& head() const { return m_head; }
    /// At the position.
    [[nodiscard]] const observe::Snapshot& snapshot() const { return m_past ? *m_past : m_head; }
    /// How many events `snapshot` has taken in, as an index.
    [[nodiscard]] std::uint64_t position() const { return m_past ? m_position : m_end; }
    /// Time of the event before the position, ns.
    [[nodiscard]] std::int64_t positionTime() const;
    /// Does the position move with the end?
    [[nodiscard]] bool isFollowing() const { return !m_past; }
    /// Goes to the state before the event with this index and stays there.
    void setPosition(std::uint64_t index);
    /// Goes to the end and moves with it.
    void follow();

    // What each process did. Keys as in `observe::ProcessInfo`.

    /// In order of time, without gaps longer than where nothing is known.
    [[nodiscard]] const std::deque<Activity>& activities(std::uint64_t process) const;
    /// In order of time.
    [[nodiscard]] const std::deque<Mark>& marks(std::uint64_t process) const;
    /// How full an exchange was, in order of time; an entry for each change.
    [[nodiscard]] const std::deque<Level>& levels(std::uint64_t exchange) const;
    /// Of the same, for what lasts long.
    [[nodiscard]] const ActivitySummaries& activitySummaries(std::uint64_t process) const;
    [[nodiscard]] const MarkSummaries& markSummaries(std::uint64_t process) const;
    [[nodiscard]] const LevelSummaries& levelSummaries(std::uint64_t exchange) const;
    /// How busy all processes together were.
    [[nodiscard]] const ActivityDensity& density() const { return m_density; }

signals:
    /// There are events that were not there before.
    void appended();
    /// Another position, by `setPosition` or `follow`; not when it moves with the end.
    void positionChanged();
    /// Everything is different; indices and keys begin anew.
    void wasReset();

private:
    struct Chunk;
    struct Lane {
        std::deque<Activity> activities;
        std::deque<Mark> marks;
        ActivitySummaries activitySummaries;
        MarkSummaries markSummaries;
        // The last of its tasks that has ended, for what it tells of that only now.
        std::uint64_t exchange = 0;
        std::uint64_t task = Event::unknown;
        TaskOutcome outcome = TaskOutcome::value;
    };
    struct Levels {
        std::deque<Level> entries;
        LevelSummaries summaries;
    };

    const Chunk& chunkOf(std::uint64_t index) const;
    void derive(const Event& event, std::uint64_t index);
    void noteState(std::uint64_t process);
    void noteLevel(const Event& event, std::uint64_t index);
    void noteTask(const Event& event);
    void noteCreation(const observe::ProcessInfo& process);
    void noteOutcome(const Event& event, std::uint64_t process, TaskOutcome outcome);
    void addMark(std::uint64_t process, const Event& event, std::uint64_t index, bool isFailure);
    void forgetOldest();
    void forgetOfLanes(std::int64_t before);
    /// Takes in what is new among entries, up to before `end`.
    template <typename Entries, typename Summaries>
    void summarise(const Entries& entries, std::size_t end, Summaries& summaries) {
        const std::size_t before = summaries.memory();
        if (summaries.extend(entries, end))
            m_laneBytes += summaries.memory() - before;
    }

    std::size_t m_budget;
    std::deque<std::unique_ptr<Chunk>> m_chunks;
    std::uint64_t m_first = 0;
    std::uint64_t m_end = 0;
    std::uint64_t m_published = 0;
    std::size_t m_bytes = 0;
    observe::Snapshot m_base; ///< before the first event kept
    observe::Snapshot m_head;
    std::unordered_map<std::uint64_t, Lane> m_lanes;
    std::unordered_map<std::uint64_t, Levels> m_levels; ///< by exchange
    std::size_t m_laneBytes = 0;                        ///< of both
    ActivityDensity m_density;
    std::uint64_t m_position = 0;
    std::unique_ptr<observe::Snapshot> m_past;
    std::map<std::uint64_t, observe::Snapshot> m_keyframes; ///< by how many events they have taken in
};

} // namespace pprocess::widgets
