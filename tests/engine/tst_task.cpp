// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include <signal.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

const std::filesystem::path shapes = PPROCESS_FIXTURES "/shapes_tasks.so";

struct Point {
    double x;
    double y;
};

int doubled(int value) {
    return 2 * value;
}

// A name that the library has as well.
double area(double side) {
    return side * side;
}

int never_registered(int value) {
    return value;
}

/// Whether the server's copy of this program is the program as it was before `main` went on.
int value_in_program = 1;
int value_in_copy() {
    return value_in_program;
}

std::mutex guarded;
int take_lock(int value) {
    const std::lock_guard lock(guarded);
    return value;
}

const TaskDescription* find(const std::vector<TaskDescription>& tasks, const std::string& name) {
    for (const TaskDescription& task : tasks)
        if (task.name == name)
            return &task;
    return nullptr;
}

QString error_of(ForkServer& server, const std::filesystem::path& library) {
    try {
        static_cast<void>(server.tasks(library));
    } catch (const RemoteError& error) {
        return QString("%1: %2").arg(error.type_name().c_str(), error.what());
    }
    return "no error";
}

} // namespace

PPROCESS_TASK(doubled, "twice a number", "value");
PPROCESS_TASK(area, "the area of a square", "side");
PPROCESS_TASK(value_in_copy, "what a variable holds") // with or without a semicolon
PPROCESS_TASK(take_lock, "takes a lock", "value");

class TestTask : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void descriptions() {
        ForkServer server;
        const std::vector<TaskDescription> tasks = server.tasks(shapes);
        QCOMPARE(tasks.size(), std::size_t{12});
        const TaskDescription& first = tasks.front();
        QCOMPARE(first.name, std::string("area"));
        QCOMPARE(first.description, std::string("the area of a rectangle"));
        QCOMPARE(first.result, std::string("double"));
        QCOMPARE(first.parameters.size(), std::size_t{2});
        QCOMPARE(first.parameters[1].name, std::string("height"));
        QCOMPARE(first.parameters[1].type, std::string("double"));

        QCOMPARE(find(tasks, "geo::area")->parameters[0].type, std::string("Point"));
        QCOMPARE(find(tasks, "joined")->parameters[0].type, std::string("std::vector<std::string>"));
        QCOMPARE(find(tasks, "joined")->parameters[1].type, std::string("std::string"));
        QCOMPARE(find(tasks, "nothing")->result, std::string("void"));
        QVERIFY(find(tasks, "nothing")->parameters.empty());
        QCOMPARE(find(tasks, "scaled<double, int>")->parameters.size(), std::size_t{2});
        QVERIFY(find(tasks, "negated<int>"));
        QCOMPARE(find(tasks, "count")->parameters.size(), std::size_t{2});
    }

    void results() {
        ForkServer server;
        QCOMPARE(server.start_task({shapes, "area"}, 3.0, 4.0).receive<double>(), 12.0);
        QCOMPARE(server.start_task({shapes, "geo::area"}, Point{1, 1}, Point{3, 4}).receive<double>(), 6.0);
        const std::vector<std::string> words{"a", "b"};
        QCOMPARE(server.start_task({shapes, "joined"}, words, "+").receive<std::string>(), std::string("a+b"));
        QCOMPARE(server.start_task({shapes, "scaled<double, int>"}, 1.5, 3).receive<double>(), 4.5);
        QCOMPARE(server.start_task({shapes, "negated<int>"}, 3).receive<int>(), -3);
        Channel nothing = server.start_task({shapes, "nothing"});
        nothing.receive<std::monostate>();
        QVERIFY(nothing.wait().success());
        QVERIFY(nothing.pid() > 0);

        Channel counting = server.start_task({shapes, "count"}, 3, 6);
        for (int n = 3; n < 6; ++n)
            QCOMPARE(counting.receive<int>(), n);
        EXPECT_THROWN(ChannelClosed, counting.receive<int>());
    }

    void libraryWithTheSharedEngine() {
        const std::filesystem::path shared = PPROCESS_FIXTURES "/shared_shapes_tasks.so";
        for (const bool of_this_program : {false, true}) {
            ForkServer server = of_this_program ? ForkServer::of_this_program() : ForkServer();
            QCOMPARE(server.tasks(shared).size(), std::size_t{12});
            QCOMPARE(server.start_task({shared, "area"}, 3.0, 4.0).receive<double>(), 12.0);
            QVERIFY(server.start_task({shared, "pid_of_grandchild"}, 0).receive<int>() > 0);
            EXPECT_THROWN(RemoteError, server.start_task({shared, "area"}, -1.0, 4.0).receive<double>());
        }
    }

    void neverLoadedInTheCallerNorInTheServer() {
        ForkServer server;
        Channel worker = server.start_task({shapes, "loaded_in"});
        const pid_t loader = std::stoi(worker.receive<std::string>());
        QVERIFY(loader != ::getpid());
        QVERIFY(loader != server.pid());
        for (const pid_t pid : {::getpid(), server.pid(), loader}) {
            QFile maps(QString("/proc/%1/maps").arg(pid));
            QVERIFY(maps.open(QIODevice::ReadOnly));
            QCOMPARE(maps.readAll().contains("shapes_tasks.so"), pid == loader);
        }
    }

    void errorsOfTasks() {
        ForkServer server;
        Channel thrown = server.start_task({shapes, "area"}, -1.0, 4.0);
        EXPECT_THROWN(RemoteError, thrown.receive<double>(),
                      QCOMPARE(error.type_name(), std::string("std::domain_error"));
                      QCOMPARE(std::string(error.what()), std::string("a width is not negative"));
                      QCOMPARE(error.pid(), thrown.pid()));
        QCOMPARE(thrown.wait().exit_code(), 1);

        Channel killed = server.start_task({shapes, "end_by"}, SIGKILL);
        EXPECT_THROWN(ProcessDied, killed.receive<int>(), QCOMPARE(error.status().signal(), SIGKILL);
                      QCOMPARE(error.pid(), killed.pid()));
        Channel left = server.start_task({shapes, "exit_with"}, 7);
        EXPECT_THROWN(ProcessDied, left.receive<int>(), QCOMPARE(error.status().exit_code(), 7));
    }

    void errorsOfCalls() {
        ForkServer server;
        EXPECT_THROWN(RemoteError, server.start_task({shapes, "volume"}, 1.0).receive<double>(),
                      QCOMPARE(error.type_name(), std::string("pprocess::TaskUnavailable"));
                      QVERIFY2(QString(error.what()).contains("no task called volume") &&
                                   QString(error.what()).contains("geo::area"),
                               error.what()));
        EXPECT_THROWN(RemoteError, server.start_task({shapes, "area"}, 1, 2).receive<double>(),
                      QCOMPARE(error.type_name(), std::string("pprocess::TypeMismatch"));
                      QVERIFY2(QString(error.what()).contains("area(double width, double height)"), error.what()));
        EXPECT_THROWN(RemoteError, server.start_task({shapes, "area"}, 1.0).receive<double>(),
                      QCOMPARE(error.type_name(), std::string("pprocess::TypeMismatch")));
        EXPECT_THROWN(RemoteError, server.start_task("area", 1.0).receive<double>(),
                      QVERIFY2(QString(error.what()).contains("pprocess-launcher"), error.what()));
    }

    void librariesThatCannotBeUsed_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QStringList>("words");
        QTest::newRow("no such file") << "missing_tasks.so" << QStringList{"missing_tasks.so", "no such file"};
        QTest::newRow("folder") << "." << QStringList{"it is a folder"};
        QTest::newRow("program") << "prints_lines" << QStringList{"no shared library", "-shared"};
        QTest::newRow("text") << "text.so" << QStringList{"no shared library", "-shared"};
        QTest::newRow("no tasks") << "no_tasks.so" << QStringList{"has no tasks", "PPROCESS_TASK"};
        QTest::newRow("another version") << "foreign_tasks.so" << QStringList{"47.11.0", "4711", "Build it again"};
        QTest::newRow("missing symbol") << "incomplete_tasks.so"
                                        << QStringList{"function_that_nobody_has_written", "Link"};
        QTest::newRow("duplicates") << "duplicate_tasks.so"
                                    << QStringList{"called answer", "duplicate_tasks.cpp:11", "duplicate_tasks.cpp:18"};
        QTest::newRow("threads") << "threads_tasks.so" << QStringList{"starts threads"};
        QTest::newRow("crash") << "crashing_tasks.so" << QStringList{"crashing_tasks.so", "loading", "signal 11"};
    }
    void librariesThatCannotBeUsed() {
        QFETCH(QString, file);
        QFETCH(QStringList, words);
        QTemporaryDir folder;
        const QString text = folder.filePath("text.so");
        QFile content(text);
        QVERIFY(content.open(QIODevice::WriteOnly) &&
                content.write("not ELF at all, but long enough to look at\n") > 0);
        content.close();
        const QString path = file == "text.so" ? text : QString(PPROCESS_FIXTURES "/") + file;

        ForkServer server;
        for (int again = 0; again < 2; ++again) {
            const QString error = error_of(server, path.toStdString());
            for (const QString& word : words)
                QVERIFY2(error.contains(word), qPrintable(error));
            QVERIFY2(error.startsWith("pprocess::TaskUnavailable: "), qPrintable(error));
        }
        EXPECT_THROWN(RemoteError, server.start_task({path.toStdString(), "answer"}).receive<int>(),
                      QCOMPARE(error.type_name(), std::string("pprocess::TaskUnavailable")));
        // Other libraries are none the worse for it.
        QCOMPARE(server.start_task({shapes, "area"}, 3.0, 4.0).receive<double>(), 12.0);
    }

    void lossOfTheLoadedLibrary() {
        ForkServer server;
        const pid_t loader = std::stoi(server.start_task({shapes, "loaded_in"}).receive<std::string>());
        Channel worker = server.start_task_worker({shapes, "area"}, true);
        worker.send(std::tuple(1.0, 2.0));
        QCOMPARE(worker.receive<double>(), 2.0);
        ::kill(loader, SIGKILL);
        QVERIFY(wait_for_end(worker.pid()));
        EXPECT_THROWN(ProcessDied, worker.receive<double>());
        const QString error = error_of(server, shapes);
        QVERIFY2(error.contains("signal 9") && error.contains("had loaded"), qPrintable(error));
    }

    void libraryBuiltAgain() {
        QTemporaryDir folder;
        const std::filesystem::path copy = folder.filePath("copy.so").toStdString();
        ForkServer server;
        QVERIFY(error_of(server, copy).contains("no such file"));
        std::filesystem::copy_file(shapes, copy);
        Channel worker = server.start_task_worker({copy, "area"}, true);
        worker.send(std::tuple(1.0, 2.0));
        QCOMPARE(worker.receive<double>(), 2.0);
        std::filesystem::remove(copy);
        std::filesystem::copy_file(PPROCESS_FIXTURES "/duplicate_tasks.so", copy);
        QVERIFY(error_of(server, copy).contains("called answer"));
        worker.send(std::tuple(2.0, 2.0));
        QCOMPARE(worker.receive<double>(), 4.0);
    }

    void reusedWorkers() {
        ForkServer server;
        Channel worker = server.start_task_worker({shapes, "area"}, true);
        for (int n = 0; n < 3; ++n) {
            worker.send(std::tuple(n * 1.0, 2.0));
            QCOMPARE(worker.receive<double>(), n * 2.0);
            worker.send(std::tuple(-1.0, 2.0));
            EXPECT_THROWN(RemoteError, worker.receive<double>());
            worker.send("no arguments at all");
            EXPECT_THROWN(RemoteError, worker.receive<double>(),
                          QCOMPARE(error.type_name(), std::string("pprocess::TypeMismatch")));
        }
        worker.send(std::optional<std::tuple<double, double>>());
        QVERIFY(worker.wait().success());

        Channel without = server.start_task_worker({shapes, "nothing"}, true);
        for (int n = 0; n < 3; ++n) {
            without.send(std::tuple<>());
            without.receive<std::monostate>();
        }
        without.send(std::optional<std::tuple<>>());
        QVERIFY(without.wait().success());
    }

    void processesOfATask() {
        ForkServer server;
        QVERIFY(server.start_task({shapes, "pid_of_grandchild"}, 0).receive<int>() > 0);
    }

    void functionObjects() {
        ForkServer server;
        const auto rectangle = server.task<double(double, double)>({shapes, "area"});
        QCOMPARE(rectangle(3, 4), 12.0); // integers become what the task takes
        QCOMPARE(rectangle.start(2, 2).receive<double>(), 4.0);
        server.task<void()>({shapes, "nothing"})();
        EXPECT_THROWN(RemoteError, rectangle(-1, 1));
    }

    void exchanges() {
        ForkServer server;
        const auto rectangle = server.task<double(double, double)>({shapes, "area"});
        std::vector<std::pair<int, int>> sides;
        for (int n = 0; n < 20; ++n)
            sides.emplace_back(n, 2);

        Queue<double> queue;
        queue.add(server.start_task({shapes, "area"}, 1.0, 1.0));
        queue.start(MakeParallel(rectangle), 2, 1);
        double sum = 0;
        for (const double value : queue)
            sum += value;
        QCOMPARE(sum, 3.0);

        for (const bool reuse : {false, true}) {
            Map<double> map = pmap(rectangle, sides, {.limit = 3, .reuse = reuse});
            std::set<pid_t> pids;
            for (const Outcome<double>& outcome : map.outcomes()) {
                QCOMPARE(outcome.value(), static_cast<double>(2 * outcome.index()));
                pids.insert(outcome.pid());
            }
            QVERIFY(!pids.contains(0));
            QVERIFY(reuse ? pids.size() <= 3 : pids.size() == sides.size());
            map.finish();
        }
    }

    void failuresInExchanges() {
        ForkServer server;
        const auto end_by = server.task<int(int)>({shapes, "end_by"});
        Map<int> map = pmap(end_by, {int{SIGKILL}, int{SIGUSR1}}, {.limit = 1, .reuse = true, .retries = 2});
        for (const Outcome<int>& outcome : map.outcomes()) {
            QVERIFY(!outcome.has_value());
            QCOMPARE(outcome.attempts(), 3U);
        }
        EXPECT_THROWN(ProcessDied, static_cast<void>(map[1]), QCOMPARE(error.status().signal(), SIGUSR1));

        // A task that no library has fails by itself, not the exchange.
        Map<int> missing = pmap(server.task<int(int)>({shapes, "missing"}), {1, 2}, {.limit = 1, .reuse = true});
        EXPECT_THROWN(RemoteError, static_cast<void>(missing[0]));
        EXPECT_THROWN(RemoteError, static_cast<void>(missing[1]));
    }

    void functionsOfThisProgram() {
        value_in_program = 2;
        ForkServer server = ForkServer::of_this_program();
        value_in_program = 3;
        Gate end;
        std::thread thread([&] { end.pass(); });
        {
            QCOMPARE(server.start_task("value_in_copy").receive<int>(), 2);
            QCOMPARE(server.task(doubled)(21), 42);
            QCOMPARE(server.start_task("area", 3.0).receive<double>(), 9.0);
            // A library beside it keeps its own tasks, though one has the same name.
            QCOMPARE(server.start_task({shapes, "area"}, 3.0, 4.0).receive<double>(), 12.0);
            QCOMPARE(server.tasks().size(), std::size_t{4});
            QCOMPARE(server.tasks(shapes).size(), std::size_t{12});
            EXPECT_THROWN(std::invalid_argument, static_cast<void>(server.task(never_registered)));
            EXPECT_THROWN(RemoteError, server.start_task("never_registered", 1).receive<int>(),
                          QVERIFY2(QString(error.what()).contains("doubled"), error.what()));
            Channel program = server.start_program_worker();
            program.send(ProgramTask{{"/bin/echo", "program"}});
            QCOMPARE(program.receive<ProgramResult>().output, std::string("program\n"));
            std::vector<int> numbers;
            for (const int number : pmap(server.task(doubled), {1, 2, 3}, {.limit = 2, .reuse = true}))
                numbers.push_back(number);
            QCOMPARE(numbers, (std::vector{2, 4, 6}));
        }
        end.open();
        thread.join();
    }

    void sampleLibrary() {
        const std::filesystem::path samples = PPROCESS_TASKS "/samples.so";
        if (!std::filesystem::exists(samples))
            QSKIP("the samples are not built here");
        QTemporaryDir folder;
        QFile file(folder.filePath("text"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("123456789") == 9);
        file.close();
        const std::filesystem::path path = file.fileName().toStdString();
        ForkServer server;
        QCOMPARE(server.tasks(samples).size(), std::size_t{3});
        QCOMPARE(server.start_task({samples, "crc32"}, path).receive<std::uint32_t>(), 0xCBF43926U);
        QCOMPARE(server.start_task({samples, "count_primes"}, 0, 100).receive<int>(), 25);
        using Counts = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;
        QCOMPARE(server.start_task({samples, "count_words"}, path).receive<Counts>(), Counts(0, 1, 9));
        EXPECT_THROWN(RemoteError, server.start_task({samples, "crc32"}, folder.path().toStdString()).receive<int>());
    }

    void lockHeldByAThread() {
        ForkServer server = ForkServer::of_this_program();
        Gate locked;
        Gate end;
        std::thread thread([&] {
            const std::lock_guard lock(guarded);
            locked.open();
            end.pass();
        });
        locked.pass();
        EXPECT_THROWN(SystemError, static_cast<void>(pmap(take_lock, {1, 2}).outcomes()),
                      QVERIFY2(QString(error.what()).contains("ForkServer"), error.what()));
        std::vector<int> numbers(100);
        int sum = 0;
        for (const int number : pmap(server.task(take_lock), std::vector<int>(100, 1), {.limit = 4}))
            sum += number;
        QCOMPARE(sum, 100);
        end.open();
        thread.join();
    }

    void noCopyOfAProcessWithThreads() {
        Gate end;
        std::thread thread([&] { end.pass(); });
        EXPECT_THROWN(SystemError, ForkServer::of_this_program());
        {
            const ForkDespiteThreads knowing_better;
            auto channel = start([](Channel& own) { own.send(1); });
            QCOMPARE(channel.receive<int>(), 1);
        }
        EXPECT_THROWN(SystemError, static_cast<void>(create()));
        end.open();
        thread.join();
    }
};

QTEST_GUILESS_MAIN(TestTask)
#include "tst_task.moc"
