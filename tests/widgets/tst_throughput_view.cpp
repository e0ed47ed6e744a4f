// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QTableWidget>

#include <tests/support/made_up_events.h>
#include <widgets/colors.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/stage_histograms.h>
#include <widgets/instruments/throughput_view.h>
#include <widgets/instruments/time_plots.h>
#include <widgets/instruments/time_range.h>

#include "support/patience.h"

using namespace pprocess;
using namespace pprocess::widgets;

namespace {

struct Bench {
    InstrumentData data;
    InstrumentSelection selection;
    TimeRange range;
    ThroughputView view{data, selection, range};

    void fill(const tests::MadeUp& wish) {
        tests::made_up_program(wish, [&](const Event& event, std::string_view text) {
            data.append(event, std::as_bytes(std::span(text)));
        });
        data.publish();
        range.setWhole(data.beginTime(), data.endTime());
    }
};

} // namespace

class TestThroughputView : public QObject {
    Q_OBJECT

private slots:
    void binsHoldWholeStepsWhereverTheRangeBegins();
    void everyTaskIsInThePlotsAndInTheTable();
    void aPartHasItsOwnFigures();
    void theRangeIsSharedAndAClickMovesThePosition();
    void theSelectionChoosesTheExchange();
    void manyEventsAreAddedUpBetweenFrames();
    void durationsAreShort();
    void pictures();
};

void TestThroughputView::binsHoldWholeStepsWhereverTheRangeBegins() {
    observe::Series series(256);
    for (std::int64_t time = 0; time < 500; ++time)
        ++series.at(1'000'000 + time * 100'000).finished;
    const timeline::Scale whole{1'000'000, 50'000'000, 100};
    const TimeBins all = TimeBins::of(series, whole, 3);
    std::uint64_t sum = 0;
    for (const observe::Step& bin : all.bins)
        sum += bin.finished;
    QCOMPARE(sum, std::uint64_t{500});
    QCOMPARE(all.width % series.width(), std::int64_t{0});
    for (const std::int64_t begin : {std::int64_t{7'000'000}, std::int64_t{7'400'000}, std::int64_t{12'345'678}}) {
        const TimeBins part = TimeBins::of(series, {begin, 25'000'000, 50}, 3);
        QCOMPARE(part.width, all.width);
        QCOMPARE((part.begin - all.begin) % all.width, std::int64_t{0});
        const auto first = static_cast<std::size_t>((part.begin - all.begin) / all.width);
        for (std::size_t bin = 0; bin < part.bins.size(); ++bin)
            QCOMPARE(part.bins[bin].finished, all.bins[first + bin].finished);
    }
}

void TestThroughputView::everyTaskIsInThePlotsAndInTheTable() {
    Bench bench;
    bench.fill({.workers = 20, .tasks = 2'000, .failing_one_in = 50});
    bench.view.resize(1280, 800);
    bench.view.catchUp();
    observe::Step sum;
    for (const observe::Step& bin : bench.view.plots().bins().bins)
        sum += bin;
    QCOMPARE(sum.finished, std::uint64_t{2'000});
    QCOMPARE(sum.failed, std::uint64_t{40});
    auto* table = bench.view.findChild<QTableWidget*>();
    for (int row = 0; row < table->rowCount(); ++row)
        QCOMPARE(table->item(row, 2)->text(), QStringLiteral("2,000"));
    QVERIFY(!bench.view.verdict().sentence.empty());
}

void TestThroughputView::aPartHasItsOwnFigures() {
    Bench bench;
    bench.fill({.workers = 4, .tasks = 1'000});
    bench.view.catchUp();
    const std::int64_t middle = bench.range.begin() + bench.range.length() / 2;
    bench.range.show(middle, middle + bench.range.length() / 10);
    bench.view.catchUp();
    const auto shown = bench.view.statistics().times_within(bench.range.begin(), bench.range.end());
    auto* table = bench.view.findChild<QTableWidget*>();
    QCOMPARE(table->item(4, 2)->text(), QString::number(shown.count()));
    QVERIFY(shown.count() > 50 && shown.count() < 200);
    QCOMPARE(table->item(5, 2)->text(), QStringLiteral("1,000"));
}

void TestThroughputView::theRangeIsSharedAndAClickMovesThePosition() {
    Bench bench;
    bench.fill({.workers = 4, .tasks = 400});
    bench.view.resize(1280, 800);
    bench.view.show();
    bench.view.catchUp();
    TimePlots& plots = bench.view.plots();
    const QPoint middle = plots.plotRect(0).center();
    const std::int64_t whole = bench.range.length();
    QTest::keyClick(&plots, Qt::Key_W);
    QVERIFY(bench.range.length() < whole);
    const std::int64_t before = bench.range.begin();
    QTest::keyClick(&plots, Qt::Key_A);
    QVERIFY(bench.range.begin() < before);
    QTest::mouseClick(&plots, Qt::LeftButton, {}, middle);
    QVERIFY(!bench.data.isFollowing());
    const std::int64_t wanted = bench.range.begin() + bench.range.length() / 2;
    QVERIFY(std::abs(bench.data.positionTime() - wanted) < bench.range.length() / 20);
    // What is said then is of that moment.
    QCOMPARE(bench.view.verdict().to, bench.data.positionTime());
    QTest::mouseDClick(&plots, Qt::LeftButton, {}, middle);
    QVERIFY(bench.range.showsAll());
}

void TestThroughputView::theSelectionChoosesTheExchange() {
    Bench bench;
    bench.fill({.workers = 4, .tasks = 100});
    bench.view.catchUp();
    QCOMPARE(bench.view.exchange(), std::uint64_t{0});
    bench.selection.select(Selected::exchange(77));
    QCOMPARE(bench.view.exchange(), std::uint64_t{77});
    bench.data.reset();
    QCOMPARE(bench.view.exchange(), std::uint64_t{0});
    QCOMPARE(bench.view.statistics().times().count(), std::uint64_t{0});
}

void TestThroughputView::manyEventsAreAddedUpBetweenFrames() {
    Bench bench;
    bench.fill({.workers = 20, .tasks = 20'000});
    // Out of sight nothing is added up.
    QCOMPARE(bench.view.statistics().times().count(), std::uint64_t{0});
    bench.view.show();
    QTRY_COMPARE(bench.view.statistics().times().count(), std::uint64_t{20'000});
}

void TestThroughputView::durationsAreShort() {
    QCOMPARE(shortDuration(0), QStringLiteral("0 ns"));
    QCOMPARE(shortDuration(1'500), QStringLiteral("1.5 µs"));
    QCOMPARE(shortDuration(42'000), QStringLiteral("42 µs"));
    QCOMPARE(shortDuration(420'000), QStringLiteral("0.42 ms"));
    QCOMPARE(shortDuration(2'200'000'000), QStringLiteral("2.2 s"));
}

/// To be looked at: with PPROCESS_PICTURES the folder that they go to.
void TestThroughputView::pictures() {
    const QString folder = qEnvironmentVariable("PPROCESS_PICTURES");
    if (folder.isEmpty())
        QSKIP("PPROCESS_PICTURES names no folder for them");
    for (const bool isDark : {false, true}) {
        for (const int workers : {0, 1, 20, 1'000}) {
            Bench bench;
            bench.view.setPalette((isDark ? Colors::dark() : Colors::light()).palette());
            if (workers > 0)
                bench.fill({.workers = workers, .tasks = workers == 1 ? 1 : workers * 40, .failing_one_in = 30});
            bench.view.resize(1280, 800);
            bench.view.show();
            bench.view.catchUp();
            QVERIFY(bench.view.grab().save(
                QStringLiteral("%1/throughput-%2-%3.png").arg(folder).arg(workers).arg(isDark ? "dark" : "light")));
        }
    }
}

QTEST_MAIN(TestThroughputView)
#include "tst_throughput_view.moc"
