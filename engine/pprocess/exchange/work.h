// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>

#include <pprocess/exchange/callables.h>
#include <pprocess/launch/fork.h>

namespace pprocess {

/// One task as an exchange sees it: how a process comes to work on it. Kept until its outcome is known, so that it can be started again.
class Work {
public:
    /// Tasks of one key can follow each other in one process.
    struct Key {
        std::type_index type = typeid(void);
        const void* function = nullptr;
        friend bool operator==(const Key&, const Key&) = default;
    };

    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;

    /// Makes a process that works on this task. Never waits.
    virtual Channel launch() = 0;
    /// Can a process that finished another task of the same key take this one?
    [[nodiscard]] virtual bool is_reusable() const { return false; }
    [[nodiscard]] virtual Key key() const { return {}; }
    /// Gives this task to such a process. Never waits.
    virtual void hand_over(Channel&) {}
};

/// A function and its arguments, run in a forked process.
template <typename Function, typename... Args>
class CallableWork final : public Work {
public:
    template <typename F, typename... As>
    explicit CallableWork(F&& function, As&&... args)
        : function_(std::forward<F>(function)), args_(std::forward<As>(args)...) {}

    Channel launch() override {
        Channel channel = create();
        if (channel.pid() != 0) return channel;
        launch::run_and_exit(channel, [this](Channel& own) {
            std::apply([&](Args&... args) { std::invoke(function_, own, std::move(args)...); }, args_);
        });
    }

    [[nodiscard]] bool is_reusable() const override { return can_travel && !detail::EndsAfterOneResult<Function>::value; }

    [[nodiscard]] Key key() const override {
        Key key{typeid(CallableWork), nullptr};
        if constexpr (std::is_pointer_v<Function>) key.function = reinterpret_cast<const void*>(function_);
        return key;
    }

    void hand_over(Channel& channel) override {
        // An optional that holds a value travels as the value.
        if constexpr (can_travel) channel.post(args_);
    }

private:
    static constexpr bool can_travel = (message::Transferable<Args> && ...);

    Function function_;
    std::tuple<Args...> args_;
};

}  // namespace pprocess
