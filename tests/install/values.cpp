// SPDX-License-Identifier: GPL-3.0-or-later
#include <pprocess/pprocess.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "check.h"

namespace {

enum class Colour { red, green };

struct Point {
    int x = 0;
    double y = 0;
    std::vector<std::string> names;
    Colour colour = Colour::red;
};

template <typename T>
T there_and_back(const T& value) {
    auto [left, right] = pprocess::channel_pair();
    left.send(value);
    return right.receive<T>();
}

template <typename T>
void check_equal(const T& value) {
    CHECK(there_and_back(value) == value);
}

} // namespace

int main() {
    check_equal(true);
    check_equal(-7LL);
    check_equal(0.1);
    check_equal(std::string("text"));
    check_equal(std::vector<int>{1, 2, 3});
    check_equal(std::map<std::string, std::set<int>>{{"a", {1, 2}}, {"b", {}}});
    check_equal(std::optional<int>());
    check_equal(std::variant<int, std::string>("second"));
    check_equal(std::vector<std::byte>{std::byte(0), std::byte(255)});
    check_equal(std::chrono::milliseconds(1500));

    const Point point = there_and_back(Point{1, 2.5, {"p", "q"}, Colour::green});
    CHECK(point.x == 1 && point.y == 2.5 && point.names.size() == 2 && point.colour == Colour::green);

    auto [left, right] = pprocess::channel_pair();
    left.send(std::make_unique<int>(5));
    CHECK(*right.receive<std::unique_ptr<int>>() == 5);

    left.send("no number");
    left.send(8);
    bool refused = false;
    try {
        right.receive<int>();
    } catch (const pprocess::TypeMismatch&) {
        refused = true;
    }
    CHECK(refused);
    CHECK(right.receive<int>() == 8);
}
