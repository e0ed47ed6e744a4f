// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/instruments/instrument_source.h>

#include <QList>
#include <QObject>

#include <memory>
#include <optional>

namespace pprocess {
class Recorder;
}

namespace pprocess::widgets {
class RecorderSource;
}

namespace pprocess::workbench {

/// What happens in all jobs of a window. There is one record for all of its pages, as few can listen to the engine at a
/// time.
class JobRecord : public QObject {
    Q_OBJECT

public:
    /// One who runs jobs that are recorded here.
    class Owner {
    public:
        Owner() = default;
        Owner(const Owner&) = delete;
        Owner& operator=(const Owner&) = delete;
        virtual ~Owner() = default;

        /// Ends a process of its job; a sentence says what became of that. None: it is not its process.
        virtual std::optional<QString> endProcess(pid_t pid, widgets::InstrumentSource::Step step) = 0;
        /// Can the output of this process (by its key in the record) be shown?
        [[nodiscard]] virtual bool hasOutputOf(std::uint64_t key) const = 0;
    };

    /// `budget`: bytes of memory for what has happened; then the oldest goes.
    explicit JobRecord(std::size_t budget, QObject* parent = nullptr);
    /// Its views must be gone.
    ~JobRecord() override;

    /// Null when there is none; then `problem` says why.
    [[nodiscard]] widgets::RecorderSource* source() const { return m_source.get(); }
    [[nodiscard]] const QString& problem() const { return m_problem; }

    /// From now on until `remove` it is asked about processes.
    void add(Owner* owner);
    void remove(Owner* owner);
    /// Most bytes of the trace that is kept with a run of the history; 0: none is kept.
    [[nodiscard]] std::uint64_t traceBytes() const { return m_traceBytes; }
    void setTraceBytes(std::uint64_t bytes) { m_traceBytes = bytes; }

    /// How many run jobs that are seen here.
    [[nodiscard]] qsizetype ownerCount() const { return m_owners.size(); }

signals:
    void ownersChanged();

private:
    std::unique_ptr<Recorder> m_recorder;
    std::unique_ptr<widgets::RecorderSource> m_source;
    QString m_problem;
    QList<Owner*> m_owners;
    std::uint64_t m_traceBytes = 0;
};

} // namespace pprocess::workbench
