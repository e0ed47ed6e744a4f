// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/job_files.h>

#include <QCoreApplication>
#include <QFile>
#include <QPointer>
#include <QThreadPool>

namespace pprocess::workbench::job_files {

namespace {

/// Does `work` in another thread, then `done` with what it made or with what went wrong.
template <typename Value>
void inBackground(QObject* context, std::function<Value()> work, std::function<void(Value, QString)> done) {
    QThreadPool::globalInstance()->start([context = QPointer(context), work, done] {
        Value value{};
        QString mistake;
        try {
            value = work();
        } catch (const std::exception& error) {
            mistake = QString::fromUtf8(error.what());
        }
        QMetaObject::invokeMethod(
            qApp,
            [context, done, value, mistake] {
                if (context) {
                    done(value, mistake);
                }
            },
            Qt::QueuedConnection);
    });
}

} // namespace

void load(const QString& file, QObject* context, std::function<void(job::Job, QString)> done) {
    inBackground<job::Job>(
        context, [file] { return job::load(QFile::encodeName(file).toStdString()); }, std::move(done));
}

void save(const job::Job& job, const QString& file, QObject* context, std::function<void(QString)> done) {
    inBackground<bool>(
        context,
        [job, file] {
            job::save(job, QFile::encodeName(file).toStdString());
            return true;
        },
        [done](bool, const QString& mistake) { done(mistake); });
}

} // namespace pprocess::workbench::job_files
