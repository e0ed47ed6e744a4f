// SPDX-License-Identifier: GPL-3.0-or-later
//
// Large values, many channels, slow readers: nothing lost, nothing in the way, memory bounded.
//
// With PPROCESS_TEST_HUGE=1 also values of several GiB, which need 16 GiB of free memory.
//
// ctest: not with tsan
#include <QtTest>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <numeric>
#include <string>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/memory.h"
#include "support/sync.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

/// The state letter of a process: R runs, S sleeps.
char state(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    const auto after_name = text.rfind(')');
    return after_name == std::string::npos ? '?' : text[after_name + 2];
}

/// A number that a process and those it makes share.
class SharedNumber {
public:
    SharedNumber()
        : memory_(::mmap(nullptr, sizeof(std::atomic<std::int64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                         -1, 0)),
          number_(new (memory_) std::atomic<std::int64_t>(0)) {}
    ~SharedNumber() { ::munmap(memory_, sizeof(std::atomic<std::int64_t>)); }
    SharedNumber(const SharedNumber&) = delete;
    SharedNumber& operator=(const SharedNumber&) = delete;
    std::atomic<std::int64_t>& operator*() const { return *number_; }

private:
    void* memory_;
    std::atomic<std::int64_t>* number_;
};

/// Waits until the process sleeps and has sent something since `sent` was 0: it is held back then, as it waits for
/// nothing else.
void wait_until_held_back(pid_t pid, const SharedNumber& sent) {
    for (int quiet = 0; quiet < 3;) {
        const std::int64_t before = *sent;
        ::sched_yield();
        quiet = before > 0 && state(pid) == 'S' && *sent == before ? quiet + 1 : 0;
    }
}

/// As many open files as the system grants, for as long as this lives.
class ManyFiles {
public:
    ManyFiles() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit most = before_;
        most.rlim_cur = most.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &most);
    }
    ~ManyFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    ManyFiles(const ManyFiles&) = delete;
    ManyFiles& operator=(const ManyFiles&) = delete;

private:
    rlimit before_{};
};

/// Adds up what arrives and counts it.
class Sum : public Exchange {
public:
    std::int64_t sum = 0;
    int count = 0;

protected:
    void store_data(Channel& channel) override {
        sum += channel.receive<int>();
        ++count;
    }
    void store_error(Channel&, std::exception_ptr) override {}
};

double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double pattern(std::size_t index) {
    return static_cast<double>(index * 2654435761u % 1000003);
}

} // namespace

class TestLoad : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void floodIsHeldBack_data() {
        QTest::addColumn<bool>("in_exchange");
        QTest::newRow("channel") << false;
        QTest::newRow("exchange") << true;
    }
    void floodIsHeldBack() {
        QFETCH(bool, in_exchange);
        constexpr int count = 20'000;
        const std::string filling(5000, 'f'); // 100 MB in all
        SharedNumber sent;
        Channel started = start([&](Channel& own) {
            for (int n = 0; n < count; ++n) {
                own.send(std::make_pair(n, filling));
                ++*sent;
            }
        });
        Exchange exchange({.continuous = true});
        Channel& channel = in_exchange ? exchange.add(std::move(started)) : started;
        const pid_t pid = channel.pid();
        wait_until_held_back(pid, sent);
        const std::int64_t sent_unread = *sent;
        QVERIFY2(sent_unread < 200, qPrintable(QString::number(sent_unread)));

        const std::int64_t own = resident(::getpid());
        const std::int64_t other = resident(pid);
        std::int64_t most_own = 0;
        std::int64_t most_other = 0;
        for (int n = 0; n < count; ++n) {
            if (in_exchange) {
                while (exchange.ready().empty()) {
                }
            }
            const auto [number, text] = channel.receive<std::pair<int, std::string>>();
            QCOMPARE(number, n);
            QVERIFY(text == filling);
            if (n % 1000 == 0) {
                most_own = std::max(most_own, resident(::getpid()));
                most_other = std::max(most_other, resident(pid));
            }
        }
        EXPECT_THROWN(ChannelClosed, channel.receive<int>());
        if (!is_memory_measured)
            return;
        QVERIFY2(most_own - own < 8 * 1024, qPrintable(QString("here: %1 KiB").arg(most_own - own)));
        QVERIFY2(most_other - other < 8 * 1024, qPrintable(QString("there: %1 KiB").arg(most_other - other)));
    }

    void queueThatIsNotReadHoldsBack() {
        constexpr int count = 5000;
        SharedNumber sent;
        Queue<std::string> queue({.limit = 1, .continuous = true});
        queue.start([&](Channel& own) {
            for (int n = 0; n < count; ++n) {
                own.send(std::string(5000, 'f') + std::to_string(n));
                ++*sent;
            }
        });
        const pid_t pid = queue.active().front()->pid();
        wait_until_held_back(pid, sent);
        QVERIFY(*sent < 200);
        for (int n = 0; n < count; ++n) {
            const auto text = queue.next();
            QVERIFY(text.has_value());
            QVERIFY(*text == std::string(5000, 'f') + std::to_string(n));
        }
        QVERIFY(!queue.next().has_value());
    }

    void manyChannels() {
        ManyFiles files;
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        const int count = static_cast<int>(std::min<rlim_t>(5000, (limit.rlim_cur - 100) / 2));
        if (count < 5000)
            qWarning("only %d channels: no more than %llu files may be open here", count,
                     static_cast<unsigned long long>(limit.rlim_cur));
        Sum exchange;
        std::vector<Channel> others;
        for (int n = 0; n < count; ++n) {
            auto [one, other] = channel_pair();
            exchange.add(std::move(one));
            others.push_back(std::move(other));
        }
        QCOMPARE(exchange.active().size(), static_cast<std::size_t>(count));
        QVERIFY(exchange.ready(0s).empty());
        QVERIFY(!is_readable(exchange.fileno()));

        for (int round = 0; round < 3; ++round) {
            exchange.sum = exchange.count = 0;
            for (int n = 0; n < count; ++n)
                others[static_cast<std::size_t>(n)].send(n);
            QVERIFY(is_readable(exchange.fileno()));
            while (exchange.count < count)
                exchange.store();
            QCOMPARE(exchange.sum, std::int64_t{count} * (count - 1) / 2);
            exchange.store(0s);
            QVERIFY(!is_readable(exchange.fileno()));
        }

        // One of them all.
        others.back().send(7);
        QVERIFY(is_readable(exchange.fileno()));
        const auto ready = exchange.ready();
        QCOMPARE(ready.size(), std::size_t{1});
        QCOMPARE(ready.front()->receive<int>(), 7);
        QVERIFY(exchange.ready(0s).empty());
    }

    void idleChannelsTakeLittleMemory() {
        // Each of them has carried a large value before, in several reads.
        ManyFiles files;
        constexpr int count = 1000;
        const std::string text(60'000, 't');
        std::vector<std::pair<Channel, Channel>> pairs;
        for (int n = 0; n < count; ++n)
            pairs.push_back(channel_pair());
        const std::int64_t before = resident(::getpid());
        for (auto& [one, other] : pairs) {
            one.send(text);
            QVERIFY(other.receive<std::string>() == text);
            QVERIFY(!other.pump());
        }
        const std::int64_t grown = resident(::getpid()) - before;
        QVERIFY2(!is_memory_measured || grown < 4 * count,
                 qPrintable(QString("%1 KiB for %2 channels").arg(grown).arg(count)));
    }

    void postedMessageGoesInManySteps() {
        // With each step only what goes is touched, not what is left: eight times as much takes about eight times as
        // long, not sixty-four times.
        const auto seconds_for = [](std::size_t size) {
            auto [one, other] = channel_pair();
            const std::string text(size, 'p');
            const double begin = processor_seconds();
            one.post(text);
            for (bool sent = false; !sent;) {
                sent = one.flush();
                other.pump();
            }
            const bool same = other.receive<std::string>() == text;
            return same ? processor_seconds() - begin : 1e9;
        };
        const double small = seconds_for(16u << 20);
        const double large = seconds_for(128u << 20);
        QVERIFY2(large < 20 * small, qPrintable(QString("%1 s and %2 s").arg(small).arg(large)));
    }

    void valuesInParts() {
        // As values that are too large for one Cap'n Proto object travel, with the parts made small.
        const message::EncodeOptions in_parts{.parts = {1000, 100}};
        auto [one, other] = channel_pair();
        const auto send = [&, &sender = one](const auto& value) {
            message::OutgoingMessage message(message::FrameKind::value);
            message::encode(value, message.root().initValue(), in_parts);
            QVERIFY(message.root().getValue().isParts());
            const auto frame = message.frame();
            const ssize_t sent = os::send_some(sender.fileno(), frame);
            QCOMPARE(sent, static_cast<ssize_t>(message.size()));
        };
        std::vector<double> numbers(5001);
        for (std::size_t index = 0; index < numbers.size(); ++index)
            numbers[index] = pattern(index);
        const std::string text(4321, 't');
        const std::vector<std::string> texts(333, "text");
        send(numbers);
        QVERIFY(other.receive<std::vector<double>>() == numbers);
        send(text);
        QVERIFY(other.receive<std::string>() == text);
        send(texts);
        QVERIFY(other.receive<std::vector<std::string>>() == texts);
        send(std::vector<std::byte>(2001, std::byte{3}));
        QVERIFY(other.receive<std::vector<std::byte>>() == std::vector<std::byte>(2001, std::byte{3}));
        send(std::vector<int>(2001, 5));
        QVERIFY(other.receive<std::vector<short>>() == std::vector<short>(2001, 5));
        send(numbers);
        EXPECT_THROWN(TypeMismatch, other.receive<std::vector<int>>());
    }

    void hugeValues() {
        if (qEnvironmentVariableIsEmpty("PPROCESS_TEST_HUGE"))
            QSKIP("set PPROCESS_TEST_HUGE=1 to send several GiB");
        {
            constexpr std::size_t size = std::size_t{9} << 26; // 4.5 GiB of doubles
            Channel channel = start([](Channel& own) {
                std::vector<double> numbers(size);
                for (std::size_t index = 0; index < size; ++index)
                    numbers[index] = pattern(index);
                own.send(numbers);
            });
            const auto numbers = channel.receive<std::vector<double>>();
            QCOMPARE(numbers.size(), size);
            for (std::size_t index = 0; index < size; ++index)
                if (numbers[index] != pattern(index))
                    QFAIL("not what was sent");
            QVERIFY(channel.wait().success());
        }
        constexpr std::size_t size = (std::size_t{600} << 20) + 3;
        Channel channel = start([](Channel& own) { own.send(std::string(size, 't')); });
        const auto text = channel.receive<std::string>();
        QCOMPARE(text.size(), size);
        QVERIFY(text.find_first_not_of('t') == std::string::npos);
        QVERIFY(channel.wait().success());
    }
};

QTEST_GUILESS_MAIN(TestLoad)
#include "tst_load.moc"
