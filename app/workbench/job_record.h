// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/event_router.h>
#include <widgets/instruments/recorder_reader.h>

#include <QObject>

#include <deque>
#include <memory>
#include <vector>

namespace pprocess::widgets {
class LiveSource;
}

namespace pprocess::workbench {

/// What happens in the jobs of a window, for each of them apart. One recorder hears of all, as few can listen to the
/// engine at a time; what is nobody's job is left out.
class JobRecord : public QObject, private widgets::RecorderReader::Audience {
    Q_OBJECT

public:
    explicit JobRecord(QObject* parent = nullptr);
    /// The jobs must have been removed.
    ~JobRecord() override;

    /// Why there is no record; empty when there is one.
    [[nodiscard]] const QString& problem() const { return m_problem; }

    /// A record for one more job; null when there is none. It lives until `remove`, its views not as long.
    [[nodiscard]] widgets::LiveSource* add();
    void remove(widgets::LiveSource* job);
    /// An exchange that was made just now is of this job. 0: none.
    void claimExchange(widgets::LiveSource* job, std::uint64_t exchange);
    /// A process that creates others is of this job. 0: none.
    void claimLauncher(widgets::LiveSource* job, pid_t process);

    /// Bytes of memory for what has happened in each job that is added from now on; then the oldest goes.
    void setBudget(std::size_t bytes) { m_budget = bytes; }
    /// Most bytes of the trace that is kept with a run of the history; 0: none is kept.
    [[nodiscard]] std::uint64_t traceBytes() const { return m_traceBytes; }
    void setTraceBytes(std::uint64_t bytes) { m_traceBytes = bytes; }

    /// What nobody has claimed is nobody's after this time, in nanoseconds, or when there is so much more of it.
    static constexpr std::int64_t longestWait = 2'000'000'000;
    static constexpr std::size_t mostWaiting = 1'024;

private:
    /// An event of which it is not known yet whose it is.
    struct Waiting {
        Event event;
        std::vector<std::byte> payload;
    };

    void take(const Event& event, std::span<const std::byte> payload) override;
    void publish() override;
    [[nodiscard]] std::vector<const observe::Snapshot*> heads() const override;
    void placeWaiting();

    std::unique_ptr<Recorder> m_recorder;
    std::vector<std::unique_ptr<widgets::LiveSource>> m_jobs;
    widgets::EventRouter m_router;
    std::deque<Waiting> m_waiting;
    std::unique_ptr<widgets::RecorderReader> m_reader;
    QString m_problem;
    std::size_t m_budget;
    std::uint64_t m_traceBytes = 0;
};

} // namespace pprocess::workbench
