// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/inspector_process.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <pprocess/channel/channel.h>
#include <pprocess/observe/event_batch.h>
#include <pprocess/observe/event_ring.h>
#include <pprocess/observe/inspectable_program.h>
#include <pprocess/observe/inspection_protocol.h>
#include <pprocess/observe/process_sampler.h>
#include <pprocess/observe/snapshot.h>
#include <pprocess/os/epoll.h>
#include <pprocess/os/error.h>
#include <pprocess/os/socket_file.h>

namespace pprocess::observe {

namespace {

using namespace std::chrono_literals;

/// The record is read no more often than this, so that many events cost one waking.
constexpr auto read_interval = 10ms;

/// Where the program and all it made have ended: for attachers to take what they have not taken yet.
constexpr auto farewell = 5s;

/// A pause after the system had no descriptor for one more attacher.
constexpr auto accept_pause = 100ms;

/// What is kept for an attacher that does not take it, in bytes.
constexpr std::size_t most_queued = std::size_t{4} << 20;
constexpr std::size_t most_attachers = 64;
constexpr std::size_t most_in_batch = 4096;
constexpr std::size_t most_bytes_in_batch = std::size_t{256} << 10;
/// Commands are small.
constexpr std::uint64_t largest_command = 64 << 10;
constexpr double most_rate = 50;

/// Waits for the record in a thread of its own, as a futex cannot be watched with descriptors. The reader and this one
/// take turns: from `arm` on nobody reads until `fd` is readable or `hold` has returned.
class RingWatch {
public:
    explicit RingWatch(EventRing& ring)
        : ring_(ring),
          has_events_(os::check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "watch a record of events")),
          thread_([this] { run(); }) {}
    RingWatch(const RingWatch&) = delete;
    RingWatch& operator=(const RingWatch&) = delete;
    ~RingWatch() {
        {
            const std::lock_guard lock(mutex_);
            is_ending_ = true;
        }
        turn_.notify_one();
        ring_.wake();
        thread_.join();
    }

    [[nodiscard]] int fd() const { return has_events_.get(); }
    void arm() {
        {
            const std::lock_guard lock(mutex_);
            is_armed_ = true;
        }
        turn_.notify_one();
    }
    /// Ends its turn; false when it had none.
    bool hold() {
        std::unique_lock lock(mutex_);
        const bool had_turn = std::exchange(is_armed_, false) || is_waiting_;
        is_held_ = true;
        while (is_waiting_) {
            lock.unlock();
            ring_.wake(); // which is lost when it comes just before the wait
            lock.lock();
            held_.wait_for(lock, 1ms, [this] { return !is_waiting_; });
        }
        is_held_ = false;
        return had_turn;
    }
    void clear() {
        std::uint64_t count = 0;
        static_cast<void>(::read(has_events_.get(), &count, sizeof count));
    }

private:
    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            turn_.wait(lock, [this] { return is_armed_ || is_ending_; });
            if (is_ending_)
                return;
            is_armed_ = false;
            is_waiting_ = true;
            bool has_something = false;
            while (!has_something && !is_ending_ && !is_held_) {
                lock.unlock();
                has_something = ring_.wait(os::Deadline::after(1s));
                lock.lock();
            }
            is_waiting_ = false;
            held_.notify_one();
            const std::uint64_t one = 1;
            if (has_something)
                static_cast<void>(::write(has_events_.get(), &one, sizeof one));
        }
    }

    EventRing& ring_;
    os::Fd has_events_;
    std::mutex mutex_;
    std::condition_variable turn_;
    std::condition_variable held_;
    bool is_armed_ = false;
    bool is_waiting_ = false;
    bool is_held_ = false;
    bool is_ending_ = false;
    std::thread thread_;
};

/// Somebody who watches.
struct Attacher {
    explicit Attacher(Channel connected) : channel(std::move(connected)) {}

    struct Waiting {
        std::shared_ptr<const std::vector<std::byte>> batch;
        std::size_t events;
    };
    Channel channel;
    std::deque<Waiting> queue;
    std::deque<Answer> answers;
    std::size_t queued_bytes = 0;
    std::uint64_t lost = 0; ///< events that did not fit and of which it has not been told
    double rate = default_sample_rate;
    bool wants_output = false;
};

class InspectionServer {
public:
    InspectionServer(InspectableProgram program, os::Fd record, os::Fd pidfd, os::Fd creator);
    /// Until all is over.
    void run();

private:
    enum Tag : std::uint64_t {
        record_tag,
        read_timer_tag,
        timer_tag,
        sampler_tag,
        listener_tag,
        program_tag,
        creator_tag,
        first_attacher
    };

    void take(const Event& event, std::span<const std::byte> payload);
    std::size_t read_record(EventRing::Writers writers = EventRing::Writers::live);
    void read_and_pace();
    void send_batch();
    void learn_ends();
    void sample();
    void plan_sampling();
    void set_timer();
    void handle_time();
    void leave_program(bool program_lives);
    [[nodiscard]] bool is_over() const;

    void accept_attachers();
    void welcome(std::uint64_t id, Channel channel);
    void serve(std::uint64_t id);
    bool hear(Attacher& attacher);
    bool send_to(Attacher& attacher, std::uint64_t id);
    void drop(std::uint64_t id);
    [[nodiscard]] std::string obey(Attacher& attacher, const Command& command);
    [[nodiscard]] std::string end_process(const ProcessInfo* process, const Command& command);

    InspectableProgram program_;
    os::Fd pidfd_;   ///< of the program
    os::Fd creator_; ///< over which the program says when it does not want to be inspected any more
    EventRing ring_;
    std::uint64_t dropped_told_ = 0;
    Snapshot snapshot_;
    EventBatch batch_;
    ProcessSampler sampler_;
    ProcessSampler::Writer writer_;
    os::SocketFile file_;
    os::Epoll epoll_;
    os::Timer read_timer_;
    os::Timer timer_;
    std::map<std::uint64_t, Attacher> attachers_;
    std::uint64_t next_attacher_ = first_attacher;
    os::Deadline next_sample_;
    os::Deadline accept_deadline_;
    os::Deadline end_deadline_;
    double rate_ = 0;
    bool program_has_ended_ = false;
    bool is_leaving_ = false;
    std::optional<RingWatch> watch_; ///< last: its thread uses the ring
};

InspectionServer::InspectionServer(InspectableProgram program, os::Fd record, os::Fd pidfd, os::Fd creator)
    : program_(std::move(program)),
      pidfd_(std::move(pidfd)),
      creator_(std::move(creator)),
      ring_(std::move(record)),
      writer_([this](const Event& event, std::span<const std::byte> payload) { take(event, payload); }) {
    choose_places(program_);
    inspectable_programs(); // removes what dead ones have left
    file_ = os::SocketFile::listen(program_.address);
    try {
        write_entry(program_);
    } catch (...) {
        file_.remove();
        throw;
    }
    epoll_.add(read_timer_.fd(), read_timer_tag);
    epoll_.add(timer_.fd(), timer_tag);
    epoll_.add(sampler_.fd(), sampler_tag);
    epoll_.add(file_.socket().get(), listener_tag);
    epoll_.add(pidfd_.get(), program_tag);
    epoll_.add(creator_.get(), creator_tag);
    sampler_.watch(program_.pid, os::Clock::now().time_since_epoch().count(), true);
}

void InspectionServer::run() {
    watch_.emplace(ring_);
    epoll_.add(watch_->fd(), record_tag);
    read_and_pace();
    std::array<epoll_event, 32> ready{};
    while (!is_over()) {
        set_timer();
        const std::size_t count = epoll_.wait(ready, {});
        for (std::size_t index = 0; index < count; ++index) {
            const std::uint64_t tag = ready.at(index).data.u64;
            if (tag >= first_attacher) {
                serve(tag);
            } else if (tag == record_tag) {
                watch_->clear();
                read_and_pace();
            } else if (tag == read_timer_tag) {
                read_timer_.set({});
                read_and_pace();
            } else if (tag == sampler_tag) {
                learn_ends();
            } else if (tag == listener_tag) {
                accept_attachers();
            } else if (tag == program_tag) {
                epoll_.remove(pidfd_.get());
                program_has_ended_ = true;
            } else if (tag == creator_tag) {
                char farewell_byte = 0;
                const bool was_asked = ::recv(creator_.get(), &farewell_byte, 1, MSG_DONTWAIT) == 1;
                epoll_.remove(creator_.get());
                if (was_asked)
                    leave_program(true);
            }
        }
        handle_time();
    }
    file_.remove();
    ::unlink(program_.entry.c_str());
}

// ------------------------------------------------------------------------------------------------------------------
// what happens

void InspectionServer::take(const Event& event, std::span<const std::byte> payload) {
    snapshot_.apply(event, payload);
    switch (event.kind) {
    case EventKind::program_described:
    case EventKind::process_running:
    case EventKind::exchange_created:
        sampler_.watch(event.process, event.time, event.process == program_.pid);
        break;
    case EventKind::process_created:
        sampler_.watch(event.process, event.time);
        sampler_.watch(event.writer, event.time, event.writer == program_.pid);
        break;
    case EventKind::process_ended:
        sampler_.forget(event.process);
        break;
    default:
        break;
    }
    if (attachers_.empty())
        return;
    batch_.add(event, payload);
    if (batch_.size() >= most_in_batch || batch_.payload_bytes() >= most_bytes_in_batch)
        send_batch();
}

std::size_t InspectionServer::read_record(EventRing::Writers writers) {
    if (watch_ && watch_->hold())
        read_timer_.set(os::Deadline::after(read_interval)); // instead of it
    Event event;
    std::span<const std::byte> payload;
    std::size_t count = 0;
    // Not for ever: a program can write as fast as this reads.
    for (; count < ring_.capacity() && ring_.read(event, payload, writers); ++count)
        take(event, payload);
    if (const std::uint64_t dropped = ring_.dropped(); dropped > dropped_told_) {
        Event loss;
        loss.kind = EventKind::events_dropped;
        loss.time = os::Clock::now().time_since_epoch().count();
        loss.writer = loss.process = program_.pid;
        loss.number = dropped - std::exchange(dropped_told_, dropped);
        take(loss, {});
    }
    send_batch();
    return count;
}

/// Reads, and then again after a pause, or, when nothing has come since, when something comes. (What a writer has not
/// finished is there already, and would end that wait at once.)
void InspectionServer::read_and_pace() {
    const bool is_empty = read_record() == 0 && ring_.used() == 0;
    if (is_empty && !is_leaving_)
        watch_->arm();
    else
        read_timer_.set(os::Deadline::after(read_interval));
}

void InspectionServer::send_batch() {
    if (batch_.empty())
        return;
    const auto bytes = std::make_shared<const std::vector<std::byte>>(encode(batch_));
    const std::size_t events = batch_.size();
    batch_.clear();
    std::vector<std::uint64_t> gone;
    for (auto& [id, attacher] : attachers_) {
        if (attacher.queued_bytes + bytes->size() > most_queued) {
            attacher.lost += events;
        } else {
            attacher.queue.push_back({bytes, events});
            attacher.queued_bytes += bytes->size();
        }
        if (!send_to(attacher, id))
            gone.push_back(id);
    }
    for (const std::uint64_t id : gone)
        drop(id);
}

void InspectionServer::learn_ends() {
    read_record(); // what their creators have said goes first
    sampler_.learn_ends(writer_);
    send_batch();
}

void InspectionServer::sample() {
    sampler_.sample(writer_);
    send_batch();
}

// ------------------------------------------------------------------------------------------------------------------
// time, and the end

void InspectionServer::plan_sampling() {
    double rate = 0;
    for (const auto& [id, attacher] : attachers_)
        rate = std::max(rate, attacher.rate);
    rate_ = rate;
    if (rate_ <= 0)
        next_sample_ = {};
    else if (const auto next = os::Deadline::after(std::chrono::duration<double>(1 / rate_));
             !next_sample_.is_set() || next.at() < next_sample_.at())
        next_sample_ = next;
}

void InspectionServer::set_timer() {
    os::Deadline next;
    for (const os::Deadline& deadline : {next_sample_, accept_deadline_, end_deadline_, sampler_.next_look()})
        if (deadline.is_set() && (!next.is_set() || deadline.at() < next.at()))
            next = deadline;
    timer_.set(next);
}

void InspectionServer::handle_time() {
    if (sampler_.next_look().has_passed())
        learn_ends();
    if (next_sample_.has_passed()) {
        sample();
        next_sample_ = {};
        plan_sampling();
    }
    if (accept_deadline_.has_passed()) {
        accept_deadline_ = {};
        epoll_.add(file_.socket().get(), listener_tag);
    }
    if (program_has_ended_ && !is_leaving_ && sampler_.all_have_ended()) {
        while (read_record(EventRing::Writers::ended) > 0) {
        }
        if (sampler_.all_have_ended()) // of what was written in the last moment, too
            leave_program(false);
    }
}

/// From now on nobody is let in, and those who are there get what has not been sent to them yet.
void InspectionServer::leave_program(bool program_lives) {
    if (std::exchange(is_leaving_, true))
        return;
    while (read_record(program_lives ? EventRing::Writers::live : EventRing::Writers::ended) > 0) {
    }
    if (!program_lives)
        sampler_.tell_all_ends(writer_);
    send_batch();
    epoll_.remove(file_.socket().get());
    accept_deadline_ = {};
    next_sample_ = {};
    file_.remove();
    ::unlink(program_.entry.c_str());
    end_deadline_ = os::Deadline::after(farewell);
}

bool InspectionServer::is_over() const {
    if (!is_leaving_)
        return false;
    return end_deadline_.has_passed() || std::all_of(attachers_.begin(), attachers_.end(), [](const auto& one) {
               return one.second.queue.empty() && one.second.lost == 0 && !one.second.channel.has_unsent();
           });
}

// ------------------------------------------------------------------------------------------------------------------
// attachers

void InspectionServer::accept_attachers() {
    while (!is_leaving_) {
        os::Fd connection(::accept4(file_.socket().get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!connection.is_open()) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                // The connection stays in the queue and would be reported again at once.
                epoll_.remove(file_.socket().get());
                accept_deadline_ = os::Deadline::after(accept_pause);
            }
            return;
        }
        if (!os::is_same_user(connection.get()) || attachers_.size() >= most_attachers)
            continue;
        Channel channel(std::move(connection), os::Process());
        channel.limit_incoming(largest_command);
        welcome(next_attacher_++, std::move(channel));
    }
}

/// The state goes first, and after it just what it does not contain.
void InspectionServer::welcome(std::uint64_t id, Channel channel) {
    read_record();
    sample();
    Attacher& attacher = attachers_.try_emplace(id, std::move(channel)).first->second;
    epoll_.add(attacher.channel.fileno(), id);
    try {
        attacher.channel.post(
            Notice(Present{.allows_control = program_.allows_control, .snapshot = encode(snapshot_.save())}));
    } catch (const Error&) {
        drop(id);
        return;
    }
    plan_sampling();
    if (!send_to(attacher, id))
        drop(id);
}

void InspectionServer::serve(std::uint64_t id) {
    const auto place = attachers_.find(id);
    if (place != attachers_.end() && !(hear(place->second) && send_to(place->second, id)))
        drop(id);
}

/// Takes the commands of an attacher in; false when it has gone or what it sends is none.
bool InspectionServer::hear(Attacher& attacher) {
    constexpr int most_at_once = 64;
    constexpr std::size_t most_answers = 256;
    try {
        for (int count = 0; count < most_at_once && attacher.channel.pump(); ++count) {
            const auto command = attacher.channel.receive<Command>();
            if (attacher.answers.size() >= most_answers)
                return false; // it asks and does not listen
            attacher.answers.push_back({command.number, obey(attacher, command)});
        }
    } catch (const std::exception&) {
        return false;
    }
    return true;
}

/// Sends as much as the connection takes; false when it is broken.
bool InspectionServer::send_to(Attacher& attacher, std::uint64_t id) {
    try {
        while (attacher.channel.flush()) {
            if (!attacher.answers.empty()) {
                attacher.channel.post(Notice(std::move(attacher.answers.front())));
                attacher.answers.pop_front();
            } else if (!attacher.queue.empty()) {
                const auto& first = attacher.queue.front();
                attacher.queued_bytes -= first.batch->size();
                attacher.channel.post(Notice(Happened{*first.batch}));
                attacher.queue.pop_front();
            } else if (attacher.lost > 0) {
                EventBatch batch;
                batch.add({.time = os::Clock::now().time_since_epoch().count(),
                           .number = std::exchange(attacher.lost, 0),
                           .writer = ::getpid(),
                           .process = program_.pid,
                           .kind = EventKind::events_dropped});
                attacher.channel.post(Notice(Happened{encode(batch)}));
            } else {
                break;
            }
        }
    } catch (const Error&) {
        return false;
    }
    const bool wants = attacher.channel.has_unsent();
    if (std::exchange(attacher.wants_output, wants) != wants)
        epoll_.watch_output(attacher.channel.fileno(), id, wants);
    return true;
}

void InspectionServer::drop(std::uint64_t id) {
    const auto place = attachers_.find(id);
    if (place == attachers_.end())
        return;
    epoll_.remove(place->second.channel.fileno());
    attachers_.erase(place);
    plan_sampling();
}

std::string InspectionServer::obey(Attacher& attacher, const Command& command) {
    switch (command.kind) {
    case Command::Kind::set_rate:
        if (!(command.rate >= 0 && command.rate <= most_rate))
            return "the rate of samples is between 0 and " + std::to_string(static_cast<int>(most_rate)) + " a second";
        attacher.rate = command.rate;
        plan_sampling();
        return {};
    case Command::Kind::end_process:
        return end_process(snapshot_.process_of_pid(command.process), command);
    case Command::Kind::end_task: {
        const auto place = snapshot_.running_tasks().find({command.exchange, command.task});
        if (place == snapshot_.running_tasks().end())
            return "task " + std::to_string(command.task) + " is not running";
        return end_process(snapshot_.process(place->second.process), command);
    }
    }
    return "this inspector does not know that command";
}

std::string InspectionServer::end_process(const ProcessInfo* process, const Command& command) {
    if (!program_.allows_control)
        return "the program does not allow it; it would if it were started with PPROCESS_INSPECT=control";
    if (command.signal != SIGTERM && command.signal != SIGKILL)
        return "only the signals SIGTERM and SIGKILL end a process";
    if (!process || process->ended != 0 || process->created > command.seen)
        return "the process has ended already";
    const pid_t pid = process->pid;
    if (!sampler_.send_signal(pid, command.signal)) {
        if (errno == ESRCH)
            return "the process has ended already";
        return "process " + std::to_string(pid) + " takes no signal: " + std::system_category().message(errno);
    }
    if (command.signal == SIGTERM)
        sampler_.send_signal(pid, SIGCONT); // or a stopped one would not get it
    take({.time = os::Clock::now().time_since_epoch().count(),
          .writer = ::getpid(),
          .process = pid,
          .value = command.signal,
          .kind = EventKind::process_signalled},
         {});
    read_timer_.set(os::Deadline(os::Clock::now())); // which sends it
    return {};
}

// ------------------------------------------------------------------------------------------------------------------
// becoming that process

std::string command_line_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
    std::string words((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    while (!words.empty() && words.back() == '\0')
        words.pop_back();
    std::replace(words.begin(), words.end(), '\0', ' ');
    return words;
}

/// Nothing of the program's is kept: its terminal, its folder, its files.
void keep_nothing_of_creator() {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(null, stream);
    ::close(null);
    static_cast<void>(::chdir("/"));
    ::umask(S_IRWXG | S_IRWXO);
    ::prctl(PR_SET_NAME, "pp-inspector");
    ::prctl(PR_SET_PDEATHSIG, 0);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max; // one for each process that is observed
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

void say(int socket, std::string_view text) {
    static_cast<void>(::send(socket, text.data(), text.size(), MSG_NOSIGNAL));
}

} // namespace

int inspect_creator(int argc, char** argv) {
    constexpr int creator_socket = 3;
    constexpr int arguments = 5;
    if (argc != arguments)
        return 2;
    const auto creator = static_cast<pid_t>(std::atoi(argv[2]));
    ::close_range(creator_socket + 1, ~0U, 0);
    ::fcntl(creator_socket, F_SETFD, FD_CLOEXEC);
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, creator, 0));
    if (pidfd < 0 || ::getppid() != creator) {
        say(creator_socket, "its process is not the one that asked for it");
        return 1;
    }
    // Not its child, so that it need not know of it, and without a terminal.
    ::setsid();
    const pid_t pid = ::fork();
    if (pid != 0) {
        if (pid < 0)
            say(creator_socket, "a process for it cannot be created: " + std::system_category().message(errno));
        return pid < 0 ? 1 : 0;
    }
    const int record = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, creator_socket + 1);
    keep_nothing_of_creator();
    try {
        InspectableProgram program{.name = argv[4],
                                   .pid = creator,
                                   .inspector_pid = ::getpid(),
                                   .command_line = command_line_of(creator),
                                   .started = std::chrono::system_clock::now(),
                                   .allows_control = std::string_view(argv[3]) == "control"};
        InspectionServer server(std::move(program), os::Fd(record), os::Fd(pidfd), os::Fd(creator_socket));
        say(creator_socket, "ready");
        server.run();
    } catch (const std::exception& error) {
        say(creator_socket, error.what());
        ::_exit(1);
    }
    ::_exit(0);
}

} // namespace pprocess::observe
