// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/fork_server.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <pprocess/launch/find_launcher.h>
#include <pprocess/launch/fork.h>
#include <pprocess/launch/server_protocol.h>
#include <pprocess/launch/spawn_launcher.h>
#include <pprocess/os/socket.h>

namespace pprocess {

namespace {

namespace fs = std::filesystem;

} // namespace

ForkServer::ForkServer() : ForkServer(launch::find_launcher()) {}

ForkServer::ForkServer(const fs::path& launcher) : ForkServer(launcher, launch::Surroundings{}) {}

ForkServer::ForkServer(const launch::Surroundings& surroundings) : ForkServer(launch::find_launcher(), surroundings) {}

ForkServer::ForkServer(const fs::path& launcher, const launch::Surroundings& surroundings) {
    os::observe_on_request();
    auto [ours, theirs] = os::packet_pair();
    std::vector<std::pair<int, int>> descriptors{{theirs.get(), STDIN_FILENO}};
    if (surroundings.held >= 0)
        descriptors.emplace_back(surroundings.held, launch::held_descriptor);
    // A group of its own: Ctrl-C is for its owner, whose end is its end.
    server_ = os::Process::child(launch::spawn_launcher(launcher, launch::to_arguments(surroundings), descriptors, true,
                                                        surroundings.environment));
    server_.announce(0, "fork server");
    socket_ = std::move(ours);
}

ForkServer::ForkServer(os::Process copy, os::Fd socket)
    : server_(std::move(copy)),
      socket_(std::move(socket)),
      is_copy_(true),
      observers_(os::observers_version()),
      is_observed_(os::observer() != nullptr) {
    server_.announce(0, "fork server");
}

ForkServer ForkServer::of_this_program(const launch::TaskTable& tasks) {
    launch::require_single_thread();
    os::observe_on_request();
    auto [ours, theirs] = os::packet_pair();
    const pid_t owner = ::getpid();
    const int pid = os::fork_process({&theirs});
    if (pid < 0)
        throw SystemError(errno, "create a fork server");
    if (pid > 0)
        return {os::Process::child(pid), std::move(ours)};

    ::setpgid(0, 0); // as the launcher: Ctrl-C is for the owner
    ::prctl(PR_SET_NAME, "pp-fork-server");
    int status = EXIT_FAILURE;
    try {
        launch::ServedTasks served{"this program", &tasks, launch::problem_of(tasks)};
        if (!served.problem.empty())
            served.problem.insert(0, "cannot run tasks of this program: ");
        launch::serve_requests(theirs.get(), owner, served);
        status = EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fork server: %s\n", error.what());
    }
    ::_exit(status);
}

ForkServer::~ForkServer() {
    try {
        for (const auto& [path, library] : libraries_)
            send(library.socket, launch::ServerRequest::farewell, {}, {});
        send(socket_, launch::ServerRequest::farewell, {}, {});
    } catch (const SystemError&) {
        // It has ended, or is too busy to be told.
    }
    // At whose end the server ends, and its workers with it.
    socket_.reset();
    libraries_.clear();
    outdated_.clear();
    server_.end(std::chrono::milliseconds(600)); // it gives its workers 200 ms, and its libraries
}

bool ForkServer::is_running() {
    return server_.exists() && !server_.update();
}

void ForkServer::send(const os::Fd& socket, launch::ServerRequest::Kind kind, std::string_view text,
                      const std::vector<int>& descriptors, std::uint64_t channel) const {
    if (text.size() > launch::most_request_text)
        throw SystemError(ENAMETOOLONG, "ask the fork server for " + std::string(text.substr(0, 100)) + "...");
    const launch::ServerRequest header{kind, channel};
    std::string packet(reinterpret_cast<const char*>(&header), sizeof header);
    packet += text;
    if (os::send_with_descriptors(socket.get(), packet.data(), packet.size(), descriptors) >= 0)
        return;
    if (errno == EAGAIN)
        throw SystemError(EAGAIN, "ask the fork server for another worker", "It has many requests to answer first");
    throw SystemError(errno, "ask the fork server for a worker",
                      std::string(is_copy_ ? "The copy of this program" : "The process pprocess-launcher") +
                          " has ended; it must be started again");
}

Channel ForkServer::start_worker(const os::Fd& socket, launch::ServerRequest::Kind kind, std::string_view text) {
    pass_observers_on();
    auto [ours, theirs] = os::stream_pair();
    auto [report, reporter] = os::packet_pair();
    const std::uint64_t id = os::new_id();
    send(socket, kind, text, {theirs.get(), reporter.get()}, id);
    return {std::move(ours), os::Process::ward(std::move(report)), id,
            kind == launch::ServerRequest::program_worker ? "commands" : "task"};
}

void ForkServer::pass_observers_on() {
    const std::uint64_t current = os::observers_version();
    if (current == observers_) [[likely]]
        return;
    const std::vector<int> descriptors = os::shared_descriptors();
    if (is_observed_ || !descriptors.empty()) {
        send(socket_, launch::ServerRequest::observe, {}, descriptors);
        for (const auto& [path, library] : libraries_)
            send(library.socket, launch::ServerRequest::observe, {}, descriptors);
    }
    observers_ = current; // not before: what could not be sent is tried again
    is_observed_ = !descriptors.empty();
}

Channel ForkServer::start_program_worker() {
    return start_worker(socket_, launch::ServerRequest::program_worker);
}

Channel ForkServer::start_task_worker(const TaskName& task, bool stays) {
    return start_worker(socket_of(task.library),
                        stays ? launch::ServerRequest::reusable_task : launch::ServerRequest::task, task.name);
}

Channel ForkServer::start_describing(const fs::path& library) {
    return start_worker(socket_of(library), launch::ServerRequest::descriptions);
}

std::vector<TaskDescription> ForkServer::tasks(const fs::path& library) {
    return start_describing(library).receive<std::vector<TaskDescription>>();
}

ForkServer::FileStamp ForkServer::stamp_of(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0)
        return {};
    return {static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
            status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_size};
}

const os::Fd& ForkServer::socket_of(const fs::path& library) {
    if (library.empty())
        return socket_;
    const fs::path path = fs::absolute(library);
    const FileStamp stamp = stamp_of(path);
    const auto place = libraries_.find(path);
    if (place != libraries_.end() && place->second.stamp == stamp)
        return place->second.socket;

    pass_observers_on(); // the process of the library inherits it
    auto [ours, theirs] = os::packet_pair();
    send(socket_, launch::ServerRequest::library, path.native(), {theirs.get()});
    if (place != libraries_.end()) {
        outdated_.push_back(std::move(place->second.socket));
        place->second = {stamp, std::move(ours)};
        return place->second.socket;
    }
    return libraries_.emplace(path, Library{stamp, std::move(ours)}).first->second.socket;
}

} // namespace pprocess
