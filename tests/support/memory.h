// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>

/// KiB that a process has in memory.
inline std::int64_t resident(pid_t pid = ::getpid()) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
    std::int64_t size = 0;
    std::int64_t pages = 0;
    file >> size >> pages;
    return pages * ::sysconf(_SC_PAGESIZE) / 1024;
}

/// Does that say what a program takes? Sanitizers keep what was freed for a while, to see who still uses it, and take
/// several times as much themselves.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_memory_measured = false;
#else
constexpr bool is_memory_measured = true;
#endif
