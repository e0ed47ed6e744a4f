// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/recorder_source.h>

#include <QSemaphore>
#include <QThread>

#include <atomic>

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

RecorderSource::RecorderSource(Recorder& recorder, QObject* parent, std::size_t budget)
    : InstrumentSource(parent),
      m_recorder(recorder),
      m_data(nullptr, budget),
      m_watcher(std::make_unique<Watcher>(*this, recorder.ring())) {
    m_frame.setSingleShot(true);
    m_frame.setInterval(frame);
    connect(&m_frame, &QTimer::timeout, this, &RecorderSource::drain);
    m_watcher->setObjectName(QStringLiteral("RecorderSource"));
    m_watcher->start(QThread::LowPriority);
    m_watcher->watchOnce();
}

RecorderSource::~RecorderSource() = default;

void RecorderSource::drain() {
    const std::size_t taken = m_recorder.drain(
        [this](const Event& event, std::span<const std::byte> payload) { m_data.append(event, payload); }, mostInFrame);
    m_data.publish();
    m_isAsleep = taken == 0;
    if (!m_isAsleep)
        m_frame.start();
    else
        m_watcher->watchOnce();
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
