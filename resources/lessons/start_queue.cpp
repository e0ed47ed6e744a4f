// SPDX-License-Identifier: LGPL-3.0-or-later
//
// start() on a queue: a function that knows its channel, and results in order of arrival.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <vector>

namespace {

// Runs in the created process. What it sends counts; the process ends when it returns.
void calculate(pprocess::Channel& channel, int i, int j) {
    channel.send(lesson::Cell{i, j, lesson::calculate(i, j)});
}

} // namespace

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    pprocess::Queue<lesson::Cell> queue({.limit = options.limit});
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            queue.start(calculate, i, j);

    std::vector<int> results(N * N, -1);
    for (const lesson::Cell& cell : queue)
        results[cell.i * N + cell.j] = cell.value;

    lesson::print_grid(results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
