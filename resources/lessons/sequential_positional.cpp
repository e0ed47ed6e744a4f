// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Starting point 3: a function does the work, and each result has a place of its own.
//
// No result depends on those before it, so it does not matter which comes first: made parallel, results may be taken in
// order of arrival, from a Queue or an Exchange (see managed_queue), if each says where it belongs.

#include "lesson.h"

#include <vector>

int main(int argc, char** argv) {
    const int N = lesson::begin(argc, argv).size;

    std::vector<int> results(N * N, -1);
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            results[i * N + j] = lesson::calculate(i, j);

    lesson::print_grid(results);
    lesson::print_time();
}
