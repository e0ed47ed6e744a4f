// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What really happened in a lesson, for --stats. Each task writes down its process and its times in memory that all
// processes share, so that measuring takes no part in the communication that the lesson is about.
#pragma once

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <new>
#include <string>

namespace lesson::measure {

struct Record {
    std::atomic<int> runs; // how often the task was done; 1 if all is well
    pid_t pid;             // of the process that did it
    int processes;         // most processes of the lesson seen alive when the task began and when it ended
    std::int64_t began;    // microseconds since begin()
    std::int64_t ended;
};

inline Record* records = nullptr; // one for each task; null without --stats
inline int tasks = 0;
inline pid_t lesson_pid = 0;
inline std::chrono::steady_clock::time_point start;
inline std::int64_t first_result = -1;

inline std::chrono::steady_clock::duration now() {
    return std::chrono::steady_clock::now() - start;
}

inline std::int64_t microseconds() {
    return std::chrono::duration_cast<std::chrono::microseconds>(now()).count();
}

/// How many children of the lesson live at this moment, from the kernel's own list. Those that have ended and only wait
/// for the lesson to notice do not count. Never more than there were: each was listed before, and alive after, the
/// moment at which the list ended.
inline int live_processes() {
    const std::string task = "/proc/" + std::to_string(lesson_pid) + "/task/" + std::to_string(lesson_pid);
    std::ifstream children(task + "/children");
    std::string list((std::istreambuf_iterator<char>(children)), std::istreambuf_iterator<char>());
    int live = 0;
    for (std::size_t at = 0, end; (end = list.find(' ', at)) != std::string::npos; at = end + 1) {
        std::ifstream file("/proc/" + list.substr(at, end - at) + "/stat");
        std::string line;
        if (!std::getline(file, line))
            continue;
        const char state = line[line.rfind(')') + 2];
        live += state != 'Z' && state != 'X';
    }
    return live;
}

/// Memory, zero at first, that this process and all it will create share.
template <typename T>
T* shared(int count = 1) {
    void* memory = ::mmap(nullptr, sizeof(T) * static_cast<std::size_t>(count), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    return static_cast<T*>(memory);
}

/// Starts the clock, and takes notes of so many tasks.
inline void begin(int task_count = 0) {
    start = std::chrono::steady_clock::now();
    lesson_pid = ::getpid();
    tasks = task_count;
    if (tasks > 0)
        records = shared<Record>(tasks);
}

inline void began(int task) {
    if (!records)
        return;
    ++records[task].runs;
    records[task].pid = ::getpid();
    records[task].began = microseconds();
    records[task].processes = live_processes();
}

inline void ended(int task) {
    if (!records)
        return;
    records[task].ended = microseconds();
    records[task].processes = std::max(records[task].processes, live_processes());
}

/// Lives as long as one task is worked on.
class Task {
public:
    explicit Task(int index) : index_(index) { began(index_); }
    ~Task() { ended(index_); }

    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

private:
    int index_;
};

inline void result() {
    if (first_result < 0)
        first_result = microseconds();
}

inline void report() {
    if (!records)
        return;
    std::printf("lesson pid %d\nfirst_result %lld\n", lesson_pid, static_cast<long long>(first_result));
    for (int k = 0; k < tasks; ++k)
        std::printf("task %d runs %d pid %d began %lld ended %lld processes %d\n", k, records[k].runs.load(),
                    records[k].pid, static_cast<long long>(records[k].began), static_cast<long long>(records[k].ended),
                    records[k].processes);
}

/// A figure that the lesson counted itself.
inline void report(const char* name, int value) {
    if (records)
        std::printf("%s %d\n", name, value);
}

} // namespace lesson::measure
