// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A background process: one program starts it, another collects the result.
//
// With --start the work is begun and the program ends at once; the work goes on without it, without a terminal, and
// keeps its result. With --reconnect, today or tomorrow and from any shell, the result is collected. What connects the
// two is the address, a file in a folder that both know. With neither option the program does both.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace {

// Runs in the background process, which may well have processes of its own.
std::vector<int> calculate_grid() {
    const int N = lesson::options.size;
    pprocess::Map<int> results({.limit = lesson::options.limit});
    auto calculate = results.manage(pprocess::MakeParallel(lesson::calculate));
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            calculate(i, j);
    return {results.begin(), results.end()};
}

} // namespace

int main(int argc, char** argv) try {
    bool start = false;
    bool reconnect = false;
    std::string folder = ".";
    lesson::CommandLine line("Works out a grid of numbers in the background.");
    line.flag("--start", "begin the work, and leave", start);
    line.flag("--reconnect", "collect the result, with the same --size as at the start", reconnect);
    line.text("--folder", "FOLDER", "put the address there (.)", folder);
    lesson::begin(argc, argv, line);
    const auto address = std::filesystem::path(folder) / "background_queue.socket";

    if (start || !reconnect) {
        pprocess::BackgroundCallable calculate(address, pprocess::MakeParallel(calculate_grid));
        calculate(); // returns at once
    }

    if (reconnect || !start) {
        pprocess::BackgroundQueue<std::vector<int>> queue(address);
        for (const std::vector<int>& grid : queue)
            lesson::print_grid(grid);
    }
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
