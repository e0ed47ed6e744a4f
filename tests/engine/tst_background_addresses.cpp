// SPDX-License-Identifier: GPL-3.0-or-later
//
/// Where background processes are reached: addresses in use, left behind, too long, or of somebody else, and the
/// directory of all.
#include <QtTest>

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <pprocess/message/frame.h>
#include <pprocess/os/socket_file.h>
#include <pprocess/pprocess.h>

#include "support/background_fixture.h"

using namespace pprocess;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class TestBackgroundAddresses : public QObject, BackgroundFixture {
    Q_OBJECT

private slots:
    void init() { set_up(); }
    void cleanup() { tear_down(); }

    void entriesOfTheGone() {
        start_persistent(address(), [](Channel& own) { own.receive<int>(); });
        const auto entry = entry_of(address());
        ::kill(entry->keeper_pid, SIGKILL);
        QVERIFY(wait_for_end(entry->keeper_pid));
        QVERIFY(exists(address()));
        QCOMPARE(remove_entries_of_the_gone(), std::size_t{1});
        QVERIFY(!exists(address()));
        QVERIFY(background_processes().empty());
        ::unlink((address().string() + ".log").c_str());
    }

    /// A process that died leaves its address to the next, although nobody was told.
    void addressOfOneThatDied() {
        Channel first = start_persistent(address(), [](Channel&) { ::raise(SIGKILL); });
        QVERIFY(wait_for_state(address(), BackgroundState::died));
        start_persistent(address(), MakeParallel([] { return 3; }));
        QCOMPARE(connect_persistent(address()).receive<int>(), 3);
    }

    void addressInUse() {
        start_persistent(address(), MakeParallel([] { return 1; }));
        EXPECT_THROWN(SystemError, start_persistent(address(), MakeParallel([] { return 2; })),
                      QCOMPARE(error.code().value(), EADDRINUSE);
                      QVERIFY(std::string(error.what()).find(address().string()) != std::string::npos));
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
        // Free as soon as the result has been received.
        start_persistent(address(), MakeParallel([] { return 2; }));
        QCOMPARE(connect_persistent(address()).receive<int>(), 2);
    }

    void addressThatIsNone() {
        const auto start_at = [](const fs::path& where) {
            return error_of([&] { start_persistent(where, MakeParallel([] { return 1; })); });
        };
        {
            QFile file(QString::fromStdString(address("plain").string()));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write("precious");
        }
        QCOMPARE(start_at(address("plain")), EADDRINUSE);
        QCOMPARE(content(address("plain")), QByteArray("precious"));
        QCOMPARE(connect_error(address("plain")), ENOTSOCK);
        QCOMPARE(start_at(address("missing") / "task"), ENOENT);
        QCOMPARE(start_at(""), EINVAL);
        QCOMPARE(start_at(address("missing") / ""), EINVAL);
        QCOMPARE(start_at(address(std::string(256, 'n'))), ENAMETOOLONG);
        QCOMPARE(connect_error(address("nothing")), ENOENT);
        fs::create_symlink(address("plain"), address("link"));
        QCOMPARE(start_at(address("link")), EADDRINUSE);
        QVERIFY(background_processes().empty());
    }

    /// Hazard 14.
    void ofManyStartersExactlyOneWins() {
        constexpr int starters = 6;
        for (int round = 0; round < 10; ++round) {
            { // one that nobody listens at any more
                os::SocketFile stale = os::SocketFile::listen(address());
            }
            QVERIFY(exists(address()));
            Gate gate;
            std::vector<Channel> channels;
            for (int n = 0; n < starters; ++n)
                channels.push_back(pprocess::start([&](Channel& own) {
                    gate.pass();
                    own.send(error_of([&] { start_persistent(address(), MakeParallel([n] { return n; })); }));
                }));
            gate.open(starters);
            int winner = -1;
            for (int n = 0; n < starters; ++n) {
                const int error = channels[static_cast<std::size_t>(n)].receive<int>();
                if (error == 0) {
                    QCOMPARE(winner, -1);
                    winner = n;
                } else {
                    QCOMPARE(error, EADDRINUSE);
                }
            }
            QVERIFY(winner >= 0);
            BackgroundQueue<int> queue(address());
            QCOMPARE(queue.next(), std::optional(winner));
            QVERIFY(!queue.next());
        }
    }

    /// Hazard 15.
    void longAddresses_data() {
        QTest::addColumn<int>("length");
        for (const int length : {106, 107, 108, 109, 110, 255, 1000, 4000})
            QTest::addRow("%d", length) << length;
    }
    void longAddresses() {
        QFETCH(int, length);
        fs::path path = address("").parent_path();
        while (length - static_cast<int>(path.string().size()) > 201)
            path /= std::string(
                static_cast<std::size_t>(std::min(200, length - static_cast<int>(path.string().size()) - 2)), 'd');
        fs::create_directories(path);
        path /= std::string(static_cast<std::size_t>(length) - path.string().size() - 1, 'n');
        QCOMPARE(static_cast<int>(path.string().size()), length);
        start_persistent(path, MakeParallel([](int n) { return n; }), length);
        QCOMPARE(error_of([&] { start_persistent(path, MakeParallel([] { return 1; })); }), EADDRINUSE);
        QCOMPARE(connect_persistent(path).receive<int>(), length);
        QVERIFY(wait_until_gone(path));
        QVERIFY(!exists(path));
    }

    /// Hazards 16 and 17.
    void otherUsers() {
        start_persistent(address(), MakeParallel([] { return 1; }));
        struct stat status {};
        QCOMPARE(::stat(address().c_str(), &status), 0);
        QCOMPARE(status.st_mode & 07777, 0600u);
        QCOMPARE(::stat(background_folder().c_str(), &status), 0);
        QCOMPARE(status.st_mode & 07777, 0700u);
        if (::geteuid() == 0) {
            const auto as_another = [&](int expected) {
                return in_child([&] { return ::setuid(65534) == 0 && connect_error(address()) == expected; });
            };
            // Whatever the modes: who connects is looked at.
            for (fs::path path = address().parent_path(); path != "/tmp" && path != "/"; path = path.parent_path())
                ::chmod(path.c_str(), 0755);
            QCOMPARE(as_another(EACCES), 0);
            ::chmod(address().c_str(), 0666);
            QCOMPARE(as_another(EACCES), 0); // the collector refuses
            QCOMPARE(in_child([&] {
                         if (::setuid(65534) != 0)
                             return false;
                         const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
                         sockaddr_un name{};
                         name.sun_family = AF_UNIX;
                         std::strncpy(name.sun_path, address().c_str(), sizeof name.sun_path - 1);
                         if (::connect(socket, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0)
                             return false;
                         const auto header = message::frame_header(message::FrameKind::attach, 0);
                         ::send(socket, header.data(), header.size(), MSG_NOSIGNAL);
                         char any = 0;
                         return ::recv(socket, &any, 1, 0) <= 0; // and so does the background process
                     }),
                     0);
            const fs::path log = address().string() + ".log";
            QVERIFY2(content(log).contains("of the user 65534"), content(log));
            ::unlink(log.c_str());
        }
        QCOMPARE(connect_persistent(address()).receive<int>(), 1);
    }

    void folderOfAnother() {
        const auto start_now = [&] {
            return error_of([&] { start_persistent(address(), MakeParallel([] { return 1; })); });
        };
        const fs::path folder = fs::path(run_folder()) / "pprocess";
        fs::create_symlink(address("").parent_path(), folder);
        QCOMPARE(start_now(), EACCES);
        QVERIFY(!exists(address()));
        fs::remove(folder);
        fs::create_directory(folder);
        fs::permissions(folder, fs::perms::all);
        QCOMPARE(start_now(), EACCES);
        if (::geteuid() == 0) {
            fs::permissions(folder, fs::perms::owner_all);
            QCOMPARE(::chown(folder.c_str(), 65534, 65534), 0);
            QCOMPARE(start_now(), EACCES);
        }
        fs::remove(folder);
    }

    void folderWithoutTheVariable() {
        ::setenv("TMPDIR", address("").parent_path().c_str(), 1);
        for (const char* value : {"", "relative", "/does/not/exist"}) {
            ::setenv("XDG_RUNTIME_DIR", value, 1);
            const fs::path folder = background_folder();
            QVERIFY2(folder == fs::path("/run/user/" + std::to_string(::geteuid())) / "pprocess" ||
                         folder == address("pprocess-" + std::to_string(::geteuid())),
                     folder.c_str());
        }
        ::unsetenv("TMPDIR");
        ::setenv("XDG_RUNTIME_DIR", run_folder().c_str(), 1);
    }

    void directory() {
        QVERIFY(background_processes().empty());
        const auto before = std::chrono::system_clock::now() - 1s;
        Gate gate;
        BackgroundCallable task(address(), MakeParallel([&] {
                                    gate.pass();
                                    return ::getpid();
                                }),
                                BackgroundOptions{.name = "Überblick \xff"});
        task();
        const auto all = background_processes();
        QCOMPARE(all.size(), std::size_t{1});
        QCOMPARE(all[0].name, std::string("Überblick \xff"));
        QCOMPARE(all[0].address, fs::canonical(address()));
        QCOMPARE(all[0].state, BackgroundState::working);
        QVERIFY(all[0].started > before && all[0].started < std::chrono::system_clock::now() + 1s);
        {
            Channel channel = connect_persistent(address());
            QCOMPARE(channel.pid(), all[0].pid);
            QVERIFY(wait_for_state(address(), BackgroundState::collector_attached));
        }
        QVERIFY(wait_for_state(address(), BackgroundState::working));
        gate.open();
        QVERIFY(wait_for_state(address(), BackgroundState::result_waiting));
        QCOMPARE(connect_persistent(address()).receive<int>(), all[0].pid);
        QVERIFY(wait_until_gone(address()));
        QVERIFY(background_processes().empty());
    }
};

QTEST_GUILESS_MAIN(TestBackgroundAddresses)
#include "tst_background_addresses.moc"
