// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Break it: a process sends without end.
//
// Nothing has to be done against it. Its channel takes so much and no more; then the process waits until something has
// been received, and this one's memory does not grow by what it has not asked for. When it has seen enough, cancel()
// ends the process, in the middle of sending as it is.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

namespace {

std::atomic<long>* sent = nullptr; // shared with the created process, to see what it does unseen

// Runs in the created process.
void flood(pprocess::Channel& channel) {
    for (long number = 0;; ++number) {
        channel.send(number);
        *sent = number + 1;
    }
}

} // namespace

int main(int argc, char** argv) try {
    long wanted = 1000;
    std::chrono::milliseconds pause{200};
    lesson::CommandLine line("Takes some numbers from a process that sends them without end.");
    line.number("--wanted", "N", "take N numbers (1000)", wanted, 1, 10'000'000);
    line.number("--pause", "MS", "then look away for MS milliseconds (200)", pause, 0, 60'000);
    line.read(argc, argv);
    sent = lesson::measure::shared<std::atomic<long>>();

    pprocess::Queue<long> numbers({.continuous = true});
    numbers.start(flood);
    for (long k = 0; k < wanted; ++k)
        if (numbers.next() != k)
            std::printf("A number is missing before %ld.\n", k);

    std::this_thread::sleep_for(pause); // time enough for millions
    const long ahead = *sent - wanted;
    numbers.cancel();
    std::printf("Took %ld numbers, in order. The process got %ld further, then it had to wait, and was ended.\n",
                wanted, ahead);
} catch (const std::exception& error) {
    return lesson::explain(error);
}
