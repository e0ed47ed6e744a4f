// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <time.h>

#include <chrono>

/// How much of a processor this thread has used. What other programs do beside it is no part of that.
inline std::chrono::nanoseconds thread_time() {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}
