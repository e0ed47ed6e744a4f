// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Break it: a task never ends.
//
// Without a limit of time the exchange would wait for it for ever, as it cannot know that nothing will come. With one,
// the process is ended when its time is up: asked first, then, as this one does not listen, killed. The task ends as
// TaskTimedOut, and its place is free for the next.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <vector>

#include <unistd.h>

namespace {

constexpr int endless = 1;

int square(int number) {
    if (number == endless) {
        std::signal(SIGTERM, SIG_IGN); // it does not even end when asked to
        for (;;)
            ::pause();
    }
    return number * number;
}

} // namespace

int main(int argc, char** argv) try {
    std::chrono::milliseconds timeout{1000};
    lesson::CommandLine line("Squares the numbers from 0 to 4, one after the other; one of them takes for ever.");
    line.number("--timeout", "MS", "give each task MS milliseconds (1000)", timeout, 1, 1'000'000'000);
    line.read(argc, argv);

    auto squares = pprocess::pmap(square, {0, 1, 2, 3, 4}, {.limit = 1, .timeout = timeout});
    for (std::size_t k = 0; k < squares.size(); ++k) {
        try {
            std::printf("Task %zu gave %d.\n", k, squares[k]);
        } catch (const pprocess::TaskTimedOut& error) {
            std::printf("Task %zu has no result: %s.\n", k, error.what());
        }
    }
} catch (const std::exception& error) {
    return lesson::explain(error);
}
