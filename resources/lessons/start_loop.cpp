// SPDX-License-Identifier: LGPL-3.0-or-later
//
// start(): a function that runs in one more process, and a conversation with it over one channel.
//
// As create_loop, but what the created process does stands in a function of its own, and it cannot go astray in code
// that is meant for the other: when the function returns, the process ends.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <vector>

namespace {

// Runs in the created process. It answers until there is no more question.
void answer(pprocess::Channel& channel) {
    while (const auto question = channel.receive<lesson::Question>())
        channel.send(lesson::calculate(question->first, question->second));
}

} // namespace

int main(int argc, char** argv) try {
    const int N = lesson::begin(argc, argv).size;

    pprocess::Channel channel = pprocess::start(answer);

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
