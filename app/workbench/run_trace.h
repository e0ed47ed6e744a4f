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
/// Once it holds `most` bytes no more is written, and `failed` says so. What a slow disk cannot take yet stays in the
/// record and is written later; what the record has to let go of before that is counted in the file.
class RunTrace : public QObject {
    Q_OBJECT

public:
    /// `data` must live as long. `most`: bytes.
    RunTrace(const widgets::InstrumentData& data, std::filesystem::path file, std::uint64_t most,
             QObject* parent = nullptr);
    /// Writes what has happened until now and is still in the record, and waits for that.
    ~RunTrace() override;

signals:
    /// Nothing more is written, because of this.
    void failed(const QString& why);

private:
    class Writer;
    using Batch = std::shared_ptr<const observe::EventBatch>;
    void describe(observe::EventBatch& batch) const;
    void take();
    Batch next();
    void send(Batch batch);

    const widgets::InstrumentData& m_data;
    std::uint64_t m_next; ///< the first event that has not been taken
    QThread m_thread;
    Writer* m_writer;
    std::atomic<std::int64_t> m_pending = 0; ///< bytes on their way to the writer
};

} // namespace pprocess::workbench
