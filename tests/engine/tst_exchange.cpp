// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
#include <QtTest>

#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/numbers.h"
#include "support/sync.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

/// Starts processes that have ended before the exchange comes to watch them, as the quickest may.
class TooLate : public Numbers {
public:
    using Numbers::Numbers;

    template <typename Function>
    void start_late(Function function) {
        submit(std::make_unique<LateWork<Function>>(std::move(function)));
    }

    std::vector<unsigned> attempts; ///< of each error

private:
    template <typename Function>
    struct LateWork : Work {
        explicit LateWork(Function function) : function_(std::move(function)) {}
        Channel launch() override {
            Channel channel = pprocess::start(function_);
            if (!wait_for_end(channel.pid()))
                throw std::runtime_error("the process has not ended");
            return channel;
        }
        Function function_;
    };

    void store_error(Channel& channel, std::exception_ptr error) override {
        attempts.push_back(record().attempts);
        Numbers::store_error(channel, std::move(error));
    }
};

/// As the base leaves it: errors are thrown.
class Throwing : public Exchange {
public:
    using Exchange::Exchange;
    std::vector<int> values;

protected:
    void store_data(Channel& channel) override { values.push_back(channel.receive<int>()); }
};

/// A chain: too long a one cannot be sent.
struct Link {
    std::unique_ptr<Link> next;
};
std::unique_ptr<Link> chain(int length) {
    std::unique_ptr<Link> first;
    for (; length > 0; --length)
        first = std::make_unique<Link>(Link{std::move(first)});
    return first;
}
int length_of(const std::unique_ptr<Link>& first) {
    int length = 0;
    for (const Link* link = first.get(); link; link = link->next.get())
        ++length;
    return length;
}

/// Fails unless what `fileno` says is what `store(0ms)` does.
void store_while_readable(Exchange& exchange) {
    while (exchange.unfinished()) {
        QVERIFY(is_readable(exchange.fileno(), 30'000));
        exchange.store(0ms);
    }
}

} // namespace

class TestExchange : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void limitHolds() {
        for (const std::size_t limit : {std::size_t{1}, std::size_t{3}}) {
            Numbers exchange({.limit = limit});
            for (int n = 0; n < 20; ++n)
                exchange.start(double_it, n);
            QVERIFY(exchange.busy());
            QCOMPARE(exchange.active().size(), limit);
            exchange.finish();
            QVERIFY(!exchange.busy());
            QCOMPARE(exchange.values.size(), std::size_t{20});
            QVERIFY(exchange.most_active <= limit);
        }
        EXPECT_THROWN(std::invalid_argument, Exchange({.limit = 0}));
    }

    void createHonoursTheLimit() {
        Gate running;
        Numbers exchange({.limit = 2});
        for (int n = 0; n < 12; ++n) {
            if (auto channel = exchange.create()) {
                channel->send(n);
                pprocess::exit(*channel);
            }
            QVERIFY(exchange.active().size() <= 2);
        }
        exchange.finish();
        QCOMPARE(sorted(exchange.values), up_to(12));
        QVERIFY(exchange.errors.empty());
        Numbers reused({.reuse = true});
        EXPECT_THROWN(std::logic_error, static_cast<void>(reused.create()));
    }

    void inheritedExchangeDoesNothing() {
        Gate end;
        Numbers exchange;
        exchange.start([&](Channel& own) { own.send(own.receive<int>()); });
        auto* sibling = exchange.active().front();
        const pid_t pid = sibling->pid();
        Channel channel = create();
        if (channel.pid() == 0) {
            Numbers(std::move(exchange)); // destroyed here, with a member
            channel.send(1);
            pprocess::exit(channel);
        }
        QCOMPARE(channel.receive<int>(), 1);
        QVERIFY(channel.wait().success());
        QCOMPARE(::kill(pid, 0), 0);
        sibling->send(9);
        exchange.finish();
        QCOMPARE(exchange.values, std::vector<int>{9});
    }

    void readyByHand() {
        Exchange exchange;
        QVERIFY(exchange.ready(0ms).empty());
        QVERIFY(exchange.ready().empty()); // nothing to wait for
        Channel& echo = exchange.add(start([](Channel& own) { own.send(own.receive<int>()); }));
        QVERIFY(exchange.ready(0ms).empty());
        QVERIFY(exchange.ready(5ms).empty());
        QCOMPARE(exchange.active(), std::vector<Channel*>{&echo});
        echo.send(3);
        const auto ready = exchange.ready();
        QCOMPARE(ready, std::vector<Channel*>{&echo});
        QCOMPARE(exchange.ready(0ms), ready); // level-triggered
        QCOMPARE(ready.front()->receive<int>(), 3);
        QVERIFY(exchange.ready(30s).empty()); // at its end, which is nothing to tell
        QVERIFY(exchange.active().empty());
        QVERIFY(!exchange.unfinished());
    }

    void readyReturnsWhatWouldThrow() {
        Exchange exchange;
        Channel& dying = exchange.add(start([](Channel&) { ::raise(SIGKILL); }));
        QCOMPARE(exchange.ready(30s), std::vector<Channel*>{&dying});
        QCOMPARE(exchange.ready(30s), std::vector<Channel*>{&dying});
        EXPECT_THROWN(ProcessDied, dying.receive<int>());
        QVERIFY(exchange.ready(0ms).empty());
        Channel& failing = exchange.add(start([](Channel&) { throw std::runtime_error("no"); }));
        QCOMPARE(exchange.ready(30s), std::vector<Channel*>{&failing});
        EXPECT_THROWN(RemoteError, failing.receive<int>());
        QVERIFY(exchange.ready().empty());
        QVERIFY(!exchange.unfinished());
    }

    void readyManyMessages() {
        constexpr int count = 200;
        Exchange exchange({.continuous = true});
        Channel& channel = exchange.add(start([](Channel& own) {
            for (int n = 0; n < count; ++n)
                own.send(n);
        }));
        QVERIFY(wait_for_end(channel.pid()));
        int expected = 0;
        for (auto ready = exchange.ready(); !ready.empty(); ready = exchange.ready()) {
            QVERIFY(is_readable(exchange.fileno()));
            QCOMPARE(ready.front()->receive<int>(), expected++);
        }
        QCOMPARE(expected, count);
    }

    void removeGivesBack() {
        for (const bool autoclose : {true, false}) {
            Exchange exchange({.autoclose = autoclose});
            Channel& kept = exchange.add(start([](Channel& own) { own.send(own.receive<int>()); }));
            const pid_t pid = kept.pid();
            Channel channel = exchange.remove(kept);
            QVERIFY(exchange.active().empty());
            QVERIFY(!exchange.unfinished());
            if (autoclose) {
                QVERIFY(!channel.is_open());
                QCOMPARE(::kill(pid, 0), -1);
            } else {
                channel.send(4);
                QCOMPARE(channel.receive<int>(), 4);
            }
            EXPECT_THROWN(std::invalid_argument, exchange.remove(channel));
        }
    }

    void removeWhatIsReady() {
        Numbers exchange({.limit = 1});
        exchange.start(double_it, 1);
        exchange.start(double_it, 2);
        const auto ready = exchange.ready(30s);
        QCOMPARE(ready.size(), std::size_t{1});
        exchange.remove(*ready.front());
        exchange.finish();
        QCOMPARE(exchange.values, std::vector<int>{4});
    }

    void addWaitStoresUntilThereIsRoom() {
        Numbers exchange({.limit = 2});
        for (int n = 0; n < 10; ++n) {
            exchange.add_wait(start(double_it, n));
            QVERIFY(exchange.active().size() <= 2);
        }
        exchange.finish();
        QCOMPARE(exchange.values.size(), std::size_t{10});
    }

    void fromAVectorOfChannels() {
        std::vector<Channel> channels;
        for (int n = 0; n < 4; ++n)
            channels.push_back(start(double_it, n));
        Numbers exchange(std::move(channels));
        exchange.finish();
        QCOMPARE(sorted(exchange.values), (std::vector<int>{0, 2, 4, 6}));
    }

    void storeWithATimeoutReturnsInSilence() {
        Gate gate;
        Numbers exchange;
        exchange.start([&](Channel& own) {
            gate.pass();
            own.send(1);
        });
        exchange.store(0ms);
        exchange.store(5ms);
        QVERIFY(exchange.values.empty());
        gate.open();
        exchange.store(30s);
        QCOMPARE(exchange.values, std::vector<int>{1});
        exchange.finish();
        exchange.store();
        exchange.store(0ms);
    }

    void baseStoreDataIsAnError() {
        Exchange exchange;
        exchange.start(double_it, 1);
        EXPECT_THROWN(std::logic_error, exchange.store());
    }

    void errorsAreThrownAndItGoesOn() {
        Throwing exchange({.limit = 2});
        for (int n = 0; n < 8; ++n) {
            exchange.start(
                [](Channel& own, int number) {
                    if (number % 4 == 1)
                        throw std::runtime_error("one");
                    if (number % 4 == 2)
                        ::raise(SIGKILL);
                    own.send(number);
                },
                n);
        }
        int failures = 0;
        while (exchange.unfinished()) {
            try {
                exchange.store();
            } catch (const RemoteError& error) {
                QCOMPARE(error.what(), "one");
                ++failures;
            } catch (const ProcessDied&) {
                ++failures;
            }
        }
        QCOMPARE(failures, 4);
        QCOMPARE(sorted(exchange.values), (std::vector<int>{0, 3, 4, 7}));
    }

    void filenoSaysWhenThereIsWork() {
        Gate gate;
        Numbers exchange({.limit = 2});
        QVERIFY(!is_readable(exchange.fileno()));
        for (int n = 0; n < 6; ++n) {
            exchange.start(
                [&](Channel& own, int number) {
                    gate.pass();
                    own.send(number);
                },
                n);
        }
        QVERIFY(!is_readable(exchange.fileno()));
        gate.open(6);
        const int outer = ::epoll_create1(EPOLL_CLOEXEC);
        epoll_event event{};
        event.events = EPOLLIN;
        ::epoll_ctl(outer, EPOLL_CTL_ADD, exchange.fileno(), &event);
        while (exchange.unfinished()) {
            QVERIFY(is_readable(outer, 30'000));
            exchange.store(0ms);
        }
        QVERIFY(!is_readable(exchange.fileno()));
        QVERIFY(!is_readable(outer));
        ::close(outer);
        QCOMPARE(sorted(exchange.values), up_to(6));
    }

    void filenoKnowsWhatWasReadAhead() {
        Numbers exchange({.continuous = true});
        exchange.start([](Channel& own) {
            for (int n = 0; n < 100; ++n)
                own.send(n);
        });
        QVERIFY(wait_for_end(exchange.active().front()->pid()));
        store_while_readable(exchange);
        QCOMPARE(exchange.values, up_to(100));

        // Read ahead before it was added.
        auto [one, other] = channel_pair();
        for (int n = 0; n < 3; ++n)
            one.send(n);
        QCOMPARE(other.receive<int>(), 0);
        Numbers adopting({.continuous = true});
        adopting.add(std::move(other));
        for (int n = 0; n < 2; ++n) {
            QVERIFY(is_readable(adopting.fileno()));
            adopting.store(0ms);
        }
        QVERIFY(!is_readable(adopting.fileno()));
        one.close();
        store_while_readable(adopting);
        QCOMPARE(adopting.values, (std::vector<int>{1, 2}));
    }

    void reuseKeepsToItsProcesses() {
        Numbers exchange({.limit = 3, .reuse = true});
        for (int n = 0; n < 60; ++n)
            exchange.start(MakeReusable([](int) { return static_cast<int>(::getpid()); }), n);
        exchange.finish();
        QCOMPARE(exchange.values.size(), std::size_t{60});
        QVERIFY(std::set<int>(exchange.values.begin(), exchange.values.end()).size() <= 3);
    }

    void reusedProcessThatDies() {
        Numbers exchange({.limit = 2, .reuse = true});
        for (int n = 0; n < 40; ++n) {
            exchange.start(MakeReusable([](int number) {
                               if (number % 10 == 3)
                                   ::raise(SIGKILL);
                               if (number % 10 == 5)
                                   throw std::runtime_error("five");
                               return number;
                           }),
                           n);
        }
        exchange.finish();
        std::vector<int> expected;
        for (int n = 0; n < 40; ++n)
            if (n % 10 != 3 && n % 10 != 5)
                expected.push_back(n);
        QCOMPARE(sorted(exchange.values), expected);
        QCOMPARE(std::count(exchange.errors.begin(), exchange.errors.end(), "died 9/0"), 4);
        QCOMPARE(std::count(exchange.errors.begin(), exchange.errors.end(), "five"), 4);
    }

    void reusedProcessKilledWhileIdle() {
        Numbers exchange({.limit = 1, .reuse = true});
        const auto task = MakeReusable([](int) { return static_cast<int>(::getpid()); });
        exchange.start(task, 1);
        while (exchange.unfinished())
            exchange.store();
        ::kill(exchange.values.front(), SIGKILL);
        QVERIFY(wait_for_end(exchange.values.front()));
        exchange.start(task, 2);
        exchange.finish();
        QCOMPARE(exchange.values.size(), std::size_t{2});
        QVERIFY(exchange.errors.empty());
    }

    void reusableByHand() {
        Numbers exchange({.limit = 1, .reuse = true});
        const auto task = [](Channel& own, int n, std::string text) {
            int calls = 0;
            std::optional<std::tuple<int, std::string>> next(std::in_place, n, std::move(text));
            do {
                own.send(1000 * ++calls + std::get<0>(*next) + static_cast<int>(std::get<1>(*next).size()));
                next = own.receive<std::optional<std::tuple<int, std::string>>>();
            } while (next);
        };
        for (int n = 0; n < 5; ++n)
            exchange.start(task, 10 * n, "four");
        exchange.finish();
        QCOMPARE(exchange.values, (std::vector<int>{1004, 2014, 3024, 4034, 5044}));
    }

    void reuseWithTwoFunctions() {
        for (const std::size_t limit : {std::size_t{1}, std::size_t{2}}) {
            Numbers exchange({.limit = limit, .reuse = true});
            const auto plus = MakeReusable([](int n) { return n + 1; });
            const auto minus = MakeReusable([](int n, const std::string&) { return -n; });
            for (int n = 1; n <= 20; ++n) {
                exchange.start(plus, 100 + n);
                exchange.start(minus, n, "text");
            }
            exchange.finish();
            QCOMPARE(exchange.values.size(), std::size_t{40});
            QCOMPARE(std::count_if(exchange.values.begin(), exchange.values.end(), [](int n) { return n < 0; }), 20);
            QVERIFY(exchange.most_active <= limit);
        }
    }

    void reuseWithoutArguments() {
        Numbers exchange({.limit = 1, .reuse = true});
        for (int n = 0; n < 5; ++n)
            exchange.start(MakeReusable([] { return 6; }));
        exchange.finish();
        QCOMPARE(exchange.values, std::vector<int>(5, 6));
    }

    void reuseWithTwoFunctionsOfOneType() {
        Numbers exchange({.limit = 1, .reuse = true});
        int (*plus)(int) = [](int n) { return n + 1; };
        int (*minus)(int) = [](int n) { return -n; };
        for (int n = 1; n <= 5; ++n) {
            exchange.start(MakeReusable(plus), 100 + n);
            exchange.start(MakeReusable(minus), n);
        }
        exchange.finish();
        QCOMPARE(sorted(exchange.values), (std::vector<int>{-5, -4, -3, -2, -1, 102, 103, 104, 105, 106}));
    }

    void reuseWithFloatingPointCaptures() {
        const double scale = 2.5;
        Queue<std::pair<double, pid_t>> queue({.limit = 3, .reuse = true});
        for (int n = 0; n < 60; ++n)
            queue.start(MakeReusable([scale](int value) { return std::pair(scale * value, ::getpid()); }), n);
        std::set<pid_t> pids;
        double sum = 0;
        for (const auto& [value, pid] : queue) {
            sum += value;
            pids.insert(pid);
        }
        QCOMPARE(sum, 2.5 * 59 * 60 / 2);
        QVERIFY(pids.size() <= 3);
    }

    void reuseOfAManagedFunctionWithState() {
        // No comparison of such functions tells that they are the same; it is one object here.
        Numbers exchange({.limit = 2, .reuse = true});
        auto managed = exchange.manage(MakeReusable([text = std::string("state")](int n) {
            return text == "state" && n >= 0 ? static_cast<int>(::getpid()) : 0;
        }));
        for (int n = 0; n < 20; ++n)
            managed(n);
        exchange.finish();
        QVERIFY(std::set<int>(exchange.values.begin(), exchange.values.end()).size() <= 2);
        QVERIFY(*std::min_element(exchange.values.begin(), exchange.values.end()) > 0);
    }

    void reuseWithCapturesOfEachTask() {
        // Lambdas of one type that hold different values are different functions.
        Numbers exchange({.limit = 1, .reuse = true});
        for (int n = 0; n < 5; ++n)
            exchange.start(MakeReusable([n](int factor) { return n * factor; }), 10);
        exchange.finish();
        QCOMPARE(sorted(exchange.values), (std::vector<int>{0, 10, 20, 30, 40}));
    }

    void reusableCallablesWithoutReuse() {
        Numbers exchange({.limit = 2});
        for (int n = 0; n < 6; ++n)
            exchange.start(MakeReusable([](int number) { return number; }), n);
        exchange.finish();
        QCOMPARE(sorted(exchange.values), up_to(6));
    }

    void maxTasksPerProcess() {
        Numbers exchange({.limit = 2, .reuse = true, .max_tasks_per_process = 4});
        for (int n = 0; n < 24; ++n)
            exchange.start(MakeReusable([](int) { return static_cast<int>(::getpid()); }), n);
        exchange.finish();
        std::map<int, int> tasks;
        for (const int pid : exchange.values)
            ++tasks[pid];
        QCOMPARE(exchange.values.size(), std::size_t{24});
        for (const auto& [pid, count] : tasks)
            QVERIFY(count <= 4);
        QVERIFY(tasks.size() >= 6);
        QVERIFY(exchange.most_active <= 2);
    }

    void continuousUsesFreedSlotsAtOnce() {
        Gate gate;
        Numbers exchange({.limit = 2, .continuous = true});
        exchange.start([&](Channel& own) {
            own.send(1);
            gate.pass(); // holds its slot until the last task was seen to run
            own.send(2);
        });
        for (int n = 10; n < 14; ++n) {
            exchange.start(
                [](Channel& own, int number) {
                    own.send(number);
                    own.send(number);
                },
                n);
        }
        while (std::count(exchange.values.begin(), exchange.values.end(), 13) < 2)
            exchange.store();
        gate.open();
        exchange.finish();
        QCOMPARE(exchange.values.size(), std::size_t{10});
        QCOMPARE(exchange.values.back(), 2);
    }

    void timeouts() {
        std::optional<Numbers> exchange;
        with_long_enough(100ms, [&](auto limit) {
            exchange.emplace(ExchangeOptions{.limit = 2, .timeout = limit});
            exchange->start([](Channel&) {
                ::signal(SIGTERM, SIG_IGN);
                for (;;)
                    ::pause();
            });
            exchange->start([](Channel&) {
                ::raise(SIGSTOP);
                for (;;)
                    ::pause();
            });
            exchange->start(double_it, 4);
            store_while_readable(*exchange);
            return exchange->errors.size() <= 2;
        });
        QCOMPARE(exchange->values, std::vector<int>{8});
        QCOMPARE(exchange->errors, (std::vector<std::string>{"timed out", "timed out"}));
    }

    void timeoutsOfReusedProcesses() {
        std::optional<Numbers> exchange;
        with_long_enough(150ms, [&](auto limit) {
            exchange.emplace(ExchangeOptions{.limit = 1, .reuse = true, .timeout = limit});
            for (int n = 0; n < 6; ++n)
                exchange->start(MakeReusable([](int number) {
                                    while (number == 2)
                                        ::pause();
                                    return number;
                                }),
                                n);
            exchange->finish();
            return exchange->errors.size() <= 1;
        });
        QCOMPARE(sorted(exchange->values), (std::vector<int>{0, 1, 3, 4, 5}));
        QCOMPARE(exchange->errors, std::vector<std::string>{"timed out"});
    }

    void retries() {
        // Each attempt takes one opening; the third finds what it needs.
        Gate attempts;
        Gate marks;
        attempts.open(2);
        Queue<int> queue({.limit = 1, .retries = 2});
        queue.start([&](Channel& own) {
            if (is_readable(attempts.reading_end())) {
                attempts.pass();
                ::raise(SIGKILL);
            }
            own.send(5);
        });
        queue.start([&](Channel&) {
            marks.open();
            ::_exit(4);
        });
        queue.start([](Channel&) { throw std::runtime_error("never again"); });
        const auto& outcomes = queue.outcomes();
        QCOMPARE(outcomes.size(), std::size_t{3});
        for (const auto& outcome : outcomes) {
            if (outcome.index() == 0) {
                QCOMPARE(outcome.value(), 5);
                QCOMPARE(outcome.attempts(), 3u);
            } else if (outcome.index() == 1) {
                EXPECT_THROWN(ProcessDied, static_cast<void>(outcome.value()), QCOMPARE(error.status().exit_code(), 4));
                QCOMPARE(outcome.attempts(), 3u);
            } else {
                EXPECT_THROWN(RemoteError, static_cast<void>(outcome.value()));
                QCOMPARE(outcome.attempts(), 1u);
            }
        }
        marks.close_writing();
        int count = 0;
        while (marks.pass())
            ++count;
        QCOMPARE(count, 3);
    }

    void retriesOfThoseThatEndAtOnce() {
        TooLate exchange({.limit = 1, .retries = 3});
        for (int task = 0; task < 3; ++task)
            exchange.start_late([](Channel&) { ::raise(SIGKILL); });
        exchange.finish();
        QCOMPARE(exchange.attempts, (std::vector<unsigned>{4, 4, 4}));
        QCOMPARE(exchange.errors.front(), std::string("died 9/0"));
    }

    void continuousThatEndAtOnce() {
        TooLate exchange({.limit = 1, .continuous = true});
        for (int task = 0; task < 3; ++task)
            exchange.start_late([](Channel& own) {
                own.send(1);
                own.send(2);
            });
        for (int task = 0; task < 3; ++task)
            exchange.start_late([](Channel&) {});
        exchange.finish();
        QCOMPARE(exchange.errors, std::vector<std::string>());
        QCOMPARE(exchange.values, (std::vector<int>{1, 2, 1, 2, 1, 2}));
    }

    void cancelEndsAll() {
        for (const bool reuse : {false, true}) {
            Numbers exchange({.limit = 2, .reuse = reuse});
            const auto task = MakeReusable([](int n) {
                while (n > 0)
                    ::pause();
                return n;
            });
            for (int n = 0; n < 10; ++n)
                exchange.start(task, n);
            while (exchange.values.empty())
                exchange.store();
            exchange.cancel();
            QVERIFY(!exchange.unfinished());
            QVERIFY(exchange.active().empty());
            QCOMPARE(exchange.values, std::vector<int>{0});
            QCOMPARE(exchange.errors, std::vector<std::string>(9, "cancelled"));
            exchange.start(task, 0); // and it can be used further
            while (exchange.unfinished())
                exchange.store();
            QCOMPARE(exchange.values, (std::vector<int>{0, 0}));
        }
        Throwing quiet({.limit = 1});
        quiet.start([](Channel&) { ::pause(); });
        quiet.start([](Channel&) { ::pause(); });
        quiet.cancel();
        QVERIFY(!quiet.unfinished());
    }

    void cancelWithAnIdleProcessThatIsStopped() {
        Numbers exchange({.limit = 1, .reuse = true});
        exchange.start(MakeReusable([] { return static_cast<int>(::getpid()); }));
        while (exchange.unfinished())
            exchange.store();
        ::kill(exchange.values.front(), SIGSTOP);
        exchange.cancel();
        QVERIFY(exchange.active().empty());
    }

    void garbageEndsTheProcess() {
        Numbers exchange({.limit = 1, .reuse = true});
        exchange.start([](Channel& own) {
            own.send(1);
            static_cast<void>(own.receive<std::optional<std::tuple<>>>());
            static_cast<void>(!::write(own.fileno(), "not a message at all", 20));
            for (;;)
                ::pause();
        });
        while (exchange.unfinished())
            exchange.store();
        const auto other = [](Channel& own, int n) { own.send(n); };
        exchange.start(other, 2);
        exchange.finish();
        QCOMPARE(exchange.values, (std::vector<int>{1, 2}));

        exchange.start([](Channel& own) {
            static_cast<void>(!::write(own.fileno(), "not a message at all", 20));
            for (;;)
                ::pause();
        });
        exchange.finish();
        QCOMPARE(exchange.errors.size(), std::size_t{1});
        QVERIFY2(QString::fromStdString(exchange.errors.front()).contains("not a message"),
                 exchange.errors.front().c_str());
    }

    void argumentsLargerThanTheConnectionHolds() {
        Numbers exchange({.limit = 2, .reuse = true});
        for (int n = 0; n < 6; ++n)
            exchange.start(MakeReusable([](const std::string& text) { return static_cast<int>(text.size()); }),
                           std::string(3u << 20, 'x'));
        store_while_readable(exchange);
        exchange.finish();
        QCOMPARE(exchange.values, std::vector<int>(6, 3 << 20));
    }

    void reusedProcessThatEndsBeforeItsArgumentsAreSent() {
        Numbers exchange({.limit = 1, .reuse = true});
        for (int n = 0; n < 4; ++n)
            exchange.start([](Channel& own, const std::string&) { own.send(1); }, std::string(3u << 20, 'x'));
        exchange.finish(); // the process ends though it could be reused; its tasks are given to another, or die with it
        QCOMPARE(exchange.values.size() + exchange.errors.size(), std::size_t{4});
    }

    void movesBetweenCalls() {
        Numbers first({.limit = 1});
        for (int n = 0; n < 6; ++n)
            first.start(double_it, n);
        first.store();
        Numbers second(std::move(first));
        second.store();
        Numbers third;
        third.start([](Channel&) { ::pause(); });
        third = std::move(second);
        third.finish();
        QCOMPARE(third.values, (std::vector<int>{0, 2, 4, 6, 8, 10}));

        auto make = [] {
            Queue<int> queue({.limit = 1});
            queue.start(double_it, 4);
            return queue;
        };
        std::vector<Queue<int>> queues;
        for (int n = 0; n < 3; ++n)
            queues.push_back(make());
        for (auto& queue : queues)
            QCOMPARE(queue.next(), std::optional<int>(8));
    }

    void manyTasks() {
        Numbers exchange({.limit = 8});
        for (int n = 0; n < 1000; ++n)
            exchange.start([](Channel& own, int number) { own.send(number); }, n);
        exchange.finish();
        QCOMPARE(sorted(exchange.values), up_to(1000));
        QVERIFY(exchange.most_active <= 8);
    }

    void manyProcessesAtOnce() {
        Gate gate;
        Numbers exchange;
        for (int n = 0; n < 300; ++n) {
            exchange.start(
                [&](Channel& own, int number) {
                    gate.pass();
                    own.send(number);
                },
                n);
        }
        QCOMPARE(exchange.active().size(), std::size_t{300});
        gate.open(300);
        exchange.finish();
        QCOMPARE(sorted(exchange.values), up_to(300));
    }

    void callables() {
        struct Functor {
            int base;
            void operator()(Channel& own, int n) const { own.send(base + n); }
        };
        Numbers exchange;
        int captured = 1;
        exchange.start([captured](Channel& own) { own.send(captured); });
        exchange.start(double_it, 1);
        exchange.start(&double_it, 2);
        exchange.start(Functor{3}, 3);
        exchange.start([](Channel& own, std::unique_ptr<int> n) { own.send(*n); }, std::make_unique<int>(8));
        exchange.start([](Channel& own, const std::string& text) { own.send(static_cast<int>(text.size())); },
                       "9 letters");
        const char text[] = "10 letters";
        exchange.start(MakeParallel([](std::string_view view) { return static_cast<int>(view.size()); }), text);
        exchange.start([n = std::make_unique<int>(11)](Channel& own) { own.send(*n); });
        auto managed = exchange.manage(double_it);
        managed(6);
        auto parallel = exchange.manage(MakeParallel([](int a, int b) { return a + b; }));
        parallel(6, 7);
        exchange.finish();
        QCOMPARE(sorted(exchange.values), (std::vector<int>{1, 2, 4, 6, 8, 9, 10, 11, 12, 13}));
    }

    void argumentThatCannotTravel() {
        // The first task comes with the fork; those handed over later have to be encoded.
        Queue<std::pair<int, pid_t>> queue({.limit = 1, .reuse = true, .retries = 3});
        const auto task = queue.manage(
            MakeReusable([](std::unique_ptr<Link> first) { return std::pair(length_of(first), ::getpid()); }));
        constexpr int too_long = 2000;
        const std::vector<int> lengths{1, too_long, 2, too_long, too_long, 3};
        for (const int length : lengths)
            task(chain(length));
        std::set<pid_t> pids;
        const auto& outcomes = queue.outcomes();
        QCOMPARE(outcomes.size(), lengths.size());
        std::set<std::size_t> indices;
        for (const auto& outcome : outcomes) {
            indices.insert(outcome.index());
            if (lengths[outcome.index()] == too_long) {
                EXPECT_THROWN(ProtocolError, static_cast<void>(outcome.value()),
                              QVERIFY(QString(error.what()).contains("nested")));
                QCOMPARE(outcome.attempts(), 0u); // it never began
            } else {
                QCOMPARE(outcome.value().first, lengths[outcome.index()]);
                pids.insert(outcome.value().second);
            }
        }
        QCOMPARE(indices.size(), lengths.size());
        QCOMPARE(pids.size(), std::size_t{1}); // the process goes on
        Throwing throwing({.limit = 1, .reuse = true});
        throwing.start(MakeReusable(length_of), chain(2));
        throwing.store();
        throwing.start(MakeReusable(length_of), chain(too_long)); // does not throw: it is no failure to start
        EXPECT_THROWN(ProtocolError, throwing.store());
        QVERIFY(!throwing.unfinished());
    }

    void reuseAndContinuousExcludeEachOther() {
        EXPECT_THROWN(std::invalid_argument, Exchange({.reuse = true, .continuous = true}),
                      QVERIFY(QString(error.what()).contains("reuse") && QString(error.what()).contains("continuous")));
    }

    void onlyAsManyIdleProcessesGoAsAreNeeded() {
        Gate here;
        Gate gate;
        Numbers exchange({.limit = 3, .reuse = true});
        const auto task = exchange.manage(MakeReusable([&](int) {
            here.open();
            gate.pass(); // so that each is worked on by a process of its own
            return static_cast<int>(::getpid());
        }));
        const auto run = [&](int count) {
            exchange.values.clear();
            for (int n = 0; n < count; ++n)
                task(n);
            for (int n = 0; n < count; ++n)
                here.pass();
            gate.open(count);
            while (exchange.unfinished())
                exchange.store();
            return std::set<int>(exchange.values.begin(), exchange.values.end());
        };
        const std::set<int> before = run(3);
        QCOMPARE(before.size(), std::size_t{3});
        exchange.start(MakeReusable([] { return 1; }));
        while (exchange.unfinished())
            exchange.store();
        const std::set<int> after = run(2);
        QVERIFY(std::includes(before.begin(), before.end(), after.begin(), after.end()));
    }

    void stoppedProcessIsFreedAndTheOthersGoOn() {
        for (const bool reuse : {false, true}) {
            Queue<int> queue({.limit = 4, .reuse = reuse, .timeout = 3s, .retries = 5});
            for (int n = 0; n < 40; ++n) {
                queue.start(MakeReusable([](int number) {
                                if (number == 1)
                                    ::raise(SIGSTOP);
                                return number;
                            }),
                            n);
            }
            const auto& outcomes = queue.outcomes();
            QCOMPARE(outcomes.size(), std::size_t{40});
            for (const auto& outcome : outcomes) {
                QCOMPARE(outcome.attempts(), 1u); // a task that timed out is not started again
                QCOMPARE(outcome.has_value(), outcome.index() != 1);
            }
            EXPECT_THROWN(TaskTimedOut, static_cast<void>(outcomes.back().value())); // nobody waited for it
        }
    }

    void idleProcessThatIsStoppedHoldsNobody() {
        Numbers exchange({.limit = 1, .reuse = true, .timeout = 3s});
        exchange.start(MakeReusable([] { return static_cast<int>(::getpid()); }));
        while (exchange.unfinished())
            exchange.store();
        ::kill(exchange.values.front(), SIGSTOP);
        exchange.start(MakeReusable([](int n) { return n; }), 7); // its slot is wanted, of which it does not hear
        exchange.finish();
        QCOMPARE(exchange.values.back(), 7);
        QVERIFY(exchange.errors.empty());
    }

    void destructorEndsWhatIsLeft() {
        std::vector<pid_t> pids;
        {
            Numbers exchange({.limit = 4, .reuse = true});
            for (int n = 0; n < 8; ++n)
                exchange.start([](Channel&) {
                    ::signal(SIGTERM, SIG_IGN);
                    for (;;)
                        ::pause();
                });
            for (const Channel* channel : exchange.active())
                pids.push_back(channel->pid());
        }
        QCOMPARE(pids.size(), std::size_t{4});
        for (const pid_t pid : pids)
            QCOMPARE(::kill(pid, 0), -1);
    }
};

QTEST_GUILESS_MAIN(TestExchange)
#include "tst_exchange.moc"
