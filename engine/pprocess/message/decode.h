// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <capnp/any.h>
#include <capnp/message.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include <pprocess/message/duration.h>
#include <pprocess/message/encode.h>
#include <pprocess/message/fail.h>
#include <pprocess/message/traits.h>

namespace pprocess::message {
namespace detail {

template <typename T>
T decode_value(Value::Reader in, int depth);

/// The value whatever it is.
AnyValue decode_any(Value::Reader in, int depth);

/// For a kind of value that `T` does not expect.
template <typename T>
T decode_other(Value::Reader in, int depth) {
    if (!in.isSome())
        mismatch(in, typeid(T));
    check_depth(depth);
    return decode_value<T>(in.getSome(), depth + 1);
}

template <typename T>
bool holds(std::int64_t value) {
    using Limits = std::numeric_limits<T>;
    if constexpr (std::is_signed_v<T>)
        return value >= Limits::min() && value <= Limits::max();
    else
        return value >= 0 && static_cast<std::uint64_t>(value) <= Limits::max();
}

template <typename T>
bool holds(std::uint64_t value) {
    return value <= static_cast<std::uint64_t>(std::numeric_limits<T>::max());
}

/// `value` as a `T`; `wanted` is the type to be named when it does not fit.
template <typename T, typename Wide>
T narrow_integer(Wide value, const std::type_info& wanted = typeid(T)) {
    if (!holds<T>(value)) [[unlikely]]
        out_of_range(value, wanted);
    return static_cast<T>(value);
}

template <typename T, typename Wide>
T narrow_floating(Wide value) {
    if constexpr (std::numeric_limits<T>::digits < std::numeric_limits<Wide>::digits) {
        constexpr Wide largest = std::numeric_limits<T>::max();
        const bool infinite_here = std::isfinite(value) && (value > largest || value < -largest);
        if (infinite_here || (static_cast<T>(value) != value && !std::isnan(value))) [[unlikely]]
            out_of_range(static_cast<double>(value), typeid(T));
    }
    return static_cast<T>(value);
}

template <typename T>
T decode_integer(Value::Reader in, int depth) {
    switch (in.which()) {
    case Value::SIGNED:
        return narrow_integer<T>(in.getSigned());
    case Value::UNSIGNED:
        return narrow_integer<T>(in.getUnsigned());
    default:
        return decode_other<T>(in, depth);
    }
}

inline long double extended_value(Value::Reader in) {
    const auto data = in.getExtended();
    long double value = 0;
    if (data.size() != sizeof value)
        damaged("a number of the wrong size");
    std::memcpy(&value, data.begin(), sizeof value);
    return value;
}

template <typename T>
T decode_floating(Value::Reader in, int depth) {
    switch (in.which()) {
    case Value::FLOATING:
        return narrow_floating<T>(in.getFloating());
    case Value::EXTENDED:
        return narrow_floating<T>(extended_value(in));
    default:
        return decode_other<T>(in, depth);
    }
}

/// Calls `read` with the value or, one after the other, with its parts, which must be of the same kind.
template <typename Read>
void each_part(Value::Reader in, Read&& read) {
    if (!in.isParts()) [[likely]] {
        read(in);
        return;
    }
    const auto parts = in.getParts();
    if (parts.size() == 0)
        damaged("a value in no parts");
    const auto which = parts[0].which();
    if (which != Value::TEXT && which != Value::BYTES && which != Value::LIST && which != Value::NUMBERS)
        damaged("parts of something that has none");
    for (const auto part : parts) {
        if (part.which() != which)
            damaged("parts of different kinds");
        if (which == Value::NUMBERS && part.getNumbers().getKind() != parts[0].getNumbers().getKind())
            damaged("parts of different kinds");
        read(part);
    }
}

/// The size of a text, of bytes or of numbers in parts: growing step by step would take twice the memory of what is
/// large already.
inline std::size_t bytes_in_parts(Value::Reader in) {
    std::size_t total = 0;
    for (const auto part : in.getParts())
        total += part.isText()      ? part.getText().size()
                 : part.isBytes()   ? part.getBytes().size()
                 : part.isNumbers() ? part.getNumbers().getData().size()
                                    : 0;
    return total;
}

template <typename T>
T decode_text(Value::Reader in, int depth) {
    if (in.isText()) [[likely]] {
        const auto text = in.getText();
        return T(reinterpret_cast<const char*>(text.begin()), text.size());
    }
    if (!in.isParts())
        return decode_other<T>(in, depth);
    T result;
    result.reserve(bytes_in_parts(in));
    each_part(in, [&](Value::Reader part) {
        if (!part.isText())
            mismatch(in, typeid(T));
        const auto text = part.getText();
        result.append(reinterpret_cast<const char*>(text.begin()), text.size());
    });
    return result;
}

/// Packed elements where they arrived.
template <typename W>
struct Packed {
    const kj::byte* data;
    std::size_t size;

    W operator[](std::size_t index) const {
        if constexpr (std::same_as<W, bool>)
            return data[index] != 0;
        W value;
        std::memcpy(&value, data + index * sizeof(W), sizeof(W));
        return value;
    }
};

template <typename W, typename Visit>
void visit_packed(capnp::Data::Reader data, Visit& visit) {
    if (data.size() % sizeof(W) != 0)
        damaged("a list of numbers that ends within one");
    if constexpr (std::same_as<W, bool>) {
        if (std::any_of(data.begin(), data.end(), [](kj::byte value) { return value > 1; }))
            damaged("a truth value that is neither true nor false");
    }
    visit(Packed<W>{data.begin(), data.size() / sizeof(W)});
}

/// Calls `visit` with the elements as `Packed<...>` of their type.
template <typename Visit>
void visit_numbers(Value::Reader in, Visit&& visit) {
    const auto numbers = in.getNumbers();
    const auto data = numbers.getData();
    switch (numbers.getKind()) {
    case ElementKind::BOOLEAN:
        return visit_packed<bool>(data, visit);
    case ElementKind::INT8:
        return visit_packed<std::int8_t>(data, visit);
    case ElementKind::INT16:
        return visit_packed<std::int16_t>(data, visit);
    case ElementKind::INT32:
        return visit_packed<std::int32_t>(data, visit);
    case ElementKind::INT64:
        return visit_packed<std::int64_t>(data, visit);
    case ElementKind::UINT8:
        return visit_packed<std::uint8_t>(data, visit);
    case ElementKind::UINT16:
        return visit_packed<std::uint16_t>(data, visit);
    case ElementKind::UINT32:
        return visit_packed<std::uint32_t>(data, visit);
    case ElementKind::UINT64:
        return visit_packed<std::uint64_t>(data, visit);
    case ElementKind::FLOAT32:
        return visit_packed<float>(data, visit);
    case ElementKind::FLOAT64:
        return visit_packed<double>(data, visit);
    }
    damaged("numbers of an unknown kind");
}

/// The elements of a list, each of which is known to take room in the message: elements without content would let a
/// few bytes claim any number of them.
inline capnp::List<Value>::Reader checked_list(capnp::List<Value>::Reader list) {
    if (list.size() != 0 && capnp::AnyStruct::Reader(Value::Reader(list[0])).getDataSection().size() == 0) [[unlikely]]
        damaged("a list of elements without content");
    return list;
}

inline void write_number(Value::Builder out, bool value) {
    out.setBoolean(value);
}
inline void write_number(Value::Builder out, double value) {
    out.setFloating(value);
}
inline void write_number(Value::Builder out, std::int64_t value) {
    out.setSigned(value);
}
inline void write_number(Value::Builder out, std::uint64_t value) {
    encode_integer(value, out);
}

template <typename W>
using Widest =
    std::conditional_t<std::same_as<W, bool>, bool,
                       std::conditional_t<std::floating_point<W>, double,
                                          std::conditional_t<std::is_signed_v<W>, std::int64_t, std::uint64_t>>>;

/// The elements of numbers as `E`, handed to `take` one by one.
template <typename E, typename W, typename Take>
void take_numbers(Packed<W> numbers, int depth, Take&& take) {
    [[maybe_unused]] const auto other = [&] {
        // Not itself a number, but perhaps something that can be received from one, as an optional.
        capnp::word room[16] = {};
        capnp::MallocMessageBuilder builder(room);
        auto value = builder.getRoot<Value>();
        for (std::size_t index = 0; index < numbers.size; ++index) {
            write_number(value, static_cast<Widest<W>>(numbers[index]));
            take(decode_value<E>(value.asReader(), depth + 1));
        }
    };
    if constexpr (kind<E> == Kind::enumeration && !std::same_as<E, std::byte>) {
        take_numbers<std::underlying_type_t<E>>(numbers, depth, [&](auto value) { take(static_cast<E>(value)); });
    } else if constexpr (kind<E> == Kind::integer && std::integral<W> && !std::same_as<W, bool>) {
        for (std::size_t index = 0; index < numbers.size; ++index)
            take(narrow_integer<E>(static_cast<Widest<W>>(numbers[index])));
    } else if constexpr (std::same_as<E, bool> && std::same_as<W, bool>) {
        for (std::size_t index = 0; index < numbers.size; ++index)
            take(numbers[index]);
    } else if constexpr (kind<E> == Kind::floating && std::floating_point<W>) {
        for (std::size_t index = 0; index < numbers.size; ++index)
            take(narrow_floating<E>(numbers[index]));
    } else {
        other();
    }
}

/// Can packed elements of `W` be copied as they are into elements of `E`?
template <typename E, typename W>
consteval bool same_form() {
    if constexpr (is_number<E>)
        return element_kind<E>() == element_kind<W>();
    else
        return false;
}

/// Hands the elements of a sequence to `into`: `start(count)` announces elements that are about to come, `take(E&&)`
/// gives one, `copy(const E*, count)` several, where `into` has it.
template <typename E, typename T, typename Into>
void decode_elements(Value::Reader in, int depth, Into& into) {
    check_depth(depth);
    const auto copy = [&](const kj::byte* data, std::size_t size) {
        if constexpr (requires { into.copy(static_cast<const E*>(nullptr), size); }) {
            // Cap'n Proto keeps data at words of its own, so the elements are aligned.
            into.copy(reinterpret_cast<const E*>(data), size);
            return true;
        } else {
            return false;
        }
    };
    // Not inlined: what holds values is decoded by recursion, whose frames are to stay small.
    const auto take_all_numbers = [&](Value::Reader part) __attribute__((noinline)) {
        visit_numbers(part, [&]<typename W>(Packed<W> numbers) {
            if (std::same_as<E, std::byte> && numbers.size != 0)
                mismatch(in, typeid(T)); // integers are no byte buffer
            if constexpr (same_form<E, W>()) {
                if (copy(numbers.data, numbers.size))
                    return;
            }
            into.start(numbers.size);
            take_numbers<E>(numbers, depth, [&](E&& element) { into.take(std::move(element)); });
        });
    };
    each_part(in, [&](Value::Reader part) {
        if (part.isNumbers()) {
            take_all_numbers(part);
        } else if (part.isList()) {
            const auto list = checked_list(part.getList());
            if (std::same_as<E, std::byte> && list.size() != 0)
                mismatch(in, typeid(T));
            into.start(list.size());
            for (const auto element : list)
                into.take(decode_value<E>(element, depth + 1));
        } else if (std::same_as<E, std::byte> && part.isBytes()) {
            if constexpr (std::same_as<E, std::byte>) {
                const auto bytes = part.getBytes();
                if (copy(bytes.begin(), bytes.size()))
                    return;
                into.start(bytes.size());
                for (const auto byte : bytes)
                    into.take(static_cast<std::byte>(byte));
            }
        } else {
            mismatch(in, typeid(T));
        }
    });
}

/// A claim of elements is believed only so far before they have been seen.
template <typename E>
std::size_t believed(std::size_t count) {
    return std::min(count, std::max<std::size_t>((std::size_t{1} << 20) / sizeof(E), 16));
}

/// A sequence whose elements look the same in a message, and that takes many at once.
template <typename T>
concept CopiedInto = SequenceLike<T> &&
    (is_number<typename T::value_type> ||
     std::same_as<typename T::value_type, std::byte>)&&requires(T container, const typename T::value_type* first) {
    container.insert(container.end(), first, first);
};

/// Fills a sequence or a set.
template <typename T, Kind What>
struct Filler {
    using E = typename T::value_type;
    T result{};

    // Not inlined for the same reason.
    [[gnu::noinline]] void start([[maybe_unused]] std::size_t count) {
        if constexpr (requires { result.reserve(count); }) {
            if (result.empty())
                result.reserve(believed<E>(count));
        }
    }

    void take(E&& element) {
        if constexpr (What == Kind::sequence) {
            if constexpr (requires { result.push_back(std::move(element)); })
                result.push_back(std::move(element));
            else
                last_ = result.insert_after(result.empty() ? result.before_begin() : last_, std::move(element));
        } else {
            const auto before = result.size();
            result.insert(std::move(element));
            if (result.size() == before)
                duplicate(typeid(T));
        }
    }

    void copy(const E* elements, std::size_t count) requires(CopiedInto<T>) {
        result.insert(result.end(), elements, elements + count);
    }

private:
    struct Nothing {};
    template <typename C>
    static auto last_of() {
        if constexpr (requires(C container) { container.before_begin(); })
            return typename C::iterator{};
        else
            return Nothing{};
    }
    [[no_unique_address]] decltype(last_of<T>()) last_{};
};

template <typename T>
struct ArrayFiller {
    using E = typename T::value_type;
    static constexpr std::size_t size = std::tuple_size_v<T>;
    T& result;
    std::size_t filled = 0;

    void start(std::size_t count) {
        if (count > size - filled)
            wrong_length(filled + count, typeid(T));
    }
    void take(E&& element) { result[filled++] = std::move(element); }
    // Only what is taken as it stands in a message: others may not be copyable.
    void copy(const E* elements, std::size_t count) requires(is_number<E> || std::same_as<E, std::byte>) {
        start(count);
        std::copy_n(elements, count, result.begin() + static_cast<std::ptrdiff_t>(filled));
        filled += count;
    }
};

template <typename T>
T decode_array(Value::Reader in, int depth) {
    using E = std::remove_const_t<typename T::value_type>;
    constexpr std::size_t size = std::tuple_size_v<T>;
    if (in.isSome())
        return decode_other<T>(in, depth);
    if constexpr (std::is_default_constructible_v<T> && std::is_move_assignable_v<E> && size != 0) {
        T result;
        ArrayFiller<T> filler{result};
        decode_elements<E, T>(in, depth, filler);
        if (filler.filled != size)
            wrong_length(filler.filled, typeid(T));
        return result;
    } else {
        Filler<std::vector<E>, Kind::sequence> filler;
        decode_elements<E, T>(in, depth, filler);
        if (filler.result.size() != size)
            wrong_length(filler.result.size(), typeid(T));
        return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            return T{std::move(filler.result[Index])...};
        }
        (std::make_index_sequence<size>{});
    }
}

template <typename T, Kind What>
T decode_container(Value::Reader in, int depth) {
    if (in.isSome()) [[unlikely]]
        return decode_other<T>(in, depth);
    Filler<T, What> filler;
    if constexpr (CopiedInto<T> && requires { filler.result.reserve(1); }) {
        if (in.isParts()) [[unlikely]]
            filler.result.reserve(bytes_in_parts(in) / sizeof(typename T::value_type));
    }
    decode_elements<typename T::value_type, T>(in, depth, filler);
    return std::move(filler.result);
}

/// A tuple's members, checked to be `count`.
template <typename T>
capnp::List<Value>::Reader tuple_members(Value::Reader in, std::size_t count, int depth) {
    check_depth(depth);
    const auto members = in.getTuple();
    if (members.size() != count)
        mismatch(in, typeid(T));
    return members;
}

template <typename T>
T decode_map(Value::Reader in, int depth) {
    using Key = typename T::key_type;
    using Mapped = typename T::mapped_type;
    if (in.isSome()) [[unlikely]]
        return decode_other<T>(in, depth);
    check_depth(depth);
    T result;
    each_part(in, [&](Value::Reader part) {
        if (part.isNumbers()) {
            const auto numbers = part.getNumbers();
            if (numbers.getKind() > ElementKind::FLOAT64)
                damaged("numbers of an unknown kind");
            if (numbers.getData().size() != 0)
                mismatch(in, typeid(T));
            return;
        }
        if (!part.isList())
            mismatch(in, typeid(T));
        const auto list = checked_list(part.getList());
        if constexpr (requires { result.reserve(list.size()); }) {
            if (result.empty())
                result.reserve(believed<typename T::value_type>(list.size()));
        }
        for (Value::Reader element : list) {
            while (element.isSome())
                element = element.getSome();
            if (!element.isTuple())
                mismatch(element, typeid(typename T::value_type));
            const auto members = tuple_members<typename T::value_type>(element, 2, depth + 1);
            const auto before = result.size();
            Key key = decode_value<Key>(members[0], depth + 2);
            result.emplace(std::move(key), decode_value<Mapped>(members[1], depth + 2));
            if (result.size() == before)
                duplicate(typeid(T));
        }
    });
    return result;
}

template <typename T>
T decode_tuple(Value::Reader in, int depth) {
    if (!in.isTuple()) [[unlikely]]
        return decode_other<T>(in, depth);
    [[maybe_unused]] const auto members = tuple_members<T>(in, std::tuple_size_v<T>, depth);
    return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        return T{decode_value<std::remove_cv_t<std::tuple_element_t<Index, T>>>(members[Index], depth + 1)...};
    }
    (std::make_index_sequence<std::tuple_size_v<T>>{});
}

template <typename T>
T decode_aggregate(Value::Reader in, int depth) {
    if (!in.isTuple()) [[unlikely]]
        return decode_other<T>(in, depth);
    [[maybe_unused]] const auto members = tuple_members<T>(in, member_count<T>, depth);
    return [&]<std::size_t... Index, typename... Members>(std::index_sequence<Index...>, TypeList<Members...>) {
        return T{decode_value<Members>(members[Index], depth + 1)...};
    }
    (std::make_index_sequence<member_count<T>>{}, MemberTypes<T>{});
}

template <typename T, std::size_t Index = 0>
T decode_alternative(std::size_t index, Value::Reader in, int depth) {
    if constexpr (Index < std::variant_size_v<T>) {
        if (index != Index)
            return decode_alternative<T, Index + 1>(index, in, depth);
        return T(std::in_place_index<Index>,
                 decode_value<std::remove_cv_t<std::variant_alternative_t<Index, T>>>(in, depth));
    } else {
        mismatch("alternative " + std::to_string(index) + " of a variant", typeid(T));
    }
}

template <typename T>
T decode_variant(Value::Reader in, int depth) {
    if (!in.isVariant())
        return decode_other<T>(in, depth);
    check_depth(depth);
    const auto variant = in.getVariant();
    return decode_alternative<T>(variant.getIndex(), variant.getValue(), depth + 1);
}

template <typename T>
T decode_duration(Value::Reader in, int depth) {
    using Rep = typename T::rep;
    using Period = typename T::period;
    if (!in.isDuration())
        return decode_other<T>(in, depth);
    const auto duration = in.getDuration();
    const auto count = duration.getCount();
    if (duration.getNumerator() <= 0 || duration.getDenominator() <= 0)
        damaged("a duration in no unit");

    Dyadic exact;
    switch (count.which()) {
    case Value::SIGNED:
        exact.mantissa = count.getSigned();
        break;
    case Value::UNSIGNED:
        exact.mantissa = count.getUnsigned();
        break;
    case Value::FLOATING:
    case Value::EXTENDED: {
        const long double value = count.isFloating() ? count.getFloating() : extended_value(count);
        if (!std::isfinite(value)) {
            if constexpr (std::floating_point<Rep>)
                return T(static_cast<Rep>(value));
            else
                mismatch(in, typeid(T));
        }
        exact = dyadic(value);
        break;
    }
    default:
        damaged("a duration of something that is no number");
    }

    if (convert_period(exact, duration.getNumerator(), duration.getDenominator(), Period::num, Period::den)) {
        if constexpr (std::floating_point<Rep>) {
            long double result = 0;
            if (exact_floating(exact, std::numeric_limits<Rep>::digits, result) && static_cast<Rep>(result) == result)
                return T(static_cast<Rep>(result));
        } else {
            Int128 result = 0;
            if (exact_integer(exact, result) && result >= std::numeric_limits<Rep>::min() &&
                result <= std::numeric_limits<Rep>::max())
                return T(static_cast<Rep>(result));
        }
    }
    mismatch("a duration that it does not hold exactly", typeid(T));
}

/// An optional or a `unique_ptr`; `Element` is what it holds.
template <typename T, typename Element>
T decode_nullable(Value::Reader in, int depth) {
    const auto engage = [](Value::Reader value, int level) {
        if constexpr (kind<T> == Kind::pointer)
            return T(new Element(decode_value<Element>(value, level)));
        else
            return T(std::in_place, decode_value<Element>(value, level));
    };
    if (in.isNone())
        return T();
    if (!in.isSome())
        return engage(in, depth);
    check_depth(depth);
    // What was engaged at the sender's is engaged here if there is a level for it.
    if constexpr (is_nullable<Element>)
        return engage(in.getSome(), depth + 1);
    else
        return decode_value<T>(in.getSome(), depth + 1);
}

template <typename T>
T decode_value(Value::Reader in, int depth) {
    constexpr Kind what = kind<T>;
    if constexpr (what == Kind::none) {
        return in.isNone() ? T() : decode_other<T>(in, depth);
    } else if constexpr (what == Kind::any) {
        // What it returns is incomplete here, so the call has to depend on T: clang looks at others at once.
        return decode_any(in, static_cast<std::conditional_t<what == Kind::any, int, T>>(depth));
    } else if constexpr (what == Kind::boolean) {
        return in.isBoolean() ? in.getBoolean() : decode_other<T>(in, depth);
    } else if constexpr (what == Kind::integer) {
        return decode_integer<T>(in, depth);
    } else if constexpr (what == Kind::enumeration) {
        return static_cast<T>(decode_value<std::underlying_type_t<T>>(in, depth));
    } else if constexpr (what == Kind::floating) {
        return decode_floating<T>(in, depth);
    } else if constexpr (what == Kind::text) {
        return decode_text<T>(in, depth);
    } else if constexpr (what == Kind::path) {
        return T(decode_text<std::string>(in, depth));
    } else if constexpr (what == Kind::optional) {
        return decode_nullable<T, std::remove_cv_t<typename T::value_type>>(in, depth);
    } else if constexpr (what == Kind::pointer) {
        return decode_nullable<T, std::remove_cv_t<typename T::element_type>>(in, depth);
    } else if constexpr (what == Kind::tuple) {
        return decode_tuple<T>(in, depth);
    } else if constexpr (what == Kind::variant) {
        return decode_variant<T>(in, depth);
    } else if constexpr (what == Kind::duration) {
        return decode_duration<T>(in, depth);
    } else if constexpr (what == Kind::array) {
        return decode_array<T>(in, depth);
    } else if constexpr (what == Kind::map) {
        return decode_map<T>(in, depth);
    } else if constexpr (what == Kind::set || what == Kind::sequence) {
        return decode_container<T, what>(in, depth);
    } else {
        return decode_aggregate<T>(in, depth);
    }
}

} // namespace detail

/// The value that arrived, as a `T`.
///
/// Throws `TypeMismatch`, which names what arrived and `T`, when it is of another type or `T` does not hold it, and
/// `ProtocolError` when it is none that `encode` writes or is nested deeper than `deepest_nesting`. Memory is taken in
/// proportion to the elements that did arrive, whatever the message claims.
template <typename T>
[[nodiscard]] T decode(schema::Value::Reader in) {
    static_assert(detail::explain<T, detail::Direction::received>);
    if constexpr (Receivable<T>) {
        try {
            return detail::decode_value<T>(in, 1);
        } catch (const detail::Mismatch& inner) {
            detail::report(inner, in, typeid(T));
        } catch (const kj::Exception& exception) {
            detail::damaged(exception);
        }
    } else {
        __builtin_unreachable(); // for a single error at compile time
    }
}

} // namespace pprocess::message
