// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/fork.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

namespace pprocess {

namespace {

/// ThreadSanitizer adds a thread of its own when a process makes its first, and to every forked process; it survives a
/// fork.
#if defined(__SANITIZE_THREAD__)
constexpr nlink_t most_threads = 2;
#else
constexpr nlink_t most_threads = 1;
#endif

/// How many `ForkDespiteThreads` this thread has made.
thread_local int permissions = 0;

} // namespace

ForkDespiteThreads::ForkDespiteThreads() noexcept {
    ++permissions;
}

ForkDespiteThreads::~ForkDespiteThreads() {
    --permissions;
}

void launch::require_single_thread() {
    // The number of links of the folder says it without reading the folder.
    struct stat folder {};
    if (permissions > 0 || ::stat("/proc/self/task", &folder) != 0 || folder.st_nlink <= 2 + most_threads)
        return;
    std::string names;
    for (const std::string& name : os::thread_names())
        names += (names.empty() ? "" : ", ") + name;
    throw SystemError(
        EBUSY, "fork a process that has " + std::to_string(folder.st_nlink - 2) + " threads (" + names + ")",
        "The copy could wait for ever for a lock of a thread that it lacks. Create processes before starting "
        "threads, or through a pprocess::ForkServer");
}

Channel create() {
    launch::require_single_thread();
    auto [ours, theirs] = os::stream_pair();
    const pid_t creator = ::getpid();
    const int pid = os::fork_process({&theirs});
    if (pid < 0)
        throw SystemError(errno, "create a process",
                          "The system's or this user's limit on processes (ulimit -u) or memory has been reached");
    if (pid > 0)
        return {std::move(ours), os::Process::child(pid)};

    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != creator)
        ::_exit(EXIT_FAILURE); // the creator ended before the line above
    return {std::move(theirs), os::Process()};
}

void exit(Channel& channel, int status) {
    std::cout.flush();
    std::cerr.flush();
    std::clog.flush();
    std::fflush(nullptr);
    channel.socket().reset();
    ::_exit(status);
}

void wait_all() {
    os::wait_for_all_children();
}

} // namespace pprocess
