// SPDX-License-Identifier: LGPL-3.0-or-later
//
// start() on an exchange: a function that knows its channel.
//
// It takes the channel as its first parameter and may send and receive what it likes (see two_way), where MakeParallel
// would send the one value that a function returns.

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

// Runs in the created process. What it sends counts; the process ends when it returns.
void calculate(pprocess::Channel& channel, int i, int j) {
    channel.send(lesson::Cell{i, j, lesson::calculate(i, j)});
}

} // namespace

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    Grid grid(N, options.limit);
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j)
            grid.start(calculate, i, j);
    grid.finish(); // runs the calls put aside while the limit was reached, and stores all results

    lesson::print_grid(grid.results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
