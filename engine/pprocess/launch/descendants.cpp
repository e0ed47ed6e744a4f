// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/descendants.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include <pprocess/os/error.h>

namespace pprocess::launch {

std::vector<pid_t> child_pids() {
    std::ifstream file("/proc/thread-self/children");
    std::vector<pid_t> pids;
    for (pid_t pid = 0; file >> pid;)
        pids.push_back(pid);
    return pids;
}

void reap_adopted(const std::set<pid_t>& own) {
    for (;;) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0 ||
            own.contains(info.si_pid))
            return;
        ::waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED | WNOHANG);
    }
}

void kill_children(const std::set<pid_t>& spared) {
    const pid_t session = ::getsid(0);
    for (bool any = true; any;) {
        any = false;
        for (const pid_t pid : child_pids()) {
            // Not reaped before the line that does, so that each pid is still its child's.
            if (spared.contains(pid) || ::getsid(pid) != session || ::kill(pid, SIGKILL) != 0)
                continue;
            siginfo_t info{};
            any = os::retry([&] { return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED); }) == 0 || any;
        }
    }
}

} // namespace pprocess::launch
