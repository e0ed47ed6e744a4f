// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/recorder_source.h>

#include <QCoreApplication>
#include <QSemaphore>
#include <QThread>

#include <atomic>
#include <map>

#include <pprocess/observe/process_sampler.h>

namespace pprocess::widgets {

/// Sleeps at the record. It and the reader take turns, as only one of them may look at it.
class RecorderSource::Watcher : public QThread {
public:
    Watcher(RecorderSource& source, observe::EventRing& ring) : m_source(source), m_ring(ring) {}
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
            QMetaObject::invokeMethod(&m_source, &RecorderSource::drain, Qt::QueuedConnection);
        }
    }

private:
    RecorderSource& m_source;
    observe::EventRing& m_ring;
    QSemaphore m_turns;
    std::atomic<bool> m_ends = false;
};

/// Looks at processes from time to time, in a thread of its own, and tells what it finds to the record like everybody
/// else. Sleeps while there are none.
class RecorderSource::Sampler : public QThread {
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

RecorderSource::RecorderSource(Recorder& recorder, QObject* parent, std::size_t budget)
    : InstrumentSource(parent),
      m_recorder(recorder),
      m_data(nullptr, budget),
      m_watcher(std::make_unique<Watcher>(*this, recorder.ring())),
      m_sampler(std::make_unique<Sampler>(recorder)) {
    m_frame.setSingleShot(true);
    m_frame.setInterval(frame);
    connect(&m_frame, &QTimer::timeout, this, &RecorderSource::drain);
    m_watcher->setObjectName(QStringLiteral("RecorderSource"));
    m_watcher->start(QThread::LowPriority);
    m_watcher->watchOnce();
    m_sampler->setObjectName(QStringLiteral("ProcessSampler"));
    m_sampler->start(QThread::LowPriority);
}

RecorderSource::~RecorderSource() = default;

void RecorderSource::drain() {
    const std::size_t taken = m_recorder.drain(
        [this](const Event& event, std::span<const std::byte> payload) {
            if (m_data.endEvent() == 0)
                describeProgram(event.time);
            m_data.append(event, payload);
            m_hasOthersToSample = m_hasOthersToSample || event.kind == EventKind::channel_added ||
                                  event.kind == EventKind::channel_removed || event.kind == EventKind::process_ended ||
                                  event.kind == EventKind::process_running || event.kind == EventKind::exchange_ended;
        },
        mostInFrame);
    m_data.publish();
    if (std::exchange(m_hasOthersToSample, false))
        tellWhomToSample();
    m_isAsleep = taken == 0;
    if (!m_isAsleep)
        m_frame.start();
    else
        m_watcher->watchOnce();
}

/// Else the process with which all begins would have no name. Not before: nothing has happened then.
void RecorderSource::describeProgram(std::int64_t time) {
    const QByteArray words = QCoreApplication::arguments().join(QLatin1Char(' ')).toUtf8().left(Observer::largest_text);
    const auto pid = static_cast<std::int32_t>(QCoreApplication::applicationPid());
    m_data.append({.time = time,
                   .writer = pid,
                   .process = pid,
                   .kind = EventKind::program_described,
                   .payload_size = static_cast<std::uint16_t>(words.size())},
                  std::as_bytes(std::span(words.constData(), static_cast<std::size_t>(words.size()))));
}

// Only those that work: the launcher lives as long as the window, and would be looked at for ever.
void RecorderSource::tellWhomToSample() {
    Sampler::Processes processes;
    for (const auto& [id, exchange] : m_data.head().exchanges()) {
        for (const std::uint64_t key : exchange.members) {
            const observe::ProcessInfo* const process = m_data.head().process(key);
            if (process && process->ended == 0 && process->pid > 0)
                processes.emplace(process->pid, Sampler::Sampled{process->created});
        }
    }
    // What a killed process has created ends with it, and nobody is left to tell that. (Background processes do not.)
    for (const auto& [key, process] : m_data.head().processes()) {
        if (process.ended != 0 || process.parent == 0 || process.purpose == "background")
            continue;
        const observe::ProcessInfo* const parent = m_data.head().process(process.parent);
        if (!parent || parent->ended != 0)
            processes[process.pid] = {process.created, true};
    }
    m_sampler->sampleOnly(std::move(processes));
}

QString RecorderSource::title() const {
    return tr("This window's jobs");
}

QString RecorderSource::statusText() const {
    return m_data.endEvent() == 0 ? tr("Nothing has run yet. Press Run, and everything that happens is shown here.")
                                  : tr("Everything that happens in this window's jobs is shown as it happens.");
}

QString RecorderSource::controlText() const {
    return canControl() ? QString() : tr("Processes cannot be ended from here.");
}

void RecorderSource::endProcess(std::uint64_t key, Step step) {
    const observe::ProcessInfo* const process = m_data.head().process(key);
    if (!canControl())
        emit controlAnswered(controlText());
    else if (!process || process->ended != 0)
        emit controlAnswered(tr("That process has ended already."));
    else
        emit controlAnswered(m_control(process->pid, step));
}

} // namespace pprocess::widgets
