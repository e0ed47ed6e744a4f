// SPDX-License-Identifier: LGPL-3.0-or-later
//
// pmap, with the results taken while others are still being worked out.
//
// The loop gets a result as soon as it and all those before it are there, long before the last task has even started.
// Going through the results is also what starts the tasks that had to wait for a free process.

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

    for (int result : pprocess::pmap(lesson::calculate, places, {.limit = options.limit}))
        lesson::print(result);

    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
