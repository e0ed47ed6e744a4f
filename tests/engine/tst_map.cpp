// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
#include <QtTest>

#include <signal.h>
#include <unistd.h>

#include <array>
#include <list>
#include <map>
#include <memory>
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

int square(int n) {
    return n * n;
}

std::vector<int> up_to(int count) {
    std::vector<int> numbers;
    for (int n = 0; n < count; ++n)
        numbers.push_back(n);
    return numbers;
}

template <typename T>
std::vector<T> all(Map<T>& map) {
    std::vector<T> values;
    for (T& value : map)
        values.push_back(value);
    return values;
}

} // namespace

class TestMap : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void inOrderOfStart() {
        for (const bool reuse : {false, true}) {
            auto map = pmap(square, up_to(50), {.limit = 4, .reuse = reuse});
            QCOMPARE(map.size(), std::size_t{50});
            std::vector<int> expected;
            for (int n = 0; n < 50; ++n)
                expected.push_back(n * n);
            QCOMPARE(all(map), expected);
            QCOMPARE(all(map), expected); // starts again
        }
    }

    void oneElementIsWaitedForAlone() {
        Gate gate;
        Map<int> map({.limit = 2});
        map.start([&](Channel& own) {
            gate.pass();
            own.send(1);
        });
        map.start([](Channel& own) { own.send(2); });
        QCOMPARE(map.size(), std::size_t{2});
        QCOMPARE(map[1], 2);
        EXPECT_THROWN(std::out_of_range, static_cast<void>(map[2])); // and waits for nothing
        gate.open();
        QCOMPARE(map[0], 1);
    }

    void failedElements() {
        for (const bool reuse : {false, true}) {
            auto map = pmap(
                [](int n) {
                    if (n == 1)
                        throw std::out_of_range("one");
                    if (n == 2)
                        ::raise(SIGKILL);
                    return n;
                },
                {0, 1, 2, 3}, {.limit = 2, .reuse = reuse});
            std::vector<int> values;
            int failures = 0;
            for (auto place = map.begin(); place != map.end(); ++place) {
                try {
                    values.push_back(*place);
                } catch (const Error&) {
                    ++failures;
                }
            }
            QCOMPARE(values, (std::vector<int>{0, 3}));
            QCOMPARE(failures, 2);
            EXPECT_THROWN(RemoteError, static_cast<void>(map[1]),
                          QCOMPARE(error.type_name(), std::string("std::out_of_range")));
            EXPECT_THROWN(ProcessDied, static_cast<void>(map[2]), QCOMPARE(error.status().signal(), SIGKILL));
            const auto& outcomes = map.outcomes();
            QCOMPARE(outcomes.size(), std::size_t{4});
            for (std::size_t n = 0; n < 4; ++n) {
                QCOMPARE(outcomes[n].index(), n);
                QCOMPARE(outcomes[n].has_value(), n == 0 || n == 3);
                QVERIFY(outcomes[n].pid() > 0);
                QCOMPARE(outcomes[n].attempts(), 1u);
            }
        }
    }

    void sequences() {
        const std::vector<int> expected{1, 4, 9};
        std::vector<int> vector{1, 2, 3};
        const std::list<int> list{1, 2, 3};
        std::array<int, 3> array{1, 2, 3};
        int plain[] = {1, 2, 3};
        const auto initializers = {1, 2, 3};
        auto one = pmap(square, vector);
        auto two = pmap(square, list);
        auto three = pmap(square, array);
        auto four = pmap(square, plain);
        auto five = pmap(square, initializers);
        auto six = pmap(square, {1, 2, 3}, {.limit = 1});
        auto seven = pmap(square, std::vector<int>{1, 2, 3});
        for (auto* map : {&one, &two, &three, &four, &five, &six, &seven})
            QCOMPARE(all(*map), expected);
        auto bits = pmap([](bool bit) { return !bit; }, std::vector<bool>{true, false});
        QVERIFY(!bits[0]);
        QVERIFY(bits[1]);
        auto texts = pmap([](const std::string& text) { return text.size(); }, {"a", "bb"}, {.reuse = true});
        QCOMPARE(texts[1], std::size_t{2});
        for (const bool reuse : {false, true}) {
            auto none = pmap(square, std::vector<int>(), {.reuse = reuse});
            QCOMPARE(none.size(), std::size_t{0});
            QVERIFY(none.empty());
            QVERIFY(none.begin() == none.end());
            QVERIFY(none.outcomes().empty());
        }
    }

    void moveOnlyElements() {
        std::vector<std::unique_ptr<int>> numbers;
        numbers.push_back(std::make_unique<int>(4));
        auto map = pmap([](std::unique_ptr<int> n) { return std::make_unique<int>(*n + 1); }, std::move(numbers));
        QCOMPARE(*map[0], 5);
    }

    void lvaluesStayWhole() {
        std::vector<std::string> texts{std::string(100, 'a'), std::string(100, 'b')};
        auto map = pmap([](std::string text) { return text.size(); }, texts);
        QCOMPARE(map[0] + map[1], std::size_t{200});
        QCOMPARE(texts[1], std::string(100, 'b'));
    }

    void tuplesAreSpread() {
        const std::vector<std::tuple<int, std::string>> tuples{{2, "a"}, {3, "b"}};
        const std::vector<std::pair<int, int>> pairs{{2, 3}, {4, 5}};
        for (const bool reuse : {false, true}) {
            auto repeated = pmap(
                [](int n, const std::string& text) {
                    std::string all;
                    for (; n > 0; --n)
                        all += text;
                    return all;
                },
                tuples, {.reuse = reuse});
            QCOMPARE(repeated[0], std::string("aa"));
            QCOMPARE(repeated[1], std::string("bbb"));
            auto products = pmap([](int a, int b) { return a * b; }, pairs, {.reuse = reuse});
            QCOMPARE(all(products), (std::vector<int>{6, 20}));
            auto whole = pmap([](const std::pair<int, int>& pair) { return pair.first; }, pairs, {.reuse = reuse});
            QCOMPARE(all(whole), (std::vector<int>{2, 4}));
        }
    }

    void functionsWithoutResult() {
        Map<std::monostate> map = pmap([](int) {}, up_to(3));
        std::size_t count = 0;
        for ([[maybe_unused]] std::monostate& value : map)
            ++count;
        QCOMPARE(count, std::size_t{3});
    }

    void capturingFunctionsAreReused() {
        const std::string text = "captured";
        auto pids =
            pmap([text](int) { return text == "captured" ? ::getpid() : 0; }, up_to(40), {.limit = 2, .reuse = true});
        const auto values = all(pids);
        const std::set<pid_t> different(values.begin(), values.end());
        QVERIFY(different.size() <= 2);
        QVERIFY(!different.contains(0));
    }

    void manyTrivialTasks() {
        auto map = pmap(square, up_to(10'000), {.limit = 4, .reuse = true});
        std::size_t count = 0;
        for (const int value : map) {
            QCOMPARE(value, static_cast<int>(count * count));
            ++count;
        }
        QCOMPARE(count, std::size_t{10'000});
    }

    void killedInTheMidstOfBatches() {
        // A process that dies with tasks ahead loses the one it worked on; the others are given to another.
        auto map = pmap(
            [](int n) {
                if (n % 1000 == 999)
                    ::raise(SIGKILL);
                return n;
            },
            up_to(5000), {.limit = 3, .reuse = true});
        const auto& outcomes = map.outcomes();
        QCOMPARE(outcomes.size(), std::size_t{5000});
        for (std::size_t n = 0; n < outcomes.size(); ++n) {
            QCOMPARE(outcomes[n].has_value(), n % 1000 != 999);
            QCOMPARE(outcomes[n].attempts(), 1u); // being handed over ahead is no attempt
        }
    }

    void retriesInBatches() {
        Gate survivals;
        survivals.open(3);
        auto map = pmap(
            [&](int n) {
                if (n % 500 == 250 && is_readable(survivals.reading_end())) {
                    survivals.pass();
                    ::raise(SIGKILL);
                }
                return n;
            },
            up_to(2000), {.limit = 1, .reuse = true, .retries = 3});
        const auto& outcomes = map.outcomes();
        QCOMPARE(outcomes.size(), std::size_t{2000});
        for (std::size_t n = 0; n < outcomes.size(); ++n) {
            QCOMPARE(outcomes[n].value(), static_cast<int>(n));
            QCOMPARE(outcomes[n].attempts(), n == 250 ? 4u : 1u);
        }
    }

    void plannedReplacementIsNoFailure() {
        auto map = pmap([](int n) { return std::pair(n, ::getpid()); }, up_to(100),
                        {.limit = 2, .reuse = true, .max_tasks_per_process = 7});
        std::map<pid_t, int> tasks;
        const auto& outcomes = map.outcomes();
        QCOMPARE(outcomes.size(), std::size_t{100});
        for (std::size_t n = 0; n < outcomes.size(); ++n) {
            QCOMPARE(outcomes[n].value().first, static_cast<int>(n));
            QCOMPARE(outcomes[n].attempts(), 1u);
            ++tasks[outcomes[n].value().second];
        }
        QVERIFY(tasks.size() >= 15);
        for (const auto& [pid, count] : tasks)
            QVERIFY(count <= 7);
    }

    void callOperator() {
        Map<int> map({.limit = 2});
        map(square, up_to(3));
        map([](int n) { return -n; }, {7, 8});
        QCOMPARE(all(map), (std::vector<int>{0, 1, 4, -7, -8}));
    }

    void continuous() {
        Gate gate;
        Map<int> map({.limit = 2, .continuous = true});
        map.start([&](Channel& own) {
            own.send(1);
            gate.pass();
            own.send(2);
        });
        map.start([&](Channel& own) {
            own.send(3);
            own.send(4);
            gate.open();
            throw std::runtime_error("last");
        });
        map.start([](Channel&) {});
        map.start([](Channel& own) { own.send(5); });
        const auto& outcomes = map.outcomes();
        QCOMPARE(outcomes.size(), std::size_t{6});
        std::vector<std::size_t> indices;
        for (const auto& outcome : outcomes)
            indices.push_back(outcome.index());
        QCOMPARE(indices, (std::vector<std::size_t>{0, 0, 1, 1, 1, 3}));
        QCOMPARE(outcomes[1].value(), 2);
        QCOMPARE(outcomes[3].value(), 4);
        EXPECT_THROWN(RemoteError, static_cast<void>(outcomes[4].value()));
        QCOMPARE(outcomes[5].value(), 5);
    }

    void processesThatEndBeforeTheyAreWatched() {
        // An added one has ended before; it had nothing to send, which is well.
        Map<int> map({.continuous = true});
        for (int n = 0; n < 3; ++n) {
            Channel channel = start([](Channel&) {});
            QVERIFY(wait_for_end(channel.pid()));
            map.add(std::move(channel));
        }
        QVERIFY(map.outcomes().empty());
    }

    void createdProcesses() {
        Map<int> map({.limit = 2});
        for (int n = 0; n < 6; ++n) {
            if (auto channel = map.create()) {
                channel->send(10 * n);
                pprocess::exit(*channel);
            }
        }
        QCOMPARE(all(map), (std::vector<int>{0, 10, 20, 30, 40, 50}));
    }

    void cancelled() {
        auto map = pmap(
            [](int n) {
                while (n > 0)
                    ::pause();
                return n;
            },
            up_to(5), {.limit = 2});
        QCOMPARE(map[0], 0);
        map.cancel();
        for (std::size_t n = 1; n < 5; ++n)
            EXPECT_THROWN(TaskCancelled, static_cast<void>(map[n]));
        QCOMPARE(map.outcomes().size(), std::size_t{5});
    }

    void removedElement() {
        for (const bool reuse : {false, true}) {
            Gate running;
            Gate gate;
            Map<int> map({.limit = 2, .reuse = reuse});
            const auto task = map.manage(MakeReusable([&](int n) {
                if (n == 0) {
                    running.open();
                    gate.pass();
                }
                return n;
            }));
            for (int n = 0; n < 5; ++n)
                task(n);
            QVERIFY(running.pass());
            QCOMPARE(map[1], 1);
            QCOMPARE(map[4], 4);
            if (reuse) { // the idle one is nobody's
                for (Channel* channel : map.active()) {
                    if (channel->traffic().messages_in > 0)
                        map.remove(*channel);
                }
            }
            while (map.active().size() > 1)
                map.store(5ms); // the process of element 4 is still ending, of which there is nothing to store
            map.remove(*map.active().front());
            QVERIFY(!map.unfinished());
            EXPECT_THROWN(TaskCancelled, static_cast<void>(map[0]));
            std::vector<int> values;
            int failures = 0;
            for (auto place = map.begin(); place != map.end(); ++place) {
                try {
                    values.push_back(*place);
                } catch (const TaskCancelled& error) {
                    QVERIFY(QString(error.what()).contains("removed"));
                    ++failures;
                }
            }
            QCOMPARE(values, (std::vector<int>{1, 2, 3, 4}));
            QCOMPARE(failures, 1);
            const auto& outcomes = map.outcomes();
            QCOMPARE(outcomes.size(), std::size_t{5});
            QCOMPARE(outcomes[0].attempts(), 1u);
            QVERIFY(outcomes[0].pid() > 0);
        }
    }

    void removedStream() {
        Gate gate;
        Map<int> map({.continuous = true});
        map.start([&](Channel& own) {
            own.send(1);
            gate.pass();
        });
        Channel& first = *map.active().front();
        map.start([](Channel& own) { own.send(2); });
        QCOMPARE(map[0], 1);
        map.remove(first);
        const auto& outcomes = map.outcomes();
        QCOMPARE(outcomes.size(), std::size_t{3});
        EXPECT_THROWN(TaskCancelled, static_cast<void>(outcomes[1].value()));
        QCOMPARE(outcomes[2].value(), 2);
    }

    void elementReceivedByHand() {
        Map<int> map;
        map.start([](Channel& own) { own.send(1); });
        QCOMPARE(map.ready().front()->receive<int>(), 1);
        map.start([](Channel& own) { own.send(2); });
        QCOMPARE(map[1], 2);
        EXPECT_THROWN(TaskCancelled, static_cast<void>(map[0]));
        QCOMPARE(map.outcomes().size(), std::size_t{2});
    }

    void timedOut() {
        auto map = pmap(
            [](int n) {
                while (n == 1)
                    ::pause();
                return n;
            },
            up_to(3), {.limit = 1, .timeout = 3s}); // long enough for the others
        EXPECT_THROWN(TaskTimedOut, static_cast<void>(map[1]));
        QCOMPARE(map[0] + map[2], 2);
    }

    void nested() {
        auto map = pmap(
            [](int n) {
                int sum = 0;
                for (const int value : pmap(square, up_to(n), {.limit = 2}))
                    sum += value;
                return sum;
            },
            {3, 4}, {.limit = 2});
        QCOMPARE(all(map), (std::vector<int>{5, 14}));
    }
};

QTEST_GUILESS_MAIN(TestMap)
#include "tst_map.moc"
