// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>

#include <csignal>
#include <random>

#include <tests/support/made_up_events.h>
#include <widgets/colors.h>
#include <widgets/instruments/event_log_view.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/time_range.h>
#include <widgets/table_view.h>

using namespace pprocess;
using namespace pprocess::widgets;

namespace {

struct Kept {
    Event event;
    std::string text;
};

std::vector<Kept> eventsOf(const tests::MadeUp& wish) {
    std::vector<Kept> events;
    tests::made_up_program(wish, [&](const Event& event, std::string_view text) {
        events.push_back({event, std::string(text)});
    });
    return events;
}

void append(InstrumentData& data, const Kept& one) {
    data.append(one.event, std::as_bytes(std::span(one.text)));
}

void fill(InstrumentData& data, const tests::MadeUp& wish) {
    for (const Kept& one : eventsOf(wish))
        append(data, one);
    data.publish();
}

bool searchEnds(const EventLogModel& model) {
    return QTest::qWaitFor([&] { return !model.isSearching(); }, 20'000);
}

/// What a filter should find, by asking for every event.
std::vector<std::uint64_t> wanted(const InstrumentData& data, EventFilter filter) {
    std::vector<std::uint64_t> found;
    for (std::uint64_t index = data.firstEvent(); index < data.position(); ++index) {
        if (filter.accepts(data, index))
            found.push_back(index);
    }
    return found;
}

std::vector<std::uint64_t> shown(const EventLogModel& model) {
    std::vector<std::uint64_t> rows;
    for (int row = 0; row < model.rowCount(); ++row)
        rows.push_back(model.eventAt(row));
    return rows;
}

} // namespace

class TestEventLog : public QObject {
    Q_OBJECT

private slots:
    void sentencesSayWhatHappened_data();
    void sentencesSayWhatHappened();
    void rowsAreEventsWhateverHappensToTheRecord();
    void filterFindsWhatAPlainSearchFinds_data();
    void filterFindsWhatAPlainSearchFinds();
    void searchGoesInSlicesAndTellsHowFarItIs();
    void onlyTheVisibleTimeIsShown();
    void aProcessIsNotAnotherWithItsPid();
    void clickSelectsAndSelectionScrolls();
    void followsUntilOneScrollsUp();
    void whatOneLooksAtStaysWhenTheOldestGo();
    void pictures();
};

void TestEventLog::sentencesSayWhatHappened_data() {
    QTest::addColumn<Event>("event");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, Event event, const char* text, const char* words) {
        QTest::newRow(name) << event << QString::fromUtf8(text) << QString::fromUtf8(words);
    };
    row("sent", {.task = 12, .process = 4711, .value = 2, .kind = EventKind::task_sent}, "(12, \"x\")",
        "task 12 sent to process 4711 (attempt 2): (12, \"x\")");
    row("finished", {.task = 3, .process = 9, .value = 1, .kind = EventKind::task_finished}, "",
        "task 3 ended well in process 9");
    row("failed", {.task = 3, .process = 9, .value = 1, .kind = EventKind::task_finished, .detail = 1}, "no such file",
        "task 3 threw an error in process 9: no such file");
    row("cancelled before", {.task = 3, .kind = EventKind::task_finished, .detail = 4}, "", "task 3 was cancelled");
    row("signalled", {.process = 9, .value = SIGTERM, .kind = EventKind::process_signalled}, "",
        "process 9 was sent SIGTERM");
    row("sample",
        {.task = 7,
         .number = 2'200'000'000,
         .size = 3 << 20,
         .process = 9,
         .value = 1,
         .kind = EventKind::process_sample},
        "", "process 9 has used 2.2 s of CPU time, holds 3.0 MiB of memory, 1 thread, 7 open files");
    row("sent by the created", {.writer = 9, .kind = EventKind::message_sent, .detail = 1}, "64",
        "sent by process 9: 64");
    row("lost", {.number = 1'204, .kind = EventKind::events_dropped}, "",
        "1,204 events were not recorded: more happened than there was room for");
}

void TestEventLog::sentencesSayWhatHappened() {
    QFETCH(Event, event);
    QFETCH(QString, text);
    QTEST(sentence(event, text), "words");
}

void TestEventLog::rowsAreEventsWhateverHappensToTheRecord() {
    const auto events = eventsOf({.workers = 4, .tasks = 6'000});
    InstrumentData data(nullptr, std::size_t{2} << 20);
    EventLogModel model(data);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    std::mt19937 random(7);
    std::size_t next = 0;
    for (int step = 0; step < 300; ++step) {
        switch (random() % 6) {
        case 0:
            data.setPosition(data.firstEvent() + random() % (data.endEvent() - data.firstEvent() + 1));
            break;
        case 1:
            data.follow();
            break;
        case 2: {
            EventFilter filter;
            filter.failuresOnly = random() % 2 == 0;
            filter.groups = random() % 2 == 0 ? 0x3f : 4;
            model.setFilter(filter);
            break;
        }
        case 3:
            QCoreApplication::processEvents();
            break;
        default:
            for (std::size_t count = random() % 1'000; count > 0; --count)
                append(data, events[next++ % events.size()]);
            data.publish();
        }
        if (step == 150)
            data.reset();
    }
    QVERIFY(data.forgotten() > 0);
    QVERIFY(searchEnds(model));
    QCOMPARE(shown(model), wanted(data, model.filter()));
}

void TestEventLog::filterFindsWhatAPlainSearchFinds_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("groups");
    QTest::addColumn<bool>("failures");
    QTest::addColumn<int>("process");
    QTest::addColumn<Selected>("selected");
    QTest::addColumn<int>("count");
    // Of 2,000 tasks of 5 workers, of which every 50th fails.
    QTest::newRow("all") << "" << 0x3f << false << 0 << Selected() << -1;
    QTest::newRow("text") << "DIVISION by zero" << 0x3f << false << 0 << Selected() << -1;
    QTest::newRow("failures") << "" << 0x3f << true << 0 << Selected() << 40;
    QTest::newRow("samples") << "" << 16 << false << 0 << Selected() << 200;
    QTest::newRow("process") << "" << 0x3f << false << 1003 << Selected() << -1;
    QTest::newRow("no such process") << "" << 0x3f << false << 9999 << Selected() << 0;
    // Queued, sent, started, returned, finished.
    QTest::newRow("task") << "" << 0x3f << false << 0 << Selected::taskOf(77, 1'204) << 5;
    QTest::newRow("channel") << "" << 0x3f << false << 0 << Selected::channel(502) << -1;
    QTest::newRow("both") << "task 49 " << 4 << true << 0 << Selected::exchange(77) << 1;
}

void TestEventLog::filterFindsWhatAPlainSearchFinds() {
    InstrumentData data;
    fill(data, {.workers = 5, .tasks = 2'000});
    EventLogModel model(data);
    QFETCH(QString, text);
    QFETCH(int, groups);
    QFETCH(bool, failures);
    QFETCH(int, process);
    QFETCH(Selected, selected);
    QFETCH(int, count);
    EventFilter filter;
    filter.text = text;
    filter.groups = static_cast<unsigned long long>(groups);
    filter.failuresOnly = failures;
    filter.process = process;
    filter.selected = selected;
    model.setFilter(filter);
    QVERIFY(searchEnds(model));
    QCOMPARE(shown(model), wanted(data, filter));
    if (count >= 0)
        QCOMPARE(model.rowCount(), count);
    else
        QVERIFY(model.rowCount() > 0);
}

void TestEventLog::searchGoesInSlicesAndTellsHowFarItIs() {
    InstrumentData data;
    fill(data, {.workers = 5, .tasks = 8'000});
    EventLogModel model(data);
    EventFilter filter;
    filter.text = QStringLiteral("division");
    model.setFilter(filter);
    QVERIFY(model.isSearching());
    int steps = 0;
    std::uint64_t before = 0;
    connect(&model, &EventLogModel::progressChanged, &model, [&] {
        ++steps;
        QVERIFY(model.searched() >= before);
        QVERIFY(model.searched() - before <= EventLogModel::sliceEvents);
        before = model.searched();
    });
    QVERIFY(searchEnds(model));
    QVERIFY(steps >= 4);
    QCOMPARE(model.searched(), model.total());
}

void TestEventLog::onlyTheVisibleTimeIsShown() {
    InstrumentData data;
    fill(data, {.workers = 5, .tasks = 1'000});
    EventLogModel model(data);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    const std::int64_t whole = data.endTime() - data.beginTime();
    for (const bool isFiltered : {false, true}) {
        EventFilter filter;
        filter.groups = isFiltered ? 4 : 0x3f;
        model.setFilter(filter);
        for (const auto& [from, to] : {std::pair(0.2, 0.6), std::pair(0.3, 0.5), std::pair(0.25, 0.9),
                                       std::pair(0.0, 0.1), std::pair(0.8, 1.0)}) {
            const auto begin = data.beginTime() + static_cast<std::int64_t>(from * static_cast<double>(whole));
            const auto end = data.beginTime() + static_cast<std::int64_t>(to * static_cast<double>(whole));
            model.setTimes(std::pair(begin, end));
            QVERIFY(searchEnds(model));
            std::vector<std::uint64_t> expected;
            for (const std::uint64_t index : wanted(data, filter)) {
                if (data.event(index).time >= begin && data.event(index).time <= end)
                    expected.push_back(index);
            }
            QVERIFY(!expected.empty());
            QCOMPARE(shown(model), expected);
        }
        model.setTimes({});
    }
}

void TestEventLog::aProcessIsNotAnotherWithItsPid() {
    InstrumentData data;
    const auto tell = [&](std::int64_t time, EventKind kind) {
        data.append({.time = time, .writer = 1, .process = 50, .kind = kind}, {});
    };
    tell(1'000'000'000, EventKind::process_created);
    tell(2'000'000'000, EventKind::process_ended);
    tell(3'000'000'000, EventKind::process_created);
    tell(4'000'000'000, EventKind::process_signalled);
    data.publish();
    const std::uint64_t first = processOf(data, data.event(0));
    const std::uint64_t second = processOf(data, data.event(3));
    QVERIFY(first != 0 && second != 0 && first != second);
    QCOMPARE(lastEventOf(data, Selected::process(first), data.endEvent()), std::uint64_t{1});
    EventFilter filter;
    filter.selected = Selected::process(second);
    QCOMPARE(wanted(data, filter), (std::vector<std::uint64_t>{2, 3}));
}

void TestEventLog::clickSelectsAndSelectionScrolls() {
    InstrumentData data;
    fill(data, {.workers = 5, .tasks = 1'000});
    InstrumentSelection selection;
    TimeRange range;
    EventLogView view(data, selection, range);
    view.resize(900, 400);
    view.show();
    TableView& table = view.table();
    const int row = table.rowAt(100);
    QVERIFY(row > 100); // it shows the end
    QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, {200, 100});
    QCOMPARE(selection.current(), Selected::event(view.model().eventAt(row)));
    QTest::keyClick(&table, Qt::Key_Up);
    QCOMPARE(selection.current(), Selected::event(view.model().eventAt(row - 1)));

    selection.select(Selected::taskOf(77, 10));
    const Event& event = data.event(view.model().eventAt(table.currentIndex().row()));
    QCOMPARE(event.task, std::uint64_t{10});
    QVERIFY(table.viewport()->rect().intersects(table.visualRect(table.currentIndex())));
    QVERIFY(!view.isFollowing());

    view.searchFor(QStringLiteral("division"));
    QVERIFY(searchEnds(view.model()));
    QVERIFY(view.countText().startsWith(QString::number(view.model().rowCount()) + QStringLiteral(" of ")));
    view.searchFor(QStringLiteral("there is nothing like it"));
    QVERIFY(searchEnds(view.model()));
    QCOMPARE(table.emptyTitle(), QStringLiteral("No event fits"));
}

void TestEventLog::followsUntilOneScrollsUp() {
    const auto events = eventsOf({.workers = 5, .tasks = 1'000});
    InstrumentData data;
    InstrumentSelection selection;
    TimeRange range;
    EventLogView view(data, selection, range);
    view.resize(900, 400);
    view.show();
    std::size_t next = 0;
    const auto more = [&](int count) {
        for (; count > 0; --count)
            append(data, events[next++]);
        data.publish();
        QCoreApplication::processEvents();
    };
    const auto lastShown = [&] { return view.table().rowAt(view.table().viewport()->height() - 2); };
    more(2'000);
    more(500);
    QVERIFY(view.isFollowing());
    QCOMPARE(lastShown(), 2'499);
    QScrollBar* const bar = view.table().verticalScrollBar();
    bar->setValue(bar->maximum() / 2);
    QVERIFY(!view.isFollowing());
    const int before = lastShown();
    more(1'204);
    QCOMPARE(lastShown(), before);
    auto* const button = view.findChild<QPushButton*>(QStringLiteral("newEvents"));
    QVERIFY(button->isVisible());
    QCOMPARE(button->text(), QStringLiteral("1,204 new ↓"));
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(view.isFollowing() && !button->isVisible());
    QCOMPARE(lastShown(), 3'703);
    more(10);
    QCOMPARE(lastShown(), 3'713);
}

void TestEventLog::whatOneLooksAtStaysWhenTheOldestGo() {
    const auto events = eventsOf({.workers = 5, .tasks = 8'000});
    InstrumentData data(nullptr, std::size_t{2} << 20);
    InstrumentSelection selection;
    TimeRange range;
    EventLogView view(data, selection, range);
    view.resize(900, 400);
    view.show();
    std::size_t next = 0;
    for (; next < 15'000; ++next)
        append(data, events[next]);
    data.publish();
    QCoreApplication::processEvents();
    const std::uint64_t first = data.firstEvent();
    QScrollBar* const bar = view.table().verticalScrollBar();
    bar->setValue(bar->maximum() - 100);
    const std::uint64_t top = view.model().eventAt(view.table().rowAt(2));
    // Until the oldest have gone, and no further: what is looked at is still there.
    while (data.firstEvent() == first && next < 60'000) {
        for (const std::size_t end = next + 500; next < end; ++next)
            append(data, events[next]);
        data.publish();
    }
    QCoreApplication::processEvents();
    QVERIFY(data.firstEvent() > first);
    QVERIFY(data.firstEvent() < top);
    QCOMPARE(view.model().eventAt(view.table().rowAt(2)), top);
}

// Saves what the view looks like when PPROCESS_PICTURES names a folder.
void TestEventLog::pictures() {
    const QString folder = qEnvironmentVariable("PPROCESS_PICTURES");
    if (folder.isEmpty())
        QSKIP("PPROCESS_PICTURES names no folder");
    for (const bool isDark : {false, true}) {
        QApplication::setPalette((isDark ? Colors::dark() : Colors::light()).palette());
        for (const int tasks : {0, 1, 20, 1'000, 90'000}) {
            InstrumentData data;
            if (tasks > 0)
                fill(data, {.workers = std::min(tasks, 20), .tasks = tasks});
            InstrumentSelection selection;
            TimeRange range;
            EventLogView view(data, selection, range);
            view.resize(1280, 800);
            view.show();
            if (tasks == 1'000) {
                view.searchFor(QStringLiteral("task 1"));
                QVERIFY(searchEnds(view.model()));
            }
            if (tasks == 20)
                selection.select(Selected::taskOf(77, 3));
            QCoreApplication::processEvents();
            view.grab().save(QStringLiteral("%1/events-%2-%3.png").arg(folder, isDark ? "dark" : "light").arg(tasks));
        }
    }
}

QTEST_MAIN(TestEventLog)
#include "tst_event_log.moc"
