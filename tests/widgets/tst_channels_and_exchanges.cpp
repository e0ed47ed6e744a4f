// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <tests/support/made_up_events.h>
#include <widgets/instruments/channel_grid.h>
#include <widgets/instruments/channel_matrix_view.h>
#include <widgets/instruments/exchange_diagram_view.h>
#include <widgets/instruments/exchange_layout.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/recent_activity.h>
#include <widgets/instruments/time_range.h>
#include <widgets/instruments/waiting_tasks.h>

#include <QAbstractScrollArea>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>

#include <algorithm>
#include <ctime>
#include <random>

#include "support/patience.h"

using namespace pprocess;
using namespace pprocess::widgets;

namespace {

void fill(InstrumentData& data, const tests::MadeUp& wish) {
    tests::made_up_program(
        wish, [&](const Event& event, std::string_view text) { data.append(event, std::as_bytes(std::span(text))); });
    data.publish();
}

/// A view with all that it needs.
template <typename View>
struct Bench {
    InstrumentData data;
    InstrumentSelection selection;
    TimeRange range;
    View view{data, selection, range};

    void show() {
        view.resize(900, 500);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
    }
    template <typename Child>
    Child& child(const char* name) {
        return *view.template findChild<Child*>(QLatin1String(name));
    }
    /// Mean processor time of a refresh with painting, in us.
    qint64 cost(std::uint64_t begin, std::uint64_t step, int rounds) {
        std::clock_t all = 0;
        for (int round = 0; round < rounds; ++round) {
            data.setPosition(begin += step);
            const std::clock_t began = std::clock();
            view.refresh();
            view.repaint();
            all += std::clock() - began;
        }
        return all * 1'000'000 / CLOCKS_PER_SEC / rounds;
    }
};

} // namespace

class TestChannelsAndExchanges : public QObject {
    Q_OBJECT

private slots:
    void cellsLieBesideOneAnother_data();
    void cellsLieBesideOneAnother();
    void barsShowAThousandth();
    void ratesAreThoseOfTheLastSecond();
    void waitingTasksAreTheOnesNotTaken();
    void everybodyKeepsTheSeat();
    void partsOfTheDiagramDoNotOverlap();
    void matrixChoosesByMouseAndKeys();
    void matrixTellsOfAChannel();
    void matrixHidesClosed();
    void diagramChoosesByMouseAndKeys();
    void diagramShowsTheBusiest();
    void diagramIsTheSameHoweverReached();
    void emptyOnesArePainted();
    void thousandAreSmooth();
};

void TestChannelsAndExchanges::cellsLieBesideOneAnother_data() {
    QTest::addColumn<int>("count");
    QTest::addColumn<QSize>("view");
    for (const int count : {0, 1, 2, 7, 20, 150, 1'000, 12'000}) {
        for (const QSize size : {QSize(30, 20), QSize(300, 200), QSize(900, 500), QSize(1900, 1000)})
            QTest::addRow("%d in %dx%d", count, size.width(), size.height()) << count << size;
    }
}

void TestChannelsAndExchanges::cellsLieBesideOneAnother() {
    QFETCH(int, count);
    QFETCH(QSize, view);
    const ChannelGrid grid(count, view, 16);
    QCOMPARE(grid.at({view.width() / 2, -5}), -1);
    QCOMPARE(grid.cell(count), QRect());
    for (int place = 0; place < count; ++place) {
        const QRect cell = grid.cell(place);
        QVERIFY(cell.width() >= 6 && cell.height() >= 6 && cell.left() >= 0);
        QVERIFY(cell.right() < std::max(view.width(), 200) && cell.bottom() < grid.height());
        QCOMPARE(grid.at(cell.center()), place);
        QCOMPARE(grid.at(cell.topLeft()), place);
        QCOMPARE(grid.at(cell.bottomRight()), place);
        if (place % grid.columns() != 0)
            QVERIFY(cell.left() > grid.cell(place - 1).right());
        const auto [first, last] = grid.between(cell.top(), cell.bottom());
        QVERIFY(first <= place && place < last);
    }
    // All are seen at once as long as that is possible at all.
    if (count <= 1'000 && view.width() >= 900)
        QVERIFY(grid.height() <= view.height());
    QCOMPARE(grid.moved(-1, 1, 0), count > 0 ? 0 : -1);
    for (int place = 0; place < count; place += 1 + count / 50) {
        for (const auto& [columns, rows] : {std::pair(1, 0), std::pair(-1, 0), std::pair(0, 1), std::pair(0, -9)}) {
            const int moved = grid.moved(place, columns, rows);
            QVERIFY(moved >= 0 && moved < count);
            QVERIFY(rows == 0 || moved % grid.columns() == place % grid.columns());
        }
    }
}

void TestChannelsAndExchanges::barsShowAThousandth() {
    QCOMPARE(barLength(0, 100), 0.0);
    QCOMPARE(barLength(5, 0), 0.0);
    QCOMPARE(barLength(100, 100), 1.0);
    QVERIFY(barLength(0.1, 100) > 0.1 && barLength(0.1, 100) < barLength(1, 100));
    QVERIFY(barLength(1e-9, 100) > 0);
    QCOMPARE(arrowWidth(0), 0);
    QVERIFY(arrowWidth(0.1) > 0 && arrowWidth(10) < arrowWidth(1'000) && arrowWidth(1e9) <= 20);
}

void TestChannelsAndExchanges::ratesAreThoseOfTheLastSecond() {
    InstrumentData data(nullptr, std::size_t{3} << 20);
    fill(data, {.workers = 3, .tasks = 6'000});
    QVERIFY(data.endTime() - data.beginTime() > 3 * RecentActivity::window / 2);
    QVERIFY(data.forgotten() > 0);
    RecentActivity activity;
    std::mt19937 random(1);
    std::uint64_t position = data.firstEvent();
    for (int step = 0; step < 60; ++step) {
        position = random() % 5 == 0 ? data.firstEvent() + random() % (data.endEvent() - data.firstEvent())
                                     : std::min<std::uint64_t>(data.endEvent(), position + random() % 3'000);
        data.setPosition(position);
        activity.update(data);
        std::uint64_t toProcess = 0;
        std::uint64_t fromProcess = 0;
        RecentActivity::Work work;
        for (std::uint64_t index = data.indexAt(data.positionTime() - RecentActivity::window); index < position;
             ++index) {
            const Event& event = data.event(index);
            const bool isByCreator = event.detail == static_cast<std::uint8_t>(ChannelEnd::creator);
            if (event.channel == 501 && isByCreator && event.kind == EventKind::message_sent)
                toProcess += event.size;
            if (event.channel == 501 && !isByCreator && event.kind == EventKind::message_sent)
                fromProcess += event.size;
            work.sent += event.kind == EventKind::task_sent ? 1 : 0;
            if (event.kind == EventKind::task_finished)
                ++work.finished[event.detail];
        }
        QCOMPARE(activity.traffic(501).toProcess(), toProcess);
        QVERIFY(activity.traffic(501).fromProcess() >= fromProcess);
        QVERIFY(activity.traffic(501).fromProcess() <= fromProcess + 4'100);
        QCOMPARE(activity.work(77).sent, work.sent);
        QCOMPARE(activity.work(77).finished, work.finished);
        QVERIFY(activity.seconds() > 0 && activity.seconds() <= 1);
    }
}

void TestChannelsAndExchanges::waitingTasksAreTheOnesNotTaken() {
    InstrumentData data;
    std::mt19937 random(3);
    const auto add = [&](EventKind kind, std::uint64_t task) {
        data.append({.time = static_cast<std::int64_t>(1'000 + data.endEvent()),
                     .exchange = 5,
                     .task = task,
                     .writer = 1,
                     .kind = kind},
                    {});
    };
    std::deque<std::uint64_t> waiting;
    std::vector<std::uint64_t> taken;
    std::vector<std::deque<std::uint64_t>> history(1);
    std::uint64_t next = 0;
    for (int step = 0; step < 3'000; ++step) {
        switch (random() % 5) {
        case 0:
        case 1:
            add(EventKind::task_queued, next);
            waiting.push_back(next++);
            break;
        case 2:
            if (waiting.empty())
                continue;
            add(EventKind::task_sent, waiting.front());
            taken.push_back(waiting.front());
            waiting.pop_front();
            break;
        case 3: {
            // One that waits is cancelled, wherever it stands.
            if (waiting.empty() || random() % 4 != 0)
                continue;
            const auto place = waiting.begin() + static_cast<std::ptrdiff_t>(random() % waiting.size());
            add(EventKind::task_finished, *place);
            waiting.erase(place);
            break;
        }
        default:
            if (taken.empty())
                continue;
            if (random() % 3 == 0) {
                add(EventKind::task_queued, taken.back());
                waiting.push_front(taken.back());
            } else {
                add(EventKind::task_finished, taken.back());
            }
            taken.pop_back();
        }
        history.push_back(waiting);
    }
    QCOMPARE(history.size(), data.endEvent() + 1);
    WaitingTasks tasks;
    for (int jump = 0; jump < 100; ++jump) {
        const std::uint64_t position = random() % (data.endEvent() + 1);
        data.setPosition(position);
        tasks.update(data);
        const auto& wanted = history[position];
        const auto some = std::min<std::size_t>(6, wanted.size());
        QCOMPARE(tasks.first(5, 6),
                 std::vector<std::uint64_t>(wanted.begin(), wanted.begin() + static_cast<long>(some)));
        QCOMPARE(tasks.first(5, SIZE_MAX).size(), wanted.size());
    }
    add(EventKind::exchange_ended, Event::unknown);
    data.follow();
    tasks.update(data);
    QVERIFY(tasks.first(5, 6).empty());
}

void TestChannelsAndExchanges::everybodyKeepsTheSeat() {
    using Seats = std::vector<std::uint64_t>;
    QCOMPARE(seated({}, {}, 3), Seats({0, 0, 0}));
    QCOMPARE(seated({}, {4, 5}, 3), Seats({4, 5, 0}));
    QCOMPARE(seated({4, 5, 6}, {4, 6, 7}, 3), Seats({4, 7, 6}));
    QCOMPARE(seated({4, 5, 6}, {6}, 0), Seats({0, 0, 6}));
    QCOMPARE(seated({4, 5, 6}, {4}, 0), Seats({4}));
    // More than there is room for, for a moment: shown all the same.
    QCOMPARE(seated({4, 5}, {4, 5, 6}, 2), Seats({4, 5, 6}));
    QCOMPARE(seated({4, 5, 6}, {5, 6}, 2), Seats({0, 5, 6}));
    QCOMPARE(seated({}, {4, 4}, 1), Seats({4}));
    QVERIFY(seated({}, {}, UINT64_MAX).size() <= 10'000);
}

void TestChannelsAndExchanges::partsOfTheDiagramDoNotOverlap() {
    for (const QSize size : {QSize(320, 140), QSize(900, 400), QSize(1900, 900)}) {
        for (const int seats : {0, 1, 8, 100, 1'000, 5'000}) {
            const ExchangeLayout layout(size, seats, 16);
            QVERIFY(!layout.waiting.intersects(layout.slotArea) && !layout.slotArea.intersects(layout.results));
            QVERIFY(layout.waiting.right() < layout.into.right() && layout.into.right() < layout.slotArea.right());
            const int drawn = layout.drawn(seats);
            for (int place = 0; place < drawn; ++place) {
                QVERIFY(layout.slotArea.contains(layout.slot(place)) || size.width() == 320);
                QCOMPARE(layout.slotAt(layout.slot(place).center()),
                         layout.gridArea.contains(layout.slot(place).center()) ? place : -1);
            }
            QVERIFY(drawn == seats || layout.slot(drawn).isNull());
            QVERIFY(drawn == seats || size.width() == 320 || seats == 5'000);
        }
    }
}

void TestChannelsAndExchanges::matrixChoosesByMouseAndKeys() {
    Bench<ChannelMatrixView> bench;
    fill(bench.data, {.workers = 20, .tasks = 400, .is_live = true});
    bench.show();
    QCOMPARE(bench.view.channels().size(), std::size_t{20});
    QVERIFY(std::is_sorted(bench.view.channels().begin(), bench.view.channels().end()));
    auto& grid = bench.child<QAbstractScrollArea>("grid");
    const ChannelGrid cells(20, grid.viewport()->size(), grid.fontMetrics().height());
    QTest::mouseClick(grid.viewport(), Qt::LeftButton, {}, cells.cell(3).center());
    QCOMPARE(bench.selection.current(), Selected::channel(503));
    QTest::keyClick(&grid, Qt::Key_Right);
    QCOMPARE(bench.selection.current(), Selected::channel(504));
    QTest::keyClick(&grid, Qt::Key_Down);
    QCOMPARE(bench.selection.current(), Selected::channel(504 + static_cast<std::uint64_t>(cells.columns())));
    QTest::keyClick(&grid, Qt::Key_End);
    QCOMPARE(bench.selection.current(), Selected::channel(519));
    QTest::keyClick(&grid, Qt::Key_Home);
    QCOMPARE(bench.selection.current(), Selected::channel(500));
    QTest::keyClick(&grid, Qt::Key_Escape);
    QCOMPARE(bench.selection.current(), Selected());
    // A process that is selected elsewhere has its channel explained here.
    bench.selection.select(Selected::process(7));
    QVERIFY(bench.child<QLabel>("detail").text().startsWith(QStringLiteral("Channel to 1006 (function): ")));
}

void TestChannelsAndExchanges::matrixTellsOfAChannel() {
    Bench<ChannelMatrixView> bench;
    const auto add = [&](Event event) {
        event.time = 1'000'000'000 + static_cast<std::int64_t>(bench.data.endEvent()) * 100'000'000;
        bench.data.append(event, {});
    };
    add({.channel = 9, .writer = 1, .process = 2, .kind = EventKind::process_created});
    add({.channel = 9, .exchange = 3, .writer = 1, .process = 2, .kind = EventKind::channel_added});
    add({.channel = 9, .size = 1'000, .writer = 1, .process = 2, .kind = EventKind::message_sent});
    add({.channel = 9, .size = 1'000, .writer = 1, .process = 2, .kind = EventKind::message_sent});
    add({.channel = 9, .size = 1'000, .writer = 2, .kind = EventKind::message_received, .detail = 1});
    add({.channel = 9, .size = 64, .writer = 2, .kind = EventKind::waiting_for_space, .detail = 1});
    add({.channel = 9, .exchange = 3, .writer = 1, .process = 2, .kind = EventKind::channel_ready});
    bench.data.publish();
    bench.view.refresh();
    QCOMPARE(bench.view.describe(9),
             QStringLiteral("Channel to 2: waiting for space, readable now, full, its process waits for space. "
                            "To it: 2 messages, 2.0 KiB in all, 3.3 KiB/s, 1 waiting (0.98 KiB). "
                            "From it: 0 messages, 0 B in all, 0 B/s. Last message 200 ms ago."));
    QCOMPARE(bench.child<QLabel>("counts").text(),
             QStringLiteral("1 open · 1 readable now · 1 full, somebody waits for space"));
    QVERIFY(bench.view.describe(10).isEmpty());
    // Whatever somebody waited for at its end, nobody does any more.
    add({.channel = 9, .size = 64, .writer = 1, .process = 2, .kind = EventKind::waiting_for_space});
    bench.view.refresh();
    QVERIFY(bench.view.describe(9).contains(QStringLiteral("full, its creator waits for space")));
    add({.writer = 1, .process = 2, .value = 9, .kind = EventKind::process_ended, .detail = 1});
    bench.data.publish();
    bench.view.refresh();
    QVERIFY2(bench.view.describe(9).startsWith(QStringLiteral("Channel to 2: failed, closed, readable now. To it: ")),
             qPrintable(bench.view.describe(9)));
    QCOMPARE(bench.child<QLabel>("counts").text(), QStringLiteral("0 open · 0 readable now · 1 closed, hidden"));
}

void TestChannelsAndExchanges::matrixHidesClosed() {
    Bench<ChannelMatrixView> bench;
    fill(bench.data, {.workers = 5, .tasks = 50});
    bench.show();
    QCOMPARE(bench.view.channels().size(), std::size_t{0});
    bench.child<QCheckBox>("hideClosed").click();
    QCOMPARE(bench.view.channels().size(), std::size_t{5});
    bench.child<QCheckBox>("hideClosed").click();
    bench.data.setPosition(bench.data.endEvent() / 2);
    QTRY_COMPARE(bench.view.channels().size(), std::size_t{5});
}

void TestChannelsAndExchanges::diagramChoosesByMouseAndKeys() {
    Bench<ExchangeDiagramView> bench;
    fill(bench.data, {.workers = 8, .tasks = 200});
    bench.show();
    bench.data.setPosition(bench.data.endEvent() / 2);
    bench.view.refresh();
    QCOMPARE(bench.view.exchange(), std::uint64_t{77});
    QCOMPARE(bench.view.seats(), std::vector<std::uint64_t>({2, 3, 4, 5, 6, 7, 8, 9}));
    auto& diagram = bench.child<QWidget>("diagram");
    diagram.repaint();
    const ExchangeLayout layout(diagram.size(), 8, diagram.fontMetrics().height());
    QTest::mouseClick(&diagram, Qt::LeftButton, {}, layout.slot(2).topLeft() + QPoint(20, 8));
    QCOMPARE(bench.selection.current(), Selected::process(4));
    QTest::keyClick(&diagram, Qt::Key_Right);
    QCOMPARE(bench.selection.current(), Selected::process(5));
    QTest::keyClick(&diagram, Qt::Key_Return);
    const auto* process = bench.data.snapshot().process(5);
    QCOMPARE(bench.selection.current(), Selected::taskOf(77, process->task));
    // The first that waits, by its line on the left.
    const int line = diagram.fontMetrics().height();
    QFont large = diagram.font();
    large.setPointSizeF(large.pointSizeF() * 1.6);
    const int below = 6 + line + 2 + QFontMetrics(large).height() + 4 + line / 2;
    QTest::mouseClick(&diagram, Qt::LeftButton, {}, layout.waiting.topLeft() + QPoint(30, below));
    std::uint64_t lowest = UINT64_MAX;
    for (std::uint64_t index = bench.data.position(); index < bench.data.endEvent(); ++index) {
        if (bench.data.event(index).kind == EventKind::task_sent)
            lowest = std::min(lowest, bench.data.event(index).task);
    }
    QCOMPARE(bench.selection.current(), Selected::taskOf(77, lowest));
    QVERIFY(bench.view.describe().contains(QStringLiteral("8 of 8 slots taken")));
    QCOMPARE(diagram.accessibleDescription(), bench.view.describe());
}

void TestChannelsAndExchanges::diagramShowsTheBusiest() {
    Bench<ExchangeDiagramView> bench;
    const auto add = [&](std::uint64_t exchange, EventKind kind, std::uint64_t task) {
        bench.data.append({.time = static_cast<std::int64_t>(1'000 + bench.data.endEvent()),
                           .exchange = exchange,
                           .task = task,
                           .writer = 1,
                           .process = 1,
                           .kind = kind},
                          {});
    };
    add(10, EventKind::exchange_created, Event::unknown);
    add(11, EventKind::exchange_created, Event::unknown);
    add(11, EventKind::task_queued, 0);
    bench.view.refresh();
    auto& chooser = bench.child<QComboBox>("chooser");
    QCOMPARE(bench.view.exchange(), std::uint64_t{11});
    QCOMPARE(chooser.currentText(), QStringLiteral("Exchange 2 of 1"));
    // Another that is busier does not push it away.
    add(10, EventKind::task_queued, 0);
    add(10, EventKind::task_queued, 1);
    bench.view.refresh();
    QCOMPARE(bench.view.exchange(), std::uint64_t{11});
    add(11, EventKind::exchange_ended, Event::unknown);
    bench.view.refresh();
    QCOMPARE(bench.view.exchange(), std::uint64_t{10});
    bench.selection.select(Selected::exchange(11));
    QCOMPARE(bench.view.exchange(), std::uint64_t{11});
    QCOMPARE(chooser.currentText(), QStringLiteral("Exchange 2 of 1 (ended)"));
    bench.view.refresh();
    QCOMPARE(bench.view.exchange(), std::uint64_t{11});
    bench.data.reset();
    QCOMPARE(bench.view.exchange(), std::uint64_t{0});
}

void TestChannelsAndExchanges::diagramIsTheSameHoweverReached() {
    Bench<ExchangeDiagramView> bench;
    fill(bench.data, {.workers = 6, .tasks = 300});
    bench.show();
    bench.child<QWidget>("diagram").setFocus();
    const std::uint64_t place = bench.data.endEvent() / 2;
    bench.data.setPosition(place);
    bench.view.refresh();
    const QString words = bench.view.describe();
    const QImage picture = bench.view.grab().toImage();
    for (const std::uint64_t other : {std::uint64_t{0}, bench.data.endEvent(), place - 700, place + 900}) {
        bench.data.setPosition(other);
        bench.view.refresh();
        QVERIFY(bench.view.describe() != words);
        bench.data.setPosition(place);
        bench.view.refresh();
        QCOMPARE(bench.view.describe(), words);
        QCOMPARE(bench.view.grab().toImage(), picture);
    }
}

void TestChannelsAndExchanges::emptyOnesArePainted() {
    Bench<ChannelMatrixView> matrix;
    matrix.show();
    QVERIFY(!matrix.view.grab().isNull());
    QTest::keyClick(&matrix.child<QAbstractScrollArea>("grid"), Qt::Key_Right);
    QCOMPARE(matrix.selection.current(), Selected());
    Bench<ExchangeDiagramView> diagram;
    diagram.show();
    QVERIFY(!diagram.view.grab().isNull());
    QTest::keyClick(&diagram.child<QWidget>("diagram"), Qt::Key_Right);
    QTest::mouseClick(&diagram.child<QWidget>("diagram"), Qt::LeftButton);
    QCOMPARE(diagram.selection.current(), Selected());
    QCOMPARE(diagram.view.describe(), QStringLiteral("There is no exchange yet."));
}

void TestChannelsAndExchanges::thousandAreSmooth() {
    Bench<ChannelMatrixView> matrix;
    fill(matrix.data, {.workers = 1'000, .tasks = 10'000, .is_live = true});
    matrix.show();
    qInfo("1,000 channels: a refresh with painting takes %lld us of processor time",
          matrix.cost(matrix.data.endEvent() / 2, 800, 50));
    QCOMPARE(matrix.view.channels().size(), std::size_t{1'000});
    Bench<ExchangeDiagramView> diagram;
    fill(diagram.data, {.workers = 1'000, .tasks = 10'000, .is_live = true});
    diagram.show();
    qInfo("an exchange of 1,000 slots: a refresh with painting takes %lld us of processor time",
          diagram.cost(diagram.data.endEvent() / 2, 800, 50));
    QCOMPARE(diagram.view.seats().size(), std::size_t{1'000});
}

QTEST_MAIN(TestChannelsAndExchanges)
#include "tst_channels_and_exchanges.moc"
