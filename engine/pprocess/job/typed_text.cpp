// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/typed_text.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <vector>

#include <nlohmann/json.hpp>

#include <pprocess/job/job.h>
#include <pprocess/job/json_text.h>
#include <pprocess/job/parameter_type.h>
#include <pprocess/message/duration.h>

namespace pprocess::job {

namespace {

using Json = nlohmann::ordered_json;
using message::detail::Int128;
using namespace typed;

constexpr int deepest_json = 1000; // the codec takes little more

std::string in_quotes(std::string_view text) {
    constexpr std::size_t most = 60;
    if (trimmed(text).empty())
        return "empty";
    return '"' + printable(to_text(AnyValue(text), most)) + '"';
}

/// What is wrong and, within lists, where.
struct Wrong {
    std::string wanted;
    std::string given;
    std::string where = {};
};

[[noreturn]] void refuse(const Type& type, std::string given) {
    throw Wrong{type.form == Form::duration ? "a duration such as " + plain_example(type) : words(type),
                std::move(given)};
}

/// Calls `make` for what stands at `place`, which an error is to name.
template <typename Make>
AnyValue at(const std::string& place, Make&& make) {
    try {
        return make();
    } catch (Wrong& wrong) {
        wrong.where = place + (wrong.where.empty() ? "" : ", " + wrong.where);
        throw;
    }
}

[[noreturn]] void refuse_integer(const Type& type, std::string given) {
    const auto [least, most, bits] = range(type.element);
    throw Wrong{"a whole number from " + std::to_string(least) + " to " + std::to_string(most), std::move(given)};
}

AnyValue integer_value(const Type& type, std::int64_t value, const std::string& given) {
    const auto [least, most, bits] = range(type.element);
    if (value < least || (value > 0 && static_cast<std::uint64_t>(value) > most))
        refuse_integer(type, given);
    return value;
}

AnyValue integer_from(const Type& type, std::string_view text) {
    const std::string_view digits = trimmed(text);
    if (const auto value = number_from<std::int64_t>(digits))
        return integer_value(type, *value, in_quotes(text));
    if (const auto value = number_from<std::uint64_t>(digits); value && type.element == ElementKind::UINT64)
        return *value;
    refuse_integer(type, in_quotes(text));
}

AnyValue floating_from(const Type& type, std::string_view text) {
    const std::string_view digits = trimmed(text);
    if (type.wide) {
        if (const auto value = number_from<long double>(digits))
            return *value;
    } else if (type.element == ElementKind::FLOAT32) {
        if (const auto value = number_from<float>(digits))
            return *value;
    } else if (const auto value = number_from<double>(digits)) {
        return *value;
    }
    refuse(type, in_quotes(text));
}

AnyValue boolean_from(const Type& type, std::string_view text) {
    const std::string_view word = trimmed(text);
    if (word != "true" && word != "false")
        refuse(type, in_quotes(text));
    return word == "true";
}

/// One number and its unit at the front of `text`, which loses them: `mantissa` / 10^`places` units.
bool take_amount(std::string_view& text, Int128& mantissa, int& places, double& number, const Unit*& unit) {
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return !(c >= '0' && c <= '9') && c != '.'; });
    const std::string_view digits(text.begin(), end);
    const auto value = number_from<double>(digits);
    if (digits.empty() || digits.size() > 25 || !value || std::count(digits.begin(), digits.end(), '.') > 1)
        return false;
    mantissa = 0;
    places = 0;
    for (std::size_t index = 0; index < digits.size(); ++index) {
        if (digits[index] == '.')
            places = static_cast<int>(digits.size() - index - 1);
        else
            mantissa = 10 * mantissa + (digits[index] - '0');
    }
    number = *value;
    text = trimmed({end, text.end()});
    unit = nullptr;
    for (const Unit& candidate : all_units()) {
        if (text.starts_with(candidate.name) && (!unit || candidate.name.size() > unit->name.size()))
            unit = &candidate;
    }
    if (!unit)
        return false;
    text = trimmed(text.substr(unit->name.size()));
    return true;
}

AnyValue duration_from(const Type& type, std::string_view text) {
    std::string_view left = trimmed(text);
    const bool negative = left.starts_with('-');
    if (negative)
        left = trimmed(left.substr(1));
    if (left.empty())
        refuse(type, in_quotes(text));
    const Type& count = type.inner[0];
    Int128 whole = 0;
    double sum = 0;
    while (!left.empty()) {
        Int128 mantissa = 0;
        int places = 0;
        double number = 0;
        const Unit* unit = nullptr;
        if (!take_amount(left, mantissa, places, number, unit))
            refuse(type, in_quotes(text));
        sum += number * static_cast<double>(unit->numerator) / static_cast<double>(unit->denominator);
        if (count.form == Form::floating)
            continue;
        // mantissa / 10^places * unit, in the type's own units
        Int128 over = 0;
        Int128 under = unit->denominator;
        for (; places > 0; --places) {
            if (__builtin_mul_overflow(under, static_cast<Int128>(10), &under))
                refuse(type, in_quotes(text));
        }
        if (__builtin_mul_overflow(mantissa, static_cast<Int128>(unit->numerator), &over) ||
            __builtin_mul_overflow(over, static_cast<Int128>(type.denominator), &over) ||
            __builtin_mul_overflow(under, static_cast<Int128>(type.numerator), &under))
            refuse(type, in_quotes(text));
        if (over % under != 0)
            throw Wrong{"a whole number of " + type.name + ", such as " + plain_example(type), in_quotes(text)};
        if (__builtin_add_overflow(whole, over / under, &whole))
            refuse(type, in_quotes(text));
    }
    AnyValue amount;
    if (count.form == Form::floating) {
        const double seconds = negative ? -sum : sum;
        const double own = seconds / static_cast<double>(type.numerator) * static_cast<double>(type.denominator);
        amount =
            count.element == ElementKind::FLOAT32 && !count.wide ? AnyValue(static_cast<float>(own)) : AnyValue(own);
    } else {
        const IntegerRange limits = range(count.element);
        whole = negative ? -whole : whole;
        if (whole < limits.least || whole > static_cast<Int128>(limits.most))
            refuse(type, in_quotes(text));
        amount = whole < 0 ? AnyValue(static_cast<std::int64_t>(whole)) : AnyValue(static_cast<std::uint64_t>(whole));
    }
    return AnyValue::duration(std::move(amount), type.numerator, type.denominator);
}

AnyValue bytes_value(const Type& type, std::string_view text) {
    if (type.length && text.size() != *type.length)
        refuse(type, std::to_string(text.size()) + " bytes long");
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return std::vector<std::byte>(data, data + text.size());
}

void append_number(std::vector<std::byte>& data, ElementKind kind, const AnyValue& value) {
    const auto append = [&]<typename T>(T number) {
        const auto* bytes = reinterpret_cast<const std::byte*>(&number);
        data.insert(data.end(), bytes, bytes + sizeof number);
    };
    if (kind == ElementKind::BOOLEAN)
        append(value.boolean());
    else if (kind == ElementKind::FLOAT64)
        append(value.floating());
    else if (kind == ElementKind::FLOAT32)
        append(static_cast<float>(value.floating()));
    else {
        // Little-endian, as numbers travel: the first bytes are those of a narrower integer.
        const std::uint64_t whole = value.kind() == AnyValue::Kind::unsigned_integer
                                        ? value.unsigned_integer()
                                        : static_cast<std::uint64_t>(value.signed_integer());
        const auto* bytes = reinterpret_cast<const std::byte*>(&whole);
        data.insert(data.end(), bytes, bytes + range(kind).bits / 8);
    }
}

/// A list or a set of these.
AnyValue elements_value(const Type& type, std::vector<AnyValue> elements) {
    if (type.length && elements.size() != *type.length)
        refuse(type, "a list of " + std::to_string(elements.size()));
    if (type.form == Form::set && type.unique) {
        std::set<std::string> seen;
        for (const AnyValue& element : elements) {
            const std::string text = to_json_text(element);
            if (!seen.insert(text).second)
                refuse(type, "a list with " + printable(text) + " twice");
        }
    }
    if (!is_number(type.inner[0]))
        return AnyValue::list(std::move(elements));
    std::vector<std::byte> data;
    for (const AnyValue& element : elements)
        append_number(data, type.inner[0].element, element);
    return AnyValue::numbers(type.inner[0].element, std::move(data));
}

AnyValue from_json(const Type& type, const Json& json);

std::string shown(const Json& json) {
    constexpr std::size_t most = 60;
    return printable(to_text(AnyValue(json.dump(-1, ' ', false, Json::error_handler_t::replace)), most));
}

/// Undoes `{"bytes": "…"}`; empty when it is none.
std::optional<std::string> bytes_from(const Json& json) {
    if (!json.is_object())
        return std::nullopt;
    try {
        return text_from_json(json, "value");
    } catch (const JobError&) {
        return std::nullopt;
    }
}

/// A value of a type that nobody here knows.
AnyValue any_from_json(const Json& json) {
    const auto all = [](const Json& list) {
        std::vector<AnyValue> values;
        for (const Json& element : list)
            values.push_back(any_from_json(element));
        return values;
    };
    switch (json.type()) {
    case Json::value_t::boolean:
        return json.get<bool>();
    case Json::value_t::number_integer:
        return json.get<std::int64_t>();
    case Json::value_t::number_unsigned:
        return json.get<std::uint64_t>();
    case Json::value_t::number_float:
        return json.get<double>();
    case Json::value_t::string:
        return json.get<std::string>();
    case Json::value_t::array:
        return AnyValue::tuple(all(json));
    case Json::value_t::object:
        break;
    default:
        return {};
    }
    if (const auto bytes = bytes_from(json))
        return *bytes;
    if (json.size() == 1 && json.contains("list") && json["list"].is_array())
        return AnyValue::list(all(json["list"]));
    if (json.size() == 2 && json.contains("alternative") && json.contains("value") &&
        json["alternative"].is_number_unsigned() && json["alternative"].get<std::uint64_t>() <= UINT32_MAX)
        return AnyValue::variant(json["alternative"].get<std::uint32_t>(), any_from_json(json["value"]));
    throw Wrong{"a number, a text, true, false, null or a list (a struct is the list of its members in order)",
                shown(json)};
}

AnyValue map_from_json(const Type& type, const Json& json) {
    std::vector<AnyValue> pairs;
    std::set<std::string> seen;
    const auto add = [&](AnyValue key, const Json& value) {
        const std::string text = to_json_text(key);
        if (type.unique && !seen.insert(text).second)
            refuse(type, "a map with " + printable(text) + " twice");
        pairs.push_back(AnyValue::tuple(
            {std::move(key), at("the value of " + printable(text), [&] { return from_json(type.inner[1], value); })}));
    };
    if (json.is_object() && type.inner[0].form == Form::text) {
        for (const auto& entry : json.items())
            add(AnyValue(entry.key()), entry.value());
    } else if (json.is_array()) {
        for (const Json& pair : json) {
            const std::string place = "pair " + std::to_string(pairs.size() + 1);
            if (!pair.is_array() || pair.size() != 2)
                at(place, [&]() -> AnyValue { throw Wrong{"a list of a key and a value", shown(pair)}; });
            add(at(place, [&] { return from_json(type.inner[0], pair[0]); }), pair[1]);
        }
    } else {
        refuse(type, shown(json));
    }
    return AnyValue::list(std::move(pairs));
}

/// `make` makes an alternative of the variant from what there is; the first that takes it is the one.
template <typename Make>
AnyValue variant_from(const Type& type, const std::string& given, Make&& make) {
    for (const bool text : {false, true}) {
        for (std::size_t index = 0; index < type.inner.size(); ++index) {
            const Form form = type.inner[index].form;
            if ((form == Form::text || form == Form::path || form == Form::bytes) != text)
                continue;
            try {
                return AnyValue::variant(static_cast<std::uint32_t>(index), make(type.inner[index]));
            } catch (const Wrong&) {
            }
        }
    }
    refuse(type, given);
}

AnyValue variant_from_json(const Type& type, const Json& json) {
    if (json.is_object() && json.size() == 2 && json.contains("alternative") && json.contains("value")) {
        const Json& index = json["alternative"];
        if (!index.is_number_unsigned() || index.get<std::uint64_t>() >= type.inner.size())
            refuse(type, "alternative " + shown(index));
        const auto which = index.get<std::uint32_t>();
        return AnyValue::variant(which, from_json(type.inner[which], json["value"]));
    }
    return variant_from(type, shown(json), [&](const Type& alternative) { return from_json(alternative, json); });
}

AnyValue elements_from_json(const Type& type, const Json& json) {
    if (!json.is_array())
        refuse(type, shown(json));
    std::vector<AnyValue> elements;
    for (const Json& element : json)
        elements.push_back(
            at("element " + std::to_string(elements.size() + 1), [&] { return from_json(type.inner[0], element); }));
    return elements_value(type, std::move(elements));
}

AnyValue tuple_from_json(const Type& type, const Json& json) {
    if (!json.is_array())
        refuse(type, shown(json));
    if (json.size() != type.inner.size())
        refuse(type, "a list of " + std::to_string(json.size()));
    std::vector<AnyValue> members;
    for (const Json& member : json)
        members.push_back(at("member " + std::to_string(members.size() + 1),
                             [&] { return from_json(type.inner[members.size()], member); }));
    return AnyValue::tuple(std::move(members));
}

AnyValue floating_from_json(const Type& type, const Json& json) {
    if (json.is_string())
        return floating_from(type, json.get_ref<const std::string&>());
    if (!json.is_number())
        refuse(type, shown(json));
    const auto value = json.get<double>();
    if (type.element != ElementKind::FLOAT32)
        return value;
    if (std::abs(value) > static_cast<double>(std::numeric_limits<float>::max()))
        refuse(type, shown(json));
    return static_cast<float>(value);
}

AnyValue from_json(const Type& type, const Json& json) {
    switch (type.form) {
    case Form::none:
        if (!json.is_null())
            refuse(type, shown(json));
        return {};
    case Form::boolean:
        if (!json.is_boolean())
            refuse(type, shown(json));
        return json.get<bool>();
    case Form::integer:
        if (json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX) &&
            type.element == ElementKind::UINT64)
            return json.get<std::uint64_t>();
        if (!json.is_number_integer() || (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX))
            refuse_integer(type, shown(json));
        return integer_value(type, json.get<std::int64_t>(), shown(json));
    case Form::floating:
        return floating_from_json(type, json);
    case Form::text:
    case Form::path:
    case Form::bytes: {
        const auto bytes = bytes_from(json);
        if (!bytes && !json.is_string())
            refuse(type, shown(json));
        const std::string text = bytes ? *bytes : json.get<std::string>();
        return type.form == Form::bytes ? bytes_value(type, text) : AnyValue(text);
    }
    case Form::duration:
        if (!json.is_string())
            refuse(type, shown(json));
        return duration_from(type, json.get_ref<const std::string&>());
    case Form::list:
    case Form::set:
        return elements_from_json(type, json);
    case Form::map:
        return map_from_json(type, json);
    case Form::tuple:
        return tuple_from_json(type, json);
    case Form::optional:
        return json.is_null() ? AnyValue() : AnyValue::some(from_json(type.inner[0], json));
    case Form::variant:
        return variant_from_json(type, json);
    case Form::other:
        break;
    }
    return any_from_json(json);
}

Json parse_json(const Type& type, std::string_view text) {
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
        if (depth > deepest_json)
            refuse(type, "nested more than " + std::to_string(deepest_json) + " levels deep");
        if (event == Json::parse_event_t::object_start)
            keys.emplace_back();
        else if (event == Json::parse_event_t::object_end)
            keys.pop_back();
        else if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
            refuse(type, "an object with " + in_quotes(value.get<std::string>()) + " twice");
        return true;
    };
    try {
        return Json::parse(text, watch);
    } catch (const Json::exception&) {
        refuse(type, in_quotes(text) + ", which is not valid JSON (as in " + json_example(type) + ")");
    }
}

AnyValue from_text(const Type& type, std::string_view text) {
    switch (type.form) {
    case Form::none:
        if (!trimmed(text).empty() && trimmed(text) != "null")
            refuse(type, in_quotes(text));
        return {};
    case Form::boolean:
        return boolean_from(type, text);
    case Form::integer:
        return integer_from(type, text);
    case Form::floating:
        return floating_from(type, text);
    case Form::text:
    case Form::path:
        return text;
    case Form::bytes:
        if (trimmed(text).starts_with("{\"bytes\""))
            return from_json(type, parse_json(type, text));
        return bytes_value(type, text);
    case Form::duration:
        return duration_from(type, text);
    case Form::optional:
        if (trimmed(text).empty() || (trimmed(text) == "null" && type.inner[0].form != Form::text))
            return {};
        return AnyValue::some(from_text(type.inner[0], text));
    case Form::variant:
        if (trimmed(text).starts_with("{\"alternative\""))
            return from_json(type, parse_json(type, text));
        return variant_from(type, in_quotes(text),
                            [&](const Type& alternative) { return from_text(alternative, text); });
    case Form::list:
    case Form::set:
        if ((is_number(type.inner[0]) || type.inner[0].form == Form::floating) && !trimmed(text).starts_with('[')) {
            std::vector<AnyValue> elements;
            for (const std::string_view piece : split(text))
                elements.push_back(at("element " + std::to_string(elements.size() + 1),
                                      [&] { return from_text(type.inner[0], piece); }));
            return elements_value(type, std::move(elements));
        }
        break;
    default:
        break;
    }
    return from_json(type, parse_json(type, text));
}

} // namespace

AnyValue value_from_text(std::string_view type, std::string_view text) {
    const Type parsed = parse_type(type);
    try {
        return from_text(parsed, text);
    } catch (const Wrong& wrong) {
        if (wrong.where.empty())
            throw std::invalid_argument("must be " + wrong.wanted + ", but is " + wrong.given);
        throw std::invalid_argument("must be " + words(parsed) + ", but in " + wrong.where + " should be " +
                                    wrong.wanted + " and is " + wrong.given);
    }
}

std::string example_for(std::string_view type) {
    return plain_example(parse_type(type));
}

std::string words_for(std::string_view type) {
    return words(parse_type(type));
}

} // namespace pprocess::job
