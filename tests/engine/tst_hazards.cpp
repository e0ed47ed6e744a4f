// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
//
// What goes wrong where programs run processes, one function each: docs/robustness.md says what pprocess does about it.
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <pprocess/launch/fork_server.h>
#include <pprocess/launch/program.h>
#include <pprocess/pprocess.h>

#include "support/background_fixture.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

using Descriptors = std::map<int, std::string>;

/// What a process has open, by number.
Descriptors descriptors_of(const std::string& process) {
    Descriptors found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + process + "/fd")) {
        std::error_code error;
        const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
        if (!error && !target.ends_with("/fd")) // by which the folder is listed
            found[std::stoi(entry.path().filename())] = target;
    }
    return found;
}

/// The children of this process and the state of each, such as 'Z'.
std::map<pid_t, char> own_children() {
    std::map<pid_t, char> found;
    QFile list(QString("/proc/self/task/%1/children").arg(::getpid()));
    if (!list.open(QIODevice::ReadOnly))
        return found;
    for (const QByteArray& pid : list.readAll().split(' ')) {
        QFile file("/proc/" + QString::fromLatin1(pid) + "/stat");
        if (!pid.isEmpty() && file.open(QIODevice::ReadOnly))
            found[pid.toInt()] = file.readAll().split(')').last().trimmed().at(0);
    }
    return found;
}

/// A process that waits, with this very pid; -1 where the system lets nobody choose one.
pid_t process_with_pid(pid_t pid) {
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    arguments.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
    arguments.set_tid_size = 1;
    const long result = ::syscall(SYS_clone3, &arguments, sizeof arguments);
    if (result == 0)
        for (;;)
            ::pause();
    return static_cast<pid_t>(result);
}

/// Keeps integers, and what it saw of this process's children and of those that left.
class Observing : public Exchange {
public:
    using Exchange::Exchange;
    std::vector<int> values;
    int failures = 0;
    std::size_t most_children = 0;
    std::size_t most_zombies = 0;
    std::vector<ProcessStatus> ends;
    bool left_while_working = false;

protected:
    void store_data(Channel& channel) override {
        const auto now = own_children();
        most_children = std::max(most_children, now.size());
        const auto zombies = std::count_if(now.begin(), now.end(), [](const auto& item) { return item.second == 'Z'; });
        most_zombies = std::max(most_zombies, static_cast<std::size_t>(zombies));
        values.push_back(channel.receive<int>());
    }
    void store_error(Channel&, std::exception_ptr) override { ++failures; }
    void process_left(const ProcessView& process) override {
        ends.push_back(process.channel->process().status().value_or(ProcessStatus::unknown()));
        left_while_working = left_while_working || process.working;
    }
};

/// Numbers that depend on a task's seed alone.
std::vector<std::uint64_t> draw(std::size_t index) {
    std::mt19937_64 random(task_seed(2024, index));
    return {random(), random(), random(), random()};
}

template <typename T>
std::vector<T> all(Map<T>& map) {
    return std::vector<T>(map.begin(), map.end());
}

std::vector<std::size_t> up_to(std::size_t count) {
    std::vector<std::size_t> numbers(count);
    for (std::size_t n = 0; n < count; ++n)
        numbers[n] = n;
    return numbers;
}

void write(const QString& path, const QByteArray& text) {
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

} // namespace

class TestHazards : public QObject, BackgroundFixture {
    Q_OBJECT

private slots:
    void init() { set_up(); }
    void cleanup() { tear_down(); }

    /// Hazard 3: the first and the fiftieth worker of an exchange have what the application has, and their own channel.
    void workersInheritNoChannels() {
        constexpr std::size_t count = 50;
        Gate gate;
        const Descriptors expected = descriptors_of("self");
        Map<std::pair<int, Descriptors>> map;
        for (std::size_t n = 0; n < count; ++n) {
            map.start([&](Channel& own) {
                own.send(std::pair(own.fileno(), descriptors_of("self")));
                gate.pass(); // all are there at once
            });
        }
        for (std::size_t n = 0; n < count; ++n) {
            auto [own, found] = map[n];
            QVERIFY(found[own].starts_with("socket:"));
            found.erase(own);
            QCOMPARE(found, expected);
        }
        gate.open(count);
        map.finish();
    }

    /// Hazard 3: the same of a fork server's, of which each has three streams, its own channel, and what it has opened
    /// itself for its programs: their input, and a descriptor for SIGTERM.
    void workersOfAForkServerInheritNoChannels() {
        ForkServer server;
        std::vector<Channel> workers;
        for (int n = 0; n < 50; ++n) {
            workers.push_back(server.start_program_worker());
            workers.back().send(ProgramTask{{"/bin/true"}, {}, 1024});
            QVERIFY(workers.back().receive<ProgramResult>().success());
        }
        for (const std::size_t n : {std::size_t{0}, std::size_t{49}}) {
            Descriptors found = descriptors_of(std::to_string(workers[n].pid()));
            QCOMPARE(found[0], std::string("/dev/null"));
            for (const int stream : {0, 1, 2})
                found.erase(stream);
            QCOMPARE(std::erase_if(found, [](const auto& one) { return one.second == "/dev/null"; }), std::size_t{1});
            QCOMPARE(std::erase_if(found, [](const auto& one) { return one.second == "anon_inode:[signalfd]"; }),
                     std::size_t{1});
            QCOMPARE(found.size(), std::size_t{1});
            QVERIFY(found.begin()->second.starts_with("socket:"));
        }
    }

    /// Hazard 4: a thousand processes, each reaped when it ends; a child of the application's own is left to it.
    void noZombies() {
        const pid_t of_the_host = ::fork();
        if (of_the_host == 0)
            ::_exit(7);
        QVERIFY(wait_for_end(of_the_host));
        constexpr std::size_t limit = 8;
        Observing exchange({.limit = limit});
        for (int n = 0; n < 1000; ++n)
            exchange.start([](Channel& own, int number) { own.send(number); }, n);
        while (exchange.unfinished())
            exchange.store();
        QCOMPARE(exchange.values.size(), std::size_t{1000});
        QVERIFY2(exchange.most_zombies <= limit + 1, qPrintable(QString::number(exchange.most_zombies)));
        QCOMPARE(own_children(), (std::map<pid_t, char>{{of_the_host, 'Z'}}));
        for (int n = 0; n < 20; ++n)
            start([](Channel&) {}).wait();
        QCOMPARE(own_children().size(), std::size_t{1});
        int status = 0;
        QCOMPARE(os::retry([&] { return ::waitpid(of_the_host, &status, 0); }), of_the_host);
        QCOMPARE(WEXITSTATUS(status), 7);
    }

    /// An application may ignore the ends of children, or reap whatever ends: results arrive all the same.
    void hostThatReapsEverything_data() {
        QTest::addColumn<bool>("ignores");
        QTest::newRow("ignores SIGCHLD") << true;
        QTest::newRow("reaps in a handler") << false;
    }
    void hostThatReapsEverything() {
        QFETCH(bool, ignores);
        QCOMPARE(in_child([&] {
                     ::signal(
                         SIGCHLD, ignores ? SIG_IGN : [](int) {
                             const int error = errno;
                             while (::waitpid(-1, nullptr, WNOHANG) > 0) {
                             }
                             errno = error;
                         });
                     auto map = pmap([](std::size_t n) { return n; }, up_to(100), {.limit = 4});
                     if (all(map) != up_to(100))
                         return false;
                     Channel channel = start([](Channel& own) { own.send(5); });
                     return channel.receive<int>() == 5 && wait_for_end(channel.pid()) &&
                            (channel.wait().is_unknown() || channel.wait().success());
                 }),
                 0);
    }

    /// Hazard 21: a pid that is another process's by now is not signalled, whoever reaped the first.
    void signalsAfterReapingHitNothing_data() {
        QTest::addColumn<bool>("by_host");
        QTest::newRow("reaped by the library") << false;
        QTest::newRow("reaped by the application") << true;
    }
    void signalsAfterReapingHitNothing() {
        QFETCH(bool, by_host);
        Gate gate;
        const auto ends_when_told = [&](Channel&) { gate.pass(); };
        Queue<int> queue;
        queue.start(ends_when_told);
        std::optional<Channel> channel(start(ends_when_told));
        const pid_t pid = channel->pid();
        const pid_t of_queue = queue.active().front()->pid();
        gate.open(2);
        for (const pid_t each : {pid, of_queue}) {
            QVERIFY(wait_for_end(each));
            if (by_host)
                QCOMPARE(os::retry([&] { return ::waitpid(each, nullptr, 0); }), each);
        }
        if (!by_host) {
            channel->wait();
            EXPECT_THROWN(ProcessDied, queue.next());
        }
        std::vector<pid_t> strangers;
        for (const pid_t each : {pid, of_queue})
            if (const pid_t stranger = process_with_pid(each); stranger > 0)
                strangers.push_back(stranger);

        QVERIFY(!channel->process().send_signal(SIGKILL));
        channel->process().terminate();
        channel.reset();
        queue.cancel();

        for (const pid_t stranger : strangers) {
            QCOMPARE(::waitpid(stranger, nullptr, WNOHANG), 0);
            ::kill(stranger, SIGKILL);
            os::retry([&] { return ::waitpid(stranger, nullptr, 0); });
        }
        if (strangers.empty())
            qInfo("the system lets nobody choose a pid: without strangers");
    }

    /// Hazard 22: what was read ahead from a file is not read once more when a created process ends.
    void inputIsReadOnce() {
        QTemporaryFile file;
        QVERIFY(file.open());
        for (int n = 0; n < 5; ++n)
            file.write("line\n");
        file.flush();
        std::FILE* input = std::fopen(file.fileName().toLocal8Bit().constData(), "r");
        char line[16];
        int lines = 0;
        while (std::fgets(line, sizeof line, input)) {
            ++lines;
            QVERIFY(start([](Channel&) {}).wait().success());
            QVERIFY(start([](Channel& own) {
                        if (::getpid() > 0)
                            pprocess::exit(own, 0);
                    })
                        .wait()
                        .success());
            QVERIFY(lines <= 5);
        }
        std::fclose(input);
        QCOMPARE(lines, 5);
    }

    /// Where standard streams are closed no channel takes their numbers, so that what is printed spoils no message.
    void printedIntoClosedStreams() {
        QCOMPARE(in_child([&] {
                     for (const int stream : {0, 1, 2})
                         ::close(stream);
                     const auto prints = [](int n) {
                         std::printf("this is not a message\n");
                         std::fflush(stdout);
                         return ::write(1, "nor is this\n", 12) + ::write(2, "or this\n", 8) + n;
                     };
                     Channel channel = start([&](Channel& own) {
                         static_cast<void>(prints(0));
                         // Processes of its own inherit the same.
                         auto map = pmap(prints, {10, 20, 30}, {.limit = 2});
                         own.send(all(map));
                     });
                     const std::vector<ssize_t> expected{8, 18, 28}; // both writes fail
                     if (channel.fileno() <= 2 || channel.receive<std::vector<ssize_t>>() != expected)
                         return false;
                     ForkServer server;
                     Channel worker = server.start_program_worker();
                     worker.send(ProgramTask{{"/bin/echo", "output"}, {}, 1024});
                     return worker.receive<ProgramResult>().output == "output\n" &&
                            descriptors_of("self").count(1) == 0;
                 }),
                 0);
    }

    /// Hazard 24: random numbers are a matter of the task, not of the process it runs in or of how many run at once.
    void randomNumbersOfTasks() {
        auto once = pmap(draw, up_to(40), {.limit = 1});
        const auto expected = all(once);
        for (const std::size_t limit : {std::size_t{1}, std::size_t{4}, std::size_t{16}}) {
            for (const bool reuse : {false, true}) {
                auto map = pmap(draw, up_to(40), {.limit = limit, .reuse = reuse});
                QCOMPARE(all(map), expected);
            }
        }
        std::set<std::uint64_t> numbers;
        for (const auto& stream : expected)
            numbers.insert(stream.begin(), stream.end());
        QCOMPARE(numbers.size(), std::size_t{160}); // no number twice
    }

    void seedsOfTasks() {
        static_assert(task_seed(0, 0) != task_seed(0, 1) && task_seed(0, 0) != task_seed(1, 0));
        // What it gives is a promise.
        QCOMPARE(task_seed(0, 0), std::uint64_t{0xa706dd2f4d197e6f});
        QCOMPARE(task_seed(42, 7), std::uint64_t{0xbc16a3d4cc48678e});
        QCOMPARE(task_seed(UINT64_MAX, UINT64_MAX), std::uint64_t{0x445018e305810b78});
        std::set<std::uint64_t> seeds;
        int bits_that_differ = 0;
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            for (std::uint64_t index = 0; index < 1000; ++index) {
                seeds.insert(task_seed(seed, index));
                bits_that_differ += std::popcount(task_seed(seed, index) ^ task_seed(seed, index + 1));
            }
        }
        QCOMPARE(seeds.size(), std::size_t{100'000});
        QVERIFY(std::abs(bits_that_differ / 100'000.0 - 32) < 0.1);
    }

    /// `create` waits for a free slot before it forks: there is never a process too many.
    void createWaitsBeforeItForks() {
        Observing exchange({.limit = 2});
        for (int n = 0; n < 10; ++n) {
            if (auto channel = exchange.create()) {
                channel->send(n);
                pprocess::exit(*channel);
            }
        }
        exchange.finish();
        QCOMPARE(exchange.values.size(), std::size_t{10});
        QCOMPARE(exchange.most_children, std::size_t{2});
    }

    /// Without a limit, a map runs as many processes as this one has processors, and not one for each item.
    void processorsInsteadOfItems() {
        QCOMPARE(in_child([&] {
                     cpu_set_t allowed{};
                     ::sched_getaffinity(0, sizeof allowed, &allowed);
                     cpu_set_t one{};
                     for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
                         if (CPU_ISSET(cpu, &allowed))
                             CPU_SET(cpu, &one);
                     if (available_cores() > static_cast<std::size_t>(CPU_COUNT(&allowed)) ||
                         ::sched_setaffinity(0, sizeof one, &one) != 0 || available_cores() != 1)
                         return false;
                     auto map = pmap([](std::size_t n) { return n; }, up_to(20));
                     return map.active().size() == 1 && own_children().size() == 1 && all(map) == up_to(20);
                 }),
                 0);
    }

    void quotaOfControlGroups_data() {
        QTest::addColumn<QString>("membership");
        QTest::addColumn<QStringList>("files"); // path and content in turn
        QTest::addColumn<double>("expected");
        QTest::newRow("none") << "0::/job\n" << QStringList{} << double(INFINITY);
        QTest::newRow("no quota") << "0::/job\n" << QStringList{"job/cpu.max", "max 100000\n"} << double(INFINITY);
        QTest::newRow("one and a half") << "0::/job\n" << QStringList{"job/cpu.max", "150000 100000\n"} << 1.5;
        QTest::newRow("of a group above") << "0::/a/b/c\n"
                                          << QStringList{"a/b/c/cpu.max",   "400000 100000\n", "a/cpu.max",
                                                         "200000 100000\n", "cpu.max",         "max 100000\n"}
                                          << 2.0;
        QTest::newRow("of the root, as in a container") << "0::/\n" << QStringList{"cpu.max", "50000 100000\n"} << 0.5;
        QTest::newRow("group seen from outside") << "0::/../outside\n"
                                                 << QStringList{"cpu.max", "300000 100000\n"} << 3.0;
        QTest::newRow("version 1") << "5:memory:/m\n4:cpu,cpuacct:/job\n"
                                   << QStringList{"cpu,cpuacct/job/cpu.cfs_quota_us", "250000\n",
                                                  "cpu,cpuacct/job/cpu.cfs_period_us", "100000\n"}
                                   << 2.5;
        QTest::newRow("version 1, no quota")
            << "4:cpu:/job\n0::/job\n"
            << QStringList{"cpu/job/cpu.cfs_quota_us", "-1\n", "cpu/job/cpu.cfs_period_us", "100000\n"}
            << double(INFINITY);
        QTest::newRow("version 1, group that is not there")
            << "4:cpu:/host/container\n"
            << QStringList{"cpu/cpu.cfs_quota_us", "100000\n", "cpu/cpu.cfs_period_us", "50000\n"} << 2.0;
        QTest::newRow("cpuacct is not cpu")
            << "4:cpuacct:/job\n"
            << QStringList{"cpuacct/job/cpu.cfs_quota_us", "100000\n", "cpuacct/job/cpu.cfs_period_us", "100000\n"}
            << double(INFINITY);
        QTest::newRow("damaged") << "nonsense\n0::\n" << QStringList{"cpu.max", "much 0\n"} << double(INFINITY);
    }
    void quotaOfControlGroups() {
        QFETCH(QString, membership);
        QFETCH(QStringList, files);
        QFETCH(double, expected);
        QTemporaryDir folder;
        write(folder.filePath("membership"), membership.toLatin1());
        for (int n = 0; n + 1 < files.size(); n += 2)
            write(folder.filePath("mounts/" + files[n]), files[n + 1].toLatin1());
        QCOMPARE(
            os::cores_by_quota(folder.filePath("membership").toStdString(), folder.filePath("mounts").toStdString()),
            expected);
    }

    /// Hardware threads of one core count once.
    void physicalCores() {
        std::set<QByteArray> cores;
        const QDir folder("/sys/devices/system/cpu");
        for (const QString& cpu : folder.entryList({"cpu*"})) {
            QFile file(folder.filePath(cpu + "/topology/thread_siblings_list"));
            if (file.open(QIODevice::ReadOnly))
                cores.insert(file.readAll());
        }
        if (cores.empty())
            QSKIP("the system does not tell which hardware threads share a core");
        QCOMPARE(physical_cores(), cores.size());
    }

    /// A process that is replaced because it has done its share ends like any other: nothing fails, nothing is retried.
    void plannedReplacementIsNoFailure() {
        Observing exchange({.limit = 3, .reuse = true, .max_tasks_per_process = 2});
        for (int n = 0; n < 60; ++n)
            exchange.start(MakeReusable([](int number) { return number; }), n);
        exchange.finish();
        QCOMPARE(exchange.values.size(), std::size_t{60});
        QCOMPARE(exchange.failures, 0);
        QVERIFY(exchange.ends.size() >= 30);
        for (const ProcessStatus& end : exchange.ends)
            QCOMPARE(end, ProcessStatus::from_exit(0));
        QVERIFY(!exchange.left_while_working);

        Queue<int> queue({.limit = 2, .reuse = true, .retries = 3, .max_tasks_per_process = 1});
        for (int n = 0; n < 20; ++n)
            queue.start(MakeReusable([](int number) { return number; }), n);
        for (const auto& outcome : queue.outcomes()) {
            QVERIFY(outcome.has_value());
            QCOMPARE(outcome.attempts(), 1u);
        }
    }

    /// A signal that ends a created process is a death, and what a function returns is a value, whatever its name.
    void errorsAreNotData() {
        struct Exception {
            std::string text;
        };
        static_assert(!message::Transferable<std::runtime_error>);
        Queue<Exception> queue({.limit = 1});
        queue.start(MakeParallel([] { return Exception{"returned, not thrown"}; }));
        for (const int signal : {SIGINT, SIGTERM})
            queue.start([signal](Channel&) { ::raise(signal); });
        QCOMPARE(queue.next()->text, std::string("returned, not thrown"));
        for (const int signal : {SIGINT, SIGTERM})
            EXPECT_THROWN(ProcessDied, queue.next(), QCOMPARE(error.status().signal(), signal));
        QVERIFY(!queue.next());
    }

    /// A background process can be connected to as soon as it was started, every time.
    void connectedAtOnce() {
        for (int n = 0; n < 40; ++n) {
            BackgroundCallable task(address(), MakeParallel([](int number) { return number; }));
            task(n);
            QCOMPARE(connect_persistent(address()).receive<int>(), n);
        }
        QVERIFY(wait_until_gone(address()));
    }
};

QTEST_GUILESS_MAIN(TestHazards)
#include "tst_hazards.moc"
