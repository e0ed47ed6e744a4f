// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What both lessons about many background processes share: each of those works out one row of the grid, with processes
// of its own, and has an address of its own.
#pragma once

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <filesystem>
#include <string>
#include <vector>

namespace lesson {

/// One background process's result.
struct Row {
    int i = 0;
    std::vector<int> values;
};

// Runs in a background process. However many of those there are, each has no more than two processes at once.
inline Row calculate_row(int i) {
    pprocess::Queue<Cell> queue({.limit = 2});
    auto calculate = queue.manage(pprocess::MakeParallel([](int row, int j) {
        return Cell{row, j, lesson::calculate(row, j)};
    }));
    for (int j = 0; j < options.size; ++j)
        calculate(i, j);

    Row row{i, std::vector<int>(options.size)};
    for (const Cell& cell : queue)
        row.values[cell.j] = cell.value;
    return row;
}

inline std::filesystem::path address_of_row(const std::filesystem::path& folder, int i) {
    return folder / ("row-" + std::to_string(i) + ".socket");
}

} // namespace lesson
