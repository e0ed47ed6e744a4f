// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>

#include <pprocess/job/job.h>

class QObject;

/// Job files, read and written in another thread than the window's, for disks can be slow. `done` is called in the
/// window's thread with what went wrong, or nothing, unless `context` is gone by then.
namespace pprocess::workbench::job_files {

void load(const QString& file, QObject* context, std::function<void(job::Job job, QString mistake)> done);
void save(const job::Job& job, const QString& file, QObject* context, std::function<void(QString mistake)> done);

} // namespace pprocess::workbench::job_files
