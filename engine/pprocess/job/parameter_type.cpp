// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/parameter_type.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include <pprocess/message/duration.h>

namespace pprocess::job::typed {

namespace {

using Json = nlohmann::ordered_json;

constexpr int deepest_type = 16;

template <typename T>
consteval ElementKind element_of() {
    return message::detail::element_kind<T>();
}

struct Scalar {
    std::string_view name;
    Form form;
    ElementKind element;
    bool wide = false;
};

constexpr Scalar scalars[] = {
    {"bool", Form::boolean, ElementKind::BOOLEAN},
    {"char", Form::integer, element_of<char>()},
    {"signed char", Form::integer, ElementKind::INT8},
    {"unsigned char", Form::integer, ElementKind::UINT8},
    {"std::byte", Form::integer, ElementKind::UINT8},
    {"char8_t", Form::integer, ElementKind::UINT8},
    {"char16_t", Form::integer, ElementKind::UINT16},
    {"char32_t", Form::integer, ElementKind::UINT32},
    {"wchar_t", Form::integer, element_of<wchar_t>()},
    {"short", Form::integer, ElementKind::INT16},
    {"unsigned short", Form::integer, ElementKind::UINT16},
    {"int", Form::integer, ElementKind::INT32},
    {"unsigned int", Form::integer, ElementKind::UINT32},
    {"unsigned", Form::integer, ElementKind::UINT32},
    {"long", Form::integer, element_of<long>()},
    {"unsigned long", Form::integer, element_of<unsigned long>()},
    {"long long", Form::integer, ElementKind::INT64},
    {"unsigned long long", Form::integer, ElementKind::UINT64},
    {"float", Form::floating, ElementKind::FLOAT32},
    {"double", Form::floating, ElementKind::FLOAT64},
    {"long double", Form::floating, ElementKind::FLOAT64, true},
};

constexpr Unit units[] = {
    {"std::chrono::nanoseconds", "ns", 1, 1'000'000'000},
    {"std::chrono::microseconds", "us", 1, 1'000'000},
    {"", "µs", 1, 1'000'000},
    {"std::chrono::milliseconds", "ms", 1, 1000},
    {"std::chrono::seconds", "s", 1, 1},
    {"std::chrono::minutes", "min", 60, 1},
    {"std::chrono::hours", "h", 3600, 1},
    {"", "d", 86400, 1},
};

/// The form of a template of which arguments are values, and how many of those it takes (0: any number).
std::pair<Form, std::size_t> form_of_template(std::string_view name) {
    if (name == "std::vector" || name == "std::list" || name == "std::deque" || name == "std::forward_list")
        return {Form::list, 1};
    if (name == "std::set" || name == "std::unordered_set" || name == "std::multiset" ||
        name == "std::unordered_multiset")
        return {Form::set, 1};
    if (name == "std::map" || name == "std::unordered_map" || name == "std::multimap" ||
        name == "std::unordered_multimap")
        return {Form::map, 2};
    if (name == "std::optional" || name == "std::unique_ptr")
        return {Form::optional, 1};
    if (name == "std::pair")
        return {Form::tuple, 2};
    if (name == "std::tuple")
        return {Form::tuple, 0};
    if (name == "std::variant")
        return {Form::variant, 0};
    return {Form::other, 0};
}

Type parse_at(std::string_view text, int depth);

/// "std::ratio<1, 1000>"; false when it is none.
bool parse_ratio(std::string_view text, Type& type) {
    if (!text.starts_with("std::ratio<") || !text.ends_with(">"))
        return false;
    const auto terms = split(text.substr(11, text.size() - 12));
    const auto numerator = terms.empty() ? std::nullopt : number_from<std::int64_t>(terms[0]);
    const auto denominator = terms.size() > 1 ? number_from<std::int64_t>(terms[1]) : 1;
    if (!numerator || !denominator || *numerator <= 0 || *denominator <= 0)
        return false;
    type.numerator = *numerator;
    type.denominator = *denominator;
    return true;
}

void parse_template(Type& type, std::string_view name, const std::vector<std::string_view>& arguments, int depth) {
    if (name == "std::chrono::duration" && !arguments.empty()) {
        type.inner = {parse_at(arguments[0], depth + 1)};
        const bool number = type.inner[0].form == Form::integer || type.inner[0].form == Form::floating;
        if (number && (arguments.size() == 1 || parse_ratio(arguments[1], type)))
            type.form = Form::duration;
        return;
    }
    if (name == "std::array" && arguments.size() == 2) {
        type.length = number_from<std::size_t>(arguments[1]);
        type.form = type.length ? Form::list : Form::other;
        type.inner = {parse_at(arguments[0], depth + 1)};
    } else {
        const auto [form, count] = form_of_template(name);
        if (form == Form::other || arguments.size() < count)
            return;
        type.form = form;
        type.unique = name.find("multi") == std::string_view::npos;
        for (std::size_t index = 0; index < (count == 0 ? arguments.size() : count); ++index)
            type.inner.push_back(parse_at(arguments[index], depth + 1));
    }
    if (type.form == Form::list && type.inner[0].name == "std::byte")
        type.form = Form::bytes;
}

Type parse_at(std::string_view text, int depth) {
    text = trimmed(text);
    if (text.ends_with(" const")) // as a demangled name has it
        text = trimmed(text.substr(0, text.size() - 6));
    if (text.starts_with("const "))
        text = trimmed(text.substr(6));
    Type type;
    type.name = text;
    for (const Scalar& scalar : scalars) {
        if (text == scalar.name) {
            type.form = scalar.form;
            type.element = scalar.element;
            type.wide = scalar.wide;
            return type;
        }
    }
    for (const Unit& unit : units) {
        if (text == unit.type) {
            type.form = Form::duration;
            type.inner = {parse_at("long", depth + 1)};
            type.numerator = unit.numerator;
            type.denominator = unit.denominator;
            return type;
        }
    }
    if (text == "std::string" || text == "std::string_view")
        type.form = Form::text;
    else if (text == "std::filesystem::path")
        type.form = Form::path;
    else if (text == "std::monostate" || text == "void")
        type.form = Form::none;
    else if (const auto open = text.find('<');
             open != std::string_view::npos && text.ends_with(">") && depth < deepest_type)
        parse_template(type, text.substr(0, open), split(text.substr(open + 1, text.size() - open - 2)), depth);
    return type;
}

template <typename T>
constexpr IntegerRange range_of = {static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                                   static_cast<std::uint64_t>(std::numeric_limits<T>::max()), 8 * sizeof(T)};

} // namespace

Type parse_type(std::string_view text) {
    return parse_at(text, 0);
}

std::span<const Unit> all_units() {
    return units;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> pieces;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        depth += text[at] == '<' ? 1 : text[at] == '>' ? -1 : 0;
        if (text[at] == ',' && depth == 0) {
            pieces.push_back(trimmed(text.substr(begin, at - begin)));
            begin = at + 1;
        }
    }
    if (!trimmed(text).empty())
        pieces.push_back(trimmed(text.substr(begin)));
    return pieces;
}

bool is_number(const Type& type) {
    return type.form == Form::boolean || type.form == Form::integer || (type.form == Form::floating && !type.wide);
}

IntegerRange range(ElementKind kind) {
    switch (kind) {
    case ElementKind::INT8:
        return range_of<std::int8_t>;
    case ElementKind::INT16:
        return range_of<std::int16_t>;
    case ElementKind::INT32:
        return range_of<std::int32_t>;
    case ElementKind::UINT8:
        return range_of<std::uint8_t>;
    case ElementKind::UINT16:
        return range_of<std::uint16_t>;
    case ElementKind::UINT32:
        return range_of<std::uint32_t>;
    case ElementKind::UINT64:
        return range_of<std::uint64_t>;
    default:
        return range_of<std::int64_t>;
    }
}

namespace {

std::string many_words(const Type& type) {
    switch (type.form) {
    case Form::boolean:
        return "truth values";
    case Form::integer:
        return type.element == ElementKind::UINT8 || type.element == ElementKind::INT8
                   ? "whole numbers, each " + std::to_string(range(type.element).least) + " to " +
                         std::to_string(range(type.element).most)
                   : "whole numbers";
    case Form::floating:
        return "numbers";
    case Form::text:
        return "texts";
    case Form::path:
        return "paths";
    case Form::duration:
        return "durations";
    default:
        return "values, each " + words(type);
    }
}

} // namespace

std::string words(const Type& type) {
    switch (type.form) {
    case Form::none:
        return "nothing";
    case Form::boolean:
        return "true or false";
    case Form::integer: {
        const auto [least, most, bits] = range(type.element);
        if (bits == 64)
            return least == 0 ? "a whole number, 0 or more" : "a whole number";
        return "a whole number, " + std::to_string(least) + " to " + std::to_string(most);
    }
    case Form::floating:
        return "a number";
    case Form::text:
        return "a text";
    case Form::path:
        return "the path of a file or folder";
    case Form::bytes:
        return type.length ? "a text of " + std::to_string(*type.length) + " bytes" : "a text, taken as bytes";
    case Form::list:
        return "a list of " + (type.length ? std::to_string(*type.length) + " " : std::string()) +
               many_words(type.inner[0]);
    case Form::set:
        return "a list of " + many_words(type.inner[0]) + (type.unique ? ", none of them twice" : "");
    case Form::map:
        return type.inner[0].form == Form::text
                   ? "names, each with " + words(type.inner[1])
                   : "a list of pairs of " + words(type.inner[0]) + " and " + words(type.inner[1]);
    case Form::tuple: {
        std::string text = type.inner.empty() ? "an empty list" : "a list of";
        for (std::size_t index = 0; index < type.inner.size(); ++index)
            text += (index == 0 ? " " : index + 1 == type.inner.size() ? " and " : ", ") + words(type.inner[index]);
        return text;
    }
    case Form::optional:
        return words(type.inner[0]) + ", or nothing";
    case Form::variant: {
        std::string text;
        for (const Type& alternative : type.inner)
            text += (text.empty() ? "" : ", or ") + words(alternative);
        return text;
    }
    case Form::duration:
        return "a duration";
    case Form::other:
        break;
    }
    return "a value of the type " + type.name + ", as JSON";
}

std::string json_example(const Type& type) {
    const auto list = [](const std::vector<std::string>& elements) {
        std::string text;
        for (const std::string& element : elements)
            text += (text.empty() ? "" : ", ") + element;
        return '[' + text + ']';
    };
    switch (type.form) {
    case Form::none:
        return "null";
    case Form::text:
    case Form::path:
    case Form::bytes:
    case Form::duration:
        return '"' + plain_example(type) + '"';
    case Form::list:
        return list(std::vector<std::string>(type.length.value_or(1), json_example(type.inner[0])));
    case Form::set:
        return list({json_example(type.inner[0])});
    case Form::map:
        return type.inner[0].form == Form::text
                   ? "{\"name\": " + json_example(type.inner[1]) + "}"
                   : list({list({json_example(type.inner[0]), json_example(type.inner[1])})});
    case Form::tuple: {
        std::vector<std::string> members;
        for (const Type& member : type.inner)
            members.push_back(json_example(member));
        return list(members);
    }
    case Form::optional:
        return json_example(type.inner[0]);
    case Form::variant:
        return type.inner.empty() ? "null" : json_example(type.inner[0]);
    default:
        return plain_example(type);
    }
}

std::string plain_example(const Type& type) {
    switch (type.form) {
    case Form::none:
        return "";
    case Form::boolean:
        return "true";
    case Form::integer:
    case Form::other:
        return "1";
    case Form::floating:
        return "1.5";
    case Form::text:
        return "text";
    case Form::path:
        return "/tmp/file";
    case Form::bytes:
        return type.length ? std::string(*type.length, 'x') : "text";
    case Form::list:
        if (type.inner[0].form == Form::integer && !type.length)
            return "1, 2, 3";
        if (type.inner[0].form == Form::floating && !type.length)
            return "1, 2.5, 3";
        return json_example(type);
    case Form::optional:
        return plain_example(type.inner[0]);
    case Form::variant:
        return type.inner.empty() ? "" : plain_example(type.inner[0]);
    case Form::duration:
        if (type.inner[0].form == Form::floating)
            return "1.5s";
        for (const Unit& unit : units)
            if (unit.numerator == type.numerator && unit.denominator == type.denominator)
                return (unit.denominator == 1 ? "30" : "100") + std::string(unit.name);
        return std::to_string(type.numerator) + "s";
    default:
        return json_example(type);
    }
}

// --- values ---

} // namespace pprocess::job::typed
