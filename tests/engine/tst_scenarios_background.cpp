// SPDX-License-Identifier: GPL-3.0-or-later
//
// The lesson programs about background processes, run as a user runs them: the one that starts and the one that
// collects are different programs of different shells.
//
// ctest: serial

#include <QtTest>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>

#include <csignal>
#include <memory>

#include <unistd.h>

#include "support/lesson_run.h"

namespace {

/// Runs a program from a shell of its own, in a session of its own, and waits until all three are gone.
Run runFromShell(const QString& program, const QStringList& arguments, Orphans orphans) {
    QProcess shell;
    shell.setChildProcessModifier([] { ::setsid(); });
    shell.start("/bin/sh",
                QStringList{"-c", "\"$@\"; status=$?; exit $status", "sh", QDir(PPROCESS_LESSONS).filePath(program)} +
                    arguments);
    return finish(shell, orphans);
}

} // namespace

#define VERIFY_WELL(run)                                                                                               \
    QVERIFY2((run).problem.isEmpty(), qPrintable((run).problem + "\n" + (run).output + (run).errors));                 \
    QCOMPARE((run).errors, QByteArray());                                                                              \
    QCOMPARE((run).status, 0)

class TestScenariosBackground : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();

    void grid_data();
    void grid();
    void ownQueues_data();
    void ownQueues();
    void fromTwoShells_data();
    void fromTwoShells();
    void startsNowCollectsLater();
    void managedSurvivesItsProgram();
    void nothingToCollect_data();
    void nothingToCollect();
    void refuses();

    void breakStaleSocket();
    void breakCollectorDies_data();
    void breakCollectorDies();

private:
    QStringList options(int size, int delay) const {
        return {"--size", QString::number(size), "--delay", QString::number(delay), "--folder", m_folder->path()};
    }
    QStringList files() const {
        return QDir(m_folder->path()).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestScenariosBackground::initTestCase() {
    QVERIFY(takeInOrphans());
}

void TestScenariosBackground::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestScenariosBackground::cleanup() {
    // Only where a test has failed: those that pass have collected everything.
    for (const pid_t left : processesLeft())
        ::kill(left, SIGKILL);
}

void TestScenariosBackground::grid_data() {
    QTest::addColumn<QString>("program");
    QTest::addColumn<int>("size");
    for (const QString program : {"background_queue", "persistent_managed", "persistent_queue"})
        for (int size : {1, 4, 12})
            QTest::addRow("%s size %d", qPrintable(program), size) << program << size;
}

void TestScenariosBackground::grid() {
    QFETCH(QString, program);
    QFETCH(int, size);
    const Run result = run(program, options(size, 1) << "--stats", Orphans::ending);
    VERIFY_WELL(result);
    QCOMPARE(result.grid, expectedGrid(size));
    QCOMPARE(result.tasks.size(), size * size);
    for (const Task& task : result.tasks) {
        QCOMPARE(task.runs, 1);
        QVERIFY(task.pid != result.figures.value("lesson"));
    }
    QCOMPARE(files(), QStringList());
}

void TestScenariosBackground::ownQueues_data() {
    QTest::addColumn<QString>("program");
    for (const QString program : {"persistent_managed", "persistent_queue"})
        QTest::newRow(qPrintable(program)) << program;
}

void TestScenariosBackground::ownQueues() {
    // Each row has no more than two processes at once, and all rows together have more.
    QFETCH(QString, program);
    const int size = 6;
    Run result = run(program, options(size, 20) << "--stats", Orphans::ending);
    VERIFY_WELL(result);
    QVERIFY2(result.mostAtOnce() > 2, qPrintable(QString::number(result.mostAtOnce())));
    const QList<Task> tasks = result.tasks;
    for (int i = 0; i < size; ++i) {
        result.tasks = tasks.mid(i * size, size);
        QCOMPARE(result.pids().size(), size);
        QVERIFY2(result.mostAtOnce() <= 2, qPrintable(QString::number(result.mostAtOnce())));
    }
}

void TestScenariosBackground::fromTwoShells_data() {
    QTest::addColumn<QString>("program");
    for (const QString program : {"background_queue", "persistent_queue"})
        QTest::newRow(qPrintable(program)) << program;
}

void TestScenariosBackground::fromTwoShells() {
    QFETCH(QString, program);
    const int size = 4;
    const Run started = runFromShell(program, options(size, 5) << "--start", Orphans::staying);
    VERIFY_WELL(started);
    QVERIFY2(started.grid.isEmpty(), started.output.constData());
    QVERIFY(!files().isEmpty());

    const Run collected = runFromShell(program, options(size, 0) << "--reconnect", Orphans::ending);
    VERIFY_WELL(collected);
    QCOMPARE(collected.grid, expectedGrid(size));
    QCOMPARE(files(), QStringList());
}

void TestScenariosBackground::startsNowCollectsLater() {
    const int size = 4;
    for (int round = 0; round < 2; ++round) {
        const Run started = runFromShell("start_now_collect_later", options(size, 5), Orphans::staying);
        VERIFY_WELL(started);
        QVERIFY2(started.output.contains("Run this program again"), started.output.constData());

        const Run collected = runFromShell("start_now_collect_later", {"--folder", m_folder->path()}, Orphans::ending);
        VERIFY_WELL(collected);
        QCOMPARE(collected.grid, expectedGrid(size));
        QCOMPARE(files(), QStringList());
    }
}

void TestScenariosBackground::managedSurvivesItsProgram() {
    // The program is killed as soon as all its background processes have begun; another collects what they work out.
    const int size = 3;
    QProcess process;
    start(process, "persistent_managed", options(size, 100));
    QTRY_COMPARE_WITH_TIMEOUT(files().filter(QRegularExpression("socket$")).size(), size, longestRun);
    process.kill();
    const Run killed = finish(process, Orphans::staying);
    QCOMPARE(killed.problem, QString("ended by signal 9"));

    const Run collected = run("persistent_queue", options(size, 0) << "--reconnect", Orphans::ending);
    VERIFY_WELL(collected);
    QCOMPARE(collected.grid, expectedGrid(size));
    QCOMPARE(files(), QStringList());
}

void TestScenariosBackground::nothingToCollect_data() {
    fromTwoShells_data();
}

void TestScenariosBackground::nothingToCollect() {
    QFETCH(QString, program);
    const Run result = run(program, options(2, 0) << "--reconnect");
    QVERIFY2(result.problem.isEmpty(), qPrintable(result.problem));
    QCOMPARE(result.status, 1);
    QVERIFY2(result.errors.contains(m_folder->path().toUtf8()), result.errors.constData());
    QVERIFY2(result.errors.endsWith('\n') && result.errors.count('\n') == 1, result.errors.constData());
}

void TestScenariosBackground::refuses() {
    for (const QString program :
         {"background_queue", "persistent_managed", "persistent_queue", "start_now_collect_later"}) {
        for (const QStringList& arguments : {QStringList{"--size", "0"}, {"--later"}}) {
            const Run result = run(program, arguments);
            QCOMPARE(result.status, 2);
            QVERIFY2(result.errors.contains(arguments.first().toUtf8()), result.errors.constData());
        }
        const Run result = run(program, {"--folder", m_folder->filePath("none")});
        QVERIFY2(result.problem.isEmpty(), qPrintable(result.problem));
        QCOMPARE(result.status, 1);
        QVERIFY2(result.errors.contains(m_folder->filePath("none").toUtf8()), result.errors.constData());
    }
}

void TestScenariosBackground::breakStaleSocket() {
    const Run result = run("break_stale_socket", {"--folder", m_folder->path()}, Orphans::ending);
    VERIFY_WELL(result);
    const QByteArrayList lines = result.output.trimmed().split('\n');
    QCOMPARE(lines.size(), 6);
    QCOMPARE(lines[0], QByteArray("Start a process: done."));
    QVERIFY2(lines[1].startsWith("Start another at the same address: refused. "), lines[1].constData());
    QCOMPARE(lines[2], QByteArray("Killed it. Its socket file is still there."));
    QVERIFY2(lines[3].startsWith("Collect from the dead: refused. "), lines[3].constData());
    QCOMPARE(lines[4], QByteArray("Start another at the same address: done."));
    QCOMPARE(lines[5], QByteArray("Collected 42."));
    QVERIFY2(!files().join(' ').contains(QRegularExpression("socket($| )")), qPrintable(files().join(' ')));
}

void TestScenariosBackground::breakCollectorDies_data() {
    QTest::addColumn<int>("results");
    for (int results : {2, 10, 600, 5000})
        QTest::addRow("%d results", results) << results;
}

void TestScenariosBackground::breakCollectorDies() {
    QFETCH(int, results);
    const Run result = run("break_collector_dies",
                           {"--results", QString::number(results), "--folder", m_folder->path()}, Orphans::ending);
    VERIFY_WELL(result);
    const QString expected = QString("The first collector received the results from 0 to %1, then it was killed by "
                                     "signal 9 (Killed).\nThe second received those from %2 to %3. That makes %4 of "
                                     "%4.\n")
                                 .arg(results / 2 - 1)
                                 .arg(results / 2)
                                 .arg(results - 1)
                                 .arg(results);
    QCOMPARE(QString(result.output), expected);
    QCOMPARE(files(), QStringList());
}

QTEST_GUILESS_MAIN(TestScenariosBackground)
#include "tst_scenarios_background.moc"
