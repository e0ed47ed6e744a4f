// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A picture by pmap: the loop over the rows becomes a call, and nothing else changes.
//
// The rows come in order, from the first on, while others are still being drawn. Some rows hold more to reflect than
// others; with a process for each row a slow one keeps nobody from going on.

#include "lesson.h"
#include "raytracer.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <numeric>
#include <utility>
#include <vector>

int main(int argc, char** argv) try {
    const auto options = lesson::raytracer::begin(argc, argv);
    lesson::measure::begin();

    std::vector<int> rows(static_cast<std::size_t>(options.height));
    std::iota(rows.begin(), rows.end(), 0);

    lesson::raytracer::Picture picture;
    for (auto& row : pprocess::pmap(lesson::raytracer::render_row, rows, {.limit = options.limit}))
        picture.set(std::move(row));

    picture.save();
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
