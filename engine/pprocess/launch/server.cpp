// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/server_protocol.h>

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <unordered_map>
#include <vector>

#include <pprocess/channel/channel.h>
#include <pprocess/launch/fork.h>
#include <pprocess/launch/program_worker.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/report.h>
#include <pprocess/os/socket.h>

namespace pprocess::launch {

namespace {

/// A worker and the socket on which its owner hears of it.
struct Worker {
    os::Process process;
    os::Fd reporter;
};

class Server {
public:
    explicit Server(int requests) : requests_(requests) { epoll_.add(requests, requests_tag); }

    void run() {
        std::array<epoll_event, 64> events{};
        for (;;) {
            for (const epoll_event& event : std::span(events).first(epoll_.wait(events, {}))) {
                if (event.data.u64 != requests_tag) {
                    look_after(event.data.u64);
                } else if (!answer()) {
                    return;
                }
            }
        }
    }

    void end_workers() {
        for (auto& [id, worker] : workers_)
            worker.process.send_signal(SIGKILL);
        for (auto& [id, worker] : workers_)
            worker.process.wait();
    }

private:
    static constexpr std::uint64_t requests_tag = 0;

    /// Takes one request; false when the owner has gone.
    bool answer() {
        ServerRequest request{};
        std::vector<os::Fd> descriptors;
        const ssize_t size = os::receive_with_descriptors(requests_, &request, sizeof request, descriptors);
        if (size < 0)
            return errno == EAGAIN;
        if (size == static_cast<ssize_t>(sizeof request) && descriptors.size() == 2 &&
            request.kind == ServerRequest::program_worker)
            start_worker(std::move(descriptors[0]), std::move(descriptors[1]));
        return true;
    }

    void start_worker(os::Fd socket, os::Fd reporter) {
        const pid_t server = ::getpid();
        const int pid = os::fork_process({&socket, &reporter});
        if (pid < 0) {
            os::send_report(reporter.get(), {os::Report::not_started, 0, errno}, -1);
            return;
        }
        if (pid == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (::getppid() != server)
                ::_exit(EXIT_FAILURE);
            ::close(requests_);
            // By the worker itself, so that its owner knows it before anything else comes from it.
            os::send_report(reporter.get(), {os::Report::started, ::getpid(), 0}, os::open_pidfd(::getpid()).get());
            reporter.reset();
            Channel channel(std::move(socket), os::Process());
            run_and_exit(channel, serve_programs);
        }
        os::Process process;
        try {
            process = os::Process::child(pid);
        } catch (const SystemError& error) {
            os::send_report(reporter.get(), {os::Report::not_started, 0, error.code().value()}, -1);
            return;
        }
        const std::uint64_t id = ++last_id_;
        Worker& worker = workers_[id];
        worker.process = std::move(process);
        worker.reporter = std::move(reporter);
        epoll_.add(worker.process.watch_fd(), id);
    }

    void look_after(std::uint64_t id) {
        const auto place = workers_.find(id);
        if (place == workers_.end())
            return;
        Worker& worker = place->second;
        const int watched = worker.process.watch_fd();
        const auto status = worker.process.update();
        if (!status)
            return;
        epoll_.remove(watched);
        const os::Report::Kind kind = status->is_unknown() ? os::Report::not_started
                                      : status->exited()   ? os::Report::exited
                                                           : os::Report::signaled;
        os::send_report(worker.reporter.get(),
                        {kind, worker.process.pid(), status->exited() ? status->exit_code() : status->signal()}, -1);
        workers_.erase(place);
    }

    int requests_;
    os::Epoll epoll_;
    std::unordered_map<std::uint64_t, Worker> workers_;
    std::uint64_t last_id_ = 0;
};

} // namespace

void serve_requests(int requests) {
    Server server(requests);
    server.run();
    server.end_workers();
}

} // namespace pprocess::launch
