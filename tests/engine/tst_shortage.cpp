// SPDX-License-Identifier: GPL-3.0-or-later
//
/// What an exchange does where processes, memory or descriptors are short: here, or in a launcher that makes its
/// processes.
//
// ctest: not with tsan
#include <QtTest>

#include <dlfcn.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <pprocess/os/report.h>
#include <pprocess/os/socket.h>
#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/numbers.h"
#include "support/sync.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

int forks_to_fail = 0;
int fork_error = 0;

} // namespace

/// Stands before the C library's for the whole program and fails as often as a test wants.
extern "C" pid_t fork() noexcept {
    if (forks_to_fail > 0) {
        --forks_to_fail;
        errno = fork_error;
        return -1;
    }
    using Fork = pid_t (*)();
    static const auto next = reinterpret_cast<Fork>(::dlsym(RTLD_NEXT, "fork"));
    return next();
}

namespace {

/// Takes any work, as the library's own runner gives it.
class Submitting : public Numbers {
public:
    using Numbers::Numbers;
    using Numbers::submit;
};

/// A task whose process a launcher cannot make the first `failures` times, and says so later.
class Unborn : public Work {
public:
    Unborn(int failures, int error) : failures_(failures), error_(error) {}
    Channel launch() override {
        if (failures_-- <= 0)
            return pprocess::start([](Channel& own) { own.send(8); });
        auto [ours, theirs] = os::stream_pair();
        auto [report, reporter] = os::packet_pair();
        os::send_report(reporter.get(), {os::Report::not_started, 0, error_}, -1);
        return {std::move(ours), os::Process::ward(std::move(report))};
    }

private:
    int failures_;
    int error_;
};

} // namespace

class TestShortage : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void shortageOfDescriptorsOnlyDelays() {
#ifdef __SANITIZE_ADDRESS__
        QSKIP("UBSan itself needs descriptors to look at the type of a caught exception");
#endif
        rlimit before{};
        ::getrlimit(RLIMIT_NOFILE, &before);
        rlimit few = before;
        few.rlim_cur = 40;
        Numbers exchange;
        ::setrlimit(RLIMIT_NOFILE, &few);
        for (int n = 0; n < 100; ++n)
            exchange.start([](Channel& own, int number) { own.send(number); }, n);
        exchange.finish();
        ::setrlimit(RLIMIT_NOFILE, &before);
        QCOMPARE(sorted(exchange.values), up_to(100));
        QVERIFY(exchange.errors.empty());
    }

    void startThatFailsLeavesNoTask() {
#ifdef __SANITIZE_ADDRESS__
        QSKIP("UBSan itself needs descriptors to look at the type of a caught exception");
#endif
        rlimit before{};
        ::getrlimit(RLIMIT_NOFILE, &before);
        rlimit none = before;
        none.rlim_cur = 3;
        Numbers exchange;
        ::setrlimit(RLIMIT_NOFILE, &none);
        int code = 0;
        try {
            exchange.start(double_it, 1);
        } catch (const SystemError& error) {
            code = error.code().value();
        }
        ::setrlimit(RLIMIT_NOFILE, &before);
        QCOMPARE(code, EMFILE);
        QVERIFY(!exchange.unfinished());
        exchange.start(double_it, 2);
        exchange.finish();
        QCOMPARE(exchange.values, std::vector<int>{4});
    }

    void forkThatFailsForAWhile() {
        for (const int error : {EAGAIN, ENOMEM}) {
            Gate gate;
            Numbers exchange;
            exchange.start([&](Channel& own) {
                gate.pass();
                own.send(100);
            });
            fork_error = error;
            forks_to_fail = 1;
            for (int n = 0; n < 3; ++n)
                exchange.start(double_it, n); // queued, as if there were a limit
            QCOMPARE(forks_to_fail, 0);
            QCOMPARE(exchange.active().size(), std::size_t{1});
            gate.open();
            exchange.finish();
            QCOMPARE(sorted(exchange.values), (std::vector<int>{0, 2, 4, 100}));
            QVERIFY(exchange.errors.empty());
        }
    }

    void shortageThatNothingHereEnds() {
        // The process that is there stays; what was short comes back from elsewhere.
        Gate gate;
        Numbers exchange;
        exchange.start([&](Channel&) { gate.pass(); });
        fork_error = EAGAIN;
        forks_to_fail = 2;
        exchange.start(double_it, 4);
        while (exchange.values.empty()) {
            QVERIFY(is_readable(exchange.fileno(), 30'000));
            exchange.store(0ms);
        }
        QCOMPARE(exchange.values, std::vector<int>{8});
        exchange.cancel();
    }

    void forkThatFailsWithNothingRunning() {
        Numbers exchange;
        fork_error = EAGAIN;
        forks_to_fail = 1;
        EXPECT_THROWN(SystemError, exchange.start(double_it, 1), QCOMPARE(error.code().value(), EAGAIN));
        QVERIFY(!exchange.unfinished());
        exchange.start(double_it, 2);
        exchange.finish();
        QCOMPARE(exchange.values, std::vector<int>{4});
        QVERIFY(exchange.errors.empty());
    }

    void retryWhileForkFails() {
        // The death and the failing fork meet: the task waits for the next attempt and is not lost.
        Gate gate;
        Gate first;
        first.open();
        Queue<int> queue({.retries = 1});
        queue.start([&](Channel& own) {
            gate.pass();
            own.send(1);
        });
        queue.start([&](Channel& own) {
            if (is_readable(first.reading_end())) {
                first.pass();
                ::raise(SIGKILL);
            }
            own.send(2);
        });
        fork_error = ENOMEM;
        forks_to_fail = 1;
        QCOMPARE(queue.next(), std::optional<int>(2));
        QCOMPARE(forks_to_fail, 0);
        gate.open();
        QCOMPARE(queue.outcomes().size(), std::size_t{2});
        for (const auto& outcome : queue.outcomes())
            QCOMPARE(outcome.attempts(), outcome.index() == 1 ? 2u : 1u);
    }

    void limitOnAnOrdinaryUsersProcesses() {
        if (::geteuid() != 0)
            QSKIP("needs a user of its own, whose processes are counted; only root can become one");
        Channel tester = create();
        if (tester.pid() == 0) {
            constexpr uid_t nobody_else = 61234;
            const rlimit few{12, 12}; // threads are counted: ThreadSanitizer has one of its own in each process
            ::setrlimit(RLIMIT_NPROC, &few);
            if (::setresuid(nobody_else, nobody_else, nobody_else) != 0)
                ::_exit(2);
            {
                Numbers exchange;
                Gate gate;
                for (int n = 0; n < 40; ++n) {
                    exchange.start(
                        [&](Channel& own, int number) {
                            gate.pass();
                            own.send(number);
                        },
                        n);
                }
                const bool was_limited = exchange.active().size() < 12;
                gate.open(40);
                exchange.finish();
                tester.send(was_limited && exchange.errors.empty() && sorted(exchange.values) == up_to(40));
            }
            pprocess::exit(tester);
        }
        QVERIFY(tester.receive<bool>());
        QVERIFY(tester.wait().success());
    }

    void processThatALauncherCannotMake() {
        Submitting alone;
        alone.submit(std::make_unique<Unborn>(1, EAGAIN));
        alone.finish();
        QCOMPARE(alone.errors.size(), std::size_t{1}); // nothing runs that could make room
        QVERIFY2(QString::fromStdString(alone.errors.front()).contains(qt_error_string(EAGAIN)),
                 alone.errors.front().c_str());

        Gate gate;
        Submitting exchange;
        exchange.start([&](Channel& own) {
            gate.pass();
            own.send(1);
        });
        exchange.submit(std::make_unique<Unborn>(2, EAGAIN)); // waits as after a fork of one's own that failed
        while (exchange.values.empty())
            exchange.store();
        QCOMPARE(exchange.values, std::vector<int>{8});
        exchange.submit(std::make_unique<Unborn>(1, EPERM)); // which no waiting helps
        while (exchange.errors.empty())
            exchange.store();
        gate.open();
        exchange.finish();
        QCOMPARE(exchange.values, (std::vector<int>{8, 1}));
        QCOMPARE(exchange.errors.size(), std::size_t{1});
    }

    void channelOfAProcessThatALauncherCannotMake() {
        Channel channel = Unborn(1, ENOMEM).launch();
        EXPECT_THROWN(SystemError, channel.receive<int>(), QCOMPARE(error.code().value(), ENOMEM));
        const ProcessStatus status = channel.wait();
        QVERIFY(!status.success() && !status.exited() && !status.signaled());
        QCOMPARE(status.start_error(), ENOMEM);
    }
};

QTEST_GUILESS_MAIN(TestShortage)
#include "tst_shortage.moc"
