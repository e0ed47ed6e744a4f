// SPDX-License-Identifier: LGPL-3.0-or-later
//
// A pipeline: three stages at work at once, each on the item that the stage before it has finished.
//
// Each stage does a third of the work, so three items are under way at once, yet they stay in order: there is only one
// way through. Nobody has to hold back a quick stage. A channel takes only so much; who sends more waits until the next
// stage has taken some. However slow a stage and however many the items, few of them are under way.
//
// A stage creates the one before it, as nobody else needs to talk to that one.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <cstddef>
#include <exception>
#include <optional>
#include <vector>

namespace {

struct Item {
    int i = 0;
    int j = 0;
    int value = 0;
    std::vector<std::byte> load; // stands for what real items carry: a page, a picture
};

using Next = std::optional<Item>; // nothing: there are no more

constexpr int stages = 3;

// The first stage.
void make(pprocess::Channel& next_stage, std::size_t load) {
    const int N = lesson::options.size;
    for (int i = 0; i < N; ++i) {
        for (int j = 0; j < N; ++j) {
            lesson::measure::began(i * N + j);
            lesson::take_time(i, j, stages);
            next_stage.send(Next(Item{i, j, 0, std::vector<std::byte>(load)}));
        }
    }
    next_stage.send(Next());
}

// The second stage.
void calculate(pprocess::Channel& next_stage, std::size_t load) {
    pprocess::Channel stage_before = pprocess::start(make, load);
    while (Next item = stage_before.receive<Next>()) {
        lesson::take_time(item->i, item->j, stages);
        item->value = item->i * lesson::options.size + item->j;
        next_stage.send(item);
    }
    next_stage.send(Next());
}

} // namespace

int main(int argc, char** argv) try {
    int load = 16;
    bool slow = false;
    lesson::CommandLine line("Works out a grid of numbers in three stages, and prints it.");
    line.number("--load", "KIB", "let each number bring so many KiB along (16)", load, 0, 16'384);
    line.flag("--slow", "let the last stage take ten times as long as the others", slow);
    const int N = lesson::begin(argc, argv, line).size;

    // The last stage is this process.
    pprocess::Channel stage_before = pprocess::start(calculate, static_cast<std::size_t>(load) * 1024);
    while (const Next item = stage_before.receive<Next>()) {
        for (int times = slow ? 10 : 1; times > 0; --times)
            lesson::take_time(item->i, item->j, stages);
        lesson::print(item->value);
        lesson::measure::ended(item->i * N + item->j);
    }
    stage_before.wait();

    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
