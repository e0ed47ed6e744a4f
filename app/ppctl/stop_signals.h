// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <initializer_list>

#include <pprocess/os/error.h>
#include <pprocess/os/fd.h>

namespace ppctl {

/// Signals that ask for an end as a descriptor, so that a loop hears of them between two steps and nowhere else.
class StopSignals {
public:
    explicit StopSignals(std::initializer_list<int> wanted = {SIGINT, SIGTERM}) {
        sigset_t signals;
        ::sigemptyset(&signals);
        for (const int signal : wanted)
            ::sigaddset(&signals, signal);
        ::sigprocmask(SIG_BLOCK, &signals, nullptr);
        fd_ = pprocess::os::Fd(
            pprocess::os::check(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "listen for Ctrl-C"));
    }
    [[nodiscard]] int fd() const { return fd_.get(); }
    /// The one that has come; 0: none.
    int take() {
        signalfd_siginfo info{};
        return ::read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
    }

private:
    pprocess::os::Fd fd_;
};

} // namespace ppctl
