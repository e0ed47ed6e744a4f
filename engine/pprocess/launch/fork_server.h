// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <pprocess/channel/channel.h>
#include <pprocess/launch/find_launcher.h> // whose macro is evaluated in the programs that use this
#include <pprocess/launch/server_protocol.h>
#include <pprocess/launch/surroundings.h>
#include <pprocess/launch/task.h>
#include <pprocess/os/observer.h>
#include <pprocess/os/process.h>

namespace pprocess {

template <typename Signature>
class ServerTask;

/// Which task: one of a task library, or (no library) one of the program that a fork server is a copy of.
struct TaskName {
    /// A task of this program.
    TaskName(const char* task) : name(task) {}
    /// A task of this program.
    TaskName(std::string task) : name(std::move(task)) {}
    /// A task of a library.
    TaskName(std::filesystem::path in_library, std::string task)
        : library(std::move(in_library)),
          name(std::move(task)) {}

    /// The shared object's file; relative to the working folder of the process that asks. Empty: none.
    std::filesystem::path library;
    /// As in `TaskDescription`.
    std::string name;
};

/// A small single-threaded process that makes worker processes on request, for programs that must not fork themselves:
/// those with threads or a window. There are two kinds:
///
/// - started by exec, at any time, it shares nothing with its owner; it runs programs and the tasks of task libraries;
/// - `of_this_program`, started before the program has threads, it is a copy of the program as it was then, and runs
///   also the functions that the program has registered by PPROCESS_TASK.
///
/// It ends with all its workers, and what those have started, when its owner ends, however that happens, or destroys
/// it. What has made itself a session of its own stays.
///
/// Task libraries are loaded by processes of the server, each by one of its own, and never by the owner: one that
/// crashes costs its own tasks only.
///
/// No call waits for a process, except where it says so: requests are packets, and what the server answers arrives on
/// descriptors of each worker's own (`os::Process::ward`). Belongs to one thread.
class ForkServer {
public:
    /// Starts the `pprocess-launcher` that belongs to this library; $PPROCESS_LAUNCHER names another. Throws
    /// `SystemError` naming the places that were tried.
    ForkServer();
    /// Starts this launcher. Throws `SystemError` when it cannot be started.
    explicit ForkServer(const std::filesystem::path& launcher);
    /// The launcher that belongs to this library, with other surroundings for all its processes than this program's.
    explicit ForkServer(const launch::Surroundings& surroundings);

    /// Forks this program, which must still have a single thread; workers can then be made from that copy at any time,
    /// whatever threads there are by then. Like every created process the copy keeps the files that the application has
    /// open now. The tasks are those of the program or shared object that makes the call. Throws as `pprocess::create`.
    static ForkServer of_this_program(const launch::TaskTable& tasks = launch::detail::own_tasks);

    /// Ends the server and every worker it made.
    ~ForkServer();
    /// Moves; a `ServerTask` refers to the server that made it and must be made again.
    ForkServer(ForkServer&&) noexcept = default;
    ForkServer& operator=(ForkServer&&) = delete;
    ForkServer(const ForkServer&) = delete;
    ForkServer& operator=(const ForkServer&) = delete;

    // All below throw `SystemError`: EAGAIN when too many requests are under way (ask again after one was answered),
    // EPIPE when the server has ended.

    /// A new worker that runs programs: it takes `ProgramTask`s from its channel and answers each with a
    /// `ProgramResult`, until the channel closes.
    Channel start_program_worker();

    /// Runs a task with these arguments in a new worker, as `pprocess::start` runs a function: the result comes by the
    /// channel, or the exception as `RemoteError`. So does what is wrong with the call: a library that cannot be
    /// used, a name that it does not have (`TaskUnavailable`), arguments of other types (`TypeMismatch`; an integer is
    /// no `double`). `ServerTask` checks types when the program is compiled.
    template <typename... Args>
    Channel start_task(const TaskName& task, Args&&... args) {
        Channel channel = start_task_worker(task, false);
        post_arguments(channel, std::tuple<detail::wire_t<Args>...>(std::forward<Args>(args)...));
        return channel;
    }

    /// Posts a worker's first arguments. One that has refused already takes none; why, its channel will tell.
    template <typename Arguments>
    static void post_arguments(Channel& channel, const Arguments& arguments) {
        try {
            channel.post(arguments);
        } catch (const ChannelClosed&) {
        }
    }

    /// A new worker for one task: it answers each tuple of arguments that it is sent, until it is sent an empty
    /// optional (`stays`) or after one.
    Channel start_task_worker(const TaskName& task, bool stays);

    /// A task as an object that is called like the function: `server.task<double(double, double)>({"libgeo.so",
    /// "area"})`. Holds a reference to this server.
    template <typename Signature>
    [[nodiscard]] ServerTask<Signature> task(TaskName name) {
        return {*this, std::move(name)};
    }
    /// The same for a function that this program has registered, with a server of this program. Throws
    /// `std::invalid_argument` for one that has not been registered.
    template <typename Result, typename... Parameters>
    [[nodiscard]] ServerTask<Result(Parameters...)> task(Result (*function)(Parameters...)) {
        return {*this, launch::registered_name(launch::detail::own_tasks, reinterpret_cast<void (*)()>(function))};
    }

    /// The tasks of a library, or (empty) of the program that this server is a copy of. Waits for the library to be
    /// loaded. Throws `RemoteError` saying why it cannot be used.
    std::vector<TaskDescription> tasks(const std::filesystem::path& library = {});
    /// The same without waiting: the channel will carry a `std::vector<TaskDescription>`.
    Channel start_describing(const std::filesystem::path& library = {});

    /// The server's own process.
    [[nodiscard]] pid_t pid() const noexcept { return server_.pid(); }
    /// Is the server alive? Learns without waiting.
    [[nodiscard]] bool is_running();

private:
    /// What tells one state of a file from another.
    using FileStamp = std::array<std::int64_t, 4>;

    /// The process that has loaded a library: the socket for requests to it.
    struct Library {
        FileStamp stamp{};
        os::Fd socket;
    };

    ForkServer(const std::filesystem::path& launcher, const launch::Surroundings& surroundings);
    /// For a copy of this program.
    ForkServer(os::Process copy, os::Fd socket);
    static FileStamp stamp_of(const std::filesystem::path& file);
    /// The socket for a library's requests; asks for the library to be loaded when it is new or its file has changed.
    const os::Fd& socket_of(const std::filesystem::path& library);
    void send(const os::Fd& socket, launch::ServerRequest::Kind kind, std::string_view text,
              const std::vector<int>& descriptors, std::uint64_t channel = 0) const;
    /// Tells the server where its processes are to be observed, if that has changed.
    void pass_observers_on();
    Channel start_worker(const os::Fd& socket, launch::ServerRequest::Kind kind, std::string_view text = {});

    os::Process server_;
    os::Fd socket_;
    bool is_copy_ = false;
    std::uint64_t observers_ = 0; ///< `os::observers_version` of those that the server knows of
    bool is_observed_ = false;    ///< does it know of any?
    std::map<std::filesystem::path, Library> libraries_;
    std::vector<os::Fd> outdated_; ///< of libraries whose files have changed; their workers may still run
};

/// A task of a fork server as a function object: calling it runs the task in a process of the server. `MakeParallel`
/// and `MakeReusable` of it, and `Map` and `pmap` given it, hand tasks to the server as well, with all an exchange's
/// options. The arguments are converted to the parameters' types here.
///
/// Refers to its server, which must outlive it.
template <typename Result, typename... Parameters>
class ServerTask<Result(Parameters...)> {
public:
    /// As `ForkServer::task`, which reads better.
    ServerTask(ForkServer& server, TaskName name) : server_(&server), name_(std::move(name)) {}

    /// Runs the task in a new worker; its result, a `detail::value_of_t<Result>`, comes by the channel.
    [[nodiscard]] Channel start(detail::wire_t<Parameters>... args) const {
        return server_->start_task(name_, std::move(args)...);
    }
    /// A worker that answers tuples of the parameters' types until it gets an empty optional.
    [[nodiscard]] Channel start_worker() const { return server_->start_task_worker(name_, true); }

    /// Runs the task in a new worker and waits for its result. Throws as `Channel::receive`.
    auto operator()(detail::wire_t<Parameters>... args) const {
        Channel channel = start(std::move(args)...);
        if constexpr (std::is_void_v<Result>)
            channel.template receive<std::monostate>();
        else
            return channel.template receive<detail::value_of_t<Result>>();
    }

    /// Which task it is.
    [[nodiscard]] const TaskName& name() const noexcept { return name_; }

private:
    ForkServer* server_;
    TaskName name_;
};

} // namespace pprocess
