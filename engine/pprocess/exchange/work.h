// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>

#include <pprocess/exchange/callables.h>
#include <pprocess/launch/fork.h>

namespace pprocess {

/// One task as an exchange sees it: how a process comes to work on it. Kept until its outcome is known, so that it can
/// be started again.
class Work {
public:
    /// Tasks of one key can follow each other in one process: they call the same function with arguments of the same
    /// types.
    struct Key {
        std::type_index type = typeid(void);  ///< of the task with its function and arguments
        std::shared_ptr<const void> function; ///< the function that is called
        /// Are two functions of this type known to be the same although they are two objects?
        bool (*same)(const void*, const void*) = nullptr;

        friend bool operator==(const Key& one, const Key& other) {
            return one.type == other.type &&
                   (one.function == other.function || (one.same && one.same(one.function.get(), other.function.get())));
        }
    };

    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;

    /// Makes a process that works on this task. Never waits.
    virtual Channel launch() = 0;
    /// The same for a process that is to be used again: the channel says then, if it can, how many further tasks the
    /// process has taken up (`Channel::taken_by_peer`).
    virtual Channel launch_for_reuse() { return launch(); }
    /// Can a process that finished another task of the same key take this one?
    [[nodiscard]] virtual bool is_reusable() const { return false; }
    /// Does its process wait for further tasks, and so has to be told when there are none?
    [[nodiscard]] virtual bool expects_more() const { return false; }
    /// What the task is given, on one short line, for those who watch; empty where that cannot be said or where it
    /// travels as a message, which says it.
    [[nodiscard]] virtual std::string arguments_text() const { return {}; }
    /// By which tasks are told apart that can follow each other in one process.
    [[nodiscard]] virtual Key key() const { return {}; }
    /// Gives this task to such a process. Never waits. Throws what is wrong with the task, or `ChannelClosed`.
    virtual void hand_over(Channel&) {}
};

namespace detail {

/// Do two functions of one type do the same? True for types without state, and for those that are copied as bytes when
/// the bytes are equal; what cannot be compared counts as different (`Exchange::manage` keeps one function for all
/// calls).
template <typename Function>
bool is_same_function(const void* one, const void* other) {
    if constexpr (std::is_empty_v<Function>) {
        return true;
    } else if constexpr (std::is_trivially_copyable_v<Function>) {
        return std::memcmp(one, other, sizeof(Function)) == 0;
    } else {
        return one == other;
    }
}

} // namespace detail

/// A function and its arguments, run in a forked process. The function may be shared by many tasks.
template <typename Function, typename... Args>
class CallableWork final : public Work {
public:
    /// Arguments are copied or moved here.
    template <typename... As>
    explicit CallableWork(std::shared_ptr<Function> function, As&&... args)
        : function_(std::move(function)),
          args_(std::forward<As>(args)...) {}

    Channel launch() override { return launch_counting({}); }
    Channel launch_for_reuse() override { return launch_counting(os::SharedCounter::make()); }

    [[nodiscard]] bool is_reusable() const override {
        return can_travel && !detail::EndsAfterOneResult<Function>::value;
    }

    [[nodiscard]] bool expects_more() const override { return detail::ExpectsMore<Function>::value; }

    /// The function and the types of the arguments.
    [[nodiscard]] Key key() const override {
        return {typeid(CallableWork), function_, detail::is_same_function<Function>};
    }

    [[nodiscard]] std::string arguments_text() const override {
        if constexpr (can_travel && sizeof...(Args) > 0)
            return text_of(args_);
        else
            return {};
    }

    void hand_over(Channel& channel) override {
        // An optional that holds a value travels as the value.
        if constexpr (can_travel)
            channel.post(args_);
    }

private:
    static std::string text_of(const std::tuple<Args...>& args) {
        constexpr std::size_t longest = 120;
        capnp::MallocMessageBuilder builder;
        const auto value = builder.initRoot<schema::Value>();
        message::encode(args, value, {.borrow_from = 4096});
        return message::preview(value.asReader(), longest);
    }

    static constexpr bool can_travel = (message::Transferable<Args> && ...);

    Channel launch_counting(os::SharedCounter counter) {
        Channel channel = create();
        if (channel.pid() != 0) {
            channel.watch_takings(std::move(counter));
            return channel;
        }
        if (counter.exists())
            channel.count_takings(std::move(counter));
        launch::run_and_exit(channel, [this](Channel& own) {
            const detail::TaskTold told(own, !detail::TellsOfItsTasks<Function>::value);
            std::apply([&](Args&... args) { std::invoke(*function_, own, std::move(args)...); }, args_);
        });
    }

    std::shared_ptr<Function> function_;
    std::tuple<Args...> args_;
};

} // namespace pprocess

// The specialisations for tasks of a fork server: to be known wherever the template is.
#include <pprocess/exchange/task_work.h>
