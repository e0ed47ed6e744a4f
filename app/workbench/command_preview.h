// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/task_libraries.h>

#include <QLabel>
#include <QTimer>

#include <pprocess/job/job.h>

namespace pprocess::workbench {

/// Shows what a job as it is written does with its first input, or what is wrong with it. Looks for the first input in
/// another thread.
class CommandPreview : public QLabel {
    Q_OBJECT

public:
    explicit CommandPreview(QWidget* parent = nullptr);

    /// Soon shows that of this job.
    void follow(const job::Job& job, const TaskLibraries::Known& libraries);

private:
    void renew();

    job::Job m_job;
    TaskLibraries::Known m_libraries;
    QTimer m_timer;
    quint64 m_number = 0;
};

} // namespace pprocess::workbench
