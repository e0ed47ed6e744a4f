// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/program_watcher.h>

#include <widgets/format.h>

#include <QCoreApplication>
#include <QFile>
#include <QPointer>
#include <QThreadPool>

#include <unistd.h>

#include <algorithm>

#include <pprocess/background/directory.h>
#include <pprocess/observe/inspectable_program.h>

namespace pprocess::workbench {

namespace {

QDateTime toDateTime(std::chrono::system_clock::time_point time) {
    return QDateTime::fromMSecsSinceEpoch(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

ListedProgram listed(const InspectableProgram& program) {
    return {.name = widgets::format::oneLine(program.name),
            .pid = program.pid,
            .state = !program.is_running      ? ProgramWatcher::tr("has ended, its processes go on")
                     : program.allows_control ? ProgramWatcher::tr("can be watched and controlled")
                                              : ProgramWatcher::tr("can be watched"),
            .started = toDateTime(program.started),
            .command = widgets::format::oneLine(program.command_line),
            .canAttach = true};
}

ListedProgram listed(const BackgroundProcess& process) {
    const QString state = QString::fromUtf8(to_string(process.state).data());
    return {.name = widgets::format::oneLine(process.name),
            .pid = process.pid,
            .state = ProgramWatcher::tr("background, %1: not started with PPROCESS_INSPECT=1").arg(state),
            .started = toDateTime(process.started),
            .command = QFile::decodeName(process.address.c_str()),
            .canAttach = false};
}

std::vector<ListedProgram> everyProgram() {
    std::vector<ListedProgram> programs;
    for (const auto& program : inspectable_programs()) {
        if (program.pid != ::getpid()) {
            programs.push_back(listed(program));
        }
    }
    const auto isListed = [&programs](qint64 pid) {
        return std::any_of(programs.begin(), programs.end(), [pid](const auto& one) { return one.pid == pid; });
    };
    for (const auto& process : background_processes()) {
        // What is gone will never be to be attached to, whatever it was started with.
        if (process.state != BackgroundState::gone && !isListed(process.pid) && !isListed(process.keeper_pid)) {
            programs.push_back(listed(process));
        }
    }
    return programs;
}

} // namespace

ProgramWatcher::ProgramWatcher(QObject* parent) : QObject(parent) {
    // An entry is written, renamed and has a socket beside it: one look for all of that.
    m_soon.setSingleShot(true);
    m_soon.setInterval(50);
    connect(&m_soon, &QTimer::timeout, this, &ProgramWatcher::look);
    connect(&m_folder, &QFileSystemWatcher::directoryChanged, &m_soon, qOverload<>(&QTimer::start));
    look();
}

void ProgramWatcher::look() {
    if (m_isLooking) {
        m_isOutdated = true;
        return;
    }
    m_isLooking = true;
    QThreadPool::globalInstance()->start([self = QPointer(this)] {
        std::vector<ListedProgram> programs;
        QString folder;
        QString mistake;
        try {
            folder = QFile::decodeName(background_folder().c_str());
            programs = everyProgram();
        } catch (const std::exception& error) {
            mistake = QString::fromUtf8(error.what());
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, programs, folder, mistake] {
                if (!self) {
                    return;
                }
                self->m_isLooking = false;
                // What has changed between the look and the beginning of the watch is found by looking again.
                if (!folder.isEmpty() && !self->m_folder.directories().contains(folder)) {
                    self->m_isOutdated = self->m_folder.addPath(folder);
                }
                if (mistake.isEmpty()) {
                    emit self->found(programs);
                } else {
                    emit self->failed(mistake);
                }
                if (std::exchange(self->m_isOutdated, false)) {
                    self->m_soon.start();
                }
            },
            Qt::QueuedConnection);
    });
}

} // namespace pprocess::workbench
