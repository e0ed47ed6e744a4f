// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/background/persistent.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <pprocess/background/directory.h>
#include <pprocess/background/keeper.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/error.h>
#include <pprocess/os/observer.h>
#include <pprocess/os/report.h>
#include <pprocess/os/socket.h>
#include <pprocess/os/socket_file.h>

namespace pprocess {

namespace {

namespace fs = std::filesystem;
using background::Keeper;

/// Sends a request that is a header alone.
void request(const os::Fd& connection, message::FrameKind kind) {
    auto header = message::frame_header(kind, 0);
    const iovec part{header.data(), header.size()};
    os::send_some(connection.get(), {&part, 1});
}

/// Asks who listens at an address to leave it, which a process does that has nothing left to tell but its own death.
bool make_way(const fs::path& address) {
    try {
        const os::Fd connection = os::connect_to(address);
        request(connection, message::FrameKind::make_way);
        const os::Deadline deadline = os::Deadline::after(std::chrono::seconds(2));
        message::FrameReader reader(message::largest_from_stranger);
        while (!reader.has_frame() && reader.problem().empty() && os::wait_readable(connection.get(), deadline)) {
            const auto space = reader.space();
            const ssize_t received = os::receive_some(connection.get(), space.data(), space.size());
            if (received <= 0)
                return received == 0;
            reader.advance(static_cast<std::size_t>(received));
        }
        // One that was about to end anyway says farewell.
        return reader.has_frame() && reader.kind() == message::FrameKind::ended;
    } catch (const SystemError&) {
        return true; // it has ended meanwhile
    }
}

/// Everything that goes from the creating process to the background process.
struct Setup {
    std::uint64_t channel = os::new_id(); ///< the id of the one to the process
    os::SocketFile file;
    os::Fd null;
    os::Fd log; ///< /dev/null where there is none
    os::Fd keeper_end;
    os::Fd worker_end;
    os::Fd reporter;
    BackgroundProcess description;
    BackgroundOptions options;

    /// Forks with all of it.
    int fork() {
        return os::fork_process({&file.socket(), &file.folder(), &null, &log, &keeper_end, &worker_end, &reporter});
    }
};

fs::path absolute_address(const fs::path& address) {
    std::error_code error;
    const fs::path folder = fs::canonical(address.has_parent_path() ? address.parent_path() : ".", error);
    return error ? fs::absolute(address) : folder / address.filename();
}

os::Fd open_log(const fs::path& path) {
    os::Fd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
    struct stat status {};
    const bool is_ours =
        log.is_open() && ::fstat(log.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid();
    if (!is_ours)
        throw SystemError(
            log.is_open() ? EACCES : errno, "write to " + path.string(),
            "The output of a background process goes to that file, which must be yours, unless its options "
            "say otherwise");
    return log;
}

void use_streams(const Setup& setup) {
    ::dup2(setup.null.get(), STDIN_FILENO);
    ::dup2(setup.log.get(), STDOUT_FILENO);
    ::dup2(setup.log.get(), STDERR_FILENO);
}

/// Drops what the application had open: a pipe's reader would wait for its end as long as results are kept.
void close_all_but(std::vector<int> keep) {
    std::sort(keep.begin(), keep.end());
    unsigned next = STDERR_FILENO + 1;
    for (const int fd : keep) {
        if (fd < static_cast<int>(next))
            continue;
        if (static_cast<unsigned>(fd) > next)
            ::close_range(next, static_cast<unsigned>(fd) - 1, 0);
        next = static_cast<unsigned>(fd) + 1;
    }
    ::close_range(next, ~0U, 0);
}

/// The application's handlers are for its own process, as are the signals of its timers. What is blocked does nothing;
/// the keeper reads those that concern it.
void block_signals() {
    for (int signal = 1; signal < NSIG; ++signal)
        if (signal != SIGKILL && signal != SIGSTOP)
            ::signal(signal, SIG_DFL);
    sigset_t blocked;
    ::sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP})
        ::sigdelset(&blocked, fault);
    ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

/// The process that keeps the results, to its end.
[[noreturn]] void keep(Setup setup, int worker) {
    ::prctl(PR_SET_NAME, "pp-keeper");
    block_signals();
    try {
        setup.worker_end.reset();
        setup.null.reset();
        os::Process process = os::Process::child(worker);
        close_all_but({setup.file.socket().get(), setup.file.folder().get(), setup.log.get(), setup.keeper_end.get(),
                       setup.reporter.get(), process.watch_fd()});
        setup.description.pid = worker;
        setup.description.keeper_pid = ::getpid();
        background::Entry entry(setup.description);
        entry.write(BackgroundState::working);
        Keeper keeper(
            {std::move(setup.file), std::move(setup.keeper_end), std::move(process), std::move(entry), setup.options});
        os::send_report(setup.reporter.get(), {os::Report::started, worker, 0}, -1);
        setup.reporter.reset();
        keeper.run();
        if (!setup.description.log.empty() && ::lseek(setup.log.get(), 0, SEEK_END) == 0)
            ::unlink(setup.description.log.c_str());
        ::_exit(EXIT_SUCCESS);
    } catch (const SystemError& error) {
        // The worker ends with this process.
        os::send_report(setup.reporter.get(), {os::Report::not_started, 0, error.code().value()}, -1);
        ::dprintf(STDERR_FILENO, "pprocess: %s\n", error.what());
    } catch (const std::exception& error) {
        ::dprintf(STDERR_FILENO, "pprocess: %s\n", error.what());
    }
    ::_exit(EXIT_FAILURE);
}

/// The background process's session; returns only in the process that is to run the function.
Channel go_on_in_background(Setup setup) {
    // The leader of the session ends at once: without one the session cannot get a terminal.
    ::setsid();
    int pid = setup.fork();
    if (pid > 0)
        ::_exit(EXIT_SUCCESS);
    if (pid == 0) {
        use_streams(setup);
        // A host that ignores SIGCHLD would have the system reap the process, and how it ended would be lost.
        struct sigaction by_default {};
        by_default.sa_handler = SIG_DFL;
        struct sigaction of_host {};
        ::sigaction(SIGCHLD, &by_default, &of_host);
        const pid_t keeper = ::getpid();
        pid = os::fork_process({&setup.worker_end, &setup.reporter});
        if (pid > 0)
            keep(std::move(setup), pid);
        if (pid == 0) {
            os::end_with_creator(keeper);
            ::setpgid(0, 0); // so that it and what it starts can be told to stop
            ::sigaction(SIGCHLD, &of_host, nullptr);
            os::send_report(setup.reporter.get(), {os::Report::started, ::getpid(), 0}, -1);
            setup.reporter.reset();
            launch::keep_end_of_creator_apart();
            launch::tell_running(setup.channel);
            return {std::move(setup.worker_end), os::Process(), setup.channel};
        }
    }
    os::send_report(setup.reporter.get(), {os::Report::not_started, 0, errno}, -1);
    ::_exit(EXIT_FAILURE);
}

/// Waits until the background process and the keeper of its results are set up, and both have said so; its pid.
pid_t wait_for_start(const os::Fd& report, const fs::path& address) {
    os::Report what{};
    for (int count = 0; count < 2; ++count) {
        os::Fd none;
        os::wait_readable(report.get(), {});
        const auto result = os::receive_report(report.get(), what, none);
        if (result != os::ReportResult::received || what.kind != os::Report::started)
            throw SystemError(result == os::ReportResult::received ? what.value : ECHILD,
                              "start a background process at " + address.string());
    }
    return what.pid;
}

} // namespace

Channel background::create_process(const fs::path& address, const BackgroundOptions& options, bool tell_no_more) {
    launch::require_single_thread();
    os::observe_on_request();
    background_folder(); // throws here rather than there
    Setup setup;
    setup.options = options;
    setup.description.address = absolute_address(address);
    setup.description.name = options.name.empty() ? address.filename().string() : options.name;
    setup.description.started = std::chrono::system_clock::now();
    setup.null = os::Fd(os::check(::open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"));
    auto [report, reporter] = os::packet_pair();
    setup.reporter = std::move(reporter);
    std::tie(setup.keeper_end, setup.worker_end) = os::stream_pair();
    setup.file = os::SocketFile::listen(address, [&] { return make_way(address); });
    try {
        // Before anything runs: by the time that this returns, all may have been collected and the address be gone.
        os::Fd connection = os::connect_to(address);
        if (options.log)
            setup.description.log = setup.description.address.parent_path() /
                                    os::companion_name(address.filename().string(), ".log", false);
        setup.log =
            options.log ? open_log(setup.description.log) : os::Fd(::fcntl(setup.null.get(), F_DUPFD_CLOEXEC, 0));
        if (tell_no_more) {
            Channel channel(std::move(setup.keeper_end), os::Process(), setup.channel);
            channel.set_end(ChannelEnd::creator);
            channel.post(std::monostate());
            setup.keeper_end = std::move(channel.socket());
        }
        const int pid = setup.fork();
        if (pid < 0)
            throw SystemError(errno, "start a background process at " + address.string(),
                              "The system's or this user's limit on processes (ulimit -u) or memory has been reached");
        if (pid == 0)
            return go_on_in_background(std::move(setup));

        os::Process leader = os::Process::child(pid);
        setup.reporter.reset();
        leader.wait();
        PersistentLink link;
        link.address = address.string();
        link.pid = wait_for_start(report, address);
        Channel channel(std::move(connection), std::move(link), setup.channel);
        channel.limit_incoming();
        return channel;
    } catch (...) {
        setup.file.remove();
        throw;
    }
}

Channel create_persistent(const fs::path& address, const BackgroundOptions& options) {
    return background::create_process(address, options, false);
}

Channel connect_persistent(const fs::path& address, const ConnectOptions& options) {
    PersistentLink link;
    link.address = address.string();
    Channel channel(os::connect_to(address), std::move(link));
    channel.limit_incoming(options.largest_message);
    channel.attach(os::Deadline::after(options.patience));
    return channel;
}

void stop_persistent(const fs::path& address, const ConnectOptions& options) {
    const os::Fd connection = os::connect_to(address);
    request(connection, message::FrameKind::stop);
    const os::Deadline deadline = os::Deadline::after(options.patience);
    std::array<std::byte, 4096> rest{};
    while (os::wait_readable(connection.get(), deadline))
        if (os::receive_some(connection.get(), rest.data(), rest.size()) == 0)
            return;
    throw SystemError(ETIMEDOUT, "stop the background process at " + address.string(), "It does not answer");
}

} // namespace pprocess
