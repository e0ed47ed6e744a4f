// SPDX-License-Identifier: GPL-3.0-or-later
//
// What it costs to be observed. Each line is of pairs of measurements taken in turn in this one run, and tells the
// median of their ratios with the middle half of them: of elapsed time (and the ratio of the fastest runs), and of the
// processors' time in this program and its workers, which a machine that is busy with other things disturbs less.
//     bench_observer [ROUNDS]           pairs of each kind; 15 when nothing is said
//     bench_observer --plain KIND       one of the kinds without an observer, for comparing two builds from outside;
//                                       KIND: one, batched, 1ms
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <pprocess/pprocess.h>
#if __has_include(<pprocess/observe/file_recorder.h>)
#include <pprocess/observe/file_recorder.h>
#include <pprocess/observe/recorder.h>
#define HAS_OBSERVER 1
#endif

namespace {

using namespace pprocess;
using Clock = std::chrono::steady_clock;

int add_one(int number) {
    return number + 1;
}

/// Busy for a millisecond of its own CPU time.
int work_1ms(int number) {
    const auto now = [] {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return time.tv_sec * 1'000'000'000L + time.tv_nsec;
    };
    for (const long end = now() + 1'000'000; now() < end;) {
    }
    return number;
}

double seconds(const std::function<void()>& work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Each task is handed out when its worker has brought the one before.
void one_at_a_time(int tasks) {
    Queue<int> queue({.limit = 2, .reuse = true});
    auto task = queue.manage(MakeReusable(add_one));
    for (int number = 0; number < tasks; ++number)
        task(number);
    long sum = 0;
    for (const int value : queue)
        sum += value;
    if (sum != tasks * (tasks + 1L) / 2)
        std::abort();
}

void batched(int tasks) {
    std::vector<int> numbers(static_cast<std::size_t>(tasks));
    std::iota(numbers.begin(), numbers.end(), 0);
    long sum = 0;
    for (const int value : pmap(add_one, numbers, {.limit = 2, .reuse = true}))
        sum += value;
    if (sum != tasks * (tasks + 1L) / 2)
        std::abort();
}

void tasks_of_1ms(int tasks) {
    std::vector<int> numbers(static_cast<std::size_t>(tasks));
    for (const int value : pmap(work_1ms, numbers, {.limit = 2, .reuse = true}))
        if (value != 0)
            std::abort();
}

struct Kind {
    const char* name;
    const char* words;
    void (*run)(int);
    int tasks;
};
constexpr Kind kinds[] = {
    {"one", "trivial tasks, 2 reused workers, handed out one at a time", one_at_a_time, 10'000},
    {"batched", "trivial tasks, pmap as it is by default with reuse", batched, 30'000},
    {"1ms", "tasks of 1 ms, pmap with reuse", tasks_of_1ms, 400},
};

#ifdef HAS_OBSERVER

/// Is told of everything and keeps nothing: what the telling costs.
class Deaf final : public Observer {
public:
    Deaf() { os::set_observer(this); }
    ~Deaf() override { os::set_observer(nullptr); }
    void observe(const Event&, std::span<const std::byte>) noexcept override {}
    bool works_in_created_processes() const noexcept override { return true; }
};

/// A process that reads a record on, to no end.
class Reader {
public:
    explicit Reader(int fd) : pid_(::fork()) {
        if (pid_ != 0)
            return;
        observe::EventRing ring(os::Fd(::dup(fd)));
        Event event;
        std::span<const std::byte> payload;
        for (;;) {
            while (ring.read(event, payload)) {
            }
            ::usleep(16'000);
        }
    }
    ~Reader() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

private:
    pid_t pid_;
};

struct Cost {
    double elapsed = 0;
    double processors = 0;
};

double processor_seconds() {
    double sum = 0;
    for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage usage{};
        ::getrusage(who, &usage);
        for (const timeval& time : {usage.ru_utime, usage.ru_stime})
            sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    }
    return sum;
}

Cost cost_of(const Kind& kind) {
    const double before = processor_seconds();
    Cost cost;
    cost.elapsed = seconds([&] { kind.run(kind.tasks); });
    cost.processors = processor_seconds() - before;
    return cost;
}

std::string quartiles(std::vector<double> ratios) {
    std::sort(ratios.begin(), ratios.end());
    char text[64];
    std::snprintf(text, sizeof text, "%.3f (%.3f .. %.3f)", ratios[ratios.size() / 2], ratios[ratios.size() / 4],
                  ratios[ratios.size() * 3 / 4]);
    return text;
}

/// `observed` runs the kind while the observer is there.
void compare(const Kind& kind, const char* observer, const std::function<Cost()>& observed, int rounds) {
    std::vector<double> elapsed;
    std::vector<double> processors;
    std::vector<double> plain;
    std::vector<double> told;
    observed();
    observed();
    for (int round = 0; round < rounds; ++round) {
        Cost with;
        Cost without;
        if (round % 2 == 0)
            with = observed();
        without = cost_of(kind);
        if (round % 2 != 0)
            with = observed();
        elapsed.push_back(with.elapsed / without.elapsed);
        processors.push_back(with.processors / without.processors);
        plain.push_back(without.elapsed);
        told.push_back(with.elapsed);
    }
    std::sort(plain.begin(), plain.end());
    const double least = *std::min_element(told.begin(), told.end()) / plain.front();
    std::printf("%-58s %-14s elapsed %s  fastest %.3f  processors %s  (%.2f us a task)\n", kind.words, observer,
                quartiles(elapsed).c_str(), least, quartiles(processors).c_str(),
                plain[plain.size() / 2] / kind.tasks * 1e6);
    std::fflush(stdout);
}

void compare_all(const Kind& kind, int rounds) {
    compare(
        kind, "a deaf one",
        [&] {
            const Deaf deaf;
            return cost_of(kind);
        },
        rounds);
    // As in a program that runs for long: another process reads on, as an inspector's does, whose time does not count
    // here; it looks sixty times a second.
    Recorder recorder;
    os::set_observer(nullptr);
    const Reader reader(recorder.ring().fd());
    compare(
        kind, "Recorder",
        [&] {
            os::set_observer(&recorder);
            const Cost cost = cost_of(kind);
            os::set_observer(nullptr);
            return cost;
        },
        rounds);
    if (recorder.dropped() > 0)
        std::printf("not counted: %llu events were dropped\n", static_cast<unsigned long long>(recorder.dropped()));
    compare(
        kind, "FileRecorder",
        [&] {
            FileRecorder record("/tmp/bench_observer.trace");
            const Cost cost = cost_of(kind);
            record.finish();
            return cost;
        },
        rounds);
}

/// One question whether there is an observer, in nanoseconds of a processor: the least of several measurements.
double branch() {
    constexpr int count = 5'000'000;
    double least = 1;
    for (int round = 0; round < 20; ++round) {
        const double before = processor_seconds();
        for (int turn = 0; turn < count; ++turn) {
            if (os::observer())
                std::abort();
            asm volatile("" ::: "memory");
        }
        least = std::min(least, processor_seconds() - before);
    }
    return least / count * 1e9;
}

/// Events that one task brings about.
double events_of_a_task() {
    Recorder recorder(std::size_t{64} << 20);
    one_at_a_time(2000);
    return static_cast<double>(recorder.drain([](const Event&, std::span<const std::byte>) {})) / 2000;
}

#endif

} // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "--plain") == 0) {
        for (const Kind& kind : kinds)
            if (std::strcmp(argv[2], kind.name) == 0) {
                kind.run(kind.tasks);
                std::printf("%.6f\n", seconds([&] { kind.run(kind.tasks * 3); }));
            }
        return 0;
    }
#ifdef HAS_OBSERVER
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
    const double nanoseconds = branch();
    const double questions = events_of_a_task();
    const double task = cost_of(kinds[0]).processors / kinds[0].tasks * 1e9;
    std::printf("no observer: %.1f questions of %.2f ns for a task that takes %.0f ns of the processors: %.3f %%\n",
                questions, nanoseconds, task, questions * nanoseconds / task * 100);
    for (const Kind& kind : kinds)
        compare_all(kind, rounds);
#endif
    return 0;
}
