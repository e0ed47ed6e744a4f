// SPDX-License-Identifier: GPL-3.0-or-later

/// What ppctl says of programs that it watches and of traces.

#include "run_ppctl.h"

#include "support/patience.h"

#include <signal.h>

#include <QtTest>

class TestPpctlInstruments : public QObject {
    Q_OBJECT

private slots:
    void tracesAreExported_data() {
        QTest::addColumn<QString>("format");
        for (const char* format : {"chrome", "csv", "joblog"})
            QTest::newRow(format) << format;
    }
    void tracesAreExported() {
        QFETCH(QString, format);
        QTemporaryDir folder;
        constexpr int tasks = 200;
        const QString trace = folder.filePath("one.pptrace");
        const std::uint64_t events = writeTrace(trace, {.workers = 3, .tasks = tasks});
        const Result printed = ppctl({"trace", "export", trace, "--format", format});
        QCOMPARE(printed.status, 0);
        QCOMPARE(printed.words, QByteArray());
        const auto lines = static_cast<std::uint64_t>(printed.output.count('\n'));
        if (format == "chrome") {
            const QJsonArray all = QJsonDocument::fromJson(printed.output).object()["traceEvents"].toArray();
            const auto isTask = [](const QJsonValue& one) {
                return one["cat"] == QString("running") && one["args"].toObject().contains("outcome");
            };
            QCOMPARE(std::count_if(all.begin(), all.end(), isTask), tasks);
        } else if (format == "csv") {
            QVERIFY(printed.output.startsWith("time_ns,kind,writer,"));
            QCOMPARE(lines, events + 1);
        } else {
            QVERIFY(printed.output.startsWith("Seq\tHost\tStarttime\t"));
            QCOMPARE(lines, std::uint64_t{tasks + 1});
        }
        const QString file = folder.filePath("exported");
        const Result written = ppctl({"trace", "export", trace, "--format", format, "-o", file});
        QCOMPARE(written.status, 0);
        QCOMPARE(written.output + written.words, QByteArray());
        QCOMPARE(contentOf(file), printed.output);
        // What cannot be written to its end leaves what was there, and nothing beside it.
        write(file, "old");
        QProcess shell;
        shell.setWorkingDirectory(folder.path());
        shell.start("/bin/sh", {"-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh", PPROCESS_BIN "/ppctl", "trace",
                                "export", trace, "--format", format, "-o", file});
        QVERIFY(shell.waitForFinished(patience));
        QCOMPARE(shell.exitCode(), 126);
        QVERIFY2(shell.readAllStandardError().contains("exported: File too large"), "the reason is missing");
        QCOMPARE(contentOf(file), QByteArray("old"));
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 2);
    }

    void tracesThatEndTooSoonAreExportedUpToThere() {
        QTemporaryDir folder;
        const QString trace = folder.filePath("one.pptrace");
        writeTrace(trace, {.workers = 3, .tasks = 500});
        const QByteArray whole = contentOf(trace);
        const QByteArray lines = ppctl({"trace", "export", trace, "--format", "csv"}).output;
        write(trace, whole.left(whole.size() - 10));
        for (const QString format : {"csv", "joblog", "chrome"}) {
            const Result result = ppctl({"trace", "export", trace, "--format", format});
            QCOMPARE(result.status, 126);
            QVERIFY2(result.words.contains("one.pptrace: the last ") &&
                         result.words.contains("the beginning of something that was not written to its end"),
                     result.words);
            if (format == "csv")
                QVERIFY(lines.startsWith(result.output) && result.output.count('\n') % 1000 == 1 &&
                        result.output.count('\n') > 4000);
            if (format == "chrome")
                QVERIFY(QJsonDocument::fromJson(result.output).isObject());
        }
        // One in which nothing has happened yet is nothing wrong.
        write(trace, whole.left(64));
        const Result empty = ppctl({"trace", "export", trace, "--format", "csv"});
        QCOMPARE(empty.status, 0);
        QCOMPARE(empty.output.count('\n'), 1);
        QVERIFY(QJsonDocument::fromJson(ppctl({"trace", "export", trace, "--format", "chrome"}).output).isObject());
    }

    void aProgramThatGoesMeanwhileIsTold() {
        Attached attached;
        QVERIFY2(attached.output.contains("Now: 3 tasks finished"), attached.output);
        attached.program.kill();
        QCOMPARE(attached.end(), 0);
        QVERIFY2(attached.output.contains("was killed by signal 9") &&
                     attached.output.contains("The program has ended.\nTasks finished: 3 (2 value, 1 error)\n"),
                 attached.output);
        QVERIFY(attached.program.waitForFinished(patience));
        const Result again = ppctl({"attach", QString::number(attached.entry.pid)});
        QCOMPARE(again.status, 125);
        QVERIFY2(again.words.contains("no inspectable program"), again.words);
    }

    void whatHappensIsToldAsJson() {
        Attached attached({"--json"});
        attached.program.write("tasks 3\n");
        QVERIFY(attached.program.waitForBytesWritten(patience));
        while (!attached.output.contains("task_finished") && attached.ppctl.waitForReadyRead(patience))
            attached.output += attached.ppctl.readAllStandardOutput();
        attached.program.kill();
        QCOMPARE(attached.end(), 0);
        const QList<QByteArray> lines = attached.output.trimmed().split('\n');
        for (const QByteArray& line : lines)
            QVERIFY2(QJsonDocument::fromJson(line).isObject(), line);
        const QJsonObject first = QJsonDocument::fromJson(lines.first()).object()["attached"].toObject();
        QCOMPARE(first["pid"].toInt(), int(attached.entry.pid));
        QCOMPARE(first["now"].toObject()["tasks_finished"].toInt(), 3);
        const QJsonObject end = QJsonDocument::fromJson(lines.last()).object()["end"].toObject();
        QCOMPARE(end["why"].toString(), QString("The program has ended."));
        QCOMPARE(end["connection_lost"].toBool(true), false);
    }

    void aConnectionThatIsLostIsTold() {
        Attached attached;
        QVERIFY2(attached.output.contains("Now: 3 tasks finished"), attached.output);
        QCOMPARE(::kill(attached.entry.inspector_pid, SIGKILL), 0);
        QCOMPARE(attached.end(), 126);
        QVERIFY2(attached.output.contains("The connection is lost: its inspector has ended the connection.\n"),
                 attached.output);
        // The program does not miss it, and can no longer be attached to.
        attached.program.write("tasks 30\n");
        while (!attached.program.peek(300).contains("done 20 failed 10"))
            QVERIFY(attached.program.waitForReadyRead(patience));
        QCOMPARE(ppctl({"attach", QString::number(attached.entry.pid)}).status, 125);
    }

    void aTraceThatCannotBeWrittenIsSaid() {
        Attached attached;
        const Result result = ppctl({"attach", QString::number(attached.entry.pid), "--trace", "/no/such/folder/file"});
        QCOMPARE(result.status, 126);
        QVERIFY2(result.words.contains("write the trace file /no/such/folder/file: No such file"), result.words);
        QCOMPARE(result.output, QByteArray());
        ::kill(static_cast<pid_t>(attached.ppctl.processId()), SIGINT);
        QCOMPARE(attached.end(), 0);
        QVERIFY2(attached.output.contains("Detached; the program goes on."), attached.output);
    }
};

QTEST_GUILESS_MAIN(TestPpctlInstruments)
#include "tst_ppctl_instruments.moc"
