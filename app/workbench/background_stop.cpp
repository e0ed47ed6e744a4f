// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/background_stop.h>

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include <pprocess/background/directory.h>
#include <pprocess/background/persistent.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/process.h>

namespace pprocess::workbench::background_stop {

namespace {

std::optional<BackgroundProcess> processAt(const std::filesystem::path& address) {
    const auto processes = background_processes();
    const auto found = std::find_if(processes.begin(), processes.end(), [&](const auto& one) {
        return one.address == address && one.state != BackgroundState::gone;
    });
    return found == processes.end() ? std::nullopt : std::optional(*found);
}

/// By a descriptor, so that no stranger is met who got the number of a process that has just ended.
void signalKeeper(const std::filesystem::path& address, int signal) {
    const auto process = processAt(address);
    if (!process) {
        return; // it has ended
    }
    const os::Fd keeper = os::open_pidfd(process->keeper_pid);
    const auto still = processAt(address);
    if (!keeper.is_open() || !still || still->keeper_pid != process->keeper_pid) {
        return;
    }
    for (const int one : {signal, SIGCONT}) { // one that stands still hears of it too
        if (::syscall(SYS_pidfd_send_signal, keeper.get(), one, nullptr, 0) != 0 && errno != ESRCH) {
            throw SystemError(errno, "send a signal to process " + std::to_string(process->keeper_pid));
        }
    }
    if (!os::wait_readable(keeper.get(), os::Deadline::after(std::chrono::seconds(3)))) {
        throw SystemError(ETIMEDOUT, "wait for the end of process " + std::to_string(process->keeper_pid));
    }
}

} // namespace

QString stop(const std::filesystem::path& address, Step step) {
    try {
        if (step == Step::ask) {
            stop_persistent(address, {.patience = std::chrono::seconds(3)});
        } else {
            signalKeeper(address, step == Step::kill ? SIGKILL : SIGTERM);
        }
    } catch (const SystemError& error) {
        const bool isGone = error.code() == std::errc::no_such_file_or_directory;
        return isGone && !processAt(address) ? QString() : QString::fromUtf8(error.what());
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace pprocess::workbench::background_stop
