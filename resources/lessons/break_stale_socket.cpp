// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Break it: the address of a background process is left behind.
//
// A process that is killed cannot remove its socket file, and the file stays in the way. Nobody has to remove it by
// hand: the next process at that address asks whether anybody answers there, and takes it over only when nobody does.
// An address at which somebody answers is never taken.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

int answer(int number) {
    return number;
}

void wait_for_ever(pprocess::Channel&) {
    for (;;)
        ::pause();
}

void kill_and_wait(pid_t pid) {
    pollfd process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)), POLLIN, 0};
    if (process.fd < 0)
        return; // it has ended already
    ::kill(pid, SIGKILL);
    ::poll(&process, 1, -1);
    ::close(process.fd);
}

/// Ends what is behind an address as a failing machine would: no process of it gets to tidy up.
void kill_all_at(const std::filesystem::path& address) {
    for (const auto& process : pprocess::background_processes()) {
        if (process.state != pprocess::BackgroundState::gone && process.address == address) {
            kill_and_wait(process.keeper_pid); // first, or it would keep the news of the other's death
            kill_and_wait(process.pid);
        }
    }
}

template <typename Attempt>
void try_to(const char* what, Attempt attempt) {
    try {
        attempt();
        std::printf("%s: done.\n", what);
    } catch (const pprocess::SystemError& error) {
        std::printf("%s: refused. %s\n", what, error.what());
    }
}

} // namespace

int main(int argc, char** argv) try {
    std::string folder = ".";
    lesson::CommandLine line("Leaves a socket file behind, and starts a background process there.");
    line.text("--folder", "FOLDER", "put the address there (.)", folder);
    line.read(argc, argv);
    const auto address = std::filesystem::weakly_canonical(folder) / "break_stale_socket.socket";

    pprocess::BackgroundCallable waiting(address, wait_for_ever);
    pprocess::BackgroundCallable answering(address, pprocess::MakeParallel(answer));

    try_to("Start a process", [&] { waiting(); });
    try_to("Start another at the same address", [&] { answering(42); });

    kill_all_at(address);
    std::printf("Killed it. Its socket file is %s.\n", std::filesystem::exists(address) ? "still there" : "gone");

    try_to("Collect from the dead", [&] { pprocess::BackgroundQueue<int> queue(address); });
    try_to("Start another at the same address", [&] { answering(42); });
    pprocess::BackgroundQueue<int> queue(address);
    for (int result : queue)
        std::printf("Collected %d.\n", result);
} catch (const std::exception& error) {
    return lesson::explain(error);
}
