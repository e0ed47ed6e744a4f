// SPDX-License-Identifier: LGPL-3.0-or-later
//
// continuous: a process sends as many results as it likes, each as soon as it has it.
//
// Here one process works out a whole row. The exchange listens to it until it ends, not just until its first result;
// then the place of the ended process is free for the next row, whatever the others are doing.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <vector>

namespace {

// Runs in the created process. The process ends, and with it the row, when this returns.
void calculate_row(pprocess::Channel& channel, int i, int N) {
    for (int j = 0; j < N; ++j)
        channel.send(lesson::Cell{i, j, lesson::calculate(i, j)});
}

} // namespace

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    pprocess::Queue<lesson::Cell> queue({.limit = options.limit, .continuous = true});
    for (int i = 0; i < N; ++i)
        queue.start(calculate_row, i, N);

    // The rows arrive mixed with each other.
    std::vector<int> results(N * N, -1);
    for (const lesson::Cell& cell : queue)
        results[cell.i * N + cell.j] = cell.value;

    lesson::print_grid(results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
