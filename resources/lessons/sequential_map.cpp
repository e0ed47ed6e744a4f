// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Starting point 4: one function is applied to a sequence of parameters.
//
// This says what is to be done without saying in which order. It is the easiest to make parallel: pmap differs from it
// in one line.

#include "lesson.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

int main(int argc, char** argv) {
    const int N = lesson::begin(argc, argv).size;

    std::vector<std::pair<int, int>> places;
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            places.emplace_back(i, j);

    std::vector<int> results;
    std::ranges::transform(places, std::back_inserter(results),
                           [](auto place) { return lesson::calculate(place.first, place.second); });

    lesson::print_grid(results);
    lesson::print_time();
}
