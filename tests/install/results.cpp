// SPDX-License-Identifier: GPL-3.0-or-later
#include <pprocess/pprocess.h>

#include <unistd.h>

#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "check.h"

namespace {

int square(int n) {
    return n * n;
}

int divide(int dividend, int divisor) {
    if (divisor == 0)
        throw std::domain_error("division by zero");
    return dividend / divisor;
}

void check_queue() {
    pprocess::Queue<int> queue(pprocess::ExchangeOptions{.limit = 2});
    auto managed = queue.manage(pprocess::MakeParallel(square));
    for (int n = 0; n < 6; ++n)
        managed(n);
    int sum = 0;
    for (int& value : queue)
        sum += value;
    CHECK(sum == 0 + 1 + 4 + 9 + 16 + 25);
    CHECK(!queue.next());
}

void check_map() {
    pprocess::Map<int> map(pprocess::ExchangeOptions{.limit = 3});
    auto managed = map.manage(pprocess::MakeParallel(square));
    for (int n = 0; n < 6; ++n)
        managed(n);
    CHECK(map[4] == 16);
    int next = 0;
    for (int& value : map) {
        CHECK(value == next * next);
        ++next;
    }
    CHECK(next == 6 && map.size() == 6);
}

void check_failed_element() {
    std::vector<std::pair<int, int>> divisions{{8, 2}, {1, 0}, {9, 3}};
    auto quotients = pprocess::pmap(divide, divisions);
    const auto& outcomes = quotients.outcomes();
    CHECK(outcomes.size() == 3 && outcomes[0].value() == 4 && outcomes[2].value() == 3);
    CHECK(!outcomes[1].has_value() && outcomes[1].error() && outcomes[1].attempts() == 1);
}

void check_reuse() {
    std::vector<int> numbers(100);
    std::set<int> pids;
    for (int pid : pprocess::pmap([](int) { return int(::getpid()); }, numbers, {.limit = 2, .reuse = true}))
        pids.insert(pid);
    CHECK(!pids.empty() && pids.size() <= 2);
}

} // namespace

int main() {
    check_queue();
    check_map();
    check_failed_element();
    check_reuse();
    CHECK(pprocess::available_cores() >= 1 && pprocess::physical_cores() >= 1);
}
