// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include <memory>
#include <span>
#include <vector>

#include <pprocess/observe/recorder.h>
#include <pprocess/observe/snapshot.h>

namespace pprocess::widgets {

/// Reads what a recorder of this application keeps, in the window's thread and without holding it up.
///
/// While nothing happens nothing is done: a thread sleeps at the record and says when there is something in it. Then it
/// is emptied once a frame until it stays empty. Processes that work for an exchange are sampled meanwhile.
class RecorderReader : public QObject {
    Q_OBJECT

public:
    /// Who gets what is read.
    class Audience {
    public:
        Audience() = default;
        Audience(const Audience&) = delete;
        Audience& operator=(const Audience&) = delete;
        virtual ~Audience() = default;

        /// One event, in the order of the record. Must not throw.
        virtual void take(const Event& event, std::span<const std::byte> payload) = 0;
        /// All of a frame have been taken.
        virtual void publish() = 0;
        /// The states that the events have added up to; they tell which processes live and work.
        [[nodiscard]] virtual std::vector<const observe::Snapshot*> heads() const = 0;
    };

    /// `recorder` and `audience` must live as long; nobody else empties the recorder.
    RecorderReader(Recorder& recorder, Audience& audience, QObject* parent = nullptr);
    ~RecorderReader() override;

    /// Does it sleep, as nothing has happened lately?
    [[nodiscard]] bool isAsleep() const { return m_isAsleep; }
    /// Looks again, after this frame, which processes are to be sampled: more is known of them.
    void sampleOthers() { m_hasOthersToSample = true; }

    static constexpr int sampleInterval = 500; ///< ms between two samples of each process
    static constexpr int frame = 33;           ///< ms between two times of emptying
    /// Events taken in a frame; what is left waits in the record for the next.
    static constexpr std::size_t mostInFrame = 20'000;

private:
    class Watcher;
    class Sampler;
    void drain();
    void tellWhomToSample();

    Recorder& m_recorder;
    Audience& m_audience;
    QTimer m_frame;
    bool m_isAsleep = true;
    bool m_hasOthersToSample = false; ///< than before
    std::unique_ptr<Watcher> m_watcher;
    std::unique_ptr<Sampler> m_sampler;
};

} // namespace pprocess::widgets
