// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/result_export.h>

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include <thread>

#include "support/patience.h"

using namespace pprocess;
using namespace pprocess::widgets;

namespace {

ResultStore makeStore() {
    ResultStore store;
    const auto add = [&](std::string input, job::Outcome outcome, std::string detail, std::string output, int exit,
                         int signal) {
        auto row = std::make_shared<ResultRow>();
        row->input = std::move(input);
        row->result.index = store.size();
        row->result.outcome = outcome;
        row->result.detail = std::move(detail);
        row->result.attempts = 1;
        row->result.program.exit_code = exit;
        row->result.program.signal = signal;
        row->result.program.output_bytes = output.size();
        row->result.program.output = std::move(output);
        row->result.program.duration = std::chrono::microseconds(4100);
        store.append(StoredRow(std::move(row)));
    };
    add("plain", job::Outcome::succeeded, "ok", "digest\nmore\n", 0, 0);
    add("with \"quotes\", commas\nand lines", job::Outcome::failed, "exit status 3", "", 3, 0);
    add("b\xff\xfe", job::Outcome::killed, "killed by signal 9", std::string("\x00\x80", 2), 0, 9);
    return store;
}

QByteArray contents(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestResultExport : public QObject {
    Q_OBJECT

private slots:
    void csv();
    void jsonLosesNothing();
    void snapshotDoesNotChange();
    void fullDiskIsToldAndTheOldFileStays();
    void aPipeIsWrittenTo();
    void missingFolderIsTold();
    void inBackground();

private:
    QTemporaryDir m_folder;
};

void TestResultExport::csv() {
    const QString path = m_folder.filePath(QStringLiteral("a.csv"));
    QCOMPARE(result_export::save(makeStore(), result_export::Format::csv, path), QString());
    const auto lines = contents(path).split('\n');
    QCOMPARE(lines.size(), 5);
    QVERIFY(lines[0].startsWith("number,input,outcome,detail,exit_status,signal,seconds"));
    QCOMPARE(lines[1].trimmed(), QByteArray("1,plain,succeeded,ok,0,,0.004100,1,0,12,digest"));
    QVERIFY(lines[2].startsWith("2,\"with \"\"quotes\"\", commas\\nand lines\",failed,exit status 3,3,,"));
    QVERIFY(lines[3].startsWith("3,b\\xff\\xfe,killed,killed by signal 9,,9,"));
}

void TestResultExport::jsonLosesNothing() {
    const QString path = m_folder.filePath(QStringLiteral("a.json"));
    QCOMPARE(result_export::save(makeStore(), result_export::Format::json, path), QString());
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(contents(path), &error);
    QCOMPARE(error.errorString(), QStringLiteral("no error occurred"));
    const auto rows = document.object()[QStringLiteral("results")].toArray();
    QCOMPARE(rows.size(), 3);
    QCOMPARE(rows[0].toObject()[QStringLiteral("output")].toString(), QStringLiteral("digest\nmore\n"));
    QVERIFY(!rows[0].toObject().contains(QStringLiteral("input_base64")));
    QCOMPARE(rows[1].toObject()[QStringLiteral("input")].toString(),
             QStringLiteral("with \"quotes\", commas\nand lines"));
    QCOMPARE(rows[1].toObject()[QStringLiteral("exit_status")].toInt(), 3);
    const auto third = rows[2].toObject();
    QCOMPARE(QByteArray::fromBase64(third[QStringLiteral("input_base64")].toString().toLatin1()),
             QByteArray("b\xff\xfe"));
    QCOMPARE(QByteArray::fromBase64(third[QStringLiteral("output_base64")].toString().toLatin1()),
             QByteArray("\x00\x80", 2));
    QCOMPARE(third[QStringLiteral("signal")].toInt(), 9);
    QVERIFY(third[QStringLiteral("exit_status")].isNull());
}

void TestResultExport::snapshotDoesNotChange() {
    ResultStore store = makeStore();
    const ResultStore snapshot = store.snapshot();
    store.replace(0, StoredRow(store.at(1)));
    store.append(StoredRow(store.at(2)));
    QCOMPARE(snapshot.size(), std::size_t{3});
    QCOMPARE(snapshot.at(0)->input, std::string("plain"));
    QCOMPARE(store.size(), std::size_t{4});
    QCOMPARE(store.at(0)->result.outcome, job::Outcome::failed);
}

void TestResultExport::fullDiskIsToldAndTheOldFileStays() {
    const QString message = result_export::save(makeStore(), result_export::Format::json, QStringLiteral("/dev/full"));
    QVERIFY2(message.contains(QStringLiteral("/dev/full")) && message.contains(QStringLiteral("disk is full")),
             qPrintable(message));
    QVERIFY(message.contains(QStringLiteral("Free some space")));
    struct stat status {};
    QCOMPARE(::stat("/dev/full", &status), 0);
    QVERIFY(S_ISCHR(status.st_mode));
}

void TestResultExport::aPipeIsWrittenTo() {
    const QString file = m_folder.filePath(QStringLiteral("plain.csv"));
    const QString pipe = m_folder.filePath(QStringLiteral("pipe.csv"));
    QCOMPARE(::mkfifo(QFile::encodeName(pipe).constData(), 0600), 0);
    QByteArray read;
    std::thread reader([&] { read = contents(pipe); });
    QCOMPARE(result_export::save(makeStore(), result_export::Format::csv, pipe), QString());
    reader.join();
    QCOMPARE(result_export::save(makeStore(), result_export::Format::csv, file), QString());
    QCOMPARE(read, contents(file));
}

void TestResultExport::missingFolderIsTold() {
    const QString path = m_folder.filePath(QStringLiteral("no such folder/a.csv"));
    const QString message = result_export::save(makeStore(), result_export::Format::csv, path);
    QVERIFY(message.contains(path));
    QVERIFY(message.contains(QStringLiteral("Choose another folder")));
}

void TestResultExport::inBackground() {
    const QString path = m_folder.filePath(QStringLiteral("b.csv"));
    bool isDone = false;
    QString message = QStringLiteral("not called");
    result_export::saveInBackground(makeStore(), result_export::Format::csv, path, this, [&](const QString& said) {
        QCOMPARE(QThread::currentThread(), thread());
        message = said;
        isDone = true;
    });
    QVERIFY(!isDone);
    QTRY_VERIFY(isDone);
    QCOMPARE(message, QString());
    QVERIFY(QFile::exists(path));
}

QTEST_MAIN(TestResultExport)
#include "tst_result_export.moc"
