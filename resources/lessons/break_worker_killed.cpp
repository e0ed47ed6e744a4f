// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Break it: a process is killed in the middle of its task.
//
// The kernel does so when memory runs out, and people do it by mistake. A killed process cannot say anything any more;
// it is the exchange that notices, and the task that was lost ends as ProcessDied. No other task is touched. As the
// task may have been innocent, it can be tried again: `retries` says how often.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <vector>

#include <unistd.h>

namespace {

constexpr int deadly = 2;

int square(int number) {
    if (number == deadly)
        ::kill(::getpid(), SIGKILL); // as if someone else had
    return number * number;
}

} // namespace

int main(int argc, char** argv) try {
    unsigned retries = 1;
    lesson::CommandLine line("Squares the numbers from 0 to 4; the process of one of them is killed each time.");
    line.number("--retries", "N", "try a task again N times when its process has died (1)", retries, 0, 100);
    line.read(argc, argv);

    auto squares = pprocess::pmap(square, {0, 1, 2, 3, 4}, {.limit = 2, .retries = retries});
    for (const auto& outcome : squares.outcomes()) {
        try {
            std::printf("Task %zu gave %d.\n", outcome.index(), outcome.value());
        } catch (const pprocess::ProcessDied& death) {
            std::printf("Task %zu has no result: %s. Attempts: %u.\n", outcome.index(), death.what(),
                        outcome.attempts());
        }
    }
} catch (const std::exception& error) {
    return lesson::explain(error);
}
