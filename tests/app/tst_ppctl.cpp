// SPDX-License-Identifier: GPL-3.0-or-later

/// ppctl as a user meets it: the program is started, and its output, words and exit status are what is checked.

#include "run_ppctl.h"

#include "support/patience.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QtTest>

#include <pprocess/background/persistent.h>
#include <pprocess/job/history.h>
#include <pprocess/job/job_log.h>

namespace {

/// Does any process have this working folder?
bool anyProcessIn(const QString& folder) {
    for (const QString& process : QDir("/proc").entryList({"[0-9]*"}, QDir::Dirs))
        if (QFile::symLinkTarget("/proc/" + process + "/cwd") == folder)
            return true;
    return false;
}

/// The most memory, in KiB, that ppctl takes for so many items. Each fails while its argument is read, so that all goes
/// its way except a process for each item.
long memoryFor(int items) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    const pid_t pid = ::fork();
    if (pid == 0) {
        const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        ::dup2(ends[0], STDIN_FILENO);
        ::dup2(null, STDOUT_FILENO);
        ::dup2(null, STDERR_FILENO);
        ::execl(PPROCESS_BIN "/ppctl", "ppctl", "run", "--function", PPROCESS_FIXTURES "/shapes_tasks.so:area", "--",
                "{}", "1", nullptr);
        ::_exit(127);
    }
    ::close(ends[0]);
    const QByteArray line = "a line that is no number at all\n";
    FILE* input = ::fdopen(ends[1], "w");
    for (int i = 0; i < items; ++i)
        std::fwrite(line.constData(), 1, std::size_t(line.size()), input);
    std::fclose(input);
    int status = 0;
    rusage used{};
    return ::wait4(pid, &status, 0, &used) == pid && WEXITSTATUS(status) == 101 ? used.ru_maxrss : -1;
}

} // namespace

class TestPpctl : public QObject {
    Q_OBJECT

private slots:
    void itemsFromStandardInput() {
        const Result result =
            ppctl({"run", "--keep-order", "--limit", "3", "--", "echo", "{#}: {/} of {//}"}, "a/x.txt\n\nb y\n");
        QCOMPARE(result.output, QByteArray("1: x.txt of a\n2: b y of .\n"));
        QCOMPARE(result.status, 0);
        QVERIFY(result.words.contains("2 items in"));
    }

    void exitStatusCountsFailures() {
        QByteArray items;
        for (int i = 0; i < 7; ++i)
            items += "1\n0\n";
        QCOMPARE(ppctl({"run", "--", "sh", "-c", "exit {}"}, items).status, 7);
        items.clear();
        for (int i = 0; i < 102; ++i)
            items += "1\n";
        const Result many = ppctl({"run", "--", "sh", "-c", "exit {}"}, items);
        QCOMPARE(many.status, 101);
        QVERIFY(many.words.contains("102 failed"));
        QVERIFY(many.words.contains("1: exit status 1"));
    }

    void anItemsOutputIsNeverMixed() {
        QByteArray items;
        for (int i = 0; i < 40; ++i)
            items += QByteArray::number(i) + '\n';
        const Result result =
            ppctl({"run", "--limit", "8", "--", "sh", "-c", "for k in 1 2 3 4 5 6 7 8; do echo {}; done"}, items);
        const QList<QByteArray> lines = result.output.trimmed().split('\n');
        QCOMPARE(lines.size(), 320);
        for (int i = 0; i < lines.size(); ++i)
            QCOMPARE(lines[i], lines[i / 8 * 8]);
    }

    void jsonHasOneObjectForEachItem() {
        const Result result =
            ppctl({"run", "--json", "--keep-order", "--", "sh", "-c", "echo {}; exit 3"}, "a\nb\xff\n");
        const QList<QByteArray> lines = result.output.trimmed().split('\n');
        QCOMPARE(lines.size(), 3);
        const QJsonObject summary = QJsonDocument::fromJson(lines[2]).object()["summary"].toObject();
        QCOMPARE(summary["items"].toInt(), 2);
        QCOMPARE(summary["failed"].toInt(), 2);
        const QJsonObject first = QJsonDocument::fromJson(lines[0]).object();
        QCOMPARE(first["input"].toString(), QString("a"));
        QCOMPARE(first["output"].toString(), QString("a\n"));
        QCOMPARE(first["exit_status"].toInt(), 3);
        const QJsonObject second = QJsonDocument::fromJson(lines[1]).object();
        QCOMPARE(second["input"].toString(), QString("b\\xff"));
        QVERIFY(second["input_escaped"].toBool());
        QCOMPARE(result.status, 2);
    }

    /// Everything that is said about what cannot be done, but for what takes others to go wrong meanwhile: that has
    /// tests of its own. In a folder with a job, a trace (good), one cut short (torn), nothing (empty) and what is none
    /// (text).
    void mistakesGetWords_data() {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* name, const char* arguments, int status, const char* words) {
            QTest::newRow(name) << QString(arguments) << status << QByteArray(words);
        };
        // clang-format off
        row("nothing", "", 125, "subcommand");
        row("unknown command", "fly", 125, "subcommand");
        row("nothing to run", "run", 125, "nothing to run: give a job file, or a command after --");
        row("unknown option", "run --fast -- true", 125, "--fast");
        row("limit 0", "run --limit 0 -- true", 125, "limit must be at least 1");
        row("limit in words", "run --limit two -- true", 125, "--limit");
        row("no such program", "run -- no-such-program", 125, "No such program");
        row("no such job file", "run /no/such.json", 125, "/no/such.json");
        row("no job file", "run text", 125, "JSON");
        row("job of the future", "run future.json", 125, "version");
        row("job and command", "run job.json -- true", 125, "either a job file or a command");
        row("job and function", "run job.json --function a:b", 125, "either a job file or a command");
        row("job and step", "run job.json --then true", 125, "either a job file or a command");
        row("job and shell", "run job.json --shell", 125, "--shell goes with a command after --");
        row("shell of words", "run --shell -- wc -l", 125, "with --shell give the command as one word");
        row("empty value", "run --log= -- true", 125, "--log: its value is empty; give one, or leave it out");
        row("empty value of export", "trace export good --format= csv", 125, "format");
        row("zero bytes in nothing", "run --null --item a -- true", 125, "--null goes with items from --inputs or standard input");
        row("no such inputs", "run --inputs /no/such -- true", 125, "/no/such");
        row("no such folder", "run --folder /no/such -- true", 125, "/no/such");
        row("no such working folder", "run --working-folder /no/such -- true", 125, "/no/such");
        row("two inputs", "run --item a --inputs text -- true", 125, "give one of --inputs, --folder, --item, --table and --grid");
        row("pattern of nothing", "run --pattern * -- true", 125, "--pattern and --no-recursive go with --folder");
        row("no file fits", "run --folder . --pattern *.none -- true", 125, "No file in . or below it matches *.none");
        row("no such table", "run --table /no/such -- true", 125, "/no/such");
        row("separator", "run --table text --separator ab -- true", 125, "--separator ab: give one character");
        row("grid", "run --grid a -- true", 125, "--grid a: write NAME=FROM:TO");
        row("step of nothing", "run --grid a=1:2:0 -- true", 125, "step");
        row("timeout", "run --timeout 0 -- true", 125, "--timeout must be a number of seconds, at least 0.001");
        row("timeout in words", "run --timeout soon -- true", 125, "--timeout");
        row("retries", "run --retries -1 -- true", 125, "--retries");
        row("niceness", "run --nice 20 -- true", 125, "--nice");
        row("no such core", "run --cores 99999 -- true", 125, "cores");
        row("environment", "run --env A -- true", 125, "--env A: write NAME=VALUE");
        row("reuse and fresh", "run --reuse --fresh -- true", 125, "either --reuse or --fresh");
        row("resume what", "run --resume -- true", 125, "--resume needs --log FILE");
        row("log is there", "run --log text -- true", 125, "the log text exists already; give --resume");
        row("log is none", "run --log text --resume -- true", 126, "text");
        row("log nowhere", "run --log no/such/log -- true", 126, "no/such/log: No such file");
        row("function without name", "run --function lib.so", 125, "--function lib.so: write LIBRARY:NAME");
        row("function of nothing", "run --function no.so:f", 125, "There is no file no.so");
        row("no such function", "run --function " PPROCESS_FIXTURES "/shapes_tasks.so:none", 125, "has no task called none; it has: area,");
        row("too few arguments", "run --function " PPROCESS_FIXTURES "/shapes_tasks.so:area -- 1", 125, "function.arguments");
        row("step without program", "run --then no-such-program -- echo", 125, "then[0]");
        row("background nowhere", "run --background no/such/socket -- true", 126, "The folder no/such must exist");
        row("background over a file", "run --background text -- true", 126, "text");
        row("no trace", "trace export --format csv", 125, "FILE is required");
        row("no format", "trace export good", 125, "--format is required");
        row("unknown format", "trace export good --format xml", 125, "chrome");
        row("two traces", "trace export good empty --format csv", 125, "empty");
        row("missing trace", "trace export missing --format csv", 126, "read the trace file missing: No such file");
        row("a folder as trace", "trace export . --format csv", 126, ". is no trace file");
        row("no trace file", "trace export text --format csv", 126, "text is no trace file of pprocess");
        row("empty trace", "trace export empty --format csv", 126, "empty is no trace file of pprocess");
        row("less than a header", "trace export torn --format csv", 126, "torn is no trace file of pprocess");
        row("export nowhere", "trace export good --format csv -o no/such/file", 126, "write no/such/file: No such file");
        row("export over itself", "trace export good --format csv -o ./good", 125, "the trace itself would be overwritten");
        row("export to a full disk", "trace export good --format csv -o /dev/full", 126, "write /dev/full: No space left");
        row("trace what", "trace", 125, "subcommand");
        row("list of something", "list mine", 125, "mine");
        row("attach to nothing", "attach", 125, "program is required");
        row("no such name", "attach nobody", 125, "no inspectable program 'nobody', nor any other. Start one");
        row("no such pid", "attach 1", 125, "no inspectable program '1'");
        row("no time", "attach nobody --seconds -1", 125, "'-1' is no number of seconds");
        row("no number", "watch --seconds soon", 125, "'soon' is no number of seconds");
        row("watch something", "watch mine", 125, "mine");
        row("export what", "export", 125, "log is required");
        row("export no log", "export missing", 125, "there is no log missing, nor a run of that name; ppctl list --runs");
        row("export no run", "export .", 125, "the folder . holds no run");
        row("export a text", "export text", 125, "text is not the log of a job");
        row("export as what", "export log --format xml", 125, "csv");
        row("export a log over itself", "export log -o ./log", 125, "the log itself would be overwritten");
        row("export a log nowhere", "export log -o no/such/file", 126, "write no/such/file: No such file");
        row("export a log to a full disk", "export log -o /dev/full", 126, "write /dev/full: No space left");
        row("tasks of nothing", "tasks", 125, "library is required");
        row("no library there", "tasks /no/such.so", 125, "there is no such file");
        row("tasks of a text", "tasks text", 125, "it is no shared library");
        row("library without tasks", "tasks " PPROCESS_FIXTURES "/no_tasks.so", 125, "it has no tasks");
        row("library of another version", "tasks " PPROCESS_FIXTURES "/foreign_tasks.so", 125, "Build it again");
        row("crashing library", "tasks " PPROCESS_FIXTURES "/crashing_tasks.so", 125, "loading it was killed by signal 11");
        row("collect nothing", "collect", 125, "address is required");
        row("collect nowhere", "collect /no/such", 125, "There is no such address: nothing was started there");
        row("collect a text", "collect text", 125, "non-socket");
        row("stop nothing", "stop", 125, "target is required");
        row("stop a stranger", "stop 1", 125, "nothing to stop at 1: it is neither");
        row("stop in no time", "stop 1 --grace -1", 125, "--grace");
        // clang-format on
    }
    void mistakesGetWords() {
        QFETCH(QString, arguments);
        QFETCH(int, status);
        QFETCH(QByteArray, words);
        QTemporaryDir folder;
        writeTrace(folder.filePath("good"), {.workers = 2, .tasks = 1000});
        const QByteArray good = contentOf(folder.filePath("good"));
        const QByteArray text = QByteArray("this is text\n").repeated(100);
        write(folder.filePath("torn"), good.left(63));
        write(folder.filePath("log"), "{\"number\":1,\"input\":\"a\",\"outcome\":\"succeeded\",\"attempts\":1}\n");
        write(folder.filePath("empty"), "");
        write(folder.filePath("text"), text);
        write(folder.filePath("job.json"), "{\"version\": 1, \"command\": \"true\", \"inputs\": {\"items\": [\"a\"]}}");
        write(folder.filePath("future.json"), "{\"version\": 99}");
        const Result result = ppctl(arguments.split(' ', Qt::SkipEmptyParts), "item\n", folder.path());
        QVERIFY2(result.words.contains(words) && result.words.startsWith("ppctl: "), result.words);
        QCOMPARE(result.words.count('\n'), 1);
        QCOMPARE(result.output, QByteArray());
        QCOMPARE(result.status, status);
        QCOMPARE(contentOf(folder.filePath("good")), good);
        QCOMPARE(contentOf(folder.filePath("text")), text);
    }

    /// A line is there before the command ends: it waits until it is let on, which is done after the line was read.
    void linesComeAsTheyAreWritten() {
        QTemporaryDir folder;
        const QString go = folder.filePath("go");
        QCOMPARE(::mkfifo(QFile::encodeName(go), 0600), 0);
        QProcess run;
        run.start(QStringLiteral(PPROCESS_BIN "/ppctl"), {"run", "--continuous", "--item", "a", "--shell", "--",
                                                          "echo one {}; read x < " + go + "; echo two"});
        QVERIFY(run.waitForReadyRead(60'000));
        QCOMPARE(run.readAllStandardOutput(), QByteArray("one a\n"));
        QFile pipe(go);
        QVERIFY(pipe.open(QIODevice::WriteOnly));
        pipe.write("on\n");
        pipe.close();
        QVERIFY(run.waitForFinished(60'000));
        QCOMPARE(run.readAllStandardOutput(), QByteArray("two\n"));
        QCOMPARE(run.exitCode(), 0);
    }
    void linesAsJson() {
        const auto result = ppctl({"run", "--continuous", "--json", "--item", "a", "--", "echo"});
        const QList<QByteArray> lines = result.output.split('\n');
        QCOMPARE(lines[0], QByteArray(R"({"number":1,"input":"a","attempt":1,"lines":"a\n"})"));
        QVERIFY(lines[1].contains(R"("outcome":"succeeded")") && lines[1].contains(R"("output":"a\n")"));
    }

    void theManualPageNamesEachOption_data() {
        QTest::addColumn<QStringList>("command");
        for (const char* command :
             {"run", "list", "attach", "watch", "collect", "stop", "export", "tasks", "trace export"})
            QTest::newRow(command) << QString(command).split(' ');
    }
    void theManualPageNamesEachOption() {
        QFETCH(QStringList, command);
        // "  -o,--output TEXT" in the help; in the page a line of .TP, "\\fB\\-o\\fR, \\fB\\-\\-output\\fR
        // \\fIFILE\\fR".
        const auto found = [](const QString& text, const QString& before) {
            QStringList names;
            const QRegularExpression option("^" + before + "(-[^\\s,]+(, ?-[^\\s,]+)?)",
                                            QRegularExpression::MultilineOption);
            for (auto match = option.globalMatch(text); match.hasNext();)
                names += match.next().captured(1).remove(' ').split(',');
            return names;
        };
        const QString help = ppctl(command + QStringList{"--help"}).output;
        QStringList options = found(help, "  ");
        options.removeAll("-h");
        options.removeAll("--help");
        const QString page = contentOf(PPROCESS_SOURCE_DIR "/docs/man/ppctl.1");
        const QString title = ".SH \"PPCTL " + command.join(' ').toUpper() + "\"\n";
        QVERIFY(page.contains(title));
        QString section = page.section(title, 1).section("\n.SH ", 0, 0);
        section.remove("\\fB").remove("\\fR").remove("\\fI").replace("\\-", "-");
        QCOMPARE(found(section, "\\.TP\\n"), options);
    }

    void wordsAreCompleted_data() {
        QTest::addColumn<QStringList>("words"); // what is typed, the last not to its end
        QTest::addColumn<QByteArray>("completed");
        QTest::newRow("command") << QStringList{"co"} << QByteArray("collect");
        QTest::newRow("option") << QStringList{"run", "--ti"} << QByteArray("--timeout");
        QTest::newRow("options") << QStringList{"run", "--n"}
                                 << QByteArray("--null --no-recursive --no-header --name --nice");
        QTest::newRow("trace") << QStringList{"trace", "e"} << QByteArray("export");
        QTest::newRow("option of export") << QStringList{"trace", "export", "--o"} << QByteArray("--output");
        QTest::newRow("format") << QStringList{"trace", "export", "--format", "c"} << QByteArray("chrome csv");
        QTest::newRow("format of results") << QStringList{"export", "log", "--format", ""} << QByteArray("csv json");
        QTest::newRow("of the command") << QStringList{"run", "--", "flac", "--ti"} << QByteArray("");
    }
    void wordsAreCompleted() {
        QFETCH(QStringList, words);
        QFETCH(QByteArray, completed);
        QProcess bash;
        bash.start("bash", QStringList{"-c",
                                       "source " PPROCESS_SOURCE_DIR "/resources/completion/ppctl.bash; "
                                       "COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _ppctl; echo \"${COMPREPLY[@]}\"",
                                       "bash", PPROCESS_BIN "/ppctl"} +
                               words);
        QVERIFY(bash.waitForFinished(patience));
        QCOMPARE(bash.readAllStandardOutput(), completed + '\n');
    }
    void everyCommandIsCompleted() {
        const QString help = ppctl({"--help"}).output;
        const QString script = contentOf(PPROCESS_SOURCE_DIR "/resources/completion/ppctl.bash");
        QStringList commands;
        for (const QString& line : help.section("Subcommands:\n", 1).split('\n', Qt::SkipEmptyParts))
            if (line.startsWith("  ") && line[2] != ' ')
                commands += line.simplified().section(' ', 0, 0);
        QStringList completed = script.section("-W \"", 1).section(" --help", 0, 0).split(' ');
        completed.sort();
        commands.sort();
        QCOMPARE(completed, commands);
    }

    void tasksAreListed() {
        const QString library = PPROCESS_FIXTURES "/shapes_tasks.so";
        const Result text = ppctl({"tasks", library});
        QCOMPARE(text.status, 0);
        QVERIFY2(text.output.startsWith("area: the area of a rectangle\n"
                                        "    1. width: a number (double)\n"
                                        "    2. height: a number (double)\n"
                                        "    gives double\n"),
                 text.output);
        QVERIFY(text.output.contains("nothing: does nothing\n    gives nothing\n"));
        QCOMPARE(text.words, QByteArray());
        const Result json = ppctl({"tasks", library, "--json"});
        const QList<QByteArray> lines = json.output.trimmed().split('\n');
        QCOMPARE(lines.size(), text.output.count("    gives "));
        const QJsonObject joined = QJsonDocument::fromJson(lines[4]).object();
        QCOMPARE(joined["name"].toString(), QString("joined"));
        QCOMPARE(joined["parameters"][0]["type"].toString(), QString("std::vector<std::string>"));
        QCOMPARE(joined["result"].toString(), QString("std::string"));
    }

    void resultsAreCollected() {
        QTemporaryDir folder;
        const QString address = folder.filePath("some.socket");
        const auto start = [&] {
            std::ignore = pprocess::start_persistent(address.toStdString(), [](pprocess::Channel& own) {
                own.send("a line");
                own.send(std::vector<int>{1, 2});
                own.send(std::vector<std::byte>{std::byte{0xFF}});
                own.send(1.5);
            });
        };
        start();
        const Result text = ppctl({"collect", "some.socket"}, {}, folder.path());
        QCOMPARE(text.output, QByteArray("a line\n[1, 2]\n\xff"
                                         "1.5\n"));
        QCOMPARE(text.status, 0);
        QVERIFY2(text.words.startsWith("ppctl: collecting from some.socket, process "), text.words);
        QTRY_VERIFY(!QFileInfo::exists(address));
        start();
        const Result json = ppctl({"collect", address, "--json"});
        const QList<QByteArray> lines = json.output.trimmed().split('\n');
        QCOMPARE(lines.size(), 5);
        QCOMPARE(lines[1], QByteArray(R"({"number":2,"value":[1,2]})"));
        QCOMPARE(lines[4], QByteArray(R"({"summary":{"values":4,"errors":0}})"));
    }

    void whatCouldNotBePrintedIsKept() {
        QTemporaryDir folder;
        const QString address = folder.filePath("some.socket");
        std::ignore = pprocess::start_persistent(address.toStdString(), [](pprocess::Channel& own) {
            for (const char* line : {"one", "two", "three"})
                own.send(line);
        });
        for (const QString target : {">/dev/full", ">&-"}) {
            QProcess shell;
            shell.start("sh", {"-c", "exec " PPROCESS_BIN "/ppctl collect " + address + target});
            QVERIFY(shell.waitForFinished(patience));
            QCOMPARE(shell.exitCode(), 126);
            const QByteArray words = shell.readAllStandardError();
            QVERIFY2(words.contains("ppctl: cannot write to standard output: ") &&
                         words.contains("What could not be printed is kept: ppctl collect " + address.toUtf8()),
                     words);
        }
        // A reader that takes one line and goes.
        int ends[2];
        QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::execl(PPROCESS_BIN "/ppctl", "ppctl", "collect", address.toLocal8Bit().constData(), nullptr);
            ::_exit(127);
        }
        ::close(ends[1]);
        char first[4];
        QCOMPARE(::read(ends[0], first, sizeof first), ssize_t(4));
        QCOMPARE(QByteArray(first, 4), QByteArray("one\n"));
        ::close(ends[0]);
        int status = 0;
        QCOMPARE(::waitpid(pid, &status, 0), pid);
        const bool was_in_time = WIFEXITED(status) && WEXITSTATUS(status) == 0; // it had printed all before
        const Result rest = ppctl({"collect", address});
        QVERIFY2(was_in_time || rest.output == "two\nthree\n" || rest.output == "three\n", rest.output);
    }

    void aJobRunsInTheBackground() {
        QTemporaryDir folder;
        const QStringList job{"--background", "job.socket",   "--log",
                              "log",          "--keep-order", "--",
                              "sh",           "-c",           "echo out {}; echo error {} >&2; test {} -ne 2"};
        const Result started = ppctl(QStringList{"run"} + job, "1\n2\n3\n", folder.path());
        QCOMPARE(started.status, 0);
        QVERIFY2(started.words.contains("Its results: ppctl collect job.socket\n"), started.words);
        const Result collected = ppctl({"collect", "job.socket"}, {}, folder.path());
        QCOMPARE(collected.output, QByteArray("out 1\nout 2\nout 3\n"));
        QVERIFY2(collected.words.endsWith("error 1\nerror 2\nppctl: 2: exit status 1\nerror 3\n"
                                          "3 items: 2 ok, 1 failed\n"),
                 collected.words);
        QCOMPARE(collected.status, 1);
        QCOMPARE(contentOf(folder.filePath("log")).count('\n'), 3);

        // What is left, from a file this time.
        write(folder.filePath("items"), "1\n2\n3\n");
        QTRY_VERIFY(!QFileInfo::exists(folder.filePath("job.socket")));
        const Result again = ppctl({"run", "--background", "job.socket", "--log", "log", "--resume", "--json",
                                    "--inputs", "items", "--", "echo"},
                                   {}, folder.path());
        QVERIFY2(again.output.startsWith(R"({"background":{"address":"job.socket","pid":)"), again.output);
        const Result rest = ppctl({"collect", "job.socket", "--json"}, {}, folder.path());
        const QList<QByteArray> lines = rest.output.trimmed().split('\n');
        QCOMPARE(lines.size(), 2);
        QCOMPARE(QJsonDocument::fromJson(lines[0]).object()["output"].toString(), QString("2\n"));
        QCOMPARE(QJsonDocument::fromJson(lines[1]).object()["summary"].toObject()["succeeded"].toInt(), 1);
        QCOMPARE(rest.status, 0);
    }

    void aJobIsSaidByOptions_data() {
        QTest::addColumn<QStringList>("arguments"); // in a folder with a.c, b.h and below/c.c
        QTest::addColumn<QByteArray>("output");
        QTest::newRow("item") << QStringList{"--item", "x y", "--item", "-z", "--", "echo", "{}"}
                              << QByteArray("x y\n-z\n");
        QTest::newRow("empty item") << QStringList{"--item=", "--item=a", "--dry-run", "--", "echo", "[{}]"}
                                    << QByteArray("echo '[]'\necho '[a]'\n");
        QTest::newRow("folder") << QStringList{"--folder", ".", "--pattern", "*.c", "--", "echo"}
                                << QByteArray("./a.c\n./below/c.c\n");
        QTest::newRow("this folder alone")
            << QStringList{"--folder", ".", "--pattern", "*.[ch]", "--no-recursive", "--", "echo"}
            << QByteArray("./a.c\n./b.h\n");
        QTest::newRow("pipeline") << QStringList{"--item",       "x",  "--then", "tr a-z A-Z", "--then",
                                                 "echo {#} {<}", "--", "echo",   "{}{}"}
                                  << QByteArray("1 XX\n");
        QTest::newRow("function") << QStringList{"--grid",     "w=1:3",
                                                 "--function", PPROCESS_FIXTURES "/shapes_tasks.so:area",
                                                 "--",         "{w}",
                                                 "2"}
                                  << QByteArray("2\n4\n6\n");
        QTest::newRow("function in a namespace")
            << QStringList{"--item", "3",         "--function", PPROCESS_FIXTURES "/shapes_tasks.so:geo::area",
                           "--",     "[1.0,1.0]", "[{}.0,2.0]"}
            << QByteArray("2\n");
        QTest::newRow("table") << QStringList{"--table", "t.csv", "--", "echo", "{size}-{name}"}
                               << QByteArray("2-x, y\n3-z\n");
        QTest::newRow("table without header")
            << QStringList{"--table", "t.csv", "--no-header", "--separator", ",", "--", "echo", "{2}"}
            << QByteArray("size\n2\n3\n");
        QTest::newRow("grid") << QStringList{"--grid", "a=1:2", "--grid", "b=x,y", "--", "echo", "{a}{b}"}
                              << QByteArray("1x\n1y\n2x\n2y\n");
        QTest::newRow("environment") << QStringList{"--item", "1",  "--env", "PP_A=b c",
                                                    "--",     "sh", "-c",    "echo $PP_A # {}"}
                                     << QByteArray("b c\n");
        QTest::newRow("nice") << QStringList{"--item", "1", "--nice", "3", "--shell", "--", "nice; : {}"}
                              << QByteArray::number(::getpriority(PRIO_PROCESS, 0) + 3) + "\n";
        QTest::newRow("working folder") << QStringList{"--item", "1", "--working-folder", "below", "--", "ls", "c.{}"}
                                        << QByteArray();
        QTest::newRow("dry run") << QStringList{"--item", "it's", "--dry-run", "--then", "wc", "--", "touch", "{}.new"}
                                 << QByteArray("touch 'it'\\''s.new'\nwc\n");
    }
    void aJobIsSaidByOptions() {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, output);
        QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkdir("below"));
        for (const char* name : {"a.c", "b.h", "below/c.c"})
            write(folder.filePath(name), "");
        write(folder.filePath("t.csv"), "name,size\n\"x, y\",2\nz,3\n");
        const Result result = ppctl(QStringList{"run", "--keep-order"} + arguments, {}, folder.path());
        QCOMPARE(result.output, output);
        QVERIFY2(result.status == 0 || output.isEmpty(), result.words);
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 3);
    }

    void failuresAreRetriedTimedAndStopAll() {
        QTemporaryDir folder;
        const Result retried =
            ppctl({"run", "--item", "a", "--retries", "2", "--shell", "--", "echo x >> {}; test $(wc -l < {}) -eq 3"},
                  {}, folder.path());
        QCOMPARE(retried.status, 0);
        QCOMPARE(contentOf(folder.filePath("a")).count('\n'), 3);
        const Result timed = ppctl({"run", "--item", "100", "--timeout", "0.05", "--", "sleep"});
        QCOMPARE(timed.status, 1);
        QVERIFY2(timed.words.contains("ppctl: 100: "), timed.words);
        const Result stopped =
            ppctl({"run", "--limit", "1", "--stop-at-failure", "--", "sh", "-c", "echo {}; exit {}"}, "0\n1\n0\n0\n");
        QCOMPARE(stopped.status, 1);
        QCOMPARE(stopped.output, QByteArray("0\n1\n"));
        QVERIFY2(stopped.words.contains("1 ok, 1 failed"), stopped.words);
    }

    void itemsMayHoldLineEnds() {
        const QByteArray items("a\nb\0\0c d\0last", 13);
        const QStringList job{"--keep-order", "--", "printf", "[%s]"};
        QCOMPARE(ppctl(QStringList{"run", "--null"} + job, items).output, QByteArray("[a\nb][c d][last]"));
        QTemporaryDir folder;
        write(folder.filePath("items"), items + '\0');
        QCOMPARE(ppctl(QStringList{"run", "-0", "--inputs", "items"} + job, {}, folder.path()).output,
                 QByteArray("[a\nb][c d][last]"));
        QCOMPARE(ppctl(QStringList{"run", "-0"} + job, {}).output, QByteArray());
    }

    void noItemsAreNothingWrong() {
        const Result none = ppctl({"run", "--", "false"});
        QCOMPARE(none.status, 0);
        QCOMPARE(none.output, QByteArray());
        QVERIFY2(none.words.startsWith("0 items in"), none.words);
        const Result json = ppctl({"run", "--json", "--", "false"});
        QCOMPARE(json.status, 0);
        QCOMPARE(QJsonDocument::fromJson(json.output).object()["summary"].toObject()["items"].toInt(-1), 0);
        const Result one = ppctl({"run", "--", "echo"}, "without an end");
        QCOMPARE(one.output, QByteArray("without an end\n"));
        QVERIFY2(one.words.startsWith("1 item in"), one.words);
    }

    void itemsAreBegunBeforeThePipeEnds() {
        QProcess process;
        process.start(QStringLiteral(PPROCESS_BIN "/ppctl"), {"run", "--", "echo", "got {}"});
        for (const char* item : {"one", "two"}) {
            process.write(QByteArray(item) + '\n');
            QByteArray output;
            while (!output.contains(QByteArray("got ") + item + '\n')) {
                QVERIFY(process.waitForReadyRead(patience));
                output += process.readAllStandardOutput();
            }
        }
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished(patience));
        QCOMPARE(process.exitCode(), 0);
    }

    void killedRunsGoOnWhereTheyWere() {
        QTemporaryDir folder;
        constexpr int count = 400;
        QByteArray items;
        for (int i = 0; i < count; ++i)
            items += QByteArray::number(i) + '\n';
        write(folder.filePath("items"), items);
        const QString done = folder.filePath("done");
        // Appending is the last that an item does: it is done once and for all when it has. The last hundred wait, so
        // that each of the runs is there to be killed.
        const QStringList arguments{"run",
                                    "--log",
                                    "log",
                                    "--resume",
                                    "--inputs",
                                    "items",
                                    "--shell",
                                    "--limit",
                                    "4",
                                    "--",
                                    "until test {} -lt 300 || test -e go; do sleep 0.01; done; echo {} >> done"};
        for (int kill = 1; kill <= 5; ++kill) {
            QProcess process;
            process.setWorkingDirectory(folder.path());
            process.setStandardOutputFile(QProcess::nullDevice());
            process.start(QStringLiteral(PPROCESS_BIN "/ppctl"), arguments);
            QTRY_VERIFY_WITH_TIMEOUT(contentOf(done).count('\n') >= kill * 40, patience);
            process.kill();
            QVERIFY(process.waitForFinished(patience));
            QTRY_VERIFY_WITH_TIMEOUT(!anyProcessIn(folder.path()), patience); // what it had started ends with it
        }
        const int before = contentOf(folder.filePath("log")).count('\n');
        QVERIFY(before >= 200 - 5 * 4 && before < count);
        write(folder.filePath("go"), {});
        const Result rest = ppctl(arguments, {}, folder.path());
        QCOMPARE(rest.status, 0);
        QVERIFY2(rest.words.contains("items are done already"), rest.words);
        const QList<QByteArray> lines = contentOf(done).trimmed().split('\n');
        QHash<QByteArray, int> times;
        for (const QByteArray& line : lines)
            ++times[line];
        QCOMPARE(times.size(), count);
        // What a kill met between its last act and the word that it has ended is run once more.
        QVERIFY2(lines.size() <= count + 5 * 4, QByteArray::number(lines.size()));
        QSet<QByteArray> logged;
        for (const QByteArray& line : contentOf(folder.filePath("log")).split('\n'))
            if (const QJsonObject object = QJsonDocument::fromJson(line).object(); !object.isEmpty()) {
                const QByteArray input = object["input"].toString().toLatin1();
                QVERIFY2(!logged.contains(input), input); // none that had finished was run again
                logged.insert(input);
            }
        QCOMPARE(logged.size(), count);
    }

    void aMillionLinesTakeLittleMemory() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("a sanitizer's own memory would be measured");
#endif
        // What more there is for 50,000 is told for a million; tests/benchmarks/bench_ppctl.cpp runs them all.
        const long few = memoryFor(1000);
        const long many = memoryFor(51000);
        QVERIFY(few > 0 && many > 0);
        const long million = few + 20 * std::max(0L, many - few);
        QVERIFY2(million < 100 * 1024, QByteArray::number(qint64(few)) + " and " + QByteArray::number(qint64(many)));
    }

    /// What is left of a run that was killed a moment ago may still end an item, which then would run twice. (That its
    /// processes hold the lock: tst_fork_server.)
    void aRunWaitsForWhatAKilledOneLeft() {
        QTemporaryDir folder;
        std::optional<pprocess::job::JobLog> left(folder.filePath("log").toStdString());
        QVERIFY(left->lock());
        QProcess process;
        process.setWorkingDirectory(folder.path());
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QStringLiteral(PPROCESS_BIN "/ppctl"),
                      {"run", "--log", "log", "--resume", "--item", "a", "--item", "b", "--", "echo", "began"});
        QByteArray words;
        while (!words.contains("another run has the log log; waiting for the end of its processes\n")) {
            QVERIFY(process.waitForReadyRead(patience));
            words += process.readAllStandardOutput();
        }
        // What it does at last counts.
        pprocess::job::ItemResult result;
        result.input = "a";
        result.outcome = pprocess::job::Outcome::succeeded;
        left->write(result);
        left.reset();
        QVERIFY(process.waitForFinished(patience));
        words += process.readAllStandardOutput();
        QCOMPARE(process.exitCode(), 0);
        QVERIFY2(words.contains("1 item is done already") && words.count("began b\n") == 1 &&
                     !words.contains("began a"),
                 words);
    }

    void aLogHasOneRunAtATime() {
        QTemporaryDir folder;
        pprocess::job::JobLog log(folder.filePath("log").toStdString());
        QVERIFY(log.lock());
        const Result result =
            ppctl({"run", "--log", "log", "--resume", "--item", "a", "--", "true"}, {}, folder.path());
        QCOMPARE(result.status, 125);
        QVERIFY2(result.words.contains("the log log is that of a run that goes on; wait for its end"), result.words);
    }

    void aRunOfTheHistoryIsGoneOnWithAndExported() {
        QTemporaryDir folder;
        const std::filesystem::path history = folder.filePath("state/pprocess/runs").toStdString();
        pprocess::job::Job job;
        job.name = "three";
        job.command = "test -e {}";
        job.working_folder = folder.path().toStdString();
        job.inputs = pprocess::job::ListInputs{{"a", "b", "c"}};
        write(folder.filePath("a"), "");
        write(folder.filePath("c"), "");
        QString run;
        {
            const pprocess::job::RunEntry entry(job, 3, history);
            run = QString::fromStdString(entry.run().folder.string());
            const Result busy = ppctl({"run", "--go-on", run});
            QCOMPARE(busy.status, 126);
            QVERIFY2(busy.words.contains("It is running already"), busy.words);
        }
        const Result first = ppctl({"run", "--go-on", run});
        QCOMPARE(first.status, 1);
        QVERIFY2(first.words.contains("3 items in") && first.words.contains("2 ok, 1 failed"), first.words);
        write(folder.filePath("b"), "");
        const Result second = ppctl({"run", "--go-on", run});
        QCOMPARE(second.status, 0);
        QVERIFY2(second.words.contains("2 items are done already") && second.words.contains("1 item in"), second.words);
        const auto past = pprocess::job::past_run(run.toStdString());
        QVERIFY(past && past->state == pprocess::job::RunState::ended);
        QCOMPARE(past->succeeded, std::size_t{3});

        qputenv("XDG_STATE_HOME", folder.filePath("state").toLocal8Bit());
        const QByteArray name = QFileInfo(run).fileName().toLocal8Bit();
        const Result listed = ppctl({"list", "--runs"});
        const Result json = ppctl({"list", "--runs", "--json"});
        const Result exported = ppctl({"export", name});
        qunsetenv("XDG_STATE_HOME");
        QVERIFY2(listed.output.contains(name + "  three  ") && listed.output.contains("  ended  "), listed.output);
        QCOMPARE(QJsonDocument::fromJson(json.output).object()["succeeded"].toInt(), 3);
        QCOMPARE(exported.status, 0);
        QCOMPARE(exported.output.count('\n'), 4);
        QVERIFY2(exported.output.contains("\r\n2,b,succeeded,ok,0,,"), exported.output);
        QVERIFY2(exported.words.contains("3 items: 3 ok, 0 failed"), exported.words);
    }

    void aLogIsExported() {
        QTemporaryDir folder;
        const QByteArray items = "1\n2, \"x\"\n3\xff\nkill\n";
        const QStringList job{"run", "--log",   "log", "--limit",
                              "1",   "--shell", "--",  "case {} in 2*) exit 7;; kill) kill -9 $$;; esac"};
        QCOMPARE(ppctl(job, items, folder.path()).status, 2);
        QFile log(folder.filePath("log"));
        QVERIFY(log.open(QIODevice::Append));
        log.write("{\"number\":1,\"inp"); // cut short by a crash
        log.close();
        const Result csv = ppctl({"export", "log"}, {}, folder.path());
        QCOMPARE(csv.status, 0);
        QVERIFY2(csv.words.contains("4 items: 2 ok, 2 failed; 1 line of the log could not be read") &&
                     csv.words.contains("A log holds no outputs"),
                 csv.words);
        const QList<QByteArray> lines = csv.output.split('\n');
        QCOMPARE(lines.size(), 6);
        QCOMPARE(lines[0], QByteArray("number,input,outcome,detail,exit_status,signal,seconds,tries,worker_pid,"
                                      "output_bytes,first_line\r"));
        QVERIFY2(lines[1].startsWith("1,1,succeeded,ok,0,,0."), lines[1]);
        QVERIFY2(lines[2].startsWith("2,\"2, \"\"x\"\"\",failed,exit status 7,7,,0."), lines[2]);
        QVERIFY2(lines[3].startsWith("3,3\\xff,succeeded,ok,0,,0."), lines[3]);
        QVERIFY2(lines[4].startsWith("4,kill,killed,killed by signal 9,,9,0."), lines[4]);
        for (int i = 1; i <= 4; ++i)
            QVERIFY2(lines[i].endsWith(",1,,,\r"), lines[i]);

        // An item that has been begun again counts once, by its last end.
        const QStringList again{"run", "--log", "log", "--resume", "--limit", "1", "--", "test", "{}", "!=", "kill"};
        QCOMPARE(ppctl(again, items, folder.path()).status, 1);
        const Result failed = ppctl({"export", "log", "--failed", "-o", "out.json"}, {}, folder.path());
        QCOMPARE(failed.status, 0);
        QCOMPARE(failed.output, QByteArray());
        const QJsonObject document = QJsonDocument::fromJson(contentOf(folder.filePath("out.json"))).object();
        QCOMPARE(document["pprocess_results"].toInt(), 1);
        QCOMPARE(document["results"].toArray().size(), 1);
        const QJsonObject only = document["results"][0].toObject();
        QCOMPARE(only["input"].toString(), QString("kill"));
        QCOMPARE(only["exit_status"].toInt(), 1);
        QVERIFY(only["signal"].isNull());
        const Result all = ppctl({"export", "log", "--format", "json"}, {}, folder.path());
        const QJsonArray results = QJsonDocument::fromJson(all.output).object()["results"].toArray();
        QCOMPARE(results.size(), 4);
        const QJsonObject third = results[1].toObject(); // the second was begun again
        QCOMPARE(QByteArray::fromBase64(third["input_base64"].toString().toLatin1()), QByteArray("3\xff"));
        QVERIFY(third["ended"].toDouble() > 1.7e9);
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files), (QStringList{"log", "out.json"}));
    }

    void aFunctionHasNoExitStatus() {
        QTemporaryDir folder;
        const QStringList call{"--function", PPROCESS_FIXTURES "/shapes_tasks.so:area", "--", "{}", "2"};
        const Result run = ppctl(QStringList{"run", "--log", "log", "--json", "--item", "3"} + call, {}, folder.path());
        QCOMPARE(run.status, 0);
        QVERIFY(QJsonDocument::fromJson(run.output.split('\n')[0]).object()["exit_status"].isNull());
        const Result csv = ppctl({"export", "log"}, {}, folder.path());
        QVERIFY2(csv.output.contains("\r\n1,3,succeeded,ok,,,0."), csv.output);
    }

    void anErrorInTheBackgroundIsCollected() {
        QTemporaryDir folder;
        const QString address = folder.filePath("fails.socket");
        std::ignore = pprocess::start_persistent(address.toStdString(), [](pprocess::Channel& own) {
            own.send("first");
            throw std::runtime_error("it went wrong");
        });
        const Result result = ppctl({"collect", address});
        QCOMPARE(result.output, QByteArray("first\n"));
        QCOMPARE(result.status, 1);
        QCOMPARE(result.words.count("it went wrong"), 1);
        QCOMPARE(result.words.count('\n'), 2);

        std::ignore = pprocess::start_persistent(address.toStdString(), [](pprocess::Channel&) { ::raise(SIGKILL); });
        const Result killed = ppctl({"collect", address, "--json"});
        QCOMPARE(killed.status, 1);
        QVERIFY2(killed.words.contains("was killed by signal 9"), killed.words);
        QVERIFY2(killed.output.contains(R"("type":"ProcessDied")"), killed.output);
    }

    void aSecondCollectorIsRefusedAndTheProcessStopped() {
        QTemporaryDir folder;
        const QString address = folder.filePath("stays.socket");
        const pid_t pid = pprocess::start_persistent(address.toStdString(), [](pprocess::Channel& own) {
                              own.send("here");
                              for (;;)
                                  ::pause();
                          }).pid();
        QProcess collector;
        collector.start(QStringLiteral(PPROCESS_BIN "/ppctl"), {"collect", address});
        QByteArray output;
        while (!output.contains("here\n")) { // not kept back until there is more
            QVERIFY(collector.waitForReadyRead(patience));
            output += collector.readAllStandardOutput();
        }
        const Result second = ppctl({"collect", address});
        QCOMPARE(second.status, 126);
        QVERIFY2(second.words.contains("Another collector is attached"), second.words);
        const Result stopped = ppctl({"stop", QString::number(pid)});
        QCOMPARE(stopped.status, 0);
        QCOMPARE(stopped.output, "the background process stays.socket (" + QByteArray::number(pid) +
                                     ") was told to end and has ended\n");
        QVERIFY(!QFileInfo::exists("/proc/" + QString::number(pid)));
        QVERIFY(collector.waitForFinished(patience));
        QCOMPARE(collector.exitCode(), 1);
        QCOMPARE(ppctl({"stop", QString::number(pid)}).status, 125);
    }

    void aProgramIsStoppedByThreeSteps() {
        Attached attached;
        ::kill(static_cast<pid_t>(attached.program.processId()), SIGSTOP); // hears of SIGTERM only by SIGCONT
        const Result result = ppctl({"stop", QString::number(attached.entry.pid), "--grace", "50"});
        QVERIFY2(result.output.contains("was told to end (SIGTERM, SIGCONT) and has ended"), result.output);
        QCOMPARE(result.status, 0);
        QVERIFY(attached.program.waitForFinished(patience));
        attached.end();

        // A shell that is listed in its place and does not want to end.
        QProcess stubborn;
        stubborn.start("sh", {"-c", "trap '' TERM; echo trapped; while :; do sleep 100; done"});
        QVERIFY(stubborn.waitForReadyRead(patience));
        pprocess::InspectableProgram entry;
        entry.name = "stubborn";
        entry.pid = static_cast<pid_t>(stubborn.processId());
        entry.inspector_pid = ::getpid();
        entry.started = std::chrono::system_clock::now();
        pprocess::observe::write_entry(entry);
        const Result killed = ppctl({"stop", QString::number(entry.pid), "--grace", "0.1", "--json"});
        QCOMPARE(killed.output, "{\"stopped\":{\"name\":\"stubborn\",\"pid\":" + QByteArray::number(entry.pid) +
                                    ",\"kind\":\"program\",\"how\":\"killed\",\"dropped_results\":false}}\n");
        QVERIFY(stubborn.waitForFinished(patience));
        QFile::remove(QString::fromStdString(entry.entry.string()));
    }

    void aFullDiskIsSaid() {
        QProcess process;
        process.setStandardOutputFile("/dev/full");
        process.start(QStringLiteral(PPROCESS_BIN "/ppctl"), {"run", "--", "echo", "{}"});
        process.write("a\n");
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitCode(), 126);
        QVERIFY(process.readAllStandardError().contains("No space left on device"));
    }

    void progressIsDrawnInOneLine_data() {
        QTest::addColumn<int>("columns");
        QTest::addColumn<QByteArray>("terminal");
        QTest::addColumn<bool>("isDrawn");
        QTest::newRow("wide") << 100 << QByteArray("xterm") << true;
        QTest::newRow("narrow") << 20 << QByteArray("xterm") << true;
        QTest::newRow("without escape sequences") << 80 << QByteArray("dumb") << false;
    }
    void progressIsDrawnInOneLine() {
        QFETCH(int, columns);
        QFETCH(QByteArray, terminal);
        QFETCH(bool, isDrawn);
        const winsize size{24, static_cast<unsigned short>(columns), 0, 0};
        int master = -1;
        const pid_t pid = ::forkpty(&master, nullptr, nullptr, &size);
        if (pid == 0) {
            ::setenv("TERM", terminal.constData(), 1);
            ::execl(PPROCESS_BIN "/ppctl", "ppctl", "run", "--limit", "1", "--grid", "n=1:3", "--", "printf", "abc{n}",
                    nullptr);
            ::_exit(127);
        }
        QByteArray text;
        char piece[4096];
        for (ssize_t count; (count = ::read(master, piece, sizeof piece)) > 0;)
            text.append(piece, count);
        ::close(master);
        int status = 0;
        QCOMPARE(::waitpid(pid, &status, 0), pid);
        QCOMPARE(text.contains('\033'), isDrawn);
        QCOMPARE(text.contains(" of 3: "), isDrawn);
        // No line that was not ended is written over, and none reaches into the next.
        for (QByteArray line : text.split('\n')) {
            const QList<QByteArray> drawn = line.replace("\033[K", "\a").split('\r');
            for (int i = 0; i < drawn.size(); ++i) {
                QVERIFY2(drawn[i].size() <= columns || drawn[i].contains("3 items in"), text);
                QVERIFY2(!drawn[i].contains("abc") || i + 1 == drawn.size() || drawn[i + 1].isEmpty(), text);
            }
        }
        QCOMPARE(text.count("abc"), 3);
        QVERIFY2(text.contains("\n3 items in ") || text.contains("\r\033[K3 items in "), text);
    }

    /// More at once than processes are to be had: fewer run, and none fails for that.
    void aLimitOnProcessesIsLivedWith() {
        if (::geteuid() != 0)
            QSKIP("needs a user of its own, whose processes are counted; only root can become one");
        int ends[2];
        QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            constexpr uid_t nobody_else = 61235;
            const rlimit few{16, 16};
            ::setrlimit(RLIMIT_NPROC, &few);
            ::dup2(ends[1], STDOUT_FILENO);
            ::dup2(ends[1], STDERR_FILENO);
            if (::chdir("/") != 0 || ::setresuid(nobody_else, nobody_else, nobody_else) != 0)
                ::_exit(2);
            ::execl(PPROCESS_BIN "/ppctl", "ppctl", "run", "--limit", "60", "--grid", "n=1:60", "--", "/bin/true",
                    nullptr);
            ::_exit(127);
        }
        ::close(ends[1]);
        QByteArray words;
        char piece[4096];
        for (ssize_t count; (count = ::read(ends[0], piece, sizeof piece)) > 0;)
            words.append(piece, count);
        ::close(ends[0]);
        int status = 0;
        QCOMPARE(::waitpid(pid, &status, 0), pid);
        if (WEXITSTATUS(status) == 127)
            QSKIP("another user may not start what was built here");
        QVERIFY2(WIFEXITED(status) && WEXITSTATUS(status) == 0, words);
        QVERIFY2(words.contains("60 items in") && words.contains("60 ok"), words);
    }

    void interruptEndsWhatRuns() {
        QTemporaryDir folder;
        QProcess process;
        process.setWorkingDirectory(folder.path());
        process.start(QStringLiteral(PPROCESS_BIN "/ppctl"),
                      {"run", "--limit", "1", "--", "sh", "-c", "echo $$ > began; exec tail -f /dev/null # {}"});
        process.write("a\nb\n");
        process.closeWriteChannel();
        const QString began = folder.filePath("began");
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(began).size() > 0, 30'000);
        QFile file(began);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray pid = file.readAll().trimmed();
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitCode(), 130);
        QVERIFY(process.readAllStandardError().contains("2 stopped"));
        QTRY_VERIFY(!QFileInfo::exists("/proc/" + pid));
    }
};

QTEST_GUILESS_MAIN(TestPpctl)
#include "tst_ppctl.moc"
