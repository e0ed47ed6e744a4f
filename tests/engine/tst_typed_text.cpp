// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a person types for a task's parameter, by the parameter's type.
// ctest: not with tsan
#include <QtTest>

#include <array>
#include <chrono>
#include <cmath>
#include <deque>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include <pprocess/job/typed_text.h>
#include <pprocess/pprocess.h>

using namespace pprocess;
using namespace pprocess::job;
using namespace std::chrono_literals;

namespace {

enum class Colour { red, green };
struct Point {
    int x;
    double y;
    bool operator==(const Point&) const = default;
};

/// Is `text` taken as this value by the type as a library spells it, is its example, and are there words for it?
template <typename T>
bool gives(const char* text, const T& expected) {
    const std::string type = message::type_name<T>();
    try {
        (void)value_from_text(type, example_for(type)).template as<T>();
        const T value = value_from_text(type, text).template as<T>();
        if (value == expected && !words_for(type).empty())
            return true;
        qWarning("%s: %s is taken as %s", type.c_str(), text, to_json_text(AnyValue::of(value)).c_str());
    } catch (const std::exception& error) {
        qWarning("%s: %s", type.c_str(), error.what());
    }
    return false;
}

} // namespace

class TestTypedText : public QObject {
    Q_OBJECT

private slots:
    void plainValues() {
        QVERIFY(gives(" true ", true));
        QVERIFY(gives("-5", -5));
        QVERIFY(gives("+5", 5u));
        QVERIFY(gives("255", static_cast<unsigned char>(255)));
        QVERIFY(gives("-128", static_cast<signed char>(-128)));
        QVERIFY(gives("65", 'A'));
        QVERIFY(gives("-32768", static_cast<short>(-32768)));
        QVERIFY(gives("65535", static_cast<unsigned short>(65535)));
        QVERIFY(gives("-9223372036854775808", std::numeric_limits<long>::min()));
        QVERIFY(gives("18446744073709551615", ~0ul));
        QVERIFY(gives("18446744073709551615", ~0ull));
        QVERIFY(gives("-7", -7ll));
        QVERIFY(gives("70000", char32_t(70000)));
        QVERIFY(gives("7", L'\7') && gives("7", u'\7') && gives("7", u8'\7') && gives("7", std::byte(7)));
        QVERIFY(gives("0.1", 0.1));
        QVERIFY(gives("0.1", 0.1f));
        QVERIFY(gives("0.1", 0.1l));
        QVERIFY(gives("-inf", -std::numeric_limits<double>::infinity()));
        QVERIFY(gives("12", 12.0));
        QVERIFY(gives(" a text\n", std::string(" a text\n")));
        QVERIFY(gives("/a path", std::filesystem::path("/a path")));
        QVERIFY(gives("", std::monostate()));
        QVERIFY(gives("ab", std::vector{std::byte{'a'}, std::byte{'b'}}));
        QVERIFY(gives("ab", std::array{std::byte{'a'}, std::byte{'b'}}));
        QVERIFY(gives("{\"bytes\": \"\\\\xff\"}", std::vector{std::byte{0xff}}));
    }

    void durations() {
        QVERIFY(gives("200ns", 200ns) && gives("1.5us", 1500ns) && gives("7 µs", 7us));
        QVERIFY(gives("1.5s", 1500ms) && gives("1min 30 s", 90s) && gives("-2h", -120min) && gives("1d", 24h));
        QVERIFY(gives("1.5s", std::chrono::duration<double>(1.5)));
        QVERIFY(gives("1.5ms", std::chrono::duration<double, std::milli>(1.5)));
        QVERIFY(gives("0.1s", std::chrono::duration<float>(0.1f)));
        QVERIFY(gives("2s", std::chrono::duration<int, std::ratio<1, 3>>(6)));
        QVERIFY(gives("9223372036854775807ns", std::chrono::nanoseconds::max()));
    }

    void containers() {
        QVERIFY(gives("1, 2.5,3", (std::vector<double>{1, 2.5, 3})));
        QVERIFY(gives("[1, 2]", (std::vector<float>{1, 2})));
        QVERIFY(gives("", std::vector<int>()));
        QVERIFY(gives("true, false", (std::vector<bool>{true, false})));
        QVERIFY(gives("-1", (std::list<signed char>{-1})));
        QVERIFY(gives("18446744073709551615", (std::deque<unsigned long>{~0ul})));
        QVERIFY(gives("[0.5]", std::vector<long double>{0.5}));
        QVERIFY(gives("[\"a\", \"\"]", (std::vector<std::string>{"a", ""})));
        QVERIFY(gives("[[1], []]", (std::vector<std::vector<int>>{{1}, {}})));
        QVERIFY(gives("1, 2, 3", (std::array<int, 3>{1, 2, 3})));
        QVERIFY(gives("[\"a\", \"b\"]", (std::array<std::string, 2>{"a", "b"})));
        QVERIFY(gives("2, 1", (std::set<int>{1, 2})));
        QVERIFY(gives("1, 1", (std::multiset<int>{1, 1})));
        QVERIFY(gives("{\"a\": 1}", (std::map<std::string, int>{{"a", 1}})));
        QVERIFY(gives("[[1, \"a\"]]", (std::unordered_map<int, std::string>{{1, "a"}})));
        QVERIFY(gives("[[1, 2], [1, 3]]", (std::multimap<int, int>{{1, 2}, {1, 3}})));
        QVERIFY(gives("[1, \"a\"]", (std::pair<int, std::string>{1, "a"})));
        QVERIFY(gives("[true, [0.5, []]]", (std::tuple<bool, std::pair<float, std::vector<int>>>{true, {0.5f, {}}})));
        QVERIFY(gives("[]", std::tuple<>()));
        QVERIFY(gives("[\"1.5s\"]", std::vector{1500ms}));
        QVERIFY(std::isnan(value_from_text("std::vector<double>", "[\"nan\"]").at_as_double(0)));

        QVERIFY(gives(" ", std::optional<int>()) && gives("null", std::optional<int>()));
        QVERIFY(gives("5", std::optional<int>(5)));
        QVERIFY(gives("null", std::optional<std::string>("null")));
        QVERIFY(gives("[null, 1]", (std::vector<std::optional<int>>{std::nullopt, 1})));
        QVERIFY(*value_from_text("std::unique_ptr<int>", "5").as<std::unique_ptr<int>>() == 5);
        using Either = std::variant<std::string, int, std::vector<double>>;
        QVERIFY(gives("5", Either(5)) && gives("a", Either("a")) && gives("1.5, 2", Either(std::vector{1.5, 2.0})));
        QVERIFY(gives("{\"alternative\": 0, \"value\": \"5\"}", Either("5")));
    }

    void typesOfTheLibrary() {
        QVERIFY(gives("1", Colour::green));
        QVERIFY(value_from_text("Point", "[1, 2.0]").as<Point>() == (Point{1, 2}));
        QVERIFY(value_from_text("std::vector<Point>", "[[1, 2.0]]").as<std::vector<Point>>() ==
                (std::vector{Point{1, 2}}));
        QVERIFY(value_from_text("Shape", "{\"list\": [1, 2]}").as<std::vector<int>>() == (std::vector{1, 2}));
        QVERIFY(value_from_text("Shape", "null").is_none());
        QVERIFY(value_from_text("Shape", "{\"bytes\": \"\\\\xff\"}") == "\xff");
    }

    /// What is shown of a value can be typed again.
    void jsonIsReadAgain() {
        const auto read_again = [](const auto& value) {
            using T = std::remove_cvref_t<decltype(value)>;
            const AnyValue any = AnyValue::of(value);
            return value_from_text(message::type_name<T>(), to_json_text(any)) == any;
        };
        QVERIFY(read_again(std::map<std::string, std::vector<float>>{{"a\n\"", {0.1f, 1e30f}}}));
        QVERIFY(read_again(std::tuple(true, ~0ul, std::string("\xff\\x"), 1500ms, std::optional<int>())));
        QVERIFY(read_again(std::vector<std::variant<int, std::string>>{1, "1"}));
    }

    void mistakes_data() {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* type, const char* text, const char* sentence) {
            QTest::addRow("%s: %s", type, text) << type << text << sentence;
        };
        row("unsigned char", "abc", "must be a whole number from 0 to 255, but is \"abc\"");
        row("unsigned char", "256", "must be a whole number from 0 to 255, but is \"256\"");
        row("unsigned long", "-1", "must be a whole number from 0 to 18446744073709551615, but is \"-1\"");
        row("int", "", "must be a whole number from -2147483648 to 2147483647, but is empty");
        row("int", "1.5", "must be a whole number from -2147483648 to 2147483647, but is \"1.5\"");
        row("long", "9223372036854775808",
            "must be a whole number from -9223372036854775808 to 9223372036854775807, but is \"9223372036854775808\"");
        row("double", "1,5", "must be a number, but is \"1,5\"");
        row("float", "1e99", "must be a number, but is \"1e99\"");
        row("bool", "maybe", "must be true or false, but is \"maybe\"");
        row("std::chrono::milliseconds", "5", "must be a duration such as 100ms, but is \"5\"");
        row("std::chrono::seconds", "1.5s",
            "must be a whole number of std::chrono::seconds, such as 30s, but is \"1.5s\"");
        row("std::vector<double>", "1, x",
            "must be a list of numbers, but in element 2 should be a number and is \"x\"");
        row("std::vector<double>", "[1, [2]]",
            "must be a list of numbers, but in element 2 should be a number and is [2]");
        row("std::vector<std::string>", "a, b",
            "must be a list of texts, but is \"a, b\", which is not valid JSON (as in [\"text\"])");
        row("std::array<int, 3>", "1, 2", "must be a list of 3 whole numbers, but is a list of 2");
        row("std::set<int>", "1, 1", "must be a list of whole numbers, none of them twice, but is a list with 1 twice");
        row("std::map<std::string, int>", "{\"a\": 1, \"a\": 2}",
            "must be names, each with a whole number, -2147483648 to 2147483647, but is an object with \"a\" twice");
        row("std::pair<int, bool>", "[1]",
            "must be a list of a whole number, -2147483648 to 2147483647 and true or false, but is a list of 1");
        row("std::variant<int, bool>", "x",
            "must be a whole number, -2147483648 to 2147483647, or true or false, but is \"x\"");
        row("Point", "{\"x\": 1}",
            "must be a number, a text, true, false, null or a list (a struct is the list of its members in order), but "
            "is "
            "{\"x\":1}");
    }
    void mistakes() {
        QFETCH(QString, type);
        QFETCH(QString, text);
        QFETCH(QString, sentence);
        try {
            (void)value_from_text(type.toStdString(), text.toStdString());
            QFAIL("it was taken");
        } catch (const std::invalid_argument& error) {
            QCOMPARE(QString::fromUtf8(error.what()), sentence);
        }
    }

    void tooDeep() {
        QVERIFY_EXCEPTION_THROWN((void)value_from_text("Point", std::string(100'000, '[')), std::invalid_argument);
        std::string type = "int";
        for (int level = 0; level < 1000; ++level)
            type = "std::vector<" + type + ">";
        QVERIFY(!example_for(type).empty());
    }

    void wordsForPeople() {
        QCOMPARE(words_for("double"), std::string("a number"));
        QCOMPARE(words_for("unsigned char"), std::string("a whole number, 0 to 255"));
        QCOMPARE(words_for("unsigned long"), std::string("a whole number, 0 or more"));
        QCOMPARE(words_for("std::vector<double>"), std::string("a list of numbers"));
        QCOMPARE(words_for("bool"), std::string("true or false"));
        QCOMPARE(words_for("std::string"), std::string("a text"));
        QCOMPARE(words_for("std::optional<int>"), std::string("a whole number, -2147483648 to 2147483647, or nothing"));
        QCOMPARE(words_for("Point"), std::string("a value of the type Point, as JSON"));
        QCOMPARE(example_for("std::vector<double>"), std::string("1, 2.5, 3"));
        QCOMPARE(example_for("std::map<std::string, bool>"), std::string("{\"name\": true}"));
    }
};

QTEST_GUILESS_MAIN(TestTypedText)
#include "tst_typed_text.moc"
