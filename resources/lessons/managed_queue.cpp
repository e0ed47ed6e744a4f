// SPDX-License-Identifier: LGPL-3.0-or-later
//
// manage() on a queue: a function is called as before, and the results come in order of arrival.
//
// No result waits for a slower one before it: the way to choose where they can be used at once and in any order.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <vector>

namespace {

// The value alone would not tell which of the many calls it answers.
lesson::Cell locate(int i, int j) {
    return {i, j, lesson::calculate(i, j)};
}

} // namespace

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    pprocess::Queue<lesson::Cell> queue({.limit = options.limit});
    auto calculate = queue.manage(pprocess::MakeParallel(locate));

    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            calculate(i, j);

    std::vector<int> results(N * N, -1);
    for (const lesson::Cell& cell : queue)
        results[cell.i * N + cell.j] = cell.value;

    lesson::print_grid(results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
