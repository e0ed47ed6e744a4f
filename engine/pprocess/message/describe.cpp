// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/message/describe.h>

#include <kj/exception.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pprocess::message {
namespace {

using schema::ElementKind;
using schema::Value;

/// Elements looked at to say what a list is of, and members of a tuple that are told.
constexpr unsigned most_described = 8;
/// Lists within lists that are told.
constexpr int deepest_described = 3;
/// Values within values that are shown; each takes at least two characters.
constexpr int deepest_shown = 64;

struct Words {
    const char* one;
    const char* many;
    friend bool operator==(const Words& a, const Words& b) { return std::strcmp(a.one, b.one) == 0; }
};

constexpr Words unknown{"something unknown", "unknown things"};

Words number_words(ElementKind kind) {
    switch (kind) {
    case ElementKind::BOOLEAN:
        return {"a truth value", "truth values"};
    case ElementKind::FLOAT32:
    case ElementKind::FLOAT64:
        return {"a floating-point number", "floating-point numbers"};
    default:
        return kind > ElementKind::FLOAT64 ? unknown : Words{"an integer", "integers"};
    }
}

Words words(Value::Reader value) {
    switch (value.which()) {
    case Value::NONE:
        return {"no value", "empty values"};
    case Value::BOOLEAN:
        return {"a truth value", "truth values"};
    case Value::SIGNED:
    case Value::UNSIGNED:
        return {"an integer", "integers"};
    case Value::FLOATING:
    case Value::EXTENDED:
        return {"a floating-point number", "floating-point numbers"};
    case Value::TEXT:
        return {"a text", "texts"};
    case Value::BYTES:
        return {"a byte buffer", "byte buffers"};
    case Value::LIST:
    case Value::NUMBERS:
        return {"a list", "lists"};
    case Value::TUPLE:
        return {"a tuple", "tuples"};
    case Value::VARIANT:
        return {"a variant", "variants"};
    case Value::DURATION:
        return {"a duration", "durations"};
    case Value::SOME:
        return words(value.getSome());
    case Value::MESSAGE:
        return {"a message of a schema of its own", "messages of schemas of their own"};
    case Value::PARTS: {
        const auto parts = value.getParts();
        return parts.size() == 0 || parts[0].isParts() ? unknown : words(parts[0]);
    }
    }
    return unknown;
}

std::string describe_one(Value::Reader value, int depth, bool many);

std::string describe_list(capnp::List<Value>::Reader list, int depth, bool many) {
    const std::string name = many ? "lists" : "a list";
    if (list.size() == 0)
        return many ? "empty lists" : "an empty list";
    const auto first = words(list[0]);
    for (unsigned index = 1; index < std::min(list.size(), most_described); ++index) {
        if (words(list[index]) != first)
            return name + " of different things";
    }
    return name + " of " + describe_one(list[0], depth + 1, true);
}

std::string describe_tuple(capnp::List<Value>::Reader members, int depth, bool many) {
    std::string text = many ? "tuples" : "a tuple";
    const unsigned size = members.size();
    if (size == 0)
        return many ? "empty tuples" : "an empty tuple";
    text += " of ";
    for (unsigned index = 0; index < size; ++index) {
        if (index == most_described)
            return text + " and " + std::to_string(size - index) + " more";
        if (index != 0)
            text += index + 1 == size ? " and " : ", ";
        text += describe_one(members[index], depth + 1, false);
    }
    return text;
}

std::string describe_one(Value::Reader value, int depth, bool many) {
    const auto plain = words(value);
    if (depth < deepest_described) {
        switch (value.which()) {
        case Value::LIST:
            return describe_list(value.getList(), depth, many);
        case Value::TUPLE:
            return describe_tuple(value.getTuple(), depth, many);
        case Value::NUMBERS: {
            const auto numbers = value.getNumbers();
            if (numbers.getData().size() == 0)
                return many ? "empty lists" : "an empty list";
            return std::string(many ? "lists of " : "a list of ") + number_words(numbers.getKind()).many;
        }
        case Value::VARIANT: {
            if (many)
                break;
            const auto variant = value.getVariant();
            return "alternative " + std::to_string(variant.getIndex()) + " of a variant, " +
                   describe_one(variant.getValue(), depth + 1, false);
        }
        case Value::SOME:
            return describe_one(value.getSome(), depth + 1, many);
        case Value::PARTS: {
            const auto parts = value.getParts();
            if (parts.size() != 0 && !parts[0].isParts())
                return describe_one(parts[0], depth, many);
            break;
        }
        default:
            break;
        }
    }
    return many ? plain.many : plain.one;
}

bool is_printable(unsigned char c) {
    return c >= 0x20 && c != 0x7f;
}

/// The length of the well-formed UTF-8 sequence at the front of `text` that is fit to print, or 0.
std::size_t utf8_length(std::string_view text) {
    const auto at = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned char lead = at(0);
    if (lead < 0x80)
        return is_printable(lead) ? 1 : 0;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
        return 0;
    char32_t code = lead & (0xffu >> (length + 1));
    for (std::size_t index = 1; index < length; ++index) {
        if ((at(index) & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at(index) & 0x3fu);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    // Controls, and the marks that turn the direction of writing or end a line, would make a line lie about itself.
    const bool control = (code >= 0x80 && code < 0xa0) || (code >= 0x200e && code <= 0x200f) ||
                         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return code < smallest[length] || code > 0x10ffff || surrogate || control ? 0 : length;
}

/// A line with room for so many characters.
class Line {
public:
    explicit Line(std::size_t limit) : limit_(limit) {}

    [[nodiscard]] bool full() const { return full_; }

    /// `text` is well-formed UTF-8.
    void add(std::string_view text) {
        for (std::size_t at = 0; at < text.size() && !full_;) {
            std::size_t length = 1;
            while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xc0) == 0x80)
                ++length;
            if (used_ == limit_) {
                full_ = true;
                return;
            }
            last_ = text_.size();
            text_.append(text.substr(at, length));
            ++used_;
            at += length;
        }
    }

    /// Any bytes, as inside a literal.
    void add_escaped(std::string_view bytes) {
        for (std::size_t at = 0; at < bytes.size() && !full_;) {
            const char c = bytes[at];
            if (c == '"' || c == '\\') {
                const char escaped[] = {'\\', c};
                add({escaped, 2});
                ++at;
            } else if (c == '\n' || c == '\t' || c == '\r') {
                add(c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
                ++at;
            } else if (const std::size_t length = utf8_length(bytes.substr(at, 4)); length != 0) {
                add(bytes.substr(at, length));
                at += length;
            } else {
                add("\\x");
                add_hex(static_cast<unsigned char>(c));
                ++at;
            }
        }
    }

    void add_hex(unsigned char byte) {
        constexpr char digits[] = "0123456789abcdef";
        const char hex[] = {digits[byte >> 4], digits[byte & 15]};
        add({hex, 2});
    }

    template <typename Number>
    void add_number(Number number) {
        char text[64];
        const auto end = std::to_chars(text, text + sizeof text, number).ptr;
        add({text, static_cast<std::size_t>(end - text)});
    }

    std::string finish() {
        if (full_ && limit_ != 0) {
            text_.resize(last_);
            text_ += "…";
        }
        return std::move(text_);
    }

private:
    std::size_t limit_;
    std::size_t used_ = 0;
    std::size_t last_ = 0; // where the last character begins
    std::string text_;
    bool full_ = false;
};

class Previewer {
public:
    explicit Previewer(Line& line) : line_(line) {}

    void show(Value::Reader value, int depth) {
        if (line_.full())
            return;
        if (depth > deepest_shown)
            return line_.add("…");
        switch (value.which()) {
        case Value::NONE:
            return line_.add("none");
        case Value::BOOLEAN:
            return line_.add(value.getBoolean() ? "true" : "false");
        case Value::SIGNED:
            return line_.add_number(value.getSigned());
        case Value::UNSIGNED:
            return line_.add_number(value.getUnsigned());
        case Value::FLOATING:
            return line_.add_number(value.getFloating());
        case Value::EXTENDED:
            return extended(value.getExtended());
        case Value::DURATION:
            return duration(value.getDuration(), depth);
        case Value::SOME:
            return show(value.getSome(), depth + 1);
        case Value::MESSAGE:
            return line_.add("<message>");
        case Value::VARIANT: {
            const auto variant = value.getVariant();
            line_.add("#");
            line_.add_number(variant.getIndex());
            line_.add(" ");
            return show(variant.getValue(), depth + 1);
        }
        case Value::TUPLE: {
            line_.add("(");
            bool first = true;
            elements(value.getTuple(), depth, first);
            return line_.add(")");
        }
        case Value::TEXT:
        case Value::BYTES:
        case Value::LIST:
        case Value::NUMBERS:
            return enclosed(value, {&value, 1}, depth);
        case Value::PARTS:
            return parts(value.getParts(), depth);
        }
        line_.add("<unknown>");
    }

private:
    struct Group {
        const Value::Reader* begin;
        std::size_t size;
    };

    void enclosed(Value::Reader kind, Group group, int depth) {
        open(kind);
        bool first = true;
        for (std::size_t index = 0; index < group.size && !line_.full(); ++index)
            inner(group.begin[index], depth, first);
        close(kind);
    }

    void parts(capnp::List<Value>::Reader list, int depth) {
        const bool whole =
            list.size() != 0 && (list[0].isText() || list[0].isBytes() || list[0].isList() || list[0].isNumbers());
        if (!whole)
            return line_.add("<damaged>");
        open(list[0]);
        bool first = true;
        for (const auto part : list) {
            if (line_.full())
                return;
            if (part.which() != list[0].which())
                return line_.add("<damaged>");
            inner(part, depth, first);
        }
        close(list[0]);
    }

    void open(Value::Reader kind) { line_.add(kind.isText() ? "\"" : kind.isBytes() ? "<" : "["); }
    void close(Value::Reader kind) { line_.add(kind.isText() ? "\"" : kind.isBytes() ? ">" : "]"); }

    void inner(Value::Reader value, int depth, bool& first) {
        if (value.isText()) {
            const auto text = value.getText();
            line_.add_escaped({reinterpret_cast<const char*>(text.begin()), text.size()});
        } else if (value.isBytes()) {
            for (const auto byte : value.getBytes()) {
                if (line_.full())
                    return;
                separate(first, " ");
                line_.add_hex(byte);
            }
        } else if (value.isList()) {
            elements(value.getList(), depth, first);
        } else {
            numbers(value.getNumbers(), first);
        }
    }

    void separate(bool& first, std::string_view separator) {
        if (!first)
            line_.add(separator);
        first = false;
    }

    void elements(capnp::List<Value>::Reader list, int depth, bool& first) {
        for (const auto element : list) {
            if (line_.full())
                return;
            separate(first, ", ");
            show(element, depth + 1);
        }
    }

    template <typename W>
    void packed(capnp::Data::Reader data, bool& first) {
        for (std::size_t at = 0; at + sizeof(W) <= data.size() && !line_.full(); at += sizeof(W)) {
            W value;
            std::memcpy(&value, data.begin() + at, sizeof value);
            separate(first, ", ");
            line_.add_number(value);
        }
        if (data.size() % sizeof(W) != 0)
            line_.add("<damaged>");
    }

    void numbers(Value::Numbers::Reader numbers, bool& first) {
        const auto data = numbers.getData();
        switch (numbers.getKind()) {
        case ElementKind::BOOLEAN:
            for (const auto byte : data) {
                if (line_.full())
                    return;
                separate(first, ", ");
                line_.add(byte != 0 ? "true" : "false");
            }
            return;
        case ElementKind::INT8:
            return packed<std::int8_t>(data, first);
        case ElementKind::INT16:
            return packed<std::int16_t>(data, first);
        case ElementKind::INT32:
            return packed<std::int32_t>(data, first);
        case ElementKind::INT64:
            return packed<std::int64_t>(data, first);
        case ElementKind::UINT8:
            return packed<std::uint8_t>(data, first);
        case ElementKind::UINT16:
            return packed<std::uint16_t>(data, first);
        case ElementKind::UINT32:
            return packed<std::uint32_t>(data, first);
        case ElementKind::UINT64:
            return packed<std::uint64_t>(data, first);
        case ElementKind::FLOAT32:
            return packed<float>(data, first);
        case ElementKind::FLOAT64:
            return packed<double>(data, first);
        }
        line_.add("<unknown>");
    }

    void extended(capnp::Data::Reader data) {
        long double value = 0;
        if (data.size() != sizeof value)
            return line_.add("<damaged>");
        std::memcpy(&value, data.begin(), sizeof value);
        line_.add_number(value);
    }

    void duration(schema::Duration::Reader duration, int depth) {
        struct Unit {
            std::int64_t numerator;
            std::int64_t denominator;
            std::string_view name;
        };
        constexpr Unit units[] = {{1, 1000000000, "ns"}, {1, 1000000, "µs"}, {1, 1000, "ms"}, {1, 1, "s"},
                                  {60, 1, "min"},        {3600, 1, "h"},     {86400, 1, "d"}};
        show(duration.getCount(), depth + 1);
        line_.add(" ");
        for (const auto& unit : units) {
            if (duration.getNumerator() == unit.numerator && duration.getDenominator() == unit.denominator)
                return line_.add(unit.name);
        }
        line_.add("× ");
        line_.add_number(duration.getNumerator());
        line_.add("/");
        line_.add_number(duration.getDenominator());
        line_.add(" s");
    }

    Line& line_;
};

} // namespace

std::string describe(schema::Value::Reader value) {
    try {
        return describe_one(value, 0, false);
    } catch (const kj::Exception&) {
        return "something damaged";
    }
}

std::string preview(schema::Value::Reader value, std::size_t limit) {
    Line line(limit);
    try {
        Previewer(line).show(value, 0);
    } catch (const kj::Exception&) {
        line.add("<damaged>");
    }
    return line.finish();
}

} // namespace pprocess::message
