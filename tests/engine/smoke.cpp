// SPDX-License-Identifier: GPL-3.0-or-later
//
// The one test that needs no Qt: the engine alone, through its umbrella header, as a stranger would use it.

#include <pprocess/pprocess.h>

#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

int failures = 0;

void check(bool good, const char* what) {
    if (!good) {
        std::fprintf(stderr, "smoke: failed: %s\n", what);
        ++failures;
    }
}

int square(int n) {
    return n * n;
}

std::string describe(int n) {
    if (n == 3)
        throw std::runtime_error("three is not wanted");
    return "number " + std::to_string(n);
}

void check_map() {
    std::vector<int> numbers;
    for (int n = 0; n < 20; ++n)
        numbers.push_back(n);

    std::vector<int> squares;
    for (int value : pprocess::pmap(square, numbers, {.limit = 2}))
        squares.push_back(value);
    check(squares.size() == numbers.size(), "one result for each element");
    for (std::size_t i = 0; i < squares.size(); ++i)
        check(squares[i] == numbers[i] * numbers[i], "results in the order of their elements");
}

void check_other_process() {
    auto pids = pprocess::pmap([](int) { return static_cast<int>(::getpid()); }, std::vector<int>{1, 2});
    check(pids[0] != ::getpid() && pids[1] != ::getpid(), "a function runs in another process");
}

void check_error() {
    auto texts = pprocess::pmap(describe, std::vector<int>{2, 3, 4}, {.limit = 2});
    const auto& outcomes = texts.outcomes();
    check(outcomes.size() == 3, "one outcome for each element");
    check(outcomes[0].has_value() && outcomes[0].value() == "number 2", "the element before a failed one stands");
    check(outcomes[2].has_value() && outcomes[2].value() == "number 4", "the element after a failed one stands");
    check(!outcomes[1].has_value(), "a function that throws gives no value");
    try {
        std::rethrow_exception(outcomes[1].error());
    } catch (const pprocess::RemoteError& error) {
        check(std::string(error.what()) == "three is not wanted", "the error's own text arrives");
    } catch (...) {
        check(false, "a function's exception arrives as RemoteError");
    }
}

} // namespace

int main() {
    try {
        check_map();
        check_other_process();
        check_error();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "smoke: unexpected: %s\n", error.what());
        return 1;
    }
    return failures == 0 ? 0 : 1;
}
