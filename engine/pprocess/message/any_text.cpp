// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/message/any_value.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>

#include <pprocess/message/duration.h>
#include <pprocess/message/utf8.h>

namespace pprocess {

namespace {

using message::detail::Int128;

constexpr std::string_view hex_digits = "0123456789abcdef";

template <typename Number>
std::string number_text(Number number) {
    std::array<char, 64> text;
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

/// With a point or an exponent, so that it is read as a floating-point number again.
template <std::floating_point Number>
std::string json_number(Number number) {
    std::string text = number_text(number);
    if (!std::isfinite(number))
        return '"' + text + '"';
    if (text.find_first_of(".e") == std::string::npos)
        text += ".0";
    return text;
}

/// `count` / 10^`places`, without zeros at its end.
std::string decimal_text(Int128 count, int places) {
    const bool negative = count < 0;
    std::string digits;
    for (Int128 left = negative ? -count : count; left != 0; left /= 10)
        digits += static_cast<char>('0' + static_cast<int>(left % 10));
    while (digits.size() <= static_cast<std::size_t>(places))
        digits += '0';
    std::reverse(digits.begin(), digits.end());
    if (places != 0) {
        digits.insert(digits.size() - static_cast<std::size_t>(places), ".");
        digits.resize(digits.find_last_not_of('0') + 1);
        if (digits.back() == '.')
            digits.pop_back();
    }
    return negative ? '-' + digits : digits;
}

/// The seconds in full where they have an end after the point.
bool exact_seconds(const AnyValue& value, std::string& text) {
    const AnyValue& count = value.count();
    Int128 units = 0;
    if (count.kind() == AnyValue::Kind::signed_integer)
        units = count.signed_integer();
    else if (count.kind() == AnyValue::Kind::unsigned_integer)
        units = static_cast<Int128>(count.unsigned_integer());
    else
        return false;
    units *= value.numerator(); // 64 bits by 63
    int places = 0;
    Int128 scale = 1;
    for (; scale % value.denominator() != 0; scale *= 10) {
        if (++places > 18)
            return false;
    }
    if (__builtin_mul_overflow(units, scale / value.denominator(), &units))
        return false;
    text = decimal_text(units, places);
    return true;
}

std::string duration_text(const AnyValue& value) {
    std::string seconds;
    if (!exact_seconds(value, seconds))
        seconds = number_text(*value.number());
    return seconds + "s";
}

/// Collects text up to a limit.
class Text {
public:
    explicit Text(std::size_t limit) : limit_(limit) {}

    [[nodiscard]] bool full() const { return full_; }

    void add(std::string_view text) {
        if (full_)
            return;
        const std::size_t room = limit_ - text_.size();
        full_ = text.size() > room;
        text_ += text.substr(0, room);
    }

    /// The text, cut between two characters.
    std::string finish() {
        if (full_) {
            for (std::size_t back = 1; back <= std::min<std::size_t>(text_.size(), 3); ++back) {
                const std::string_view last = std::string_view(text_).substr(text_.size() - back);
                const auto lead = static_cast<unsigned char>(last.front());
                if ((lead & 0xc0) == 0x80)
                    continue;
                if (lead >= 0xc2 && lead <= 0xf4 && message::next_character(last).length == 0)
                    text_.resize(text_.size() - back);
                break;
            }
            text_ += "…";
        }
        return std::move(text_);
    }

private:
    std::size_t limit_;
    std::string text_;
    bool full_ = false;
};

class JsonWriter {
public:
    explicit JsonWriter(Text& out) : out_(out) {}

    void write(const AnyValue& value) {
        using Kind = AnyValue::Kind;
        if (out_.full())
            return;
        switch (value.kind()) {
        case Kind::none:
            return out_.add("null");
        case Kind::boolean:
            return out_.add(value.boolean() ? "true" : "false");
        case Kind::signed_integer:
            return out_.add(number_text(value.signed_integer()));
        case Kind::unsigned_integer:
            return out_.add(number_text(value.unsigned_integer()));
        case Kind::floating:
            return out_.add(json_number(value.floating()));
        case Kind::extended:
            return out_.add(json_number(value.extended()));
        case Kind::text:
            return write_text(value.text());
        case Kind::bytes:
            return write_bytes({reinterpret_cast<const char*>(value.bytes().data()), value.bytes().size()});
        case Kind::list:
        case Kind::tuple:
            return write_all(value.members());
        case Kind::numbers:
            return write_numbers(value);
        case Kind::variant:
            out_.add("{\"alternative\": " + number_text(value.alternative()) + ", \"value\": ");
            write(value.child(0));
            return out_.add("}");
        case Kind::duration:
            return out_.add('"' + duration_text(value) + '"');
        case Kind::some:
            return write(value.child(0));
        case Kind::message:
            return out_.add("\"a message of a schema of its own\"");
        }
    }

private:
    void write_all(std::span<const AnyValue> values) {
        out_.add("[");
        for (std::size_t index = 0; index < values.size() && !out_.full(); ++index) {
            if (index != 0)
                out_.add(", ");
            write(values[index]);
        }
        out_.add("]");
    }

    void write_numbers(const AnyValue& value) {
        const bool floating = value.element_kind() >= AnyValue::ElementKind::FLOAT32;
        const bool narrow = value.element_kind() == AnyValue::ElementKind::FLOAT32;
        const std::size_t size = value.size();
        out_.add("[");
        for (std::size_t index = 0; index < size && !out_.full(); ++index) {
            if (index != 0)
                out_.add(", ");
            if (!floating)
                out_.add(value.text_at(index));
            else if (narrow)
                out_.add(json_number(static_cast<float>(value.at_as_double(index))));
            else
                out_.add(json_number(value.at_as_double(index)));
        }
        out_.add("]");
    }

    void write_text(std::string_view text) {
        if (!message::is_utf8(text))
            return write_bytes(text);
        out_.add("\"");
        write_characters(text);
        out_.add("\"");
    }

    /// Of valid UTF-8, within quotes.
    void write_characters(std::string_view text) {
        while (!text.empty() && !out_.full()) {
            const auto special = std::find_if(text.begin(), text.end(), [](char c) {
                return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
            });
            out_.add({text.begin(), special});
            text.remove_prefix(static_cast<std::size_t>(special - text.begin()));
            if (text.empty())
                return;
            write_special(text.front());
            text.remove_prefix(1);
        }
    }

    void write_special(char c) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out_.add(std::string{'\\', c});
        } else if (c == '\n' || c == '\t' || c == '\r') {
            out_.add(c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
        } else {
            out_.add(std::string("\\u00") + hex_digits[code >> 4] + hex_digits[code & 15]);
        }
    }

    void write_bytes(std::string_view bytes) {
        out_.add("{\"bytes\": \"");
        while (!bytes.empty() && !out_.full()) {
            const std::size_t length = message::next_character(bytes).length;
            const auto byte = static_cast<unsigned char>(bytes.front());
            if (length == 0)
                out_.add(std::string("\\\\x") + hex_digits[byte >> 4] + hex_digits[byte & 15]);
            else if (byte == '\\')
                out_.add("\\\\\\\\"); // doubled as a byte, and each doubled for JSON
            else
                write_characters(bytes.substr(0, length));
            bytes.remove_prefix(std::max<std::size_t>(length, 1));
        }
        out_.add("\"}");
    }

    Text& out_;
};

} // namespace

std::string to_text(const AnyValue& value, std::size_t limit) {
    using Kind = AnyValue::Kind;
    Text out(limit);
    switch (value.kind()) {
    case Kind::none:
        break;
    case Kind::text:
        out.add(value.text());
        break;
    case Kind::bytes:
        out.add({reinterpret_cast<const char*>(value.bytes().data()), value.bytes().size()});
        break;
    case Kind::floating:
        out.add(number_text(value.floating()));
        break;
    case Kind::extended:
        out.add(number_text(value.extended()));
        break;
    case Kind::duration:
        out.add(duration_text(value));
        break;
    case Kind::some:
        return to_text(value.child(0), limit);
    case Kind::message:
        out.add("a message of a schema of its own");
        break;
    default:
        JsonWriter(out).write(value);
    }
    return out.finish();
}

std::string to_json_text(const AnyValue& value, std::size_t limit) {
    Text out(limit);
    JsonWriter(out).write(value);
    return out.finish();
}

} // namespace pprocess
