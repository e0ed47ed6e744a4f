// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pprocess/os/error.h>
#include <pprocess/os/socket.h>
#include <pprocess/os/socket_file.h>
#include <pprocess/pprocess.h>

#include "support/background_fixture.h"
#include "support/patience.h"

using namespace pprocess;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

/// A collector that speaks by hand.
class RawCollector {
public:
    explicit RawCollector(const fs::path& address) : socket_(os::connect_to(address)) {}

    void attach() {
        const auto header = message::frame_header(message::FrameKind::attach, 0);
        send(header.data(), header.size());
    }
    void send(const std::byte* bytes, std::size_t size) {
        while (size > 0) {
            const ssize_t sent = ::send(socket_.get(), bytes, size, MSG_NOSIGNAL);
            if (sent < 0)
                return;
            bytes += sent;
            size -= static_cast<std::size_t>(sent);
        }
    }
    /// Reads up to `size` bytes; fewer only at the end.
    std::vector<std::byte> read(std::size_t size) {
        std::vector<std::byte> bytes(size);
        std::size_t count = 0;
        while (count < size && is_readable(socket_.get(), 20'000)) {
            const ssize_t received = os::receive_some(socket_.get(), bytes.data() + count, size - count);
            if (received <= 0)
                break;
            count += static_cast<std::size_t>(received);
        }
        bytes.resize(count);
        return bytes;
    }
    /// Reads whole frames until one of this kind has come.
    std::size_t read_until(message::FrameKind kind) {
        std::size_t total = 0;
        for (;;) {
            const auto header = read(message::frame_header_size);
            if (header.size() < message::frame_header_size)
                return 0;
            std::uint64_t size = 0;
            std::memcpy(&size, header.data() + 8, sizeof size);
            read(size);
            total += header.size() + size;
            if (static_cast<message::FrameKind>(header[4]) == kind)
                return total;
        }
    }
    [[nodiscard]] bool is_at_end() {
        std::byte any{};
        return is_readable(socket_.get(), 20'000) && os::receive_some(socket_.get(), &any, 1) == 0;
    }

private:
    os::Fd socket_;
};

std::vector<std::byte> acknowledgement(std::uint64_t number) {
    message::OutgoingMessage message(message::FrameKind::acknowledged);
    message.root().setAcknowledged(number);
    std::vector<std::byte> bytes;
    for (const iovec& part : message.frame()) {
        const auto* start = static_cast<const std::byte*>(part.iov_base);
        bytes.insert(bytes.end(), start, start + part.iov_len);
    }
    return bytes;
}

} // namespace

class TestBackground : public QObject, BackgroundFixture {
    Q_OBJECT

private slots:
    void init() { set_up(); }
    void cleanup() { tear_down(); }

    void returnsAtOnceAndIsConnectableAtOnce() {
        Gate gate;
        BackgroundCallable task(address(), MakeParallel([&](int a, const std::string& b) {
                                    gate.pass();
                                    return b + std::to_string(a);
                                }));
        task(7, "seven ");
        Channel collector = connect_persistent(address());
        QVERIFY(collector.pid() > 0);
        QVERIFY(::kill(collector.pid(), 0) == 0);
        gate.open();
        QCOMPARE(collector.receive<std::string>(), std::string("seven 7"));
        EXPECT_THROWN(ChannelClosed, collector.receive<std::string>());
        QCOMPARE(connect_error(address()), ENOENT);
        QVERIFY(!exists(address()));
    }

    /// Somebody may collect the result before the start has returned, which is no failure of the start.
    void collectedBeforeTheStartReturns() {
        for (int round = 0; round < 40; ++round) {
            Gate ready;
            const pid_t collector = ::fork();
            if (collector == 0) {
                ready.open();
                for (;;) {
                    try {
                        ::_exit(connect_persistent(address()).receive<int>());
                    } catch (const Error&) {
                        // Not there yet.
                    }
                }
            }
            QVERIFY(ready.pass());
            BackgroundCallable task(address(), MakeParallel([] { return 7; }));
            task();
            int status = 0;
            QCOMPARE(os::retry([&] { return ::waitpid(collector, &status, 0); }), collector);
            QCOMPARE(WEXITSTATUS(status), 7);
            QVERIFY(wait_until_gone(address()));
        }
    }

    void ofAnotherProcess() {
        QCOMPARE(in_child([&] {
                     BackgroundCallable task(address(), MakeParallel([](int n) { return n + 1; }));
                     task(1);
                     return true;
                 }),
                 0);
        QCOMPARE(in_child([&] {
                     BackgroundQueue<int> queue(address());
                     const std::vector<int> all(queue.begin(), queue.end());
                     return all == std::vector<int>{2};
                 }),
                 0);
        QVERIFY(wait_until_gone(address()));
    }

    /// Session, terminal, streams, and what it holds open: what the application had, and its own channel.
    void itsSurroundings() {
        struct Surroundings {
            int session;
            int group;
            int pid;
            bool has_terminal;
            bool input_is_empty;
            std::map<int, std::string> descriptors;
        };
        const auto descriptors = [] {
            std::map<int, std::string> found;
            for (int number = 0; number < 256; ++number) {
                std::error_code error;
                const auto target = fs::read_symlink("/proc/self/fd/" + std::to_string(number), error);
                if (!error)
                    found[number] = target.string();
            }
            return found;
        };
        auto expected = descriptors();
        Channel other = start([](Channel& own) { own.receive<std::monostate>(); });
        BackgroundCallable task(address(), MakeParallel([&] {
                                    Surroundings found{::getsid(0), ::getpgrp(), ::getpid(), false, false, {}};
                                    found.descriptors = descriptors();
                                    found.has_terminal = ::open("/dev/tty", O_RDWR) >= 0;
                                    char any = 0;
                                    found.input_is_empty = ::read(0, &any, 1) == 0;
                                    return found;
                                }));
        task();
        other.send(std::monostate());
        Surroundings found = connect_persistent(address()).receive<Surroundings>();
        QVERIFY(found.session != ::getsid(0));
        QVERIFY(found.session != found.pid);
        QVERIFY(found.group != ::getpgrp());
        QVERIFY(!found.has_terminal);
        QVERIFY(found.input_is_empty);
        const std::string log = fs::canonical(address().parent_path()) / "task.socket.log";
        expected[0] = "/dev/null";
        expected[1] = expected[2] = log;
        const auto channels = std::erase_if(found.descriptors, [&](const auto& item) {
            return !expected.contains(item.first) && item.second.starts_with("socket:");
        });
        QCOMPARE(channels, std::size_t{1});
        QCOMPARE(found.descriptors, expected);
    }

    void outlivesItsCreator() {
        for (const int signal : {SIGKILL, SIGINT, SIGHUP}) {
            Gate gate;
            Gate started;
            const pid_t creator = ::fork();
            if (creator == 0) {
                ::setpgid(0, 0);
                BackgroundCallable task(address(), MakeParallel([&] {
                                            gate.pass();
                                            return 42;
                                        }));
                task();
                started.open();
                for (;;)
                    ::pause();
            }
            QVERIFY(started.pass());
            ::kill(-creator, signal);
            int status = 0;
            QCOMPARE(os::retry([&] { return ::waitpid(creator, &status, 0); }), creator);
            QVERIFY(WIFSIGNALED(status));
            gate.open();
            BackgroundQueue<int> queue(address());
            QCOMPARE(queue.next(), std::optional(42));
            QCOMPARE(queue.next(), std::optional<int>());
        }
    }

    void oneCollectorAtATime() {
        start_persistent(address(), MakeParallel([](int n) { return n; }), 5);
        {
            const Channel first = connect_persistent(address());
            QCOMPARE(connect_error(address()), EBUSY);
        }
        Channel second = connect_persistent(address());
        QCOMPARE(second.receive<int>(), 5);
    }

    void theCreatorsChannelAttachesWhenUsed() {
        Channel own = start_persistent(address(), MakeParallel([](int n) { return n; }), 5);
        QVERIFY(own.pid() > 0);
        {
            const Channel other = connect_persistent(address());
            QCOMPARE(error_of([&] { own.receive<int>(); }), EBUSY);
        }
        Channel again = start_persistent(address("other"), MakeParallel([](int n) { return n; }), 6);
        QCOMPARE(again.receive<int>(), 6);
        QCOMPARE(error_of([&] { again.wait(); }), ECHILD);
        QCOMPARE(connect_persistent(address()).receive<int>(), 5);
    }

    void keptWhenItIsOfAnotherType() {
        start_persistent(address(), MakeParallel([] { return std::string("text"); }));
        {
            Channel channel = connect_persistent(address());
            EXPECT_THROWN(TypeMismatch, channel.receive<int>());
        }
        BackgroundQueue<std::string> queue(address());
        QCOMPARE(queue.next(), std::optional(std::string("text")));
        QCOMPARE(queue.next(), std::optional<std::string>());
    }

    /// Hazard 26.
    void collectorGoneAtEveryByte() {
        const std::string text(200, 'x');
        start_persistent(address(), MakeParallel([&] { return text; }));
        std::size_t size = 0;
        {
            RawCollector collector(address());
            collector.attach();
            size = collector.read_until(message::FrameKind::value);
        }
        QVERIFY(size > text.size());
        for (std::size_t count = 0; count <= size; ++count) {
            RawCollector collector(address());
            collector.attach();
            QCOMPARE(collector.read(count).size(), count);
        }
        const auto bytes = acknowledgement(0);
        for (std::size_t count = 0; count < bytes.size(); ++count) {
            RawCollector collector(address());
            collector.attach();
            QCOMPARE(collector.read(size).size(), size);
            collector.send(bytes.data(), count);
        }
        BackgroundQueue<std::string> queue(address());
        QCOMPARE(queue.next(), std::optional(text));
        QCOMPARE(queue.next(), std::optional<std::string>());
        QCOMPARE(connect_error(address()), ENOENT);
    }

    /// What was acknowledged does not come again, even if the collector is gone the moment after.
    void acknowledgedIsAcknowledged() {
        start_persistent(address(), MakeParallel([] { return 1; }));
        const auto entry = entry_of(address());
        {
            RawCollector collector(address());
            collector.attach();
            QVERIFY(collector.read_until(message::FrameKind::value) > 0);
            const auto bytes = acknowledgement(0);
            collector.send(bytes.data(), bytes.size());
        }
        QVERIFY(wait_for_end(entry->keeper_pid));
        QVERIFY(!exists(address()));
    }

    void acknowledgementOfWhatWasNotSent() {
        Gate gate;
        start_persistent(address(), MakeParallel([&] {
                             gate.pass();
                             return 1;
                         }));
        {
            RawCollector collector(address());
            collector.attach();
            for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
                const auto bytes = acknowledgement(number);
                collector.send(bytes.data(), bytes.size());
            }
            QVERIFY(collector.read_until(message::FrameKind::attached) > 0);
        }
        gate.open();
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
    }

    /// Real collectors, killed while a large value is on its way.
    void collectorsKilledInTransfer() {
        std::vector<double> numbers(1 << 19);
        std::iota(numbers.begin(), numbers.end(), 0.0);
        start_persistent(address(), MakeParallel([&] { return numbers; }));
        for (int round = 0; round < 5; ++round) {
            Gate begun;
            const pid_t pid = ::fork();
            if (pid == 0) {
                RawCollector collector(address());
                collector.attach();
                collector.read(static_cast<std::size_t>(round) * 700'000);
                begun.open();
                for (;;)
                    ::pause();
            }
            QVERIFY(begun.pass());
            ::kill(pid, SIGKILL);
            QCOMPARE(os::retry([&] { return ::waitpid(pid, nullptr, 0); }), pid);
        }
        BackgroundQueue<std::vector<double>> queue(address());
        QVERIFY(*queue.next() == numbers);
        QVERIFY(!queue.next());
    }

    /// Who comes after the result and the end of the function's process finds nothing, even while what kept the result
    /// is on its way out.
    void afterTheResultThereIsNothing() {
        for (int round = 0; round < 30; ++round) {
            start_persistent(address(), MakeParallel([](int n) { return n; }), round);
            {
                Channel channel = connect_persistent(address());
                QCOMPARE(channel.receive<int>(), round);
                QVERIFY(wait_for_end(channel.pid())); // until then it could send more
            }
            const int error = connect_error(address());
            QVERIFY2(error == ENOENT || error == ECONNREFUSED, qPrintable(QString::number(error)));
        }
        Gate gate;
        start_persistent(address(), [&](Channel& own) {
            own.send(1);
            gate.pass();
            own.send(2);
        });
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
        Channel second = connect_persistent(address()); // it goes on, and may send more
        gate.open();
        QCOMPARE(second.receive<int>(), 2);
    }

    void severalResultsOverSeveralCollectors() {
        start_persistent(address(), [](Channel& own) {
            for (int n = 0; n < 100; ++n)
                own.send(n);
        });
        std::vector<int> all;
        while (all.size() < 100) {
            Channel channel = connect_persistent(address());
            for (int count = 0; count < 7 && all.size() < 100; ++count)
                all.push_back(channel.receive<int>());
        }
        std::vector<int> expected(100);
        std::iota(expected.begin(), expected.end(), 0);
        QCOMPARE(all, expected);
        QVERIFY(wait_until_gone(address()));
    }

    /// The queue has got to three of ten when its process ends: seven are left for the next.
    void queueTakesNoMoreThanItGives() {
        start_persistent(address(), [](Channel& own) {
            for (int n = 0; n < 10; ++n)
                own.send(n);
        });
        QVERIFY(wait_for_state(address(), BackgroundState::result_waiting));
        const int status = in_child([&] {
            BackgroundQueue<int> queue(address());
            for (int n = 0; n < 3; ++n)
                if (queue.next() != n)
                    return false;
            ::raise(SIGKILL);
            return false;
        });
        QVERIFY(WIFSIGNALED(status));
        QVERIFY(wait_for_state(address(), BackgroundState::result_waiting));
        BackgroundQueue<int> queue(address());
        const std::vector<int> rest(queue.begin(), queue.end());
        QCOMPARE(rest, (std::vector<int>{3, 4, 5, 6, 7, 8, 9}));
    }

    void waysToEnd_data() {
        QTest::addColumn<int>("way");
        QTest::addColumn<bool>("attached");
        for (const bool attached : {true, false}) {
            QTest::addRow("exception, %s", attached ? "attached" : "later") << 0 << attached;
            QTest::addRow("foreign exception, %s", attached ? "attached" : "later") << 1 << attached;
            QTest::addRow("killed, %s", attached ? "attached" : "later") << 2 << attached;
            QTest::addRow("status 3, %s", attached ? "attached" : "later") << 3 << attached;
            QTest::addRow("without a word, %s", attached ? "attached" : "later") << 4 << attached;
            QTest::addRow("half of a message, %s", attached ? "attached" : "later") << 5 << attached;
        }
    }
    void waysToEnd() {
        QFETCH(int, way);
        QFETCH(bool, attached);
        Gate gate;
        start_persistent(address(), [&](Channel& own) {
            gate.pass();
            if (way == 0)
                throw std::out_of_range("too far");
            if (way == 1)
                throw 5;
            if (way == 2)
                ::raise(SIGKILL);
            if (way == 3)
                ::_exit(3);
            if (way == 5) {
                const auto header = message::frame_header(message::FrameKind::value, 800);
                QVERIFY(::write(own.fileno(), header.data(), header.size()) == 16);
                ::raise(SIGKILL);
            }
        });
        std::optional<BackgroundQueue<int>> queue;
        if (attached)
            queue.emplace(address());
        gate.open();
        if (!attached) {
            QVERIFY(wait_for_state(address(), way < 2 ? BackgroundState::result_waiting : BackgroundState::died));
            queue.emplace(address());
        }
        const auto& outcomes = queue->outcomes();
        QCOMPARE(outcomes.size(), std::size_t{1});
        if (way < 2) {
            EXPECT_THROWN(RemoteError, static_cast<void>(outcomes[0].value()),
                          QCOMPARE(error.type_name(), way == 0 ? "std::out_of_range" : "int"));
        } else {
            EXPECT_THROWN(ProcessDied, static_cast<void>(outcomes[0].value());
                          , QCOMPARE(error.status(), way == 3   ? ProcessStatus::from_exit(3)
                                                     : way == 4 ? ProcessStatus::from_exit(0)
                                                                : ProcessStatus::from_signal(SIGKILL)));
        }
        queue.reset();
        QVERIFY(wait_until_gone(address()));
        QCOMPARE(connect_error(address()), ENOENT);
    }

    /// A value sent before the death stands; with `continuous` the death is one more element.
    void deathAfterValues() {
        for (const bool continuous : {false, true}) {
            start_persistent(address(), [](Channel& own) {
                own.send(1);
                own.send(2);
                ::raise(SIGSEGV);
            });
            {
                BackgroundQueue<int> queue(address(), {.continuous = continuous});
                std::vector<int> values;
                int deaths = 0;
                for (const auto& outcome : queue.outcomes()) {
                    if (outcome.has_value())
                        values.push_back(outcome.value());
                    else
                        ++deaths;
                }
                QCOMPARE(values, (std::vector<int>{1, 2}));
                QCOMPARE(deaths, continuous ? 1 : 0);
            }
            QVERIFY(wait_until_gone(address()));
        }
    }

    /// What keeps the results is killed: nothing is left but the file, which the next one takes over.
    void keeperKilled() {
        Gate gate;
        start_persistent(address(), [&](Channel&) { gate.pass(); });
        const auto entry = entry_of(address());
        QVERIFY(entry);
        BackgroundQueue<int> queue(address());
        ::kill(entry->keeper_pid, SIGKILL);
        QVERIFY(wait_for_end(entry->keeper_pid));
        QVERIFY(wait_for_end(entry->pid));
        EXPECT_THROWN(ProcessDied, queue.next());
        QVERIFY(exists(address()));
        QCOMPARE(entry_of(address())->state, BackgroundState::gone);
        QCOMPARE(connect_error(address()), ECONNREFUSED);
        start_persistent(address(), MakeParallel([] { return 2; }));
        QCOMPARE(connect_persistent(address()).receive<int>(), 2);
        QCOMPARE(remove_entries_of_the_gone(), std::size_t{1});
    }

    void timeToLive() {
        Gate gate;
        BackgroundCallable task(address(), MakeParallel([&] {
                                    gate.pass();
                                    return 1;
                                }),
                                BackgroundOptions{.time_to_live = 100ms});
        task();
        const auto entry = entry_of(address());
        {
            // Not while somebody is attached, however long that takes.
            Channel channel = connect_persistent(address());
            gate.open();
            QVERIFY(is_readable(channel.fileno(), 20'000));
            QVERIFY(!wait_for_end(entry->keeper_pid, 300));
        }
        QVERIFY(wait_for_end(entry->keeper_pid));
        QCOMPARE(connect_error(address()), ENOENT);
        const fs::path log = address().string() + ".log";
        QVERIFY2(content(log).contains("within its time to live"), content(log));
    }

    void queueOverSeveral() {
        PersistentQueue<int> queue;
        for (int n = 0; n < 5; ++n)
            start_persistent(address(std::to_string(n)), MakeParallel([](int i) { return i * i; }), n);
        for (int n = 0; n < 5; ++n)
            queue.connect(address(std::to_string(n)));
        std::vector<int> all(queue.begin(), queue.end());
        std::sort(all.begin(), all.end());
        QCOMPARE(all, (std::vector<int>{0, 1, 4, 9, 16}));
    }

    void exchangeStartsWithinItsLimit() {
        Shared<int> running;
        Shared<int> most;
        PersistentQueue<int> queue({.limit = 2});
        const auto work = [&](int n) {
            const int now = ++*running;
            int before = most->load();
            while (before < now && !most->compare_exchange_weak(before, now)) {
            }
            --*running;
            return n;
        };
        for (int n = 0; n < 8; ++n)
            queue.start(address(std::to_string(n)), MakeParallel(work), n);
        auto managed = queue.manage(address("managed"), MakeParallel(work));
        managed(8);
        std::vector<int> all(queue.begin(), queue.end());
        std::sort(all.begin(), all.end());
        QCOMPARE(all, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
        QVERIFY(most->load() <= 2);
    }

    void exchangeOfOnesOwn() {
        class Sum : public PersistentExchange {
        public:
            using PersistentExchange::PersistentExchange;
            int sum = 0;

        protected:
            void store_data(Channel& channel) override { sum += channel.receive<int>(); }
        };
        Sum exchange;
        for (int n = 1; n <= 4; ++n)
            exchange.manage(address(std::to_string(n)), MakeParallel([](int i) { return i; }))(n);
        start_persistent(address("more"), MakeParallel([] { return 90; }));
        exchange.connect(address("more"));
        exchange.finish();
        QCOMPARE(exchange.sum, 100);
    }

    /// Told at once where it can be, as the task's outcome where it had to wait.
    void exchangeAtAnAddressInUse() {
        Gate gate;
        start_persistent(address("taken"), MakeParallel([] { return 1; }));
        PersistentQueue<int> queue({.limit = 1});
        QCOMPARE(error_of([&] { queue.start(address("taken"), MakeParallel([] { return 2; })); }), EADDRINUSE);
        queue.start(address(), MakeParallel([&] {
                        gate.pass();
                        return 3;
                    }));
        queue.start(address("taken"), MakeParallel([] { return 4; }));
        gate.open();
        QCOMPARE(queue.next(), std::optional(3));
        QCOMPARE(error_of([&] { queue.next(); }), EADDRINUSE);
        QVERIFY(!queue.next());
        QCOMPARE(connect_persistent(address("taken")).receive<int>(), 1);
    }

    /// A persistent exchange's end leaves its processes alone; cancelling ends them.
    void exchangeGone() {
        Gate gate;
        const auto work = MakeParallel([&] {
            gate.pass();
            return 1;
        });
        {
            PersistentQueue<int> queue;
            queue.start(address(), work);
        }
        gate.open();
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);

        PersistentQueue<int> queue;
        queue.start(address("other"), work);
        const auto entry = entry_of(address("other"));
        queue.cancel();
        QCOMPARE(queue.outcomes().size(), std::size_t{1});
        EXPECT_THROWN(TaskCancelled, static_cast<void>(queue.outcomes()[0].value()));
        QVERIFY(wait_for_end(entry->pid));
        QVERIFY(wait_for_end(entry->keeper_pid));
    }

    void timeoutEndsIt() {
        Gate gate;
        start_persistent(address(), [&](Channel&) { gate.pass(); });
        const auto entry = entry_of(address());
        BackgroundQueue<int> queue(address(), {.timeout = 20ms});
        EXPECT_THROWN(TaskTimedOut, queue.next());
        QVERIFY(wait_for_end(entry->pid));
        QVERIFY(wait_for_end(entry->keeper_pid));
    }

    void createGoesOnFromHere() {
        Channel channel = create_persistent(address());
        if (channel.pid() == 0) {
            channel.send(std::string("from there"));
            channel.send(channel.receive<int>() + 1);
            pprocess::exit(channel);
        }
        QCOMPARE(channel.receive<std::string>(), std::string("from there"));
        channel.send(41);
        QCOMPARE(channel.receive<int>(), 42);

        PersistentQueue<int> queue;
        if (auto own = queue.create(address("exchange"))) {
            own->send(5);
            pprocess::exit(*own);
        }
        QCOMPARE(queue.next(), std::optional(5));
        QVERIFY(!queue.next());
    }

    void aReusableCallableEnds() {
        BackgroundCallable task(address(), MakeReusable([](int n) { return n; }));
        task(4);
        BackgroundQueue<int> queue(address());
        QCOMPARE(queue.next(), std::optional(4));
        QVERIFY(!queue.next());
    }

    void nestedProcesses() {
        BackgroundCallable task(address(), MakeParallel([](int count) {
                                    Queue<int> queue({.limit = 2});
                                    auto managed = queue.manage(MakeParallel([](int n) { return n; }));
                                    for (int n = 0; n < count; ++n)
                                        managed(n);
                                    int sum = 0;
                                    for (const int n : queue)
                                        sum += n;
                                    return sum;
                                }));
        task(5);
        QCOMPARE(connect_persistent(address()).receive<int>(), 10);
    }

    /// More than fits into the buffers, in both directions at once.
    void largeBothWays() {
        const std::vector<int> numbers(3'000'000, 7);
        Channel channel = start_persistent(address(), [&](Channel& own) {
            for (int n = 0; n < 3; ++n)
                own.send(numbers);
            for (int n = 0; n < 3; ++n)
                own.send(own.receive<std::vector<int>>() == numbers);
        });
        for (int n = 0; n < 3; ++n)
            channel.send(numbers);
        for (int n = 0; n < 3; ++n)
            QVERIFY(channel.receive<std::vector<int>>() == numbers);
        for (int n = 0; n < 3; ++n)
            QVERIFY(channel.receive<bool>());
    }

    /// What goes both ways at once and is more than is kept must not stand still for ever.
    void moreThanIsKeptBothWays() {
        const std::string block(256 * 1024, 'b');
        Channel channel = create_persistent(address(), {.most_kept = 1 << 20});
        if (channel.pid() == 0) {
            for (int n = 0; n < 100; ++n)
                channel.send(block);
            for (int n = 0; n < 100; ++n)
                channel.receive<std::string>();
            channel.send(std::string("done"));
            pprocess::exit(channel);
        }
        for (int n = 0; n < 100; ++n)
            channel.send(block);
        for (int n = 0; n < 100; ++n)
            QVERIFY(channel.receive<std::string>() == block);
        QCOMPARE(channel.receive<std::string>(), std::string("done"));
    }

    /// Hazard 18: nobody collects, so the sender is held back; then nothing is missing.
    void heldBack() {
        Shared<int> sent;
        Channel channel = create_persistent(address(), {.most_kept = 1 << 20});
        constexpr int count = 2000;
        const std::string block(32 * 1024, 'b');
        if (channel.pid() == 0) {
            for (int n = 0; n < count; ++n) {
                channel.send(block + std::to_string(n));
                ++*sent;
            }
            pprocess::exit(channel);
        }
        QVERIFY(wait_for_state(address(), BackgroundState::result_waiting));
        // What is kept, and what the buffers of two sockets and both ends hold.
        constexpr int most_ahead = (4 << 20) / (32 * 1024);
        for (int n = 0; n < count; ++n) {
            QVERIFY2(sent->load() - n <= most_ahead, qPrintable(QString::number(sent->load() - n)));
            const auto text = channel.receive<std::string>();
            QCOMPARE(text.substr(block.size()), std::to_string(n));
        }
    }

    void stopped() {
        Gate gate;
        Gate started;
        start_persistent(address(), [&](Channel&) {
            ::signal(SIGTERM, SIG_IGN);
            if (::fork() == 0) {
                started.open();
                gate.pass();
                ::_exit(0);
            }
            started.open();
            gate.pass();
        });
        QVERIFY(started.pass() && started.pass());
        const auto entry = entry_of(address());
        stop_persistent(address());
        QVERIFY(wait_for_end(entry->pid));
        QVERIFY(!exists(address()));
        started.wait_until_abandoned(); // by the process's own child too
        QCOMPARE(error_of([&] { stop_persistent(address()); }), ENOENT);
        ::unlink((address().string() + ".log").c_str());
    }

    void stoppedBySignal() {
        Gate gate;
        start_persistent(address(), [&](Channel&) { gate.pass(); });
        const auto entry = entry_of(address());
        ::kill(entry->keeper_pid, SIGHUP); // from a terminal, which is none of its business
        ::kill(entry->keeper_pid, SIGTERM);
        QVERIFY(wait_for_end(entry->keeper_pid));
        QVERIFY(wait_for_end(entry->pid));
        QVERIFY(!exists(address()));
        QVERIFY(background_processes().empty());
    }

    void outputGoesToTheLog() {
        const fs::path log = address().string() + ".log";
        start_persistent(address(), MakeParallel([] {
                             std::printf("to output\n");
                             std::fprintf(stderr, "to error\n");
                             return 1;
                         }));
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
        QVERIFY(wait_until_gone(address()));
        QCOMPARE(content(log).count("to output\n"), 1);
        QCOMPARE(content(log).count("to error\n"), 1);
        struct stat status {};
        QCOMPARE(::stat(log.c_str(), &status), 0);
        QCOMPARE(status.st_mode & 07777, 0600u);

        start_persistent(address("silent"), MakeParallel([] { return 1; }));
        const auto entry = entry_of(address("silent"));
        QCOMPARE(connect_persistent(address("silent")).receive<int>(), 1);
        QVERIFY(wait_for_end(entry->keeper_pid));
        QVERIFY(!exists(address("silent.log")));

        BackgroundCallable nowhere(address("nowhere"), MakeParallel([] {
                                       std::printf("to nowhere\n");
                                       return 1;
                                   }),
                                   BackgroundOptions{.log = false});
        nowhere();
        QVERIFY(!exists(address("nowhere.log")));
        QVERIFY(entry_of(address("nowhere"))->log.empty());
        QCOMPARE(connect_persistent(address("nowhere")).receive<int>(), 1);
    }

    /// A pipe of the application's ends with the function, however long its result is kept.
    void keeperHoldsNothingOpen() {
        Gate gate;
        start_persistent(address(), MakeParallel([] { return 1; }));
        gate.wait_until_abandoned();
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
    }

    void closedStandardStreams() {
        QCOMPARE(in_child([&] {
                     ::close(0);
                     ::close(1);
                     ::close(2);
                     start_persistent(address(), MakeParallel([] {
                                          std::printf("a line\n");
                                          return 1;
                                      }));
                     return ::fcntl(0, F_GETFD) < 0; // left as they were
                 }),
                 0);
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
        QVERIFY(wait_until_gone(address()));
        QCOMPARE(content(address().string() + ".log"), QByteArray("a line\n"));
    }

    void childSignalIgnored() {
        QCOMPARE(in_child([&] {
                     ::signal(SIGCHLD, SIG_IGN);
                     start_persistent(address(), [](Channel&) { ::_exit(7); });
                     return true;
                 }),
                 0);
        BackgroundQueue<int> queue(address());
        EXPECT_THROWN(ProcessDied, queue.next(), QCOMPARE(error.status().exit_code(), 7));
    }

    void refusesToForkAThreadedProcess() {
        Gate gate;
        std::thread thread([&] { gate.pass(); });
        const int error = error_of([&] { start_persistent(address(), MakeParallel([] { return 1; })); });
        gate.open();
        thread.join();
        QCOMPARE(error, EBUSY);
        QVERIFY(!exists(address()));
    }

    /// Hazards 12 and 13: whatever connects, the result is collected as ever and memory stays small.
    void hostileConnections() {
        start_persistent(address(), MakeParallel([] { return 1; }));
        const auto entry = entry_of(address());
        std::vector<RawCollector> crowd;
        for (int n = 0; n < 100; ++n) {
            crowd.emplace_back(address());
            const auto header = message::frame_header(message::FrameKind::value, std::uint64_t{60} << 20);
            crowd.back().send(header.data(), n % 2 == 0 ? header.size() : 5);
        }
        RawCollector liar(address());
        const auto huge = message::frame_header(message::FrameKind::value, std::uint64_t{1} << 50);
        liar.send(huge.data(), huge.size());
        QVERIFY(liar.is_at_end());
        RawCollector stranger(address());
        const std::string text = "GET / HTTP/1.1\r\n\r\n";
        stranger.send(reinterpret_cast<const std::byte*>(text.data()), text.size());
        QVERIFY(stranger.is_at_end());
        RawCollector worker(address());
        const auto kept = message::frame_header(message::FrameKind::ended, 0);
        worker.send(kept.data(), kept.size());
        QVERIFY(worker.is_at_end());

        RawCollector confused(address());
        confused.attach();
        QVERIFY(confused.read_until(message::FrameKind::value) > 0);
        message::OutgoingMessage nonsense(message::FrameKind::acknowledged);
        nonsense.root().initRefused().setError(1);
        for (const iovec& part : nonsense.frame())
            confused.send(static_cast<const std::byte*>(part.iov_base), part.iov_len);
        QVERIFY(confused.is_at_end());

        QFile file(QString("/proc/%1/smaps_rollup").arg(entry->keeper_pid));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray line;
        while (!(line = file.readLine()).isEmpty() && !line.startsWith("Private_Dirty:")) {
        }
        [[maybe_unused]] const int kilobytes = line.mid(14).simplified().split(' ').first().toInt();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        QVERIFY2(kilobytes > 0 && kilobytes < 50 * 1024, line);
#endif
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
        ::unlink((address().string() + ".log").c_str());
    }

    /// A result that claims more than the collector allows stays for one who allows it.
    void largerThanAllowed() {
        start_persistent(address(), MakeParallel([] { return std::string(5000, 'x'); }));
        {
            Channel channel = connect_persistent(address(), {.largest_message = 4096});
            EXPECT_THROWN(ProtocolError, channel.receive<std::string>());
        }
        QCOMPARE(connect_persistent(address()).receive<std::string>(), std::string(5000, 'x'));
    }

    /// What is sent to a background process has a limit, too; the process and its other collectors are none the worse.
    void sentMoreThanIsTaken() {
        Channel channel =
            start_persistent(address(), [](Channel& own) { own.send(own.receive<std::string>().size()); });
        const std::string text(std::size_t{65} << 20, 'x');
        EXPECT_THROWN(ProtocolError, channel.send(text),
                      QVERIFY2(std::string(error.what()).find("67108864") != std::string::npos, error.what()));
        Channel other = connect_persistent(address());
        other.send(std::string("small"));
        QCOMPARE(other.receive<std::size_t>(), std::size_t{5});
        ::unlink((address().string() + ".log").c_str());
    }

    void logOfAnother() {
        const fs::path log = address().string() + ".log";
        const auto start_now = [&] {
            return error_of([&] { start_persistent(address(), MakeParallel([] { return 1; })); });
        };
        fs::create_symlink(address("elsewhere"), log);
        QCOMPARE(start_now(), ELOOP);
        fs::remove(log);
        QCOMPARE(::mkfifo(log.c_str(), 0600), 0);
        QCOMPARE(start_now(), ENXIO);
        fs::remove(log);
        if (::geteuid() == 0) {
            QFile(QString::fromStdString(log.string())).open(QIODevice::WriteOnly);
            QCOMPARE(::chown(log.c_str(), 65534, 65534), 0);
            QCOMPARE(start_now(), EACCES);
            fs::remove(log);
        }
        QVERIFY(!exists(address()));
        QVERIFY(!exists(address("elsewhere")));
    }

    /// One that sends a byte at a time holds up nobody.
    void slowSender() {
        start_persistent(address(), MakeParallel([] { return 1; }));
        RawCollector slow(address());
        const auto header = message::frame_header(message::FrameKind::attach, 0);
        slow.send(header.data(), 1);
        {
            const Channel other = connect_persistent(address());
            slow.send(header.data() + 1, 1);
        }
        slow.send(header.data() + 2, 1);
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
    }

    /// Hazard 10: more connections than descriptors must not spin, and pass.
    void descriptorsRunOut() {
        Gate gate;
        QCOMPARE(in_child([&] {
                     rlimit limit{};
                     ::getrlimit(RLIMIT_NOFILE, &limit);
                     limit.rlim_cur = 32;
                     ::setrlimit(RLIMIT_NOFILE, &limit);
                     start_persistent(address(), MakeParallel([&] {
                                          gate.pass();
                                          return 1;
                                      }));
                     return true;
                 }),
                 0);
        const auto entry = entry_of(address());
        const auto ticks_used = [&] {
            const auto fields = content("/proc/" + std::to_string(entry->keeper_pid) + "/stat").split(' ');
            return fields.value(13).toLong() + fields.value(14).toLong();
        };
        {
            std::vector<RawCollector> crowd;
            for (int n = 0; n < 200; ++n)
                crowd.emplace_back(address());
            const long before = ticks_used();
            QElapsedTimer clock;
            clock.start();
            QVERIFY(!wait_for_end(entry->keeper_pid, 500));
            const double share =
                double(ticks_used() - before) / double(::sysconf(_SC_CLK_TCK)) / (clock.elapsed() / 1000.0);
            QVERIFY2(share < 0.1, qPrintable(QString::number(share)));
            // Its result comes while there is none left, too. (UndefinedBehaviorSanitizer needs one itself, where an
            // exception is handled, and takes its absence for a mistake of the program.)
            if (!is_sanitized) {
                gate.open();
                QVERIFY(wait_for_end(entry->pid, 20'000));
                QVERIFY(!wait_for_end(entry->keeper_pid, 300));
            }
        }
        if (is_sanitized) {
            const QDir held(QString("/proc/%1/fd").arg(entry->keeper_pid));
            QTRY_VERIFY(held.entryList(QDir::Files | QDir::System | QDir::NoDotAndDotDot).size() < 25);
            gate.open();
        }
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
    }
};

QTEST_GUILESS_MAIN(TestBackground)
#include "tst_background.moc"
