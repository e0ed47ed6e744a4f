// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/format.h>
#include <widgets/output_pane.h>
#include <widgets/rate_estimator.h>
#include <widgets/result_model.h>
#include <widgets/stacked_bar.h>
#include <widgets/table_view.h>
#include <widgets/throughput_plot.h>

#include <QApplication>
#include <QClipboard>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include <numeric>

#include "support/patience.h"
#include "support/thread_time.h"

using namespace pprocess;
using namespace pprocess::widgets;
using namespace std::chrono_literals;

class TestViews : public QObject {
    Q_OBJECT

private slots:
    void numbersAsWords();
    void rateAndRemainingTime();
    void barsPartsAddUp();
    void plotTakesPoints();
    void copiesSelectedRows();
    void millionRowsScroll();
    void outputOfAnySizeArrives();
    void outputNotes();
};

void TestViews::numbersAsWords() {
    QCOMPARE(format::count(1204), QStringLiteral("1,204"));
    QCOMPARE(format::counted<QObject>(1, "%1 item(s)"), QStringLiteral("1 item"));
    QCOMPARE(format::counted<QObject>(1204, "%1 item(s)"), QStringLiteral("1,204 items"));
    QCOMPARE(format::counted<QObject>(0, "%1 process(es) (is|are)"), QStringLiteral("0 processes are"));
    QCOMPARE(format::counted<QObject>(1, "%1 process(es) (is|are)"), QStringLiteral("1 process is"));
    QCOMPARE(format::withNumber(QStringLiteral("%1 (Stück)"), 2), QStringLiteral("2 (Stück)"));
    QCOMPARE(format::forPlural(21), 21);
    QCOMPARE(format::forPlural(10'000'000'002), 1'000'002); // Polish, say, tells ..2 from ..1
    QCOMPARE(format::duration(410us), QStringLiteral("0.41 ms"));
    QCOMPARE(format::duration(4100us), QStringLiteral("4.1 ms"));
    QCOMPARE(format::duration(2240ms), QStringLiteral("2.2 s"));
    QCOMPARE(format::duration(999600us), QStringLiteral("1.0 s"));
    QCOMPARE(format::duration(59600ms), QStringLiteral("1 min 0 s"));
    QCOMPARE(format::duration(184s), QStringLiteral("3 min 4 s"));
    QCOMPARE(format::duration(130min), QStringLiteral("2 h 10 min"));
    QCOMPARE(format::bytes(512), QStringLiteral("512 B"));
    QCOMPARE(format::bytes(3174), QStringLiteral("3.1 KiB"));
    QCOMPARE(format::bytes(16 << 20), QStringLiteral("16 MiB"));
    QCOMPARE(format::rate(1930.4), QStringLiteral("1,930"));
    QCOMPARE(format::oneLine("gr\xc3\xbc\xc3\x9f", 3), QStringLiteral("gr…"));
}

void TestViews::rateAndRemainingTime() {
    RateEstimator estimator(1000ms);
    const RateEstimator::Clock::time_point start{};
    estimator.add(start, 0);
    QCOMPARE(estimator.rate(), 0.0);
    QVERIFY(!estimator.remaining(10));
    for (int i = 1; i <= 10; ++i) {
        estimator.add(start + i * 100ms, static_cast<std::size_t>(i * 5));
    }
    QCOMPARE(estimator.rate(), 50.0);
    QCOMPARE(*estimator.remaining(100), std::chrono::nanoseconds(2s));
    // Nothing moves: soon the old pace is forgotten and nobody knows.
    for (int i = 11; i <= 40; ++i) {
        estimator.add(start + i * 100ms, 50);
    }
    QCOMPARE(estimator.rate(), 0.0);
    QVERIFY(!estimator.remaining(100));
    QCOMPARE(*estimator.remaining(0), 0ns);
}

void TestViews::barsPartsAddUp() {
    const auto sum = [](const auto& parts) { return std::accumulate(parts.begin(), parts.end(), 0.0); };
    job::Progress progress{
        .total = 100000, .waiting = 0, .running = 1, .succeeded = 99998, .failed = 1, .cancelled = 0};
    const auto parts = StackedBar::parts(progress, 500, 4);
    QVERIFY(qAbs(sum(parts) - 500) < 0.001);
    QCOMPARE(parts[1], 4.0);
    QCOMPARE(parts[2], 0.0);
    QCOMPARE(sum(StackedBar::parts({}, 500, 4)), 0.0);
    progress = {.total = 10, .waiting = 5, .running = 0, .succeeded = 5, .failed = 0, .cancelled = 0};
    QCOMPARE(sum(StackedBar::parts(progress, 500, 4)), 250.0);
}

void TestViews::plotTakesPoints() {
    ThroughputPlot plot;
    plot.resize(400, 150);
    plot.add(0.1, 10, 1000);
    plot.add(0.1, 20, 2000);
    plot.add(0.2, 20, 2000);
    QCOMPARE(plot.pointCount(), 3);
    QVERIFY(!plot.grab().isNull());
    plot.clear();
    QCOMPARE(plot.pointCount(), 0);
}

namespace {

std::vector<ResultRowPtr> makeRows(std::size_t number) {
    std::vector<ResultRowPtr> rows;
    for (std::size_t item = 0; item < number; ++item) {
        auto row = std::make_shared<ResultRow>();
        row->input = "/folder/file " + std::to_string(item);
        row->result.index = item;
        row->result.outcome = job::Outcome::succeeded;
        row->result.detail = "ok";
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace

void TestViews::copiesSelectedRows() {
    ResultModel model;
    model.merge(makeRows(3));
    TableView table;
    table.setModel(&model);
    table.selectRow(1);
    table.setFocus();
    QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
    const auto lines = QApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[0].startsWith(QStringLiteral("#\tInput\tOutcome")));
    QVERIFY(lines[1].startsWith(QStringLiteral("2\t/folder/file 1\tok\t")));
}

void TestViews::millionRowsScroll() {
    const auto timeOfJumps = [](int rows) {
        ResultModel model;
        model.merge(makeRows(rows));
        TableView table;
        table.setModel(&model);
        table.resize(900, 400);
        table.show();
        if (!QTest::qWaitForWindowExposed(&table)) {
            return -1ns;
        }
        QScrollBar* bar = table.verticalScrollBar();
        const auto begin = thread_time();
        for (int i = 0; i <= 100; ++i) {
            bar->setValue(static_cast<int>(static_cast<qint64>(bar->maximum()) * i / 100));
            table.viewport()->repaint();
        }
        const auto used = thread_time() - begin;
        return table.rowAt(table.viewport()->height() - 5) == rows - 1 ? used : -1ns;
    };
    const auto few = timeOfJumps(1'000);
    const auto many = timeOfJumps(1'000'000);
    QVERIFY(few > 0ns && many > 0ns);
    qInfo("101 jumps, painted: %lld us within 1,000 rows, %lld us within 1,000,000", qint64(few / 1us),
          qint64(many / 1us));
    QVERIFY(many < 5 * few);
}

void TestViews::outputOfAnySizeArrives() {
    OutputText text;
    QSignalSpy spy(&text, &OutputText::completed);
    const auto small = std::make_shared<std::string>("gr\xc3\xbc\xc3\x9f\n");
    text.setBytes(small, *small);
    QCOMPARE(spy.count(), 1);
    QCOMPARE(text.toPlainText(), QStringLiteral("grüß"));
    // Whole, in pieces, with a character across the border of two.
    const auto large = std::make_shared<std::string>();
    while (large->size() < 4u << 20) {
        *large += "zeile über zeile\n";
    }
    text.setBytes(large, *large);
    QVERIFY(!text.isComplete());
    QTRY_VERIFY_WITH_TIMEOUT(text.isComplete(), 60'000);
    QCOMPARE(text.toPlainText() + QLatin1Char('\n'), QString::fromStdString(*large));
    const auto longLine = std::make_shared<std::string>(100'000, 'x');
    text.setBytes(longLine, *longLine);
    QTRY_VERIFY(text.isComplete());
    QCOMPARE(text.blockCount(), static_cast<int>(100'000 / OutputText::longestLine));
}

void TestViews::outputNotes() {
    QCOMPARE(OutputPane::note(0, 0), QStringLiteral("(no output)"));
    QCOMPARE(OutputPane::note(5, 5), QString());
    QCOMPARE(OutputPane::note(16 << 20, 20'000'000), QStringLiteral("output cut at 16 MiB: 20,000,000 bytes in all"));
}

QTEST_MAIN(TestViews)
#include "tst_views.moc"
