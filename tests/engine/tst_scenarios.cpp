// SPDX-License-Identifier: GPL-3.0-or-later
//
// The lesson programs, run as a user runs them: the grid each of them prints, and what each pattern promises.
//
// ctest: serial

#include <QtTest>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QSet>

#include <algorithm>
#include <chrono>
#include <csignal>

#include "support/lesson_run.h"
#include "support/patience.h"

using namespace std::chrono_literals;

namespace {

const QStringList sequentialPrograms = {"sequential_inline", "sequential_appended", "sequential_positional",
                                        "sequential_map"};
// One process for each number of the grid.
const QStringList processPerTask = {"pmap",           "pmap_iterate",     "create_exchange", "create_map",
                                    "create_queue",   "managed_exchange", "managed_map",     "managed_queue",
                                    "start_exchange", "start_queue"};
const QStringList limitedPrograms = processPerTask + QStringList{"reusable_map", "continuous_queue", "two_way"};
const QStringList orderedPrograms = {"pmap", "pmap_iterate", "create_map", "managed_map", "reusable_map"};
// One conversation with one process.
const QStringList loops = {"create_loop", "start_loop"};
// Has a fixed number of processes, whatever the limit.
const QStringList pipelines = {"pipeline"};
const QStringList allPrograms = sequentialPrograms + limitedPrograms + loops + pipelines;

QStringList options(int size, int delay, int limit) {
    return {"--size",  QString::number(size),  "--delay", QString::number(delay),
            "--limit", QString::number(limit), "--stats"};
}

void addRows(const QStringList& programs) {
    QTest::addColumn<QString>("program");
    for (const QString& program : programs)
        QTest::newRow(qPrintable(program)) << program;
}

void addRows(const QStringList& programs, const QList<int>& limits) {
    QTest::addColumn<QString>("program");
    QTest::addColumn<int>("limit");
    for (const QString& program : programs)
        for (int limit : limits)
            QTest::addRow("%s limit %d", qPrintable(program), limit) << program << limit;
}

} // namespace

/// The run ended well, said nothing on its error output, left nothing behind, and did each task exactly once.
#define VERIFY_GOOD(run, side)                                                                                         \
    QVERIFY2((run).problem.isEmpty(), qPrintable((run).problem + "\n" + (run).output + (run).errors));                 \
    QCOMPARE((run).errors, QByteArray());                                                                              \
    QCOMPARE((run).status, 0);                                                                                         \
    QCOMPARE((run).grid, expectedGrid(side));                                                                          \
    QVERIFY((run).seconds >= 0);                                                                                       \
    QCOMPARE((run).tasks.size(), (side) * (side));                                                                     \
    QVERIFY(std::ranges::all_of((run).tasks, [](const Task& task) { return task.runs == 1; }))

class TestScenarios : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void grid_data();
    void grid();
    void workIsDoneElsewhere_data() { addRows(limitedPrograms + loops + pipelines); }
    void workIsDoneElsewhere();
    void processForEachTask_data() { addRows(processPerTask); }
    void processForEachTask();
    void neverMoreThanLimit_data() { addRows(limitedPrograms, {1, 2, 5}); }
    void neverMoreThanLimit();
    void keepsOrder_data() { addRows(orderedPrograms); }
    void keepsOrder();
    void losesNothing_data() { addRows(limitedPrograms + pipelines); }
    void losesNothing();
    void pmapCollects();
    void pmapIterates();
    void reuses_data() { addRows({"reusable_map"}, {1, 3, 10, 100}); }
    void reuses();
    void processForEachRow_data() { addRows({"continuous_queue"}, {1, 3, 100}); }
    void processForEachRow();
    void freedSlotIsUsedAtOnce();
    void repliesToEachAnswer_data() { addRows({"two_way"}, {1, 3, 100}); }
    void repliesToEachAnswer();
    void oneConversation_data() { addRows(loops); }
    void oneConversation();
    void faster_data() { addRows(limitedPrograms); }
    void faster();
    void tellsOfDeadProcess_data() { addRows(limitedPrograms + loops); }
    void tellsOfDeadProcess();
    void refuses_data();
    void refuses();
    void help();
};

void TestScenarios::initTestCase() {
    QVERIFY(takeInOrphans());
    QCOMPARE(processesLeft(), QList<pid_t>());
    for (const QString& program : allPrograms)
        QVERIFY2(QFile::exists(QDir(PPROCESS_LESSONS).filePath(program)), qPrintable(program));
}

void TestScenarios::grid_data() {
    QTest::addColumn<QString>("program");
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("delay");
    QTest::addColumn<int>("limit");
    struct Case {
        int size, delay, limit;
    };
    for (const QString& program : allPrograms)
        for (const auto& [size, delay, limit] :
             {Case{1, 0, 1}, Case{1, 5, 10}, Case{3, 0, 1}, Case{3, 5, 100}, Case{4, 2, 3}, Case{10, 0, 10}})
            QTest::addRow("%s size %d delay %d limit %d", qPrintable(program), size, delay, limit)
                << program << size << delay << limit;
}

void TestScenarios::grid() {
    QFETCH(QString, program);
    QFETCH(int, size);
    QFETCH(int, delay);
    QFETCH(int, limit);

    const Run result = run(program, options(size, delay, limit));
    VERIFY_GOOD(result, size);

    const Run twin = run("sequential_map", options(size, 0, limit));
    VERIFY_GOOD(twin, size);
    QCOMPARE(result.grid, twin.grid);
}

void TestScenarios::workIsDoneElsewhere() {
    QFETCH(QString, program);
    const Run result = run(program, options(2, 0, 2));
    VERIFY_GOOD(result, 2);
    QVERIFY(!result.pids().contains(result.figures.value("lesson")));
}

void TestScenarios::processForEachTask() {
    QFETCH(QString, program);
    const Run result = run(program, options(4, 0, 5));
    VERIFY_GOOD(result, 4);
    QCOMPARE(result.pids().size(), 16);
}

void TestScenarios::neverMoreThanLimit() {
    QFETCH(QString, program);
    QFETCH(int, limit);
    // With no delay processes come and go quickest: a new one made a moment too early is seen beside an old one.
    for (int delay : {0, 10}) {
        const Run result = run(program, options(4, delay, limit));
        VERIFY_GOOD(result, 4);
        QVERIFY2(result.mostAtOnce() <= limit, qPrintable(QString::number(result.mostAtOnce())));
        QVERIFY2(result.mostProcesses() <= limit, qPrintable(QString::number(result.mostProcesses())));
    }
}

void TestScenarios::keepsOrder() {
    QFETCH(QString, program);
    const Run result = run(program, options(4, 20, 4) << "--uneven");
    VERIFY_GOOD(result, 4);
    // That the grid is in order says nothing unless the tasks ended in another.
    QVERIFY(!std::ranges::is_sorted(result.tasks, {}, &Task::ended));
}

void TestScenarios::losesNothing() {
    QFETCH(QString, program);
    const Run result = run(program, options(8, 1, 5) << "--uneven");
    VERIFY_GOOD(result, 8);
}

void TestScenarios::pmapCollects() {
    const Run result = run("pmap", options(4, 10, 4));
    VERIFY_GOOD(result, 4);
    QVERIFY(result.figures.value("first_result") > result.lastBegan());
}

void TestScenarios::pmapIterates() {
    const Run result = run("pmap_iterate", options(4, 10, 4));
    VERIFY_GOOD(result, 4);
    QVERIFY(result.figures.contains("first_result"));
    QVERIFY(result.figures.value("first_result") < result.lastBegan());
}

void TestScenarios::reuses() {
    QFETCH(QString, program);
    QFETCH(int, limit);
    for (int delay : {0, 2}) {
        const Run result = run(program, options(6, delay, limit));
        VERIFY_GOOD(result, 6);
        QVERIFY2(result.pids().size() <= limit, qPrintable(QString::number(result.pids().size())));
    }
}

void TestScenarios::processForEachRow() {
    QFETCH(QString, program);
    QFETCH(int, limit);
    const int size = 5;
    const Run result = run(program, options(size, 2, limit));
    VERIFY_GOOD(result, size);
    QCOMPARE(result.pids().size(), size);
    for (int i = 0; i < size; ++i)
        for (int j = 0; j < size; ++j)
            QCOMPARE(result.tasks[i * size + j].pid, result.tasks[i * size].pid);
}

void TestScenarios::freedSlotIsUsedAtOnce() {
    // Uneven, rows 0 and 2 take 8 times the delay each, and row 1 no time: row 2 has its place long before row 0 ends.
    const int size = 4;
    const Run result = run("continuous_queue", options(size, 50, 2) << "--uneven");
    VERIFY_GOOD(result, size);
    const Task& secondRowEnds = result.tasks[2 * size - 1];
    const Task& thirdRowBegins = result.tasks[2 * size];
    const Task& firstRowEnds = result.tasks[size - 1];
    QVERIFY(secondRowEnds.ended < thirdRowBegins.began);
    QVERIFY(thirdRowBegins.began < firstRowEnds.began);
}

void TestScenarios::repliesToEachAnswer() {
    QFETCH(QString, program);
    QFETCH(int, limit);
    const int size = 5;
    const Run result = run(program, options(size, 2, limit));
    VERIFY_GOOD(result, size);
    QCOMPARE(result.figures.value("answers"), size * size);
    QCOMPARE(result.figures.value("replies"), size * size);
    // Each of the first gets a process of its own, none of the others.
    QCOMPARE(result.pids().size(), std::min(limit, size * size));
}

void TestScenarios::oneConversation() {
    QFETCH(QString, program);
    const Run result = run(program, options(5, 0, 10));
    VERIFY_GOOD(result, 5);
    QCOMPARE(result.pids().size(), 1);
    QCOMPARE(result.mostProcesses(), 1);
    QVERIFY(std::ranges::is_sorted(result.tasks, {}, &Task::began));
}

void TestScenarios::faster() {
    QFETCH(QString, program);
    // One after another they take the sum of the delays at least.
    const int size = 10;
    Run result;
    double inTurn = 0;
    with_long_enough(20ms, [&](auto delay) {
        result = run(program, options(size, int(delay.count()), 10));
        inTurn = size * size * std::chrono::duration<double>(delay).count();
        return result.seconds * 2 <= inTurn;
    });
    VERIFY_GOOD(result, size);
    QVERIFY2(result.seconds * 2 <= inTurn,
             qPrintable(QString("%1 s, one after another %2 s").arg(result.seconds).arg(inTurn)));
}

void TestScenarios::tellsOfDeadProcess() {
    QFETCH(QString, program);
    // No task would ever end in time. pmap waits for all of them, so there it has to be the only one.
    const int size = program == "pmap" ? 1 : 2;
    QProcess process;
    start(process, program, options(size, 60'000, 4));
    QVERIFY2(process.waitForStarted(), qPrintable(process.errorString()));
    QList<pid_t> workers;
    QTRY_VERIFY_WITH_TIMEOUT(!(workers = childrenOf(process.processId())).isEmpty(), longestRun);
    QCOMPARE(::kill(workers.first(), SIGKILL), 0);

    const Run result = finish(process);
    QVERIFY2(result.problem.isEmpty(), qPrintable(result.problem));
    QCOMPARE(result.status, 1);
    QVERIFY2(result.errors.contains(QByteArray::number(workers.first())), result.errors.constData());
    QVERIFY2(result.errors.endsWith('\n') && result.errors.count('\n') == 1, result.errors.constData());
}

void TestScenarios::refuses_data() {
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("culprit"); // what the message has to name
    const QList<std::pair<QStringList, QString>> cases = {
        {{"--size", "x"}, "--size"},    {{"--size", "0"}, "--size"},       {{"--size", "3.5"}, "--size"},
        {{"--size"}, "--size"},         {{"--size", ""}, "--size"},        {{"--size", "99999999999"}, "--size"},
        {{"--limit", "0"}, "--limit"},  {{"--limit", "-1"}, "--limit"},    {{"--delay", "-1"}, "--delay"},
        {{"--delay", "5s"}, "--delay"}, {{"--colour", "red"}, "--colour"}, {{"7"}, "7"},
    };
    for (const QString& program : allPrograms)
        for (const auto& [arguments, culprit] : cases)
            QTest::addRow("%s %s", qPrintable(program), qPrintable(arguments.join(' ')))
                << program << arguments << culprit;
}

void TestScenarios::refuses() {
    QFETCH(QString, program);
    QFETCH(QStringList, arguments);
    QFETCH(QString, culprit);
    const Run result = run(program, arguments);
    QVERIFY2(isRefusal(result, culprit), qPrintable(result.problem + "\n" + result.output + result.errors));
}

void TestScenarios::help() {
    const Run result = run("pmap", {"--help"});
    QCOMPARE(result.status, 0);
    QCOMPARE(result.errors, QByteArray());
    for (const char* option : {"--size", "--delay", "--limit"})
        QVERIFY(result.output.contains(option));
}

QTEST_GUILESS_MAIN(TestScenarios)
#include "tst_scenarios.moc"
