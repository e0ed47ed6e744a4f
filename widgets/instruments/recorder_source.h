// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/live_source.h>
#include <widgets/instruments/recorder_reader.h>

namespace pprocess::widgets {

/// Everything that happens in this application, as its recorder keeps it.
class RecorderSource : public LiveSource, private RecorderReader::Audience {
    Q_OBJECT

public:
    /// `recorder` must live as long; nobody else empties it.
    explicit RecorderSource(Recorder& recorder, QObject* parent = nullptr,
                            std::size_t budget = InstrumentData::defaultBudget);

    /// As of the reader.
    [[nodiscard]] bool isAsleep() const { return m_reader.isAsleep(); }

private:
    void take(const Event& event, std::span<const std::byte> payload) override;
    void publish() override;
    [[nodiscard]] std::vector<const observe::Snapshot*> heads() const override;

    RecorderReader m_reader;
};

} // namespace pprocess::widgets
