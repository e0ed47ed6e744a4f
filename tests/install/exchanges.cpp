// SPDX-License-Identifier: GPL-3.0-or-later
#include <pprocess/pprocess.h>

#include <exception>
#include <optional>
#include <stdexcept>

#include "check.h"

namespace {

class Sum : public pprocess::Exchange {
public:
    using Exchange::Exchange;
    int total = 0;
    int failures = 0;

protected:
    void store_data(pprocess::Channel& channel) override { total += channel.receive<int>(); }
    void store_error(pprocess::Channel&, std::exception_ptr) override { ++failures; }
};

void send_square(pprocess::Channel& channel, int n) {
    if (n == 3)
        throw std::runtime_error("three is not wanted");
    channel.send(n * n);
}

int cube(int n) {
    return n * n * n;
}

} // namespace

int main() {
    Sum sum(pprocess::ExchangeOptions{.limit = 2});
    for (int n = 1; n <= 4; ++n)
        sum.start(send_square, n);
    auto managed = sum.manage(pprocess::MakeParallel(cube));
    managed(10);
    sum.add_wait(pprocess::start(send_square, 100));
    if (std::optional<pprocess::Channel> channel = sum.create()) {
        channel->send(7);
        pprocess::exit(*channel);
    }
    sum.finish();
    CHECK(sum.total == 1 + 4 + 16 + 1000 + 10000 + 7);
    CHECK(sum.failures == 1);
    CHECK(!sum.unfinished() && sum.active().empty());
}
