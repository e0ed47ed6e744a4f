// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <pprocess/job/runner.h>
#include <pprocess/os/error.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;
using namespace pprocess::job;
using namespace std::chrono_literals;

namespace {

using Strings = std::vector<std::string>;

const std::string shapes = PPROCESS_FIXTURES "/shapes_tasks.so";

Job job_of(const std::string& command, Strings items) {
    Job job;
    job.command = command;
    job.use_shell = true;
    job.inputs = ListInputs{std::move(items)};
    job.limit = 2;
    return job;
}

/// Runs a job to its end and keeps what it told, by number.
class Run {
public:
    explicit Run(const Job& job, std::unique_ptr<JobLog> log = {}) : Run(job, prepare(job), std::move(log)) {}
    Run(const Job& job, Preparation ready, std::unique_ptr<JobLog> log = {})
        : server_(surroundings_of(job)),
          runner(
              server_, std::move(ready.plan), std::move(ready.items),
              [this](ItemResult result) {
                  ++told[result.index];
                  order.push_back(result.index);
                  results[result.index] = std::move(result);
              },
              std::move(log)) {
        runner.start();
    }

    template <typename Stop>
    void drive(Stop&& stop) {
        while (!runner.finished() && !stop()) {
            std::array<pollfd, 2> entries{{{runner.fileno(), POLLIN, 0}, {runner.items_fileno(), POLLIN, 0}}};
            QVERIFY2(::poll(entries.data(), entries.size(), 60'000) > 0, "nothing happens any more");
            runner.step();
            const Progress progress = runner.progress();
            QCOMPARE(progress.waiting + progress.running + progress.ended(), progress.total);
        }
    }
    void drive() {
        drive([] { return false; });
    }
    [[nodiscard]] const ItemResult& at(std::size_t index) const { return results.at(index); }
    [[nodiscard]] bool each_was_told_once(std::size_t count) const {
        return told.size() == count &&
               std::all_of(told.begin(), told.end(), [](const auto& one) { return one.second == 1; });
    }

private:
    ForkServer server_;

public:
    std::map<std::size_t, int> told;
    std::vector<std::size_t> order;
    std::map<std::size_t, ItemResult> results;
    Runner runner;
};

std::string text_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

template <typename Action>
std::pair<std::string, QString> mistake(Action&& action) {
    try {
        action();
    } catch (const JobError& error) {
        return {error.field(), QString::fromUtf8(error.what())};
    }
    return {};
}

} // namespace

class TestJobSteps : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }
    void searchesCanBeBrokenOff();

    void aPipelineHandsOnResults() {
        for (const bool reuse : {true, false}) {
            Job job = job_of("printf '%s\\n' {} more", {"a", "b c", "d"});
            job.reuse = reuse;
            job.then = {Command{"wc -l", true}, Command{"echo {} {<}", false}};
            Run run(job);
            run.drive();
            QVERIFY(run.each_was_told_once(3));
            QCOMPARE(run.at(1).program.output, std::string("b c 2\n"));
            QCOMPARE(run.at(2).outcome, job::Outcome::succeeded);
            QCOMPARE(run.at(2).step, std::size_t(2));
            QVERIFY(run.at(0).duration > run.at(0).program.duration); // of all steps
        }
    }

    void aStepThatFailsEndsItsItem() {
        const QTemporaryDir folder;
        const std::string later = folder.filePath("later").toStdString();
        Job job = job_of("test {} != bad", {"good", "bad", "fine"});
        job.then = {Command{"echo {} >> " + later, true}};
        Run run(job);
        run.drive();
        QVERIFY(run.each_was_told_once(3));
        QCOMPARE(run.at(1).outcome, job::Outcome::failed);
        QCOMPARE(run.at(1).step, std::size_t(0));
        QVERIFY(text_of(later).find("bad") == std::string::npos);
        QCOMPARE(run.runner.progress().succeeded, std::size_t(2));
    }

    void largeResultsAreHandedOn() {
        Job job = job_of("head -c 3000000 /dev/zero | tr '\\0' {}", {"x", "y"});
        job.then = {Command{"wc -c", true}};
        Run run(job);
        run.drive();
        QCOMPARE(run.at(0).program.output, std::string("3000001\n")); // and one line end
    }

    void whatFailsIsTriedAgain() {
        const QTemporaryDir folder;
        const std::string tries = folder.filePath("tries").toStdString();
        // The third try of b is the first that succeeds; c never does.
        Job job = job_of("echo {} >> " + tries + "; case {} in a) ;; b) test $(grep -c b " + tries +
                             ") = 3;; *) kill -9 $$;; esac",
                         {"a", "b", "c"});
        job.retries = 2;
        job.limit = 1;
        Run run(job);
        run.drive();
        QVERIFY(run.each_was_told_once(3));
        QCOMPARE(run.at(0).attempts, 1u);
        QCOMPARE(run.at(1).outcome, job::Outcome::succeeded);
        QCOMPARE(run.at(1).attempts, 3u);
        QCOMPARE(run.at(2).outcome, job::Outcome::killed);
        QCOMPARE(run.at(2).attempts, 3u);
        const std::string text = text_of(tries);
        QCOMPARE(std::count(text.begin(), text.end(), '\n'), 7);
    }

    void aPipelineIsTriedAgainFromItsFirstStep() {
        const QTemporaryDir folder;
        const std::string tries = folder.filePath("tries").toStdString();
        Job job = job_of("echo first >> " + tries + "; echo {}", {"a"});
        job.then = {Command{"test $(grep -c first " + tries + ") = 2", true}};
        job.retries = 1;
        Run run(job);
        run.drive();
        QCOMPARE(run.at(0).outcome, job::Outcome::succeeded);
        QCOMPARE(run.at(0).attempts, 2u);
    }

    void whatTakesTooLongIsEnded() {
        Job job = job_of("test {} = quick || sleep 1000", {"slow", "quick"});
        std::optional<Run> run;
        with_long_enough(300ms, [&](auto limit) {
            job.timeout = limit;
            run.emplace(job);
            run->drive();
            return run->at(1).outcome != job::Outcome::timed_out;
        });
        QVERIFY(run->each_was_told_once(2));
        QCOMPARE(run->at(0).outcome, job::Outcome::timed_out);
        QCOMPARE(run->at(1).outcome, job::Outcome::succeeded);
        QVERIFY(run->at(0).duration >= *job.timeout);
    }

    void nothingMoreIsDoneAfterAFailure() {
        Strings items;
        for (int n = 0; n < 500; ++n)
            items.push_back(std::to_string(n));
        Job job = job_of("test {} != 20", items);
        job.stop_at_failure = true;
        Run run(job);
        run.drive();
        QVERIFY(run.each_was_told_once(500));
        QCOMPARE(run.runner.progress().failed, std::size_t(1));
        QVERIFY(run.runner.progress().cancelled > 400);
        QCOMPARE(run.at(499).outcome, job::Outcome::cancelled);
    }

    void surroundingsReachTheCommands() {
        const QTemporaryDir folder;
        Job job = job_of("echo $PPROCESS_TEST-$PATH; pwd; nice; grep Cpus_allowed_list /proc/self/status", {"x"});
        job.environment = {{"PPROCESS_TEST", "a b"}, {"PATH", "/usr/bin:/bin"}};
        job.working_folder = folder.path().toStdString();
        job.niceness = 3;
        job.cores = {0};
        Run run(job);
        run.drive();
        const QStringList lines = QString::fromStdString(run.at(0).program.output).split('\n');
        QCOMPARE(lines[0], QString("a b-/usr/bin:/bin"));
        QCOMPARE(lines[1], QFileInfo(folder.path()).canonicalFilePath());
        QCOMPARE(lines[2], QString("3"));
        QVERIFY(lines[3].endsWith("\t0"));
    }

    void functionsAreCalled() {
        Job job;
        job.function = Function{shapes, "area", {"{1}", "{factor}"}};
        job.inputs = GridInputs{{Axis{"x", Strings{"1.5", "no"}}, Axis{"factor", Range{1, 3, 1}}}};
        for (const bool reuse : {true, false}) {
            job.reuse = reuse;
            Run run(job);
            run.drive();
            QVERIFY(run.each_was_told_once(6));
            QCOMPARE(run.at(2).outcome, job::Outcome::succeeded);
            QCOMPARE(run.at(2).value->as<double>(), 4.5);
            QCOMPARE(run.at(3).outcome, job::Outcome::not_started);
            QVERIFY2(run.at(3).detail.find("width must be a number") != std::string::npos, run.at(3).detail.c_str());
            QCOMPARE(run.at(3).worker, 0);
        }
    }

    void functionsThatThrowFail() {
        Job job;
        job.function = Function{shapes, "area", {"{}", "2"}};
        job.inputs = ListInputs{{"4", "-1"}};
        Run run(job);
        run.drive();
        QCOMPARE(run.at(0).value->as<double>(), 8.0);
        QCOMPARE(run.at(1).outcome, job::Outcome::failed);
        QVERIFY2(run.at(1).detail.find("not negative") != std::string::npos, run.at(1).detail.c_str());
    }

    void functionsAndCommandsFollowEachOther() {
        Job job = job_of("echo {}", {"2.25", "16"});
        job.then = {Function{shapes, "area", {"{<}", "4"}}, Function{shapes, "area", {"{<}", "10"}},
                    Command{"cat; echo = {<}", true}};
        Run run(job);
        run.drive();
        QVERIFY(run.each_was_told_once(2));
        QCOMPARE(run.at(0).program.output, std::string("90\n= 90\n"));
        QCOMPARE(run.at(1).program.output, std::string("640\n= 640\n"));
    }

    void whatALibraryLacksIsSaidBefore_data() {
        QTest::addColumn<QString>("library");
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("arguments");
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("words");
        const QString path = QString::fromStdString(shapes);
        QTest::newRow("no such task") << path << "volume" << 0 << "function.name"
                                      << "has no task called volume; it has:";
        QTest::newRow("none chosen") << path << "" << 0 << "function.name"
                                     << "No function is chosen";
        QTest::newRow("arguments") << path << "area" << 3 << "function.arguments"
                                   << "area(width, height) takes 2 arguments";
        QTest::newRow("no library") << "/etc/passwd"
                                    << "f" << 0 << "function.library"
                                    << "/etc/passwd";
    }
    void whatALibraryLacksIsSaidBefore() {
        QFETCH(QString, library);
        QFETCH(QString, name);
        QFETCH(int, arguments);
        QFETCH(QString, field);
        QFETCH(QString, words);
        Job job;
        job.function =
            Function{library.toStdString(), name.toStdString(), Strings(static_cast<std::size_t>(arguments), "{}")};
        job.inputs = ListInputs{{"1"}};
        const auto [found, message] = mistake([&] { prepare(job); });
        QCOMPARE(QString::fromStdString(found), field);
        QVERIFY2(message.contains(words), qPrintable(message));
    }

    void itemsAreTakenWhileAPipeIsStillOpen() {
        std::array<int, 2> ends{};
        QCOMPARE(::pipe2(ends.data(), O_CLOEXEC), 0);
        os::Fd reading(ends[0]);
        os::Fd writing(ends[1]);
        const Job job = job_of("echo got {}", {"unused"});
        Preparation ready = prepare(job);
        ready.items = lines_of(reading.get(), "a pipe");
        Run run(job, std::move(ready));
        QVERIFY(run.runner.items_fileno() >= 0);
        QCOMPARE(::write(writing.get(), "one\n", 4), ssize_t(4));
        run.drive([&] { return !run.results.empty(); });
        QCOMPARE(run.at(0).program.output, std::string("got one\n"));
        QVERIFY(!run.runner.progress().is_total_known);
        QVERIFY(!run.runner.finished());
        QCOMPARE(::write(writing.get(), "two\n", 4), ssize_t(4));
        writing.reset();
        run.drive();
        QVERIFY(run.each_was_told_once(2));
        QVERIFY(run.runner.progress().is_total_known);
    }

    void aStoppedJobReadsNoFurther() {
        std::array<int, 2> ends{};
        QCOMPARE(::pipe2(ends.data(), O_CLOEXEC), 0);
        os::Fd reading(ends[0]);
        const os::Fd writing(ends[1]);
        const Job job = job_of("sleep 1000", {"unused"});
        Preparation ready = prepare(job);
        ready.items = lines_of(reading.get(), "a pipe");
        Run run(job, std::move(ready));
        QCOMPARE(::write(writing.get(), "one\ntwo\nthree\n", 14), ssize_t(14));
        run.drive([&] { return run.runner.progress().running == 2; });
        run.runner.stop();
        run.drive();
        QVERIFY(run.runner.finished());
        for (const auto& [index, result] : run.results)
            QCOMPARE(result.outcome, job::Outcome::cancelled);
    }

    void resultsInOrderHoldUpTheRest() {
        // One item holds up very large results of others: they must not all be kept in memory.
        const QTemporaryDir folder;
        const std::string gate = folder.filePath("gate").toStdString();
        QCOMPARE(::mkfifo(gate.c_str(), 0600), 0);
        Strings items{"first"};
        for (int n = 0; n < 30; ++n)
            items.push_back(std::to_string(n));
        Job job = job_of("if [ {} = first ]; then read line < " + gate + "; else head -c 8000000 /dev/zero; fi", items);
        Run run(job);
        run.drive([&] { return run.runner.progress().succeeded >= 8 && run.runner.progress().running == 1; });
        QVERIFY(run.results.empty());
        QVERIFY(run.runner.progress().succeeded < 15);
        const os::Fd writing(::open(gate.c_str(), O_WRONLY | O_CLOEXEC));
        QCOMPARE(::write(writing.get(), "go\n", 3), ssize_t(3));
        run.drive();
        QVERIFY(run.each_was_told_once(31));
        QVERIFY(std::is_sorted(run.order.begin(), run.order.end()));
    }

    void aJobGoesOnWhereItsLogEnds() {
        const QTemporaryDir folder;
        const std::string log = folder.filePath("log").toStdString();
        const std::string done = folder.filePath("done").toStdString();
        Strings items;
        for (int n = 0; n < 60; ++n)
            items.push_back("item " + std::to_string(n % 50)); // some stand twice
        const Job job = job_of("echo {} >> " + done, items);
        {
            Run run(job, std::make_unique<JobLog>(log));
            run.drive([&] { return run.results.size() >= 10; });
            run.runner.stop();
            run.drive();
        }
        const auto resume = [&] {
            Preparation ready = prepare(job);
            const auto finished = std::make_shared<FinishedItems>(log);
            ready.items = without(std::move(ready.items), [=](const Item& item) { return finished->take(item); });
            Run run(job, std::move(ready), std::make_unique<JobLog>(log));
            run.drive();
            return run.results.size();
        };
        const std::size_t before = FinishedItems(log).size();
        QVERIFY(before >= 10 && before < 60);
        QCOMPARE(resume(), 60 - before);
        QCOMPARE(FinishedItems(log).size(), std::size_t(60));
        QCOMPARE(resume(), std::size_t(0));
        std::map<std::string, int> lines;
        std::ifstream file(done);
        for (std::string line; std::getline(file, line);)
            ++lines[line];
        QCOMPARE(lines.size(), std::size_t(50));
        for (const auto& [line, count] : lines)
            QVERIFY2(count == (std::stoi(line.substr(5)) < 10 ? 2 : 1), line.c_str());
    }

    void aLogThatCannotBeWrittenStopsTheJob() {
        if (::access("/dev/full", W_OK) != 0)
            QSKIP("no /dev/full here");
        Strings items;
        for (int n = 0; n < 200; ++n)
            items.push_back(std::to_string(n));
        Run run(job_of("true", items), std::make_unique<JobLog>("/dev/full"));
        QString text;
        try {
            run.drive();
        } catch (const SystemError& error) {
            text = error.what();
        }
        QVERIFY2(text.contains("write to the job log /dev/full"), qPrintable(text));
        run.drive();
        QVERIFY(run.each_was_told_once(200));
        QVERIFY(run.runner.progress().cancelled > 100);
    }

    void linesAreShownBeforeTheyAreRun() {
        Job job = job_of("", {"a b"});
        job.use_shell = false;
        job.command = "cp {} 'to {#}'";
        job.then = {Command{"wc -c {<} > 'x y'", true}};
        const Preparation ready = prepare(job);
        const auto lines = ready.plan.lines({0, "a b"});
        QCOMPARE(lines[0], std::string("cp 'a b' 'to 1'"));
        QVERIFY(lines[1].find("wc -c") != std::string::npos);
    }
};

/// Neither a library that never answers nor a large folder holds up whoever gives up on it.
void TestJobSteps::searchesCanBeBrokenOff() {
    Job job;
    job.function = Function{PPROCESS_FIXTURES "/hanging_tasks.so", "answer", {}};
    job.inputs = ListInputs{{"a"}};
    QTemporaryDir folder;
    const QByteArray file = folder.filePath("loading").toLocal8Bit();
    QCOMPARE(::mkfifo(file, 0600), 0);
    qputenv("PPROCESS_TEST_LOADING", file);
    std::stop_source stop;
    std::exception_ptr thrown;
    std::thread thread([&] {
        try {
            (void)prepare(job, stop.get_token());
        } catch (...) {
            thrown = std::current_exception();
        }
    });
    QCOMPARE(std::ifstream(file.data()).get(), int('x')); // it has begun
    qunsetenv("PPROCESS_TEST_LOADING");
    stop.request_stop();
    thread.join();
    QVERIFY_EXCEPTION_THROWN(std::rethrow_exception(thrown), SearchStopped);

    QVERIFY_EXCEPTION_THROWN((void)collect_inputs(FolderInputs{"/", "*", true}, nullptr, stop.get_token()),
                             SearchStopped);
    QVERIFY_EXCEPTION_THROWN((void)open_inputs(FolderInputs{"/", "*", true}, nullptr, stop.get_token()), SearchStopped);
}

QTEST_GUILESS_MAIN(TestJobSteps)
#include "tst_job_steps.moc"
