// SPDX-License-Identifier: LGPL-3.0-or-later
//
// create(): one more process, and a conversation with it over one channel.
//
// This is all there is under exchanges, maps and queues. As with fork(), the program goes on twice; the process id of
// the channel tells who one is. One process answers one question at a time, so this is no faster than no process at
// all: for that it takes several at once, and something that watches them all (see two_way).

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <vector>

int main(int argc, char** argv) try {
    const int N = lesson::begin(argc, argv).size;

    pprocess::Channel channel = pprocess::create();
    if (channel.pid() == 0) {
        // Only the created process comes here. It answers until there is no more question.
        while (const auto question = channel.receive<lesson::Question>())
            channel.send(lesson::calculate(question->first, question->second));
        pprocess::exit(channel);
    }

    std::vector<int> results;
    for (int i = 0; i < N; ++i) {
        for (int j = 0; j < N; ++j) {
            channel.send(lesson::Question({i, j}));
            results.push_back(channel.receive<int>());
        }
    }
    channel.send(lesson::Question());
    channel.wait(); // until the process has ended

    lesson::print_grid(results);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
