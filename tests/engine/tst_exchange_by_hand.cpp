// SPDX-License-Identifier: GPL-3.0-or-later

// ctest: not with tsan
#include <QtTest>

#include <unistd.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

/// Sends its number once the gate lets it.
void send_when_let(Channel& channel, const Gate* gate, int number) {
    gate->pass();
    channel.send(number);
}

void send(Channel& channel, int number) {
    channel.send(number);
}

/// Throws out of `store_error`, each time with the number of the call.
class Complaining : public Exchange {
public:
    using Exchange::Exchange;
    int complaints = 0;

protected:
    void store_data(Channel& channel) override { channel.receive<int>(); }
    void store_error(Channel&, std::exception_ptr) override {
        throw std::runtime_error("complaint " + std::to_string(++complaints));
    }
};

} // namespace

/// Exchanges whose channels their owner makes and receives from.
class TestExchangeByHand : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void anErrorReceivedByHandIsTheOnlyOne() {
        for (const bool dies : {false, true}) {
            for (const bool is_continuous : {false, true}) {
                Exchange exchange({.limit = 1, .continuous = is_continuous});
                exchange.start(
                    [](Channel&, bool shall_die) {
                        if (shall_die)
                            ::_exit(3);
                        throw std::runtime_error("as wished");
                    },
                    dies);
                int errors = 0;
                while (exchange.unfinished() && errors < 5) {
                    for (Channel* channel : exchange.ready())
                        EXPECT_THROWN(Error, channel->receive<int>(), ++errors);
                }
                QCOMPARE(errors, 1);
            }
        }
    }

    void startsWithChannels() {
        std::vector<Channel> channels;
        for (int number : {1, 2, 3})
            channels.push_back(start(send, number));
        std::set<pid_t> expected;
        for (const Channel& channel : channels)
            expected.insert(channel.pid());

        Exchange exchange(std::move(channels), {.limit = 2}); // given channels count, whatever the limit
        std::set<pid_t> watched;
        for (const Channel* channel : exchange.active())
            watched.insert(channel->pid());
        QCOMPARE(watched, expected);
        QVERIFY(exchange.busy());

        int sum = 0;
        while (exchange.unfinished()) {
            for (Channel* channel : exchange.ready()) {
                try {
                    sum += channel->receive<int>();
                } catch (const ChannelClosed&) {
                    exchange.remove(*channel);
                }
                break; // the others' pointers hold until the next call only
            }
        }
        QCOMPARE(sum, 6);
    }

    void readyForAWhileReturnsWithoutAny() {
        Gate gate;
        Exchange exchange;
        exchange.start(send_when_let, &gate, 7);
        QVERIFY(exchange.ready(0s).empty());
        QVERIFY(exchange.ready(10ms).empty());
        QCOMPARE(exchange.active().size(), 1U);

        gate.open();
        auto ready = exchange.ready(30s);
        QCOMPARE(ready.size(), 1U);
        // It stays so until it is received.
        QCOMPARE(exchange.ready(0s), ready);
        QCOMPARE(ready.front()->receive<int>(), 7);
    }

    void queueAndMapTakeChannelsToo() {
        std::vector<Channel> channels;
        channels.push_back(start(send, 5));
        channels.push_back(start(send, 6));
        Map<int> map(std::move(channels));
        QCOMPARE(map[1], 6);
        QCOMPARE(map[0], 5);
        QCOMPARE(map.size(), 2U);

        channels.clear();
        channels.push_back(start(send, 8));
        Queue<int> queue(std::move(channels));
        QCOMPARE(queue.next(), std::optional(8));
        QVERIFY(!queue.next());
    }

    void cancelThrowsTheFirstComplaintAndEndsAllTheSame() {
        Complaining exchange({.limit = 2});
        Gate never;
        for (int n = 0; n < 5; ++n)
            exchange.start(send_when_let, &never, n);
        EXPECT_THROWN(std::runtime_error, exchange.cancel(), QCOMPARE(std::string(error.what()), "complaint 1"));
        QCOMPARE(exchange.complaints, 5);
        QVERIFY(!exchange.unfinished());
        QVERIFY(exchange.active().empty());
    }

    void anElementBeyondAMapNamesItsSize() {
        auto map = pmap([](int n) { return n; }, {1, 2});
        EXPECT_THROWN(std::out_of_range, static_cast<void>(map[5]),
                      QCOMPARE(std::string(error.what()), "a map of 2 elements has none at 5"));
    }
};

QTEST_GUILESS_MAIN(TestExchangeByHand)
#include "tst_exchange_by_hand.moc"
