// SPDX-License-Identifier: GPL-3.0-or-later

/// ppctl as a user meets it: the program is started, and its output, words and exit status are what is checked.

#include <signal.h>

#include <QtTest>

namespace {

struct Result {
    int status = -1;
    QByteArray output;
    QByteArray words;
};

Result ppctl(const QStringList& arguments, const QByteArray& input = {}) {
    QProcess process;
    process.start(QStringLiteral(PPROCESS_BIN "/ppctl"), arguments);
    process.write(input);
    process.closeWriteChannel();
    process.waitForFinished(60'000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
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
        QCOMPARE(lines.size(), 2);
        const QJsonObject first = QJsonDocument::fromJson(lines[0]).object();
        QCOMPARE(first["input"].toString(), QString("a"));
        QCOMPARE(first["output"].toString(), QString("a\n"));
        QCOMPARE(first["exit_status"].toInt(), 3);
        const QJsonObject second = QJsonDocument::fromJson(lines[1]).object();
        QCOMPARE(second["input"].toString(), QString("b\\xff"));
        QVERIFY(second["input_escaped"].toBool());
        QCOMPARE(result.status, 2);
    }

    void mistakesGetWords_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("nothing") << QStringList{} << QByteArray("subcommand");
        QTest::newRow("nothing to run") << QStringList{"run"} << QByteArray("nothing to run");
        QTest::newRow("unknown option") << QStringList{"run", "--fast", "--", "true"} << QByteArray("--fast");
        QTest::newRow("limit 0") << QStringList{"run", "--limit", "0", "--", "true"}
                                 << QByteArray("limit must be at least 1");
        QTest::newRow("no such program") << QStringList{"run", "--", "no-such-program"}
                                         << QByteArray("No such program");
        QTest::newRow("no such job file") << QStringList{"run", "/no/such.json"} << QByteArray("/no/such.json");
        QTest::newRow("no such inputs") << QStringList{"run", "--inputs", "/no/such", "--", "true"}
                                        << QByteArray("/no/such");
        QTest::newRow("both") << QStringList{"run", PPROCESS_SOURCE_DIR "/resources/jobs/sha256-of-headers.json", "--",
                                             "true"}
                              << QByteArray("either a job file or a command");
    }
    void mistakesGetWords() {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, words);
        const Result result = ppctl(arguments, "item\n");
        QCOMPARE(result.status, 125);
        QVERIFY2(result.words.contains(words), result.words);
        QVERIFY2(!result.output.contains("item"), result.output);
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
