// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QThread>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include <pprocess/observe/event_batch.h>

namespace pprocess::widgets {
class InstrumentData;
}

namespace pprocess::workbench {

/// Writes what happens while a job runs into a trace file, in a thread of its own, from the moment that this object is
/// made until it goes. A file that is there is continued.
///
/// Once it holds `most` bytes no more is written, and `failed` says so. Events that came faster than they could be
/// written are counted in the file.
class RunTrace : public QObject {
    Q_OBJECT

public:
    /// `data` must live as long. `most`: bytes.
    RunTrace(const widgets::InstrumentData& data, std::filesystem::path file, std::uint64_t most,
             QObject* parent = nullptr);
    /// Writes what has happened until now, and waits for that.
    ~RunTrace() override;

signals:
    /// Nothing more is written, because of this.
    void failed(const QString& why);

private:
    class Writer;
    using Batch = std::shared_ptr<const observe::EventBatch>;
    void describe(observe::EventBatch& batch) const;
    void take();
    void send(Batch batch);

    const widgets::InstrumentData& m_data;
    std::uint64_t m_next;     ///< the first event that has not been taken
    std::uint64_t m_left = 0; ///< events that were not, since the last that was
    QThread m_thread;
    Writer* m_writer;
    std::shared_ptr<std::atomic<std::int64_t>> m_pending; ///< bytes on their way
};

} // namespace pprocess::workbench
