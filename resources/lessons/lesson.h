// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What all lessons share: their options, the work that has to be done and the grid they print, so that each program
// shows nothing but its own pattern.
#pragma once

#include "command_line.h"
#include "measure.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace lesson {

struct Options {
    int size = 10;                        // the grid has `size` rows of `size` numbers, each a task of its own
    std::chrono::milliseconds delay{100}; // what one task takes
    std::size_t limit = 10;               // most processes at once
    bool uneven = false;                  // one task in four takes four times the delay, the others none
};

/// A result that says where in the grid it belongs, for patterns that give results in order of arrival.
struct Cell {
    int i = 0;
    int j = 0;
    int value = 0;
};

/// A place in the grid to be worked out, or nothing: there is no more to do.
using Question = std::optional<std::pair<int, int>>;

// Filled by begin(), before there is any other process: each process starts with a copy.
inline Options options;

/// Reads the options of the grid, and those that `line` has already, and starts the clock.
inline const Options& begin(int argc, char** argv,
                            CommandLine line = CommandLine("Works out a grid of numbers, prints it, and the time it "
                                                           "took.")) {
    bool stats = false;
    line.number("--size", "N", "print a grid of N rows of N numbers (10)", options.size, 1, 1000);
    line.number("--delay", "MS", "let each number take MS milliseconds to work out (100)", options.delay, 0, 60'000);
    line.number("--limit", "K", "have at most K processes at once, where the pattern has a limit (10)", options.limit,
                1, 100'000);
    line.flag("--uneven", "let one number in four take four times as long, and the others no time", options.uneven);
    line.flag("--stats", "print what was measured as well, for a program to read", stats);
    line.read(argc, argv);
    measure::begin(stats ? options.size * options.size : 0);
    return options;
}

/// Takes the time that the options say for one number, or one of several equal parts of it.
inline void take_time(int i, int j, int parts = 1) {
    const bool heavy = i % 2 == 0 && j % 2 == 0;
    std::this_thread::sleep_for(std::chrono::microseconds(options.delay) * (options.uneven ? (heavy ? 4 : 0) : 1) /
                                parts);
}

/// Stands for real work.
inline void work(int i, int j) {
    const measure::Task task(i * options.size + j);
    take_time(i, j);
}

/// What every lesson has to work out, for each place of the grid.
inline int calculate(int i, int j) {
    work(i, j);
    return i * options.size + j;
}

/// Prints the next number of the grid, at once: rows grow before one's eyes where results come one by one.
inline void print(int value) {
    static int printed = 0;
    measure::result();
    const int width = static_cast<int>(std::to_string(options.size * options.size - 1).size());
    const bool row_ends = ++printed % options.size == 0;
    std::printf("%*d%c", width, value, row_ends ? '\n' : ' ');
    std::fflush(stdout);
}

template <typename Numbers>
void print_grid(Numbers&& numbers) {
    for (const int value : numbers)
        print(value);
}

/// Prints the time since begin().
inline void print_time() {
    std::printf("Time taken: %.3f s\n", std::chrono::duration<double>(measure::now()).count());
    measure::report();
}

/// Ends a lesson that cannot go on, and says why. By then its exchanges have ended their processes. Also reached by a
/// process made by create() whose work failed: its creator will find it dead.
inline int explain(const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    if (::getpid() != measure::lesson_pid)
        std::_Exit(1);
    return 1;
}

} // namespace lesson
