// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
#include <QtTest>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

int fail_at_odd(int n) {
    if (n % 2 == 1)
        throw std::runtime_error("odd " + std::to_string(n));
    return n;
}

} // namespace

class TestQueue : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void inOrderOfArrival() {
        Gate gate;
        Queue<int> queue({.limit = 4});
        queue.start([&](Channel& own) {
            gate.pass();
            own.send(1);
        });
        queue.start([](Channel& own) { own.send(2); });
        QCOMPARE(queue.next(), std::optional<int>(2));
        QVERIFY(queue.empty());
        gate.open();
        QCOMPARE(queue.next(), std::optional<int>(1));
        QCOMPARE(queue.next(), std::optional<int>());
        QCOMPARE(queue.next(), std::optional<int>());
    }

    void loops() {
        Queue<int> queue({.limit = 2});
        auto managed = queue.manage(MakeParallel([](int n) { return n * n; }));
        for (int n = 0; n < 20; ++n)
            managed(n);
        std::vector<int> values;
        for (int& value : queue) {
            values.push_back(value);
            if (values.size() == 5)
                break;
        }
        for (const int value : queue) // goes on behind
            values.push_back(value);
        std::sort(values.begin(), values.end());
        QCOMPARE(values.size(), std::size_t{20});
        for (int n = 0; n < 20; ++n)
            QCOMPARE(values[static_cast<std::size_t>(n)], n * n);
        for (const int value : queue)
            QFAIL(qPrintable(QString::number(value)));
    }

    void failedElements() {
        Queue<int> queue({.limit = 1});
        for (int n = 0; n < 6; ++n)
            queue.start(MakeParallel(fail_at_odd), n);
        std::vector<int> values;
        QStringList errors;
        // `begin`, `++` and `==` do not throw, `*` does.
        for (auto place = queue.begin(); place != queue.end(); ++place) {
            try {
                values.push_back(*place);
            } catch (const RemoteError& error) {
                errors << error.what();
            }
        }
        QCOMPARE(values, (std::vector<int>{0, 2, 4}));
        QCOMPARE(errors, (QStringList{"odd 1", "odd 3", "odd 5"}));
    }

    void aNewLoopGoesOnAfterTheFailedElement() {
        Queue<int> queue({.limit = 1});
        for (int n = 0; n < 6; ++n)
            queue.start(MakeParallel(fail_at_odd), n);
        std::vector<int> values;
        int failures = 0;
        for (bool done = false; !done;) {
            try {
                for (const int value : queue)
                    values.push_back(value);
                done = true;
            } catch (const RemoteError&) {
                ++failures;
            }
        }
        QCOMPARE(failures, 3);
        QCOMPARE(values, (std::vector<int>{0, 2, 4}));
    }

    void nextThrowsLikewise() {
        Queue<int> queue({.limit = 1});
        for (int n = 0; n < 3; ++n)
            queue.start(MakeParallel(fail_at_odd), n);
        QCOMPARE(queue.next(), std::optional<int>(0));
        EXPECT_THROWN(RemoteError, queue.next());
        QCOMPARE(queue.next(), std::optional<int>(2));
        QCOMPARE(queue.next(), std::optional<int>());
    }

    void sizeCountsWhatHasArrived() {
        Gate sent;
        Queue<int> queue({.continuous = true});
        queue.start([&](Channel& own) {
            for (int n = 0; n < 50; ++n)
                own.send(n);
            sent.open();
            own.receive<int>();
        });
        QVERIFY(sent.pass());
        QCOMPARE(queue.size(), std::size_t{50});
        QVERIFY(!queue.empty());
        queue.next();
        QCOMPARE(queue.size(), std::size_t{49});
        queue.cancel();
        QCOMPARE(queue.size(), std::size_t{50}); // the cancelled task's error is an element
    }

    void outcomes() {
        Queue<std::unique_ptr<int>> queue({.limit = 1});
        queue.start([](Channel& own) { own.send(std::make_unique<int>(1)); });
        queue.start([](Channel&) { ::raise(SIGKILL); });
        queue.start([](Channel& own) { own.send(std::string("no number")); });
        queue.start([](Channel&) {});
        auto first = queue.next();
        QCOMPARE(**first, 1);
        const auto& outcomes = queue.outcomes();
        QCOMPARE(outcomes.size(), std::size_t{4});
        QVERIFY(outcomes[0].taken() && !outcomes[0].has_value() && !outcomes[0].error());
        EXPECT_THROWN(ProcessDied, static_cast<void>(outcomes[1].value()), QCOMPARE(error.pid(), outcomes[1].pid()));
        EXPECT_THROWN(TypeMismatch, static_cast<void>(outcomes[2].value()));
        EXPECT_THROWN(ProcessDied, static_cast<void>(outcomes[3].value()), QCOMPARE(error.status().exit_code(), 0));
        for (std::size_t n = 0; n < 4; ++n) {
            QCOMPARE(outcomes[n].index(), n);
            QCOMPARE(outcomes[n].attempts(), 1u);
            QVERIFY(outcomes[n].pid() > 0);
            QVERIFY(outcomes[n].duration() > 0ns);
        }
    }

    void cancelledOutcomes() {
        Queue<int> queue({.limit = 1});
        for (int n = 0; n < 3; ++n)
            queue.start([](Channel&) { ::pause(); });
        queue.cancel();
        const auto& outcomes = queue.outcomes();
        QCOMPARE(outcomes.size(), std::size_t{3});
        for (const auto& outcome : outcomes) {
            EXPECT_THROWN(TaskCancelled, static_cast<void>(outcome.value()));
            QCOMPARE(outcome.attempts(), outcome.index() == 0 ? 1u : 0u);
        }
    }

    void continuousWithAFailureAtTheEnd() {
        Queue<int> queue({.continuous = true});
        queue.start([](Channel& own) {
            own.send(1);
            own.send(2);
            throw std::runtime_error("then this");
        });
        const auto& outcomes = queue.outcomes();
        QCOMPARE(outcomes.size(), std::size_t{3});
        QCOMPARE(outcomes[0].value(), 1);
        QCOMPARE(outcomes[1].value(), 2);
        EXPECT_THROWN(RemoteError, static_cast<void>(outcomes[2].value()));
        for (const auto& outcome : outcomes)
            QCOMPARE(outcome.index(), std::size_t{0});
    }

    void deathAfterTheValueLeavesItStanding() {
        Queue<int> queue;
        queue.start([](Channel& own) {
            own.send(1);
            ::raise(SIGKILL);
        });
        QCOMPARE(queue.outcomes().size(), std::size_t{1});
        QCOMPARE(queue.next(), std::optional<int>(1));
        QCOMPARE(queue.next(), std::optional<int>());

        Queue<int> continuous({.continuous = true});
        continuous.start([](Channel& own) {
            own.send(1);
            ::raise(SIGKILL);
        });
        QCOMPARE(continuous.next(), std::optional<int>(1));
        EXPECT_THROWN(ProcessDied, continuous.next());
        QCOMPARE(continuous.next(), std::optional<int>());
    }

    void functionsWithoutResult() {
        Queue<std::monostate> queue({.limit = 2, .reuse = true});
        for (int n = 0; n < 4; ++n)
            queue.start(MakeReusable([](int number) {
                            if (number == 2)
                                throw std::runtime_error("two");
                        }),
                        n);
        QCOMPARE(std::count_if(queue.outcomes().begin(), queue.outcomes().end(),
                               [](const auto& outcome) { return outcome.has_value(); }),
                 3);
    }

    void created() {
        Queue<int> queue({.limit = 3});
        for (int n = 0; n < 9; ++n) {
            if (auto channel = queue.create()) {
                channel->send(n);
                pprocess::exit(*channel);
            }
        }
        int sum = 0;
        for (const int value : queue)
            sum += value;
        QCOMPARE(sum, 36);
    }
};

QTEST_GUILESS_MAIN(TestQueue)
#include "tst_queue.moc"
