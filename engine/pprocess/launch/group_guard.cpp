// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/group_guard.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <pprocess/launch/clone.h>
#include <pprocess/os/error.h>
#include <pprocess/os/fd.h>
#include <pprocess/os/process.h>

namespace pprocess::launch {

/// What the guard and its owner share: everything, but this is what they use.
struct GroupGuard::Watch {
    int owner = -1; ///< a pidfd, in the guard's own table
    volatile pid_t group = 0;
    alignas(16) std::array<char, 16384> stack;

    /// The guard's whole life, in its owner's memory and with all signals blocked. Only calls that succeed: `errno` is
    /// the owner's.
    PPROCESS_UNINSTRUMENTED static int run(void* argument) {
        auto& watch = *static_cast<Watch*>(argument);
        // A group of its own: Ctrl-C and signals for the owner's are not for it.
        ::syscall(SYS_setpgid, 0, 0);
        ::syscall(SYS_prctl, PR_SET_NAME, "pp-guard", 0, 0, 0);
        // It must hold nothing open for which somebody waits to be closed.
        if (watch.owner != 0)
            ::syscall(SYS_dup3, watch.owner, 0, O_CLOEXEC);
        ::syscall(SYS_close_range, 1U, ~0U, 0U);
        pollfd entry{0, POLLIN, 0};
        while (::syscall(SYS_ppoll, &entry, 1, nullptr, nullptr, 0) != 1) {
        }
        if (watch.group > 0)
            ::syscall(SYS_kill, -watch.group, SIGKILL);
        ::syscall(SYS_exit_group, 0);
        return 0;
    }
};

GroupGuard::GroupGuard() : watch_(std::make_unique<Watch>()), generation_(os::generation()) {
    const os::Fd self = os::open_pidfd(::getpid());
    watch_->owner = os::check(self.get(), "watch this process for the sake of its commands");
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    // Without a signal at its end: a host that waits for any child is not to meet this one.
    pid_ = PPROCESS_CLONE(Watch::run, watch_->stack.data() + watch_->stack.size(), CLONE_VM, watch_.get());
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid_ < 0)
        throw SystemError(error, "start a process that guards a command",
                          "The limit on processes is reached (ulimit -u); end some or lower the limit of this job");
}

GroupGuard::~GroupGuard() {
    if (generation_ != os::generation()) {
        // The guard is no child of this process, whose copy of its stack it does not use.
        return;
    }
    ::kill(pid_, SIGKILL); // not reaped, so the pid is still its own
    os::retry([&] { return ::waitpid(pid_, nullptr, __WALL); });
}

volatile pid_t& GroupGuard::group() noexcept {
    return watch_->group;
}

} // namespace pprocess::launch
