// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <capnp/message.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <pprocess/message/decode.h>
#include <pprocess/message/encode.h>
#include <pprocess/message/message.capnp.h>

namespace pprocess {

/// Any value that can travel, for programs that learn only when they run what it is: an owned tree. It is received
/// from whatever was sent, and what is sent of it is the very value that it holds: the one that holds the tuple of 1
/// and "a" arrives as a `std::tuple<int, std::string>`, as a pair, as a struct of these, or as the arguments of a task.
///
/// A value that never changes except by assignment. Copies share what is large, across threads too. Nested at most
/// `message::deepest_nesting` deep, as everything that travels: building a deeper one throws `ProtocolError`.
class AnyValue {
public:
    /// What a value is. Those of the schema `Value`, with parts joined.
    enum class Kind : std::uint8_t {
        none,             ///< `std::monostate`, an empty optional, a null pointer
        boolean,          ///< true or false
        signed_integer,   ///< an integer that `std::int64_t` holds
        unsigned_integer, ///< one that only `std::uint64_t` holds
        floating,         ///< a floating-point number that `double` holds
        extended,         ///< one that only `long double` holds
        text,             ///< any bytes, not necessarily UTF-8
        bytes,            ///< a byte buffer
        list,             ///< a sequence, a set, or a map as a list of tuples of two
        tuple,            ///< a tuple, a pair, or the members of an aggregate
        numbers,          ///< a list whose elements are of one arithmetic type, kept packed
        variant,          ///< the index of an alternative and its value
        duration,         ///< a number of units, each a fraction of a second
        some,             ///< an engaged optional, kept only around `none` or another one: else it is its value
        message,          ///< a message of the sender's own schema; of it nothing is kept, and it cannot be sent again
    };

    /// Of which type packed numbers are.
    using ElementKind = schema::ElementKind;

    /// No value.
    AnyValue() = default;
    /// A truth value.
    template <std::same_as<bool> T>
    AnyValue(T value) : content_(std::in_place_type<bool>, value) {}
    /// An integer.
    template <std::integral T>
    requires(!std::same_as<T, bool>) AnyValue(T value) {
        if constexpr (std::is_signed_v<T> || sizeof(T) < 8)
            content_.template emplace<std::int64_t>(static_cast<std::int64_t>(value));
        else
            set_unsigned(static_cast<std::uint64_t>(value));
    }
    /// A floating-point number.
    AnyValue(double value) : content_(value) {}
    /// The same.
    AnyValue(float value) : content_(static_cast<double>(value)) {}
    /// The same; `extended` only when `double` does not hold it.
    AnyValue(long double value);
    /// A text.
    AnyValue(std::string value);
    /// The same.
    AnyValue(std::string_view value) : AnyValue(std::string(value)) {}
    /// The same; no value when it is null.
    AnyValue(const char* value) : AnyValue(value ? AnyValue(std::string(value)) : AnyValue()) {}
    /// A byte buffer.
    AnyValue(std::vector<std::byte> value);

    /// A list of these. Of numbers alone it is received like `numbers`, but takes more room.
    [[nodiscard]] static AnyValue list(std::vector<AnyValue> elements);
    /// A tuple of these.
    [[nodiscard]] static AnyValue tuple(std::vector<AnyValue> members);
    /// A list of numbers, which are copied.
    template <typename T>
    requires message::detail::is_number<T>
    [[nodiscard]] static AnyValue numbers(std::span<const T> elements) {
        const auto* data = reinterpret_cast<const std::byte*>(elements.data());
        return numbers(message::detail::element_kind<T>(), std::vector<std::byte>(data, data + elements.size_bytes()));
    }
    /// A list of numbers, packed side by side in this machine's form. Throws `ProtocolError` when the data are none.
    [[nodiscard]] static AnyValue numbers(ElementKind kind, std::vector<std::byte> packed);
    /// A variant that holds its alternative `index`, counted from 0.
    [[nodiscard]] static AnyValue variant(std::uint32_t index, AnyValue value);
    /// `count` (a number) times `numerator` / `denominator` seconds. Throws `ProtocolError` when the count is no number
    /// or one of the others is not positive.
    [[nodiscard]] static AnyValue duration(AnyValue count, std::int64_t numerator, std::int64_t denominator);
    /// An optional that holds this.
    [[nodiscard]] static AnyValue some(AnyValue value);
    /// In the place of a message of a schema of its own.
    [[nodiscard]] static AnyValue message();

    /// What another process would receive if this were sent: any type that can be. Throws as `message::encode`.
    template <typename T>
    [[nodiscard]] static AnyValue of(const T& value) {
        capnp::MallocMessageBuilder builder;
        auto root = builder.initRoot<schema::Value>();
        message::encode(value, root, {.borrow_from = 4096});
        return message::decode<AnyValue>(root.asReader());
    }
    /// The value as a `T`, as it would be received. Throws `TypeMismatch` when it is none, and as sending it would.
    template <typename T>
    [[nodiscard]] T as() const {
        capnp::MallocMessageBuilder builder;
        auto root = builder.initRoot<schema::Value>();
        message::encode(*this, root, {.borrow_from = 4096});
        return message::decode<T>(root.asReader());
    }

    /// What it is.
    [[nodiscard]] Kind kind() const noexcept { return static_cast<Kind>(content_.index()); }
    /// Is it no value?
    [[nodiscard]] bool is_none() const noexcept { return kind() == Kind::none; }
    /// Levels of values within it, itself not counted: 0 for a number or a text.
    [[nodiscard]] int depth() const noexcept;

    // Each of these throws `std::bad_variant_access` for a value of another kind.

    /// Of a truth value.
    [[nodiscard]] bool boolean() const { return get<Kind::boolean>(); }
    /// Of a `signed_integer`.
    [[nodiscard]] std::int64_t signed_integer() const { return get<Kind::signed_integer>(); }
    /// Of an `unsigned_integer`.
    [[nodiscard]] std::uint64_t unsigned_integer() const { return get<Kind::unsigned_integer>(); }
    /// Of a `floating` number.
    [[nodiscard]] double floating() const { return get<Kind::floating>(); }
    /// Of an `extended` one.
    [[nodiscard]] long double extended() const { return *get<Kind::extended>(); }
    /// Of a text; valid while this value or a copy of it exists and is not assigned to.
    [[nodiscard]] const std::string& text() const { return *get<Kind::text>(); }
    /// Of a byte buffer; valid likewise.
    [[nodiscard]] std::span<const std::byte> bytes() const { return *get<Kind::bytes>(); }
    /// Of `numbers`.
    [[nodiscard]] ElementKind element_kind() const { return get<Kind::numbers>()->kind; }
    /// The numbers side by side in this machine's form, aligned for their type; valid likewise.
    [[nodiscard]] std::span<const std::byte> packed() const { return get<Kind::numbers>()->data; }
    /// Which alternative of a variant it is, counted from 0.
    [[nodiscard]] std::uint32_t alternative() const;
    /// How many units a duration has: a number.
    [[nodiscard]] const AnyValue& count() const;
    /// A duration's unit is `numerator() / denominator()` seconds.
    [[nodiscard]] std::int64_t numerator() const;
    /// See `numerator`.
    [[nodiscard]] std::int64_t denominator() const;

    /// The elements of a list or the members of a tuple; valid likewise.
    [[nodiscard]] std::span<const AnyValue> members() const;

    /// The nearest `double`: of a number of any kind, of a duration in seconds. Empty for everything else.
    [[nodiscard]] std::optional<double> number() const;

    /// How many values are within it: the elements of a list, a tuple or numbers, one in a variant and in `some`, else
    /// 0.
    [[nodiscard]] std::size_t size() const noexcept;
    /// One of those. Packed numbers are made into values one by one as they are asked for. Throws `std::out_of_range`.
    [[nodiscard]] AnyValue child(std::size_t index) const;
    /// An element of `numbers` as the nearest `double` (0 or 1 for a truth value). Throws `std::out_of_range`, and
    /// `std::bad_variant_access` for another kind.
    [[nodiscard]] double at_as_double(std::size_t index) const;
    /// An element of `numbers` as text: the shortest that is read as the same number. Throws likewise.
    [[nodiscard]] std::string text_at(std::size_t index) const;

    /// Do both hold the same value in the same form? Floating-point numbers are compared bit by bit: a NaN equals
    /// itself, and -0 is not 0. A list of integers is not the same as those integers packed.
    friend bool operator==(const AnyValue& one, const AnyValue& other);

private:
    struct Group {
        std::vector<AnyValue> values;
        int depth;
    };
    struct Numbers {
        ElementKind kind;
        std::vector<std::byte> data;
    };
    struct Within;
    struct Duration;
    struct Foreign {};

    template <typename T>
    using Shared = std::shared_ptr<const T>;

    // In the order of `Kind`.
    using Content = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, Shared<long double>,
                                 Shared<std::string>, Shared<std::vector<std::byte>>, Shared<Group>, Shared<Group>,
                                 Shared<Numbers>, Shared<Within>, Shared<Duration>, Shared<Within>, Foreign>;

    template <Kind Which>
    [[nodiscard]] const std::variant_alternative_t<static_cast<std::size_t>(Which), Content>& get() const {
        return std::get<static_cast<std::size_t>(Which)>(content_);
    }
    template <Kind Which, typename... Arguments>
    static AnyValue made(Arguments&&... arguments) {
        AnyValue value;
        value.content_.emplace<static_cast<std::size_t>(Which)>(std::forward<Arguments>(arguments)...);
        return value;
    }
    template <Kind Which>
    static AnyValue made_group(std::vector<AnyValue> values);
    template <Kind Which>
    static AnyValue made_within(std::uint32_t index, AnyValue value);
    void set_unsigned(std::uint64_t value);
    void check_index(std::size_t index, std::size_t size) const;
    [[nodiscard]] const Group* group() const noexcept;
    [[nodiscard]] const Within* within() const noexcept;

    Content content_;
};

/// The value as text for people and files. A text and a byte buffer are given as they are, no value as an empty text,
/// a number in the shortest form that is read as the same number, a duration in seconds ("1.5s"), everything else as
/// JSON (see `to_json_text`). At most `limit` bytes, and then … where something was left out; no more of the value than
/// that is looked at.
[[nodiscard]] std::string to_text(const AnyValue& value, std::size_t limit = std::numeric_limits<std::size_t>::max());

/// The value as JSON on one line, in UTF-8. Lists and tuples are arrays; a floating-point number has a point or an
/// exponent, and those that JSON does not know are the texts "nan", "inf" and "-inf". A text that is not UTF-8 and a
/// byte buffer are `{"bytes": "…"}`, with `\xff` for each byte that is not part of UTF-8 and each backslash twice, as
/// in job files; a duration is a text such as "1.5s", a variant `{"alternative": 0, "value": …}`. At most `limit`
/// bytes, and then … where something was left out, which is JSON no longer.
[[nodiscard]] std::string to_json_text(const AnyValue& value,
                                       std::size_t limit = std::numeric_limits<std::size_t>::max());

} // namespace pprocess
