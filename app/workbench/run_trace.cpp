// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/run_trace.h>

#include <widgets/instruments/instrument_data.h>

#include <QCoreApplication>

#include <algorithm>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <pprocess/observe/trace.h>
#include <pprocess/os/clock.h>

namespace pprocess::workbench {

namespace {

/// No more than this is copied for the writer at a time; the rest waits in the record.
constexpr std::int64_t mostPending = std::int64_t{4} << 20;

std::int64_t sizeOf(const observe::EventBatch& batch) {
    return static_cast<std::int64_t>(batch.size() * sizeof(Event) + batch.payload_bytes());
}

void add(observe::EventBatch& batch, Event event, const std::string& text) {
    const auto size = std::min(text.size(), Observer::largest_text);
    event.payload_size = static_cast<std::uint16_t>(size);
    batch.add(event, std::as_bytes(std::span(text.data(), size)));
}

} // namespace

class RunTrace::Writer : public QObject {
public:
    Writer(RunTrace& owner, std::filesystem::path file, std::uint64_t most)
        : m_owner(owner),
          m_file(std::move(file)),
          m_most(most) {}

    void write(const observe::EventBatch& batch) {
        if (m_isOver) {
            return;
        }
        try {
            if (!m_trace) {
                m_trace.emplace(m_file, observe::TraceStart::append);
            }
            batch.each(
                [this](const Event& event, std::span<const std::byte> payload) { m_trace->write(event, payload); });
            m_trace->flush();
            if (std::error_code ignored; std::filesystem::file_size(m_file, ignored) > m_most) {
                m_isOver = true;
                m_trace->close();
                fail(tr("it has reached its %1 MiB").arg(m_most >> 20));
            }
        } catch (const std::exception& error) {
            m_isOver = true;
            fail(QString::fromUtf8(error.what()));
        }
    }

private:
    void fail(const QString& why) {
        QMetaObject::invokeMethod(
            &m_owner, [owner = &m_owner, why] { emit owner->failed(why); }, Qt::QueuedConnection);
    }

    RunTrace& m_owner;
    std::filesystem::path m_file;
    std::uint64_t m_most;
    std::optional<observe::TraceWriter> m_trace;
    bool m_isOver = false;
};

RunTrace::RunTrace(const widgets::InstrumentData& data, std::filesystem::path file, std::uint64_t most, QObject* parent)
    : QObject(parent),
      m_data(data),
      m_next(data.endEvent()),
      m_writer(new Writer(*this, std::move(file), most)) {
    m_thread.setObjectName(QStringLiteral("RunTrace"));
    m_writer->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_writer, &QObject::deleteLater);
    m_thread.start(QThread::LowPriority);
    auto beginning = std::make_shared<observe::EventBatch>();
    describe(*beginning);
    send(std::move(beginning));
    connect(&m_data, &widgets::InstrumentData::appended, this, &RunTrace::take);
}

RunTrace::~RunTrace() {
    while (m_next < m_data.endEvent()) {
        for (std::int64_t there = m_pending; there > mostPending; there = m_pending) {
            m_pending.wait(there);
        }
        send(next());
    }
    // Behind all that was sent.
    QMetaObject::invokeMethod(
        m_writer, [this] { m_thread.quit(); }, Qt::QueuedConnection);
    m_thread.wait();
}

/// What lives already: the program and its launchers, which nobody would tell of any more.
void RunTrace::describe(observe::EventBatch& batch) const {
    const auto own = static_cast<std::int32_t>(QCoreApplication::applicationPid());
    const observe::Snapshot& head = m_data.head();
    const std::int64_t time =
        os::Clock::now().time_since_epoch().count(); // the trace begins here, however old they are
    add(batch, {.time = time, .writer = own, .process = own, .kind = EventKind::program_described},
        QCoreApplication::arguments().join(QLatin1Char(' ')).toStdString());
    for (const auto& [key, process] : head.processes()) {
        if (process.ended != 0 || process.is_program) {
            continue;
        }
        const observe::ProcessInfo* const parent = head.process(process.parent);
        add(batch,
            {.time = time,
             .channel = process.channel,
             .writer = parent ? parent->pid : own,
             .process = process.pid,
             .kind = EventKind::process_created},
            process.purpose);
        add(batch, {.time = time, .writer = process.pid, .process = process.pid, .kind = EventKind::process_running},
            {});
    }
}

/// What the writer has room for; it asks for more when it is through.
void RunTrace::take() {
    while (m_next < m_data.endEvent() && m_pending <= mostPending) {
        send(next());
    }
}

/// The oldest events that have not been sent.
RunTrace::Batch RunTrace::next() {
    auto batch = std::make_shared<observe::EventBatch>();
    if (const std::uint64_t first = m_data.firstEvent(); m_next < first) {
        batch->add({.time = m_data.event(first).time, .number = first - m_next, .kind = EventKind::events_dropped});
        m_next = first;
    }
    const std::uint64_t end = std::min<std::uint64_t>(m_data.endEvent(), m_next + observe::EventBatch::most / 2);
    for (; m_next < end; ++m_next) {
        batch->add(m_data.event(m_next), m_data.payload(m_next));
    }
    return batch;
}

void RunTrace::send(Batch batch) {
    m_pending += sizeOf(*batch);
    QMetaObject::invokeMethod(
        m_writer,
        [this, batch = std::move(batch)] {
            m_writer->write(*batch);
            const std::int64_t size = sizeOf(*batch);
            const std::int64_t before = m_pending.fetch_sub(size);
            m_pending.notify_one();
            if (before > mostPending && before - size <= mostPending) {
                QMetaObject::invokeMethod(this, &RunTrace::take, Qt::QueuedConnection);
            }
        },
        Qt::QueuedConnection);
}

} // namespace pprocess::workbench
