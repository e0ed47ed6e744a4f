// SPDX-License-Identifier: LGPL-3.0-or-later
//
// create() on a queue: as create_exchange, but the queue collects the results, in order of arrival.
//
// No result waits for a slower one before it, so each has to say where it belongs.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <vector>

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    pprocess::Queue<lesson::Cell> queue({.limit = options.limit});
    for (int i = 0; i < N; ++i) {
        for (int j = 0; j < N; ++j) {
            if (auto channel = queue.create()) {
                // Only the created process comes here. Without exit() it would go on with the loops.
                lesson::work(i, j);
                channel->send(lesson::Cell{i, j, i * N + j});
                pprocess::exit(*channel);
            }
        }
    }

    std::vector<int> results(N * N, -1);
    for (const lesson::Cell& cell : queue)
        results[cell.i * N + cell.j] = cell.value;

    lesson::print_grid(results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
