// SPDX-License-Identifier: LGPL-3.0-or-later
//
// manage() with addresses: each call runs in a background process, and this program stays for the results.
//
// As managed_exchange, but should this program be ended before all results are there, none is lost: the processes go
// on, and whoever connects to their addresses gets what has not been received (see persistent_queue --reconnect, which
// knows the same addresses). Each process works out a row and has a queue of its own for that.

#include "rows.h"

#include <cstddef>
#include <exception>
#include <string>
#include <vector>

namespace {

class Grid : public pprocess::PersistentExchange {
public:
    Grid(int size, std::size_t limit) : PersistentExchange({.limit = limit}), rows(size) {}

    std::vector<std::vector<int>> rows;

protected:
    void store_data(pprocess::Channel& channel) override {
        const auto row = channel.receive<lesson::Row>();
        rows[row.i] = row.values;
    }
};

} // namespace

int main(int argc, char** argv) try {
    std::string folder = ".";
    lesson::CommandLine line("Works out a grid of numbers with a background process for each row.");
    line.text("--folder", "FOLDER", "put the addresses there (.)", folder);
    const auto options = lesson::begin(argc, argv, line);

    Grid grid(options.size, options.limit);
    for (int i = 0; i < options.size; ++i) {
        auto calculate = grid.manage(lesson::address_of_row(folder, i), pprocess::MakeParallel(lesson::calculate_row));
        calculate(i);
    }
    grid.finish();

    for (const auto& row : grid.rows)
        lesson::print_grid(row);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
