// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Start now, collect later: run it once and it begins the work; run it again and it collects what there is.
//
// create_persistent() is to background processes what create() is to others: the program goes on twice, and here one of
// the two leaves at once. The other sends row after row, to nobody at first. Each row is kept until a collector has it,
// so one that comes early gets some rows at once and waits for the others.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace {

// The first run.
void start(const std::filesystem::path& address) {
    pprocess::Channel channel = pprocess::create_persistent(address);
    if (channel.pid() != 0) {
        std::printf("Process %d has begun. Run this program again to collect what it works out.\n", channel.pid());
        return;
    }
    // Only the background process comes here.
    const int N = lesson::options.size;
    for (int i = 0; i < N; ++i) {
        std::vector<int> row;
        for (int j = 0; j < N; ++j)
            row.push_back(lesson::calculate(i, j));
        channel.send(row);
    }
    pprocess::exit(channel);
}

// The second run. The size of the grid was settled by the first.
void collect(const std::filesystem::path& address) {
    pprocess::BackgroundQueue<std::vector<int>> rows(address, {.continuous = true});
    for (const std::vector<int>& row : rows) {
        lesson::options.size = static_cast<int>(row.size());
        lesson::print_grid(row);
    }
    lesson::print_time();
}

} // namespace

int main(int argc, char** argv) try {
    std::string folder = ".";
    lesson::CommandLine line("Begins to work out a grid of numbers in the background; run again, collects it.");
    line.text("--folder", "FOLDER", "put the address there (.)", folder);
    lesson::begin(argc, argv, line);
    const auto address = std::filesystem::path(folder) / "start_now_collect_later.socket";

    if (std::filesystem::exists(address))
        collect(address);
    else
        start(address);
} catch (const std::exception& error) {
    return lesson::explain(error);
}
