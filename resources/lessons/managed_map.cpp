// SPDX-License-Identifier: LGPL-3.0-or-later
//
// manage() on a map: a function is called as before, and the results come in the order of the calls.
//
// Compare with sequential_appended: the loops are the same, but the results are a map, and a call goes through it
// instead of waiting for its result. An element is there as soon as its own process and those of all earlier calls have
// answered.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    pprocess::Map<int> results({.limit = options.limit});
    auto calculate = results.manage(pprocess::MakeParallel(lesson::calculate));

    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            calculate(i, j);

    lesson::print_grid(results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
