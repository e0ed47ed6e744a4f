// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_source.h>

#include <QTimer>

#include <functional>
#include <memory>

#include <pprocess/observe/recorder.h>

namespace pprocess::widgets {

/// What happens in this application's own jobs, as its recorder keeps it.
///
/// While nothing happens nothing is done: a thread sleeps at the record and says when there is something in it. Then it
/// is emptied once a frame until it stays empty. Processes that work for an exchange are sampled meanwhile.
class RecorderSource : public InstrumentSource {
    Q_OBJECT

public:
    /// `recorder` must live as long; nobody else empties it.
    explicit RecorderSource(Recorder& recorder, QObject* parent = nullptr,
                            std::size_t budget = InstrumentData::defaultBudget);
    ~RecorderSource() override;

    [[nodiscard]] QString title() const override;
    [[nodiscard]] State state() const override { return State::live; }
    [[nodiscard]] QString statusText() const override;
    [[nodiscard]] InstrumentData& data() override { return m_data; }
    [[nodiscard]] bool canControl() const override { return m_control != nullptr; }
    [[nodiscard]] QString controlText() const override;
    void endProcess(std::uint64_t key, pprocess::widgets::InstrumentSource::Step step) override;

    /// Who ends processes of this application; gets a pid and returns a sentence on what became of it.
    using Control = std::function<QString(std::int32_t pid, Step step)>;
    /// From now on processes can be ended, by this.
    void setControl(Control control) { m_control = std::move(control); }

    [[nodiscard]] bool hasOutput(std::uint64_t key) const override { return m_hasOutput && m_hasOutput(key); }
    /// From now on this says of which processes, by key, the output can be opened.
    void setOutputs(std::function<bool(std::uint64_t key)> hasOutput) { m_hasOutput = std::move(hasOutput); }

    /// Does it sleep, as nothing has happened lately?
    [[nodiscard]] bool isAsleep() const { return m_isAsleep; }

    static constexpr int sampleInterval = 500; ///< ms between two samples of each process
    static constexpr int frame = 33;           ///< ms between two times of emptying
    /// Events taken in a frame; what is left waits in the record for the next.
    static constexpr std::size_t mostInFrame = 20'000;

private:
    class Watcher;
    class Sampler;
    void drain();
    void tellWhomToSample();
    void describeProgram(std::int64_t time);

    Recorder& m_recorder;
    InstrumentData m_data;
    QTimer m_frame;
    bool m_isAsleep = true;
    Control m_control;
    std::function<bool(std::uint64_t key)> m_hasOutput;
    bool m_hasOthersToSample = false; ///< than before
    std::unique_ptr<Watcher> m_watcher;
    std::unique_ptr<Sampler> m_sampler;
};

} // namespace pprocess::widgets
