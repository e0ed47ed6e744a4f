// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A picture drawn row by row by one process: what the other raytracers are measured by.

#include "lesson.h"
#include "raytracer.h"

#include <exception>

int main(int argc, char** argv) try {
    const auto options = lesson::raytracer::begin(argc, argv);
    lesson::measure::begin();

    lesson::raytracer::Picture picture;
    for (int y = 0; y < options.height; ++y)
        picture.set(lesson::raytracer::render_row(y));

    picture.save();
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
