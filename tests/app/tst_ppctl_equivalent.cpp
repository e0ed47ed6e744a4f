// SPDX-License-Identifier: GPL-3.0-or-later
// ctest: not with tsan
//
// The line of ppctl and the program that a job is equivalent to do what the job does.

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <pprocess/job/equivalent.h>

#include "support/equivalent_jobs.h"

using namespace pprocess;

namespace {

const QString folder = QStringLiteral(PPROCESS_FIXTURES "/equivalents");

void write(const QString& name, const QByteArray& content) {
    QFile file(folder + QLatin1Char('/') + name);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), qint64(content.size()));
}

const std::vector<tests::EquivalentJob>& jobs() {
    static const auto all = tests::equivalent_jobs(folder.toStdString(), PPROCESS_FIXTURES "/shapes_tasks.so");
    return all;
}

struct Ran {
    int status = -1;
    QByteArray output;
    QByteArray errors;
};

Ran run(const QString& program, const QStringList& arguments) {
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PATH", QStringLiteral(PPROCESS_BIN ":") + environment.value("PATH"));
    process.setProcessEnvironment(environment);
    process.start(program, arguments);
    process.write("one\ntwo words\n\nit's\n");
    process.closeWriteChannel();
    if (!process.waitForFinished(60'000))
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

/// In the order of the items, without what no two runs have in common.
QByteArray comparable(const QByteArray& jsonLines) {
    std::map<int, QByteArray> sorted;
    for (const QByteArray& line : jsonLines.split('\n')) {
        QJsonObject object = QJsonDocument::fromJson(line).object();
        object.remove("seconds");
        QJsonObject summary = object["summary"].toObject();
        summary.remove("seconds");
        if (!summary.isEmpty())
            object["summary"] = summary;
        sorted[object["number"].toInt()] += QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
    }
    QByteArray all;
    for (const auto& [number, line] : sorted)
        all += line;
    return all;
}

QList<int> numbersOf(const QByteArray& jsonLines) {
    QList<int> numbers;
    for (const QByteArray& line : jsonLines.split('\n'))
        numbers += QJsonDocument::fromJson(line).object()["number"].toInt();
    return numbers;
}

/// The lines in an order of their own: items may come in any.
QByteArrayList sortedLines(const QByteArray& text) {
    QByteArrayList lines = text.split('\n');
    std::sort(lines.begin(), lines.end());
    return lines;
}

QString saved(const job::Job& job, const QTemporaryDir& where) {
    const QString file = where.filePath("job.json");
    job::save(job, file.toStdString());
    return file;
}

} // namespace

class TestPpctlEquivalent : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void lineDoesTheSame_data();
    void lineDoesTheSame();
    void programDoesTheSame_data();
    void programDoesTheSame();
    void linesAreShort();
    void mistakesAreTold();
};

void TestPpctlEquivalent::initTestCase() {
    QDir().mkpath(folder);
    write("a.txt", "abc\n");
    write("b b.txt", "12345\n");
    write("it's.text", "");
    write("other", "x");
    write("lines", "one\n\ntwo words\r\nit's \"3\"\n");
    write("people.csv", "first name;age\n\"Ann; B\";30\nBob;41\n");
    write("plain.tsv", "a\tb\nc d\te\n");
}

void TestPpctlEquivalent::lineDoesTheSame_data() {
    QTest::addColumn<int>("place");
    for (std::size_t place = 0; place < jobs().size(); ++place)
        QTest::newRow(jobs()[place].name) << int(place);
}

void TestPpctlEquivalent::lineDoesTheSame() {
    QFETCH(int, place);
    const job::Job& job = jobs()[std::size_t(place)].job;
    QTemporaryDir where;
    const Ran file = run(QStringLiteral(PPROCESS_BIN "/ppctl"), {"run", saved(job, where), "--json"});
    QByteArray line = QByteArray::fromStdString(job::ppctl_line(job));
    QVERIFY(line.startsWith("ppctl run "));
    line.insert(int(strlen("ppctl run")), " --json");
    // As a script: an argument would have to be text.
    QFile script(where.filePath("line.sh"));
    QVERIFY(script.open(QIODevice::WriteOnly));
    script.write(line);
    script.close();
    const Ran typed = run("/bin/sh", {script.fileName()});
    QVERIFY2(!file.output.isEmpty(), file.errors);
    QVERIFY2(comparable(typed.output) == comparable(file.output),
             line + "\n" + comparable(typed.output) + typed.errors + "instead of\n" + comparable(file.output));
    QCOMPARE(typed.status, file.status);
    // The order is part of the job.
    if (job.pattern == job::Pattern::map)
        QCOMPARE(numbersOf(typed.output), numbersOf(file.output));
}

void TestPpctlEquivalent::programDoesTheSame_data() {
    QTest::addColumn<int>("place");
    for (std::size_t place = 0; place < jobs().size(); ++place)
        if (jobs()[place].is_compiled)
            QTest::newRow(jobs()[place].name) << int(place);
}

void TestPpctlEquivalent::programDoesTheSame() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("These programs are compiled in the builds without sanitizers.");
#endif
    QFETCH(int, place);
    const job::Job& job = jobs()[std::size_t(place)].job;
    QTemporaryDir where;
    const Ran file = run(QStringLiteral(PPROCESS_BIN "/ppctl"), {"run", saved(job, where)});
    const Ran program = run(QStringLiteral(PPROCESS_FIXTURES "/equivalent_programs"), {QString::number(place)});
    if (job.pattern == job::Pattern::map)
        QCOMPARE(program.output, file.output);
    QCOMPARE(sortedLines(program.output), sortedLines(file.output));
    QVERIFY2(program.status == file.status, program.errors);
}

void TestPpctlEquivalent::linesAreShort() {
    const auto line = [](const char* name) {
        for (const auto& each : jobs())
            if (each.name == std::string_view(name))
                return job::ppctl_line(each.job);
        return std::string();
    };
    const std::string in = folder.toStdString();
    QCOMPARE(line("lines in a shell"),
             "ppctl run --inputs " + in + "/lines --shell --keep-order -- 'x={}; echo \"$x\" | tr a-z A-Z'");
    QCOMPARE(line("as they come"), "ppctl run --item a --item b --item c -- echo");
    QCOMPARE(line("grid"),
             "ppctl run --grid size=1:0:-0.5 --grid 'mode=\"a, b\",c' --keep-order -- echo {size} {mode}");
    QCOMPARE(line("pipeline"), "ppctl run --item a --item b --item c --then 'tr a-z A-Z' --then 'echo {<} {}' "
                               "--keep-order -- echo {}");
    QVERIFY(line("function").ends_with("/shapes_tasks.so:area --keep-order -- {w} 2.5"));
    QCOMPARE(line("time limit"), "ppctl run --item 60 --item 70 --keep-order --limit 2 --timeout 1 -- sleep");
    job::Job full;
    full.name = "all of it";
    full.command = "echo {1}";
    full.inputs = job::TableInputs{"t", ' ', false};
    full.limit = 3;
    full.reuse = false;
    full.batch = 4;
    full.timeout = std::chrono::milliseconds(1500);
    full.retries = 2;
    full.stop_at_failure = true;
    full.working_folder = "-w";
    full.environment = {{"A", "1"}, {"B", "x y=z"}};
    full.niceness = -5;
    full.cores = {0, 2};
    full.output_cap = 9;
    QCOMPARE(job::ppctl_line(full),
             "ppctl run --table t --separator blank --no-header --env A=1 --env 'B=x y=z' --nice=-5 --cores 0,2 "
             "--name 'all of it' --keep-order --limit 3 --fresh --batch 4 --timeout 1.5 --retries 2 --stop-at-failure "
             "--working-folder=-w --output-cap 9 -- echo {1}");
    const std::string program = job::cpp_program(full);
    for (const char* said : {"job.name = \"all of it\";", "job.limit = 3;", "job.reuse = false;", "job.batch = 4;",
                             "milliseconds(1500)", "job.retries = 2;", "job.stop_at_failure = true;",
                             "job.working_folder = \"-w\";", "emplace_back(\"B\", \"x y=z\")", "job.niceness = -5;",
                             "job.cores.push_back(2);", "job.output_cap = 9;", ".separator = ' ', .has_header = false"})
        QVERIFY2(program.find(said) != std::string::npos, said);
    full.retries = 0;
    full.batch = {};
    full.stop_at_failure = false;
    full.pattern = job::Pattern::queue;
    const std::string pattern = job::cpp_program(full);
    for (const char* said :
         {"// all of it.", "{.limit = 3, .reuse = false, .timeout = std::chrono::milliseconds(1500)}",
          "MakeParallel(run)", ".working_folder = \"-w\"", ".output_cap = 9", "setenv(\"A\", \"1\", 1)", "nice(-5)",
          "CPU_SET(2, &cores)"})
        QVERIFY2(pattern.find(said) != std::string::npos, said);
    // What ppctl has no options for is not left out.
    for (const char* name : {"literal braces", "pipeline of all kinds", "grid of times", "brackets", "table"})
        QVERIFY2(line(name).starts_with("ppctl run /dev/fd/3 3<<"), name);
    int short_lines = 0;
    for (const auto& each : jobs())
        short_lines += job::ppctl_line(each.job).starts_with("ppctl run /dev") ? 0 : 1;
    QCOMPARE(short_lines, int(jobs().size()) - 5);
    // A list that no line could hold.
    job::Job many;
    many.command = "echo";
    many.inputs = job::ListInputs{std::vector<std::string>(20'000, "an item")};
    QVERIFY(job::ppctl_line(many).starts_with("ppctl run /dev/fd/3"));
}

void TestPpctlEquivalent::mistakesAreTold() {
    job::Job job;
    job.inputs = job::ListInputs{{"a"}};
    for (const char* command : {"", "echo 'a"}) {
        job.command = command;
        QVERIFY_EXCEPTION_THROWN((void)job::ppctl_line(job), job::JobError);
        QVERIFY_EXCEPTION_THROWN((void)job::cpp_program(job), job::JobError);
    }
    job.command = "echo {a}";
    job.inputs = job::GridInputs{{{"a", job::Range{1, 2, -1}}}};
    QVERIFY_EXCEPTION_THROWN((void)job::ppctl_line(job), job::JobError);
    QVERIFY_EXCEPTION_THROWN((void)job::cpp_program(job), job::JobError);
}

QTEST_GUILESS_MAIN(TestPpctlEquivalent)
#include "tst_ppctl_equivalent.moc"
