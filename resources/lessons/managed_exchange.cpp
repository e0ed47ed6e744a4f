// SPDX-License-Identifier: LGPL-3.0-or-later
//
// manage() on an exchange: a function is called as before, but each call runs in a process of its own.
//
// MakeParallel turns a function that returns its result into one that sends it over a channel; manage() makes of that a
// function that starts a process for each call, or puts the call aside while the limit is reached. It returns at once,
// before there is a result: that is given to store_data() later.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <vector>

namespace {

// An exchange watches all its channels at once and calls store_data() for each on which a message has arrived.
class Grid : public pprocess::Exchange {
public:
    Grid(int size, std::size_t limit) : Exchange({.limit = limit}), results(size * size, -1), size_(size) {}

    std::vector<int> results;

protected:
    void store_data(pprocess::Channel& channel) override {
        const auto cell = channel.receive<lesson::Cell>();
        results[cell.i * size_ + cell.j] = cell.value;
    }

private:
    int size_;
};

// The value alone would not tell which of the many calls it answers.
lesson::Cell locate(int i, int j) {
    return {i, j, lesson::calculate(i, j)};
}

} // namespace

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    Grid grid(N, options.limit);
    auto calculate = grid.manage(pprocess::MakeParallel(locate));

    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            calculate(i, j);
    grid.finish(); // runs the calls put aside, and stores all results

    lesson::print_grid(grid.results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
