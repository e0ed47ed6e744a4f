// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A picture by a queue: rows are put in place as they arrive.
//
// A picture has a place for each row, so none has to wait for one above it, and what is shown of the progress is what
// has really been done.

#include "lesson.h"
#include "raytracer.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <utility>

int main(int argc, char** argv) try {
    const auto options = lesson::raytracer::begin(argc, argv);
    lesson::measure::begin();

    pprocess::Queue<lesson::raytracer::Row> rows({.limit = options.limit});
    auto render_row = rows.manage(pprocess::MakeParallel(lesson::raytracer::render_row));
    for (int y = 0; y < options.height; ++y)
        render_row(y);

    lesson::raytracer::Picture picture;
    for (auto& row : rows)
        picture.set(std::move(row));

    picture.save();
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
