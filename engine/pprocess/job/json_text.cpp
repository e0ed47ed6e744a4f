// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/json_text.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include <pprocess/job/job.h>
#include <pprocess/message/utf8.h>

namespace pprocess::job {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view hex_digits = "0123456789abcdef";

/// Any bytes as valid text: a backslash twice, a byte that is not part of valid UTF-8 as \xff.
std::string escape_bytes(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = message::next_character(bytes).length;
        if (length == 0) {
            const auto byte = static_cast<unsigned char>(bytes.front());
            text += "\\x";
            text += hex_digits[byte >> 4];
            text += hex_digits[byte & 15];
        } else if (bytes.front() == '\\') {
            text += "\\\\";
        } else {
            text += bytes.substr(0, length);
        }
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::string unescape_bytes(std::string_view text, const std::string& field) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest[0] != '\\') {
            bytes += rest[0];
            at += 1;
        } else if (rest.starts_with("\\\\")) {
            bytes += '\\';
            at += 2;
        } else if (rest.starts_with("\\x") && rest.size() >= 4 && hex_value(rest[2]) >= 0 && hex_value(rest[3]) >= 0) {
            bytes += static_cast<char>(hex_value(rest[2]) * 16 + hex_value(rest[3]));
            at += 4;
        } else {
            throw JobError(field,
                           "In \"bytes\" of \"" + field +
                               "\" a backslash must be followed by another one or by x and two digits (0-9, a-f).");
        }
    }
    return bytes;
}

} // namespace

nlohmann::ordered_json text_to_json(const std::string& text) {
    if (message::is_utf8(text))
        return text;
    return Json{{"bytes", escape_bytes(text)}};
}

const char* kind_of_json(const Json& value) {
    switch (value.type()) {
    case Json::value_t::null:
        return "null";
    case Json::value_t::object:
        return "an object";
    case Json::value_t::array:
        return "a list";
    case Json::value_t::string:
        return "a text";
    case Json::value_t::boolean:
        return "true or false";
    default:
        return "a number";
    }
}

std::string text_from_json(const Json& value, const std::string& field) {
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_object() && value.size() == 1 && value.contains("bytes") && value["bytes"].is_string())
        return unescape_bytes(value["bytes"].get_ref<const std::string&>(), field);
    throw JobError(field, "\"" + field + "\" must be a text (or {\"bytes\": \"…\"} when it is not UTF-8), but is " +
                              kind_of_json(value) + ".");
}

} // namespace pprocess::job
