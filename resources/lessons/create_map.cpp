// SPDX-License-Identifier: LGPL-3.0-or-later
//
// create() on a map: as create_exchange, but the map collects the results, in the order in which it created processes.
//
// So a result does not have to say where it belongs, and no class has to be written to store it.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    pprocess::Map<int> results({.limit = options.limit});
    for (int i = 0; i < N; ++i) {
        for (int j = 0; j < N; ++j) {
            if (auto channel = results.create()) {
                // Only the created process comes here. Without exit() it would go on with the loops.
                lesson::work(i, j);
                channel->send(i * N + j);
                pprocess::exit(*channel);
            }
        }
    }

    lesson::print_grid(results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
