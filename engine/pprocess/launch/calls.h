// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <pprocess/channel/channel.h>

/// How a call travels: its arguments as owners, its result as a value.
namespace pprocess::detail {

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

/// Tells observers of a task's beginning and of the moment at which its function has returned or thrown.
class TaskTold {
public:
    /// `tells`: or else whoever is called does it.
    explicit TaskTold(Channel& channel, bool tells = true) noexcept : channel_(channel), told_(!tells) {
        if (tells)
            channel_.tell_task_started();
    }
    TaskTold(const TaskTold&) = delete;
    TaskTold& operator=(const TaskTold&) = delete;
    ~TaskTold() {
        if (!told_)
            channel_.tell_task_returned();
    }
    void returned() const noexcept {
        told_ = true;
        channel_.tell_task_returned();
    }

private:
    Channel& channel_;
    mutable bool told_;
};

template <typename Function, typename... Args>
void call_and_send(Channel& channel, Function& function, Args&&... args) {
    const TaskTold told(channel);
    if constexpr (std::is_void_v<std::invoke_result_t<Function&, Args...>>) {
        std::invoke(function, std::forward<Args>(args)...);
        told.returned();
        channel.send(std::monostate());
    } else {
        const auto& result = std::invoke(function, std::forward<Args>(args)...);
        told.returned();
        channel.send(result);
    }
}

} // namespace pprocess::detail
