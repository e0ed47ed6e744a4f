// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/fork.h>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

namespace pprocess {

namespace {

void* reserve = nullptr; ///< memory for `tell_failure`

void flush_streams() {
    std::cout.flush();
    std::cerr.flush();
    std::clog.flush();
    std::fflush(nullptr);
}

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
    const std::vector<std::string> threads = os::thread_names();
    if (threads.size() <= most_threads)
        return; // the others have ended
    std::string names;
    for (const std::string& name : threads)
        names += (names.empty() ? "" : ", ") + name;
    throw SystemError(
        EBUSY, "fork a process that has " + std::to_string(threads.size()) + " threads (" + names + ")",
        "The copy could wait for ever for a lock of a thread that it lacks. Create processes before starting "
        "threads, or through a pprocess::ForkServer");
}

Channel create() {
    launch::require_single_thread();
    os::observe_on_request();
    auto [ours, theirs] = os::stream_pair();
    const std::uint64_t id = os::new_id();
    const pid_t creator = ::getpid();
    const int pid = os::fork_process({&theirs});
    if (pid < 0)
        throw SystemError(errno, "create a process",
                          "The system's or this user's limit on processes (ulimit -u) or memory has been reached");
    if (pid > 0)
        return {std::move(ours), os::Process::child(pid), id};

    os::end_with_creator(creator);
    launch::keep_end_of_creator_apart();
    launch::tell_running(id);
    return {std::move(theirs), os::Process(), id};
}

void exit(Channel& channel, int status) {
    flush_streams();
    channel.socket().reset();
    ::_exit(status);
}

namespace launch {

void tell_running(std::uint64_t channel) noexcept {
    if (Observer* observer = os::observer()) [[unlikely]]
        os::tell(*observer, {.channel = channel, .process = os::own_pid(), .kind = EventKind::process_running});
}

void keep_end_of_creator_apart() {
    // Such handlers run in the reverse order of their registration: those of the creator come after this one.
    ::on_exit(
        [](int status, void*) {
            flush_streams();
            ::_exit(status);
        },
        nullptr);
}

void keep_reserve() noexcept {
    constexpr std::size_t enough_for_a_message = 65536;
    if (!reserve)
        reserve = std::malloc(enough_for_a_message);
}

void tell_failure(Channel& channel, bool final) noexcept {
    std::free(std::exchange(reserve, nullptr));
    const bool told = channel.send_failure(final);
    if (!told && !final)
        pprocess::exit(channel, EXIT_FAILURE);
    if (!final)
        keep_reserve();
}

} // namespace launch

void wait_all() {
    os::wait_for_all_children();
}

} // namespace pprocess
