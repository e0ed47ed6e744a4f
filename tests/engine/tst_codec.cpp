// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
#include <capnp/serialize.h>

#include <QTest>

#include <array>
#include <chrono>
#include <deque>
#include <forward_list>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <ranges>
#include <set>
#include <span>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include <pprocess/message/codec.h>

using namespace pprocess;
using namespace pprocess::message;
using namespace std::chrono_literals;
using schema::ElementKind;
using schema::Value;

namespace {

enum class Colour : unsigned char { red = 1, blue = 200 };
enum Plain { zero, one };

struct Empty {
    bool operator==(const Empty&) const = default;
};
struct Single {
    std::string text;
    bool operator==(const Single&) const = default;
};
struct Point {
    int x = 0;
    int y = 0;
    auto operator<=>(const Point&) const = default;
};
struct Rich {
    bool flag = false;
    Colour colour = Colour::red;
    std::string name;
    std::optional<double> ratio;
    std::variant<int, std::string, Point> choice;
    std::vector<Point> points;
    std::map<std::string, std::vector<int>> groups;
    std::chrono::milliseconds age{};
    std::array<Point, 2> ends;
    std::pair<int, Empty> pair;
    std::tuple<> nothing;
    bool operator==(const Rich&) const = default;
};
struct Thirty {
    int a01 = 1, a02 = 2, a03 = 3, a04 = 4, a05 = 5, a06 = 6, a07 = 7, a08 = 8, a09 = 9, a10 = 10;
    std::string b01, b02, b03, b04, b05, b06, b07, b08, b09, b10;
    double c01 = 1, c02 = 2, c03 = 3, c04 = 4, c05 = 5, c06 = 6, c07 = 7, c08 = 8, c09 = 9, c10 = 10;
    bool operator==(const Thirty&) const = default;
};
struct Large {
    std::array<double, 100000> samples{};
    int count = 0;
    bool operator==(const Large&) const = default;
};
struct Node {
    int value = 0;
    std::vector<Node> kids;
    std::unique_ptr<Node> next;
};
/// No default constructor and only movable.
struct Ticket {
    const int number;
    std::unique_ptr<std::string> text;
};
struct Holder {
    Ticket first;
    std::vector<Ticket> rest;
};

struct Base {
    int a;
};
struct Derived : Base {
    int b;
};
struct EmptyDerived : Empty {};
struct WithArray {
    int a;
    int b[3];
};
struct WithText {
    char text[16];
};
struct WithOne {
    int a[1];
    std::string b;
};
struct WithTable {
    std::string a;
    double b[2][2];
    Ticket c;
};
struct WithPointer {
    int* a;
};
struct WithReference {
    int& a;
    std::string b;
};
struct WithReferences {
    std::tuple<int&> a;
};
struct WithConst {
    const int a;
    const std::optional<std::string> b;
};
class Closed {
public:
    explicit Closed(int value) : value_(value) {}

private:
    int value_;
};
union Either {
    int a;
    float b;
};

static_assert(Transferable<Rich> && Transferable<Thirty> && Transferable<Large> && Transferable<Node>);
static_assert(Transferable<Ticket> && Transferable<Holder> && Transferable<Empty>);
static_assert(Transferable<std::vector<std::unique_ptr<Node>>>);
static_assert(!Transferable<int*> && !Transferable<void*> && !Transferable<std::nullptr_t>);
static_assert(!Transferable<int&> && !Transferable<int[3]> && !Transferable<int()> && !Transferable<int (*)()>);
static_assert(!Transferable<int Point::*> && !Transferable<std::function<void()>> && !Transferable<Either>);
static_assert(!Transferable<Derived> && !Transferable<EmptyDerived> && !Transferable<std::vector<Derived>>);
static_assert(!Transferable<WithArray> && !Transferable<WithText> && !Transferable<WithOne> &&
              !Transferable<WithTable>);
static_assert(!Transferable<WithPointer> && !Transferable<WithReference> && !Transferable<Closed>);
static_assert(!Receivable<WithReferences> && Transferable<WithConst>);
static_assert(!Transferable<std::shared_ptr<int>> && !Transferable<std::unique_ptr<int[]>>);
static_assert(!Transferable<std::map<int, Closed>> && !Transferable<std::variant<int, Closed>>);
static_assert(!Transferable<std::thread>);
static_assert(Sendable<std::string_view> && !Receivable<std::string_view>);
static_assert(Sendable<const char*> && !Receivable<const char*> && Sendable<char[8]> && !Receivable<char[8]>);
static_assert(Sendable<std::span<const int>> && !Receivable<std::span<const int>>);
static_assert(Sendable<std::tuple<int&, const std::string&>>);

/// A message as it arrives: flat, with the limits of its real size.
class Wire {
public:
    Wire() : value_(builder_.initRoot<Value>()) {}
    template <typename T>
    explicit Wire(const T& value, const PartLimits& limits = {}) : Wire() {
        encode(value, value_, {.parts = limits});
    }

    Value::Builder build() { return value_; }

    Value::Reader read() {
        words_ = capnp::messageToFlatArray(builder_);
        capnp::ReaderOptions options;
        options.traversalLimitInWords = 8 * words_.size();
        options.nestingLimit = nesting_limit;
        reader_.emplace(words_.asPtr(), options);
        return reader_->getRoot<Value>();
    }
    template <typename T>
    T as() {
        return decode<T>(read());
    }

private:
    capnp::MallocMessageBuilder builder_;
    Value::Builder value_;
    kj::Array<capnp::word> words_;
    std::optional<capnp::FlatArrayMessageReader> reader_;
};

template <typename T, typename Sent>
T carry(const Sent& value, const PartLimits& limits = {}) {
    return Wire(value, limits).template as<T>();
}

template <typename T>
bool survives(const T& value) {
    return carry<T>(value) == value;
}

template <typename T, typename Sent>
bool arrives(const Sent& value, const T& expected) {
    return carry<T>(value) == expected;
}

/// Is `value` refused as a `T`, with words for what arrived and for `T`?
template <typename T, typename Sent>
bool refused(const Sent& value) {
    try {
        (void)carry<T>(value);
    } catch (const TypeMismatch& error) {
        return !error.arrived().empty() && error.wanted() == type_name<T>();
    }
    return false;
}

template <typename T>
bool is_damaged(Wire& wire) {
    try {
        (void)wire.as<T>();
    } catch (const ProtocolError&) {
        return true;
    } catch (const TypeMismatch&) {
    }
    return false;
}

template <typename T>
bool is_damaged(const std::function<void(Value::Builder)>& build) {
    Wire wire;
    build(wire.build());
    (void)describe(wire.read());
    (void)preview(wire.read(), 100);
    return is_damaged<T>(wire);
}

template <typename T>
std::string shown(const T& value, std::size_t limit = 200) {
    return preview(Wire(value).read(), limit);
}

template <typename T>
std::string described(const T& value) {
    return describe(Wire(value).read());
}

} // namespace

class CodecTest : public QObject {
    Q_OBJECT

private slots:
    void scalars();
    void texts();
    void containers();
    void associative();
    void tuples_and_aggregates();
    void optionals();
    void variants();
    void durations();
    void movable_only();
    void recursive();

    void integers_match_by_value();
    void floating_points_match_exactly();
    void kinds_stay_apart();
    void lists_match_by_element();
    void nothing_is_lost_to_duplicates();
    void mismatch_names_both();

    void parts_data();
    void parts();
    void numbers_are_packed();

    void borrowed();

    void hostile_numbers();
    void hostile_parts();
    void hostile_lists();
    void hostile_depth();
    void hostile_bits();

    void names();
    void descriptions();
    void previews();
    void preview_limit();
};

void CodecTest::scalars() {
    QVERIFY(survives(true));
    QVERIFY(survives(false));
    const auto limits = [](auto... zero) {
        return ((survives(std::numeric_limits<decltype(zero)>::min()) &&
                 survives(std::numeric_limits<decltype(zero)>::max()) &&
                 survives(std::numeric_limits<decltype(zero)>::lowest()) && survives(zero)) &&
                ...);
    };
    QVERIFY(limits('\0', (signed char)0, (unsigned char)0, short(0), (unsigned short)0, 0, 0u, 0l, 0ul, 0ll, 0ull));
    QVERIFY(limits(L'\0', u8'\0', u'\0', U'\0'));
    QVERIFY(limits(0.0f, 0.0, 0.0l));
    QVERIFY(survives(std::numeric_limits<float>::denorm_min()));
    QVERIFY(survives(-std::numeric_limits<double>::infinity()));
    QVERIFY(std::signbit(carry<double>(-0.0)));
    QVERIFY(survives(1.0l / 3));
    QVERIFY(std::isnan(carry<double>(std::numeric_limits<double>::quiet_NaN())));
    QVERIFY(survives(Colour::blue));
    QVERIFY(survives(Plain::one));
    QVERIFY(survives(std::byte{7}));
    QVERIFY(survives(std::monostate{}));
}

void CodecTest::texts() {
    QVERIFY(survives(std::string()));
    QVERIFY(survives(std::string("Grüße")));
    QVERIFY(survives(std::string("a\0b", 3)));
    QVERIFY(survives(std::string("\xff\xfe not UTF-8")));
    QVERIFY(survives(std::filesystem::path("/tmp/a\xff file")));
    QVERIFY(arrives("literal", std::string("literal")));
    QVERIFY(arrives(std::string_view("a\0b", 3), std::string("a\0b", 3)));
    const char* pointer = "pointer";
    QVERIFY(arrives(pointer, std::string("pointer")));
    const char* null = nullptr;
    QVERIFY(arrives(null, std::optional<std::string>()));
    char buffer[32] = "short";
    QVERIFY(arrives(buffer, std::string("short")));
    const char unterminated[3] = {'a', 'b', 'c'};
    QVERIFY(arrives(unterminated, std::string("abc")));
    QVERIFY(arrives(std::filesystem::path("/tmp"), std::string("/tmp")));
    QVERIFY(arrives(std::string("/tmp"), std::filesystem::path("/tmp")));
    QVERIFY(arrives(std::vector<std::string_view>{"a", "b"}, std::vector<std::string>{"a", "b"}));
}

void CodecTest::containers() {
    QVERIFY(survives(std::vector<int>{}));
    QVERIFY(survives(std::vector<int>{1, -2, 3}));
    QVERIFY(survives(std::vector<bool>{true, false, true}));
    QVERIFY(survives(std::vector<double>{0.5, -1e300}));
    QVERIFY(survives(std::vector<long double>{0.5l, 1.0l / 3}));
    QVERIFY(survives(std::vector<char>{'a', '\0'}));
    QVERIFY(survives(std::vector<Colour>{Colour::red, Colour::blue}));
    QVERIFY(survives(std::vector<std::string>{"", "b"}));
    QVERIFY(survives(std::vector<std::vector<bool>>{{true}, {}}));
    QVERIFY(survives(std::vector<std::vector<std::vector<int>>>{{{1}, {2, 3}}, {}}));
    QVERIFY(survives(std::vector<std::monostate>(5)));
    QVERIFY(survives(std::vector<std::byte>{std::byte{0}, std::byte{255}}));
    QVERIFY(survives(std::deque<std::byte>{std::byte{0}, std::byte{255}}));
    QVERIFY(survives(std::array<std::byte, 2>{std::byte{0}, std::byte{255}}));
    QVERIFY(survives(std::array<int, 3>{1, 2, 3}));
    QVERIFY(survives(std::array<std::string, 2>{"a", "b"}));
    QVERIFY(survives(std::array<int, 0>{}));
    QVERIFY(survives(std::array<std::array<Point, 1>, 2>{}));
    QVERIFY(survives(std::deque<int>{1, 2}));
    QVERIFY(survives(std::deque<bool>{true}));
    QVERIFY(survives(std::list<std::string>{"a", "b"}));
    QVERIFY(survives(std::forward_list<int>{1, 2, 3}));
    QVERIFY(survives(std::forward_list<std::string>{"a", "b", "c"}));
    QVERIFY(survives(std::u16string(u"Grüße")));
    const std::vector<std::byte> bytes{std::byte{1}, std::byte{2}};
    QVERIFY(arrives(std::span<const std::byte>(bytes), bytes));
    const std::vector<int> numbers{1, 2};
    QVERIFY(arrives(std::span<const int>(numbers), numbers));
}

void CodecTest::associative() {
    QVERIFY(survives(std::set<int>{1, 2}));
    QVERIFY(survives(std::set<std::string>{"a", "b"}));
    QVERIFY(survives(std::multiset<int>{1, 1}));
    QVERIFY(survives(std::unordered_set<std::string>{"a", "b"}));
    QVERIFY(survives(std::map<std::string, int>{{"a", 1}, {"b", 2}}));
    QVERIFY(survives(std::map<Point, std::map<int, bool>>{{{1, 2}, {{3, true}}}}));
    QVERIFY(survives(std::multimap<int, int>{{1, 1}, {1, 2}}));
    QVERIFY(survives(std::unordered_map<int, std::string>{{1, "a"}}));
    QVERIFY(arrives(std::map<int, bool>{{1, true}}, std::vector<std::pair<int, bool>>{{1, true}}));
    QVERIFY(arrives(std::vector<std::pair<int, bool>>{{1, true}}, std::unordered_map<long, bool>{{1, true}}));
    QVERIFY(arrives(std::set<int>{1, 2}, std::list<long>{1, 2}));
    QVERIFY(arrives(std::vector<short>{2, 1}, std::set<int>{1, 2}));
    QVERIFY(arrives(std::vector<short>{}, std::map<int, int>{}));
    QVERIFY((refused<std::map<int, int>>(std::vector<int>{1})));
}

void CodecTest::tuples_and_aggregates() {
    QVERIFY(survives(std::tuple<>{}));
    QVERIFY(survives(std::tuple<int, std::string, std::tuple<bool>>{1, "a", {true}}));
    QVERIFY(survives(std::pair<int, std::vector<int>>{1, {2}}));
    QVERIFY(survives(std::tuple<std::optional<int>>{5}));
    QVERIFY(survives(Empty{}));
    QVERIFY(survives(Single{"a"}));
    QVERIFY(survives(Point{1, -1}));
    QVERIFY(survives(std::vector<Point>{{1, 2}, {3, 4}}));
    QVERIFY(survives(Rich{true, Colour::blue, "n", 0.5, Point{1, 2}, {{3, 4}}, {{"g", {1, 2}}}, 5ms, {}, {6, {}}, {}}));
    Thirty thirty;
    thirty.b10 = "last";
    thirty.c10 = -1;
    QVERIFY(survives(thirty));
    const auto large = std::make_unique<Large>();
    large->samples[99999] = 1;
    large->count = 2;
    QVERIFY(*carry<std::unique_ptr<Large>>(large) == *large);

    QVERIFY(arrives(Point{1, 2}, std::tuple<int, long>{1, 2}));
    QVERIFY(arrives(std::pair<char, short>{1, 2}, Point{1, 2}));
    QVERIFY(arrives(Empty{}, std::tuple<>{}));
    QVERIFY(arrives(Single{"a"}, std::tuple<std::string>{"a"}));
    QVERIFY(refused<std::string>(Single{"a"}));
    QVERIFY((refused<std::tuple<int>>(Point{})));
    QVERIFY((refused<std::tuple<int, int, int>>(Point{})));
    QVERIFY((refused<std::tuple<int, int>>(std::vector<int>{1, 2})));
    QVERIFY(refused<std::vector<int>>(std::tuple<int, int>{1, 2}));
    int number = 1;
    std::string text = "a";
    QVERIFY(arrives(std::tie(number, text), std::tuple<int, std::string>{1, "a"}));
}

void CodecTest::optionals() {
    QVERIFY(survives(std::optional<int>()));
    QVERIFY(survives(std::optional<int>(5)));
    using Twice = std::optional<std::optional<int>>;
    QVERIFY(survives(Twice()));
    QVERIFY(survives(Twice(std::optional<int>())));
    QVERIFY(survives(Twice(5)));
    using Thrice = std::optional<Twice>;
    QVERIFY(survives(Thrice(Twice())));
    QVERIFY(survives(Thrice(Twice(std::optional<int>()))));
    QVERIFY(survives(std::optional<std::monostate>()));
    QVERIFY(survives(std::optional<std::monostate>(std::monostate{})));
    QVERIFY(survives(std::optional<std::optional<std::monostate>>(std::optional<std::monostate>())));
    const auto pointer = carry<std::optional<std::unique_ptr<int>>>(std::optional(std::unique_ptr<int>()));
    QVERIFY(pointer.has_value() && *pointer == nullptr);

    QVERIFY(arrives(std::optional<int>(5), 5));
    QVERIFY(arrives(5, std::optional<int>(5)));
    QVERIFY(arrives(5, Twice(5)));
    QVERIFY(arrives(Twice(5), 5));
    QVERIFY(arrives(Twice(5), std::optional<int>(5)));
    QVERIFY(arrives(Twice(std::optional<int>()), std::optional<int>()));
    QVERIFY(arrives(std::optional<std::monostate>(std::monostate{}), std::monostate{}));
    QVERIFY(arrives(std::optional<int>(), std::monostate{}));
    QVERIFY(arrives(std::optional(std::vector<int>{1}), std::vector<int>{1}));
    using TwiceMap = std::optional<std::optional<std::map<int, int>>>;
    QVERIFY((arrives(TwiceMap(std::map<int, int>{{1, 2}}), std::map<int, int>{{1, 2}})));
    QVERIFY(arrives(std::optional<std::optional<Point>>(Point{1, 2}), Point{1, 2}));
    QVERIFY(arrives(std::optional<std::optional<std::array<int, 1>>>(std::array<int, 1>{7}), std::array<int, 1>{7}));
    using TwiceList = std::optional<std::optional<std::vector<int>>>;
    QVERIFY(survives(TwiceList(std::vector<int>{1})));
    QVERIFY((arrives(TwiceList(std::vector<int>{1}), std::vector<int>{1})));
    QVERIFY(arrives(std::vector<int>{1, 2}, std::vector<std::optional<int>>{1, 2}));
    QVERIFY(arrives(std::vector<bool>{true}, std::vector<std::optional<bool>>{true}));
    QVERIFY(arrives(std::vector<std::optional<int>>{1, 2}, std::vector<int>{1, 2}));
    QVERIFY(*carry<std::unique_ptr<int>>(5) == 5);
    QVERIFY(carry<std::unique_ptr<int>>(std::optional<int>()) == nullptr);
    QVERIFY(refused<int>(std::optional<int>()));
    QVERIFY(refused<std::vector<int>>(std::vector<std::optional<int>>{1, std::nullopt}));
    QVERIFY(refused<std::optional<int>>(std::string()));
}

void CodecTest::variants() {
    using Choice = std::variant<int, std::string, int>;
    QVERIFY(survives(Choice(std::in_place_index<0>, 5)));
    QVERIFY(survives(Choice("a")));
    QVERIFY(survives(Choice(std::in_place_index<2>, 5)));
    QVERIFY(survives(std::vector<std::variant<std::monostate, Point>>{{}, Point{1, 2}}));
    QVERIFY(arrives(std::variant<int, bool>(5), std::variant<long, std::string>(5l)));
    QVERIFY((refused<std::variant<int, bool>>(5)));
    QVERIFY(refused<int>(std::variant<int, bool>(5)));
    QVERIFY((refused<std::variant<int, bool>>(Choice(std::in_place_index<2>, 5))));
    QVERIFY((refused<std::variant<int, bool>>(Choice("a"))));
}

void CodecTest::durations() {
    QVERIFY(survives(5s));
    QVERIFY(survives(-7ns));
    QVERIFY(survives(std::chrono::nanoseconds::max()));
    QVERIFY(survives(std::chrono::duration<double>(0.1)));
    QVERIFY(survives(std::chrono::duration<unsigned long>(~0ul)));
    QVERIFY(survives(std::chrono::duration<int, std::ratio<7, 11>>(13)));
    QVERIFY((survives(std::chrono::duration<long double, std::pico>(1.0l / 3))));
    QVERIFY(arrives(2s, std::chrono::milliseconds(2000)));
    QVERIFY(arrives(2000ms, std::chrono::seconds(2)));
    QVERIFY(arrives(0ms, std::chrono::hours(0)));
    QVERIFY(arrives(-3h, std::chrono::nanoseconds(-3h)));
    QVERIFY(arrives(1500ms, std::chrono::duration<double>(1.5)));
    QVERIFY(arrives(std::chrono::duration<double>(1.5), 1500ms));
    QVERIFY(arrives(std::chrono::duration<float>(1.5), std::chrono::duration<double, std::milli>(1500)));
    QVERIFY(std::isinf(carry<std::chrono::duration<double>>(
                           std::chrono::duration<double, std::milli>(std::numeric_limits<double>::infinity()))
                           .count()));
    QVERIFY(refused<std::chrono::seconds>(1500ms));
    QVERIFY(refused<std::chrono::nanoseconds>(std::chrono::hours(std::numeric_limits<int>::max())));
    QVERIFY((refused<std::chrono::duration<short>>(40000s)));
    QVERIFY(refused<std::chrono::duration<double>>(100ms));
    QVERIFY(refused<std::chrono::duration<float>>(std::chrono::duration<double>(0.1)));
    QVERIFY(refused<std::chrono::seconds>(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())));
    QVERIFY(refused<std::chrono::seconds>(5));
    QVERIFY(refused<int>(5s));
}

void CodecTest::movable_only() {
    QVERIFY(carry<std::unique_ptr<int>>(std::unique_ptr<int>()) == nullptr);
    QCOMPARE(*carry<std::unique_ptr<std::string>>(std::make_unique<std::string>("a")), "a");
    std::vector<std::unique_ptr<int>> pointers;
    pointers.push_back(std::make_unique<int>(1));
    pointers.push_back(nullptr);
    const auto arrived = carry<std::vector<std::unique_ptr<int>>>(pointers);
    QCOMPARE(arrived.size(), 2u);
    QCOMPARE(*arrived[0], 1);
    QVERIFY(arrived[1] == nullptr);

    std::vector<Ticket> tickets;
    tickets.push_back({2, nullptr});
    const Holder holder{{1, std::make_unique<std::string>("first")}, std::move(tickets)};
    const auto copy = carry<Holder>(holder);
    QCOMPARE(copy.first.number, 1);
    QCOMPARE(*copy.first.text, "first");
    QCOMPARE(copy.rest.at(0).number, 2);
    const std::array<Ticket, 2> pair{Ticket{1, nullptr}, Ticket{2, nullptr}};
    QCOMPARE((carry<std::array<Ticket, 2>>(pair)[1].number), 2);
    const std::array<std::unique_ptr<int>, 2> one_of_two{std::make_unique<int>(3), nullptr};
    const auto some_null = carry<std::array<std::unique_ptr<int>, 2>>(one_of_two);
    QCOMPARE(*some_null[0], 3);
    QVERIFY(some_null[1] == nullptr);
}

void CodecTest::recursive() {
    Node tree{1, {}, nullptr};
    tree.kids.push_back({2, {}, std::make_unique<Node>(Node{3, {}, nullptr})});
    const auto copy = carry<Node>(tree);
    QCOMPARE(copy.kids.at(0).next->value, 3);

    const auto chain = [](int length) {
        std::unique_ptr<Node> first;
        for (int index = 0; index < length; ++index) {
            auto node = std::make_unique<Node>();
            node->next = std::move(first);
            first = std::move(node);
        }
        return first;
    };
    int length = 0;
    const auto longest = carry<std::unique_ptr<Node>>(chain(deepest_nesting - 1));
    for (const Node* node = longest.get(); node != nullptr; node = node->next.get())
        ++length;
    QCOMPARE(length, deepest_nesting - 1);
    QVERIFY_EXCEPTION_THROWN(Wire(chain(deepest_nesting + 1)), ProtocolError);

    Node deep;
    for (int level = 1; level < deepest_nesting / 2 - 1; ++level) {
        Node above;
        above.kids.push_back(std::move(deep));
        deep = std::move(above);
    }
    QCOMPARE(carry<Node>(deep).kids.size(), 1u);
}

void CodecTest::integers_match_by_value() {
    QVERIFY(arrives(5, 5ull));
    QVERIFY(arrives(5ull, (signed char)5));
    QVERIFY(arrives(~0ull, ~0ul));
    QVERIFY(arrives(Colour::blue, 200));
    QVERIFY(arrives(200, Colour::blue));
    QVERIFY(arrives('a', 97));
    QVERIFY(refused<signed char>(128));
    QVERIFY(refused<signed char>(-129));
    QVERIFY(refused<unsigned>(-1));
    QVERIFY(refused<unsigned long>(-1));
    QVERIFY(refused<int>(1l << 31));
    QVERIFY(refused<long>(1ul << 63));
    QVERIFY(!refused<long>((1ul << 63) - 1));
    QVERIFY_EXCEPTION_THROWN(carry<Colour>(256), TypeMismatch);
}

void CodecTest::floating_points_match_exactly() {
    QVERIFY(arrives(0.5, 0.5f));
    QVERIFY(arrives(0.1f, double(0.1f)));
    QVERIFY(arrives(0.1, static_cast<long double>(0.1)));
    QVERIFY(arrives(0.5l, 0.5f));
    QVERIFY(arrives(std::numeric_limits<double>::infinity(), std::numeric_limits<float>::infinity()));
    QVERIFY(std::isnan(carry<float>(std::numeric_limits<long double>::quiet_NaN())));
    QVERIFY(refused<float>(0.1));
    QVERIFY(refused<float>(1e300));
    QVERIFY(refused<double>(1.0l / 3));
    QVERIFY(refused<double>(std::numeric_limits<long double>::max()));
    QVERIFY(refused<double>(1));
    QVERIFY(refused<int>(1.0));
}

void CodecTest::kinds_stay_apart() {
    QVERIFY(refused<bool>(1));
    QVERIFY(refused<int>(true));
    QVERIFY(refused<std::vector<int>>(std::vector<bool>{true}));
    QVERIFY(refused<std::vector<bool>>(std::vector<int>{1}));
    QVERIFY(refused<std::vector<double>>(std::vector<int>{1}));
    QVERIFY(refused<std::vector<int>>(std::vector<double>{1}));
    QVERIFY(refused<std::string>(std::vector<std::byte>{}));
    QVERIFY(refused<std::vector<std::byte>>(std::string("a")));
    QVERIFY(refused<std::vector<char>>(std::string("a")));
    QVERIFY(refused<std::string>(std::vector<char>{'a'}));
    QVERIFY(refused<std::vector<unsigned char>>(std::vector<std::byte>{std::byte{1}}));
    QVERIFY(refused<std::vector<std::byte>>(std::vector<unsigned char>{1}));
    QVERIFY(refused<std::vector<std::byte>>(std::vector<std::optional<int>>{1}));
    QVERIFY(refused<std::monostate>(0));
    QVERIFY(refused<int>(std::monostate{}));
    QVERIFY(refused<int>(std::string("1")));
    QVERIFY(refused<Point>(5));
}

void CodecTest::lists_match_by_element() {
    QVERIFY(arrives(std::vector<long>{1, -1}, std::vector<signed char>{1, -1}));
    QVERIFY(arrives(std::vector<int>{1, 2}, std::list<unsigned long>{1, 2}));
    QVERIFY(arrives(std::vector<float>{0.5}, std::deque<double>{0.5}));
    QVERIFY(arrives(std::vector<double>{0.5}, std::vector<long double>{0.5l}));
    QVERIFY(arrives(std::vector<long double>{0.5l}, std::vector<float>{0.5f}));
    QVERIFY(arrives(std::array<int, 2>{1, 2}, std::vector<int>{1, 2}));
    QVERIFY(arrives(std::vector<int>{1, 2}, std::array<int, 2>{1, 2}));
    QVERIFY(arrives(std::vector<int>{1, 2}, std::array<long, 2>{1, 2}));
    QVERIFY(arrives(std::vector<int>{200}, std::vector<Colour>{Colour::blue}));
    QVERIFY(refused<std::vector<int>>(std::vector<long>{1, 1l << 40}));
    QVERIFY(refused<std::vector<float>>(std::vector<double>{0.5, 0.1}));
    QVERIFY((refused<std::array<int, 2>>(std::vector<int>{1})));
    QVERIFY((refused<std::array<int, 2>>(std::vector<int>{1, 2, 3})));
    QVERIFY((refused<std::array<long, 2>>(std::vector<int>{1, 2, 3})));
    QVERIFY((refused<std::array<std::string, 1>>(std::vector<std::string>{"a", "b"})));
    QVERIFY((refused<std::array<std::byte, 1>>(std::vector<std::byte>(2))));
    QVERIFY(refused<std::vector<std::string>>(std::vector<int>{1}));
    QVERIFY(refused<std::vector<int>>(std::vector<std::string>{"a"}));

    QVERIFY(arrives(std::vector<int>{}, std::vector<std::string>{}));
    QVERIFY(arrives(std::vector<std::string>{}, std::vector<bool>{}));
    QVERIFY(arrives(std::vector<Point>{}, std::set<double>{}));
    QVERIFY(arrives(std::vector<Point>{}, std::array<int, 0>{}));
    QVERIFY(arrives(std::map<int, int>{}, std::vector<std::vector<int>>{}));
}

void CodecTest::nothing_is_lost_to_duplicates() {
    QVERIFY(refused<std::set<int>>(std::vector<int>{1, 1}));
    QVERIFY(refused<std::unordered_set<std::string>>(std::vector<std::string>{"a", "a"}));
    QVERIFY((refused<std::map<int, int>>(std::multimap<int, int>{{1, 1}, {1, 2}})));
    QVERIFY(arrives(std::vector<int>{1, 1}, std::multiset<int>{1, 1}));
}

void CodecTest::mismatch_names_both() {
    const auto text = [](auto wanted, const auto& sent) -> std::string {
        try {
            (void)carry<decltype(wanted)>(sent);
        } catch (const TypeMismatch& error) {
            return error.what();
        }
        return {};
    };
    QCOMPARE(text(0, "a"), "received a text where int was asked for");
    QCOMPARE(text(std::string(), 5), "received an integer where std::string was asked for");
    QCOMPARE(text((unsigned char)0, 300), "received the integer 300 where unsigned char was asked for");
    QCOMPARE(text(0.0f, 0.1), "received the floating-point number 0.1 where float was asked for");
    QCOMPARE(text(std::vector<int>(), std::vector<long>{1, 5000000000}),
             "received a list of integers (with the integer 5000000000 in place of int) where std::vector<int> was "
             "asked for");
    QCOMPARE(text(std::tuple<int, int>(), std::tuple<int, std::string>()),
             "received a tuple of an integer and a text (with a text in place of int) where std::tuple<int, int> was "
             "asked for");
    QCOMPARE(text(std::array<int, 2>(), std::vector<int>{1, 2, 3}),
             "received a list of length 3 where std::array<int, 2> was asked for");
}

void CodecTest::parts_data() {
    QTest::addColumn<int>("limit");
    for (const int limit : {1, 2, 3, 8, 9, 24, 100})
        QTest::addRow("%d", limit) << limit;
}

void CodecTest::parts() {
    QFETCH(int, limit);
    const auto size = static_cast<std::size_t>(limit);
    const PartLimits limits{size, size};
    const auto travels = [&](const auto& value) {
        return carry<std::remove_cvref_t<decltype(value)>>(value, limits) == value;
    };
    const std::string text = "a text in parts, with Grüße";
    QVERIFY(travels(text));
    QVERIFY(travels(std::filesystem::path(text)));
    QVERIFY(travels(std::vector<std::byte>(30, std::byte{7})));
    QVERIFY(travels(std::list<std::byte>(30, std::byte{7})));
    QVERIFY(travels(std::vector<long>{1, 2, 3, 4, 5, 6, 7}));
    QVERIFY(travels(std::vector<bool>{true, false, true, true}));
    QVERIFY(travels(std::array<int, 5>{1, 2, 3, 4, 5}));
    QVERIFY(travels(std::forward_list<double>{1, 2, 3, 4, 5, 6, 7}));
    QVERIFY(travels(std::vector<std::string>{"one", "two", "three", "four", "five"}));
    QVERIFY(travels(std::forward_list<std::string>{"one", "two", "three", "four", "five"}));
    QVERIFY(travels(std::array<std::string, 3>{"one", "two", "three"}));
    QVERIFY(travels(std::set<std::string>{"one", "two", "three"}));
    QVERIFY(travels(std::map<std::string, std::vector<int>>{{"one", {1, 2, 3}}, {"two", {}}, {"three", {4}}}));
    QCOMPARE(carry<std::vector<short>>(std::vector<long>{1, 2, 3, 4}, limits), (std::vector<short>{1, 2, 3, 4}));
    QCOMPARE(carry<std::vector<std::optional<int>>>(std::vector<int>{1, 2, 3}, limits).size(), 3u);
    const std::array<int, 3> three{1, 2, 3};
    QVERIFY_EXCEPTION_THROWN((carry<std::array<int, 2>>(three, limits)), TypeMismatch);
    QVERIFY_EXCEPTION_THROWN((carry<std::array<int, 4>>(three, limits)), TypeMismatch);
    QVERIFY_EXCEPTION_THROWN((carry<std::set<int>>(std::vector<int>{1, 2, 1}, limits)), TypeMismatch);
    QVERIFY_EXCEPTION_THROWN(carry<int>(text, limits), TypeMismatch);
    QVERIFY_EXCEPTION_THROWN(carry<std::vector<int>>(text, limits), TypeMismatch);
    QVERIFY_EXCEPTION_THROWN((carry<std::map<int, int>>(text, limits)), TypeMismatch);
    QVERIFY_EXCEPTION_THROWN(carry<std::string>(std::vector<int>(50), limits), TypeMismatch);

    QCOMPARE(preview(Wire("a text in parts", limits).read(), 100), "\"a text in parts\"");
    QCOMPARE(preview(Wire(std::vector<int>{1, 2, 3}, limits).read(), 100), "[1, 2, 3]");
    QCOMPARE(describe(Wire(text, limits).read()), "a text");
    QCOMPARE(describe(Wire(std::vector<int>{1, 2, 3}, limits).read()), "a list of integers");
}

void CodecTest::numbers_are_packed() {
    Wire wire(std::vector<double>(1000, 0.5));
    QVERIFY(wire.build().isNumbers());
    QCOMPARE(wire.build().getNumbers().getData().size(), 8000u);
    QVERIFY(Wire(std::list<short>{1, 2}).build().isNumbers());
    QVERIFY(Wire(std::vector<std::byte>(3)).build().isBytes());
    QVERIFY(Wire(std::string(1000, 'a'), PartLimits{100, 100}).build().isParts());
    QVERIFY(Wire(std::string(1000, 'a')).build().isText());
}

void CodecTest::borrowed() {
    const std::vector<double> numbers(100, 0.5);
    const auto place = [&](EncodeOptions options) {
        Wire wire;
        encode(numbers, wire.build(), options);
        const auto found = wire.build().asReader().getNumbers().getData().begin();
        return std::pair(static_cast<const void*>(found), wire.as<std::vector<double>>() == numbers);
    };
    const void* own = numbers.data();
    QCOMPARE(place({.borrow_from = 800}), std::pair(own, true));
    QVERIFY(place({}).first != own);
    QVERIFY(place({.borrow_from = 801}).first != own);
    QVERIFY(place({.borrow_from = 800, .most_borrowed = 0}).first != own);

    // What a view makes on the way is gone by then.
    const std::array<int, 2> seeds{1, 2};
    const auto made = seeds | std::views::transform([](int seed) { return std::vector<long>(50, seed); });
    Wire lines;
    encode(made, lines.build(), {.borrow_from = 8});
    const std::vector expected{std::vector<long>(50, 1), std::vector<long>(50, 2)};
    QCOMPARE(lines.as<std::vector<std::vector<long>>>(), expected);

    // Whatever may be borrowed or not, the value is the same.
    const std::tuple value(std::string(64, 'a'), std::string(65, 'b'), std::vector<std::byte>(16, std::byte{7}),
                           std::vector<short>{1, 2, 3}, std::vector<std::vector<int>>(10, {1, 2, 3, 4}));
    for (const std::size_t part : {8, 24, 1000}) {
        Wire wire;
        encode(value, wire.build(), {.parts = {part, part}, .borrow_from = 0, .most_borrowed = 9});
        QVERIFY(wire.as<std::remove_const_t<decltype(value)>>() == value);
    }
}

void CodecTest::hostile_numbers() {
    const auto numbers = [](std::uint16_t kind, std::initializer_list<kj::byte> bytes) {
        return [=, bytes = std::vector<kj::byte>(bytes)](Value::Builder value) {
            auto builder = value.initNumbers();
            builder.setKind(static_cast<ElementKind>(kind));
            builder.setData(kj::arrayPtr(bytes.data(), bytes.size()));
        };
    };
    using Vector = std::vector<int>;
    QVERIFY(is_damaged<Vector>(numbers(3, {1, 2, 3, 4, 5})));
    QVERIFY(is_damaged<Vector>(numbers(4, {1, 2, 3, 4})));
    QVERIFY(is_damaged<Vector>(numbers(11, {1, 2, 3, 4})));
    QVERIFY(is_damaged<Vector>(numbers(65535, {})));
    QVERIFY(is_damaged<std::vector<bool>>(numbers(0, {2})));
    QVERIFY(is_damaged<std::deque<bool>>(numbers(0, {0, 1, 255})));
    QVERIFY((is_damaged<std::map<int, int>>(numbers(77, {}))));
    QVERIFY(is_damaged<long double>([](Value::Builder value) { value.initExtended(3); }));
    QVERIFY(is_damaged<std::chrono::seconds>([](Value::Builder value) {
        auto duration = value.initDuration();
        duration.initCount().setSigned(1);
        duration.setNumerator(1);
        duration.setDenominator(0);
    }));
    QVERIFY(is_damaged<std::chrono::seconds>([](Value::Builder value) {
        auto duration = value.initDuration();
        duration.initCount().setBoolean(true);
        duration.setNumerator(1);
        duration.setDenominator(1);
    }));
    Wire extreme;
    auto duration = extreme.build().initDuration();
    duration.initCount().setUnsigned(~0ull);
    duration.setNumerator(std::numeric_limits<std::int64_t>::max());
    duration.setDenominator(std::numeric_limits<std::int64_t>::max() - 1);
    QVERIFY_EXCEPTION_THROWN(extreme.as<std::chrono::nanoseconds>(), TypeMismatch);
    QVERIFY_EXCEPTION_THROWN(extreme.as<std::chrono::duration<double>>(), TypeMismatch);
}

void CodecTest::hostile_parts() {
    const auto parts = [](std::vector<std::function<void(Value::Builder)>> builds) {
        return [=](Value::Builder value) {
            auto list = value.initParts(static_cast<unsigned>(builds.size()));
            for (unsigned index = 0; index < list.size(); ++index)
                builds[index](list[index]);
        };
    };
    const auto text = [](Value::Builder value) { value.initText(2); };
    const auto bytes = [](Value::Builder value) { value.initBytes(2); };
    const auto numbers = [](ElementKind kind) {
        return [=](Value::Builder value) {
            value.initNumbers().setKind(kind);
            value.getNumbers().initData(8);
        };
    };
    QVERIFY(is_damaged<std::string>(parts({})));
    QVERIFY(is_damaged<std::string>(parts({text, bytes})));
    QVERIFY(is_damaged<std::vector<std::byte>>(parts({bytes, text})));
    QVERIFY(is_damaged<std::string>(parts({parts({text})})));
    QVERIFY(is_damaged<std::vector<int>>(parts({numbers(ElementKind::INT32), numbers(ElementKind::INT16)})));
    QVERIFY(is_damaged<std::vector<int>>(parts({[](Value::Builder value) { value.setSigned(1); }})));
    QVERIFY((is_damaged<std::map<int, int>>(parts({parts({})}))));
    QVERIFY(is_damaged<std::vector<int>>(parts({numbers(ElementKind::INT32), text})));
}

void CodecTest::hostile_lists() {
    capnp::MallocMessageBuilder builder;
    auto value = builder.initRoot<Value>();
    value.initList(1);
    auto flat = capnp::messageToFlatArray(builder);
    // Segment table (1 word), root pointer, 2 data words, list pointer, list.
    auto* pointer = reinterpret_cast<std::uint64_t*>(flat.begin()) + 4;
    const std::uint64_t offset = *pointer & 0xfffffffcu;
    const std::uint64_t type_list = 1;
    const std::uint64_t element_void = 0;
    const std::uint64_t count = 100;
    *pointer = type_list | offset | element_void << 32 | count << 35;
    // 100 elements of no bits.
    capnp::FlatArrayMessageReader reader(flat);
    QVERIFY_EXCEPTION_THROWN(decode<std::vector<std::monostate>>(reader.getRoot<Value>()), ProtocolError);
    QVERIFY_EXCEPTION_THROWN((decode<std::vector<std::optional<Point>>>(reader.getRoot<Value>())), ProtocolError);

    // One tag word that says: 100 elements of no words.
    const std::uint64_t element_composite = 7;
    *pointer = type_list | offset | element_composite << 32;
    pointer[1] = std::uint64_t{100} << 2;
    capnp::FlatArrayMessageReader composite(flat);
    QVERIFY_EXCEPTION_THROWN(decode<std::vector<std::monostate>>(composite.getRoot<Value>()), ProtocolError);
    QVERIFY(!preview(composite.getRoot<Value>(), 50).empty());

    // Beyond the message.
    *pointer = type_list | offset | element_composite << 32 | std::uint64_t{1000} << 35;
    capnp::FlatArrayMessageReader beyond(flat);
    QVERIFY_EXCEPTION_THROWN(decode<std::vector<int>>(beyond.getRoot<Value>()), ProtocolError);
    QCOMPARE(preview(beyond.getRoot<Value>(), 50).find("<damaged>") != std::string::npos, true);
    QCOMPARE(describe(beyond.getRoot<Value>()), "something damaged");

    // A kind of value that does not exist.
    reinterpret_cast<std::uint64_t*>(flat.begin())[2] = 999;
    capnp::FlatArrayMessageReader unknown(flat);
    QVERIFY_EXCEPTION_THROWN((void)decode<int>(unknown.getRoot<Value>()), ProtocolError);
    QCOMPARE(describe(unknown.getRoot<Value>()), "something unknown");
    QCOMPARE(preview(unknown.getRoot<Value>(), 50), "<unknown>");
}

void CodecTest::hostile_depth() {
    const auto nested = [](int depth) {
        return [=](Value::Builder value) {
            for (int level = 0; level < depth; ++level) {
                auto members = value.initTuple(3);
                members[0].setSigned(1);
                members[1].initList(0);
                value = members[2];
            }
        };
    };
    QVERIFY(is_damaged<std::unique_ptr<Node>>(nested(deepest_nesting + 10)));
    QVERIFY(is_damaged<std::unique_ptr<Node>>(nested(20000)));
    const auto wrapped = [](Value::Builder value) {
        for (int level = 0; level < 20000; ++level)
            value = value.initSome();
    };
    QVERIFY(is_damaged<int>(wrapped));
    QVERIFY(is_damaged<std::optional<int>>(wrapped));
    QVERIFY((is_damaged<std::map<int, int>>([&](Value::Builder value) { wrapped(value.initList(1)[0]); })));
}

void CodecTest::hostile_bits() {
    // Whatever single bit is wrong behind the segment table and the root pointer, which are the frame's to check: a
    // value, an error of ours, nothing else.
    Rich rich{true, Colour::blue, "name", 0.5, "text", {{3, 4}}, {{"g", {1, 2}}}, 5ms, {}, {6, {}}, {}};
    capnp::MallocMessageBuilder builder;
    encode(rich, builder.initRoot<Value>());
    auto flat = capnp::messageToFlatArray(builder);
    auto bytes = flat.asBytes();
    int errors = 0;
    for (std::size_t bit = 128; bit < bytes.size() * 8; ++bit) {
        bytes[bit / 8] ^= static_cast<kj::byte>(1u << bit % 8);
        capnp::FlatArrayMessageReader reader(flat);
        const auto value = reader.getRoot<Value>();
        try {
            (void)decode<Rich>(value);
        } catch (const Error&) {
            ++errors;
        }
        (void)describe(value);
        (void)preview(value, 200);
        bytes[bit / 8] ^= static_cast<kj::byte>(1u << bit % 8);
    }
    QVERIFY(errors > 100);
}

void CodecTest::names() {
    QCOMPARE(type_name<int>(), "int");
    QCOMPARE(type_name<std::string>(), "std::string");
    QCOMPARE(type_name<std::string_view>(), "std::string_view");
    QCOMPARE(type_name<std::vector<int>>(), "std::vector<int>");
    QCOMPARE((type_name<std::map<std::string, std::vector<std::set<int>>>>()),
             "std::map<std::string, std::vector<std::set<int>>>");
    QCOMPARE((type_name<std::unordered_map<int, std::unique_ptr<bool>>>()),
             "std::unordered_map<int, std::unique_ptr<bool>>");
    QCOMPARE((type_name<std::array<unsigned long, 3>>()), "std::array<unsigned long, 3>");
    QCOMPARE((type_name<std::tuple<>>()), "std::tuple<>");
    QCOMPARE(type_name<std::chrono::milliseconds>(), "std::chrono::milliseconds");
    QCOMPARE(type_name<std::filesystem::path>(), "std::filesystem::path");
    QCOMPARE(type_name<std::runtime_error>(), "std::runtime_error");
    QCOMPARE(type_name<Error>(), "pprocess::Error");
    QCOMPARE(type_name<const char*>(), "char const*");
    const auto lambda = [](int) {};
    QVERIFY(!type_name<decltype(lambda)>().empty());
    QVERIFY(!type_name<std::function<int(std::string)>>().empty());
}

void CodecTest::descriptions() {
    QCOMPARE(described(std::monostate{}), "no value");
    QCOMPARE(described(true), "a truth value");
    QCOMPARE(described(1), "an integer");
    QCOMPARE(described(~0ull), "an integer");
    QCOMPARE(described(1.0), "a floating-point number");
    QCOMPARE(described("a"), "a text");
    QCOMPARE(described(std::vector<std::byte>(1)), "a byte buffer");
    QCOMPARE(described(std::vector<int>{1}), "a list of integers");
    QCOMPARE(described(std::vector<int>{}), "an empty list");
    QCOMPARE(described(std::vector<std::string>{}), "an empty list");
    QCOMPARE(described(std::vector<std::vector<double>>{{1}}), "a list of lists of floating-point numbers");
    QCOMPARE(described(std::vector<std::optional<int>>{1, std::nullopt}), "a list of different things");
    QCOMPARE(described(std::tuple<int, std::string>()), "a tuple of an integer and a text");
    QCOMPARE(described(std::tuple<int, bool, std::string>()), "a tuple of an integer, a truth value and a text");
    QCOMPARE(described(std::tuple<>()), "an empty tuple");
    QCOMPARE(described(std::map<int, int>{{1, 2}}), "a list of tuples of an integer and an integer");
    QCOMPARE(described(std::variant<int, bool>(true)), "alternative 1 of a variant, a truth value");
    QCOMPARE(described(5s), "a duration");
    QCOMPARE(described(std::optional<std::optional<int>>(5)), "an integer");
    QVERIFY(described(Thirty{}).ends_with("an integer and 22 more"));
}

void CodecTest::previews() {
    QCOMPARE(shown(std::monostate{}), "none");
    QCOMPARE(shown(std::tuple(1, "a", std::vector<int>{1, 2}, true)), "(1, \"a\", [1, 2], true)");
    QCOMPARE(shown(std::map<std::string, double>{{"a", 0.5}}), "[(\"a\", 0.5)]");
    QCOMPARE(shown(std::string("q\"\\\n\t\x01\x7f")), "\"q\\\"\\\\\\n\\t\\x01\\x7f\"");
    QCOMPARE(shown(std::string("Grüße \xff\xc3")), "\"Grüße \\xff\\xc3\"");
    QCOMPARE(shown(std::string("\xe2\x80\xae")), "\"\\xe2\\x80\\xae\"");
    QCOMPARE(shown(std::vector<std::byte>{std::byte{1}, std::byte{255}}), "<01 ff>");
    QCOMPARE(shown(std::vector<bool>{true, false}), "[true, false]");
    QCOMPARE(shown(std::vector<signed char>{-1}), "[-1]");
    QCOMPARE(shown(std::variant<int, std::string>("a")), "#1 \"a\"");
    QCOMPARE(shown(1500ms), "1500 ms");
    QCOMPARE(shown(std::chrono::duration<int, std::ratio<7, 11>>(3)), "3 × 7/11 s");
    QCOMPARE(shown(~0ull), "18446744073709551615");
    QCOMPARE(shown(std::optional<std::optional<int>>(5)), "5");
}

void CodecTest::preview_limit() {
    const std::vector<int> numbers(1000000, 7);
    QCOMPARE(shown(numbers, 6), "[7, 7…");
    QCOMPARE(shown(std::vector<int>{7, 7}, 6), "[7, 7]");
    QCOMPARE(shown(std::vector<int>{7, 7}, 5), "[7, …");
    QCOMPARE(shown(std::string("Grüße"), 5), "\"Grü…");
    QCOMPARE(shown(std::string("Grüße"), 7), "\"Grüße\"");
    QCOMPARE(shown(5, 0), "");
    QCOMPARE(shown(5, 1), "5");
    QCOMPARE(shown(55, 1), "…");
}

QTEST_GUILESS_MAIN(CodecTest)
#include "tst_codec.moc"
