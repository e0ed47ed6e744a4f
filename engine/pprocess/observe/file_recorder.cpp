// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/file_recorder.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <pprocess/launch/fork.h>
#include <pprocess/os/clock.h>
#include <pprocess/os/error.h>
#include <pprocess/os/process.h>
#include <pprocess/os/socket.h>

namespace pprocess {

namespace {

/// How often what has been recorded is fetched. Nobody is woken by an event: that would cost each a system call.
constexpr int fetch_every_ms = 20;
constexpr std::chrono::seconds flush_every{1};

/// What the writing process says at its end; the problem, if any, follows as text.
struct Report {
    std::uint64_t written = 0;
    std::uint64_t lost = 0;
};
constexpr std::size_t longest_problem = 4000;

std::string command_line() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::string line{std::istreambuf_iterator<char>(file), {}};
    while (!line.empty() && line.back() == '\0')
        line.pop_back();
    std::replace(line.begin(), line.end(), '\0', ' ');
    return line;
}

/// What this process has inherited and the program may want closed: all but `keep`, standard streams included.
void drop_descriptors(std::array<int, 3> keep) {
    const int null = ::open("/dev/null", O_RDWR);
    for (int stream = 0; null >= 0 && stream <= 2; ++stream)
        ::dup2(null, stream);
    std::sort(keep.begin(), keep.end());
    unsigned begin = 3;
    for (const int number : keep) {
        if (number < static_cast<int>(begin))
            continue;
        if (number > static_cast<int>(begin))
            ::close_range(begin, static_cast<unsigned>(number) - 1, 0);
        begin = static_cast<unsigned>(number) + 1;
    }
    ::close_range(begin, ~0U, 0);
}

/// The life of the process that writes: until it is told to finish, or the program is no more.
[[noreturn]] void write_until_finished(Recorder& recorder, observe::TraceWriter& writer, int control, int program) {
    std::string problem;
    const auto try_to = [&](auto&& action) {
        try {
            action();
        } catch (const std::exception& error) {
            if (problem.empty())
                problem = error.what();
        }
    };
    const auto fetch = [&] {
        recorder.drain([&](const Event& event, std::span<const std::byte> payload) {
            try_to([&] { writer.write(event, payload); });
        });
    };
    const auto flush = [&] { try_to([&] { writer.flush(); }); };
    auto flushed = os::Clock::now();
    for (bool goes_on = true; goes_on;) {
        std::array<pollfd, 2> ends{{{control, POLLIN, 0}, {program, POLLIN, 0}}};
        goes_on = ::poll(ends.data(), ends.size(), fetch_every_ms) <= 0;
        fetch();
        if (const auto now = os::Clock::now(); now - flushed >= flush_every) {
            flushed = now;
            flush();
        }
    }
    // What a process has begun to write when it died is given up after a second.
    fetch();
    for (const os::Deadline end = os::Deadline::after(std::chrono::seconds(2));
         recorder.ring().used() > 0 && !end.has_passed(); fetch())
        ::poll(nullptr, 0, 1);
    try_to([&] { writer.close(); });
    const Report report{writer.written(), writer.lost()};
    std::string message(reinterpret_cast<const char*>(&report), sizeof report);
    message += problem.substr(0, longest_problem);
    // What is left unread when a socket is closed takes the answer with it.
    char word = 0;
    [[maybe_unused]] const auto received = ::recv(control, &word, 1, MSG_DONTWAIT);
    [[maybe_unused]] const auto sent = ::send(control, message.data(), message.size(), MSG_NOSIGNAL);
    ::_exit(0);
}

} // namespace

FileRecorder::FileRecorder(const std::filesystem::path& file, observe::TraceStart start, std::size_t memory)
    : recorder_(memory),
      file_(file.string()),
      generation_(os::generation()) {
    launch::require_single_thread();
    observe::TraceWriter writer(file, start);
    make_writer(writer);
    os::tell(recorder_, {.process = os::own_pid(), .kind = EventKind::program_described}, command_line());
}

/// By way of a process that ends at once: a program that waits for all of its children must not wait for this one.
void FileRecorder::make_writer(observe::TraceWriter& writer) {
    auto [ours, theirs] = os::packet_pair();
    os::Fd program = os::open_pidfd(::getpid());
    const int pid = os::fork_process({&theirs, &program, &writer.file_});
    if (pid < 0)
        throw SystemError(errno, "create the process that writes " + file_);
    if (pid == 0) {
        os::set_observer(nullptr);
        const int second = ::fork();
        if (second != 0)
            ::_exit(second > 0 ? 0 : 1);
        // Ctrl-C is for the program; this process ends when that has.
        for (const int signal : {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP, SIGPIPE})
            ::signal(signal, SIG_IGN);
        ::prctl(PR_SET_NAME, "pprocess-trace");
        drop_descriptors({theirs.get(), program.get(), writer.file_.get()});
        write_until_finished(recorder_, writer, theirs.get(), program.get());
    }
    int status = 0;
    if (os::retry([&] { return ::waitpid(pid, &status, 0); }) == pid && status != 0)
        throw SystemError(EAGAIN, "create the process that writes " + file_);
    control_ = std::move(ours);
}

FileRecorder::~FileRecorder() {
    try {
        finish();
    } catch (const std::exception&) {
        // Whoever wants to know calls it.
    }
}

std::uint64_t FileRecorder::finish() {
    if (generation_ != os::generation() || !control_.is_open())
        return 0;
    os::remove_observer(&recorder_);
    const os::Fd control = std::move(control_);
    std::array<char, sizeof(Report) + longest_problem> answer;
    const char word = 'f';
    ssize_t size = ::send(control.get(), &word, 1, MSG_NOSIGNAL);
    if (size > 0) {
        pollfd there{control.get(), POLLIN, 0};
        while (::poll(&there, 1, -1) < 0 && errno == EINTR) {
        }
        size = os::retry([&] { return ::recv(control.get(), answer.data(), answer.size(), 0); });
    }
    Report report;
    if (size < static_cast<ssize_t>(sizeof report))
        throw Error("the process that wrote the trace file " + file_ +
                    " has ended before its time; the file holds what it had written until then");
    std::copy_n(answer.data(), sizeof report, reinterpret_cast<char*>(&report));
    if (report.lost > 0)
        throw Error(std::string(answer.data() + sizeof report, static_cast<std::size_t>(size) - sizeof report) + " (" +
                    std::to_string(report.lost) + " of " + std::to_string(report.lost + report.written) +
                    " events are missing)");
    return report.written;
}

} // namespace pprocess
