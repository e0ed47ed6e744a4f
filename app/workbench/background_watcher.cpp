// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/background_watcher.h>

#include <app/workbench/background_start.h>

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

BackgroundWatcher::BackgroundWatcher(QObject* parent)
    : QObject(parent),
      m_listing([this] {
          return [this, processes = everyProcess()] {
              watchKeepers(processes);
              emit found(processes);
          };
      }) {
    connect(&m_listing, &ListingWatcher::failed, this, [this](const QString& message) {
        m_keepers.clear();
        emit failed(message);
    });
    look();
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
            m_listing.lookSoon(); // it has just ended
            continue;
        }
        keeper.notifier = std::make_unique<QSocketNotifier>(keeper.fd.get(), QSocketNotifier::Read);
        connect(keeper.notifier.get(), &QSocketNotifier::activated, this, [this, pid] {
            m_keepers.at(pid).notifier->setEnabled(false);
            m_listing.lookSoon();
        });
        keepers.emplace(pid, std::move(keeper));
    }
    m_keepers.swap(keepers);
}

} // namespace pprocess::workbench
