// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <cstdint>

namespace pprocess::widgets {

class InstrumentData;

/// Where the events of a record come from: this application's own jobs, an attached program, or a trace file. Fills an
/// `InstrumentData`, in batches of at most one a frame.
class InstrumentSource : public QObject {
    Q_OBJECT

public:
    enum class State {
        live,    ///< events come as they happen
        loading, ///< a file is being read
        ended,   ///< there will be no more
        failed,  ///< something went wrong, which `statusText` says
    };
    Q_ENUM(State)

    /// The three steps by which a process is stopped.
    enum class Step { ask, terminate, kill };
    Q_ENUM(Step)

    using QObject::QObject;

    /// What it is, for a tab: "This job", "pmap (4711)", "yesterday.pptrace".
    [[nodiscard]] virtual QString title() const = 0;
    [[nodiscard]] virtual State state() const = 0;
    /// A sentence on the state, for a person: what it is, and what to do next where there is something to do.
    [[nodiscard]] virtual QString statusText() const = 0;
    /// The data it fills; it owns it.
    [[nodiscard]] virtual InstrumentData& data() = 0;

    /// May processes be ended from here? Why not, `controlText` says.
    [[nodiscard]] virtual bool canControl() const { return false; }
    [[nodiscard]] virtual QString controlText() const { return {}; }
    /// Ends a process by its key. The answer comes as `controlAnswered`.
    virtual void endProcess(std::uint64_t key, pprocess::widgets::InstrumentSource::Step step);

    /// Can the output of this process be opened?
    [[nodiscard]] virtual bool hasOutput(std::uint64_t /*key*/) const { return false; }

signals:
    void stateChanged();
    /// A sentence for the person who asked.
    void controlAnswered(const QString& text);
};

} // namespace pprocess::widgets
