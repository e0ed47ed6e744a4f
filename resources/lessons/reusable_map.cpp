// SPDX-License-Identifier: LGPL-3.0-or-later
//
// reuse: a process that has answered gets the next call, instead of ending.
//
// Worth it where making a process takes long compared with one task. There are never more processes than the limit
// allows, however many calls. MakeReusable waits for further parameters where MakeParallel would return; nothing else
// differs from managed_map. Whatever a call leaves behind in its process, the next one there will find.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    pprocess::Map<int> results({.limit = options.limit, .reuse = true});
    auto calculate = results.manage(pprocess::MakeReusable(lesson::calculate));

    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            calculate(i, j);

    lesson::print_grid(results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
