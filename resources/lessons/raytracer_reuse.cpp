// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A picture by a few processes that draw many rows each.
//
// A row takes some milliseconds, which is not so much more than a new process; kept processes draw the same rows with
// less around them. The picture stays the same to the last bit: each row has random numbers of its own, made from its
// number, whichever process draws it and whatever that one drew before.

#include "lesson.h"
#include "raytracer.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <utility>

int main(int argc, char** argv) try {
    const auto options = lesson::raytracer::begin(argc, argv);
    lesson::measure::begin();

    pprocess::Queue<lesson::raytracer::Row> rows({.limit = options.limit, .reuse = true});
    auto render_row = rows.manage(pprocess::MakeReusable(lesson::raytracer::render_row));
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
