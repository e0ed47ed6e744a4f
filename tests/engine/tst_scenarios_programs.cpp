// SPDX-License-Identifier: GPL-3.0-or-later
//
// The lesson programs that do something other than the grid, run as a user runs them.
//
// ctest: serial

#include <QtTest>

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QProcess>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>

#include <algorithm>
#include <chrono>
#include <csignal>

#include "support/lesson_run.h"
#include "support/patience.h"

using namespace std::chrono_literals;

namespace {

void write(const QString& path, const QByteArray& text, QIODevice::OpenMode how = QIODevice::WriteOnly) {
    QFile file(path);
    QVERIFY2(file.open(how), qPrintable(path));
    QCOMPARE(file.write(text), qint64(text.size()));
}

QByteArray read(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A folder with files of all kinds: empty, in a folder below, without a last line feed, of bytes that are no text.
void fill(const QString& folder) {
    QVERIFY(QDir(folder).mkpath("below/further"));
    const QByteArrayList some = {"the", "The", "process", "processes", "PROCESSOR",
                                 "a_b", "x86", "Zähler",  "é",         "then"};
    for (int file = 0; file < 40; ++file) {
        QByteArray text;
        for (int word = 0; word < 50 + file; ++word) {
            text += some[(word * word + file * 7) % some.size()];
            text += word % 9 == 8 ? "\n" : word % 5 ? " " : ", (";
        }
        const QString where = file % 3 ? (file % 2 ? "below/" : "below/further/") : "";
        write(folder + "/" + where + QString("%1.txt").arg(file), text);
    }
    write(folder + "/empty.txt", "");
    write(folder + "/unfinished", "the last line has no end");
    write(folder + "/not utf-8", "caf\xe9 the \xff\xfe\n");
    write(folder + "/binary", QByteArray("the process\0the process\n", 24));
}

/// The lines of an output before the time taken.
QByteArrayList linesOf(const Run& run) {
    QByteArrayList lines = run.output.split('\n');
    for (qsizetype k = 0; k < lines.size(); ++k)
        if (lines[k].startsWith("Time taken: "))
            lines.removeAt(k--);
    while (!lines.isEmpty() && lines.last().isEmpty())
        lines.removeLast();
    return lines;
}

/// What wordcount has to print, counted in another way.
QByteArrayList countedWords(const QString& folder) {
    QMap<QByteArray, int> counts;
    QDirIterator files(folder, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QByteArray text = read(files.next());
        if (text.contains('\0'))
            continue;
        QByteArray word;
        for (const char c : text.toLower() + ' ') { // Qt's changes ASCII letters alone
            const bool isPart = QByteArray("abcdefghijklmnopqrstuvwxyz0123456789_").contains(c) || (c & 0x80);
            if (isPart)
                word += c;
            else if (!word.isEmpty())
                ++counts[std::exchange(word, {})];
        }
    }
    QList<std::pair<int, QByteArray>> order;
    for (auto entry = counts.begin(); entry != counts.end(); ++entry)
        order.append({-entry.value(), entry.key()});
    std::ranges::sort(order);
    QByteArrayList lines;
    for (const auto& [count, word] : order)
        lines.append(QByteArray::number(-count).rightJustified(8) + ' ' + word);
    return lines;
}

/// What grep says for words that begin like this, "file:line" in order.
QByteArrayList grepped(const QString& folder, const QString& prefix) {
    QProcess grep;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("LC_ALL", "C");
    grep.setProcessEnvironment(environment);
    // Bytes beyond ASCII are no letters to grep there, but to the lessons they are.
    grep.start("grep", {"-rnIiP", "(?<![A-Za-z0-9_\\x80-\\xff])" + prefix, folder});
    grep.waitForFinished();
    QByteArrayList places;
    for (const QByteArray& line : grep.readAllStandardOutput().split('\n'))
        if (!line.isEmpty())
            places.append(line.split(':').mid(0, 2).join(':'));
    std::ranges::sort(places);
    return places;
}

bool waitForOutput(QProcess& process, QByteArray& output, const QByteArray& wanted) {
    return QTest::qWaitFor(
        [&] {
            output += process.readAllStandardOutput();
            return output.contains(wanted);
        },
        longestRun);
}

/// 'R', 'S', 'T', 'Z' and so on; 0 when there is no such process.
char stateOf(pid_t pid) {
    const QByteArray stat = read(QString("/proc/%1/stat").arg(pid));
    return stat.isEmpty() ? 0 : stat[stat.lastIndexOf(')') + 2];
}

bool isGone(pid_t pid) {
    const char state = stateOf(pid);
    return state == 0 || state == 'Z' || state == 'X';
}

} // namespace

#define VERIFY_WELL(run)                                                                                               \
    QVERIFY2((run).problem.isEmpty(), qPrintable((run).problem + "\n" + (run).output + (run).errors));                 \
    QCOMPARE((run).errors, QByteArray());                                                                              \
    QCOMPARE((run).status, 0)

class TestScenariosPrograms : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void countsWords_data();
    void countsWords();
    void countsWordsOfNothing();
    void wordcountTellsOfUnreadableFile();

    void pipelineIsFaster();
    void pipelineHoldsBackQuickStages();
    void pipelineTellsOfDeadStage_data();
    void pipelineTellsOfDeadStage();

    void picturesAreEqual_data();
    void picturesAreEqual();
    void pictureIsSeeded();
    void pictureShowsProgress_data();
    void pictureShowsProgress();
    void pictureCannotBeWritten();

    void indexFindsWhatGrepFinds_data();
    void indexFindsWhatGrepFinds();
    void indexAnswersQuestions();

    void watchShowsNewLines();
    void watchNoticesSilence();
    void watchLeavesNothingBehind();

    void breakWorkerKilled();
    void breakWorkerThrows();
    void breakWorkerNeverEnds();
    void breakFlood();
    void breakSlowCollector();

    void refuses_data();
    void refuses();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
    QByteArray m_picture;
};

void TestScenariosPrograms::initTestCase() {
    QVERIFY(takeInOrphans());
    QVERIFY(m_folder.isValid());
    fill(path("texts"));
    QVERIFY(QDir(m_folder.path()).mkpath("nothing"));
    QVERIFY(QDir(m_folder.path()).mkpath("logs/below"));
    QVERIFY(QDir(m_folder.path()).mkpath("more logs"));
}

// wordcount ------------------------------------------------------------------------------------------------------

void TestScenariosPrograms::countsWords_data() {
    QTest::addColumn<int>("limit");
    for (int limit : {1, 3, 50})
        QTest::addRow("limit %d", limit) << limit;
}

void TestScenariosPrograms::countsWords() {
    QFETCH(int, limit);
    const Run sequential = run("wordcount_sequential", {path("texts"), "--top", "1000000"});
    VERIFY_WELL(sequential);
    QCOMPARE(linesOf(sequential), countedWords(path("texts")));

    const Run parallel = run("wordcount", {path("texts"), "--top", "1000000", "--limit", QString::number(limit)});
    VERIFY_WELL(parallel);
    QCOMPARE(linesOf(parallel), linesOf(sequential));

    const Run few = run("wordcount", {path("texts"), "--top", "3"});
    VERIFY_WELL(few);
    QCOMPARE(linesOf(few), linesOf(sequential).mid(0, 3));
}

void TestScenariosPrograms::countsWordsOfNothing() {
    const Run result = run("wordcount", {path("nothing")});
    VERIFY_WELL(result);
    QCOMPARE(linesOf(result), QByteArrayList());
}

void TestScenariosPrograms::wordcountTellsOfUnreadableFile() {
    if (::geteuid() == 0)
        QSKIP("root may read every file");
    QTemporaryDir folder;
    write(folder.filePath("secret"), "the");
    QVERIFY(QFile::setPermissions(folder.filePath("secret"), {}));
    const Run result = run("wordcount", {folder.path()});
    QVERIFY2(result.problem.isEmpty(), qPrintable(result.problem));
    QCOMPARE(result.status, 1);
    QVERIFY2(result.errors.contains("secret"), result.errors.constData());
}

// pipeline -------------------------------------------------------------------------------------------------------

void TestScenariosPrograms::pipelineIsFaster() {
    Run pipeline;
    double inTurn = 0;
    QStringList options;
    with_long_enough(15ms, [&](auto delay) {
        options = {"--size", "6", "--delay", QString::number(delay.count())};
        pipeline = run("pipeline", options);
        inTurn = 6 * 6 * std::chrono::duration<double>(delay).count();
        return pipeline.seconds * 1.5 <= inTurn;
    });
    VERIFY_WELL(pipeline);
    QVERIFY2(pipeline.seconds * 1.5 <= inTurn,
             qPrintable(QString("%1 s, one after another %2 s").arg(pipeline.seconds).arg(inTurn)));
    const Run sequential = run("sequential_map", {"--size", "6", "--delay", "1"});
    VERIFY_WELL(sequential);
    QCOMPARE(pipeline.grid, sequential.grid);
}

void TestScenariosPrograms::pipelineHoldsBackQuickStages() {
    // The last stage is stopped until the others have got as far as they can, which is not far.
    const int side = 16;
    QProcess process;
    start(process, "pipeline", {"--size", QString::number(side), "--delay", "1", "--load", "64", "--slow", "--stats"});
    QByteArray output;
    QVERIFY(waitForOutput(process, output, " "));
    const auto last = pid_t(process.processId());
    const QList<pid_t> second = childrenOf(last);
    QCOMPARE(second.size(), 1);
    QCOMPARE(::kill(last, SIGSTOP), 0);
    QTRY_COMPARE(stateOf(last), 'T');
    // Stage 2 has been held back, and with it stage 1, when both only sleep; or else they run on to their ends.
    const QList<pid_t> first = childrenOf(second.first());
    const auto isAtRest = [&] {
        return std::ranges::all_of(second + first, [](pid_t pid) { return isGone(pid) || stateOf(pid) == 'S'; });
    };
    int restful = 0;
    QTRY_VERIFY_WITH_TIMEOUT((restful = isAtRest() ? restful + 1 : 0) >= 10, longestRun);
    QVERIFY2(!first.isEmpty() && !isGone(first.first()), "the first stage has sent everything");
    QCOMPARE(::kill(last, SIGCONT), 0);

    Run result = finish(process);
    result.output.prepend(output);
    result.tasks.clear();
    result.grid.clear();
    parse(result);
    VERIFY_WELL(result);
    QCOMPARE(result.tasks.size(), side * side);
    QVERIFY(std::ranges::is_sorted(result.tasks, {}, &Task::began));
    QVERIFY(std::ranges::is_sorted(result.tasks, {}, &Task::ended));
    QVERIFY2(result.mostAtOnce() >= 3, qPrintable(QString::number(result.mostAtOnce())));
    QVERIFY2(result.mostAtOnce() <= side * side / 4, qPrintable(QString::number(result.mostAtOnce())));
}

void TestScenariosPrograms::pipelineTellsOfDeadStage_data() {
    QTest::addColumn<int>("stage");
    QTest::newRow("first") << 1;
    QTest::newRow("second") << 2;
}

void TestScenariosPrograms::pipelineTellsOfDeadStage() {
    QFETCH(int, stage);
    QProcess process;
    start(process, "pipeline", {"--delay", "60000"});
    QVERIFY(process.waitForStarted());
    QList<pid_t> second;
    QList<pid_t> first;
    QTRY_VERIFY_WITH_TIMEOUT(!(second = childrenOf(process.processId())).isEmpty(), longestRun);
    QTRY_VERIFY_WITH_TIMEOUT(!(first = childrenOf(second.first())).isEmpty(), longestRun);
    const pid_t victim = stage == 1 ? first.first() : second.first();
    QCOMPARE(::kill(victim, SIGKILL), 0);

    const Run result = finish(process, Orphans::ending);
    QVERIFY2(result.problem.isEmpty(), qPrintable(result.problem));
    QCOMPARE(result.status, 1);
    QVERIFY2(result.errors.contains(QByteArray::number(victim)), result.errors.constData());
}

// raytracer ------------------------------------------------------------------------------------------------------

void TestScenariosPrograms::picturesAreEqual_data() {
    QTest::addColumn<QString>("program");
    QTest::addColumn<int>("limit");
    QTest::newRow("sequential") << "raytracer_sequential" << 1;
    for (const QString program : {"raytracer_pmap", "raytracer_queue", "raytracer_reuse"})
        for (int limit : {1, 4})
            QTest::addRow("%s limit %d", qPrintable(program), limit) << program << limit;
}

void TestScenariosPrograms::picturesAreEqual() {
    QFETCH(QString, program);
    QFETCH(int, limit);
    const Run result = run(program, {"--width", "48", "--height", "30", "--samples", "2", "--limit",
                                     QString::number(limit), "--output", path(program)});
    VERIFY_WELL(result);
    QCOMPARE(linesOf(result), QByteArrayList{QByteArray(60, '#')});
    QVERIFY(result.seconds >= 0);

    const QByteArray picture = read(path(program));
    QVERIFY(picture.startsWith("P6\n48 30\n255\n"));
    QCOMPARE(picture.size(), 13 + 48 * 30 * 3);
    if (m_picture.isEmpty())
        m_picture = picture;
    QVERIFY(picture == m_picture);

    // It shows something: the sky above is blue, and what is below has many colours.
    QVERIFY(quint8(picture[13 + 2]) > quint8(picture[13]));
    QSet<QByteArray> colours;
    for (qsizetype at = 13; at < picture.size(); at += 3)
        colours.insert(picture.mid(at, 3));
    QVERIFY(colours.size() > 300);
}

void TestScenariosPrograms::pictureIsSeeded() {
    QByteArrayList pictures;
    for (const QString seed : {"1", "2"}) {
        const Run result = run("raytracer_queue", {"--width", "48", "--height", "30", "--samples", "2", "--seed", seed,
                                                   "--output", path("seeded")});
        VERIFY_WELL(result);
        pictures.append(read(path("seeded")));
    }
    QVERIFY(pictures[0] == m_picture);
    QVERIFY(pictures[1] != m_picture);
}

void TestScenariosPrograms::pictureShowsProgress_data() {
    QTest::addColumn<QString>("program");
    for (const QString program : {"raytracer_queue", "raytracer_reuse"})
        QTest::newRow(qPrintable(program)) << program;
}

void TestScenariosPrograms::pictureShowsProgress() {
    // One row is held up: all others arrive and are shown before the picture is there. A process that had sent its row
    // already when it was stopped holds up none; then once more.
    QFETCH(QString, program);
    bool isHeldUp = false;
    for (int attempt = 0; !isHeldUp && attempt < 5; ++attempt) {
        QProcess process;
        start(process, program,
              {"--width", "200", "--height", "60", "--samples", "40", "--limit", "2", "--output", path("held up")});
        QVERIFY2(process.waitForStarted(), qPrintable(process.errorString()));
        pid_t held = 0;
        const auto holdOne = [&] {
            for (const pid_t pid : childrenOf(process.processId())) {
                ::kill(pid, SIGSTOP);
                while (!isGone(pid) && stateOf(pid) != 'T') {
                }
                if (!isGone(pid))
                    return (held = pid) != 0;
            }
            return false;
        };
        while (!holdOne()) {
            QCoreApplication::processEvents();
            QVERIFY2(process.state() == QProcess::Running, "it has ended before one of its processes could be held up");
        }
        QByteArray output;
        QVERIFY(waitForOutput(process, output, QByteArray(59, '#')));
        isHeldUp = output == QByteArray(59, '#');
        if (isHeldUp)
            QVERIFY(!QFile::exists(path("held up")));
        ::kill(held, SIGCONT);
        const Run result = finish(process);
        VERIFY_WELL(result);
        if (isHeldUp)
            QVERIFY(result.output.startsWith("#\n"));
        QVERIFY(QFile::remove(path("held up")));
    }
    QVERIFY(isHeldUp);
}

void TestScenariosPrograms::pictureCannotBeWritten() {
    const Run result =
        run("raytracer_pmap", {"--width", "4", "--height", "3", "--output", path("no such folder/picture.ppm")});
    QVERIFY2(result.problem.isEmpty(), qPrintable(result.problem));
    QCOMPARE(result.status, 1);
    QVERIFY2(result.errors.contains("no such folder/picture.ppm"), result.errors.constData());
}

// indexer --------------------------------------------------------------------------------------------------------

void TestScenariosPrograms::indexFindsWhatGrepFinds_data() {
    QTest::addColumn<QString>("prefix");
    QTest::addColumn<int>("limit");
    for (int limit : {1, 3, 100})
        for (const QString prefix : {"process", "Process", "the", "x", "a_", "caf", "b", "processors"})
            QTest::addRow("%s limit %d", qPrintable(prefix), limit) << prefix << limit;
}

void TestScenariosPrograms::indexFindsWhatGrepFinds() {
    QFETCH(QString, prefix);
    QFETCH(int, limit);
    const Run result = run("indexer", {path("texts"), prefix, "--limit", QString::number(limit)});
    VERIFY_WELL(result);
    QByteArrayList found = linesOf(result).mid(1); // the first says how many words there are
    std::ranges::sort(found);
    QByteArrayList expected = grepped(path("texts"), prefix);
    if (expected.isEmpty())
        expected.append("No word begins with '" + prefix.toUtf8() + "'.");
    QCOMPARE(found, expected);
}

void TestScenariosPrograms::indexAnswersQuestions() {
    QProcess process;
    start(process, "indexer", {path("texts")});
    process.write("the\n\nno such word\n");
    process.closeWriteChannel();
    const Run result = finish(process);
    VERIFY_WELL(result);
    QByteArray answers = result.output;
    answers.replace("Beginning of a word: ", "");
    for (const QByteArray& place : grepped(path("texts"), "the"))
        QVERIFY2(answers.contains(place + '\n'), place.constData());
    QVERIFY(answers.contains("No word begins with 'no such word'.\n"));
}

// watch ----------------------------------------------------------------------------------------------------------

void TestScenariosPrograms::watchShowsNewLines() {
    const QStringList files = {path("logs/one"), path("logs/two"), path("more logs/three")};
    for (const QString& file : files)
        write(file, "old line\nold beginning of ");
    QProcess process;
    start(process, "watch", {path("logs"), path("more logs"), "--patience", "600000"});
    QByteArray output;
    for (const QString& file : files)
        QVERIFY(waitForOutput(process, output, "Watching " + file.toUtf8() + "\n"));

    QByteArray expected;
    for (int round = 0; round < 20; ++round) {
        for (const QString& file : files) {
            write(file, "a line and the beginning ", QIODevice::Append);
            write(file, "of another\nnew " + QByteArray::number(round) + "\n", QIODevice::Append);
            QVERIFY(waitForOutput(process, output, file.toUtf8() + ": new " + QByteArray::number(round) + "\n"));
        }
    }
    QVERIFY(!output.contains("old line"));
    QCOMPARE(output.count("a line and the beginning of another\n"), 60);

    write(files[0], "a new file\n"); // emptied and written anew, as logs are
    QVERIFY(waitForOutput(process, output, files[0].toUtf8() + ": a new file\n"));

    for (const QString& file : files) {
        write(file, "last words\n", QIODevice::Append);
        QVERIFY(QFile::remove(file));
        QVERIFY(waitForOutput(process, output, file.toUtf8() + " is gone.\n"));
        QVERIFY(output.contains(file.toUtf8() + ": last words\n"));
    }
    const Run result = finish(process);
    VERIFY_WELL(result);
    output += result.output;
    QVERIFY2(output.endsWith("Nothing left to watch.\n"), output.constData());
}

void TestScenariosPrograms::watchNoticesSilence() {
    write(path("logs/silent"), "");
    QProcess process;
    start(process, "watch", {path("logs"), "--patience", "300"});
    const Run result = finish(process, Orphans::ending);
    VERIFY_WELL(result);
    QCOMPARE(result.output, "Watching " + path("logs/silent").toUtf8() + "\nNo input for 0.3 s.\n");
    QVERIFY(QFile::remove(path("logs/silent")));
}

void TestScenariosPrograms::watchLeavesNothingBehind() {
    write(path("logs/left"), "");
    QProcess process;
    start(process, "watch", {path("logs"), "--patience", "600000"});
    QByteArray output;
    QVERIFY(waitForOutput(process, output, "Watching"));
    const QList<pid_t> folders = childrenOf(process.processId());
    QCOMPARE(folders.size(), 1);
    QCOMPARE(childrenOf(folders.first()).size(), 1);
    process.kill();
    // finish() waits for the ends of both levels: nobody tells them but the kernel.
    const Run result = finish(process, Orphans::ending);
    QCOMPARE(result.problem, QString("ended by signal 9"));
    QVERIFY(QFile::remove(path("logs/left")));
}

// break it -------------------------------------------------------------------------------------------------------

void TestScenariosPrograms::breakWorkerKilled() {
    for (int retries : {0, 2}) {
        const Run result = run("break_worker_killed", {"--retries", QString::number(retries)});
        VERIFY_WELL(result);
        const QByteArrayList lines = linesOf(result);
        QCOMPARE(lines.size(), 5);
        QCOMPARE(lines[0], QByteArray("Task 0 gave 0."));
        QCOMPARE(lines[1], QByteArray("Task 1 gave 1."));
        QVERIFY2(lines[2].startsWith("Task 2 has no result: process "), lines[2].constData());
        QVERIFY2(lines[2].contains("signal 9"), lines[2].constData());
        QVERIFY2(lines[2].endsWith(" Attempts: " + QByteArray::number(retries + 1) + "."), lines[2].constData());
        QCOMPARE(lines[3], QByteArray("Task 3 gave 9."));
        QCOMPARE(lines[4], QByteArray("Task 4 gave 16."));
    }
}

void TestScenariosPrograms::breakWorkerThrows() {
    const Run result = run("break_worker_throws", {});
    VERIFY_WELL(result);
    QCOMPARE(linesOf(result),
             (QByteArrayList{"'1' is 1.", "'22' is 22.", "'three' failed: std::invalid_argument, which said 'stoi'.",
                             "'4444' is 4444.", "'99999999999' failed: std::out_of_range, which said 'stoi'."}));
    const Run own = run("break_worker_throws", {"7", "seven"});
    VERIFY_WELL(own);
    QCOMPARE(linesOf(own), (QByteArrayList{"'7' is 7.", "'seven' failed: std::invalid_argument, which said 'stoi'."}));
}

void TestScenariosPrograms::breakWorkerNeverEnds() {
    // The time is what the others may take as well, so it is long enough for a slow machine.
    const Run result = run("break_worker_never_ends", {"--timeout", "1000"});
    VERIFY_WELL(result);
    const QByteArrayList lines = linesOf(result);
    QCOMPARE(lines.size(), 5);
    QVERIFY2(lines[1].startsWith("Task 1 has no result: ") && lines[1].contains("1000 ms"), lines[1].constData());
    for (int k : {0, 2, 3, 4})
        QCOMPARE(lines[k], "Task " + QByteArray::number(k) + " gave " + QByteArray::number(k * k) + ".");
}

void TestScenariosPrograms::breakFlood() {
    const Run result = run("break_flood", {"--wanted", "5000", "--pause", "200"});
    VERIFY_WELL(result);
    const QRegularExpression pattern("^Took 5000 numbers, in order\\. The process got (\\d+) further, then it had to "
                                     "wait, and was ended\\.\n$");
    const auto match = pattern.match(result.output);
    QVERIFY2(match.hasMatch(), result.output.constData());
    // A channel takes some hundreds of such small messages, where nothing held it back it would be hundreds of
    // thousands.
    QVERIFY2(match.captured(1).toInt() < 20'000, result.output.constData());
}

void TestScenariosPrograms::breakSlowCollector() {
    const Run result = run("break_slow_collector", {"--processes", "4", "--results", "100", "--delay", "1"});
    VERIFY_WELL(result);
    const QByteArrayList lines = linesOf(result);
    QCOMPARE(lines.size(), 4);
    for (int k = 0; k < 4; ++k) {
        const QRegularExpression pattern(QString("^Process %1: 100 of 100 results came, in order\\. It was never more "
                                                 "than (\\d+) ahead\\.$")
                                             .arg(k));
        const auto match = pattern.match(lines[k]);
        QVERIFY2(match.hasMatch(), lines[k].constData());
        QVERIFY2(match.captured(1).toInt() < 50, lines[k].constData());
    }
}

// options --------------------------------------------------------------------------------------------------------

void TestScenariosPrograms::refuses_data() {
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("culprit"); // what the message has to name
    const auto add = [](const QString& program, const QStringList& arguments, const QString& culprit) {
        QTest::addRow("%s %s", qPrintable(program), qPrintable(arguments.join(' '))) << program << arguments << culprit;
    };
    for (const QString program : {"wordcount", "wordcount_sequential", "indexer", "watch"}) {
        add(program, {}, program + " FOLDER");
        add(program, {"/no/such/folder"}, "/no/such/folder");
        add(program, {"/etc/passwd"}, "/etc/passwd");
        add(program, {"--colour"}, "--colour");
    }
    add("wordcount", {"a", "b"}, "'b'");
    add("wordcount", {"a", "--limit", "0"}, "--limit");
    add("wordcount", {"a", "--top"}, "--top");
    add("indexer", {"a", "--limit", "x"}, "--limit");
    add("watch", {"a", "--patience", "-1"}, "--patience");
    add("pipeline", {"--load", "-1"}, "--load");
    add("pipeline", {"--size", "0"}, "--size");
    for (const QString program : {"raytracer_sequential", "raytracer_pmap", "raytracer_queue", "raytracer_reuse"}) {
        add(program, {"--width", "0"}, "--width");
        add(program, {"--samples", "many"}, "--samples");
        add(program, {"picture"}, "picture");
    }
    add("break_worker_killed", {"--retries", "-1"}, "--retries");
    add("break_worker_never_ends", {"--timeout", "0"}, "--timeout");
    add("break_flood", {"--wanted", "none"}, "--wanted");
    add("break_slow_collector", {"--processes", "0"}, "--processes");
}

void TestScenariosPrograms::refuses() {
    QFETCH(QString, program);
    QFETCH(QStringList, arguments);
    QFETCH(QString, culprit);
    const Run result = run(program, arguments);
    QVERIFY2(isRefusal(result, culprit), qPrintable(result.problem + "\n" + result.output + result.errors));
}

QTEST_GUILESS_MAIN(TestScenariosPrograms)
#include "tst_scenarios_programs.moc"
