// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/fork_server.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include <pprocess/launch/find_launcher.h>
#include <pprocess/launch/server_protocol.h>
#include <pprocess/os/socket.h>

extern char** environ;

namespace pprocess {

namespace {

namespace fs = std::filesystem;

/// Starts the launcher with `socket` as its standard input, which is all it needs to know.
os::Process spawn_launcher(const fs::path& launcher, const os::Fd& socket) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, socket.get(), STDIN_FILENO);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t defaults;
    ::sigemptyset(&none);
    ::sigfillset(&defaults);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    // A group of its own: Ctrl-C is for its owner, whose end is its end.
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

    const std::string name = launcher.string();
    std::array<char*, 2> arguments{const_cast<char*>(name.c_str()), nullptr};
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, name.c_str(), &actions, &attributes, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0)
        throw SystemError(error, "start " + name);
    return os::Process::child(pid);
}

} // namespace

ForkServer::ForkServer() : ForkServer(launch::find_launcher()) {}

ForkServer::ForkServer(const fs::path& launcher) {
    auto [ours, theirs] = os::packet_pair();
    server_ = spawn_launcher(launcher, theirs);
    socket_ = std::move(ours);
}

ForkServer::~ForkServer() {
    socket_.reset(); // at whose end the server ends, and its workers with it
    server_.end(std::chrono::milliseconds(500));
}

bool ForkServer::is_running() {
    return server_.exists() && !server_.update();
}

Channel ForkServer::start_program_worker() {
    auto [ours, theirs] = os::stream_pair();
    auto [report, reporter] = os::packet_pair();
    const launch::ServerRequest request{launch::ServerRequest::program_worker};
    const ssize_t sent =
        os::send_with_descriptors(socket_.get(), &request, sizeof request, {theirs.get(), reporter.get()});
    if (sent < 0) {
        if (errno == EAGAIN)
            throw SystemError(EAGAIN, "ask the fork server for another worker", "It has many requests to answer first");
        throw SystemError(errno, "ask the fork server for a worker",
                          "The process pprocess-launcher has ended; it must be started again");
    }
    return {std::move(ours), os::Process::ward(std::move(report))};
}

} // namespace pprocess
