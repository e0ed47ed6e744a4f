// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <pprocess/message/aggregate.h>

namespace pprocess {
class AnyValue;
}

/// Which C++ types can travel, and as what.
namespace pprocess::message {
namespace detail {

enum class Kind {
    none,
    boolean,
    integer,
    enumeration,
    floating,
    text,
    text_view,    // sent only
    text_pointer, // sent only
    path,
    optional,
    pointer,
    tuple,
    variant,
    duration,
    array,
    sequence,
    set,
    map,
    view, // a range that cannot be filled: sent only
    aggregate,
    any,
    unsupported,
};

/// Why a type cannot travel.
enum class Fault {
    nothing,
    raw_pointer,
    member_pointer,
    function,
    reference,
    c_array,
    aggregate_with_c_array,
    aggregate_with_base,
    aggregate_with_reference,
    aggregate_too_large,
    union_type,
    not_aggregate,
    shared_pointer,
    pointer_with_deleter,
    pointer_to_array,
    view_received,
    integer_too_wide,
    volatile_type,
};

template <typename T, template <typename...> class Template>
constexpr bool is_instance = false;
template <template <typename...> class Template, typename... Arguments>
constexpr bool is_instance<Template<Arguments...>, Template> = true;

template <typename T>
constexpr bool is_std_array = false;
template <typename T, std::size_t Size>
constexpr bool is_std_array<std::array<T, Size>> = true;

template <typename T>
constexpr bool is_char_string = false;
template <typename Allocator>
constexpr bool is_char_string<std::basic_string<char, std::char_traits<char>, Allocator>> = true;

template <typename T>
constexpr bool is_duration = false;
template <typename Rep, typename Period>
constexpr bool is_duration<std::chrono::duration<Rep, Period>> = std::is_arithmetic_v<Rep>;

template <typename T>
concept Range = std::ranges::forward_range<const T> && !std::same_as<std::ranges::range_value_t<const T>, T>;

template <typename T>
concept MapLike = Range<T> && std::default_initializable<T> && requires(T container) {
    typename T::key_type;
    typename T::mapped_type;
    container.emplace(std::declval<typename T::key_type>(), std::declval<typename T::mapped_type>());
};

template <typename T>
concept SetLike = Range<T> && std::default_initializable<T> && requires(T container) {
    typename T::key_type;
    container.insert(std::declval<typename T::key_type>());
};

template <typename T>
concept GrowsAtBack = requires(T container, typename T::value_type value) {
    container.push_back(std::move(value));
};

template <typename T>
concept GrowsAfter = requires(T container, typename T::value_type value) {
    container.insert_after(container.before_begin(), std::move(value));
};

template <typename T>
concept SequenceLike = Range<T> && std::default_initializable<T> &&(GrowsAtBack<T> || GrowsAfter<T>);

template <typename T>
consteval Kind kind_of() {
    if constexpr (std::same_as<T, std::monostate>)
        return Kind::none;
    else if constexpr (std::same_as<T, AnyValue>)
        return Kind::any;
    else if constexpr (std::same_as<T, bool>)
        return Kind::boolean;
    else if constexpr (std::integral<T>)
        return sizeof(T) <= 8 ? Kind::integer : Kind::unsupported;
    else if constexpr (std::is_enum_v<T>)
        return Kind::enumeration;
    else if constexpr (std::floating_point<T>)
        return Kind::floating;
    else if constexpr (is_char_string<T>)
        return Kind::text;
    else if constexpr (std::same_as<T, std::string_view>)
        return Kind::text_view;
    else if constexpr (std::same_as<T, const char*> || std::same_as<T, char*>)
        return Kind::text_pointer;
    else if constexpr (std::is_array_v<T>)
        return std::same_as<std::remove_cv_t<std::remove_extent_t<T>>, char> && std::is_bounded_array_v<T>
                   ? Kind::text_pointer
                   : Kind::unsupported;
    else if constexpr (!std::is_class_v<T>)
        return Kind::unsupported;
    else if constexpr (std::same_as<T, std::filesystem::path>)
        return Kind::path;
    else if constexpr (is_instance<T, std::optional>)
        return Kind::optional;
    else if constexpr (is_instance<T, std::unique_ptr>) {
        using Element = typename T::element_type;
        return std::same_as<T, std::unique_ptr<Element>> && !std::is_void_v<Element> ? Kind::pointer
                                                                                     : Kind::unsupported;
    } else if constexpr (is_instance<T, std::tuple> || is_instance<T, std::pair>)
        return Kind::tuple;
    else if constexpr (is_instance<T, std::variant>)
        return Kind::variant;
    else if constexpr (is_duration<T>)
        return Kind::duration;
    else if constexpr (is_std_array<T>)
        return Kind::array;
    else if constexpr (std::is_aggregate_v<T>)
        return Kind::aggregate;
    else if constexpr (MapLike<T>)
        return Kind::map;
    else if constexpr (SetLike<T>)
        return Kind::set;
    else if constexpr (SequenceLike<T>)
        return Kind::sequence;
    else if constexpr (Range<T>)
        return Kind::view;
    else
        return Kind::unsupported;
}

template <typename T>
constexpr Kind kind = kind_of<T>();

/// Elements that are packed side by side: `long double` has no such form.
template <typename T>
constexpr bool is_number =
    kind<T> == Kind::boolean || kind<T> == Kind::integer ||
    (kind<T> == Kind::enumeration && !std::same_as<T, std::byte>) || std::same_as<T, float> || std::same_as<T, double>;

/// Can a value of this type look like no value at all?
template <typename T>
constexpr bool is_nullable = kind<T> == Kind::none || kind<T> == Kind::optional || kind<T> == Kind::pointer ||
                             kind<T> == Kind::any || std::same_as<T, const char*> || std::same_as<T, char*>;

template <typename T>
consteval Fault fault_of_unsupported() {
    if constexpr (std::is_function_v<T> || std::is_function_v<std::remove_pointer_t<T>>)
        return Fault::function;
    else if constexpr (std::is_pointer_v<T> || std::is_null_pointer_v<T>)
        return Fault::raw_pointer;
    else if constexpr (std::is_member_pointer_v<T>)
        return Fault::member_pointer;
    else if constexpr (std::is_array_v<T>)
        return Fault::c_array;
    else if constexpr (std::is_union_v<T>)
        return Fault::union_type;
    else if constexpr (std::integral<T>)
        return Fault::integer_too_wide;
    else if constexpr (is_instance<T, std::shared_ptr> || is_instance<T, std::weak_ptr>)
        return Fault::shared_pointer;
    else if constexpr (is_instance<T, std::unique_ptr>)
        return std::is_same_v<typename T::deleter_type, std::default_delete<typename T::element_type[]>>
                   ? Fault::pointer_to_array
                   : Fault::pointer_with_deleter;
    else
        return Fault::not_aggregate;
}

template <Fault Why, typename Offender>
struct Verdict {
    static constexpr Fault fault = Why;
    using Type = Offender;
};

using Pass = Verdict<Fault::nothing, void>;

enum class Direction { sent, received };

/// What a template's arguments, or an aggregate's members, are.
template <typename T>
struct ArgumentTypes;
template <template <typename...> class Template, typename... Arguments>
struct ArgumentTypes<Template<Arguments...>> {
    using Type = TypeList<Arguments...>;
};

template <typename T, Direction Way, typename... Seen>
consteval auto examine();

template <Direction Way, typename... Seen, typename... Types>
consteval auto examine_all(TypeList<Types...>) {
    if constexpr (sizeof...(Types) == 0) {
        return Pass{};
    } else {
        return []<typename First, typename... Rest>(TypeList<First, Rest...>) {
            using Own = decltype(examine<First, Way, Seen...>());
            if constexpr (Own::fault != Fault::nothing)
                return Own{};
            else
                return examine_all<Way, Seen...>(TypeList<Rest...>{});
        }(TypeList<Types...>{});
    }
}

template <typename T, Direction Way, typename... Seen>
consteval auto examine_aggregate() {
    if constexpr ((std::same_as<T, Seen> || ...)) {
        return Pass{}; // a recursive type: being examined further out
    } else if constexpr (HasBase<T>) {
        return Verdict<Fault::aggregate_with_base, T>{};
    } else if constexpr (member_count<T> > most_members) {
        return Verdict<Fault::aggregate_too_large, T>{};
    } else if constexpr (member_count<T> == 0 && !std::is_empty_v<T>) {
        return Verdict<Fault::not_aggregate, T>{};
    } else if constexpr (has_reference<T>()) {
        return Verdict<Fault::aggregate_with_reference, T>{};
    } else if constexpr (has_c_array<T, member_count<T>>()) {
        return Verdict<Fault::aggregate_with_c_array, T>{};
    } else {
        return []<typename... Members>(TypeList<Members...> members) {
            if constexpr ((std::is_array_v<Members> || ...))
                return Verdict<Fault::aggregate_with_c_array, T>{};
            else
                return examine_all<Way, T, Seen...>(members);
        }(MemberTypes<T>{});
    }
}

/// The verdict on `T`, naming the innermost type that is at fault. `Seen` are the aggregates around it.
template <typename Given, Direction Way, typename... Seen>
consteval auto examine() {
    using T = std::remove_cv_t<std::conditional_t<Way == Direction::sent, std::remove_reference_t<Given>, Given>>;
    if constexpr (std::is_reference_v<T>) {
        return Verdict<Fault::reference, T>{};
    } else if constexpr (std::is_volatile_v<std::remove_reference_t<Given>>) {
        return Verdict<Fault::volatile_type, Given>{};
    } else {
        constexpr Kind what = kind<T>;
        if constexpr (what == Kind::unsupported) {
            return Verdict<fault_of_unsupported<T>(), T>{};
        } else if constexpr (Way == Direction::received && (what == Kind::text_view || what == Kind::view)) {
            return Verdict<Fault::view_received, T>{};
        } else if constexpr (Way == Direction::received && what == Kind::text_pointer) {
            constexpr Fault why = std::is_array_v<T> ? Fault::c_array : Fault::raw_pointer;
            return Verdict<why, T>{};
        } else if constexpr (what == Kind::enumeration) {
            return Pass{};
        } else if constexpr (what == Kind::pointer) {
            return examine<typename T::element_type, Way, Seen...>();
        } else if constexpr (what == Kind::optional || what == Kind::tuple || what == Kind::variant) {
            return examine_all<Way, Seen...>(typename ArgumentTypes<T>::Type{});
        } else if constexpr (what == Kind::map && Way == Direction::received) {
            return examine_all<Way, Seen...>(TypeList<typename T::key_type, typename T::mapped_type>{});
        } else if constexpr (what == Kind::array || what == Kind::sequence || what == Kind::set || what == Kind::map ||
                             what == Kind::view) {
            return examine<std::ranges::range_value_t<const T>, Way, Seen...>();
        } else if constexpr (what == Kind::aggregate) {
            return examine_aggregate<T, Way, Seen...>();
        } else {
            return Pass{};
        }
    }
}

template <typename T, Direction Way>
using VerdictOn = decltype(examine<T, Way>());

/// Fails to compile with a sentence for the fault; the compiler names `Offender` and `Within` beside it.
template <Fault Why, typename Offender, typename Within>
struct CannotTravel {
#define PPROCESS_FAULT(fault, text)                                                                                    \
    static_assert(Why != Fault::fault, "pprocess: a value of this type cannot travel between processes: " text         \
                                       " (the types named after CannotTravel: what is at fault, what it is part of)")
    PPROCESS_FAULT(raw_pointer,
                   "a pointer means nothing in another process. Send what it points at, or a std::unique_ptr");
    PPROCESS_FAULT(member_pointer, "a pointer to a member means nothing in another process");
    PPROCESS_FAULT(function, "a function cannot be sent. Give it to start or to an exchange instead");
    PPROCESS_FAULT(reference, "a reference cannot be received. Receive the value itself");
    PPROCESS_FAULT(c_array, "a C array is no value. Use std::array");
    PPROCESS_FAULT(aggregate_with_c_array,
                   "an aggregate with a C array as member cannot be taken apart. Use std::array");
    PPROCESS_FAULT(aggregate_with_base, "an aggregate with a base class cannot be taken apart. Make the base a member");
    PPROCESS_FAULT(aggregate_with_reference, "a reference as member means nothing in another process. Use a value");
    PPROCESS_FAULT(aggregate_too_large, "an aggregate may have at most 100 members");
    PPROCESS_FAULT(union_type, "nobody knows which member of a union is the one. Use std::variant");
    PPROCESS_FAULT(not_aggregate,
                   "it is neither a type of the standard library that is known here nor a plain aggregate "
                   "(one without constructors, private members and virtual functions)");
    PPROCESS_FAULT(shared_pointer, "an object cannot be shared between processes. Send a std::unique_ptr or the value");
    PPROCESS_FAULT(pointer_with_deleter,
                   "of the owning pointers only std::unique_ptr with the standard deleter travels");
    PPROCESS_FAULT(pointer_to_array, "a pointer to an array does not know its length. Use std::vector");
    PPROCESS_FAULT(view_received,
                   "a view owns nothing, so it can be sent but not received. Receive std::string or a container");
    PPROCESS_FAULT(integer_too_wide, "integers have at most 64 bits");
    PPROCESS_FAULT(volatile_type, "it is volatile");
#undef PPROCESS_FAULT
    static constexpr bool checked = true;
};

template <typename Within>
struct CannotTravel<Fault::nothing, void, Within> {
    static constexpr bool checked = true;
};

template <typename T, Direction Way>
constexpr bool explain = CannotTravel<VerdictOn<T, Way>::fault, typename VerdictOn<T, Way>::Type, T>::checked;

} // namespace detail

/// A value of this type can be sent.
template <typename T>
concept Sendable = detail::VerdictOn<T, detail::Direction::sent>::fault == detail::Fault::nothing;

/// A value of this type can be received.
template <typename T>
concept Receivable = detail::VerdictOn<T, detail::Direction::received>::fault == detail::Fault::nothing;

/// A value of this type can be sent and received.
template <typename T>
concept Transferable = Sendable<T> && Receivable<T>;

} // namespace pprocess::message
