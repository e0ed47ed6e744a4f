// SPDX-License-Identifier: GPL-3.0-or-later

/// What `ppctl run` costs an item: the same trivial command by a bare loop of posix_spawn and waitpid, by `ppctl run`
/// and, where it is installed, by GNU parallel, in turn in each round, so that what else the machine does falls on all.
/// Says the median of the rounds' ratios, by the clock and by the processors' time, which what else the machine does
/// disturbs less. With "--memory LINES" the most memory that ppctl takes for so many items.

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

const char* const command = "/bin/true";

pid_t spawn(Words words, const char* input) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t pid = 0;
    const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -1;
}

struct End {
    int status = -1;
    long most_memory = 0; ///< KiB
};

End run(const Words& words, const std::string& input) {
    const pid_t pid = spawn(words, input.c_str());
    End end;
    rusage used{};
    if (pid > 0 && wait4(pid, &end.status, 0, &used) == pid)
        end.most_memory = used.ru_maxrss;
    return end;
}

/// Of this process and all that it has waited for.
double processors_time() {
    double seconds = 0;
    for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage used{};
        getrusage(who, &used);
        seconds += static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                   static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    }
    return seconds;
}

struct Cost {
    double seconds = 0; ///< 0: it did not run
    double processors = 0;
};

template <typename Function>
Cost cost_of(const Function& function) {
    const auto start = Clock::now();
    const double before = processors_time();
    if (!function())
        return {};
    return {std::chrono::duration<double>(Clock::now() - start).count(), processors_time() - before};
}

bool run_loop(int items, int limit) {
    int running = 0;
    for (int item = 0; item < items; ++item) {
        if (running == limit) {
            wait(nullptr);
            --running;
        }
        running += spawn({command, std::to_string(item)}, "/dev/null") > 0 ? 1 : 0;
    }
    while (running-- > 0)
        wait(nullptr);
    return true;
}

double median(std::vector<double> values) {
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

std::string items_file(long count) {
    std::string name = "/tmp/bench-ppctl-XXXXXX";
    close(mkstemp(name.data()));
    std::ofstream file(name);
    for (long item = 0; item < count; ++item)
        file << "item number " << item << " with a text of some length\n";
    return name;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("bench_ppctl PPCTL [ITEMS [ROUNDS]] | PPCTL --memory LINES\n", stderr);
        return 2;
    }
    const std::string ppctl = argv[1];
    const Words job{ppctl, "run", "--limit", "2", "--", command};
    if (argc == 4 && std::string(argv[2]) == "--memory") {
        const std::string input = items_file(std::atol(argv[3]));
        // A shell's builtin would be no process; one command for all keeps this short.
        const End end = run({ppctl, "run", "--limit", "2", "--inputs", input, "--dry-run", "--", command}, "/dev/null");
        std::printf("dry run: %ld KiB\n", end.most_memory);
        const End whole = run({ppctl, "run", "--limit", "2", "--inputs", input, "--", command}, "/dev/null");
        std::printf("run: %ld KiB, status %d\n", whole.most_memory, whole.status);
        unlink(input.c_str());
        return 0;
    }
    const int items = argc > 2 ? std::atoi(argv[2]) : 10'000;
    const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
    const std::string input = items_file(items);
    std::vector<double> to_loop;
    std::vector<double> to_loop_processors;
    std::vector<double> to_parallel;
    for (int round = 0; round < rounds; ++round) {
        const Cost loop = cost_of([&] { return run_loop(items, 2); });
        const Cost ours = cost_of([&] { return run(job, input).status == 0; });
        if (ours.seconds == 0) {
            std::fprintf(stderr, "bench_ppctl: %s did not run the job.\n", ppctl.c_str());
            return 1;
        }
        Cost parallel;
        if (round < 3) // it takes very long
            parallel = cost_of([&] { return run({"parallel", "--will-cite", "-j2", command}, input).status == 0; });
        std::printf("loop %.2f s (processors %.2f s), ppctl %.2f s (%.2f s), GNU parallel %.2f s (%.2f s)\n",
                    loop.seconds, loop.processors, ours.seconds, ours.processors, parallel.seconds,
                    parallel.processors);
        std::fflush(stdout);
        to_loop.push_back(loop.seconds / ours.seconds);
        to_loop_processors.push_back(loop.processors / ours.processors);
        if (parallel.seconds > 0)
            to_parallel.push_back(parallel.seconds / ours.seconds);
    }
    unlink(input.c_str());
    std::printf("rate of ppctl: %.2f of the loop's (goal 0.9), by the processors' time %.2f", median(to_loop),
                median(to_loop_processors));
    if (to_parallel.empty())
        std::puts("; GNU parallel is not installed");
    else
        std::printf(", %.1f times GNU parallel's (goal 5)\n", median(to_parallel));
    return 0;
}
