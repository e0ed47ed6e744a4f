// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <pprocess/job/memory_kills.h>
#include <pprocess/job/runner.h>
#include <pprocess/os/error.h>
#include <pprocess/os/fd.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;
using namespace pprocess::job;
using namespace std::chrono_literals;

namespace {

Job job_of(const std::string& command, std::size_t limit, bool reuse = true, Pattern pattern = Pattern::map) {
    Job job;
    job.command = command;
    job.limit = limit;
    job.reuse = reuse;
    job.pattern = pattern;
    return job;
}

std::vector<std::string> numbered(int count) {
    std::vector<std::string> items;
    for (int n = 0; n < count; ++n)
        items.push_back(std::to_string(n));
    return items;
}

/// A runner with what it told.
struct Run {
    Run(ForkServer& server, Job job, std::vector<std::string> items)
        : runner(server, std::move(job), std::move(items), [this](ItemResult result) {
              ++told[result.index];
              order.push_back(result.index);
              results[result.index] = std::move(result);
          }) {}

    /// Drives the runner as an event loop does, until `stop` says so or all is done.
    template <typename Stop>
    void drive(Stop&& stop) {
        while (!runner.finished() && !stop()) {
            QVERIFY2(is_readable(runner.fileno(), 60'000), "nothing happens any more");
            runner.step();
            const Progress progress = runner.progress();
            QCOMPARE(progress.waiting + progress.running + progress.ended(), progress.total);
            for (const WorkerSnapshot& worker : runner.workers())
                workers[worker.id] = worker;
        }
    }
    void drive() {
        drive([] { return false; });
    }
    [[nodiscard]] bool each_was_told_once(std::size_t count) const {
        return told.size() == count &&
               std::all_of(told.begin(), told.end(), [](const auto& one) { return one.second == 1; });
    }
    [[nodiscard]] std::size_t count(job::Outcome outcome) const {
        return static_cast<std::size_t>(std::count_if(results.begin(), results.end(),
                                                      [&](const auto& one) { return one.second.outcome == outcome; }));
    }

    std::map<std::size_t, int> told;
    std::vector<std::size_t> order;
    std::map<std::size_t, ItemResult> results;
    std::map<std::uint64_t, WorkerSnapshot> workers;
    Runner runner;
};

} // namespace

Q_DECLARE_METATYPE(std::optional<std::size_t>)
Q_DECLARE_METATYPE(pprocess::job::Pattern)

class TestRunner : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }

    void killsForWantOfMemoryAreCounted_data() {
        QTest::addColumn<QByteArray>("membership");
        QTest::addColumn<QString>("counter");
        QTest::newRow("version 2") << QByteArray("0::/user/job\n") << "user/job/memory.events";
        QTest::newRow("version 2 in a container") << QByteArray("0::/user/job\n") << "memory.events";
        QTest::newRow("version 1") << QByteArray("9:name=systemd:/\n4:memory:/job\n0::/\n")
                                   << "memory/job/memory.oom_control";
        QTest::newRow("beside version 1") << QByteArray("4:cpu:/\n0::/job\n") << "unified/job/memory.events";
    }
    void killsForWantOfMemoryAreCounted() {
        QFETCH(QByteArray, membership);
        QFETCH(QString, counter);
        QTemporaryDir folder;
        QVERIFY(QDir().mkpath(QFileInfo(folder.filePath(counter)).path()));
        const auto write = [&](const QString& name, const QByteArray& text) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(text);
        };
        write("membership", membership);
        write(counter, "oom 9\noom_kill_disable 0\noom_kill 2\n");
        MemoryKills kills(folder.filePath("membership").toStdString(), folder.path().toStdString());
        QVERIFY(!kills.take_one());
        write(counter, "oom 9\noom_kill_disable 0\noom_kill 4\n");
        QVERIFY(kills.take_one());
        QVERIFY(kills.take_one());
        QVERIFY(!kills.take_one());
        MemoryKills none("/no/such/file", "/no/such/folder");
        QVERIFY(!none.take_one());
    }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void manyItems_data() {
        QTest::addColumn<bool>("reuse");
        QTest::addColumn<bool>("map");
        QTest::newRow("reuse, in order") << true << true;
        QTest::newRow("reuse, as they come") << true << false;
        QTest::newRow("one worker each, in order") << false << true;
        QTest::newRow("one worker each, as they come") << false << false;
    }
    void manyItems() {
        QFETCH(bool, reuse);
        QFETCH(bool, map);
        constexpr int count = 500;
        Gate end;
        std::thread thread([&] { end.pass(); }); // as a program with a window has them
        {
            ForkServer server;
            Run run(server, job_of("echo {}", 4, reuse, map ? Pattern::map : Pattern::queue), numbered(count));
            run.runner.start();
            run.drive();
            QVERIFY(run.each_was_told_once(count));
            QCOMPARE(run.count(job::Outcome::succeeded), std::size_t{count});
            for (const auto& [index, result] : run.results)
                QCOMPARE(result.program.output, std::to_string(index) + "\n");
            if (map)
                QVERIFY(std::is_sorted(run.order.begin(), run.order.end()));
            QCOMPARE(run.workers.size(), reuse ? std::size_t{4} : std::size_t{count});
        }
        end.open();
        thread.join();
    }

    void linesComeAsTheyAreWritten();
    void linesOfAnItemThatEndsBadly();
    void stoppedWhileLinesCome();
    void continuousPipeline();
    void workersThatSayMoreThanTheyShould_data();
    void workersThatSayMoreThanTheyShould();
    void itemsInHand_data();
    void itemsInHand();
    void killedWithItemsInHand();

    void stopWithoutFreeDescriptors();

    void oddBytes() {
        const std::vector<std::string> items{"with space", "quote ' and \"", "new\nline",  "\xff\xfe not UTF-8",
                                             "-n",         "$HOME `id`",     "back\\slash"};
        ForkServer server;
        Run run(server, job_of("printf %s {}", 2), items);
        run.runner.start();
        run.drive();
        for (std::size_t n = 0; n < items.size(); ++n)
            QCOMPARE(run.results[n].program.output, items[n]);
    }

    void failingItems() {
        ForkServer server;
        Run run(server, job_of("/bin/sh -c \"exit $0\" {}", 2), {"0", "1", "77"});
        run.runner.start();
        run.drive();
        QCOMPARE(run.results[0].outcome, job::Outcome::succeeded);
        QCOMPARE(run.results[1].outcome, job::Outcome::failed);
        QCOMPARE(run.results[2].program.exit_code, 77);
        Run missing(server, job_of("/nowhere/program {}", 2), {"a"});
        missing.runner.start();
        missing.drive();
        QCOMPARE(missing.results[0].outcome, job::Outcome::not_started);
    }

    void killedWorkers() {
        // The items named "wait" stand still until their worker is killed.
        for (const bool reuse : {true, false}) {
            QTemporaryDir folder;
            const QByteArray fifo = folder.filePath("fifo").toLocal8Bit();
            QCOMPARE(::mkfifo(fifo.constData(), 0600), 0);
            const int running = ::open(fifo.constData(), O_RDWR | O_CLOEXEC);
            ForkServer server;
            std::vector<std::string> items = numbered(40);
            items[5] = items[20] = "wait";
            const std::string script =
                "if [ $0 = wait ]; then echo x > " + fifo.toStdString() + "; exec sleep 1000; fi; echo $0";
            Run run(server, job_of("/bin/sh -c '" + script + "' {}", 3, reuse), items);
            run.runner.start();
            for (const std::size_t item : {std::size_t{5}, std::size_t{20}}) {
                run.drive([&] { return is_readable(running); });
                char line[2];
                QCOMPARE(::read(running, line, 2), ssize_t{2});
                for (const WorkerSnapshot& worker : run.runner.workers())
                    if (worker.state == WorkerSnapshot::State::running && worker.item == item)
                        QVERIFY(run.runner.signal_worker(worker.id, SIGKILL));
                run.drive([&] { return run.runner.progress().failed == (item == 5 ? 1u : 2u); });
            }
            run.drive();
            ::close(running);
            QVERIFY(run.each_was_told_once(40));
            for (const auto& [index, result] : run.results) {
                if (index == 5 || index == 20) {
                    QCOMPARE(result.outcome, job::Outcome::killed);
                    QCOMPARE(result.detail, std::string("killed by signal 9"));
                } else {
                    QCOMPARE(result.outcome, job::Outcome::succeeded);
                }
            }
        }
    }

    void stopInTheMidst() {
        ForkServer server;
        Run run(server, job_of("sleep 1000", 3), numbered(50));
        run.runner.start();
        run.drive([&] { return run.runner.progress().running == 3 && run.workers.size() == 3; });
        run.runner.stop();
        run.drive();
        QVERIFY(run.runner.finished());
        QCOMPARE(run.count(job::Outcome::cancelled), std::size_t{50});
        QVERIFY(run.each_was_told_once(50));
    }

    void stopOfVeryManyTakesManySteps() {
        constexpr std::size_t many = 100'000;
        ForkServer server;
        Run run(server, job_of("sleep 1000", 2), numbered(many));
        run.runner.start();
        run.runner.stop();
        QVERIFY(run.runner.progress().cancelled < 1000);
        run.runner.step(std::chrono::milliseconds(0));
        QVERIFY(run.runner.progress().cancelled < 1000);
        run.drive();
        QVERIFY(run.runner.finished());
        QVERIFY(run.each_was_told_once(many));
    }

    void stopBeforeAnything() {
        ForkServer server;
        Run run(server, job_of("true", 3), numbered(5));
        run.runner.stop();
        run.drive();
        QVERIFY(run.each_was_told_once(5));
        QVERIFY(run.runner.finished());
    }

    void killedServer() {
        for (const bool reuse : {true, false}) {
            ForkServer server;
            Run run(server, job_of("true", 2, reuse), numbered(300));
            run.runner.start();
            QString text;
            try {
                bool was_killed = false;
                run.drive([&] {
                    if (!was_killed && run.runner.progress().succeeded >= 10) {
                        ::kill(server.pid(), SIGKILL);
                        was_killed = true;
                    }
                    return false;
                });
            } catch (const SystemError& error) {
                text = error.what();
            }
            QVERIFY2(text.contains("pprocess-launcher has ended"), qPrintable(text));
            run.drive();
            QVERIFY(run.runner.finished());
            QVERIFY(run.each_was_told_once(300));
            QVERIFY(run.count(job::Outcome::succeeded) >= 10);
            QVERIFY(run.count(job::Outcome::cancelled) > 0);
        }
    }

    void serverThatIsGoneAtTheStart() {
        ForkServer server;
        ::kill(server.pid(), SIGKILL);
        QVERIFY(wait_for_end(server.pid()));
        Run run(server, job_of("true", 2), numbered(5));
        EXPECT_THROWN(SystemError, run.runner.start());
        run.runner.stop();
        run.drive();
        QVERIFY(run.each_was_told_once(5));
        QVERIFY(run.runner.finished());
    }

    void destroyedInTheMidst() {
        ForkServer server;
        Run run(server, job_of("sleep 1000", 3), numbered(5));
        run.runner.start();
        run.drive([&] { return run.runner.progress().running == 3; });
    }
};

/// Each line is told while its command waits to be let on: the second item cannot end before the first has been heard.
void TestRunner::linesComeAsTheyAreWritten() {
    QTemporaryDir folder;
    const std::string go = folder.filePath("go").toStdString();
    QCOMPARE(::mkfifo(go.c_str(), 0600), 0);
    ForkServer server;
    Job job = job_of("/bin/sh -c \"echo one of $0; read x < " + go + "; echo two of $0; printf rest\" {}", 1, true,
                     Pattern::continuous);
    Run run(server, job, {"a"});
    std::vector<std::string> heard;
    run.runner.listen([&](const ItemOutput& output) {
        QCOMPARE(output.index, std::size_t{0});
        QCOMPARE(output.input, std::string("a"));
        QVERIFY(run.results.empty());
        heard.push_back(output.lines);
    });
    run.runner.start();
    run.drive([&] { return !heard.empty(); });
    QCOMPARE(heard, std::vector<std::string>{"one of a\n"});
    std::ofstream(go) << "on\n";
    run.drive();
    QCOMPARE(heard, (std::vector<std::string>{"one of a\n", "two of a\n"}));
    QCOMPARE(run.results[0].outcome, job::Outcome::succeeded);
    QCOMPARE(run.results[0].program.output, std::string("one of a\ntwo of a\nrest"));
    QVERIFY(!run.results[0].program.was_cut());
}

/// What had been written is not lost with the process that wrote it.
void TestRunner::linesOfAnItemThatEndsBadly() {
    ForkServer server;
    Job job = job_of("/bin/sh -c \"echo $0 begins; case $0 in fails) exit 3;; hangs) sleep 60;; esac; echo ends\" {}",
                     4, true, Pattern::continuous);
    job.timeout = 3s; // long enough for those that do not hang
    Run run(server, job, {"fails", "hangs", "works"});
    run.runner.start();
    run.drive();
    QVERIFY(run.each_was_told_once(3));
    QCOMPARE(run.results[0].detail, std::string("exit status 3"));
    QCOMPARE(run.results[0].program.output, std::string("fails begins\n"));
    QCOMPARE(run.results[1].outcome, job::Outcome::timed_out);
    QCOMPARE(run.results[1].program.output, std::string("hangs begins\n"));
    QCOMPARE(run.results[2].program.output, std::string("works begins\nends\n"));
}

void TestRunner::stoppedWhileLinesCome() {
    ForkServer server;
    Run run(server, job_of("/bin/sh -c \"while :; do echo $0; done\" {}", 3, true, Pattern::continuous), numbered(20));
    std::size_t heard = 0;
    run.runner.listen([&](const ItemOutput&) { ++heard; });
    run.runner.start();
    run.drive([&] { return heard > 50; });
    run.runner.stop();
    run.drive();
    QVERIFY(run.each_was_told_once(20));
    QCOMPARE(run.count(job::Outcome::cancelled), std::size_t{20});
}

/// Only what the last step writes is told; each step has a process of its own.
void TestRunner::continuousPipeline() {
    ForkServer server;
    Job job = job_of("echo {}", 3, true, Pattern::continuous);
    job.then = {Command{"sed s/^/got-/", false}, Command{"cat; echo last", true}};
    Run run(server, job, numbered(30));
    std::map<std::size_t, std::string> heard;
    run.runner.listen([&](const ItemOutput& output) { heard[output.index] += output.lines; });
    run.runner.start();
    run.drive();
    QVERIFY(run.each_was_told_once(30));
    for (std::size_t n = 0; n < 30; ++n) {
        QCOMPARE(run.results[n].program.output, "got-" + std::to_string(n) + "\nlast\n");
        QCOMPARE(heard[n], run.results[n].program.output);
    }
}

void TestRunner::workersThatSayMoreThanTheyShould_data() {
    QTest::addColumn<Pattern>("pattern");
    QTest::addColumn<bool>("reuse");
    QTest::addColumn<QString>("words");
    QTest::addColumn<QString>("outcome");
    QTest::newRow("a second end, continuous") << Pattern::continuous << false << "end"
                                              << "succeeded";
    QTest::newRow("many ends, continuous") << Pattern::continuous << false << "end end end end"
                                           << "succeeded";
    QTest::newRow("lines after the end, continuous") << Pattern::continuous << false << "line end line"
                                                     << "succeeded";
    QTest::newRow("a second end") << Pattern::queue << false << "end end"
                                  << "succeeded";
    QTest::newRow("a second end, kept") << Pattern::map << true << "end end end"
                                        << "succeeded";
    QTest::newRow("lines that nobody asked for") << Pattern::map << false << "line"
                                                 << "worker_lost";
    QTest::newRow("lines that nobody asked for, kept") << Pattern::exchange << true << "line"
                                                       << "worker_lost";
}
/// The first that can be the item's result is; whatever comes after it costs the process that sent it, and nothing
/// else.
void TestRunner::workersThatSayMoreThanTheyShould() {
    QFETCH(Pattern, pattern);
    QFETCH(bool, reuse);
    QFETCH(QString, words);
    QFETCH(QString, outcome);
    ForkServer server;
    const std::string command = std::string(PPROCESS_FIXTURES "/speaks_for_worker ") + words.toStdString();
    Run run(server, job_of("/bin/sh -c \"test $0 = honest || exec " + command + "\" {}", 1, reuse, pattern),
            {"hostile", "honest"});
    run.runner.start();
    run.drive();
    QVERIFY(run.each_was_told_once(2));
    if (run.results[0].program.exit_code == 77)
        QSKIP("a process may not take another's descriptor here");
    QCOMPARE(job::to_string(run.results[0].outcome), outcome);
    if (outcome == "worker_lost")
        QVERIFY2(run.results[0].detail.find("a line of output that it was not asked for") != std::string::npos,
                 run.results[0].detail.c_str());
    else
        QVERIFY(run.results[0].program.output.ends_with("an end"));
    // A process that is kept may have the next item by then, and lie about that too.
    QVERIFY((reuse && words == "end end end") || run.results[1].worker != run.results[0].worker);
    QCOMPARE(run.results[1].outcome, job::Outcome::succeeded);
}

/// The worker's pidfd comes when there is no number left to receive it by.
void TestRunner::stopWithoutFreeDescriptors() {
    ForkServer server;
    Run run(server, job_of("sleep 60", 1), {"a"});
    run.runner.start();
    std::vector<os::Fd> fillers;
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit low = before;
    low.rlim_cur = 100;
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &low), 0);
    for (int filler; (filler = ::dup(STDERR_FILENO)) >= 0;)
        fillers.emplace_back(filler);
    run.drive([&] {
        return std::any_of(run.workers.begin(), run.workers.end(),
                           [](const auto& one) { return one.second.state == WorkerSnapshot::State::running; });
    });
    run.runner.stop();
    run.drive();
    fillers.clear();
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
    QVERIFY(run.each_was_told_once(1));
    QCOMPARE(run.results[0].outcome, job::Outcome::cancelled);
}

void TestRunner::itemsInHand_data() {
    QTest::addColumn<std::optional<std::size_t>>("batch");
    QTest::addColumn<std::size_t>("least");
    QTest::addColumn<std::size_t>("most");
    QTest::newRow("one") << std::optional<std::size_t>(1) << std::size_t{1} << std::size_t{1};
    QTest::newRow("ten") << std::optional<std::size_t>(10) << std::size_t{2} << std::size_t{10};
    QTest::newRow("chosen") << std::optional<std::size_t>() << std::size_t{1} << std::size_t{17};
}

/// How many messages a worker has been sent beyond what it has answered.
void TestRunner::itemsInHand() {
    QFETCH(std::optional<std::size_t>, batch);
    QFETCH(std::size_t, least);
    QFETCH(std::size_t, most);
    ForkServer server;
    Job job = job_of("true {}", 2);
    job.batch = batch;
    Run run(server, job, numbered(400));
    run.runner.start();
    std::uint64_t in_hand = 0;
    run.drive([&] {
        for (const WorkerSnapshot& worker : run.runner.workers())
            if (worker.state == WorkerSnapshot::State::running)
                in_hand = std::max(in_hand, worker.messages_out - worker.items_done);
        return false;
    });
    QVERIFY(run.each_was_told_once(400));
    QCOMPARE(run.count(job::Outcome::succeeded), std::size_t{400});
    QVERIFY2(in_hand >= least && in_hand <= most, std::to_string(in_hand).c_str());
}

/// Only the item that a killed worker was at fails; those that it had in hand are run by others, once.
void TestRunner::killedWithItemsInHand() {
    QTemporaryDir folder;
    ForkServer server;
    Job job = job_of("/bin/sh -c \"echo $0 >> " + folder.filePath("ran").toStdString() +
                         "; test $0 != 30 || { kill -9 $PPID; sleep 60; }\" {}",
                     2);
    job.batch = 8;
    Run run(server, job, numbered(100));
    run.runner.start();
    run.drive();
    QVERIFY(run.each_was_told_once(100));
    QCOMPARE(run.count(job::Outcome::succeeded), std::size_t{99});
    QCOMPARE(run.results[30].outcome, job::Outcome::killed);
    std::map<std::string, int> ran;
    std::ifstream file(folder.filePath("ran").toStdString());
    for (std::string line; std::getline(file, line);)
        ++ran[line];
    QCOMPARE(ran.size(), std::size_t{100});
    for (const auto& [item, times] : ran)
        QCOMPARE(times, 1);
}

QTEST_GUILESS_MAIN(TestRunner)
#include "tst_runner.moc"
