// SPDX-License-Identifier: LGPL-3.0-or-later
//
// create() on an exchange: the work stays in the middle of the loops, yet each pass runs in a process of its own.
//
// As with fork(), the program goes on twice: in the creating process, which gets nothing and turns to the next pass,
// and in the created one, which gets its channel, does the work, sends the result and must end there. When the limit is
// reached, create() first stores results until a process has ended.

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

} // namespace

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);
    const int N = options.size;

    Grid grid(N, options.limit);
    for (int i = 0; i < N; ++i) {
        for (int j = 0; j < N; ++j) {
            if (auto channel = grid.create()) {
                // Only the created process comes here. Without exit() it would go on with the loops.
                lesson::work(i, j);
                channel->send(lesson::Cell{i, j, i * N + j});
                pprocess::exit(*channel);
            }
        }
    }
    grid.finish(); // the last processes are still at work

    lesson::print_grid(grid.results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
