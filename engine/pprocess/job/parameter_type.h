// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pprocess/message/any_value.h>

/// What is known of the types of tasks' parameters from their spelling: for `value_from_text` and the words beside a
/// field.
namespace pprocess::job::typed {

/// Of packed numbers.
using ElementKind = AnyValue::ElementKind;

/// How a value of a parameter's type is written and travels.
enum class Form {
    none,     ///< no value
    boolean,  ///< true or false
    integer,  ///< a whole number
    floating, ///< a floating-point number
    text,     ///< any bytes
    path,     ///< a path
    bytes,    ///< a byte buffer
    list,     ///< a sequence
    set,      ///< a set
    map,      ///< a map
    tuple,    ///< a tuple or pair
    optional, ///< a value or none
    variant,  ///< one of several
    duration, ///< a number of units
    other,    ///< a type that nobody here knows: an enum or a struct of the library
};

/// A parameter's type, taken apart. A value.
struct Type {
    Form form = Form::other;                    ///< how it is written
    std::string name;                           ///< as in the source
    std::vector<Type> inner = {};               ///< its arguments that are types of values
    ElementKind element = ElementKind::FLOAT64; ///< of a number
    bool wide = false;                          ///< long double
    bool unique = false;                        ///< of a set or a map: no key twice
    std::optional<std::size_t> length = {};     ///< of an array
    std::int64_t numerator = 1;                 ///< of a duration's unit in seconds
    std::int64_t denominator = 1;               ///< likewise
};

/// A unit in which durations are written.
struct Unit {
    std::string_view type;    ///< the duration whose unit it is; empty: none
    std::string_view name;    ///< "ms"
    std::int64_t numerator;   ///< so many
    std::int64_t denominator; ///< of a second
};

/// Which integers a kind of number holds.
struct IntegerRange {
    std::int64_t least; ///< the least
    std::uint64_t most; ///< the greatest
    int bits;           ///< its width
};

/// Takes a spelling apart as `TaskParameter::type` has it. What is not known is `Form::other`.
Type parse_type(std::string_view text);
/// Is it of those that lists keep packed?
bool is_number(const Type& type);
/// The range of an integer.
IntegerRange range(ElementKind kind);
/// All units, the smallest first.
std::span<const Unit> all_units();
/// "a whole number, 0 to 255".
std::string words(const Type& type);
/// A text that is valid for the type.
std::string plain_example(const Type& type);
/// The same within a list, as JSON.
std::string json_example(const Type& type);

/// Without blanks at either end.
std::string_view trimmed(std::string_view text);
/// What stands between the outermost commas, without blanks around it.
std::vector<std::string_view> split(std::string_view text);
/// The whole text as a number; empty when it is none.
template <typename Number>
std::optional<Number> number_from(std::string_view text) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-')
        text.remove_prefix(1);
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace pprocess::job::typed
