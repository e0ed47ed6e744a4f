// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <pprocess/channel/channel.h>
#include <pprocess/launch/calls.h>
#include <pprocess/launch/fork.h>

namespace pprocess {

/// Makes a function that returns its result into one that sends it over a channel: a callable for `start` and
/// exchanges.
template <typename Function>
class MakeParallel {
public:
    /// `function` is any callable, a lambda with captures too.
    explicit MakeParallel(Function function) : function_(std::move(function)) {}

    /// Calls the function in the created process and sends what it returns; `std::monostate` for nothing.
    template <typename... Args>
    void operator()(Channel& channel, Args&&... args) {
        detail::call_and_send(channel, function_, std::forward<Args>(args)...);
    }

    /// What the wrapped function gives for these arguments.
    template <typename... Args>
    using result_t = detail::value_of_t<std::invoke_result_t<Function&, Args...>>;

    /// The wrapped function.
    [[nodiscard]] const Function& wrapped() const noexcept { return function_; }

private:
    [[no_unique_address]] Function function_;
};
/// From any callable.
template <typename Function>
MakeParallel(Function) -> MakeParallel<std::decay_t<Function>>;

/// As `MakeParallel`, and the process stays for more: after each result it receives a further set of arguments, and
/// ends when an empty one comes. An exception takes the place of its call's result only.
template <typename Function>
class MakeReusable {
public:
    /// `function` is any callable, a lambda with captures too.
    explicit MakeReusable(Function function) : function_(std::move(function)) {}

    /// Calls the function with these arguments, then with every further set that comes.
    template <typename... Args>
    void operator()(Channel& channel, Args&&... args) {
        call(channel, std::forward<Args>(args)...);
        for (;;) {
            std::optional<std::tuple<detail::wire_t<Args>...>> next;
            try {
                next = channel.receive<decltype(next)>();
            } catch (const ChannelClosed&) {
                return;
            }
            if (!next)
                return;
            std::apply([&](auto&&... further) { call(channel, std::forward<decltype(further)>(further)...); },
                       std::move(*next));
        }
    }

    /// What the wrapped function gives for these arguments.
    template <typename... Args>
    using result_t = detail::value_of_t<std::invoke_result_t<Function&, Args...>>;

    /// The wrapped function.
    [[nodiscard]] const Function& wrapped() const noexcept { return function_; }

private:
    template <typename... Args>
    void call(Channel& channel, Args&&... args) {
        try {
            detail::call_and_send(channel, function_, std::forward<Args>(args)...);
        } catch (const ChannelClosed&) {
            throw;
        } catch (...) {
            launch::tell_failure(channel, false);
        }
    }

    [[no_unique_address]] Function function_;
};
/// From any callable.
template <typename Function>
MakeReusable(Function) -> MakeReusable<std::decay_t<Function>>;

namespace detail {
template <typename T>
struct ExpectsMore : std::false_type {};
template <typename Function>
struct ExpectsMore<MakeReusable<Function>> : std::true_type {};

/// Does it tell observers when it begins a task and when that has returned?
template <typename T>
struct TellsOfItsTasks : std::false_type {};
template <typename Function>
struct TellsOfItsTasks<MakeReusable<Function>> : std::true_type {};
template <typename Function>
struct TellsOfItsTasks<MakeParallel<Function>> : std::true_type {};

template <typename T>
struct EndsAfterOneResult : std::false_type {};
template <typename Function>
struct EndsAfterOneResult<MakeParallel<Function>> : std::true_type {};
} // namespace detail

} // namespace pprocess
