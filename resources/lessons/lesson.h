// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What all lessons share: their options, the work that has to be done and the grid they print, so that each program
// shows nothing but its own pattern.
#pragma once

#include "measure.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
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

inline constexpr const char* usage = R"(Options of every lesson:
  --size N    print a grid of N rows of N numbers (10)
  --delay MS  let each number take MS milliseconds to work out (100)
  --limit K   have at most K processes at once, where the pattern has a limit (10)
  --uneven    let one number in four take four times as long, and the others no time
  --stats     print what was measured as well, for a program to read
)";

[[noreturn]] inline void refuse(const char* option, const char* wanted, const char* given) {
    std::fprintf(stderr, "%s %s, not '%s'. See --help.\n", option, wanted, given);
    std::exit(2);
}

inline int number(const char* option, const char* text, int least, int most) {
    int value = 0;
    const char* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    if (error != std::errc() || stop != end || value < least || value > most) {
        const std::string wanted = "takes a whole number from " + std::to_string(least) + " to " + std::to_string(most);
        refuse(option, wanted.c_str(), text);
    }
    return value;
}

/// Reads the options and starts the clock.
inline const Options& begin(int argc, char** argv) {
    bool stats = false;
    for (int k = 1; k < argc; ++k) {
        const std::string option = argv[k];
        const auto next = [&](int least, int most) {
            return number(argv[k], k + 1 < argc ? argv[k + 1] : "", least, most);
        };
        if (option == "--size")
            options.size = next(1, 1000), ++k;
        else if (option == "--delay")
            options.delay = std::chrono::milliseconds(next(0, 60'000)), ++k;
        else if (option == "--limit")
            options.limit = static_cast<std::size_t>(next(1, 100'000)), ++k;
        else if (option == "--uneven")
            options.uneven = true;
        else if (option == "--stats")
            stats = true;
        else if (option == "--help")
            std::fputs(usage, stdout), std::exit(0);
        else
            refuse("The options", "are --size, --delay, --limit, --uneven, --stats", argv[k]);
    }
    measure::begin(stats ? options.size * options.size : 0);
    return options;
}

/// Stands for real work: takes the time that the options say.
inline void work(int i, int j) {
    const measure::Task task(i * options.size + j);
    const bool heavy = i % 2 == 0 && j % 2 == 0;
    std::this_thread::sleep_for(options.delay * (options.uneven ? (heavy ? 4 : 0) : 1));
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
