// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_source.h>

#include <functional>

namespace pprocess::widgets {

/// What happens in this application, or in one of its jobs, as somebody tells it who hears of it.
class LiveSource : public InstrumentSource {
    Q_OBJECT

public:
    explicit LiveSource(QObject* parent = nullptr, std::size_t budget = InstrumentData::defaultBudget);

    /// Takes one event in, without telling the views; before the first, which program this is.
    void take(const Event& event, std::span<const std::byte> payload);

    [[nodiscard]] QString title() const override;
    [[nodiscard]] State state() const override { return State::live; }
    [[nodiscard]] QString statusText() const override;
    [[nodiscard]] InstrumentData& data() override { return m_data; }
    [[nodiscard]] const InstrumentData& data() const { return m_data; }
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

private:
    void describeProgram(std::int64_t time);

    InstrumentData m_data;
    Control m_control;
    std::function<bool(std::uint64_t key)> m_hasOutput;
};

} // namespace pprocess::widgets
