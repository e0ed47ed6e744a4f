// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/message/any_value.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include <pprocess/message/errors.h>

namespace pprocess {

using message::detail::believed;
using message::detail::check_depth;
using message::detail::checked_list;
using message::detail::damaged;
using message::detail::each_part;
using schema::ElementKind;
using schema::Value;

namespace {

/// Bytes of one element; 0 for a kind that does not exist.
std::size_t element_size(ElementKind kind) {
    switch (kind) {
    case ElementKind::BOOLEAN:
    case ElementKind::INT8:
    case ElementKind::UINT8:
        return 1;
    case ElementKind::INT16:
    case ElementKind::UINT16:
        return 2;
    case ElementKind::INT32:
    case ElementKind::UINT32:
    case ElementKind::FLOAT32:
        return 4;
    case ElementKind::INT64:
    case ElementKind::UINT64:
    case ElementKind::FLOAT64:
        return 8;
    }
    return 0;
}

void check_packed(ElementKind kind, std::span<const std::byte> data) {
    const std::size_t size = element_size(kind);
    if (size == 0)
        damaged("numbers of an unknown kind");
    if (data.size() % size != 0)
        damaged("a list of numbers that ends within one");
    if (kind == ElementKind::BOOLEAN &&
        std::any_of(data.begin(), data.end(), [](std::byte b) { return b > std::byte(1); }))
        damaged("a truth value that is neither true nor false");
}

/// Calls `visit` with the element as its own type.
template <typename Visit>
auto visit_element(ElementKind kind, const std::byte* data, std::size_t index, Visit&& visit) {
    const auto as = [&]<typename T>(T value) {
        std::memcpy(&value, data + index * sizeof(T), sizeof(T));
        return visit(value);
    };
    switch (kind) {
    case ElementKind::BOOLEAN:
        return as(bool());
    case ElementKind::INT8:
        return as(std::int8_t());
    case ElementKind::INT16:
        return as(std::int16_t());
    case ElementKind::INT32:
        return as(std::int32_t());
    case ElementKind::INT64:
        return as(std::int64_t());
    case ElementKind::UINT8:
        return as(std::uint8_t());
    case ElementKind::UINT16:
        return as(std::uint16_t());
    case ElementKind::UINT32:
        return as(std::uint32_t());
    case ElementKind::UINT64:
        return as(std::uint64_t());
    case ElementKind::FLOAT32:
        return as(float());
    case ElementKind::FLOAT64:
        return as(double());
    }
    damaged("numbers of an unknown kind");
}

bool is_number(const AnyValue& value) {
    return value.kind() >= AnyValue::Kind::signed_integer && value.kind() <= AnyValue::Kind::extended;
}

bool same_bits(long double one, long double other) {
    // The x87 form has bytes that mean nothing.
    constexpr std::size_t size = std::numeric_limits<long double>::digits == 64 ? 10 : sizeof(long double);
    return std::memcmp(&one, &other, size) == 0;
}

/// Those without content all share one: a message can claim as many as it has words.
template <typename T>
std::shared_ptr<const T> shared(T content) {
    static const auto empty = std::make_shared<const T>();
    return content.empty() ? empty : std::make_shared<const T>(std::move(content));
}

/// `depth` levels within one more.
int one_more(int depth) {
    check_depth(depth + 1);
    return depth + 1;
}

} // namespace

struct AnyValue::Within {
    std::uint32_t index; // of a variant
    int depth;
    AnyValue value;
};

struct AnyValue::Duration {
    AnyValue count;
    std::int64_t numerator;
    std::int64_t denominator;
};

AnyValue::AnyValue(long double value) {
    const auto narrow = static_cast<double>(value);
    if (narrow == value || std::isnan(value))
        content_.emplace<double>(narrow);
    else
        content_.emplace<static_cast<std::size_t>(Kind::extended)>(std::make_shared<const long double>(value));
}

AnyValue::AnyValue(std::string value) : content_(shared(std::move(value))) {}

AnyValue::AnyValue(std::vector<std::byte> value) : content_(shared(std::move(value))) {}

void AnyValue::set_unsigned(std::uint64_t value) {
    if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        content_.emplace<std::int64_t>(static_cast<std::int64_t>(value));
    else
        content_.emplace<std::uint64_t>(value);
}

template <AnyValue::Kind Which>
AnyValue AnyValue::made_group(std::vector<AnyValue> values) {
    static const auto empty = std::make_shared<const Group>(Group{{}, 1});
    if (values.empty())
        return made<Which>(empty);
    int deepest = 0;
    for (const AnyValue& value : values)
        deepest = std::max(deepest, value.depth());
    return made<Which>(std::make_shared<const Group>(Group{std::move(values), one_more(deepest)}));
}

template <AnyValue::Kind Which>
AnyValue AnyValue::made_within(std::uint32_t index, AnyValue value) {
    const int depth = one_more(value.depth());
    return made<Which>(std::make_shared<const Within>(Within{index, depth, std::move(value)}));
}

AnyValue AnyValue::list(std::vector<AnyValue> elements) {
    return made_group<Kind::list>(std::move(elements));
}

AnyValue AnyValue::tuple(std::vector<AnyValue> members) {
    return made_group<Kind::tuple>(std::move(members));
}

AnyValue AnyValue::numbers(ElementKind kind, std::vector<std::byte> packed) {
    check_packed(kind, packed);
    return made<Kind::numbers>(std::make_shared<const Numbers>(Numbers{kind, std::move(packed)}));
}

AnyValue AnyValue::variant(std::uint32_t index, AnyValue value) {
    return made_within<Kind::variant>(index, std::move(value));
}

AnyValue AnyValue::duration(AnyValue count, std::int64_t numerator, std::int64_t denominator) {
    if (numerator <= 0 || denominator <= 0)
        damaged("a duration in no unit");
    if (!is_number(count))
        damaged("a duration of something that is no number");
    return made<Kind::duration>(std::make_shared<const Duration>(Duration{std::move(count), numerator, denominator}));
}

AnyValue AnyValue::some(AnyValue value) {
    if (value.kind() != Kind::none && value.kind() != Kind::some)
        return value;
    return made_within<Kind::some>(0, std::move(value));
}

AnyValue AnyValue::message() {
    return made<Kind::message>();
}

const AnyValue::Group* AnyValue::group() const noexcept {
    const auto* list = std::get_if<static_cast<std::size_t>(Kind::list)>(&content_);
    const auto* tuple = std::get_if<static_cast<std::size_t>(Kind::tuple)>(&content_);
    return list ? list->get() : tuple ? tuple->get() : nullptr;
}

const AnyValue::Within* AnyValue::within() const noexcept {
    const auto* variant = std::get_if<static_cast<std::size_t>(Kind::variant)>(&content_);
    const auto* some = std::get_if<static_cast<std::size_t>(Kind::some)>(&content_);
    return variant ? variant->get() : some ? some->get() : nullptr;
}

int AnyValue::depth() const noexcept {
    if (const Group* members = group())
        return members->depth;
    if (const Within* inner = within())
        return inner->depth;
    // Their elements are levels to the codec.
    return kind() == Kind::numbers || kind() == Kind::bytes ? 1 : 0;
}

std::uint32_t AnyValue::alternative() const {
    return get<Kind::variant>()->index;
}

const AnyValue& AnyValue::count() const {
    return get<Kind::duration>()->count;
}

std::int64_t AnyValue::numerator() const {
    return get<Kind::duration>()->numerator;
}

std::int64_t AnyValue::denominator() const {
    return get<Kind::duration>()->denominator;
}

std::span<const AnyValue> AnyValue::members() const {
    return kind() == Kind::list ? get<Kind::list>()->values : get<Kind::tuple>()->values;
}

std::optional<double> AnyValue::number() const {
    switch (kind()) {
    case Kind::signed_integer:
        return static_cast<double>(signed_integer());
    case Kind::unsigned_integer:
        return static_cast<double>(unsigned_integer());
    case Kind::floating:
        return floating();
    case Kind::extended:
        return static_cast<double>(extended());
    case Kind::duration: {
        const AnyValue& units = count();
        const long double exact = units.kind() == Kind::extended         ? units.extended()
                                  : units.kind() == Kind::signed_integer ? units.signed_integer()
                                  : units.kind() == Kind::floating       ? units.floating()
                                                                         : units.unsigned_integer();
        return static_cast<double>(exact * static_cast<long double>(numerator()) /
                                   static_cast<long double>(denominator()));
    }
    default:
        return std::nullopt;
    }
}

std::size_t AnyValue::size() const noexcept {
    if (const Group* members = group())
        return members->values.size();
    if (within())
        return 1;
    const auto* numbers = std::get_if<static_cast<std::size_t>(Kind::numbers)>(&content_);
    return numbers ? (*numbers)->data.size() / element_size((*numbers)->kind) : 0;
}

void AnyValue::check_index(std::size_t index, std::size_t size) const {
    if (index >= size)
        throw std::out_of_range("there is no value " + std::to_string(index) + " in one of " + std::to_string(size));
}

AnyValue AnyValue::child(std::size_t index) const {
    check_index(index, size());
    if (const Group* members = group())
        return members->values[index];
    if (const Within* inner = within())
        return inner->value;
    return visit_element(element_kind(), packed().data(), index, [](auto element) { return AnyValue(element); });
}

double AnyValue::at_as_double(std::size_t index) const {
    const std::span<const std::byte> data = packed();
    check_index(index, size());
    return visit_element(element_kind(), data.data(), index, [](auto element) { return static_cast<double>(element); });
}

std::string AnyValue::text_at(std::size_t index) const {
    const std::span<const std::byte> data = packed();
    check_index(index, size());
    return visit_element(element_kind(), data.data(), index, [](auto element) -> std::string {
        if constexpr (std::same_as<decltype(element), bool>) {
            return element ? "true" : "false";
        } else {
            std::array<char, 64> text;
            return {text.data(), std::to_chars(text.data(), text.data() + text.size(), element).ptr};
        }
    });
}

bool operator==(const AnyValue& one, const AnyValue& other) {
    using Kind = AnyValue::Kind;
    if (one.kind() != other.kind())
        return false;
    switch (one.kind()) {
    case Kind::none:
    case Kind::message:
        return true;
    case Kind::boolean:
        return one.boolean() == other.boolean();
    case Kind::signed_integer:
        return one.signed_integer() == other.signed_integer();
    case Kind::unsigned_integer:
        return one.unsigned_integer() == other.unsigned_integer();
    case Kind::floating: {
        const double a = one.floating();
        const double b = other.floating();
        return std::memcmp(&a, &b, sizeof a) == 0;
    }
    case Kind::extended:
        return same_bits(one.extended(), other.extended());
    case Kind::text:
        return one.text() == other.text();
    case Kind::bytes:
        return std::ranges::equal(one.bytes(), other.bytes());
    case Kind::list:
    case Kind::tuple:
        return one.group() == other.group() || one.group()->values == other.group()->values;
    case Kind::numbers:
        return one.element_kind() == other.element_kind() && std::ranges::equal(one.packed(), other.packed());
    case Kind::variant:
    case Kind::some:
        return one.within()->index == other.within()->index &&
               (one.within() == other.within() || one.within()->value == other.within()->value);
    case Kind::duration:
        return one.count() == other.count() && one.numerator() == other.numerator() &&
               one.denominator() == other.denominator();
    }
    return false;
}

// --- the codec ---

namespace message::detail {

namespace {

void encode_packed(const AnyValue& value, Value::Builder out, EncodeOptions& options) {
    const ElementKind kind = value.element_kind();
    const std::span<const std::byte> data = value.packed();
    const std::size_t element = element_size(kind);
    const std::size_t part_size = std::max<std::size_t>(options.parts.bytes / element, 1);
    in_parts(out, value.size(), part_size, [&](Value::Builder part, std::size_t offset, std::size_t count) {
        auto numbers = part.initNumbers();
        numbers.setKind(kind);
        const std::byte* first = data.data() + offset * element;
        const std::size_t size = count * element;
        if (borrow(first, size, part, options, [&](auto&& orphan) { numbers.adoptData(kj::mv(orphan)); }))
            return;
        auto copy = numbers.initData(static_cast<unsigned>(size));
        if (size != 0)
            std::memcpy(copy.begin(), first, size);
    });
}

void encode_all(std::span<const AnyValue> values, capnp::List<Value>::Builder out, EncodeOptions& options, int depth) {
    for (unsigned index = 0; index < out.size(); ++index)
        encode_any(values[index], out[index], options, depth);
}

std::vector<std::byte> joined_bytes(Value::Reader in) {
    std::vector<std::byte> bytes;
    if (in.isParts())
        bytes.reserve(bytes_in_parts(in));
    each_part(in, [&](Value::Reader part) {
        const auto data = part.isBytes() ? part.getBytes() : part.getNumbers().getData();
        const auto* first = reinterpret_cast<const std::byte*>(data.begin());
        bytes.insert(bytes.end(), first, first + data.size());
    });
    return bytes;
}

AnyValue decode_packed(Value::Reader in, int depth) {
    check_depth(depth);
    const auto first = in.isParts() ? in.getParts()[0] : in;
    const ElementKind kind = first.getNumbers().getKind();
    return AnyValue::numbers(kind, joined_bytes(in));
}

AnyValue decode_bytes(Value::Reader in, int depth) {
    check_depth(depth);
    return joined_bytes(in);
}

void take_all(std::vector<AnyValue>& values, capnp::List<Value>::Reader list, int depth) {
    checked_list(list);
    if (values.empty())
        values.reserve(believed<AnyValue>(list.size()));
    for (const auto element : list)
        values.push_back(decode_any(element, depth));
}

AnyValue decode_list(Value::Reader in, int depth) {
    check_depth(depth);
    std::vector<AnyValue> values;
    each_part(in, [&](Value::Reader part) { take_all(values, part.getList(), depth + 1); });
    return AnyValue::list(std::move(values));
}

AnyValue decode_members(Value::Reader in, int depth) {
    check_depth(depth);
    std::vector<AnyValue> values;
    take_all(values, in.getTuple(), depth + 1);
    return AnyValue::tuple(std::move(values));
}

AnyValue decode_any_variant(Value::Reader in, int depth) {
    check_depth(depth);
    const auto variant = in.getVariant();
    if (!variant.hasValue())
        damaged("a variant without its value");
    return AnyValue::variant(variant.getIndex(), decode_any(variant.getValue(), depth + 1));
}

AnyValue decode_any_duration(Value::Reader in, int depth) {
    const auto duration = in.getDuration();
    const auto count = duration.getCount();
    if (!count.isSigned() && !count.isUnsigned() && !count.isFloating() && !count.isExtended())
        damaged("a duration of something that is no number");
    return AnyValue::duration(decode_any(count, depth), duration.getNumerator(), duration.getDenominator());
}

AnyValue decode_any_parts(Value::Reader in, int depth) {
    const auto parts = in.getParts();
    if (parts.size() == 0)
        damaged("a value in no parts");
    switch (parts[0].which()) {
    case Value::TEXT:
        return decode_text<std::string>(in, depth);
    case Value::BYTES:
        return decode_bytes(in, depth);
    case Value::LIST:
        return decode_list(in, depth);
    case Value::NUMBERS:
        return decode_packed(in, depth);
    default:
        damaged("parts of something that has none");
    }
}

} // namespace

bool could_be_none(const AnyValue& value) {
    return value.kind() == AnyValue::Kind::none || value.kind() == AnyValue::Kind::some;
}

void encode_any(const AnyValue& value, Value::Builder out, EncodeOptions& options, int depth) {
    using Form = AnyValue::Kind; // `Kind` is that of a C++ type here
    switch (value.kind()) {
    case Form::none:
        return out.setNone();
    case Form::boolean:
        return out.setBoolean(value.boolean());
    case Form::signed_integer:
        return out.setSigned(value.signed_integer());
    case Form::unsigned_integer:
        return out.setUnsigned(value.unsigned_integer());
    case Form::floating:
        return out.setFloating(value.floating());
    case Form::extended:
        return encode_floating(value.extended(), out);
    case Form::text:
        return encode_text(value.text().data(), value.text().size(), out, options);
    case Form::bytes:
        return encode_bytes(value.bytes(), out, options);
    case Form::numbers:
        return encode_packed(value, out, options);
    case Form::list:
        check_depth(depth);
        in_parts(out, value.size(), options.parts.elements,
                 [&](Value::Builder part, std::size_t offset, std::size_t count) {
                     encode_all(value.members().subspan(offset, count), part.initList(static_cast<unsigned>(count)),
                                options, depth + 1);
                 });
        return;
    case Form::tuple:
        check_depth(depth);
        return encode_all(value.members(), out.initTuple(static_cast<unsigned>(value.size())), options, depth + 1);
    case Form::variant: {
        check_depth(depth);
        auto variant = out.initVariant();
        variant.setIndex(value.alternative());
        return encode_any(value.child(0), variant.initValue(), options, depth + 1);
    }
    case Form::duration: {
        auto duration = out.initDuration();
        duration.setNumerator(value.numerator());
        duration.setDenominator(value.denominator());
        return encode_any(value.count(), duration.initCount(), options, depth);
    }
    case Form::some:
        check_depth(depth);
        return encode_any(value.child(0), out.initSome(), options, depth + 1);
    case Form::message:
        throw std::invalid_argument(
            "a message of a schema of its own cannot be sent on: nothing of it was kept. Receive "
            "it by receive_message instead");
    }
}

AnyValue decode_any(Value::Reader in, int depth) {
    switch (in.which()) {
    case Value::NONE:
        return {};
    case Value::BOOLEAN:
        return in.getBoolean();
    case Value::SIGNED:
        return in.getSigned();
    case Value::UNSIGNED:
        return in.getUnsigned();
    case Value::FLOATING:
        return in.getFloating();
    case Value::EXTENDED:
        return extended_value(in);
    case Value::TEXT:
        return decode_text<std::string>(in, depth);
    case Value::BYTES:
        return decode_bytes(in, depth);
    case Value::LIST:
        return decode_list(in, depth);
    case Value::TUPLE:
        return decode_members(in, depth);
    case Value::NUMBERS:
        return decode_packed(in, depth);
    case Value::VARIANT:
        return decode_any_variant(in, depth);
    case Value::DURATION:
        return decode_any_duration(in, depth);
    case Value::SOME:
        check_depth(depth);
        if (!in.hasSome())
            damaged("an optional without its value");
        return AnyValue::some(decode_any(in.getSome(), depth + 1));
    case Value::MESSAGE:
        return AnyValue::message();
    case Value::PARTS:
        return decode_any_parts(in, depth);
    }
    damaged("a value of an unknown kind");
}

} // namespace message::detail

} // namespace pprocess
