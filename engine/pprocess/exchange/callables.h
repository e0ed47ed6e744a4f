// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <pprocess/channel/channel.h>

namespace pprocess {

namespace detail {

/// The type under which an argument travels and is received again: views become owners.
template <typename T>
struct Wire {
    using type = std::decay_t<T>;
};
template <typename T>
requires std::is_convertible_v<std::decay_t<T>, std::string_view> &&
    (!std::is_same_v<std::decay_t<T>, std::string>)&&(std::is_same_v<std::decay_t<T>, std::string_view> ||
                                                      std::is_pointer_v<std::decay_t<T>>)struct Wire<T> {
    using type = std::string;
};
template <typename T>
using wire_t = typename Wire<T>::type;

/// What a call gives as a value: `std::monostate` for void, owners for views.
template <typename Result>
struct ValueOf {
    using type = wire_t<Result>;
};
template <>
struct ValueOf<void> {
    using type = std::monostate;
};
template <typename Result>
using value_of_t = typename ValueOf<Result>::type;

template <typename Function, typename... Args>
void call_and_send(Channel& channel, Function& function, Args&&... args) {
    if constexpr (std::is_void_v<std::invoke_result_t<Function&, Args...>>) {
        std::invoke(function, std::forward<Args>(args)...);
        channel.send(std::monostate());
    } else {
        channel.send(std::invoke(function, std::forward<Args>(args)...));
    }
}

} // namespace detail

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

private:
    template <typename... Args>
    void call(Channel& channel, Args&&... args) {
        try {
            detail::call_and_send(channel, function_, std::forward<Args>(args)...);
        } catch (const ChannelClosed&) {
            throw;
        } catch (...) {
            channel.send_failure(false);
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

template <typename T>
struct EndsAfterOneResult : std::false_type {};
template <typename Function>
struct EndsAfterOneResult<MakeParallel<Function>> : std::true_type {};
} // namespace detail

} // namespace pprocess
