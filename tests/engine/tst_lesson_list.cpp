// SPDX-License-Identifier: GPL-3.0-or-later
//
// The list of lessons: complete, and true about each program.

#include <QtTest>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSet>

namespace {

const QDir lessons(PPROCESS_SOURCE_DIR "/resources/lessons");

QList<QJsonObject> list() {
    QList<QJsonObject> all;
    QFile file(lessons.filePath("lessons.json"));
    if (file.open(QIODevice::ReadOnly))
        for (const auto& lesson : QJsonDocument::fromJson(file.readAll())["lessons"].toArray())
            all.append(lesson.toObject());
    return all;
}

} // namespace

class TestLessonList : public QObject {
    Q_OBJECT

private slots:
    void isComplete();
    void entry_data();
    void entry();
    void patternsAreKnown();
};

void TestLessonList::isComplete() {
    QStringList names;
    QSet<QString> titles;
    for (const QJsonObject& lesson : list()) {
        names.append(lesson["name"].toString());
        titles.insert(lesson["title"].toString());
    }
    QCOMPARE(titles.size(), names.size());
    names.sort();
    QStringList programs;
    for (const QFileInfo& source : lessons.entryInfoList({"*.cpp"}))
        programs.append(source.completeBaseName());
    programs.sort();
    QVERIFY(!programs.isEmpty());
    QCOMPARE(names, programs);
}

void TestLessonList::entry_data() {
    QTest::addColumn<QJsonObject>("lesson");
    for (const QJsonObject& lesson : list())
        QTest::newRow(qPrintable(lesson["name"].toString())) << lesson;
}

void TestLessonList::entry() {
    QFETCH(QJsonObject, lesson);
    QStringList keys = lesson.keys(); // in alphabetical order
    keys.removeAll("arguments");
    QCOMPARE(keys, (QStringList{"name", "pattern", "promise", "title"}));
    for (const QString& key : keys)
        QVERIFY2(!lesson[key].toString().isEmpty(), qPrintable(key));
    QVERIFY(!lesson["title"].toString().endsWith('.'));
    const QString promise = lesson["promise"].toString();
    QVERIFY(promise.front().isUpper() && promise.endsWith('.') && !promise.contains(". "));

    QProcess help;
    help.start(QDir(PPROCESS_LESSONS).filePath(lesson["name"].toString()), {"--help"});
    QVERIFY2(help.waitForFinished(), qPrintable(help.errorString()));
    QCOMPARE(help.exitCode(), 0);
    QCOMPARE(help.readAllStandardError(), QByteArray());
    QStringList call = {lesson["name"].toString(), lesson["arguments"].toString(), "[OPTIONS]"};
    call.removeAll("");
    QCOMPARE(QString(help.readLine()).trimmed(), call.join(' '));
}

void TestLessonList::patternsAreKnown() {
    const QSet<QString> known = {"sequential",   "map",      "queue",      "exchange", "reuse",   "continuous",
                                 "conversation", "pipeline", "map-reduce", "picture",  "failure", "background"};
    for (const QJsonObject& lesson : list())
        QVERIFY2(known.contains(lesson["pattern"].toString()), qPrintable(lesson["pattern"].toString()));
}

QTEST_GUILESS_MAIN(TestLessonList)
#include "tst_lesson_list.moc"
