// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>

#include <map>
#include <random>

#include <tests/support/made_up_events.h>
#include <widgets/colors.h>
#include <widgets/instruments/event_text.h>
#include <widgets/instruments/failures_view.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/table_view.h>

#include "support/patience.h"

using namespace pprocess;
using namespace pprocess::widgets;

namespace {

void append(InstrumentData& data, const Event& event, std::string_view text = {}) {
    data.append(event, std::as_bytes(std::span(text)));
}

void fill(InstrumentData& data, const tests::MadeUp& wish) {
    tests::made_up_program(wish, [&](const Event& event, std::string_view text) { append(data, event, text); });
    data.publish();
}

void finish(InstrumentData& data, std::uint64_t task, TaskOutcome outcome, std::string_view text) {
    append(data,
           {.time = static_cast<std::int64_t>(1'000'000 + task),
            .exchange = 7,
            .task = task,
            .process = 50,
            .value = 1,
            .kind = EventKind::task_finished,
            .detail = static_cast<std::uint8_t>(outcome)},
           text);
}

} // namespace

class TestFailures : public QObject {
    Q_OBJECT

private slots:
    void textsThatDifferInNumbersAreAlike_data();
    void textsThatDifferInNumbersAreAlike();
    void groupsCountWhatHappened();
    void positionsShowWhatHadFailedThen();
    void inputsFromBeforeTheRecordAreKnown();
    void modelsBearAnyStream();
    void manyFailuresAndManyTexts();
    void detailsSayWhatIsKnown();
    void selectionGoesBothWays();
    void tasksAreRunAgainOnlyWhereTheyCan();
    void allIsWellIsSaid();
    void pictures();
};

void TestFailures::textsThatDifferInNumbersAreAlike_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("common");
    QTest::newRow("none") << "no such file"
                          << "no such file";
    QTest::newRow("pid") << "process 4711 died: killed by signal 9"
                         << "process # died: killed by signal 9";
    QTest::newRow("status") << "exit status 2 after 12.5 s"
                            << "exit status 2 after # s";
    QTest::newRow("address") << "bad pointer 0x7ffe12ab"
                             << "bad pointer #";
    QTest::newRow("name") << "img_0042.png: error code 5, errno: 13"
                          << "img_#.png: error code 5, errno: 13";
    QTest::newRow("empty") << ""
                           << "";
}

void TestFailures::textsThatDifferInNumbersAreAlike() {
    QFETCH(QString, text);
    QTEST(commonText(text), "common");
}

void TestFailures::groupsCountWhatHappened() {
    InstrumentData data;
    std::map<std::string, std::uint64_t> expected;
    tests::made_up_program({.workers = 5, .tasks = 3'000, .failing_one_in = 7},
                           [&](const Event& event, std::string_view text) {
                               append(data, event, text);
                               if (event.kind == EventKind::task_finished && event.detail != 0)
                                   ++expected[std::string(text)];
                           });
    data.publish();
    FailureList list(data);
    QTRY_COMPARE(list.failures().size(), std::size_t{428});
    QCOMPARE(list.groups().size(), expected.size());
    for (const FailureGroup& group : list.groups())
        QCOMPARE(group.members.size(), expected[group.text.toStdString()]);
    for (const Failure& failure : list.failures()) {
        QCOMPARE(list.inputOf(failure, 80), QStringLiteral("(%1)").arg(failure.task));
        QVERIFY(failure.sent > 0 && failure.time > failure.sent);
    }
}

void TestFailures::positionsShowWhatHadFailedThen() {
    InstrumentData data;
    fill(data, {.workers = 5, .tasks = 3'000, .failing_one_in = 7});
    FailureList list(data);
    QTRY_COMPARE(list.failures().size(), std::size_t{428});
    FailureGroupModel groups(data, list);
    FailureModel failures(data, list);
    QAbstractItemModelTester groupTester(&groups, QAbstractItemModelTester::FailureReportingMode::Fatal);
    QAbstractItemModelTester tester(&failures, QAbstractItemModelTester::FailureReportingMode::Fatal);
    failures.setGroup(1);
    std::mt19937 random(3);
    for (int step = 0; step < 40; ++step) {
        data.setPosition(random() % data.endEvent());
        const auto& finished = data.snapshot().finished();
        QCOMPARE(list.failuresNow(), static_cast<std::size_t>(finished[1]));
        std::size_t inGroups = 0;
        for (int row = 0; row < groups.rowCount(); ++row)
            inGroups +=
                groups.index(row, FailureGroupModel::CountColumn).data(FailureGroupModel::SortRole).toULongLong();
        QCOMPARE(inGroups, list.failuresNow());
        for (int row = 0; row < failures.rowCount(); ++row)
            QVERIFY(failures.failureAt(row).event < data.position());
    }
    data.setPosition(0);
    QCOMPARE(groups.rowCount(), 0);
}

/// Whoever attaches late is given the state first.
void TestFailures::inputsFromBeforeTheRecordAreKnown() {
    InstrumentData data;
    FailureList list(data);
    observe::Snapshot before;
    const std::string_view input = "(12)";
    before.apply({.time = 1'000'000, .channel = 3, .exchange = 7, .task = 12, .value = 1, .kind = EventKind::task_sent},
                 std::as_bytes(std::span(input)));
    data.reset(before);
    finish(data, 12, TaskOutcome::error, "bad");
    finish(data, 13, TaskOutcome::error, "bad");
    data.publish();
    QCOMPARE(list.failures().size(), std::size_t{2});
    QCOMPARE(list.inputOf(list.failures()[0], 80), QStringLiteral("(12)"));
    QCOMPARE(list.failures()[0].sent, std::int64_t{1'000'000});
    QCOMPARE(list.inputOf(list.failures()[1], 80), QString());
}

void TestFailures::modelsBearAnyStream() {
    InstrumentData data(nullptr, std::size_t{2} << 20);
    FailureList list(data);
    FailureGroupModel groups(data, list);
    FailureModel failures(data, list);
    QAbstractItemModelTester groupTester(&groups, QAbstractItemModelTester::FailureReportingMode::Fatal);
    QAbstractItemModelTester tester(&failures, QAbstractItemModelTester::FailureReportingMode::Fatal);
    std::mt19937 random(5);
    std::uint64_t task = 0;
    for (int step = 0; step < 300; ++step) {
        switch (random() % 8) {
        case 0:
            data.setPosition(data.firstEvent() + random() % (data.endEvent() - data.firstEvent() + 1));
            break;
        case 1:
            data.follow();
            break;
        case 2:
            if (!list.groups().empty())
                failures.setGroup(static_cast<std::uint32_t>(random() % list.groups().size()));
            break;
        default:
            for (unsigned count = random() % 300; count > 0; --count, ++task)
                finish(data, task, static_cast<TaskOutcome>(random() % 5),
                       "text " + std::string(random() % 40, 'x') + std::to_string(task));
            data.publish();
        }
        if (step == 150)
            data.reset();
    }
    QVERIFY(groups.rowCount() > 40);
    QCOMPARE(groups.index(0, FailureGroupModel::TextColumn).data().toString().right(1), QStringLiteral("#"));
}

void TestFailures::manyFailuresAndManyTexts() {
    InstrumentData data;
    for (std::uint64_t task = 0; task < 100'000; ++task) {
        std::string text = "no such thing: ";
        for (std::uint64_t rest = task % 5'000; rest > 0; rest /= 10)
            text += static_cast<char>('a' + rest % 10);
        finish(data, task, TaskOutcome::error, text);
    }
    data.publish();
    InstrumentSelection selection;
    FailuresView view(data, selection);
    QAbstractItemModelTester sortedTester(view.groupTable().model(),
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    view.resize(1000, 700);
    view.show();
    QVERIFY(view.summary().endsWith(QStringLiteral("The record is still being gone through.")));
    QTRY_COMPARE(view.failures().failuresNow(), std::size_t{100'000});
    QCOMPARE(view.failures().groups().size(), FailureList::mostGroups + 1);
    QVERIFY(view.failures().groups().back().isRest);
    // The largest first: the rest.
    QCOMPARE(view.groupTable().model()->index(0, FailureGroupModel::TextColumn).data().toString(),
             QStringLiteral("(other texts)"));
    QTest::mouseClick(view.groupTable().viewport(), Qt::LeftButton, {}, {300, 8});
    QCOMPARE(view.failureTable().model()->rowCount(), FailureModel::mostRows);
    QCOMPARE(view.findChild<QLabel*>(QStringLiteral("failuresShown"))->text(),
             QStringLiteral("Showing the first 1,000 of 80,000 tasks"));
    QCOMPARE(view.tasksToRunAgain().size(), 80'000);
    QCOMPARE(view.summary(), QStringLiteral("100,000 of 100,000 tasks failed."));
    QAbstractItemModelTester truncatedTester(view.failureTable().model(),
                                             QAbstractItemModelTester::FailureReportingMode::Fatal);
    for (int column = 0; column < FailureGroupModel::ColumnCount; ++column)
        view.groupTable().sortByColumn(column, column % 2 == 0 ? Qt::AscendingOrder : Qt::DescendingOrder);
    data.setPosition(data.endEvent() / 3);
    QCOMPARE(view.failures().failuresNow(), std::size_t{33'333});
    data.follow();
    data.reset();
    QCOMPARE(view.groupTable().model()->rowCount() + view.failureTable().model()->rowCount(), 0);
}

void TestFailures::detailsSayWhatIsKnown() {
    InstrumentData data;
    append(data,
           {.time = 1'000'000,
            .channel = 3,
            .exchange = 7,
            .task = 12,
            .process = 50,
            .value = 2,
            .kind = EventKind::task_sent},
           "(12, \"x\")");
    append(data,
           {.time = 5'000'000,
            .exchange = 7,
            .task = 12,
            .process = 50,
            .value = 2,
            .kind = EventKind::task_finished,
            .detail = static_cast<std::uint8_t>(TaskOutcome::died)},
           "process 50 was killed by signal 9");
    data.publish();
    InstrumentSelection selection;
    FailuresView view(data, selection);
    view.show();
    QCOMPARE(view.findChild<QPlainTextEdit*>(QStringLiteral("failureInput"))->toPlainText(),
             QStringLiteral("(12, \"x\")"));
    QCOMPARE(view.findChild<QPlainTextEdit*>(QStringLiteral("failureText"))->toPlainText(),
             QStringLiteral("process 50 was killed by signal 9"));
    const auto* failures = view.failureTable().model();
    QCOMPARE(failures->index(0, FailureModel::DurationColumn).data().toString(), QStringLiteral("4.0 ms"));
    QCOMPARE(failures->index(0, FailureModel::TriesColumn).data().toString(), QStringLiteral("2"));
    QCOMPARE(view.groupTable().model()->index(0, FailureGroupModel::TextColumn).data().toString(),
             QStringLiteral("process 50 was killed by signal 9"));
}

void TestFailures::selectionGoesBothWays() {
    InstrumentData data;
    fill(data, {.workers = 5, .tasks = 1'000, .failing_one_in = 10});
    InstrumentSelection selection;
    FailuresView view(data, selection);
    view.resize(1000, 700);
    view.show();
    QCOMPARE(selection.current(), Selected()); // nobody has chosen anything
    QTest::mouseClick(view.failureTable().viewport(), Qt::LeftButton, {}, {60, 60});
    QCOMPARE(selection.current().kind, Selected::Kind::task);
    // Tasks 9 and 29 fail in different ways, each in its own group.
    for (const std::uint64_t task : {9u, 29u}) {
        selection.select(Selected::taskOf(77, task));
        QCOMPARE(view.failureTable()
                     .model()
                     ->index(view.failureTable().currentIndex().row(), FailureModel::TaskColumn)
                     .data()
                     .toString(),
                 QString::number(task));
    }
    QSignalSpy revealed(&selection, &InstrumentSelection::revealRequested);
    view.findChild<QPushButton*>(QStringLiteral("failureInEvents"))->click();
    QCOMPARE(revealed.count(), 1);
    QCOMPARE(data.event(selection.current().id).task, std::uint64_t{29});
}

void TestFailures::tasksAreRunAgainOnlyWhereTheyCan() {
    InstrumentData data;
    for (std::uint64_t task = 0; task < 5; ++task)
        finish(data, task, TaskOutcome::error, "exit status 1");
    data.publish();
    InstrumentSelection selection;
    FailuresView view(data, selection);
    view.resize(1000, 700);
    view.show();
    auto* const again = view.findChild<QPushButton*>(QStringLiteral("runFailuresAgain"));
    QVERIFY(!again->isEnabled() && !again->toolTip().isEmpty());
    view.setCanRunAgain(true);
    QVERIFY(again->isEnabled());
    QCOMPARE(again->text(), QStringLiteral("Run these 5 again"));
    FailuresView::Tasks asked;
    connect(&view, &FailuresView::runAgainRequested, this, [&](const FailuresView::Tasks& tasks) { asked = tasks; });
    again->click();
    QCOMPARE(asked.size(), 5);
    view.failureTable().clearSelection();
    QTest::mouseClick(view.failureTable().viewport(), Qt::LeftButton, {}, {60, 8});
    QTest::mouseClick(view.failureTable().viewport(), Qt::LeftButton, Qt::ControlModifier, {60, 50});
    again->click();
    QCOMPARE(asked, (FailuresView::Tasks{{7, 0}, {7, 2}}));
}

void TestFailures::allIsWellIsSaid() {
    InstrumentData data;
    InstrumentSelection selection;
    FailuresView view(data, selection);
    view.show();
    const auto* const title = view.findChild<QLabel*>(QStringLiteral("failuresEmptyTitle"));
    QCOMPARE(title->text(), QStringLiteral("Nothing has ended yet"));
    for (std::uint64_t task = 0; task < 1'204; ++task)
        finish(data, task, TaskOutcome::value, {});
    data.publish();
    QVERIFY(title->isVisible());
    QCOMPARE(title->text(), QStringLiteral("All is well"));
    QCOMPARE(view.summary(), QStringLiteral("1,204 tasks ended well, none failed."));
    finish(data, 1'204, TaskOutcome::cancelled, {});
    data.publish();
    QVERIFY(!title->isVisible());
    QCOMPARE(view.summary(), QStringLiteral("1,204 tasks ended well, none failed. 1 was cancelled."));
}

// Saves what the view looks like when PPROCESS_PICTURES names a folder.
void TestFailures::pictures() {
    const QString folder = qEnvironmentVariable("PPROCESS_PICTURES");
    if (folder.isEmpty())
        QSKIP("PPROCESS_PICTURES names no folder");
    for (const bool isDark : {false, true}) {
        QApplication::setPalette((isDark ? Colors::dark() : Colors::light()).palette());
        for (const int tasks : {0, 1, 20, 1'000, 90'000}) {
            InstrumentData data;
            if (tasks > 0)
                fill(data, {.workers = std::min(tasks, 20),
                            .tasks = tasks,
                            .failing_one_in = tasks == 1       ? 1
                                              : tasks == 20    ? 0
                                              : tasks == 1'000 ? 20
                                                               : 3});
            if (tasks == 1'000) {
                for (std::uint64_t task = 2'000; task < 2'020; ++task)
                    finish(data, task, TaskOutcome::died,
                           "process " + std::to_string(task) + " was killed by signal 9");
                finish(data, 2'020, TaskOutcome::timed_out, "the task took longer than 5 s");
                finish(data, 2'021, TaskOutcome::cancelled, "");
                data.publish();
            }
            InstrumentSelection selection;
            FailuresView view(data, selection);
            view.resize(1280, 800);
            view.show();
            QTRY_VERIFY(view.failures().isComplete());
            view.grab().save(QStringLiteral("%1/failures-%2-%3.png").arg(folder, isDark ? "dark" : "light").arg(tasks));
        }
    }
}

QTEST_MAIN(TestFailures)
#include "tst_failures.moc"
