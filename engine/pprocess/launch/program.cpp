// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/program.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <pprocess/launch/clone.h>
#include <pprocess/launch/program_path.h>
#include <pprocess/launch/program_runner.h>
#include <pprocess/os/clock.h>
#include <pprocess/os/error.h>
#include <pprocess/os/fd.h>
#include <pprocess/os/process.h>

namespace pprocess {

namespace {

enum class Step { prepare, enter_folder, execute };

/// What the new process needs, made before it exists, and what it reports before it becomes the program.
struct Start {
    const char* path = nullptr;
    const char* folder = nullptr;
    char* const* arguments = nullptr;
    int input = -1;
    int output = -1;
    int error_output = -1;
    pid_t caller = 0;
    volatile pid_t* group = nullptr; ///< where the guard looks
    std::uint64_t to_default = 0;    ///< signals, bit 0 for 1

    Step failed_step = Step::prepare;
    int error = 0;
};

PPROCESS_UNINSTRUMENTED int give_up(Start& start, Step step) {
    start.failed_step = step;
    start.error = errno;
    ::syscall(SYS_exit_group, 127);
    return 127;
}

/// Turns the new process into the program. It runs in the caller's memory, with all signals blocked, while the caller's
/// thread stands still. So it makes system calls and nothing else.
PPROCESS_UNINSTRUMENTED int become_program(void* argument) {
    Start& start = *static_cast<Start*>(argument);

    if (::syscall(SYS_setpgid, 0, 0) < 0)
        return give_up(start, Step::prepare);
    *start.group = static_cast<pid_t>(::syscall(SYS_getpid));
    if (::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return give_up(start, Step::prepare);
    // A caller that died before the line above sent no signal.
    if (::syscall(SYS_getppid) != start.caller) {
        errno = ESRCH;
        return give_up(start, Step::prepare);
    }

    // Handlers would be reset by exec, but a signal let in before it must not run one here; what is ignored would stay
    // so. All bytes 0 is the default action in the kernel's own layout, which is not that of libc's struct.
    alignas(std::max_align_t) static constexpr char zeros[64] = {};
    constexpr std::size_t kernel_mask_size = _NSIG / 8;
    for (int signal = 1; signal < _NSIG; ++signal) {
        if (start.to_default >> (signal - 1) & 1)
            ::syscall(SYS_rt_sigaction, signal, zeros, nullptr, kernel_mask_size);
    }

    if (::syscall(SYS_dup3, start.input, STDIN_FILENO, 0) < 0 ||
        ::syscall(SYS_dup3, start.output, STDOUT_FILENO, 0) < 0 ||
        ::syscall(SYS_dup3, start.error_output, STDERR_FILENO, 0) < 0 || ::syscall(SYS_close_range, 3U, ~0U, 0U) < 0)
        return give_up(start, Step::prepare);

    if (start.folder && ::syscall(SYS_chdir, start.folder) < 0)
        return give_up(start, Step::enter_folder);
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, zeros, nullptr, kernel_mask_size);
    ::syscall(SYS_execve, start.path, start.arguments, environ);
    return give_up(start, Step::execute);
}

/// Starts the process and returns its pid once it is the program or has failed (then `start.error` is set, and it has
/// been reaped).
pid_t spawn(Start& start) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    // With CLONE_VM and CLONE_VFORK no page table is copied, so that a start costs the same in a process of any size. A
    // stack of its own, or the new process would overwrite the frames that this thread returns to.
    alignas(16) std::array<char, 16384> stack;
    const pid_t pid =
        PPROCESS_CLONE(become_program, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD, &start);
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) {
        if (error == EAGAIN) {
            throw SystemError(error, "start another process",
                              "The limit on processes is reached (ulimit -u); end some or lower the limit of this job");
        }
        throw SystemError(error, "start another process");
    }
    if (start.error) {
        *start.group = 0;
        os::retry([&] { return ::waitpid(pid, nullptr, 0); });
    }
    return pid;
}

/// The same; where there is no room for another process it is waited for, unless SIGTERM comes meanwhile.
pid_t spawn_patiently(Start& start, const os::Fd& termination, std::chrono::seconds patience) {
    const auto deadline = os::Deadline::after(patience);
    for (;;) {
        try {
            return spawn(start);
        } catch (const SystemError& error) {
            constexpr int pause = 10; // milliseconds: nothing tells of room
            pollfd entry{termination.get(), POLLIN, 0};
            if (error.code().value() != EAGAIN || deadline.has_passed() || ::poll(&entry, 1, pause) > 0)
                throw;
        }
    }
}

PPROCESS_UNINSTRUMENTED int leave(void*) {
    ::syscall(SYS_exit_group, 0);
    return 0;
}

/// Throws `SystemError` when there is no room for another process. Processes that are made as long as there is room for
/// each would have none left for their programs.
void require_room() {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    alignas(16) std::array<char, 4096> stack;
    const pid_t pid = PPROCESS_CLONE(leave, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK, nullptr);
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0)
        throw SystemError(error, "start another process");
    os::retry([&] { return ::waitpid(pid, nullptr, __WALL); });
}

/// A file in memory that holds `text`, to be read from its beginning. None for an empty text.
os::Fd file_with(const std::string& text) {
    if (text.empty())
        return {};
    os::Fd file(os::check(::memfd_create("input", MFD_CLOEXEC), "make a program's input"));
    if (file.get() <= STDERR_FILENO) // a caller without standard streams
        file = os::Fd(os::check(::fcntl(file.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "make a program's input"));
    for (std::size_t written = 0; written < text.size();) {
        written += static_cast<std::size_t>(
            os::check(os::retry([&] { return ::write(file.get(), text.data() + written, text.size() - written); }),
                      "make a program's input"));
    }
    os::check(::lseek(file.get(), 0, SEEK_SET), "make a program's input");
    return file;
}

/// Adds the line about a success to the task's file, in one write, as several processes do so at once. Returns an
/// errno, or 0.
int write_note(const ProgramTask& task, std::chrono::nanoseconds duration) {
    const os::Fd file(::open(task.note_file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
    if (!file.is_open())
        return errno;
    const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    std::array<char, 96> times{};
    const int length = std::snprintf(times.data(), times.size(), "\"ended\":%.3f,\"seconds\":%.6f}\n", now,
                                     std::chrono::duration<double>(duration).count());
    const std::string line = task.note + std::string(times.data(), static_cast<std::size_t>(length));
    const ssize_t count = os::retry([&] { return ::write(file.get(), line.data(), line.size()); });
    if (count < 0)
        return errno;
    return static_cast<std::size_t>(count) == line.size() ? 0 : ENOSPC;
}

/// A pipe that a program writes to, and what has come out of it.
///
/// The end to write to stays open here as well: what is waited for is the program's end, and to be woken when it closes
/// its output, a moment before, would be for nothing.
class Capture {
public:
    Capture(std::uint64_t cap, std::string& text, std::uint64_t& bytes, OutputListener listener = {})
        : cap_(cap),
          text_(text),
          bytes_(bytes),
          listener_(std::move(listener)) {
        std::array<int, 2> numbers{};
        os::check(::pipe2(numbers.data(), O_CLOEXEC), "open a pipe for a program's output");
        end_ = os::Fd(numbers[0]);
        source_ = os::Fd(numbers[1]);
    }

    /// To read from, when it is readable: else that waits.
    [[nodiscard]] int fd() const { return end_.get(); }
    /// The program's end.
    [[nodiscard]] int source() const { return source_.get(); }

    /// Reads once; returns how many bytes came.
    std::size_t read_some(std::span<char> buffer) {
        const ssize_t count = os::retry([&] { return ::read(end_.get(), buffer.data(), buffer.size()); });
        if (count < 0)
            throw SystemError(errno, "read a program's output");
        const auto size = static_cast<std::size_t>(count);
        bytes_ += size;
        const std::uint64_t kept = std::min<std::uint64_t>(size, cap_ - told_ - text_.size());
        text_.append(buffer.data(), kept);
        if (listener_)
            tell_lines(kept);
        return size;
    }

    /// Reads what the pipe holds now, and no more: a grandchild may go on writing for ever.
    void drain(std::span<char> buffer) {
        int held = 0;
        os::check(::ioctl(end_.get(), FIONREAD, &held), "read a program's output");
        for (auto left = static_cast<std::size_t>(held); left > 0;)
            left -= read_some(buffer.first(std::min(left, buffer.size())));
    }

private:
    /// Hands over the whole lines of the text, of which the last `fresh` bytes are new.
    void tell_lines(std::size_t fresh) {
        const std::size_t end = std::string_view(text_).substr(text_.size() - fresh).rfind('\n');
        if (end == std::string_view::npos)
            return;
        const std::size_t whole = text_.size() - fresh + end + 1;
        listener_(std::string_view(text_).substr(0, whole));
        told_ += whole;
        text_.erase(0, whole);
    }

    os::Fd end_;
    os::Fd source_;
    std::uint64_t cap_;
    std::string& text_;
    std::uint64_t& bytes_;
    OutputListener listener_;
    std::uint64_t told_ = 0; ///< bytes that the listener has heard
};

/// A descriptor that is readable while a SIGTERM waits that would end this process at once. Not open where the host
/// handles the signal, or blocks it: there nothing changes.
os::Fd watch_termination() {
    struct sigaction action {};
    ::sigaction(SIGTERM, nullptr, &action);
    sigset_t blocked;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    if (action.sa_handler != SIG_DFL || ::sigismember(&blocked, SIGTERM) == 1)
        return {};
    sigset_t termination;
    ::sigemptyset(&termination);
    ::sigaddset(&termination, SIGTERM);
    return os::Fd(os::check(::signalfd(-1, &termination, SFD_CLOEXEC | SFD_NONBLOCK), "watch for a signal"));
}

/// While it exists, such a SIGTERM waits: there is a command to be ended before.
class TerminationHeld {
public:
    explicit TerminationHeld(const os::Fd& watched) : is_held_(watched.is_open()) {
        if (!is_held_)
            return;
        sigset_t termination;
        ::sigemptyset(&termination);
        ::sigaddset(&termination, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &termination, &before_);
    }
    ~TerminationHeld() {
        if (is_held_)
            ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    TerminationHeld(const TerminationHeld&) = delete;
    TerminationHeld& operator=(const TerminationHeld&) = delete;

private:
    bool is_held_;
    sigset_t before_{};
};

/// The signals whose actions are not the default, as `Start::to_default` has them.
std::uint64_t signals_with_an_action() {
    std::uint64_t found = 0;
    for (int signal = 1; signal < _NSIG; ++signal) {
        // glibc keeps two signals for itself and says nothing about them.
        struct sigaction action {};
        if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler != SIG_DFL)
            found |= std::uint64_t{1} << (signal - 1);
    }
    return found;
}

/// Ends a command and all of its group: SIGTERM, SIGCONT, and SIGKILL for what is left after a while.
void end_group(const os::Process& command) {
    // Half of what an exchange gives this process itself.
    constexpr std::chrono::milliseconds grace{100};
    ::kill(-command.pid(), SIGTERM); // not reaped, so the group is still its own
    ::kill(-command.pid(), SIGCONT);
    const auto deadline = os::Deadline::after(grace);
    pollfd entry{command.watch_fd(), POLLIN, 0};
    while (::poll(&entry, 1, deadline.milliseconds_left()) == 0 && !deadline.has_passed()) {
    }
    ::kill(-command.pid(), SIGKILL);
}

/// Collects both outputs until the process has ended and is reaped. Ends it when this process is to end.
ProcessStatus capture(os::Process& process, Capture& output, Capture& error_output, const os::Fd& termination) {
    std::array<char, 65536> buffer;
    if (const auto& status = process.status()) { // somebody else has reaped it
        output.drain(buffer);
        error_output.drain(buffer);
        return *status;
    }
    for (;;) {
        // What a process has written is there when its end is seen, if that is looked at first.
        std::array<pollfd, 4> entries{{{process.watch_fd(), POLLIN, 0},
                                       {output.fd(), POLLIN, 0},
                                       {error_output.fd(), POLLIN, 0},
                                       {termination.get(), POLLIN, 0}}};
        os::check(os::retry([&] { return ::poll(entries.data(), entries.size(), -1); }), "wait for a program");
        std::optional<ProcessStatus> status;
        if (entries[0].revents)
            status = process.update();
        if (!status && entries[3].revents) {
            end_group(process);
            status = process.wait();
            entries[1].revents = entries[2].revents = POLLIN;
        }
        if (status) {
            if (entries[1].revents)
                output.drain(buffer);
            if (entries[2].revents)
                error_output.drain(buffer);
            return *status;
        }
        if (entries[1].revents)
            output.read_some(buffer);
        if (entries[2].revents)
            error_output.read_some(buffer);
    }
}

/// Words for a process that did not become the program.
std::string describe_failure(const Start& start, const ProgramTask& task) {
    const std::string reason = std::system_category().message(start.error);
    const std::string& program = task.arguments.front();
    switch (start.failed_step) {
    case Step::prepare:
        return "cannot prepare a process for " + program + ": " + reason;
    case Step::enter_folder:
        return "cannot enter the folder " + task.working_folder + ": " + reason;
    case Step::execute:
        break;
    }
    if (const ProgramPath found = find_program(program, task.working_folder); found.error)
        return found.message;
    switch (start.error) {
    case ENOENT:
        return "cannot start " + program + ": the file is there, but not the interpreter that it asks for";
    case ENOEXEC:
        return "cannot start " + program +
               ": it is neither a program for this machine nor a script that begins with a line like #!/bin/sh";
    case EACCES:
        return program + " is not executable";
    case E2BIG:
        return "cannot start " + program + ": its arguments are longer than the system allows";
    default:
        return "cannot start " + program + ": " + reason;
    }
}

ProgramResult not_started(int error, std::string message) {
    ProgramResult result;
    result.start_error = error;
    result.start_message = std::move(message);
    return result;
}

} // namespace

ProgramResult run_program(const ProgramTask& task, const OutputListener& listener) {
    return launch::ProgramRunner(launch::ProgramRunner::Signals::may_change).run(task, listener);
}

launch::ProgramRunner::ProgramRunner(Signals signals)
    : null_(os::check(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null for a program to read")),
      termination_(watch_termination()),
      to_default_(signals == Signals::are_fixed ? signals_with_an_action() : ~std::uint64_t{0}),
      patience_(signals == Signals::are_fixed ? 10 : 0),
      pid_(::getpid()) {
    if (signals == Signals::are_fixed)
        require_room();
}

ProgramResult launch::ProgramRunner::run(const ProgramTask& task, const OutputListener& listener) {
    if (task.arguments.empty())
        return not_started(EINVAL, "no program is named");
    std::vector<char*> arguments;
    arguments.reserve(task.arguments.size() + 1);
    for (const std::string& argument : task.arguments) {
        if (argument.find('\0') != std::string::npos) {
            return not_started(EINVAL, "argument " + std::to_string(arguments.size()) + " of " +
                                           task.arguments.front().c_str() +
                                           " holds a zero byte, which no program can be given");
        }
        arguments.push_back(const_cast<char*>(argument.c_str())); // execve only reads it
    }
    arguments.push_back(nullptr);

    Start start;
    start.caller = pid_;
    start.group = &guard_.group();
    start.to_default = to_default_;
    start.arguments = arguments.data();
    if (!task.working_folder.empty())
        start.folder = task.working_folder.c_str();
    ProgramPath found;
    if (task.arguments.front().find('/') == std::string::npos) {
        found = find_program(task.arguments.front(), task.working_folder);
        if (found.error)
            return not_started(found.error, found.message);
        start.path = found.path.c_str();
    } else {
        start.path = arguments.front();
    }

    ProgramResult result;
    Capture output(task.output_cap, result.output, result.output_bytes, listener);
    Capture error_output(task.output_cap, result.error_output, result.error_bytes);
    const os::Fd input = file_with(task.input);
    start.input = input.is_open() ? input.get() : null_.get();
    start.output = output.source();
    start.error_output = error_output.source();

    const TerminationHeld termination(termination_);
    const auto began = os::Clock::now();
    const pid_t pid = spawn_patiently(start, termination_, patience_);
    if (start.error)
        return not_started(start.error, describe_failure(start, task));

    os::Process process = os::Process::child(pid);
    try {
        const ProcessStatus status = capture(process, output, error_output, termination_);
        guard_.group() = 0;
        result.duration = os::Clock::now() - began;
        if (status.is_unknown()) {
            throw SystemError(ECHILD, "learn how " + task.arguments.front() + " ended",
                              "The calling process must not ignore SIGCHLD");
        }
        result.exit_code = status.exit_code();
        result.signal = status.signal();
        if (!task.note_file.empty() && result.success())
            result.note_error = write_note(task, result.duration);
    } catch (...) {
        if (!process.status()) {
            ::kill(-pid, SIGKILL); // not reaped yet, so the group is still its own
            process.wait();
        }
        guard_.group() = 0;
        throw;
    }
    return result;
}

} // namespace pprocess
