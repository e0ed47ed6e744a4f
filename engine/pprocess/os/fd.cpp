// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/fd.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <initializer_list>
#include <iostream>
#include <mutex>
#include <vector>

#include <pprocess/os/observer.h>

namespace pprocess::os {

namespace {

unsigned current_generation = 1;

/// The numbers of all descriptors that an `Fd` of this generation owns.
class Registry {
public:
    std::mutex mutex;

    void insert(int number) {
        const auto index = static_cast<std::size_t>(number);
        if (owned_.size() <= index)
            owned_.resize(index + 64, false);
        owned_[index] = true;
    }
    void erase(int number) { owned_[static_cast<std::size_t>(number)] = false; }

    void close_all_but(const std::vector<int>& keep) {
        for (std::size_t index = 0; index < owned_.size(); ++index) {
            if (!owned_[index] || std::find(keep.begin(), keep.end(), static_cast<int>(index)) != keep.end())
                continue;
            ::close(static_cast<int>(index));
            owned_[index] = false;
        }
    }

private:
    std::vector<bool> owned_;
};

Registry& registry() {
    // Never destroyed: objects with static storage may still close descriptors while the program ends.
    static auto* instance = new Registry;
    return *instance;
}

/// Where a standard stream is closed, the next descriptor gets its number, and what the program or one of its children
/// prints would go into a channel. With no other number to be had it stays as it is: then nothing more can be opened
/// that it could be mistaken for.
int clear_of_standard_streams(int number) {
    if (number < 0 || number > STDERR_FILENO)
        return number;
    const int error = errno;
    const int other = ::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (other >= 0)
        ::close(number);
    errno = error;
    return other >= 0 ? other : number;
}

} // namespace

unsigned generation() noexcept {
    return current_generation;
}

Fd::Fd(int number) : number_(clear_of_standard_streams(number)), generation_(current_generation) {
    if (number_ < 0)
        return;
    const std::lock_guard lock(registry().mutex);
    registry().insert(number_);
}

int Fd::get() const noexcept {
    return generation_ == current_generation ? number_ : -1;
}

void Fd::reset() noexcept {
    const int number = release();
    if (number >= 0)
        ::close(number); // never again on EINTR: Linux has freed the number by then
}

int Fd::release() noexcept {
    const int number = get();
    number_ = -1;
    if (number >= 0) {
        const std::lock_guard lock(registry().mutex);
        registry().erase(number);
    }
    return number;
}

int fork_process(std::initializer_list<Fd*> keep) {
    std::fflush(nullptr);
    std::cout.flush();
    std::clog.flush();

    std::vector<int> numbers;
    for (const Fd* fd : keep)
        numbers.push_back(fd->get());

    // A signal that comes often, as a profiler's does, would make the system begin the copy of a large process again
    // and again.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    std::unique_lock lock(registry().mutex);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const int pid = ::fork();
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid == 0) {
        registry().close_all_but(numbers);
        ++current_generation;
        lock.unlock();
        leave_observer_of_creator();
        std::size_t next = 0;
        for (Fd* fd : keep) {
            *fd = Fd(); // of the old generation: forgets the number without closing it
            *fd = Fd(numbers[next++]);
        }
    }
    errno = error;
    return pid;
}

} // namespace pprocess::os
