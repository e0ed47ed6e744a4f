// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <capnp/any.h>

#include <pprocess/launch/fork.h>
#include <pprocess/message/message.capnp.h>
#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;

namespace {

struct Foreign {};

/// The values of a channel until an error, and that error's text.
std::pair<std::vector<int>, QString> receive_all(Channel& channel) {
    std::vector<int> values;
    for (;;) {
        try {
            values.push_back(channel.receive<int>());
        } catch (const Error& error) {
            return {values, error.what()};
        }
    }
}

/// A message of a schema that is not the library's way to write values.
void fill(capnp::MallocMessageBuilder& message, const std::string& text) {
    auto failure = message.initRoot<schema::Message>().initFailure();
    failure.setTypeName({reinterpret_cast<const capnp::byte*>(text.data()), text.size()});
}
std::string text_in(capnp::MessageReader& message) {
    const auto data = message.getRoot<schema::Message>().getFailure().getTypeName();
    return {data.asChars().begin(), data.size()};
}

std::vector<std::string> numbers_of_descriptors() {
    std::vector<std::string> numbers;
    const QStringList entries = QDir("/proc/self/fd").entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System);
    for (const QString& entry : entries)
        if (!QFile::symLinkTarget("/proc/self/fd/" + entry).isEmpty() &&
            !QFile::symLinkTarget("/proc/self/fd/" + entry).endsWith("/fd"))
            numbers.push_back(entry.toStdString());
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

} // namespace

class TestChannel : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void valuesGoBothWays() {
        Channel channel = start(
            [](Channel& own, int factor, const std::string& text) {
                while (const auto n = own.receive<std::optional<int>>())
                    own.send(std::make_pair(*n * factor, text));
            },
            3, "text");
        QVERIFY(channel.pid() > 0);
        QVERIFY(channel.is_open());
        QVERIFY(channel.fileno() >= 0);
        for (int n = 0; n < 100; ++n) {
            channel.send(n);
            const auto answer = channel.receive<std::pair<int, std::string>>();
            QCOMPARE(answer.first, 3 * n);
            QCOMPARE(answer.second, std::string("text"));
        }
        channel.send(std::optional<int>());
        const ProcessStatus status = channel.wait();
        QVERIFY(status.exited());
        QCOMPARE(status.exit_code(), 0);
        QVERIFY(!status.signaled());
    }

    void startTakesAnyCallable() {
        const auto captured = std::make_unique<int>(7);
        Channel lambda = start([&captured](Channel& own) { own.send(*captured); });
        QCOMPARE(lambda.receive<int>(), 7);
        Channel moved = start([](Channel& own, std::unique_ptr<int> n) { own.send(*n); }, std::make_unique<int>(8));
        QCOMPARE(moved.receive<int>(), 8);
        Channel parallel = start(MakeParallel([](int n) { return n + 1; }), 8);
        QCOMPARE(parallel.receive<int>(), 9);
    }

    void createGoesOnInBoth() {
        const pid_t creator = ::getpid();
        Channel channel = create();
        if (channel.pid() == 0) {
            channel.send(static_cast<int>(::getppid()));
            pprocess::exit(channel, 7);
        }
        QCOMPARE(channel.receive<int>(), static_cast<int>(creator));
        QCOMPARE(channel.wait().exit_code(), 7);
        EXPECT_THROWN(ProcessDied, channel.receive<int>(), QCOMPARE(error.status().exit_code(), 7);
                      QCOMPARE(error.pid(), channel.pid()));
    }

    void bothSendMuchAtOnce() {
        constexpr std::size_t size = 64u << 20;
        Channel channel = start([](Channel& own) {
            own.send(std::string(size, 'c'));
            const auto text = own.receive<std::string>();
            own.send(text == std::string(size, 'p'));
        });
        channel.send(std::string(size, 'p'));
        QVERIFY(channel.receive<std::string>() == std::string(size, 'c'));
        QVERIFY(channel.receive<bool>());
    }

    void bothSendManyAtOnce() {
        constexpr int count = 3000;
        const std::string text(1000, 't');
        Channel channel = start([&](Channel& own) {
            for (int n = 0; n < count; ++n)
                own.send(std::make_pair(n, text));
            for (int n = 0; n < count; ++n)
                if (own.receive<std::pair<int, std::string>>() != std::make_pair(n, text))
                    throw std::runtime_error("wrong");
        });
        for (int n = 0; n < count; ++n)
            channel.send(std::make_pair(n, text));
        for (int n = 0; n < count; ++n)
            QVERIFY((channel.receive<std::pair<int, std::string>>() == std::make_pair(n, text)));
        QVERIFY(channel.wait().success());
    }

    void remoteErrors_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("text");
        QTest::newRow("standard") << 0 << "std::out_of_range"
                                  << "too far";
        QTest::newRow("int") << 1 << "int"
                             << "1";
        QTest::newRow("string") << 2 << "string"
                                << "thrown text";
        QTest::newRow("literal") << 3 << "char const*"
                                 << "literal";
        QTest::newRow("foreign") << 4 << "Foreign"
                                 << "Foreign";
        QTest::newRow("empty text") << 5 << "std::runtime_error"
                                    << "";
    }
    void remoteErrors() {
        QFETCH(int, kind);
        QFETCH(QString, type);
        QFETCH(QString, text);
        Channel channel = start([kind](Channel& own) {
            own.send(1);
            switch (kind) {
            case 0:
                throw std::out_of_range("too far");
            case 1:
                throw 1;
            case 2:
                throw std::string("thrown text");
            case 3:
                throw "literal";
            case 4:
                throw Foreign();
            default:
                throw std::runtime_error("");
            }
        });
        QCOMPARE(channel.receive<int>(), 1);
        EXPECT_THROWN(RemoteError, channel.receive<int>(),
                      QVERIFY2(QString::fromStdString(error.type_name()).contains(type), error.type_name().c_str());
                      QVERIFY2(QString(error.what()).contains(text), error.what());
                      QCOMPARE(error.pid(), channel.pid()));
        QCOMPARE(channel.wait().exit_code(), 1);
        EXPECT_THROWN(ChannelClosed, channel.receive<int>());
    }

    void deathIsToldAfterWhatWasSent_data() {
        QTest::addColumn<int>("signal");
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("values");
        for (const int values : {0, 3}) {
            QTest::addRow("killed after %d", values) << SIGKILL << 0 << values;
            QTest::addRow("segmentation fault after %d", values) << SIGSEGV << 0 << values;
            QTest::addRow("status 3 after %d", values) << 0 << 3 << values;
        }
        QTest::newRow("status 0 without a value") << 0 << 0 << 0;
    }
    void deathIsToldAfterWhatWasSent() {
        QFETCH(int, signal);
        QFETCH(int, code);
        QFETCH(int, values);
        Channel channel = start([=](Channel& own) {
            const rlimit none{0, 0};
            ::setrlimit(RLIMIT_CORE, &none);
            for (int n = 0; n < values; ++n)
                own.send(n);
            if (signal) {
                ::signal(signal, SIG_DFL);
                ::raise(signal);
            }
            ::_exit(code);
        });
        for (int n = 0; n < values; ++n)
            QCOMPARE(channel.receive<int>(), n);
        EXPECT_THROWN(ProcessDied, channel.receive<int>(), QCOMPARE(error.pid(), channel.pid());
                      QCOMPARE(error.status().signal(), signal); QCOMPARE(error.status().exit_code(), code); QVERIFY2(
                          QString(error.what())
                              .contains(signal ? QString("signal %1").arg(signal) : QString("status %1").arg(code)),
                          error.what()));
    }

    void allReceivedThenClosed() {
        Channel channel = start([](Channel& own) { own.send(1); });
        QCOMPARE(channel.receive<int>(), 1);
        EXPECT_THROWN(ChannelClosed, channel.receive<int>());
        EXPECT_THROWN(ChannelClosed, channel.receive<int>());
    }

    void deathIsSeenThoughAGrandchildHoldsTheSocket() {
        Gate end;
        Channel channel = start([&](Channel& own) {
            own.send(5);
            if (::fork() == 0) { // a copy that the library knows nothing of
                end.close_writing();
                end.pass();
                ::_exit(0);
            }
            ::raise(SIGKILL);
        });
        QCOMPARE(channel.receive<int>(), 5);
        EXPECT_THROWN(ProcessDied, channel.receive<int>(), QCOMPARE(error.status().signal(), SIGKILL));
        EXPECT_THROWN(ChannelClosed, channel.send(std::string(4u << 20, 'x')));
        end.open();
    }

    void resetAfterData() {
        // A peer that closes with unread input resets the connection; what it had sent before still arrives.
        Channel channel = start([](Channel& own) {
            own.send(1);
            own.send(2);
            ::recv(own.fileno(), nullptr, 0, MSG_PEEK);
            own.receive<int>();
            ::_exit(0);
        });
        channel.send(0);
        for (int n = 0; n < 100; ++n) {
            try {
                channel.send(n);
            } catch (const ChannelClosed&) {
                break;
            }
        }
        wait_for_end(channel.pid());
        const auto [values, text] = receive_all(channel);
        QCOMPARE(values, (std::vector<int>{1, 2}));
    }

    void sendToAClosedPeer() {
        using Handler = void (*)(int);
        const Handler own_handler = [](int) { std::abort(); };
        const Handler before = ::signal(SIGPIPE, own_handler);
        {
            Channel channel = start([](Channel&) {});
            channel.wait();
            EXPECT_THROWN(ChannelClosed, channel.send(1));
            auto [one, other] = channel_pair();
            other.close();
            EXPECT_THROWN(ChannelClosed, one.send(std::string(1u << 20, 'x')));
            EXPECT_THROWN(ChannelClosed, one.receive<int>());
            EXPECT_THROWN(ChannelClosed, other.send(1));
            EXPECT_THROWN(ChannelClosed, other.receive<int>());
        }
        QVERIFY(::signal(SIGPIPE, before) == own_handler);
    }

    void waitTakesInAFlood() {
        Channel channel = start([](Channel& own) {
            for (int n = 0; n < 100; ++n)
                own.send(std::string(100'000, static_cast<char>('a' + n % 26)));
        });
        QVERIFY(channel.wait().success());
        for (int n = 0; n < 100; ++n)
            QVERIFY(channel.receive<std::string>() == std::string(100'000, static_cast<char>('a' + n % 26)));
        EXPECT_THROWN(ChannelClosed, channel.receive<std::string>());
        QVERIFY(channel.wait().success());
    }

    void closeDoesNotEndTheProcess() {
        Gate end;
        Channel channel = start([&](Channel& own) {
            try {
                own.receive<int>();
            } catch (const ChannelClosed&) {
                end.pass();
                ::_exit(42);
            }
        });
        channel.close();
        QVERIFY(!channel.is_open());
        QCOMPARE(channel.fileno(), -1);
        channel.close();
        end.open();
        QCOMPARE(channel.wait().exit_code(), 42);
    }

    void aProcessThatClosesAndGoesOn() {
        Gate end;
        Channel channel = start([&](Channel& own) {
            own.send(1);
            own.close();
            end.pass();
        });
        QCOMPARE(channel.receive<int>(), 1);
        EXPECT_THROWN(ChannelClosed, channel.receive<int>());
        end.open();
        QVERIFY(channel.wait().success());
    }

    void destructorEndsStubbornProcesses() {
        std::vector<pid_t> pids;
        {
            Channel stubborn = start([](Channel& own) {
                ::signal(SIGTERM, SIG_IGN);
                own.send(1);
                for (;;)
                    ::pause();
            });
            stubborn.receive<int>();
            Channel stopped = start([](Channel& own) {
                own.send(1);
                ::raise(SIGSTOP);
                for (;;)
                    ::pause();
            });
            stopped.receive<int>();
            siginfo_t info{};
            ::waitid(P_PID, static_cast<id_t>(stopped.pid()), &info, WSTOPPED | WNOWAIT);
            pids = {stubborn.pid(), stopped.pid()};
        }
        for (const pid_t pid : pids)
            QCOMPARE(::kill(pid, 0), -1);
    }

    void moves() {
        Channel first = start([](Channel& own) {
            own.send(1);
            own.send(2);
            own.receive<int>();
        });
        const pid_t pid = first.pid();
        QCOMPARE(first.receive<int>(), 1); // the second is read ahead perhaps
        Channel second(std::move(first));
        QVERIFY(!first.is_open());
        QCOMPARE(first.pid(), 0);
        EXPECT_THROWN(ChannelClosed, first.receive<int>());
        QCOMPARE(second.pid(), pid);
        Channel third = start([](Channel& own) { own.receive<int>(); });
        const pid_t replaced = third.pid();
        third = std::move(second);
        QCOMPARE(::kill(replaced, 0), -1); // ended and reaped
        QCOMPARE(third.receive<int>(), 2);
        third.send(0);
        QVERIFY(third.wait().success());
        Channel& same = third;
        third = std::move(same);
        QCOMPARE(third.pid(), pid);
    }

    void typeMismatchLeavesTheChannelUsable() {
        auto [one, other] = channel_pair();
        one.send(std::string("text"));
        one.send(300);
        one.send(std::vector<int>{1, 2});
        one.send(true);
        EXPECT_THROWN(TypeMismatch, other.receive<int>());
        EXPECT_THROWN(TypeMismatch, other.receive<std::uint8_t>());
        EXPECT_THROWN(TypeMismatch, (other.receive<std::array<int, 3>>()));
        QVERIFY(other.receive<bool>());
        other.send(5L);
        QCOMPARE(one.receive<short>(), short{5});
        QCOMPARE(one.pid(), 0);
        EXPECT_THROWN(SystemError, one.wait(), QCOMPARE(error.code().value(), ECHILD));
    }

    void messagesOfAnotherSchema() {
        auto [one, other] = channel_pair();
        capnp::MallocMessageBuilder message;
        fill(message, "own schema");
        one.send_message(message);
        one.send(1);
        one.send_message(message);
        auto received = other.receive_message();
        QCOMPARE(text_in(*received), std::string("own schema"));
        EXPECT_THROWN(TypeMismatch, other.receive_message());
        EXPECT_THROWN(TypeMismatch, other.receive<int>());
        other.send(2);
        QCOMPARE(one.receive<int>(), 2);
        QCOMPARE(text_in(*received), std::string("own schema"));
    }

    void garbageAfterAValue() {
        int ends[2];
        QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        Channel other{os::Fd(ends[1]), os::Process()};
        {
            Channel one{os::Fd(ends[0]), os::Process()};
            one.send(1);
            one.send(2);
            const std::string garbage = "this is not a message of the library";
            QCOMPARE(::write(one.fileno(), garbage.data(), garbage.size()), static_cast<ssize_t>(garbage.size()));
            QCOMPARE(other.receive<int>(), 1);
            QCOMPARE(other.receive<int>(), 2);
            EXPECT_THROWN(ProtocolError, other.receive<int>());
            EXPECT_THROWN(Error, other.receive<int>());
        }
    }

    void damagedMessageIsTakenAlone() {
        int ends[2];
        QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
        Channel one{os::Fd(ends[0]), os::Process()};
        Channel other{os::Fd(ends[1]), os::Process()};
        // A frame whose body lies about its segments, as a value and as a failure.
        for (const char kind : {1, 2}) {
            std::string frame = "PPR1";
            frame += kind;
            frame.append(3, '\0');
            const std::uint64_t size = 16;
            frame.append(reinterpret_cast<const char*>(&size), 8);
            frame.append(16, '\xff');
            QCOMPARE(::write(one.fileno(), frame.data(), frame.size()), static_cast<ssize_t>(frame.size()));
            one.send(7);
            EXPECT_THROWN(ProtocolError, other.receive<int>());
            QCOMPARE(other.receive<int>(), 7);
        }
    }

    void damagedContentIsAProtocolError() {
        // Each word of a sound message replaced in turn, its pointers among them.
        auto [one, other] = channel_pair();
        std::array<char, 4096> bytes{};
        for (const bool is_failure : {false, true}) {
            if (is_failure) {
                try {
                    throw std::runtime_error("a text that is long enough to be a list of its own");
                } catch (...) {
                    one.send_failure(false);
                }
            } else {
                one.send(std::make_pair(std::string("a text that is long enough to be a list of its own"), 1.5));
            }
            const auto size = static_cast<std::size_t>(::read(other.fileno(), bytes.data(), bytes.size()));
            for (std::size_t place = 24; place < size; place += 8) {
                for (const char value : {'\x01', '\x02', '\x7f', '\xff'}) {
                    auto damaged = bytes;
                    std::memset(damaged.data() + place, value, 8);
                    QCOMPARE(::write(one.fileno(), damaged.data(), size), static_cast<ssize_t>(size));
                    try {
                        other.receive<std::pair<std::string, double>>();
                    } catch (const Error&) {
                    }
                    one.send(7);
                    QCOMPARE(other.receive<int>(), 7);
                }
            }
        }
    }

    void descriptorsOfCreatedProcesses() {
        const int own_file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        const auto before = numbers_of_descriptors();
        std::vector<Channel> channels;
        for (int n = 0; n < 50; ++n) {
            channels.push_back(start([](Channel& own) {
                const int number = own.fileno();
                own.send(std::make_pair(number, numbers_of_descriptors()));
                own.receive<int>();
            }));
        }
        for (const std::size_t n : {std::size_t{0}, std::size_t{49}}) {
            auto [number, descriptors] = channels[n].receive<std::pair<int, std::vector<std::string>>>();
            auto expected = before;
            expected.push_back(std::to_string(number));
            std::sort(expected.begin(), expected.end());
            QCOMPARE(descriptors, expected);
        }
        for (Channel& channel : channels)
            channel.send(0);
        ::close(own_file);
    }

    void inheritedChannelsDoNothing() {
        Gate end;
        auto sibling = std::make_unique<Channel>(start([&](Channel& own) { own.send(own.receive<int>()); }));
        Channel channel = start([&](Channel& own) {
            const bool was_open = sibling->is_open();
            sibling.reset(); // neither closes, nor ends, nor waits for a process of the creator
            own.send(was_open);
        });
        QVERIFY(!channel.receive<bool>());
        QVERIFY(channel.wait().success());
        sibling->send(4);
        QCOMPARE(sibling->receive<int>(), 4);
    }

    void standardOutputIsWrittenOnce() {
        QProcess program;
        program.start(PPROCESS_FIXTURES "/prints_lines", QStringList());
        QVERIFY(program.waitForFinished());
        QCOMPARE(program.exitCode(), 0);
        QList<QByteArray> lines = program.readAllStandardOutput().trimmed().split('\n');
        std::sort(lines.begin(), lines.end());
        QCOMPARE(lines, (QList<QByteArray>{"after", "before by iostream", "before by stdio", "child 0", "child 1",
                                           "child 2"}));
    }

    void childrenOfAKilledCreatorEnd() {
        // The fixture prints the pids of a child and of a grandchild's creator and waits.
        Gate alive;
        int out[2];
        QCOMPARE(::pipe2(out, O_CLOEXEC), 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        char path[] = PPROCESS_FIXTURES "/has_children";
        char* arguments[] = {path, nullptr};
        pid_t pid = 0;
        QCOMPARE(::posix_spawn(&pid, path, &actions, nullptr, arguments, environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        ::close(out[1]);
        std::array<pid_t, 3> pids{};
        QCOMPARE(os::retry([&] { return ::read(out[0], pids.data(), sizeof pids); }),
                 static_cast<ssize_t>(sizeof pids));
        ::kill(pid, SIGKILL);
        os::retry([&] { return ::waitpid(pid, nullptr, 0); });
        for (const pid_t child : pids)
            QVERIFY(wait_for_end(child));
        ::close(out[0]);
    }

    void threadsAreRefused() {
        Gate end;
        std::thread thread([&] { end.pass(); });
        for (const bool by_start : {false, true}) {
            EXPECT_THROWN(
                SystemError,
                {
                    Channel channel = by_start ? start([](Channel&) {}) : create();
                    if (channel.pid() == 0)
                        ::_exit(0);
                },
                QVERIFY2(QString(error.what()).contains("thread"), error.what());
                QVERIFY2(QString(error.what()).contains("ForkServer"), error.what()));
        }
        end.open();
        thread.join();
        Channel channel = start([](Channel& own) { own.send(1); });
        QCOMPARE(channel.receive<int>(), 1);
        // The system may still list a thread that has been joined.
        for (int round = 0; round < 300; ++round) {
            std::thread([] {}).join();
            launch::require_single_thread();
        }
    }

    void frequentSignals() {
        static volatile sig_atomic_t count = 0;
        struct sigaction action {};
        struct sigaction before {};
        action.sa_handler = [](int) { count = count + 1; }; // without SA_RESTART
        ::sigaction(SIGALRM, &action, &before);
        const itimerval often{{0, 1000}, {0, 1000}};
        const itimerval never{};
        ::setitimer(ITIMER_REAL, &often, nullptr);
        for (int round = 0; round < 10; ++round) {
            Channel channel = start([&](Channel& own) {
                ::setitimer(ITIMER_REAL, &often, nullptr);
                own.send(own.receive<std::string>());
            });
            const std::string text(8u << 20, 's');
            channel.send(text);
            QVERIFY(channel.receive<std::string>() == text);
            QVERIFY(channel.wait().success());
        }
        auto squares = pmap([](int n) { return n * n; }, std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8}, {.limit = 2});
        int sum = 0;
        for (const int square : squares)
            sum += square;
        squares.finish();
        ::setitimer(ITIMER_REAL, &never, nullptr);
        ::sigaction(SIGALRM, &before, nullptr);
        QCOMPARE(sum, 204);
        QVERIFY(count > 0);
    }

    void tooManyChannels() {
        rlimit before{};
        ::getrlimit(RLIMIT_NOFILE, &before);
        rlimit few = before;
        few.rlim_cur = 40;
        ::setrlimit(RLIMIT_NOFILE, &few);
        std::vector<Channel> channels;
        QString text;
        try {
            for (int n = 0; n < 100; ++n)
                channels.push_back(start([](Channel& own) { own.receive<int>(); }));
        } catch (const SystemError& error) {
            text = error.what();
            QCOMPARE(error.code().value(), EMFILE);
        }
        ::setrlimit(RLIMIT_NOFILE, &before);
        QVERIFY2(text.contains("may have 40 files") && text.contains("each process watched needs at least two"),
                 qPrintable(text));
        const QString advice = before.rlim_max > few.rlim_cur ? "ulimit -n " + QString::number(before.rlim_max) + "`"
                                                              : QString("administrator");
        QVERIFY2(text.contains(advice), qPrintable(text));
        QVERIFY(channels.size() >= 10);
        for (Channel& channel : channels) {
            channel.send(1);
            QVERIFY(channel.wait().success());
        }
    }

    void waitAllWaits() {
        Channel one = start([](Channel&) {});
        Channel other = start([](Channel&) { ::_exit(3); });
        wait_all();
        QVERIFY(wait_for_end(one.pid(), 0));
        QVERIFY(wait_for_end(other.pid(), 0));
        QCOMPARE(other.wait().exit_code(), 3);
    }
};

QTEST_GUILESS_MAIN(TestChannel)
#include "tst_channel.moc"
