// SPDX-License-Identifier: LGPL-3.0-or-later
//
// pmap: one function, a sequence of parameters, as many processes at once as the limit allows.
//
// The function knows nothing of processes or channels. A pair (or tuple) of the sequence is spread over its parameters;
// whatever it returns, or throws, comes back from the process that ran it.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <utility>
#include <vector>

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    std::vector<std::pair<int, int>> places;
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            places.emplace_back(i, j);

    auto results = pprocess::pmap(lesson::calculate, places, {.limit = options.limit});

    // Wait for all of them before looking at any. pmap_iterate does not.
    results.finish();

    lesson::print_grid(results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
