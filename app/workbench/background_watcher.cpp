// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/background_watcher.h>

#include <app/workbench/background_start.h>

#include <QCoreApplication>
#include <QFile>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <set>

#include <pprocess/observe/inspectable_program.h>
#include <pprocess/os/process.h>

namespace pprocess::workbench {

namespace {

std::vector<ListedBackground> everyProcess() {
    std::set<qint64> programs;
    for (const InspectableProgram& program : inspectable_programs()) {
        programs.insert(program.pid);
    }
    std::vector<ListedBackground> listed;
    for (BackgroundProcess& process : background_processes()) {
        qint64 program = 0;
        for (const qint64 pid : {qint64{process.pid}, qint64{process.keeper_pid},
                                 background_start::programOf(process.address.parent_path())}) {
            if (program == 0 && process.state != BackgroundState::gone && programs.contains(pid)) {
                program = pid;
            }
        }
        listed.push_back({std::move(process), program});
    }
    return listed;
}

} // namespace

BackgroundWatcher::BackgroundWatcher(QObject* parent) : QObject(parent) {
    // An entry is written, renamed and has a socket beside it: one look for all of that.
    m_soon.setSingleShot(true);
    m_soon.setInterval(50);
    connect(&m_soon, &QTimer::timeout, this, &BackgroundWatcher::look);
    connect(&m_folder, &QFileSystemWatcher::directoryChanged, &m_soon, qOverload<>(&QTimer::start));
    look();
}

void BackgroundWatcher::look() {
    if (m_isLooking) {
        m_isOutdated = true;
        return;
    }
    m_isLooking = true;
    QThreadPool::globalInstance()->start([self = QPointer(this)] {
        std::vector<ListedBackground> processes;
        QString folder;
        QString mistake;
        try {
            folder = QFile::decodeName(background_folder().c_str());
            processes = everyProcess();
        } catch (const std::exception& error) {
            mistake = QString::fromUtf8(error.what());
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, processes, folder, mistake] {
                if (self) {
                    self->take(processes, folder, mistake);
                }
            },
            Qt::QueuedConnection);
    });
}

void BackgroundWatcher::take(const std::vector<ListedBackground>& processes, const QString& folder,
                             const QString& mistake) {
    m_isLooking = false;
    // What has changed between the look and the beginning of the watch is found by looking again.
    if (!folder.isEmpty() && !m_folder.directories().contains(folder)) {
        m_isOutdated = m_folder.addPath(folder);
    }
    watchKeepers(processes);
    if (mistake.isEmpty()) {
        emit found(processes);
    } else {
        emit failed(mistake);
    }
    if (std::exchange(m_isOutdated, false)) {
        m_soon.start();
    }
}

/// One that is killed changes nothing in the folder.
void BackgroundWatcher::watchKeepers(const std::vector<ListedBackground>& processes) {
    std::map<pid_t, Keeper> keepers;
    for (const ListedBackground& one : processes) {
        const pid_t pid = one.process.keeper_pid;
        if (one.process.state == BackgroundState::gone) {
            continue;
        }
        if (const auto known = m_keepers.find(pid); known != m_keepers.end()) {
            keepers.insert(m_keepers.extract(known));
            continue;
        }
        Keeper keeper;
        keeper.fd = os::open_pidfd(pid);
        if (!keeper.fd.is_open()) {
            m_isOutdated = true; // it has just ended
            continue;
        }
        keeper.notifier = std::make_unique<QSocketNotifier>(keeper.fd.get(), QSocketNotifier::Read);
        connect(keeper.notifier.get(), &QSocketNotifier::activated, this, [this, pid] {
            m_keepers.at(pid).notifier->setEnabled(false);
            m_soon.start();
        });
        keepers.emplace(pid, std::move(keeper));
    }
    m_keepers.swap(keepers);
}

} // namespace pprocess::workbench
