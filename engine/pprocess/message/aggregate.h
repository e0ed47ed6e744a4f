// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <boost/pfr/core.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

/// The members of plain aggregates. Boost.PFR takes them apart; counting them is done here, because PFR tries as many
/// initialisers as the type has bits (a `std::array` of a few thousand doubles is enough to exhaust the compiler) and
/// ends in its own errors where a C array or a base class is met.
namespace pprocess::message::detail {

/// Not more than PFR can take apart.
constexpr std::size_t most_members = 100;

template <typename T>
using Anything = std::conditional_t<std::is_copy_constructible_v<T>, boost::pfr::detail::ubiq_lref_constructor,
                                    boost::pfr::detail::ubiq_rref_constructor>;

template <typename T, typename Before, typename After>
struct Braces;

template <typename T, std::size_t... Before, std::size_t... After>
struct Braces<T, std::index_sequence<Before...>, std::index_sequence<After...>> {
    static constexpr bool flat = requires { T{Anything<T>{Before}...}; };
    /// With one initialiser that is itself a pair in braces.
    static constexpr bool with_pair = requires {
        T{Anything<T>{Before}..., {Anything<T>{0}, Anything<T>{1}}, Anything<T>{After}...};
    };
};

template <typename T, std::size_t Count>
constexpr bool takes = Braces<T, std::make_index_sequence<Count>, std::index_sequence<>>::flat;

template <typename T, std::size_t Before, std::size_t After>
constexpr bool takes_pair = Braces<T, std::make_index_sequence<Before>, std::make_index_sequence<After>>::with_pair;

/// The largest number of initialisers that `T` takes. Upwards, as the first numbers fail only while members without a
/// default lack theirs, and a single initialiser may just be a copy of the whole.
template <typename T, std::size_t Count = 1, std::size_t Best = 0>
consteval std::size_t count_initialisers() {
    if constexpr (std::is_empty_v<T> || Count > std::min(sizeof(T), most_members + 1)) {
        return Best;
    } else if constexpr (takes<T, Count>) {
        return count_initialisers<T, Count + 1, Count>();
    } else if constexpr (Best > 1 || takes<T, 0>) {
        return Best;
    } else {
        return count_initialisers<T, Count + 1, Best>();
    }
}

template <typename T>
struct AnyBaseOf {
    template <typename Base>
    requires(std::is_base_of_v<Base, T> && !std::same_as<Base, T>) operator Base&&() const;
};

template <typename T>
concept HasBase = requires {
    T{AnyBaseOf<T>{}};
};

/// Can two initialisers in braces stand at `Index` with any number, up to `After`, of others behind them?
template <typename T, std::size_t Index, std::size_t After>
consteval bool takes_pair_before_at_most() {
    if constexpr (takes_pair<T, Index, After>)
        return true;
    else if constexpr (After == 0)
        return false;
    else
        return takes_pair_before_at_most<T, Index, After - 1>();
}

/// Without braces an array takes as many initialisers as it has elements. Braces around two of them make them one
/// member's; where that leaves no room for all the others, they would have been the same member's.
template <typename T, std::size_t Count, std::size_t Index = 0>
consteval bool has_c_array() {
    if constexpr (Index + 2 > Count) {
        return false;
    } else if constexpr (!takes_pair<T, Index, Count - Index - 1> &&
                         takes_pair_before_at_most<T, Index, Count - Index - 2>()) {
        return true;
    } else {
        return has_c_array<T, Count, Index + 1>();
    }
}

template <typename T>
constexpr std::size_t member_count = count_initialisers<T>();

template <typename T, std::size_t... Index>
consteval bool takes_values(std::index_sequence<Index...>) {
    return requires {
        T{boost::pfr::detail::ubiq_rref_constructor{Index}...};
    };
}

/// Is there a member that a mere value cannot initialise? Asked only of types that may have one, since a member that is
/// a reference takes assignment away from the whole. A reference to const passes for a value.
template <typename T>
consteval bool has_reference() {
    if constexpr (std::is_copy_assignable_v<T> || std::is_move_assignable_v<T>)
        return false;
    else
        return !takes_values<T>(std::make_index_sequence<member_count<T>>{});
}

template <typename T>
auto tie_members(T& value) {
    return boost::pfr::detail::tie_as_tuple(value, boost::pfr::detail::size_t_<member_count<std::remove_const_t<T>>>{});
}

template <typename... Types>
struct TypeList {};

template <typename Tied>
struct TiedTypes;

template <typename... Members>
struct TiedTypes<boost::pfr::detail::sequence_tuple::tuple<Members&...>> {
    using Type = TypeList<std::remove_cv_t<Members>...>;
};

/// The members' types without const.
template <typename T>
using MemberTypes = typename TiedTypes<decltype(tie_members(std::declval<T&>()))>::Type;

/// Calls `visit` with a const reference to each member in turn.
template <typename T, typename Visit>
void for_each_member(const T& value, Visit&& visit) {
    const auto tied = tie_members(value);
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (visit(boost::pfr::detail::sequence_tuple::get<Index>(tied)), ...);
    }
    (std::make_index_sequence<member_count<T>>{});
}

} // namespace pprocess::message::detail
