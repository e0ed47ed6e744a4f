// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <pprocess/launch/calls.h>
#include <pprocess/launch/fork.h>
#include <pprocess/message/type_name.h>
#include <pprocess/version.h>

namespace pprocess {

/// A task cannot be run: its library cannot be used, or has no task of that name. Reaches whoever asked for it as
/// `RemoteError` of this type, with what to do about it in the text.
class TaskUnavailable : public Error {
public:
    using Error::Error;
};

/// One parameter of a task. A value.
struct TaskParameter {
    std::string name; ///< as given to PPROCESS_TASK
    /// The type that has to be sent for it, as in the source: "double", "std::vector<int>".
    std::string type;
};

/// What a task says of itself. A value.
struct TaskDescription {
    /// As spelled where it was registered: "area", "geo::area", "sum<int>".
    std::string name;
    std::string description;               ///< as given to PPROCESS_TASK
    std::vector<TaskParameter> parameters; ///< in order, without a channel
    /// The type of the value that it sends: "double"; "void" for a task without result, which sends `std::monostate`.
    std::string result;
};

namespace launch {

/// The binary interface between a task library and the process that loads it: tables of plain C types that the library
/// fills in. Whatever the library's tasks do they do with the library's own copy of the engine, on a bare descriptor.
///
/// To be raised by one when the structs below, the frames or the messages change.
inline constexpr std::uint32_t task_interface = 1;

/// Texts end with a zero byte and stay where they are.
struct TaskEntry {
    const TaskEntry* next;                              ///< the task registered before it; null: none
    const char* name;                                   ///< as spelled in the macro
    const char* description;                            ///< what it does
    const char* file;                                   ///< where it was registered
    std::int32_t line;                                  ///< and in which line
    std::uint32_t parameter_count;                      ///< without a channel
    const char* const* parameter_names;                 ///< so many
    const char* (*parameter_type)(std::uint32_t index); ///< the type that has to be sent
    const char* (*result_type)();                       ///< the type that comes back, or words for it
    /// Which function it is, to compare with.
    void (*function)();
    /// A worker's whole life: takes sets of arguments from the socket, which it owns, and answers each with a result:
    /// one, or (`stays`) until an empty set comes. Ends the process.
    void (*run)(int socket, bool stays);
};

/// The tasks of one program or shared object. The first two members stay what they are in every version.
struct TaskTable {
    std::uint32_t interface; ///< `task_interface` where the library was built
    const char* version;     ///< of the library's engine
    const TaskEntry* first;  ///< the one registered last; null: none
};

/// The entry of the table with this name; null when there is none.
const TaskEntry* find_task(const TaskTable& table, std::string_view name);
/// The entry for this function; null when there is none.
const TaskEntry* find_task(const TaskTable& table, void (*function)());
/// The name under which this function is registered. Throws `std::invalid_argument` when it is not.
std::string registered_name(const TaskTable& table, void (*function)());
/// In order of registration.
std::vector<TaskDescription> describe_tasks(const TaskTable& table);
/// What is wrong with the table, in words for a person: two tasks of one name. Empty when nothing is.
std::string problem_of(const TaskTable& table);
/// Throws `TypeMismatch` for arguments that are not those of the task, which the text names with its parameters.
[[noreturn]] void refuse_arguments(const TaskEntry& entry, const TypeMismatch& mismatch);

namespace detail {

// Hidden, so that a program and each library that it loads have one of their own, whatever else they share.
[[gnu::visibility("hidden")]] inline constinit TaskTable own_tasks{task_interface, version.data(), nullptr};

template <std::size_t Given, std::size_t Needed>
struct NamesOfParameters {
    static_assert(Given >= Needed, "PPROCESS_TASK: a parameter of the function has no name. After the description goes "
                                   "one name for each parameter, in order (NamesOfParameters<given, needed>)");
    static_assert(Given <= Needed,
                  "PPROCESS_TASK: more names than the function has parameters. After the description goes one name for "
                  "each parameter, in order (NamesOfParameters<given, needed>)");
    static constexpr bool checked = true;
};

/// What the machine needs to know of a task's parameters and result.
template <bool TakesChannel, typename Result, typename... Parameters>
struct TaskSignature {
    using Arguments = std::tuple<pprocess::detail::wire_t<Parameters>...>;
    static constexpr bool takes_channel = TakesChannel;
    static constexpr std::size_t count = sizeof...(Parameters);

    static_assert(
        (message::detail::explain<pprocess::detail::wire_t<Parameters>, message::detail::Direction::received> && ...));
    static_assert(TakesChannel ||
                  message::detail::explain<pprocess::detail::value_of_t<Result>, message::detail::Direction::sent>);
    static_assert((std::is_convertible_v<pprocess::detail::wire_t<Parameters>&&, Parameters> && ...),
                  "PPROCESS_TASK: a parameter of this function cannot be given a value that came from another process. "
                  "Take values, const references or std::string_view; neither references to change nor const char*");

    static const char* parameter_type(std::uint32_t index) {
        static const std::array<std::string, count> names{
            message::type_name<pprocess::detail::wire_t<Parameters>>()...};
        return names.at(index).c_str();
    }
    static const char* result_type() {
        static const std::string name = TakesChannel ? "values on its channel"
                                        : std::is_void_v<Result>
                                            ? "void"
                                            : message::type_name<pprocess::detail::value_of_t<Result>>();
        return name.c_str();
    }
};

template <typename Type>
struct SignatureOf {
    static_assert(!std::is_same_v<Type, Type>,
                  "PPROCESS_TASK: only a function can be registered (of a template, one instance: sum<int>)");
};
template <typename Result, typename... Parameters>
struct SignatureOf<Result (*)(Parameters...)> : TaskSignature<false, Result, Parameters...> {};
template <typename Result, typename... Parameters>
struct SignatureOf<Result (*)(Channel&, Parameters...)> : TaskSignature<true, Result, Parameters...> {};
template <typename Result, typename... Parameters>
struct SignatureOf<Result (*)(Parameters...) noexcept> : SignatureOf<Result (*)(Parameters...)> {};

/// Registers a function in the table of its program or shared object.
template <auto Function>
class __attribute__((visibility("hidden"))) TaskRegistration {
public:
    template <typename... Names>
    TaskRegistration(const char* name, const char* description, const char* file, int line, const Names&... names) {
        static_assert(NamesOfParameters<sizeof...(Names), Signature::count>::checked);
        static_assert((std::is_convertible_v<const Names&, const char*> && ...),
                      "PPROCESS_TASK: the names of the parameters are string literals");
        // A function registered by a header that several files include is one task.
        const auto function = reinterpret_cast<void (*)()>(Function);
        if (const TaskEntry* same = find_task(own_tasks, function); same && std::string_view(same->name) == name)
            return;
        names_ = {names..., nullptr};
        entry_ = {own_tasks.first,
                  name,
                  description,
                  file,
                  line,
                  static_cast<std::uint32_t>(Signature::count),
                  names_.data(),
                  Signature::parameter_type,
                  Signature::result_type,
                  function,
                  run};
        own_tasks.first = &entry_;
    }
    TaskRegistration(const TaskRegistration&) = delete;
    TaskRegistration& operator=(const TaskRegistration&) = delete;

private:
    using Signature = SignatureOf<decltype(Function)>;
    using Arguments = typename Signature::Arguments;

    static void run(int socket, bool stays) {
        Channel channel{os::Fd(socket), os::Process()};
        run_and_exit(channel, [stays](Channel& own) {
            if (Signature::takes_channel || !stays) {
                answer(own, receive<Arguments>(own));
            } else {
                answer_all(own);
            }
        });
    }

    static void answer_all(Channel& channel) {
        for (;;) {
            try {
                auto next = receive<std::optional<Arguments>>(channel);
                if (!next)
                    return;
                answer(channel, std::move(*next));
            } catch (const ChannelClosed&) {
                return; // the owner wants no more
            } catch (...) {
                tell_failure(channel, false);
            }
        }
    }

    template <typename T>
    static T receive(Channel& channel) {
        try {
            return channel.receive<T>();
        } catch (const TypeMismatch& mismatch) {
            refuse_arguments(*find_task(own_tasks, reinterpret_cast<void (*)()>(Function)), mismatch);
        }
    }

    static void answer(Channel& channel, Arguments arguments) {
        std::apply(
            [&](auto&... values) {
                auto function = Function;
                if constexpr (Signature::takes_channel)
                    std::invoke(function, channel, std::move(values)...);
                else
                    pprocess::detail::call_and_send(channel, function, std::move(values)...);
            },
            arguments);
    }

    std::array<const char*, Signature::count + 1> names_{};
    TaskEntry entry_{};
};

} // namespace detail
} // namespace launch
} // namespace pprocess

/// By this name the table of a loaded library is found.
extern "C" __attribute__((visibility("default"), used)) inline const pprocess::launch::TaskTable*
pprocess_task_table() {
    return &pprocess::launch::detail::own_tasks;
}

#define PPROCESS_TASK_JOIN_2(one, other) one##other
#define PPROCESS_TASK_JOIN(one, other) PPROCESS_TASK_JOIN_2(one, other)

/// Registers a function as a task of the program or shared object (a task library) that it is compiled into:
///
///     double area(double width, double height);
///     PPROCESS_TASK(area, "the area of a rectangle", "width", "height");
///
/// Stands at namespace scope, once for a function, with a name for each parameter; the types of parameters and result
/// must be such as can be sent. The task's name is the function's as it is spelled here. An instance of a template with
/// a comma in it goes into parentheses: `PPROCESS_TASK((pack<int, char>), ...)`. A function whose first parameter is a
/// `pprocess::Channel&`, which needs no name here, gets the worker's own channel there and sends whatever it likes.
///
/// Two tasks of one name in one program or library are refused when they are asked for.
///
/// The semicolon may be left out.
#define PPROCESS_TASK(function, description, ...)                                                                      \
    [[maybe_unused]] static const ::pprocess::launch::detail::TaskRegistration<function> PPROCESS_TASK_JOIN(           \
        pprocess_task_, __COUNTER__)(#function, description, __FILE__, __LINE__ __VA_OPT__(, ) __VA_ARGS__);           \
    extern "C++" {}
