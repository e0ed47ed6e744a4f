// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/process.h>

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <system_error>

#include <pprocess/os/epoll.h>
#include <pprocess/os/error.h>
#include <pprocess/os/observer.h>
#include <pprocess/os/report.h>

namespace pprocess {

ProcessStatus ProcessStatus::from_wait(int word) {
    return WIFSIGNALED(word) ? from_signal(WTERMSIG(word)) : from_exit(WEXITSTATUS(word));
}

std::string ProcessStatus::to_string() const {
    if (const int error = start_error())
        return "could not be started: " + std::system_category().message(error);
    if (is_unknown())
        return "ended in a way that could not be learned";
    if (signaled()) {
        const char* description = ::sigdescr_np(signal_);
        return "was killed by signal " + std::to_string(signal_) +
               (description ? " (" + std::string(description) + ")" : "");
    }
    return "exited with status " + std::to_string(code_);
}

namespace os {

namespace {

/// The children of this process that have not been reaped, so that each pid is still its own.
struct Children {
    std::mutex mutex;
    std::set<pid_t> pids;
    unsigned generation = os::generation();
};

Children& children() {
    static auto* instance = new Children;
    if (instance->generation != generation())
        instance = new Children; // those inherited are the creator's
    return *instance;
}

} // namespace

void end_with_creator(pid_t creator) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != creator)
        ::_exit(EXIT_FAILURE); // which ended before the line above
}

Fd open_pidfd(pid_t pid) {
    return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

Process Process::child(pid_t pid) {
    Process process;
    process.pid_ = pid;
    process.generation_ = generation();
    Fd pidfd = open_pidfd(pid);
    if (!pidfd.is_open()) {
        const int saved = errno;
        if (saved == ESRCH) {
            // Ended and reaped already: by the system where SIGCHLD is ignored, or by a host that reaps all there is.
            process.status_ = ProcessStatus::unknown();
            return process;
        }
        // Without a pidfd the process cannot be watched. While it is not reaped, the pid is its own.
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
            ::kill(pid, SIGKILL);
            retry([&] { return ::waitpid(pid, nullptr, 0); });
        }
        throw SystemError(saved, "watch the new process " + std::to_string(pid));
    }
    process.pidfd_ = std::move(pidfd);
    const std::lock_guard lock(children().mutex);
    children().pids.insert(pid);
    return process;
}

Process Process::ward(Fd report) {
    Process process;
    process.is_ward_ = true;
    process.generation_ = generation();
    process.report_ = std::move(report);
    return process;
}

Process Process::remote(pid_t pid) {
    Process process;
    process.pid_ = pid;
    process.is_remote_ = true;
    process.generation_ = generation();
    return process;
}

void Process::swap(Process& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(pidfd_, other.pidfd_);
    std::swap(report_, other.report_);
    std::swap(is_ward_, other.is_ward_);
    std::swap(is_remote_, other.is_remote_);
    std::swap(kill_when_started_, other.kill_when_started_);
    std::swap(status_, other.status_);
    std::swap(generation_, other.generation_);
    std::swap(channel_, other.channel_);
    std::swap(purpose_, other.purpose_);
}

void Process::announce(std::uint64_t channel, const char* purpose) noexcept {
    channel_ = channel;
    purpose_ = purpose;
    if (pid_ > 0)
        tell_created();
}

void Process::tell_created() const noexcept {
    if (Observer* observer = os::observer(); observer && purpose_) [[unlikely]]
        tell(*observer, {.channel = channel_, .process = pid_, .kind = EventKind::process_created},
             std::string_view(purpose_));
}

void Process::end_with(ProcessStatus status) noexcept {
    const bool is_news = !status_;
    status_ = status;
    Observer* const observer = os::observer();
    if (!observer || !purpose_ || !is_news || pid_ == 0) [[likely]]
        return;
    Event event{.channel = channel_, .process = pid_, .kind = EventKind::process_ended};
    if (const int error = status.start_error()) {
        event.detail = static_cast<std::uint8_t>(ProcessEnd::not_started);
        event.value = error;
    } else if (status.is_unknown()) {
        event.detail = static_cast<std::uint8_t>(ProcessEnd::unknown);
    } else {
        event.detail = static_cast<std::uint8_t>(status.exited() ? ProcessEnd::exited : ProcessEnd::signalled);
        event.value = status.exited() ? status.exit_code() : status.signal();
    }
    tell(*observer, event, status.to_string());
}

bool Process::exists() const noexcept {
    return (is_ward_ || is_remote_ || pid_ > 0) && generation_ == generation();
}

int Process::watch_fd() const noexcept {
    if (!exists() || status_)
        return -1;
    return is_ward_ ? report_.get() : pidfd_.get(); // a remote process has neither
}

std::optional<ProcessStatus> Process::update() {
    if (status_ || !exists() || is_remote_)
        return status_;
    if (is_ward_) {
        learn_from_report();
        return status_;
    }
    siginfo_t info{};
    const int result =
        retry([&] { return ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG); });
    if (result < 0) {
        // Somebody else reaped it (a host that ignores SIGCHLD, say): it is over, and how is not to be learned.
        if (errno != ECHILD)
            throw SystemError(errno, "learn how process " + std::to_string(pid_) + " ended");
        end_with(ProcessStatus::unknown());
    } else if (info.si_pid != 0) {
        end_with(info.si_code == CLD_EXITED ? ProcessStatus::from_exit(info.si_status)
                                            : ProcessStatus::from_signal(info.si_status));
    }
    if (status_) {
        const std::lock_guard lock(children().mutex);
        children().pids.erase(pid_);
    }
    return status_;
}

void Process::learn_from_report() {
    while (!status_) {
        Report report{};
        Fd received;
        switch (receive_report(report_.get(), report, received)) {
        case ReportResult::nothing_yet:
            return;
        case ReportResult::server_gone:
            end_with(ProcessStatus::unknown());
            break;
        case ReportResult::received:
            if (pid_ == 0 && report.pid > 0) {
                pid_ = report.pid;
                tell_created();
            }
            if (report.kind == Report::started) {
                pidfd_ = std::move(received);
                if (kill_when_started_)
                    send_signal(SIGKILL);
            } else if (report.kind == Report::exited) {
                end_with(ProcessStatus::from_exit(report.value));
            } else if (report.kind == Report::signaled) {
                end_with(ProcessStatus::from_signal(report.value));
            } else {
                // Without an errno it did run, but how it ended the server did not learn.
                end_with(report.value > 0 ? ProcessStatus::not_started(report.value) : ProcessStatus::unknown());
            }
            break;
        }
    }
}

std::optional<ProcessStatus> Process::wait(Deadline deadline) {
    while (!update()) {
        if (!exists() || is_remote_)
            return std::nullopt;
        if (!wait_readable(watch_fd(), deadline))
            return update();
    }
    return status_;
}

/// A ward whose pidfd got lost, as there was no free number for it when it came, is known by its pid alone. That is its
/// own until its end has been reported.
bool Process::deliver(int signal) const noexcept {
    if (pidfd_.is_open())
        return ::syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0) == 0;
    char next = 0;
    const bool has_ended = ::recv(report_.get(), &next, sizeof next, MSG_PEEK | MSG_DONTWAIT) >= 0;
    return !has_ended && ::kill(pid_, signal) == 0;
}

bool Process::send_signal(int signal) noexcept {
    if (status_ || !exists() || is_remote_)
        return false;
    if (pid_ == 0) {
        if (signal == SIGKILL || signal == SIGTERM)
            kill_when_started_ = true;
        return false;
    }
    if (!deliver(signal))
        return false;
    if (Observer* observer = os::observer(); observer && purpose_) [[unlikely]]
        tell(*observer, {.channel = channel_, .process = pid_, .value = signal, .kind = EventKind::process_signalled});
    return true;
}

void Process::terminate() noexcept {
    send_signal(SIGTERM);
    send_signal(SIGCONT);
}

void Process::end(std::chrono::milliseconds grace) noexcept {
    try {
        if (!exists() || is_remote_ || wait(Deadline::after(grace)))
            return;
        terminate();
        if (wait(Deadline::after(grace)))
            return;
        send_signal(SIGKILL);
        // A ward is reaped by its server, which may be stopped; nothing of it is left here that would have to be waited
        // for.
        wait(is_ward_ ? Deadline::after(grace) : Deadline());
    } catch (const std::exception&) {
        // Only poll or waitid failing on our own descriptor gets here; nobody is left to tell.
    }
}

void wait_for_all_children() {
    std::set<pid_t> pids;
    {
        const std::lock_guard lock(children().mutex);
        pids = children().pids;
    }
    for (const pid_t pid : pids) {
        siginfo_t info{};
        retry([&] { return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT); });
    }
}

namespace {

/// Has a thread (by its folder in /proc) ended, and is only not yet gone from there? Whoever has joined it knows
/// already.
bool is_ending(const std::string& thread) {
    std::ifstream file(thread + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos)
        return true; // gone by now
    std::istringstream fields(line.substr(name_end + 1));
    std::string skipped;
    unsigned long flags = 0;
    constexpr int fields_before = 6; // state, ppid, pgrp, session, tty_nr, tpgid: proc(5)
    for (int field = 0; field < fields_before; ++field)
        fields >> skipped;
    fields >> flags;
    constexpr unsigned long exiting = 0x4; // PF_EXITING of the kernel's sched.h
    return (flags & exiting) != 0;
}

} // namespace

std::vector<std::string> thread_names() {
    std::vector<std::string> names;
    DIR* folder = ::opendir("/proc/self/task");
    if (!folder)
        return {"main"};
    while (const dirent* entry = ::readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        const std::string thread = std::string("/proc/self/task/") + entry->d_name;
        if (is_ending(thread))
            continue;
        std::ifstream file(thread + "/comm");
        std::string name;
        std::getline(file, name);
        names.push_back(name.empty() ? entry->d_name : name);
    }
    ::closedir(folder);
    return names;
}

} // namespace os
} // namespace pprocess
