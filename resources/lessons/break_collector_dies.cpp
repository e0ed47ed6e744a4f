// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Break it: the one who collects dies half-way.
//
// A background process keeps each result until it knows that a collector has received it. So a collector may be killed
// at any moment: the next one gets all that the first has not had, and nothing that it has.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace {

std::atomic<int>* received = nullptr; // by the first collector; shared with it, as it cannot tell any more

// Runs in the background process.
void send_all(pprocess::Channel& channel, int count) {
    for (int number = 0; number < count; ++number)
        channel.send(number);
}

// Runs in a process of its own.
void collect_some(pprocess::Channel&, const std::filesystem::path& address, int enough) {
    pprocess::Channel results = pprocess::connect_persistent(address);
    while (results.receive<int>() == *received && ++*received < enough) {
    }
    ::kill(::getpid(), SIGKILL); // as if someone else had
}

} // namespace

int main(int argc, char** argv) try {
    int results = 10;
    std::string folder = ".";
    lesson::CommandLine line("Collects results twice: the first collector is killed when it has half of them.");
    line.number("--results", "N", "have N results (10)", results, 2, 1'000'000);
    line.text("--folder", "FOLDER", "put the address there (.)", folder);
    line.read(argc, argv);
    const auto address = std::filesystem::path(folder) / "break_collector_dies.socket";
    received = lesson::measure::shared<std::atomic<int>>();

    pprocess::BackgroundCallable send(address, send_all);
    send(results);

    pprocess::Channel first = pprocess::start(collect_some, address, results / 2);
    const auto status = first.wait();
    std::printf("The first collector received the results from 0 to %d, then it %s.\n", *received - 1,
                status.to_string().c_str());

    pprocess::BackgroundQueue<int> rest(address, {.continuous = true});
    int expected = *received;
    for (const int number : rest)
        if (number != expected++)
            std::printf("Result %d came instead of %d.\n", number, expected - 1);
    std::printf("The second received those from %d to %d. That makes %d of %d.\n", received->load(), expected - 1,
                expected, results);
} catch (const std::exception& error) {
    return lesson::explain(error);
}
