// SPDX-License-Identifier: GPL-3.0-or-later
//
// AnyValue: a value whose type only its sender knows.
#include <capnp/serialize.h>

#include <QtTest>

#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/memory.h"

using namespace pprocess;
using namespace std::chrono_literals;
using schema::ElementKind;
using schema::Value;
using Kind = AnyValue::Kind;

namespace {

constexpr int deepest = message::deepest_nesting;

struct Point {
    int x = 0;
    double y = 0;
    bool operator==(const Point&) const = default;
};
struct Holder {
    std::string name;
    AnyValue value;
    std::optional<AnyValue> perhaps;
    bool operator==(const Holder&) const = default;
};

static_assert(message::Transferable<AnyValue> && message::Transferable<Holder>);
static_assert(message::Transferable<std::map<std::string, std::unique_ptr<AnyValue>>>);
static_assert(sizeof(AnyValue) <= 24);

template <typename T>
kj::Array<capnp::word> wire(const T& value, const message::PartLimits& limits = {}) {
    capnp::MallocMessageBuilder builder;
    message::encode(value, builder.initRoot<Value>(), {.parts = limits});
    return capnp::messageToFlatArray(builder);
}

template <typename T>
T read(const kj::Array<capnp::word>& words) {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 8 * words.size() + 100;
    options.nestingLimit = message::nesting_limit;
    capnp::FlatArrayMessageReader reader(words, options);
    return message::decode<T>(reader.getRoot<Value>());
}

template <typename T, typename Sent>
T carry(const Sent& value, const message::PartLimits& limits = {}) {
    return read<T>(wire(value, limits));
}

/// Does what was sent as a `T` arrive as an AnyValue of this kind, which sent on is the same message, and a `T` again?
template <typename T>
bool travels(const T& value, Kind kind) {
    const auto sent = wire(value);
    const AnyValue any = read<AnyValue>(sent);
    const auto again = wire(any);
    const bool same_message = sent.asBytes() == again.asBytes();
    const bool same = any == AnyValue::of(value) && any == read<AnyValue>(again);
    return any.kind() == kind && same_message && same && read<T>(again) == value && any.as<T>() == value;
}

AnyValue nested(int levels) {
    AnyValue value = 1;
    for (int level = 0; level < levels; ++level)
        value = AnyValue::tuple({std::move(value)});
    return value;
}

bool is_damaged(const std::function<void(Value::Builder)>& build) {
    capnp::MallocMessageBuilder builder;
    build(builder.initRoot<Value>());
    try {
        (void)read<AnyValue>(capnp::messageToFlatArray(builder));
    } catch (const ProtocolError&) {
        return true;
    }
    return false;
}

const std::string grown(100, 'x');

} // namespace

class TestAnyValue : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void everyKind() {
        QVERIFY(travels(std::monostate(), Kind::none));
        QVERIFY(travels(true, Kind::boolean));
        QVERIFY(travels(-5, Kind::signed_integer));
        QVERIFY(travels(std::numeric_limits<std::int64_t>::min(), Kind::signed_integer));
        QVERIFY(travels(5u, Kind::signed_integer));
        QVERIFY(travels(~std::uint64_t{0}, Kind::unsigned_integer));
        QVERIFY(travels(0.1f, Kind::floating));
        QVERIFY(travels(-0.0, Kind::floating));
        QVERIFY(travels(0.5l, Kind::floating));
        QVERIFY(travels(1.0l / 3, Kind::extended));
        QVERIFY(travels(std::string(), Kind::text));
        QVERIFY(travels(std::string("a\0b\xff", 4), Kind::text));
        QVERIFY(travels(std::filesystem::path("/a/path"), Kind::text));
        QVERIFY(travels(std::vector<std::byte>(5, std::byte{7}), Kind::bytes));
        QVERIFY(travels(std::vector<std::byte>(), Kind::bytes));
        QVERIFY(travels(std::vector<std::string>{"a", "", "c"}, Kind::list));
        QVERIFY(travels(std::vector<std::string>(), Kind::list));
        QVERIFY(travels(std::set<std::string>{"a", "b"}, Kind::list));
        QVERIFY(travels(std::map<std::string, std::vector<int>>{{"one", {1}}, {"none", {}}}, Kind::list));
        QVERIFY(travels(std::vector<std::optional<int>>{1, std::nullopt}, Kind::list));
        QVERIFY(travels(std::vector<long double>{1.0l / 3, 2}, Kind::list));
        QVERIFY(travels(std::tuple<int, std::string>{1, "a"}, Kind::tuple));
        QVERIFY(travels(std::tuple<>(), Kind::tuple));
        QVERIFY(travels(std::vector<Point>{{1, 2}, {3, 4}}, Kind::list));
        QVERIFY(travels(Point{1, 0.5}, Kind::tuple));
        QVERIFY(travels(std::variant<int, std::string, std::monostate>("a"), Kind::variant));
        QVERIFY(travels(std::variant<int, std::monostate>(std::monostate()), Kind::variant));
        QVERIFY(travels(1500ms, Kind::duration));
        QVERIFY(travels(std::chrono::duration<long double, std::ratio<7, 11>>(1.0l / 3), Kind::duration));
        QVERIFY(travels(std::optional<std::string>("a"), Kind::text));
        QVERIFY(travels(std::optional<std::string>(), Kind::none));

        const double nan = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(AnyValue(nan) == carry<AnyValue>(nan));
        QVERIFY(std::isnan(carry<double>(AnyValue(nan))));
        QVERIFY(AnyValue(0.0) != AnyValue(-0.0));
    }

    void numbersOfEveryKind() {
        const auto packed = [](auto... number) {
            return (travels(std::vector<decltype(number)>{number, 0, 1}, Kind::numbers) && ...);
        };
        using Int8 = signed char;
        using UInt8 = unsigned char;
        QVERIFY(
            packed(Int8(-7), short(-7), -7, -7L, UInt8(255), static_cast<unsigned short>(65535), 7u, ~0ul, 0.5f, 0.1));
        QVERIFY(travels(std::vector<bool>{true, false}, Kind::numbers));
        QVERIFY(travels(std::vector<double>(), Kind::numbers));
        QVERIFY(travels(std::list<std::vector<float>>{{1}, {}}, Kind::list));

        const AnyValue floats = AnyValue::of(std::vector<float>{0.1f, -2});
        QCOMPARE(floats.size(), std::size_t{2});
        QCOMPARE(floats.element_kind(), ElementKind::FLOAT32);
        QCOMPARE(floats.at_as_double(0), static_cast<double>(0.1f));
        QCOMPARE(floats.text_at(0), std::string("0.1"));
        QVERIFY(floats.child(1) == AnyValue(-2.0));
        QVERIFY_EXCEPTION_THROWN((void)floats.at_as_double(2), std::out_of_range);
        QVERIFY_EXCEPTION_THROWN((void)floats.child(2), std::out_of_range);
        QVERIFY_EXCEPTION_THROWN((void)AnyValue(1).at_as_double(0), std::bad_variant_access);

        const AnyValue large = AnyValue::of(std::vector<std::uint64_t>{~std::uint64_t{0}});
        QCOMPARE(large.text_at(0), std::string("18446744073709551615"));
        QCOMPARE(large.child(0).kind(), Kind::unsigned_integer);
        const AnyValue truths = AnyValue::of(std::vector<bool>{true});
        QCOMPARE(truths.at_as_double(0), 1.0);
        QCOMPARE(truths.text_at(0), std::string("true"));
        QVERIFY(truths.child(0) == AnyValue(true));
        const AnyValue bytes = AnyValue::of(std::vector<signed char>{-7});
        QCOMPARE(bytes.text_at(0), std::string("-7"));
        QVERIFY(bytes.child(0) == AnyValue(-7));
        QVERIFY(AnyValue::numbers(std::span<const int>(std::array{1, 2})).as<std::vector<int>>() ==
                (std::vector{1, 2}));
        QVERIFY_EXCEPTION_THROWN((void)AnyValue::numbers(ElementKind::INT16, std::vector<std::byte>(3)), ProtocolError);
        QVERIFY_EXCEPTION_THROWN((void)AnyValue::numbers(static_cast<ElementKind>(99), {}), ProtocolError);
    }

    void aMillionNumbers() {
        std::vector<double> million(1'000'000);
        for (std::size_t index = 0; index < million.size(); ++index)
            million[index] = 0.5 * static_cast<double>(index);
        auto [one, other] = channel_pair();
        const std::int64_t before = resident();
        std::vector<AnyValue> received;
        for (int time = 0; time < 8; ++time) {
            one.post(million);
            while (one.has_unsent()) {
                (void)other.pump();
                (void)one.flush();
            }
            received.push_back(other.receive<AnyValue>());
        }
        const std::vector<AnyValue> copies(100, received.front());
        if (is_memory_measured)
            QVERIFY2(resident() - before < 8 * 8'000 * 2, qPrintable(QString::number(resident() - before)));
        const AnyValue& any = copies.back();
        QCOMPARE(any.packed().size(), std::size_t{8'000'000});
        QCOMPARE(any.packed().data(), received.front().packed().data());
        QCOMPARE(any.size(), million.size());
        QCOMPARE(any.at_as_double(999'999), 499'999.5);
        QCOMPARE(any.text_at(1), std::string("0.5"));
        QVERIFY(any.child(3) == AnyValue(1.5));
        QVERIFY(any.as<std::vector<double>>() == million);
    }

    void withinOthers() {
        const AnyValue pair = AnyValue::tuple({1, "a"});
        const Holder holder{"h", pair, AnyValue()};
        QVERIFY(carry<Holder>(holder) == holder);
        QVERIFY(carry<AnyValue>(holder) == AnyValue::tuple({"h", pair, AnyValue::some({})}));
        QVERIFY_EXCEPTION_THROWN(carry<std::vector<AnyValue>>(pair), TypeMismatch);
        const std::vector<AnyValue> many{1, 2.5, "a", {}, pair};
        QVERIFY(carry<std::vector<AnyValue>>(many) == many);
        QVERIFY(carry<AnyValue>(many) == AnyValue::list(many));
        QVERIFY((carry<std::tuple<AnyValue, AnyValue>>(pair) == std::tuple<AnyValue, AnyValue>{1, "a"}));
        QVERIFY((carry<std::tuple<int, std::string>>(std::tuple<AnyValue, AnyValue>{1, "a"}) ==
                 std::tuple<int, std::string>{1, "a"}));
        QVERIFY(carry<std::vector<AnyValue>>(std::vector<int>{1, 2}) == (std::vector<AnyValue>{1, 2}));
        QVERIFY((carry<std::map<std::string, AnyValue>>(std::map<std::string, int>{{"a", 1}}) ==
                 std::map<std::string, AnyValue>{{"a", 1}}));
        QVERIFY(*carry<std::unique_ptr<AnyValue>>(5) == AnyValue(5));
        QVERIFY((std::get<1>(carry<std::variant<int, AnyValue>>(std::variant<int, AnyValue>(AnyValue(5)))) == 5));
    }

    /// An optional keeps its levels, and what is engaged stays so.
    void optionals() {
        using Once = std::optional<int>;
        using Twice = std::optional<Once>;
        using Thrice = std::optional<Twice>;
        const auto survives = [](const auto& value) {
            using T = std::remove_cvref_t<decltype(value)>;
            return carry<T>(carry<AnyValue>(value)) == value;
        };
        QVERIFY(survives(Once()) && survives(Once(5)));
        QVERIFY(survives(Twice()) && survives(Twice(Once())) && survives(Twice(Once(5))));
        QVERIFY(survives(Thrice()) && survives(Thrice(Twice())) && survives(Thrice(Twice(Once()))) &&
                survives(Thrice(Twice(Once(5)))));
        QVERIFY(carry<AnyValue>(Twice(5)) == AnyValue(5));
        QVERIFY(carry<AnyValue>(Twice(Once())) == AnyValue::some({}));
        QCOMPARE(carry<AnyValue>(Thrice(Twice(Once()))).child(0).kind(), Kind::some);

        using Perhaps = std::optional<AnyValue>;
        for (const Perhaps& value : {Perhaps(), Perhaps(AnyValue()), Perhaps(5), Perhaps(AnyValue::some({}))})
            QVERIFY(carry<Perhaps>(value) == value);
        QCOMPARE(carry<Once>(Perhaps(5)), Once(5));
        QVERIFY(wire(Perhaps("a")).asBytes() == wire("a").asBytes());
        QVERIFY(carry<Perhaps>(Twice(Once())) == Perhaps(AnyValue()));
    }

    void refusedAsOtherTypes() {
        QVERIFY_EXCEPTION_THROWN((void)AnyValue(300).as<unsigned char>(), TypeMismatch);
        QVERIFY_EXCEPTION_THROWN((void)AnyValue(1).as<double>(), TypeMismatch);
        QVERIFY_EXCEPTION_THROWN((void)AnyValue("1").as<int>(), TypeMismatch);
        QVERIFY_EXCEPTION_THROWN((void)AnyValue(1).text(), std::bad_variant_access);
    }

    void children() {
        const AnyValue any = AnyValue::of(std::tuple(1, std::vector<std::string>{"a", "b"}, std::vector<int>{7, 8},
                                                     std::variant<int, std::string>("v"), 1500ms));
        QCOMPARE(any.size(), std::size_t{5});
        QCOMPARE(any.child(0).size(), std::size_t{0});
        QVERIFY(any.child(1).child(1) == "b");
        QVERIFY(any.child(2).child(1) == 8);
        QCOMPARE(any.child(3).size(), std::size_t{1});
        QCOMPARE(any.child(3).alternative(), 1u);
        QVERIFY(any.child(3).child(0) == "v");
        QVERIFY(any.child(4).count() == 1500);
        QCOMPARE(any.child(4).denominator(), std::int64_t{1000});
        QCOMPARE(any.members().size(), any.size());
        QCOMPARE(any.depth(), 2);
        QVERIFY(AnyValue::some({}).child(0).is_none());
        QVERIFY_EXCEPTION_THROWN((void)any.child(5), std::out_of_range);
        QVERIFY_EXCEPTION_THROWN((void)AnyValue(1).child(0), std::out_of_range);

        QCOMPARE(*AnyValue(7).number(), 7.0);
        QCOMPARE(*AnyValue(~0ul).number(), static_cast<double>(~0ul));
        QCOMPARE(*AnyValue(1.0l / 3).number(), 1.0 / 3);
        QCOMPARE(*any.child(4).number(), 1.5);
        QVERIFY(!AnyValue("7").number() && !AnyValue(true).number() && !any.number());
    }

    void equality() {
        QVERIFY(AnyValue::of(std::vector<int>{1}) != AnyValue::of(std::vector<short>{1}));
        QVERIFY(AnyValue::of(std::vector<int>{1}) != AnyValue::list({1}));
        QVERIFY(AnyValue::list({1}) != AnyValue::tuple({1}));
        QVERIFY(AnyValue::variant(0, 1) != AnyValue::variant(1, 1));
        QVERIFY(AnyValue::of(1s) != AnyValue::of(1000ms));
        QVERIFY(AnyValue(1) != AnyValue(1.0) && AnyValue(1) != AnyValue(true) && AnyValue("1") != AnyValue(1));
        AnyValue one = AnyValue::list({grown, 2});
        const AnyValue copy = one;
        QVERIFY(one == copy && copy.child(0).text().data() == one.child(0).text().data());
        one = 3;
        QVERIFY(copy == AnyValue::list({grown, 2}) && one == 3);
    }

    void depth() {
        const AnyValue deep = nested(deepest);
        QCOMPARE(deep.depth(), deepest);
        QVERIFY(carry<AnyValue>(deep) == deep);
        QVERIFY_EXCEPTION_THROWN(nested(deepest + 1), ProtocolError);
        QVERIFY_EXCEPTION_THROWN(AnyValue::list({deep}), ProtocolError);
        QVERIFY_EXCEPTION_THROWN(AnyValue::variant(0, deep), ProtocolError);
        QVERIFY_EXCEPTION_THROWN(wire(std::vector<AnyValue>{deep}), ProtocolError);
        AnyValue optional;
        for (int level = 0; level < deepest; ++level)
            optional = AnyValue::some(std::move(optional));
        QVERIFY(carry<AnyValue>(optional) == optional);
        QVERIFY_EXCEPTION_THROWN(AnyValue::some(optional), ProtocolError);

        QVERIFY(is_damaged([](Value::Builder value) {
            for (int level = 0; level < 20'000; ++level)
                value = value.initTuple(1)[0];
        }));
        QVERIFY(is_damaged([](Value::Builder value) {
            for (int level = 0; level < 20'000; ++level)
                value = value.initSome();
        }));
    }

    void inParts() {
        const auto joined = [](const auto& value, std::size_t size) {
            using T = std::remove_cvref_t<decltype(value)>;
            const message::PartLimits limits{size, size};
            const AnyValue any = carry<AnyValue>(value, limits);
            return any == AnyValue::of(value) && carry<T>(any, limits) == value &&
                   wire(any, limits).asBytes() == wire(value, limits).asBytes();
        };
        for (const std::size_t size : {1u, 3u, 16u}) {
            QVERIFY(joined(std::string("a text in parts"), size));
            QVERIFY(joined(std::vector<std::byte>(30, std::byte{7}), size));
            QVERIFY(joined(std::vector<double>{1, 2, 3, 4, 5}, size));
            QVERIFY(joined(std::vector<bool>{true, false, true, true}, size));
            QVERIFY(joined(std::vector<std::string>{"one", "two", "three", "four"}, size));
        }
    }

    void damaged() {
        using Build = std::function<void(Value::Builder)>;
        const auto numbers = [](ElementKind kind, std::vector<kj::byte> data) -> Build {
            return [=](Value::Builder value) {
                value.initNumbers().setKind(kind);
                value.getNumbers().setData(capnp::Data::Reader(data.data(), data.size()));
            };
        };
        QVERIFY(is_damaged(numbers(ElementKind::INT32, {1, 2, 3})));
        QVERIFY(is_damaged(numbers(ElementKind::BOOLEAN, {2})));
        QVERIFY(is_damaged(numbers(static_cast<ElementKind>(11), {1})));
        QVERIFY(is_damaged([](Value::Builder value) { value.initExtended(15); }));

        const auto duration = [](std::int64_t numerator, std::int64_t denominator, bool is_number) -> Build {
            return [=](Value::Builder value) {
                auto built = value.initDuration();
                built.setNumerator(numerator);
                built.setDenominator(denominator);
                if (is_number)
                    built.initCount().setSigned(1);
                else
                    built.initCount().initText(1);
            };
        };
        QVERIFY(!is_damaged(duration(1, 1, true)));
        QVERIFY(is_damaged(duration(0, 1, true)));
        QVERIFY(is_damaged(duration(1, -1, true)));
        QVERIFY(is_damaged(duration(1, 1, false)));

        const auto parts = [](std::vector<Build> builds) -> Build {
            return [=](Value::Builder value) {
                auto list = value.initParts(static_cast<unsigned>(builds.size()));
                for (unsigned index = 0; index < list.size(); ++index)
                    builds[index](list[index]);
            };
        };
        const Build text = [](Value::Builder value) { value.initText(2); };
        const Build bytes = [](Value::Builder value) { value.initBytes(2); };
        const Build none = [](Value::Builder) {};
        QVERIFY(!is_damaged(parts({text, text})));
        QVERIFY(is_damaged(parts({})));
        QVERIFY(is_damaged(parts({none})));
        QVERIFY(is_damaged(parts({text, bytes})));
        QVERIFY(is_damaged(parts({parts({text})})));
        QVERIFY(is_damaged(parts({numbers(ElementKind::INT8, {1}), numbers(ElementKind::UINT8, {1})})));

        // Values that are claimed without any bytes for them.
        QVERIFY(is_damaged([](Value::Builder value) {
            auto list = value.initTuple(2);
            capnp::AnyStruct::Builder(kj::cp(value))
                .getPointerSection()[0]
                .initAsAnyList(capnp::ElementSize::VOID, 1u << 28);
            (void)list;
        }));
        QVERIFY(is_damaged([](Value::Builder value) {
            value.initSome();
            capnp::AnyStruct::Builder(kj::cp(value)).getPointerSection()[0].clear();
        }));
        QVERIFY(is_damaged([](Value::Builder value) {
            value.initVariant().initValue();
            capnp::AnyStruct::Builder(kj::cp(value)).getPointerSection()[0].clear();
        }));
        QVERIFY(is_damaged([](Value::Builder value) {
            value.setSigned(1);
            reinterpret_cast<std::uint16_t*>(capnp::AnyStruct::Builder(kj::cp(value)).getDataSection().begin())[0] = 99;
        }));
    }

    void anyBitOfItFlipped() {
        const auto sound = wire(
            AnyValue::of(std::tuple(1, std::map<std::string, std::vector<short>>{{"a", {1, 2, 3}}},
                                    std::optional<std::optional<int>>(std::optional<int>()),
                                    std::variant<int, std::string>("v"), 5ms, std::vector<std::byte>(3), 1.0l / 3)));
        int refused = 0;
        for (std::size_t bit = 0; bit < 8 * sound.asBytes().size(); ++bit) {
            auto damaged = kj::heapArray<capnp::word>(sound.asPtr());
            damaged.asBytes()[bit / 8] ^= static_cast<kj::byte>(1u << bit % 8);
            try {
                const auto any = read<AnyValue>(damaged);
                (void)to_json_text(any);
                QVERIFY(carry<AnyValue>(any) == any);
            } catch (const ProtocolError&) {
                ++refused;
            } catch (const std::invalid_argument&) { // by `carry`: it has become a message of another schema
            } catch (const kj::Exception&) {         // by the segment table, which `IncomingMessage` checks
                ++refused;
            }
        }
        QVERIFY(refused > 100);
    }

    void messageOfItsOwnSchema() {
        auto [one, other] = channel_pair();
        capnp::MallocMessageBuilder message;
        message.initRoot<schema::Message>().initFailure();
        one.send_message(message);
        one.send(5);
        const auto any = other.receive<AnyValue>();
        QVERIFY(any.kind() == Kind::message && any == AnyValue::message());
        QVERIFY_EXCEPTION_THROWN(one.send(any), std::invalid_argument);
        QVERIFY_EXCEPTION_THROWN(one.send(AnyValue::list({any})), std::invalid_argument);
        one.send(AnyValue("still in use"));
        QVERIFY(other.receive<AnyValue>() == 5);
        QCOMPARE(other.receive<std::string>(), std::string("still in use"));
    }

    void asText_data() {
        QTest::addColumn<AnyValue>("value");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("json");
        const auto row = [](const AnyValue& value, const char* text, const char* json) {
            QTest::newRow(json) << value << QByteArray(text) << QByteArray(json);
        };
        const double infinite = std::numeric_limits<double>::infinity();
        row({}, "", "null");
        row(true, "true", "true");
        row(-5, "-5", "-5");
        row(~std::uint64_t{0}, "18446744073709551615", "18446744073709551615");
        row(0.1, "0.1", "0.1");
        row(12.0, "12", "12.0");
        row(1e300, "1e+300", "1e+300");
        row(1.0l / 3, "0.33333333333333333334", "0.33333333333333333334");
        row(infinite, "inf", "\"inf\"");
        row(-infinite, "-inf", "\"-inf\"");
        row(std::numeric_limits<double>::quiet_NaN(), "nan", "\"nan\"");
        row("a \"Grüße\"\n\\\x01", "a \"Grüße\"\n\\\x01", "\"a \\\"Grüße\\\"\\n\\\\\\u0001\"");
        row("a\xff\\\"", "a\xff\\\"", "{\"bytes\": \"a\\\\xff\\\\\\\\\\\"\"}");
        row(std::vector{std::byte{'a'}, std::byte{0}}, "a", "{\"bytes\": \"a\\u0000\"}");
        row(AnyValue::of(std::vector<double>{1, 0.5, infinite}), "[1.0, 0.5, \"inf\"]", "[1.0, 0.5, \"inf\"]");
        row(AnyValue::of(std::vector<float>{0.1f}), "[0.1]", "[0.1]");
        row(AnyValue::of(std::vector<bool>{true}), "[true]", "[true]");
        row(AnyValue::tuple({1, "a", AnyValue::list({})}), "[1, \"a\", []]", "[1, \"a\", []]");
        row(AnyValue::of(std::map<std::string, int>{{"a", 1}}), "[[\"a\", 1]]", "[[\"a\", 1]]");
        row(AnyValue::variant(1, "v"), "{\"alternative\": 1, \"value\": \"v\"}",
            "{\"alternative\": 1, \"value\": \"v\"}");
        row(AnyValue::some(AnyValue::some({})), "", "null");
        row(AnyValue::of(1500ms), "1.5s", "\"1.5s\"");
        row(AnyValue::of(-1ns), "-0.000000001s", "\"-0.000000001s\"");
        row(AnyValue::of(0us), "0s", "\"0s\"");
        row(AnyValue::of(90min), "5400s", "\"5400s\"");
        row(AnyValue::of(std::chrono::nanoseconds::min()), "-9223372036.854775808s", "\"-9223372036.854775808s\"");
        row(AnyValue::of(std::chrono::duration<double, std::milli>(1.5)), "0.0015s", "\"0.0015s\"");
        row(AnyValue::of(std::chrono::duration<int, std::ratio<1, 3>>(1)), "0.3333333333333333s",
            "\"0.3333333333333333s\"");
        row(AnyValue::of(std::chrono::duration<std::int64_t, std::ratio<3600>>::max()), "33204139332677192905200s",
            "\"33204139332677192905200s\"");
    }
    void asText() {
        QFETCH(AnyValue, value);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, json);
        QCOMPARE(QByteArray::fromStdString(to_json_text(value)), json);
        if (value.kind() != Kind::bytes)
            QCOMPARE(QByteArray::fromStdString(to_text(value)), text);
    }

    void textOfLimitedSize() {
        QCOMPARE(to_text("four", 4), std::string("four"));
        QCOMPARE(to_text("fourth", 4), std::string("four…"));
        QCOMPARE(to_text("Grüße", 3), std::string("Gr…"));
        QCOMPARE(to_text("Grüße", 4), std::string("Grü…"));
        QCOMPARE(to_text("\xff\xff\xff", 2).substr(2), std::string("…"));
        QCOMPARE(to_text(5, 0), std::string("…"));
        QCOMPARE(to_json_text(AnyValue::list({"Grüße", 1}), 8), std::string("[\"Grüß…"));
        const AnyValue large = AnyValue::of(std::vector<int>(10'000'000, 7));
        QCOMPARE(to_json_text(large, 7), std::string("[7, 7, …"));
        AnyValue wide = AnyValue::list(std::vector<AnyValue>(1000, grown));
        for (int level = 0; level < 100; ++level) // 1000^100 elements, were they looked at
            wide = AnyValue::list(std::vector<AnyValue>(1000, wide));
        QCOMPARE(to_json_text(wide, 1000).size(), std::size_t{1003});
    }

    void asArgumentsOfATask() {
        ForkServer server;
        const std::filesystem::path shapes = PPROCESS_FIXTURES "/shapes_tasks.so";
        Channel area = server.start_task_worker({shapes, "area"}, true);
        using Arguments = std::optional<AnyValue>;
        area.post(Arguments(AnyValue::tuple({3.0, 4.0})));
        QVERIFY(area.receive<AnyValue>() == 12.0);
        area.post(AnyValue::tuple({5.0, 6.0}));
        QVERIFY(area.receive<AnyValue>() == 30.0);
        area.post(AnyValue::tuple({1, "a"}));
        EXPECT_THROWN(RemoteError, (void)area.receive<AnyValue>(),
                      QCOMPARE(error.type_name(), std::string("pprocess::TypeMismatch")));
        area.post(AnyValue::tuple({0.5, 0.5})); // goes on
        QVERIFY(area.receive<AnyValue>() == 0.25);
        area.post(Arguments());
        QVERIFY(area.wait().success());

        const AnyValue words = AnyValue::list({"a", "b"});
        QVERIFY(server.start_task({shapes, "joined"}, words, AnyValue("+")).receive<AnyValue>() == "a+b");
        const AnyValue corner = AnyValue::tuple({3.0, 4.0});
        QVERIFY(server.start_task({shapes, "geo::area"}, AnyValue::tuple({1.0, 1.0}), corner).receive<AnyValue>() ==
                6.0);
        QVERIFY(server.start_task({shapes, "nothing"}).receive<AnyValue>().is_none());
    }
};

QTEST_GUILESS_MAIN(TestAnyValue)
#include "tst_any_value.moc"
