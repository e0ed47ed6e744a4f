// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <tests/support/made_up_events.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/process_tree_model.h>
#include <widgets/instruments/process_tree_view.h>
#include <widgets/instruments/time_range.h>

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSettings>
#include <QTreeView>

#include <algorithm>
#include <ctime>
#include <random>

#include "support/patience.h"

using namespace pprocess;
using namespace pprocess::widgets;
using observe::ProcessState;

namespace {

void fill(InstrumentData& data, const tests::MadeUp& wish) {
    tests::made_up_program(
        wish, [&](const Event& event, std::string_view text) { data.append(event, std::as_bytes(std::span(text))); });
    data.publish();
}

/// Processes that create processes, work, stop, end and have their pids used again, in any order that can be thought
/// of.
void anyLife(InstrumentData& data, unsigned seed, int events) {
    std::mt19937 random(seed);
    const auto any = [&](int end) { return static_cast<std::int32_t>(random() % static_cast<unsigned>(end)); };
    for (int index = 0; index < events; ++index) {
        Event event{.time = 1'000 + index, .channel = static_cast<std::uint64_t>(1 + any(60)), .exchange = 7};
        event.process = 1 + any(40);
        event.writer = 1 + any(40);
        event.task = static_cast<std::uint64_t>(any(100));
        static constexpr EventKind kinds[] = {
            EventKind::process_created, EventKind::process_created, EventKind::process_running,
            EventKind::process_ended,   EventKind::process_stopped, EventKind::process_resumed,
            EventKind::process_sample,  EventKind::task_sent,       EventKind::task_started,
            EventKind::task_returned,   EventKind::task_finished,   EventKind::message_sent,
        };
        event.kind = kinds[any(static_cast<int>(std::size(kinds)))];
        event.detail = static_cast<std::uint8_t>(any(2));
        const std::string text = "text " + std::to_string(any(5));
        data.append(event, std::as_bytes(std::span(text)));
    }
    data.publish();
}

/// Does the model say what the snapshot says, no more and no less?
void compare(const ProcessTreeModel& model, const observe::Snapshot& snapshot, bool isFiltered) {
    QCOMPARE(model.size(), snapshot.processes().size());
    std::size_t reached = 0;
    std::size_t matching = 0;
    const auto visit = [&](const auto& self, const QModelIndex& parent, std::uint64_t above) -> void {
        std::uint64_t before = UINT64_MAX;
        for (int row = 0; row < model.rowCount(parent); ++row) {
            const QModelIndex index = model.index(row, 0, parent);
            const auto* shown = model.process(index);
            const auto* there = snapshot.process(shown->key);
            QVERIFY(there && shown->state == there->state && shown->parent == there->parent);
            QCOMPARE(model.indexOf(shown->key), index);
            QVERIFY(shown->messages_in <= before);
            before = shown->messages_in;
            QVERIFY(model.isFlat() ? above == 0 : above == 0 || shown->parent == above);
            const bool isMatch =
                there->state != ProcessState::failed && (there->purpose == "text 2" || there->ending == "text 2" ||
                                                         model.taskText(index).contains(QStringLiteral("text 2")));
            const auto isBelow = [&](const auto& one) { return one.second.parent == there->key; };
            QVERIFY(!isFiltered || isMatch || (!model.isFlat() && std::ranges::any_of(snapshot.processes(), isBelow)));
            matching += isMatch ? 1 : 0;
            ++reached;
            self(self, index, shown->key);
        }
    };
    visit(visit, {}, 0);
    if (isFiltered)
        QCOMPARE(matching, model.matching());
    else
        QCOMPARE(reached, model.size());
}

class FakeSource : public InstrumentSource {
public:
    explicit FakeSource(InstrumentData& data) : m_data(data) {}
    QString title() const override { return QStringLiteral("fake"); }
    State state() const override { return State::live; }
    QString statusText() const override { return QStringLiteral("Start a job, and its processes appear here."); }
    InstrumentData& data() override { return m_data; }
    bool canControl() const override { return allowed; }
    QString controlText() const override { return QStringLiteral("A trace only tells what has been."); }
    void endProcess(std::uint64_t key, Step step) override { ended.append({key, step}); }
    bool hasOutput(std::uint64_t key) const override { return key == 2; }

    bool allowed = true;
    QList<std::pair<std::uint64_t, Step>> ended;

private:
    InstrumentData& m_data;
};

/// A view with all that it needs.
struct Bench {
    InstrumentData data;
    InstrumentSelection selection;
    TimeRange range;
    FakeSource source{data};
    ProcessTreeView view{data, selection, range, source};
    QTreeView& tree = *view.findChild<QTreeView*>(QStringLiteral("processTree"));

    void show() {
        view.resize(1000, 500);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
    }
    QModelIndex indexOf(std::uint64_t key) {
        const auto found = tree.model()->match(tree.model()->index(0, 0), ProcessTreeModel::KeyRole,
                                               static_cast<qulonglong>(key), 1, Qt::MatchExactly | Qt::MatchRecursive);
        return found.isEmpty() ? QModelIndex() : found.front();
    }
    QString text(const char* label) { return view.findChild<QLabel*>(QLatin1String(label))->text(); }
};

} // namespace

class TestProcessTree : public QObject {
    Q_OBJECT

private slots:
    void init() { QSettings().clear(); }
    void anySnapshotCanFollowAnyOther_data();
    void anySnapshotCanFollowAnyOther();
    void sortsByWhatTheColumnsMean();
    void whatIsKeptKeepsSelectionAndExpansion();
    void filtersByTextAndState();
    void copiesRows();
    void stopsByThreeSteps();
    void showsSelectedInOtherViews();
    void remembersColumns();
    void emptySaysWhatToDo();
    void showsWhatWasThereBeforeIt();
    void tenThousandEnded();
    void thousandLivingAreSmooth();
};

void TestProcessTree::anySnapshotCanFollowAnyOther_data() {
    QTest::addColumn<bool>("isFlat");
    QTest::addColumn<bool>("isFiltered");
    QTest::newRow("tree") << false << false;
    QTest::newRow("tree, filtered") << false << true;
    QTest::newRow("table") << true << false;
    QTest::newRow("table, filtered") << true << true;
}

void TestProcessTree::anySnapshotCanFollowAnyOther() {
    QFETCH(bool, isFlat);
    QFETCH(bool, isFiltered);
    for (unsigned seed = 1; seed <= 4; ++seed) {
        InstrumentData data;
        anyLife(data, seed, 300);
        ProcessTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.setFlat(isFlat);
        model.sort(ProcessTreeModel::MessagesInColumn, Qt::DescendingOrder);
        if (isFiltered)
            model.setFilter(QStringLiteral("text 2"),
                            ProcessTreeModel::States().set().reset(static_cast<std::size_t>(ProcessState::failed)));
        std::mt19937 random(seed);
        std::uint64_t position = 0;
        for (int step = 0; step < 25; ++step) {
            position = random() % 4 == 0 ? random() % data.endEvent()
                                         : std::min<std::uint64_t>(data.endEvent(), position + random() % 30);
            data.setPosition(position);
            model.update(data.snapshot());
            compare(model, data.snapshot(), isFiltered);
        }
        model.setFlat(!isFlat);
        compare(model, data.snapshot(), isFiltered);
        model.update({});
        QCOMPARE(model.rowCount(), 0);
    }
}

void TestProcessTree::sortsByWhatTheColumnsMean() {
    InstrumentData data;
    fill(data, {.workers = 30, .tasks = 1'000});
    data.setPosition(data.endEvent() / 2);
    ProcessTreeModel model;
    model.setFlat(true);
    model.update(data.snapshot());
    const auto isSorted = [&](int column, auto value) {
        model.sort(column, Qt::AscendingOrder);
        for (int row = 1; row < model.rowCount(); ++row) {
            const auto* above = model.process(model.index(row - 1, 0));
            const auto* below = model.process(model.index(row, 0));
            if (value(*below) < value(*above))
                return false;
        }
        return model.rowCount() == 31;
    };
    using Info = observe::ProcessInfo;
    QVERIFY(isSorted(ProcessTreeModel::PidColumn, [](const Info& info) { return info.pid; }));
    QVERIFY(isSorted(ProcessTreeModel::StateColumn, [](const Info& info) { return info.state; }));
    QVERIFY(isSorted(ProcessTreeModel::SinceColumn, [](const Info& info) { return -info.since; }));
    QVERIFY(isSorted(ProcessTreeModel::CpuColumn, [](const Info& info) { return info.cpu_share; }));
    QVERIFY(isSorted(ProcessTreeModel::MemoryColumn, [](const Info& info) { return info.memory; }));
    QVERIFY(isSorted(ProcessTreeModel::BytesOutColumn, [](const Info& info) { return info.bytes_out; }));
    QVERIFY(isSorted(ProcessTreeModel::FailedColumn, [](const Info& info) { return info.tasks_failed; }));
    QVERIFY(isSorted(ProcessTreeModel::TaskColumn, [](const Info& info) { return info.task + 1; }));
}

void TestProcessTree::whatIsKeptKeepsSelectionAndExpansion() {
    Bench bench;
    fill(bench.data, {.workers = 20, .tasks = 400, .is_live = true});
    bench.show();
    const QModelIndex program = bench.indexOf(1);
    QVERIFY(bench.tree.isExpanded(program));
    QCOMPARE(bench.tree.model()->rowCount(program), 20);
    bench.tree.sortByColumn(ProcessTreeModel::BytesOutColumn, Qt::DescendingOrder);
    bench.tree.setCurrentIndex(bench.indexOf(9));
    QCOMPARE(bench.selection.current(), Selected::process(9));
    // To where it does not exist, and back again.
    for (const std::uint64_t position : {bench.data.endEvent() / 2, std::uint64_t{420}, bench.data.endEvent() / 3}) {
        bench.data.setPosition(position);
        bench.view.refresh();
        QCOMPARE(bench.selection.current(), Selected::process(9));
        QCOMPARE(bench.tree.selectionModel()->isSelected(bench.indexOf(9)), bench.indexOf(9).isValid());
        QVERIFY(bench.tree.isExpanded(bench.indexOf(1)));
    }
    // What somebody has closed stays closed.
    bench.tree.collapse(bench.indexOf(1));
    bench.data.setPosition(2);
    bench.view.refresh();
    bench.data.follow();
    bench.view.refresh();
    QVERIFY(!bench.tree.isExpanded(bench.indexOf(1)));
    // What is selected elsewhere has its process here.
    const auto& running = bench.data.head().running_tasks();
    QVERIFY(!running.empty());
    bench.selection.select(Selected::taskOf(running.begin()->first.first, running.begin()->first.second));
    QCOMPARE(bench.tree.currentIndex().data(ProcessTreeModel::KeyRole).toULongLong(), running.begin()->second.process);
    bench.selection.select(Selected::channel(503));
    QCOMPARE(bench.tree.currentIndex().data(ProcessTreeModel::PidColumn).toInt(), 1004);
    QCOMPARE(bench.selection.current(), Selected::channel(503));
}

void TestProcessTree::filtersByTextAndState() {
    Bench bench;
    fill(bench.data, {.workers = 20, .tasks = 400});
    bench.show();
    QCOMPARE(bench.text("counts"), QStringLiteral("21 processes"));
    auto* text = bench.view.findChild<QLineEdit*>(QStringLiteral("filter"));
    QTest::keyClicks(text, QStringLiteral("1007"));
    // The program stays, as the one above it.
    QCOMPARE(bench.tree.model()->rowCount(), 1);
    QCOMPARE(bench.tree.model()->rowCount(bench.indexOf(1)), 1);
    QCOMPARE(bench.text("counts"), QStringLiteral("1 of 21 shown"));
    text->clear();
    QVERIFY(bench.tree.isExpanded(bench.indexOf(1)));
    bench.view.findChild<QCheckBox*>(QStringLiteral("hideEnded"))->click();
    QCOMPARE(bench.text("counts"), QStringLiteral("1 of 21 shown"));
    bench.view.findChild<QCheckBox*>(QStringLiteral("hideEnded"))->click();
    bench.view.findChild<QCheckBox*>(QStringLiteral("asTree"))->click();
    QCOMPARE(bench.tree.model()->rowCount(), 21);
    QTest::keyClicks(text, QStringLiteral("no such thing"));
    QCOMPARE(bench.tree.model()->rowCount(), 0);
}

void TestProcessTree::copiesRows() {
    Bench bench;
    fill(bench.data, {.workers = 3, .tasks = 30});
    bench.show();
    bench.tree.setCurrentIndex(bench.indexOf(4));
    bench.tree.selectionModel()->select(bench.indexOf(2), QItemSelectionModel::Select | QItemSelectionModel::Rows);
    bench.tree.setFocus();
    QTest::keyClick(&bench.tree, Qt::Key_C, Qt::ControlModifier);
    const auto lines = QGuiApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    QVERIFY(lines[0].startsWith(QStringLiteral("PID\tState\tPurpose\tTask")));
    QVERIFY(lines[1].startsWith(QStringLiteral("1001\tSucceeded\tfunction")));
    QVERIFY(lines[2].startsWith(QStringLiteral("1003\t")));
}

void TestProcessTree::stopsByThreeSteps() {
    Bench bench;
    fill(bench.data, {.workers = 4, .tasks = 40, .is_live = true});
    bench.show();
    bench.tree.setCurrentIndex(bench.indexOf(3));
    std::unique_ptr<QMenu> menu(bench.view.makeMenu());
    const auto action = [&](const char* name) {
        QAction* found = menu->findChild<QAction*>(QLatin1String(name));
        Q_ASSERT(found);
        return found;
    };
    action("ask")->trigger();
    action("terminate")->trigger();
    action("kill")->trigger();
    using Step = InstrumentSource::Step;
    const QList<std::pair<std::uint64_t, Step>> wanted{{3, Step::ask}, {3, Step::terminate}, {3, Step::kill}};
    QCOMPARE(bench.source.ended, wanted);
    QVERIFY(!action("output")->isEnabled());

    bench.source.allowed = false;
    menu.reset(bench.view.makeMenu());
    QVERIFY(!action("kill")->isEnabled());
    QCOMPARE(action("whyNot")->text(), bench.source.controlText());

    // What lived at the moment shown may have ended since.
    bench.source.allowed = true;
    bench.data.setPosition(bench.data.endEvent());
    const Event end{.time = bench.data.endTime() + 1, .process = 1002, .kind = EventKind::process_ended};
    bench.data.append(end, {});
    bench.view.refresh();
    menu.reset(bench.view.makeMenu());
    QVERIFY(!action("kill")->isEnabled());

    emit bench.source.controlAnswered(QStringLiteral("Process 1002 has been asked to end."));
    QCOMPARE(bench.text("note"), QStringLiteral("Process 1002 has been asked to end."));
}

void TestProcessTree::showsSelectedInOtherViews() {
    Bench bench;
    fill(bench.data, {.workers = 4, .tasks = 40});
    bench.show();
    bench.tree.setCurrentIndex(bench.indexOf(2));
    QSignalSpy reveals(&bench.selection, &InstrumentSelection::revealRequested);
    QSignalSpy outputs(&bench.view, &ProcessTreeView::outputRequested);
    const std::unique_ptr<QMenu> menu(bench.view.makeMenu());
    menu->findChild<QAction*>(QStringLiteral("reveal-timeline"))->trigger();
    QCOMPARE(reveals.value(0).value(0).toString(), QStringLiteral("timeline"));
    menu->findChild<QAction*>(QStringLiteral("output"))->trigger();
    QCOMPARE(outputs.value(0).value(0).toULongLong(), qulonglong{2});
    menu->findChild<QAction*>(QStringLiteral("copyPid"))->trigger();
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("1001"));
    menu->findChild<QAction*>(QStringLiteral("copyDetails"))->trigger();
    QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("How it ended: exited with status 0")));
}

void TestProcessTree::remembersColumns() {
    {
        Bench bench;
        bench.show();
        emit bench.tree.header()->customContextMenuRequested({});
        auto* menu = bench.view.findChild<QMenu*>(QStringLiteral("columns"));
        QVERIFY(menu);
        QVERIFY(!menu->actions()[ProcessTreeModel::PidColumn]->isEnabled());
        menu->actions()[ProcessTreeModel::ThreadsColumn]->trigger();
        menu->actions()[ProcessTreeModel::TaskColumn]->trigger();
        bench.tree.header()->moveSection(bench.tree.header()->visualIndex(ProcessTreeModel::ThreadsColumn), 1);
        menu->close();
    }
    Bench bench;
    QVERIFY(!bench.tree.isColumnHidden(ProcessTreeModel::ThreadsColumn));
    QVERIFY(bench.tree.isColumnHidden(ProcessTreeModel::TaskColumn));
    QCOMPARE(bench.tree.header()->visualIndex(ProcessTreeModel::ThreadsColumn), 1);
}

void TestProcessTree::emptySaysWhatToDo() {
    Bench bench;
    bench.show();
    QVERIFY(!bench.view.grab().isNull());
    QCOMPARE(bench.text("counts"), QStringLiteral("0 processes"));
    std::unique_ptr<QMenu> menu(bench.view.makeMenu());
    QVERIFY(!menu->actions().front()->isEnabled());
    fill(bench.data, {.workers = 1, .tasks = 3});
    QTRY_COMPARE(bench.text("counts"), QStringLiteral("2 processes"));
    bench.data.reset();
    QTRY_COMPARE(bench.text("counts"), QStringLiteral("0 processes"));
}

void TestProcessTree::showsWhatWasThereBeforeIt() {
    InstrumentData data;
    fill(data, {.workers = 3, .tasks = 9});
    InstrumentSelection selection;
    TimeRange range;
    FakeSource source(data);
    ProcessTreeView view(data, selection, range, source);
    view.show();
    QCOMPARE(view.findChild<QLabel*>(QStringLiteral("counts"))->text(), QStringLiteral("4 processes"));
}

void TestProcessTree::tenThousandEnded() {
    Bench bench;
    bench.show();
    for (std::int32_t pid = 1; pid <= 12'000; ++pid) {
        bench.data.append(
            {.time = pid * 1'000, .writer = 1, .process = 10'000 + pid, .kind = EventKind::process_created}, {});
        bench.data.append({.time = pid * 1'000 + 500, .process = 10'000 + pid, .kind = EventKind::process_ended}, {});
        if (pid % 3'000 == 0)
            bench.view.refresh();
    }
    bench.view.refresh();
    QCOMPARE(bench.text("counts"), QStringLiteral("10,001 processes"));
    QVERIFY(bench.text("note").startsWith(QStringLiteral("2,000 processes ended earlier")));
}

void TestProcessTree::thousandLivingAreSmooth() {
    Bench bench;
    fill(bench.data, {.workers = 1'000, .tasks = 20'000, .is_live = true});
    bench.show();
    bench.tree.sortByColumn(ProcessTreeModel::CpuColumn, Qt::DescendingOrder);
    qint64 all = 0;
    qint64 worst = 0;
    std::uint64_t position = bench.data.endEvent() - 60'000;
    bench.data.setPosition(position);
    bench.view.refresh();
    constexpr int rounds = 60;
    for (int round = 0; round < rounds; ++round) {
        bench.data.setPosition(position += 800);
        const std::clock_t began = std::clock();
        bench.view.refresh();
        bench.tree.viewport()->repaint();
        const qint64 took = (std::clock() - began) * 1'000'000 / CLOCKS_PER_SEC;
        all += took;
        worst = std::max(worst, took);
    }
    qInfo("1,000 processes, sorted by CPU: a refresh with painting takes %lld us of processor time, at worst %lld",
          all / rounds, worst);
    QCOMPARE(bench.text("counts"), QStringLiteral("1,001 processes"));
}

QTEST_MAIN(TestProcessTree)
#include "tst_process_tree.moc"
