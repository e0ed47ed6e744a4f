// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/collected_job.h>

#include <app/workbench/background_collector.h>

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <variant>

#include <pprocess/job/background_job.h>

namespace pprocess::workbench {

CollectedJob::CollectedJob(std::unique_ptr<BackgroundCollector> collector, QObject* parent)
    : QObject(parent),
      m_collector(std::move(collector)) {
    m_progress.is_total_known = false;
    connect(m_collector.get(), &BackgroundCollector::arrived, this, &CollectedJob::take);
    connect(m_collector.get(), &BackgroundCollector::stopFailed, this, &CollectedJob::stopFailed);
    const auto end = [this](const QString& problem) {
        m_isOver = true;
        m_problem = problem;
        emit ended();
    };
    connect(m_collector.get(), &BackgroundCollector::ended, this, end);
    connect(m_collector.get(), &BackgroundCollector::failed, this, end);
}

CollectedJob::~CollectedJob() {
    m_stop.request_stop();
}

void CollectedJob::begin(const std::vector<AnyValue>& values) {
    lookForRun();
    take(values);
}

void CollectedJob::stopProcess() {
    m_collector->stopProcess();
}

void CollectedJob::lookForRun() {
    struct Found {
        std::optional<job::PastRun> run;
        std::optional<job::Job> job;
        std::optional<job::Plan> plan;
    };
    QThreadPool::globalInstance()->start(
        [self = QPointer<CollectedJob>(this), address = m_collector->address(), stop = m_stop.get_token()] {
            auto found = std::make_shared<Found>();
            try {
                found->run = job::past_run(address.parent_path());
                if (found->run && found->run->background_address() == address) {
                    found->job = job::load(found->run->job_file());
                    found->plan = job::prepare(*found->job, stop).plan;
                } else {
                    found->run.reset();
                }
            } catch (const std::exception&) {
                // Then its results are shown all the same.
            }
            QMetaObject::invokeMethod(
                qApp,
                [self, found] {
                    if (self) {
                        self->m_run = found->run;
                        self->m_plan = std::move(found->plan);
                        self->count();
                        emit self->found(found->job ? &*found->job : nullptr);
                    }
                },
                Qt::QueuedConnection);
        });
}

void CollectedJob::take(const std::vector<AnyValue>& values) {
    std::vector<widgets::ResultRowPtr> rows;
    for (const AnyValue& value : values) {
        job::JobMessage message;
        try {
            message = job::job_message(value);
        } catch (const std::exception&) {
            continue; // of a later version
        }
        if (auto* item = std::get_if<job::ItemResult>(&message)) {
            m_progress.succeeded += item->outcome == job::Outcome::succeeded;
            m_progress.cancelled += item->outcome == job::Outcome::cancelled;
            m_progress.failed += item->outcome != job::Outcome::succeeded && item->outcome != job::Outcome::cancelled;
            auto row = std::make_shared<widgets::ResultRow>();
            row->input = std::move(item->input);
            row->result = std::move(*item);
            rows.push_back(std::move(row));
        } else if (const auto* end = std::get_if<job::Progress>(&message)) {
            m_end = *end;
        }
    }
    count();
    emit arrived(rows);
}

/// How many items there are is known from the run as long as it is under way, and by the process's last words.
void CollectedJob::count() {
    m_progress.total = m_progress.ended();
    m_progress.is_total_known = m_end.has_value();
    if (!m_end && m_run && m_run->state == job::RunState::running) {
        m_progress.is_total_known = true;
        m_progress.total = std::max(m_progress.total, m_run->total - std::min(m_run->total, m_run->succeeded));
    } else if (m_end) {
        m_progress.total = std::max(m_progress.total, m_end->total);
    }
    m_progress.waiting = m_progress.total - m_progress.ended();
}

} // namespace pprocess::workbench
