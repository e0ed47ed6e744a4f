// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <type_traits>
#include <utility>

#include <pprocess/background/options.h>
#include <pprocess/channel/channel.h>
#include <pprocess/exchange/callables.h>
#include <pprocess/launch/fork.h>

namespace pprocess {

/// Makes a background process that goes on from here as well, as `create` does: there the channel's `pid()` is 0, and
/// what it sends is kept until a collector has received it. It has a session of its own and no terminal, reads nothing
/// from standard input, and outlives this process. It ends with `pprocess::exit`.
///
/// Here the channel is one more connection to it, as `connect_persistent` makes it, that attaches when something is to
/// be received; until then others may collect. It may be dropped at once.
///
/// From the return of this call the address can be connected to. It is the path of a socket file, of any length, which
/// is removed when everything has been collected. Throws `SystemError`: EADDRINUSE when a live process or another file
/// is there; what the system says about its folder; otherwise as `create`.
[[nodiscard]] Channel create_persistent(const std::filesystem::path& address, const BackgroundOptions& options = {});

namespace background {

/// As `create_persistent`. `tell_no_more`: the process finds an empty optional on its channel, which tells a reusable
/// callable that there are no further arguments.
[[nodiscard]] Channel create_process(const std::filesystem::path& address, const BackgroundOptions& options,
                                     bool tell_no_more);

template <typename Function, typename... Args>
[[nodiscard]] Channel start_process(const std::filesystem::path& address, const BackgroundOptions& options,
                                    Function& fn, Args&&... args) {
    static_assert(
        std::is_invocable_v<Function&, Channel&, Args...>,
        "pprocess: the function of a background process must take pprocess::Channel& first and then the given "
        "arguments (wrap a plain function in MakeParallel)");
    Channel channel = create_process(address, options, detail::ExpectsMore<std::decay_t<Function>>::value);
    if (channel.pid() != 0)
        return channel;
    launch::run_and_exit(channel, [&](Channel& own) { std::invoke(fn, own, std::forward<Args>(args)...); });
}

} // namespace background

/// Runs `fn(channel, args...)` in a background process; otherwise as `create_persistent`. An exception that leaves `fn`
/// is kept as its result.
template <typename Function, typename... Args>
Channel start_persistent(const std::filesystem::path& address, Function&& fn, Args&&... args) {
    return background::start_process(address, {}, fn, std::forward<Args>(args)...);
}

/// Connects to a background process and attaches to it. Its results follow, from the first that nobody has collected;
/// each counts as collected once `receive` has handed it over. `pid()` is the background process; closing the channel
/// leaves it alone, and the next collector gets what is left. Throws `SystemError`: ENOENT or ECONNREFUSED when there
/// is no such process (any more), EBUSY while another collector is attached, EACCES when it is another user's, ENOTSOCK
/// for another kind of file, ETIMEDOUT when it does not answer.
[[nodiscard]] Channel connect_persistent(const std::filesystem::path& address, const ConnectOptions& options = {});

/// Ends a background process: SIGTERM to it and the processes of its group, SIGKILL after half a second, and what it
/// has kept is dropped. Returns when it is gone. Throws as `connect_persistent`, except EBUSY.
void stop_persistent(const std::filesystem::path& address, const ConnectOptions& options = {});

} // namespace pprocess
