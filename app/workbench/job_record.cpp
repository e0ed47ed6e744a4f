// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_record.h>

#include <widgets/instruments/live_source.h>

#include <QCoreApplication>

#include <algorithm>

namespace pprocess::workbench {

using widgets::LiveSource;

JobRecord::JobRecord(QObject* parent)
    : QObject(parent),
      m_router(static_cast<pid_t>(QCoreApplication::applicationPid())),
      m_budget(widgets::InstrumentData::defaultBudget) {
    try {
        m_recorder = std::make_unique<Recorder>();
    } catch (const std::exception& error) {
        m_problem = QString::fromUtf8(error.what());
        return;
    }
    Audience& audience = *this;
    m_reader = std::make_unique<widgets::RecorderReader>(*m_recorder, audience);
}

JobRecord::~JobRecord() = default;

LiveSource* JobRecord::add() {
    if (!m_recorder) {
        return nullptr;
    }
    m_jobs.push_back(std::make_unique<LiveSource>(nullptr, m_budget));
    return m_jobs.back().get();
}

void JobRecord::remove(LiveSource* job) {
    m_router.forget(job);
    std::erase_if(m_jobs, [job](const auto& one) { return one.get() == job; });
}

void JobRecord::claimExchange(LiveSource* job, std::uint64_t exchange) {
    m_router.claimExchange(exchange, job);
    placeWaiting();
}

void JobRecord::claimLauncher(LiveSource* job, pid_t process) {
    m_router.claimProcess(process, job);
    placeWaiting();
}

void JobRecord::take(const Event& event, std::span<const std::byte> payload) {
    if (event.kind == EventKind::events_dropped) {
        // Whose they were, nobody knows.
        for (const auto& job : m_jobs) {
            job->take(event, payload);
        }
        return;
    }
    // What is learned from this one may tell whose those before it were.
    const bool isNews = event.kind == EventKind::process_created || event.kind == EventKind::channel_added ||
                        event.kind == EventKind::exchange_created || event.kind == EventKind::process_running;
    LiveSource* const job = m_router.jobOf(event);
    if (job && isNews) {
        placeWaiting();
    }
    if (job) {
        job->take(event, payload);
        return;
    }
    m_waiting.push_back({event, {payload.begin(), payload.end()}});
    while (m_waiting.size() > mostWaiting || event.time - m_waiting.front().event.time > longestWait) {
        m_waiting.pop_front();
    }
}

/// In their order, as far as it is known by now whose they are.
void JobRecord::placeWaiting() {
    const auto isPlaced = [this](const Waiting& one) {
        LiveSource* const job = m_router.jobOf(one.event);
        if (job) {
            job->take(one.event, one.payload);
            m_reader->sampleOthers();
        }
        return job != nullptr;
    };
    std::erase_if(m_waiting, isPlaced);
}

void JobRecord::publish() {
    for (const auto& job : m_jobs) {
        job->data().publish();
    }
}

std::vector<const observe::Snapshot*> JobRecord::heads() const {
    std::vector<const observe::Snapshot*> heads;
    for (const auto& job : m_jobs) {
        heads.push_back(&std::as_const(*job).data().head());
    }
    return heads;
}

} // namespace pprocess::workbench
