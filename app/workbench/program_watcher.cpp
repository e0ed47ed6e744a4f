// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/program_watcher.h>

#include <widgets/format.h>

#include <QFile>

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

ProgramWatcher::ProgramWatcher(QObject* parent)
    : QObject(parent),
      m_listing([this] { return [this, programs = everyProgram()] { emit found(programs); }; }) {
    connect(&m_listing, &ListingWatcher::failed, this, &ProgramWatcher::failed);
    look();
}

} // namespace pprocess::workbench
