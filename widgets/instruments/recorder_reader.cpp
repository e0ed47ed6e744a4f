// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/recorder_reader.h>

#include <QSemaphore>
#include <QThread>

#include <atomic>
#include <map>
#include <utility>

#include <pprocess/observe/process_sampler.h>

namespace pprocess::widgets {

/// Sleeps at the record. It and the reader take turns, as only one of them may look at it.
class RecorderReader::Watcher : public QThread {
public:
    Watcher(RecorderReader& reader, observe::EventRing& ring) : m_reader(reader), m_ring(ring) {}
    ~Watcher() override {
        m_ends = true;
        m_turns.release();
        // A sleep may begin just after it was ended.
        while (!wait(QDeadlineTimer(2)))
            m_ring.wake();
    }

    /// Tells once when there is something.
    void watchOnce() { m_turns.release(); }

protected:
    void run() override {
        for (;;) {
            m_turns.acquire();
            while (!m_ends && !m_ring.wait({})) {
            }
            if (m_ends)
                return;
            QMetaObject::invokeMethod(&m_reader, &RecorderReader::drain, Qt::QueuedConnection);
        }
    }

private:
    RecorderReader& m_reader;
    observe::EventRing& m_ring;
    QSemaphore m_turns;
    std::atomic<bool> m_ends = false;
};

/// Looks at processes from time to time, in a thread of its own, and tells what it finds to the record like everybody
/// else. Sleeps while there are none.
class RecorderReader::Sampler : public QThread {
public:
    struct Sampled {
        std::int64_t seen = 0; ///< when it was first heard of
        bool isOrphan = false; ///< nobody else will tell of its end
        bool operator==(const Sampled&) const = default;
    };
    using Processes = std::map<pid_t, Sampled>;

    explicit Sampler(Recorder& recorder) : m_recorder(recorder) { m_worker.moveToThread(this); }
    ~Sampler() override {
        quit();
        wait();
    }

    /// From now on these and no others. From any thread.
    void sampleOnly(Processes processes) {
        QMetaObject::invokeMethod(
            &m_worker, [this, processes = std::move(processes)]() mutable { take(std::move(processes)); },
            Qt::QueuedConnection);
    }

protected:
    void run() override {
        QTimer timer;
        timer.setInterval(sampleInterval);
        connect(&timer, &QTimer::timeout, &timer, [this] { sample(); });
        m_timer = &timer;
        exec();
        m_timer = nullptr;
    }

private:
    void take(Processes processes) {
        for (const auto& [pid, one] : m_processes) {
            const auto still = processes.find(pid);
            if (still == processes.end() || still->second.seen != one.seen)
                m_sampler.forget(pid);
        }
        for (const auto& [pid, one] : processes)
            m_sampler.watch(pid, one.seen, one.isOrphan);
        m_processes = std::move(processes);
        if (m_processes.empty())
            m_timer->stop();
        else if (!m_timer->isActive())
            m_timer->start();
    }

    void sample() {
        const auto tell = [this](const Event& event, std::span<const std::byte> payload) {
            m_recorder.observe(event, payload);
        };
        m_sampler.sample(tell);
        m_sampler.learn_ends(tell);
    }

    Recorder& m_recorder;
    QObject m_worker;
    QTimer* m_timer = nullptr;
    Processes m_processes;
    observe::ProcessSampler m_sampler;
};

RecorderReader::RecorderReader(Recorder& recorder, Audience& audience, QObject* parent)
    : QObject(parent),
      m_recorder(recorder),
      m_audience(audience),
      m_watcher(std::make_unique<Watcher>(*this, recorder.ring())),
      m_sampler(std::make_unique<Sampler>(recorder)) {
    m_frame.setSingleShot(true);
    m_frame.setInterval(frame);
    connect(&m_frame, &QTimer::timeout, this, &RecorderReader::drain);
    m_watcher->setObjectName(QStringLiteral("RecorderReader"));
    m_watcher->start(QThread::LowPriority);
    m_watcher->watchOnce();
    m_sampler->setObjectName(QStringLiteral("ProcessSampler"));
    m_sampler->start(QThread::LowPriority);
}

RecorderReader::~RecorderReader() = default;

void RecorderReader::drain() {
    const std::size_t taken = m_recorder.drain(
        [this](const Event& event, std::span<const std::byte> payload) {
            m_audience.take(event, payload);
            m_hasOthersToSample = m_hasOthersToSample || event.kind == EventKind::channel_added ||
                                  event.kind == EventKind::channel_removed || event.kind == EventKind::process_ended ||
                                  event.kind == EventKind::process_running || event.kind == EventKind::exchange_ended;
        },
        mostInFrame);
    m_audience.publish();
    if (std::exchange(m_hasOthersToSample, false))
        tellWhomToSample();
    m_isAsleep = taken == 0;
    if (!m_isAsleep)
        m_frame.start();
    else
        m_watcher->watchOnce();
}

// Only those that work: the launcher lives as long as the window, and would be looked at for ever.
void RecorderReader::tellWhomToSample() {
    Sampler::Processes processes;
    for (const observe::Snapshot* const head : m_audience.heads()) {
        for (const auto& [id, exchange] : head->exchanges()) {
            for (const std::uint64_t key : exchange.members) {
                const observe::ProcessInfo* const process = head->process(key);
                if (process && process->ended == 0 && process->pid > 0)
                    processes.emplace(process->pid, Sampler::Sampled{process->created});
            }
        }
        // What a killed process has created ends with it, and nobody is left to tell that. (Background processes do
        // not.)
        for (const auto& [key, process] : head->processes()) {
            if (process.ended != 0 || process.parent == 0 || process.purpose == "background")
                continue;
            const observe::ProcessInfo* const parent = head->process(process.parent);
            if (!parent || parent->ended != 0)
                processes[process.pid] = {process.created, true};
        }
    }
    m_sampler->sampleOnly(std::move(processes));
}

} // namespace pprocess::widgets
