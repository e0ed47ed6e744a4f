// SPDX-License-Identifier: LGPL-3.0-or-later
//
// One queue for many background processes: whichever has its result gives it.
//
// With --start a background process is begun for each row and the program leaves. With --reconnect a queue is connected
// to all their addresses; rows that are ready come at once and the others when they are, in no particular order. With
// neither option the program does both.

#include "rows.h"

#include <exception>
#include <string>
#include <vector>

int main(int argc, char** argv) try {
    bool start = false;
    bool reconnect = false;
    std::string folder = ".";
    lesson::CommandLine line("Works out a grid of numbers with a background process for each row.");
    line.flag("--start", "begin the work, and leave", start);
    line.flag("--reconnect", "collect the rows, with the same --size as at the start", reconnect);
    line.text("--folder", "FOLDER", "put the addresses there (.)", folder);
    const int N = lesson::begin(argc, argv, line).size;

    if (start || !reconnect) {
        // Without a limit: nothing would start what still waits for its turn when this program has left.
        pprocess::PersistentExchange exchange;
        for (int i = 0; i < N; ++i) {
            auto calculate =
                exchange.manage(lesson::address_of_row(folder, i), pprocess::MakeParallel(lesson::calculate_row));
            calculate(i);
        }
    } // the exchange ends here, its processes do not

    if (reconnect || !start) {
        pprocess::PersistentQueue<lesson::Row> queue;
        for (int i = 0; i < N; ++i)
            queue.connect(lesson::address_of_row(folder, i));

        std::vector<std::vector<int>> rows(N);
        for (const lesson::Row& row : queue)
            rows[row.i] = row.values;
        for (const auto& row : rows)
            lesson::print_grid(row);
    }
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
