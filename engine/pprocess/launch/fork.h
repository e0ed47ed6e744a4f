// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <pprocess/channel/channel.h>

namespace pprocess {

/// Makes a new process, a copy of this one, that goes on from here as well, as fork does: there the channel's `pid()`
/// is 0. The new process ends with `pprocess::exit`, by a signal when this one ends, and has none of the library's
/// descriptors but its own channel. Throws `SystemError` when the system allows no more processes or files, or when
/// this process has more than one thread: a copy of it could wait for ever for a lock that a vanished thread holds. Use
/// `ForkServer` there, or, knowing better, `ForkDespiteThreads`.
[[nodiscard]] Channel create();

/// Ends a created process: writes out its standard streams, closes the channel and exits without running what the
/// creating process registered for its own end. So does `std::exit` there, and a return from `main`.
[[noreturn]] void exit(Channel& channel, int status = 0);

/// While such an object lives, the thread that made it may create processes although the process has other threads.
///
/// The danger is the caller's to rule out: a lock that another thread holds at that moment (of memory allocation,
/// standard streams, any library) stays locked for ever in the created process. And a process made by a thread ends
/// when that thread ends, not when the program does. `ForkServer` has neither trouble.
class ForkDespiteThreads {
public:
    ForkDespiteThreads() noexcept;
    ~ForkDespiteThreads();
    ForkDespiteThreads(const ForkDespiteThreads&) = delete;
    ForkDespiteThreads& operator=(const ForkDespiteThreads&) = delete;
};

namespace launch {

/// Throws `SystemError` when this process has more than one thread, unless a `ForkDespiteThreads` allows it.
void require_single_thread();

/// For a process just forked: when it ends by `std::exit`, what was registered for the end of its creator does not run
/// here as well. What it registers itself does.
void keep_end_of_creator_apart();

/// For a process just forked: tells observers that it runs. `channel`: the id of the one to its creator.
void tell_running(std::uint64_t channel) noexcept;

/// Puts memory aside, for telling of an exception when there is none left. For a process just forked.
void keep_reserve() noexcept;

/// Reports the exception that is being handled to the creator; `final`: this process ends with it. A failure that is
/// not final and cannot be told ends the process, whose creator would wait for it for ever.
void tell_failure(Channel& channel, bool final) noexcept;

/// Runs `body` as a created process's whole life: an exception that leaves it goes to the creator as `RemoteError`.
template <typename Body>
[[noreturn]] void run_and_exit(Channel& channel, Body&& body) {
    keep_reserve();
    int status = 0;
    try {
        std::forward<Body>(body)(channel);
    } catch (...) {
        tell_failure(channel, true);
        status = 1;
    }
    pprocess::exit(channel, status);
}

} // namespace launch

/// Runs `fn(channel, args...)` in a new process and returns this side's channel at once. What `fn` returns is ignored;
/// an exception that leaves it arrives here as `RemoteError`. Throws as `create`.
template <typename Function, typename... Args>
[[nodiscard]] Channel start(Function&& fn, Args&&... args) {
    static_assert(std::is_invocable_v<Function&, Channel&, Args...>,
                  "pprocess::start: the function must take pprocess::Channel& first and then the given arguments");
    Channel channel = create();
    if (channel.pid() != 0)
        return channel;
    launch::run_and_exit(channel, [&](Channel& own) { std::invoke(fn, own, std::forward<Args>(args)...); });
}

/// Waits until every process that this one has created through the library has ended. It takes nothing from their
/// channels, so a process that waits for its creator to receive keeps this waiting.
void wait_all();

} // namespace pprocess
