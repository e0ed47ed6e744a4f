// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_record.h>

#include <widgets/instruments/recorder_source.h>

#include <algorithm>

#include <pprocess/observe/recorder.h>

namespace pprocess::workbench {

using widgets::InstrumentSource;

JobRecord::JobRecord(std::size_t budget, QObject* parent) : QObject(parent) {
    try {
        m_recorder = std::make_unique<Recorder>();
    } catch (const std::exception& error) {
        m_problem = QString::fromUtf8(error.what());
        return;
    }
    m_source = std::make_unique<widgets::RecorderSource>(*m_recorder, nullptr, budget);
    m_source->setControl([this](std::int32_t pid, InstrumentSource::Step step) {
        for (Owner* owner : std::as_const(m_owners)) {
            if (const auto answer = owner->endProcess(pid, step)) {
                return *answer;
            }
        }
        return tr("Process %1 is no worker of this window's jobs that lives: it cannot be ended from here.").arg(pid);
    });
    m_source->setOutputs([this](std::uint64_t key) {
        return std::any_of(m_owners.begin(), m_owners.end(),
                           [key](const Owner* owner) { return owner->hasOutputOf(key); });
    });
}

JobRecord::~JobRecord() = default;

void JobRecord::add(Owner* owner) {
    m_owners += owner;
    emit ownersChanged();
}

void JobRecord::remove(Owner* owner) {
    m_owners.removeOne(owner);
    emit ownersChanged();
}

} // namespace pprocess::workbench
