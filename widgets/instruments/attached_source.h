// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_source.h>

#include <QHash>
#include <QSocketNotifier>
#include <QTimer>

#include <memory>

#include <pprocess/observe/attachment.h>

namespace pprocess::widgets {

/// Another program of this user that lets itself be inspected, to its end. It does not notice.
class AttachedSource : public InstrumentSource {
    Q_OBJECT

public:
    /// Attaches; when that cannot be, the source has failed from the beginning and says why.
    explicit AttachedSource(const InspectableProgram& program, QObject* parent = nullptr,
                            std::size_t budget = InstrumentData::defaultBudget);

    [[nodiscard]] QString title() const override;
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString statusText() const override;
    [[nodiscard]] InstrumentData& data() override { return m_data; }
    [[nodiscard]] bool canControl() const override;
    [[nodiscard]] QString controlText() const override;
    void endProcess(std::uint64_t key, pprocess::widgets::InstrumentSource::Step step) override;

    /// What it is attached to.
    [[nodiscard]] const InspectableProgram& program() const { return m_program; }
    /// Goes; what has been told is kept.
    void detach();

    static constexpr int frame = 33;     ///< ms between two batches
    static constexpr int sliceTime = 12; ///< ms of the window's thread for one

private:
    void takeIn();
    void end(State state, const QString& reason);
    [[nodiscard]] Attachment::Callbacks callbacks();

    InspectableProgram m_program;
    InstrumentData m_data;
    State m_state = State::live;
    QString m_reason; ///< why it is over
    Attachment m_attachment;
    std::unique_ptr<QSocketNotifier> m_notifier;
    QTimer m_frame;
    QHash<quint64, QString> m_commands; ///< what is said when one has been carried out
};

} // namespace pprocess::widgets
