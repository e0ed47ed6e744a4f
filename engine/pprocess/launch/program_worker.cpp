// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/program_worker.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <optional>

#include <pprocess/launch/program.h>

namespace pprocess::launch {

namespace {

/// A worker that is asked to end takes its program along, with all that stayed in the program's process group: its
/// own end would take along the program alone. A signal handler: system calls only.
void end_with_program(int signal) {
    // Each child of a worker is a program, and the leader of a group.
    std::array<char, 256> text{};
    const int file = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    const ssize_t size = file < 0 ? 0 : ::read(file, text.data(), text.size());
    pid_t pid = 0;
    for (ssize_t at = 0; at < size; ++at) {
        if (text[static_cast<std::size_t>(at)] >= '0' && text[static_cast<std::size_t>(at)] <= '9') {
            pid = pid * 10 + (text[static_cast<std::size_t>(at)] - '0');
        } else if (pid > 1) {
            ::kill(-pid, SIGKILL);
            pid = 0;
        }
    }
    // By the very signal, as without this handler; it is blocked until the handler returns.
    ::raise(signal);
}

void take_programs_along() {
    struct sigaction action {};
    action.sa_handler = end_with_program;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGTERM, &action, nullptr);
}

} // namespace

void serve_programs(Channel& channel) {
    take_programs_along();
    try {
        while (const auto task = channel.receive<std::optional<ProgramTask>>())
            channel.send(run_program(*task));
    } catch (const ChannelClosed&) {
        // The owner has gone, or wants no more.
    }
}

} // namespace pprocess::launch
