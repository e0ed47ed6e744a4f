// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/observe/process_sampler.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <pprocess/os/process.h>

namespace pprocess::observe {

namespace {

constexpr std::int64_t second = 1'000'000'000;

/// So much later than it should a process's start may seem to be, as the system counts in hundredths of a second.
constexpr std::int64_t inexactness = second / 20;

/// For the creator of a process to tell its end itself, which it can do better.
constexpr std::chrono::milliseconds precedence{300};

/// How often /proc is looked at for a process without a pidfd.
constexpr std::chrono::milliseconds look_interval{500};

std::int64_t now(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return time.tv_sec * second + time.tv_nsec;
}

std::string content_of(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return {};
    std::array<char, 1024> text{};
    const ssize_t size = ::read(file, text.data(), text.size());
    ::close(file);
    return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::uint64_t descriptors_of(const std::string& folder) {
    // Since Linux 6.2 the size of the folder is the number of files in it.
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0 && status.st_size > 0)
        return static_cast<std::uint64_t>(status.st_size);
    DIR* const list = ::opendir(folder.c_str());
    if (!list)
        return Event::unknown;
    std::uint64_t count = 0;
    while (const dirent* entry = ::readdir(list))
        count += entry->d_name[0] != '.' ? 1 : 0;
    ::closedir(list);
    return count;
}

/// What newer systems say of a process by its pidfd, even when it has been reaped (ioctl PIDFD_GET_INFO, Linux 6.15).
struct PidfdInfo {
    std::uint64_t mask;
    std::uint64_t cgroup;
    std::array<std::uint32_t, 11> ids;
    std::int32_t exit_code;
    std::array<std::uint32_t, 2> rest;
};
static_assert(sizeof(PidfdInfo) == 72);

std::optional<ProcessStatus> status_by_pidfd(const os::Fd& pidfd) {
    constexpr std::uint64_t exit_wanted = 1 << 3;
    PidfdInfo info{};
    info.mask = exit_wanted;
    if (!pidfd.is_open() || ::ioctl(pidfd.get(), _IOWR(0xFF, 11, PidfdInfo), &info) != 0 ||
        (info.mask & exit_wanted) == 0)
        return std::nullopt;
    return ProcessStatus::from_wait(info.exit_code);
}

/// Until a process is reaped, the last field of its line in /proc.
std::optional<ProcessStatus> status_in_proc(pid_t pid) {
    const std::string text = content_of("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t name_end = text.rfind(')');
    const std::size_t last = text.find_last_of(' ');
    if (name_end == std::string::npos || text.compare(name_end, 3, ") Z") != 0)
        return std::nullopt;
    return ProcessStatus::from_wait(std::atoi(text.c_str() + last));
}

ProcessStatus status_of(const os::Fd& pidfd, pid_t pid) {
    auto status = status_by_pidfd(pidfd);
    if (!status)
        status = status_in_proc(pid);
    if (!status)
        status = status_by_pidfd(pidfd); // it was reaped between the two
    return status.value_or(ProcessStatus::unknown());
}

} // namespace

std::optional<ProcessReading> read_process(pid_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    const std::string text = content_of(folder + "/stat");
    // The second field is the program's name in parentheses, which may hold anything.
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= text.size())
        return std::nullopt;
    constexpr int first_field = 3;
    constexpr int last_field = 24;
    std::array<unsigned long long, last_field + 1> fields{};
    ProcessReading reading;
    reading.state = text[name_end + 2];
    const char* place = text.c_str() + name_end + 3;
    for (int field = first_field + 1; field <= last_field; ++field) {
        char* end = nullptr;
        fields.at(static_cast<std::size_t>(field)) = std::strtoull(place, &end, 10);
        place = end;
    }
    static const long ticks = ::sysconf(_SC_CLK_TCK);
    static const long page = ::sysconf(_SC_PAGESIZE);
    const std::int64_t tick = second / ticks;
    constexpr std::size_t user_time = 14;
    constexpr std::size_t system_time = 15;
    constexpr std::size_t threads = 20;
    constexpr std::size_t start_time = 22;
    constexpr std::size_t resident = 24;
    reading.cpu = (fields[user_time] + fields[system_time]) * static_cast<std::uint64_t>(tick);
    if (clockid_t clock{}; reading.state != 'Z' && ::clock_getcpuclockid(pid, &clock) == 0) {
        if (timespec time{}; ::clock_gettime(clock, &time) == 0) // more exact
            reading.cpu = static_cast<std::uint64_t>(time.tv_sec * second + time.tv_nsec);
    }
    reading.threads = static_cast<std::int32_t>(fields[threads]);
    reading.memory = fields[resident] * static_cast<std::uint64_t>(page);
    reading.start_ticks = fields[start_time];
    reading.started =
        static_cast<std::int64_t>(reading.start_ticks) * tick - now(CLOCK_BOOTTIME) + now(CLOCK_MONOTONIC);
    reading.descriptors = descriptors_of(folder + "/fd");
    return reading;
}

ProcessSampler::ProcessSampler() = default;

void ProcessSampler::look_again_by(os::Clock::time_point time) {
    if (!next_look_.is_set() || time < next_look_.at())
        next_look_ = os::Deadline(time);
}

void ProcessSampler::watch(pid_t pid, std::int64_t seen, bool is_orphan) {
    if (pid <= 0)
        return;
    const auto [place, is_new] = watched_.try_emplace(pid);
    Watched& one = place->second;
    one.is_orphan = one.is_orphan || is_orphan;
    if (!is_new)
        return;
    ++living_;
    one.pidfd = os::open_pidfd(pid);
    const bool exists = one.pidfd.is_open() || errno != ESRCH;
    const auto reading = exists ? read_process(pid) : std::nullopt;
    if (!reading || reading->started > seen + inexactness) {
        one.pidfd.reset(); // of another, if at all
        end(pid, one);
        return;
    }
    one.start_ticks = reading->start_ticks;
    if (one.pidfd.is_open())
        epoll_.add(one.pidfd.get(), static_cast<std::uint64_t>(pid));
    else
        look_again_by(os::Clock::now() + look_interval);
}

void ProcessSampler::forget(pid_t pid) {
    const auto place = watched_.find(pid);
    if (place == watched_.end())
        return;
    if (!place->second.has_ended)
        end(pid, place->second);
    watched_.erase(place);
}

void ProcessSampler::end(pid_t /*pid*/, Watched& one) {
    one.has_ended = true;
    one.ended_at = os::Clock::now();
    --living_;
    if (one.pidfd.is_open())
        epoll_.remove(one.pidfd.get());
    look_again_by(one.is_orphan ? one.ended_at : one.ended_at + precedence);
}

void ProcessSampler::learn_ends(const Writer& writer) {
    std::array<epoll_event, 64> ready{};
    for (std::size_t count = ready.size(); count == ready.size();) {
        count = epoll_.wait(ready, os::Deadline(os::Clock::now()));
        for (std::size_t index = 0; index < count; ++index) {
            const auto pid = static_cast<pid_t>(ready[index].data.u64);
            if (const auto place = watched_.find(pid); place != watched_.end() && !place->second.has_ended)
                end(pid, place->second);
        }
    }
    next_look_ = {};
    const auto time = os::Clock::now();
    for (auto place = watched_.begin(); place != watched_.end();) {
        const pid_t pid = place->first;
        Watched& one = place->second;
        if (!one.has_ended && !one.pidfd.is_open()) {
            const auto reading = read_process(pid);
            if (!reading || reading->start_ticks != one.start_ticks)
                end(pid, one);
            else
                look_again_by(time + look_interval);
        }
        if (!one.has_ended) {
            ++place;
            continue;
        }
        if (!one.is_orphan) {
            if (time < one.ended_at + precedence) {
                look_again_by(one.ended_at + precedence);
                ++place;
                continue;
            }
            const auto reading = read_process(pid);
            if (one.start_ticks != 0 && reading && reading->start_ticks == one.start_ticks) {
                // Nobody has taken note of its end yet. Its creator will, and tell it.
                look_again_by(time + look_interval);
                ++place;
                continue;
            }
        }
        const Watched gone = std::move(one);
        place = watched_.erase(place);
        tell_end(pid, gone, writer);
    }
}

void ProcessSampler::tell_all_ends(const Writer& writer) {
    learn_ends(writer);
    for (auto place = watched_.begin(); place != watched_.end();) {
        const pid_t pid = place->first;
        const Watched gone = std::move(place->second);
        place = watched_.erase(place);
        if (gone.has_ended)
            tell_end(pid, gone, writer);
    }
}

void ProcessSampler::tell_end(pid_t pid, const Watched& one, const Writer& writer) const {
    const ProcessStatus status = status_of(one.pidfd, pid);
    const std::string text = status.to_string();
    Event event{.time = now(CLOCK_MONOTONIC), .writer = ::getpid(), .process = pid, .kind = EventKind::process_ended};
    event.detail = static_cast<std::uint8_t>(status.is_unknown() ? ProcessEnd::unknown
                                             : status.exited()   ? ProcessEnd::exited
                                                                 : ProcessEnd::signalled);
    if (!status.is_unknown())
        event.value = status.exited() ? status.exit_code() : status.signal();
    event.payload_size = static_cast<std::uint16_t>(text.size());
    writer(event, std::as_bytes(std::span(text)));
}

void ProcessSampler::sample(const Writer& writer) {
    for (auto& [pid, one] : watched_) {
        if (one.has_ended)
            continue;
        const auto reading = read_process(pid);
        if (!reading || reading->start_ticks != one.start_ticks || reading->state == 'Z' || reading->state == 'X')
            continue; // its pidfd will tell, or the next look
        Event event{.time = now(CLOCK_MONOTONIC), .writer = ::getpid(), .process = pid};
        event.detail = static_cast<std::uint8_t>(reading->state);
        const bool is_stopped = reading->state == 'T' || reading->state == 't';
        if (std::exchange(one.is_stopped, is_stopped) != is_stopped) {
            event.kind = is_stopped ? EventKind::process_stopped : EventKind::process_resumed;
            writer(event, {});
        }
        event.kind = EventKind::process_sample;
        event.task = reading->descriptors;
        event.number = reading->cpu;
        event.size = reading->memory;
        event.value = reading->threads;
        writer(event, {});
    }
}

bool ProcessSampler::send_signal(pid_t pid, int signal) noexcept {
    const auto place = watched_.find(pid);
    if (place == watched_.end() || place->second.has_ended || !place->second.pidfd.is_open()) {
        errno = ESRCH;
        return false;
    }
    return ::syscall(SYS_pidfd_send_signal, place->second.pidfd.get(), signal, nullptr, 0) == 0;
}

} // namespace pprocess::observe
