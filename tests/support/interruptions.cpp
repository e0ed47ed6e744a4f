// SPDX-License-Identifier: GPL-3.0-or-later
//
// Linked into every test: with PPROCESS_TEST_INTERRUPTIONS=1 in the environment a signal comes a thousand times a
// second, to the test and to each process that it forks, and no system call is begun again by itself.
//
// SIGURG, which programs that are executed ignore unless they ask for it.

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

bool is_wanted() {
    const char* wish = std::getenv("PPROCESS_TEST_INTERRUPTIONS");
    return wish != nullptr && std::strcmp(wish, "1") == 0;
}

void interrupt_every(long nanoseconds) {
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGURG;
    timer_t timer{};
    const itimerspec often{{0, nanoseconds}, {0, nanoseconds}};
    if (::timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || ::timer_settime(timer, 0, &often, nullptr) != 0)
        std::abort();
}

/// A timer is not inherited by a forked process.
void go_on_in_forked_process() {
    interrupt_every(10'000'000);
}

[[gnu::constructor]] void begin() {
    if (!is_wanted())
        return;
    struct sigaction action {};
    action.sa_handler = [](int) {}; // without SA_RESTART
    ::sigaction(SIGURG, &action, nullptr);
    ::pthread_atfork(nullptr, nullptr, go_on_in_forked_process);
    interrupt_every(1'000'000);
}

} // namespace

/// In a test a process pauses until it is killed, not until the next signal.
extern "C" int pause() {
    for (;;)
        ::poll(nullptr, 0, -1);
}
