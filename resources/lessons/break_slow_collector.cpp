// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Break it: results come much faster than they are used.
//
// Several processes have all their results at once, and this one takes its time over each. Those who send wait, so that
// neither side has to keep what the other is not ready for. No result is lost, and those of one process stay in order.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <thread>
#include <vector>

namespace {

struct Result {
    int process = 0;
    int number = 0;
    std::vector<std::byte> load; // so large that a few fill a channel
};

std::atomic<int>* sent = nullptr; // by each process; shared with all of them, to see what they do unseen

// Runs in each created process.
void send_all(pprocess::Channel& channel, int process, int count) {
    for (int number = 0; number < count; ++number) {
        channel.send(Result{process, number, std::vector<std::byte>(32 * 1024)});
        ++sent[process];
    }
}

} // namespace

int main(int argc, char** argv) try {
    int processes = 3;
    int results = 100;
    std::chrono::milliseconds delay{5};
    lesson::CommandLine line("Takes results slowly from processes that have them at once.");
    line.number("--processes", "K", "have K processes (3)", processes, 1, 1000);
    line.number("--results", "N", "let each send N results (100)", results, 1, 1'000'000);
    line.number("--delay", "MS", "take MS milliseconds over each (5)", delay, 0, 60'000);
    line.read(argc, argv);
    sent = lesson::measure::shared<std::atomic<int>>(processes);

    pprocess::Queue<Result> queue({.continuous = true});
    for (int k = 0; k < processes; ++k)
        queue.start(send_all, k, results);

    std::vector<int> taken(static_cast<std::size_t>(processes));
    std::vector<int> most_ahead(static_cast<std::size_t>(processes));
    while (const auto result = queue.next()) {
        const auto k = static_cast<std::size_t>(result->process);
        if (result->number != taken[k])
            std::printf("Process %d: result %d came instead of %d.\n", result->process, result->number, taken[k]);
        most_ahead[k] = std::max(most_ahead[k], sent[k] - taken[k]);
        ++taken[k];
        std::this_thread::sleep_for(delay);
    }

    for (std::size_t k = 0; k < taken.size(); ++k)
        std::printf("Process %zu: %d of %d results came, in order. It was never more than %d ahead.\n", k, taken[k],
                    results, most_ahead[k]);
} catch (const std::exception& error) {
    return lesson::explain(error);
}
