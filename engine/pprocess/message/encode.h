// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <capnp/orphan.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <ranges>

#include <pprocess/message/fail.h>
#include <pprocess/message/limits.h>
#include <pprocess/message/message.capnp.h>
#include <pprocess/message/traits.h>

namespace pprocess::message {
namespace detail {

using schema::ElementKind;
using schema::Value;

template <typename T>
consteval ElementKind element_kind() {
    if constexpr (std::is_enum_v<T>)
        return element_kind<std::underlying_type_t<T>>();
    else if constexpr (std::same_as<T, bool>)
        return ElementKind::BOOLEAN;
    else if constexpr (std::same_as<T, float>)
        return ElementKind::FLOAT32;
    else if constexpr (std::same_as<T, double>)
        return ElementKind::FLOAT64;
    else if constexpr (std::is_signed_v<T>)
        return sizeof(T) == 1   ? ElementKind::INT8
               : sizeof(T) == 2 ? ElementKind::INT16
               : sizeof(T) == 4 ? ElementKind::INT32
                                : ElementKind::INT64;
    else
        return sizeof(T) == 1   ? ElementKind::UINT8
               : sizeof(T) == 2 ? ElementKind::UINT16
               : sizeof(T) == 4 ? ElementKind::UINT32
                                : ElementKind::UINT64;
}

static_assert(sizeof(bool) == 1 && sizeof(float) == 4 && sizeof(double) == 8 && std::numeric_limits<double>::is_iec559);

inline void check_depth(int depth) {
    if (depth > deepest_nesting) [[unlikely]]
        too_deep();
}

/// Calls `write(builder, offset, count)` once for the value itself, or for each of its parts.
template <typename Write>
void in_parts(Value::Builder out, std::size_t size, std::size_t part, Write&& write) {
    if (size <= part) [[likely]] {
        write(out, std::size_t{0}, size);
        return;
    }
    auto parts = out.initParts(static_cast<unsigned>((size + part - 1) / part));
    for (unsigned index = 0; index < parts.size(); ++index) {
        const std::size_t offset = index * part;
        write(parts[index], offset, std::min(part, size - offset));
    }
}

/// Gives `adopt` an orphan that refers to `data`, if that may be; otherwise false. `options` counts what is left.
template <typename Adopt>
bool borrow(const void* data, std::size_t size, Value::Builder part, EncodeOptions& options, Adopt&& adopt) {
    if (size < options.borrow_from || size == 0) [[likely]]
        return false;
    constexpr std::size_t word = sizeof(capnp::word);
    if (size % word != 0 || reinterpret_cast<std::uintptr_t>(data) % word != 0 || options.most_borrowed <= 0)
        return false;
    --options.most_borrowed;
    const capnp::Data::Reader bytes(static_cast<const kj::byte*>(data), size);
    adopt(capnp::Orphanage::getForMessageContaining(part).referenceExternalData(bytes));
    return true;
}

inline void encode_text(const char* text, std::size_t size, Value::Builder out, EncodeOptions& options) {
    in_parts(out, size, options.parts.bytes, [&](Value::Builder part, std::size_t offset, std::size_t count) {
        if (borrow(text + offset, count, part, options, [&](auto&& orphan) { part.adoptText(kj::mv(orphan)); }))
            return;
        auto data = part.initText(static_cast<unsigned>(count));
        if (count != 0)
            std::memcpy(data.begin(), text + offset, count);
    });
}

template <typename T>
void encode_integer(T value, Value::Builder out) {
    if constexpr (std::is_signed_v<T> || sizeof(T) < 8) {
        out.setSigned(static_cast<std::int64_t>(value));
    } else if (value <= static_cast<T>(std::numeric_limits<std::int64_t>::max())) {
        out.setSigned(static_cast<std::int64_t>(value));
    } else {
        out.setUnsigned(static_cast<std::uint64_t>(value));
    }
}

template <typename T>
void encode_floating(T value, Value::Builder out) {
    if constexpr (sizeof(T) > sizeof(double)) {
        static_assert(sizeof(T) == 16);
        const auto narrow = static_cast<double>(value);
        if (narrow != value && !std::isnan(value)) {
            auto data = out.initExtended(sizeof(T));
            // The x87 form has 10 bytes that mean something; the others stay 0.
            std::memcpy(data.begin(), &value, std::numeric_limits<T>::digits == 64 ? 10 : sizeof(T));
            return;
        }
    }
    out.setFloating(static_cast<double>(value));
}

template <typename R>
concept Contiguous = std::ranges::contiguous_range<const R>;

template <typename R>
std::size_t size_of(const R& range) {
    return static_cast<std::size_t>(std::ranges::distance(range));
}

template <typename R>
void encode_bytes(const R& range, Value::Builder out, EncodeOptions& options) {
    auto next = std::ranges::begin(range);
    in_parts(out, size_of(range), options.parts.bytes, [&](Value::Builder part, std::size_t, std::size_t count) {
        if constexpr (Contiguous<R>) {
            const auto* first = std::to_address(next);
            next += static_cast<std::ptrdiff_t>(count);
            if (borrow(first, count, part, options, [&](auto&& orphan) { part.adoptBytes(kj::mv(orphan)); }))
                return;
            auto data = part.initBytes(static_cast<unsigned>(count));
            if (count != 0)
                std::memcpy(data.begin(), first, count);
        } else {
            auto data = part.initBytes(static_cast<unsigned>(count));
            for (unsigned index = 0; index < count; ++index, ++next)
                data[index] = std::to_integer<kj::byte>(*next);
        }
    });
}

template <typename E, typename R>
void encode_numbers(const R& range, Value::Builder out, EncodeOptions& options) {
    auto next = std::ranges::begin(range);
    const std::size_t part_size = std::max<std::size_t>(options.parts.bytes / sizeof(E), 1);
    in_parts(out, size_of(range), part_size, [&](Value::Builder part, std::size_t, std::size_t count) {
        auto numbers = part.initNumbers();
        numbers.setKind(element_kind<E>());
        const std::size_t size = count * sizeof(E);
        if constexpr (Contiguous<R>) {
            const auto* first = std::to_address(next);
            next += static_cast<std::ptrdiff_t>(count);
            if (borrow(first, size, part, options, [&](auto&& orphan) { numbers.adoptData(kj::mv(orphan)); }))
                return;
            auto data = numbers.initData(static_cast<unsigned>(size));
            if (count != 0)
                std::memcpy(data.begin(), first, size);
        } else {
            auto* data = numbers.initData(static_cast<unsigned>(size)).begin();
            for (std::size_t index = 0; index < count; ++index, ++next) {
                const E element = *next;
                std::memcpy(data + index * sizeof(E), &element, sizeof(E));
            }
        }
    });
}

template <typename T>
void encode_value(const T& value, Value::Builder out, EncodeOptions& options, int depth);

/// Writes the value that it holds.
void encode_any(const AnyValue& value, Value::Builder out, EncodeOptions& options, int depth);
/// Is it none, or an optional that holds one?
bool could_be_none(const AnyValue& value);

template <typename R>
void encode_range(const R& range, Value::Builder out, EncodeOptions& options, int depth) {
    using E = std::ranges::range_value_t<const R>;
    if constexpr (std::same_as<E, std::byte>) {
        encode_bytes(range, out, options);
    } else if constexpr (is_number<E>) {
        encode_numbers<E>(range, out, options);
    } else {
        check_depth(depth);
        EncodeOptions own = options;
        own.most_borrowed = 0;
        // Elements that a view makes on the way do not outlive the message.
        constexpr bool lasting = std::is_lvalue_reference_v<std::ranges::range_reference_t<const R>>;
        EncodeOptions& inner = lasting ? options : own;
        auto next = std::ranges::begin(range);
        in_parts(out, size_of(range), options.parts.elements, [&](Value::Builder part, std::size_t, std::size_t count) {
            auto list = part.initList(static_cast<unsigned>(count));
            for (unsigned index = 0; index < count; ++index, ++next) {
                encode_value<E>(*next, list[index], inner, depth + 1);
            }
        });
    }
}

/// What is inside an optional or a `unique_ptr`: itself, unless that could be taken for an empty one.
template <typename T>
void encode_engaged(const T& value, Value::Builder out, EncodeOptions& options, int depth) {
    bool wrapped = is_nullable<T>;
    if constexpr (kind<T> == Kind::any)
        wrapped = could_be_none(value);
    if (wrapped) {
        check_depth(depth);
        encode_value<T>(value, out.initSome(), options, depth + 1);
    } else {
        encode_value<T>(value, out, options, depth);
    }
}

template <typename Rep, typename Period>
void encode_duration(const std::chrono::duration<Rep, Period>& value, Value::Builder out, EncodeOptions& options,
                     int depth) {
    auto duration = out.initDuration();
    duration.setNumerator(Period::num);
    duration.setDenominator(Period::den);
    encode_value<Rep>(value.count(), duration.initCount(), options, depth);
}

template <typename T>
void encode_value(const T& value, Value::Builder out, EncodeOptions& options, int depth) {
    constexpr Kind what = kind<T>;
    if constexpr (what == Kind::none) {
        out.setNone();
    } else if constexpr (what == Kind::boolean) {
        out.setBoolean(value);
    } else if constexpr (what == Kind::integer) {
        encode_integer(value, out);
    } else if constexpr (what == Kind::enumeration) {
        using Underlying = std::underlying_type_t<T>;
        encode_value<Underlying>(static_cast<Underlying>(value), out, options, depth);
    } else if constexpr (what == Kind::floating) {
        encode_floating(value, out);
    } else if constexpr (what == Kind::text || what == Kind::text_view) {
        encode_text(value.data(), value.size(), out, options);
    } else if constexpr (what == Kind::text_pointer) {
        if constexpr (std::is_array_v<T>) {
            encode_text(value, ::strnlen(value, std::extent_v<T>), out, options);
        } else if (value == nullptr) {
            out.setNone();
        } else {
            encode_text(value, std::strlen(value), out, options);
        }
    } else if constexpr (what == Kind::path) {
        encode_text(value.native().data(), value.native().size(), out, options);
    } else if constexpr (what == Kind::optional || what == Kind::pointer) {
        if (!value)
            out.setNone();
        else
            encode_engaged<std::remove_cvref_t<decltype(*value)>>(*value, out, options, depth);
    } else if constexpr (what == Kind::tuple) {
        check_depth(depth);
        [[maybe_unused]] auto members = out.initTuple(std::tuple_size_v<T>);
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (encode_value<std::remove_cvref_t<std::tuple_element_t<Index, T>>>(std::get<Index>(value), members[Index],
                                                                               options, depth + 1),
             ...);
        }
        (std::make_index_sequence<std::tuple_size_v<T>>{});
    } else if constexpr (what == Kind::variant) {
        check_depth(depth);
        auto variant = out.initVariant();
        variant.setIndex(static_cast<std::uint32_t>(value.index()));
        std::visit(
            [&]<typename Alternative>(const Alternative& alternative) {
                encode_value<Alternative>(alternative, variant.initValue(), options, depth + 1);
            },
            value);
    } else if constexpr (what == Kind::any) {
        encode_any(value, out, options, depth);
    } else if constexpr (what == Kind::duration) {
        encode_duration(value, out, options, depth);
    } else if constexpr (what == Kind::aggregate) {
        check_depth(depth);
        [[maybe_unused]] auto members = out.initTuple(member_count<T>);
        [[maybe_unused]] unsigned index = 0;
        for_each_member(value, [&]<typename Member>(const Member& member) {
            encode_value<Member>(member, members[index++], options, depth + 1);
        });
    } else {
        encode_range(value, out, options, depth);
    }
}

} // namespace detail

/// Writes `value` into `out`, so that `decode` gives it back in another process.
///
/// A `const char*` that is null travels as no value; an array of char as the text up to its first NUL. Throws
/// `ProtocolError` for a value that is nested deeper than `deepest_nesting` (a list chained by `unique_ptr` has one
/// level a node) and `std::bad_variant_access` for a variant without value.
template <typename T>
void encode(const T& value, schema::Value::Builder out, const EncodeOptions& options = {}) {
    static_assert(detail::explain<T, detail::Direction::sent>);
    if constexpr (Sendable<T>) {
        EncodeOptions remaining = options;
        detail::encode_value<std::remove_cv_t<T>>(value, out, remaining, 1);
    }
}

} // namespace pprocess::message
