// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Starting point 1: the work stands in the middle of the loops.
//
// Nothing here says where a task begins and ends. The first step towards parallel work is always to give it a name and
// parameters, as the next program does. create_exchange, create_map and create_queue are for code that has to stay so.

#include "lesson.h"

#include <vector>

int main(int argc, char** argv) {
    const int N = lesson::begin(argc, argv).size;

    std::vector<int> results;
    for (int i = 0; i < N; ++i) {
        for (int j = 0; j < N; ++j) {
            lesson::work(i, j);
            results.push_back(i * N + j);
        }
    }

    lesson::print_grid(results);
    lesson::print_time();
}
