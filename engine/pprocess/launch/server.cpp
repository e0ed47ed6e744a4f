// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/server_protocol.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pprocess/channel/channel.h>
#include <pprocess/launch/descendants.h>
#include <pprocess/launch/fork.h>
#include <pprocess/launch/program_runner.h>
#include <pprocess/launch/program_worker.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/observer.h>
#include <pprocess/os/report.h>
#include <pprocess/os/socket.h>

namespace pprocess::launch {

namespace {

/// Between asking workers to end and killing them.
constexpr std::chrono::milliseconds grace{200};

/// A worker and the socket on which its owner hears of it.
struct Worker {
    os::Process process;
    os::Fd reporter;
};

/// A process that has loaded a task library and serves the requests to it. After its death the requests are answered
/// here, each with what went wrong.
struct Library {
    std::string path;
    os::Process process;
    os::Fd requests;
    os::Fd loaded; ///< a byte arrives here when the loading is done
    bool refuses = false;
    ServedTasks refusal;
};

struct Received {
    ServerRequest::Kind kind{};
    std::uint64_t channel = 0;
    std::string text;
    std::vector<os::Fd> descriptors;
};

const TaskEntry& find(const ServedTasks& tasks, const std::string& name) {
    if (!tasks.problem.empty())
        throw TaskUnavailable(tasks.problem);
    const TaskEntry* entry = tasks.table ? find_task(*tasks.table, name) : nullptr;
    if (entry)
        return *entry;
    std::string known;
    if (tasks.table) {
        for (const TaskDescription& task : describe_tasks(*tasks.table))
            known += (known.empty() ? "" : ", ") + task.name;
    }
    throw TaskUnavailable(tasks.owner + " has no task called " + name +
                          (known.empty() ? ", nor any other" : "; it has: " + known));
}

/// What a worker needs for running programs, made before its owner hears that it was started: where that is not to be
/// had it was not, and the owner waits until there is room again.
void prepare(std::optional<ProgramRunner>& runner, const os::Fd& reporter) {
    try {
        runner.emplace(ProgramRunner::Signals::are_fixed);
    } catch (const SystemError& shortage) {
        os::send_report(reporter.get(), {os::Report::not_started, 0, shortage.code().value()}, -1);
        ::_exit(EXIT_FAILURE);
    }
}

/// The life of a worker, from the moment on in which it is known to its owner.
[[noreturn]] void work(const Received& request, os::Fd socket, const ServedTasks& tasks,
                       std::optional<ProgramRunner>& runner) {
    tell_running(request.channel);
    const bool has_its_own_channel =
        request.kind == ServerRequest::task || request.kind == ServerRequest::reusable_task;
    if (has_its_own_channel)
        os::set_next_id(request.channel);
    Channel channel(std::move(socket), os::Process(), request.channel);
    if (runner)
        run_and_exit(channel, [&](Channel& own) { serve_programs(own, *runner); });
    if (request.kind == ServerRequest::descriptions) {
        run_and_exit(channel, [&](Channel& own) {
            if (!tasks.problem.empty())
                throw TaskUnavailable(tasks.problem);
            own.send(tasks.table ? describe_tasks(*tasks.table) : std::vector<TaskDescription>());
        });
    }
    const TaskEntry* entry = nullptr;
    try {
        entry = &find(tasks, request.text);
    } catch (...) {
        channel.send_failure(true);
        pprocess::exit(channel, EXIT_FAILURE);
    }
    entry->run(channel.socket().release(), request.kind == ServerRequest::reusable_task);
    ::_exit(EXIT_FAILURE);
}

class Server {
public:
    Server(int requests, pid_t owner, const ServedTasks& tasks) : requests_(requests), tasks_(tasks) {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        epoll_.add(requests, requests_tag);
        // Workers are watched one by one; what they leave behind, and is adopted, says its end by a signal alone.
        sigset_t ends;
        ::sigemptyset(&ends);
        ::sigaddset(&ends, SIGCHLD);
        ::sigprocmask(SIG_BLOCK, &ends, &mask_of_workers_);
        ends_ = os::Fd(os::check(::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK), "watch the ends of processes"));
        epoll_.add(ends_.get(), ends_tag);
        if (owner == 0)
            return;
        // Somebody else may hold the owner's end of the socket when the owner is gone.
        owner_ = os::open_pidfd(owner);
        if (::getppid() != owner)
            has_owner_ = false;
        else if (owner_.is_open())
            epoll_.add(owner_.get(), owner_tag);
    }

    void run() {
        std::array<epoll_event, 64> events{};
        while (has_owner_) {
            for (const epoll_event& event : std::span(events).first(epoll_.wait(events, {})))
                take_note(event.data.u64);
        }
    }

    /// Ends the workers and what they leave behind. Processes that ended workers left behind before are spared when the
    /// owner goes of its own will: they were meant to stay.
    void end_workers() {
        std::set<pid_t> spared;
        if (is_farewell_) {
            for (const pid_t pid : child_pids())
                if (!own_pids_.contains(pid))
                    spared.insert(pid);
        }
        for (auto& [tag, worker] : workers_)
            worker.process.terminate();
        wait_for(workers_, os::Deadline::after(grace));
        wait_for(libraries_, os::Deadline::after(grace)); // which have seen the owner's end by themselves
        for (auto& [tag, worker] : workers_)
            worker.process.send_signal(SIGKILL);
        for (auto& [tag, library] : libraries_)
            library.process.send_signal(SIGKILL);
        wait_for(workers_, {});
        wait_for(libraries_, {});
        kill_children(spared);
    }

private:
    static constexpr std::uint64_t requests_tag = 0;
    static constexpr std::uint64_t owner_tag = 1;
    static constexpr std::uint64_t ends_tag = 2;

    template <typename Processes>
    static void wait_for(Processes& processes, const os::Deadline& deadline) {
        for (auto& [tag, one] : processes) {
            if (one.process.exists())
                one.process.wait(deadline);
        }
    }

    void take_note(std::uint64_t tag) {
        if (tag == owner_tag) {
            has_owner_ = false;
        } else if (tag == ends_tag) {
            signalfd_siginfo info{};
            while (::read(ends_.get(), &info, sizeof info) > 0) {
            }
            reap_adopted(own_pids_);
        } else if (tag == requests_tag) {
            has_owner_ = answer(requests_, tasks_) && has_owner_;
        } else if (const auto worker = workers_.find(tag); worker != workers_.end()) {
            look_after(worker->second, tag);
        } else if (const auto library = libraries_.find(tag); library != libraries_.end()) {
            look_after(library->second, tag);
        }
    }

    static void observe_into(std::vector<os::Fd>& memories) {
        std::vector<int> descriptors;
        for (os::Fd& memory : memories)
            descriptors.push_back(memory.release());
        os::observe_into(descriptors);
    }

    /// Takes one request; false when whoever sends them has gone.
    bool answer(int socket, const ServedTasks& tasks) {
        alignas(ServerRequest) std::array<char, sizeof(ServerRequest) + most_request_text> packet{};
        Received request;
        const ssize_t size = os::receive_with_descriptors(socket, packet.data(), packet.size(), request.descriptors);
        if (size < 0)
            return errno == EAGAIN;
        if (size < static_cast<ssize_t>(sizeof(ServerRequest)))
            return true;
        ServerRequest header{};
        std::memcpy(&header, packet.data(), sizeof header);
        request.kind = header.kind;
        request.channel = header.channel;
        request.text.assign(packet.data() + sizeof header, static_cast<std::size_t>(size) - sizeof header);
        switch (request.kind) {
        case ServerRequest::program_worker:
        case ServerRequest::task:
        case ServerRequest::reusable_task:
        case ServerRequest::descriptions:
            if (request.descriptors.size() == 2)
                start_worker(std::move(request), tasks);
            break;
        case ServerRequest::library:
            if (request.descriptors.size() == 1)
                start_library(std::move(request.text), std::move(request.descriptors[0]));
            break;
        case ServerRequest::farewell:
            is_farewell_ = true;
            break;
        case ServerRequest::observe:
            observe_into(request.descriptors);
            break;
        }
        return true;
    }

    void start_worker(Received request, const ServedTasks& tasks) {
        os::Fd& socket = request.descriptors[0];
        os::Fd& reporter = request.descriptors[1];
        const pid_t server = ::getpid();
        const int pid = os::fork_process({&socket, &reporter});
        if (pid < 0) {
            os::send_report(reporter.get(), {os::Report::not_started, 0, errno}, -1);
            return;
        }
        if (pid == 0) {
            ::sigprocmask(SIG_SETMASK, &mask_of_workers_, nullptr);
            os::end_with_creator(server);
            keep_end_of_creator_apart();
            std::optional<ProgramRunner> runner;
            if (request.kind == ServerRequest::program_worker)
                prepare(runner, reporter);
            // By the worker itself, so that its owner knows it before anything else comes from it.
            os::send_report(reporter.get(), {os::Report::started, ::getpid(), 0}, os::open_pidfd(::getpid()).get());
            reporter.reset();
            work(request, std::move(socket), tasks, runner);
        }
        os::Process process;
        try {
            process = os::Process::child(pid);
        } catch (const SystemError& error) {
            os::send_report(reporter.get(), {os::Report::not_started, 0, error.code().value()}, -1);
            return;
        }
        Worker& worker = workers_[++last_tag_];
        worker.process = std::move(process);
        worker.reporter = std::move(reporter);
        own_pids_.insert(pid);
        epoll_.add(worker.process.watch_fd(), last_tag_);
    }

    /// A process of its own for each library: what is wrong with one is no other's trouble.
    void start_library(std::string path, os::Fd requests) {
        const std::uint64_t tag = ++last_tag_;
        Library& library = libraries_[tag];
        library.path = std::move(path);
        library.requests = std::move(requests);
        int error = 0;
        try {
            auto [loaded, is_loaded] = os::stream_pair();
            const pid_t server = ::getpid();
            const int pid = os::fork_process({&library.requests, &is_loaded});
            if (pid == 0) {
                ::sigprocmask(SIG_SETMASK, &mask_of_workers_, nullptr);
                os::end_with_creator(server);
                serve_library(library, std::move(is_loaded));
            }
            error = pid < 0 ? errno : 0;
            if (pid > 0) {
                library.process = os::Process::child(pid);
                library.loaded = std::move(loaded);
                own_pids_.insert(pid);
                epoll_.add(library.process.watch_fd(), tag);
                return;
            }
        } catch (const SystemError& shortage) {
            error = shortage.code().value();
        }
        refuse_requests(library, tag,
                        "cannot make a process that loads the task library " + library.path + ": " +
                            std::system_category().message(error));
    }

    [[noreturn]] static void serve_library(const Library& library, os::Fd is_loaded) {
        int status = EXIT_FAILURE;
        try {
            const ServedTasks tasks = load_tasks(library.path);
            const iovec byte{const_cast<char*>("x"), 1};
            os::send_some(is_loaded.get(), {&byte, 1});
            is_loaded.reset();
            serve_requests(library.requests.get(), 0, tasks);
            status = EXIT_SUCCESS;
        } catch (const std::exception& error) {
            std::fprintf(stderr, "pprocess-launcher: %s: %s\n", library.path.c_str(), error.what());
        }
        ::_exit(status);
    }

    void look_after(Worker& worker, std::uint64_t tag) {
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
        own_pids_.erase(worker.process.pid());
        workers_.erase(tag);
        reap_adopted(own_pids_);
    }

    void look_after(Library& library, std::uint64_t tag) {
        if (!library.refuses) {
            const int watched = library.process.watch_fd();
            const auto status = library.process.update();
            if (!status)
                return;
            epoll_.remove(watched);
            own_pids_.erase(library.process.pid());
            char byte = 0;
            const bool was_loaded = os::receive_some(library.loaded.get(), &byte, 1) == 1;
            refuse_requests(library, tag, crash_of_library(library.path, was_loaded, status->to_string()));
            reap_adopted(own_pids_);
        } else if (!answer(library.requests.get(), library.refusal)) {
            epoll_.remove(library.requests.get());
            libraries_.erase(tag);
        }
    }

    void refuse_requests(Library& library, std::uint64_t tag, std::string problem) {
        library.refuses = true;
        library.refusal.problem = std::move(problem);
        epoll_.add(library.requests.get(), tag);
    }

    int requests_;
    const ServedTasks& tasks_;
    os::Fd owner_;
    bool has_owner_ = true;
    bool is_farewell_ = false;
    os::Epoll epoll_;
    std::unordered_map<std::uint64_t, Worker> workers_;
    std::unordered_map<std::uint64_t, Library> libraries_;
    std::set<pid_t> own_pids_; ///< of workers and libraries
    std::uint64_t last_tag_ = ends_tag;
    sigset_t mask_of_workers_{};
    os::Fd ends_;
};

} // namespace

void serve_requests(int requests, pid_t owner, const ServedTasks& tasks) {
    Server server(requests, owner, tasks);
    server.run();
    server.end_workers();
}

} // namespace pprocess::launch
