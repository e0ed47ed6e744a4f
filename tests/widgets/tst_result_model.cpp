// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/result_model.h>

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <tests/support/memory.h>

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "support/patience.h"
#include "support/thread_time.h"

using namespace pprocess;
using namespace std::chrono_literals;
using widgets::ResultModel;
using widgets::ResultRow;
using widgets::ResultRowPtr;

namespace {

ResultRowPtr makeRow(std::size_t item, job::Outcome outcome, const std::string& input, int milliseconds = 1,
                     const std::string& output = {}) {
    auto row = std::make_shared<ResultRow>();
    row->input = input;
    row->result.index = item;
    row->result.outcome = outcome;
    row->result.detail = outcome == job::Outcome::succeeded   ? "ok"
                         : outcome == job::Outcome::cancelled ? "stopped"
                                                              : "exit status 1";
    row->result.attempts = 1;
    row->result.program.exit_code = outcome == job::Outcome::failed ? 1 : 0;
    row->result.program.duration = std::chrono::milliseconds(milliseconds);
    row->result.program.output = output;
    row->result.program.output_bytes = output.size();
    return row;
}

ResultRowPtr randomRow(std::mt19937& random, std::size_t item) {
    constexpr job::Outcome outcomes[] = {job::Outcome::succeeded, job::Outcome::succeeded, job::Outcome::failed,
                                         job::Outcome::cancelled};
    return makeRow(item, outcomes[random() % 4], "/folder/" + std::to_string(random() % 1000),
                   static_cast<int>(random() % 50), "line " + std::to_string(random() % 10) + "\n");
}

std::vector<std::size_t> shownItems(const ResultModel& model) {
    std::vector<std::size_t> items;
    for (int row = 0; row < model.rowCount(); ++row) {
        items.push_back(model.rowAt(model.index(row, 0))->result.index);
    }
    return items;
}

} // namespace

class TestResultModel : public QObject {
    Q_OBJECT

private slots:
    void randomBatchesKeepOrderAndFilter_data();
    void randomBatchesKeepOrderAndFilter();
    void replacesRowsOfTheSameItem();
    void sortsAndFilters();
    void selectionStaysOnItsItem();
    void manyRowsAreArrangedElsewhere();
    void rowsThatArriveWhileArrangingAreKept();
    void showsEveryByteReadably();
    void everythingOfARowIsKept_data();
    void everythingOfARowIsKept();
    void valuesAreShown();
    void manyRowsTakeLittleMemory_data();
    void manyRowsTakeLittleMemory();
};

void TestResultModel::randomBatchesKeepOrderAndFilter_data() {
    QTest::addColumn<int>("column");
    QTest::addColumn<bool>("descending");
    QTest::addColumn<bool>("filtered");
    for (int column = -1; column < ResultModel::ColumnCount; ++column) {
        for (const bool descending : {false, true}) {
            for (const bool filtered : {false, true}) {
                QTest::addRow("column %d%s%s", column, descending ? " descending" : "", filtered ? " filtered" : "")
                    << column << descending << filtered;
            }
        }
    }
}

void TestResultModel::randomBatchesKeepOrderAndFilter() {
    QFETCH(int, column);
    QFETCH(bool, descending);
    QFETCH(bool, filtered);
    std::mt19937 random(static_cast<unsigned>(column + 10));
    ResultModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.sort(column, descending ? Qt::DescendingOrder : Qt::AscendingOrder);
    if (filtered) {
        model.setFilter(QStringLiteral("LINE 3"), ResultModel::Show::succeeded);
    }
    std::vector<ResultRowPtr> all;
    std::size_t next = 0;
    for (int batch = 0; batch < 40; ++batch) {
        std::vector<ResultRowPtr> rows;
        for (auto left = random() % 60; left > 0; --left) {
            const bool isAgain = batch > 20 && next > 0 && random() % 10 == 0;
            const std::size_t item = isAgain ? random() % next : next++;
            auto row = randomRow(random, item);
            const auto known =
                std::find_if(all.begin(), all.end(), [&](const auto& one) { return one->result.index == item; });
            if (known == all.end()) {
                all.push_back(row);
            } else {
                *known = row;
            }
            rows.push_back(std::move(row));
        }
        model.merge(std::move(rows));
    }
    // A second model that gets everything at once must show the same.
    ResultModel other;
    other.merge(all);
    if (filtered) {
        other.setFilter(QStringLiteral("line 3"), ResultModel::Show::succeeded);
    }
    other.sort(column, descending ? Qt::DescendingOrder : Qt::AscendingOrder);
    QCOMPARE(shownItems(model), shownItems(other));
    QCOMPARE(model.counts().all, all.size());
    const auto failed = std::count_if(all.begin(), all.end(), [](const auto& row) { return row->failed(); });
    QCOMPARE(model.counts().failed, static_cast<std::size_t>(failed));
    QCOMPARE(model.failedRows().size(), static_cast<std::size_t>(failed));
    model.clear();
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.counts().all, std::size_t{0});
}

void TestResultModel::replacesRowsOfTheSameItem() {
    ResultModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.merge({makeRow(0, job::Outcome::succeeded, "a"), makeRow(1, job::Outcome::failed, "b")});
    model.setFilter({}, ResultModel::Show::failed);
    QCOMPARE(shownItems(model), std::vector<std::size_t>{1});
    model.merge({makeRow(1, job::Outcome::succeeded, "b")});
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.counts().succeeded, std::size_t{2});
    QCOMPARE(model.counts().failed, std::size_t{0});
    QVERIFY(model.failedRows().empty());
}

void TestResultModel::sortsAndFilters() {
    ResultModel model;
    model.merge({makeRow(0, job::Outcome::succeeded, "pear", 30, "x\n"),
                 makeRow(1, job::Outcome::failed, "Apple", 10, "y\n"),
                 makeRow(2, job::Outcome::cancelled, "plum", 20, "needle\nhidden\n")});
    model.sort(ResultModel::DurationColumn, Qt::AscendingOrder);
    QCOMPARE(shownItems(model), (std::vector<std::size_t>{1, 2, 0}));
    model.sort(ResultModel::InputColumn, Qt::DescendingOrder);
    QCOMPARE(shownItems(model), (std::vector<std::size_t>{2, 0, 1}));
    model.sort(-1, Qt::AscendingOrder);
    QCOMPARE(shownItems(model), (std::vector<std::size_t>{0, 1, 2}));
    model.setFilter(QStringLiteral("P"), ResultModel::Show::all);
    QCOMPARE(model.rowCount(), 3);
    model.setFilter(QStringLiteral("aPPle"), ResultModel::Show::all);
    QCOMPARE(shownItems(model), std::vector<std::size_t>{1});
    model.setFilter(QStringLiteral("needle"), ResultModel::Show::all);
    QCOMPARE(shownItems(model), std::vector<std::size_t>{2});
    model.setFilter(QStringLiteral("exit status"), ResultModel::Show::all);
    QCOMPARE(shownItems(model), std::vector<std::size_t>{1});
    model.setFilter({}, ResultModel::Show::cancelled);
    QCOMPARE(shownItems(model), std::vector<std::size_t>{2});
    QVERIFY(model.isFiltered());
    QVERIFY(!model.indexOfItem(0).isValid());
    QCOMPARE(model.indexOfItem(2).row(), 0);
}

void TestResultModel::selectionStaysOnItsItem() {
    ResultModel model;
    model.sort(ResultModel::DurationColumn, Qt::AscendingOrder);
    model.merge({makeRow(0, job::Outcome::succeeded, "a", 10), makeRow(1, job::Outcome::succeeded, "b", 20)});
    const QPersistentModelIndex kept = model.indexOfItem(1);
    model.merge({makeRow(2, job::Outcome::succeeded, "c", 5), makeRow(3, job::Outcome::succeeded, "d", 15),
                 makeRow(4, job::Outcome::succeeded, "e", 25)});
    QCOMPARE(shownItems(model), (std::vector<std::size_t>{2, 0, 3, 1, 4}));
    QCOMPARE(model.rowAt(kept)->result.index, std::size_t{1});
}

void TestResultModel::manyRowsAreArrangedElsewhere() {
    ResultModel model;
#ifdef __SANITIZE_THREAD__
    // It looks at each access to what Qt's pool handed over, sees a race for want of Qt's own locks, and leaves the
    // report out: a million rows would take it an hour.
    constexpr std::size_t many = 20'000;
    constexpr bool isTimed = false;
#else
    constexpr std::size_t many = 1'000'000;
    constexpr bool isTimed = true;
#endif
    std::mt19937 random(1);
    for (std::size_t item = 0; item < many;) {
        std::vector<ResultRowPtr> rows;
        for (int i = 0; i < 8000 && item < many; ++i) {
            rows.push_back(makeRow(item, item % 1000 == 7 ? job::Outcome::failed : job::Outcome::succeeded,
                                   std::to_string(random()), static_cast<int>(random() % 1000)));
            ++item;
        }
        model.merge(std::move(rows));
    }
    QCOMPARE(model.rowCount(), static_cast<int>(many));
    const auto measured = [&](const char* what, auto&& change) {
        QElapsedTimer clock;
        clock.start();
        auto begin = thread_time();
        change();
        const auto direct = thread_time() - begin;
        // The longest turn of the event loop while another thread arranges and when this one takes over.
        auto worst = 0ns;
        while (model.isArranging()) {
            begin = thread_time();
            QCoreApplication::processEvents(QEventLoop::AllEvents);
            worst = std::max(worst, thread_time() - begin);
        }
        qInfo("%s of %zu rows: the call took %lld us, worst turn %lld us, ready after %lld ms", what, many,
              qint64(direct / 1us), qint64(worst / 1us), clock.elapsed());
        QVERIFY2(!isTimed || direct < 50ms, "the call held up the window");
        QVERIFY2(!isTimed || worst < 50ms, "taking over held up the window");
    };
    measured("sort", [&] { model.sort(ResultModel::DurationColumn, Qt::AscendingOrder); });
    for (int row = 1; row < model.rowCount(); row += 997) {
        QVERIFY(model.rowAt(model.index(row - 1, 0))->result.program.duration <=
                model.rowAt(model.index(row, 0))->result.program.duration);
    }
    measured("filter", [&] { model.setFilter(QStringLiteral("7"), ResultModel::Show::failed); });
    QVERIFY(model.rowCount() > 0);
    QVERIFY(model.rowCount() <= 1000);
}

void TestResultModel::rowsThatArriveWhileArrangingAreKept() {
    ResultModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    std::mt19937 random(5);
    std::vector<ResultRowPtr> rows;
    for (std::size_t item = 0; item < ResultModel::directLimit + 1000; ++item) {
        rows.push_back(randomRow(random, item));
    }
    model.merge(rows);
    model.sort(ResultModel::InputColumn, Qt::AscendingOrder);
    QVERIFY(model.isArranging());
    std::vector<ResultRowPtr> more;
    for (std::size_t item = rows.size(); item < rows.size() + 500; ++item) {
        more.push_back(randomRow(random, item));
    }
    model.merge(more);
    QTRY_VERIFY(!model.isArranging());
    QCOMPARE(model.rowCount(), static_cast<int>(rows.size() + more.size()));
    for (int row = 1; row < model.rowCount(); ++row) {
        QVERIFY(model.rowAt(model.index(row - 1, 0))->input <= model.rowAt(model.index(row, 0))->input);
    }
}

void TestResultModel::everythingOfARowIsKept_data() {
    QTest::addColumn<std::function<void(ResultRow&)>>("change");
    const auto add = [](const char* name, std::function<void(ResultRow&)> change) {
        QTest::newRow(name) << std::move(change);
    };
    add("small", [](ResultRow&) {});
    add("empty", [](ResultRow& row) { row = {}; });
    add("bytes", [](ResultRow& row) {
        row.input = std::string("a\0\xff\n", 4);
        row.result.program.output = std::string("\0\n\0", 3);
        row.result.program.output_bytes = 3;
    });
    add("error output", [](ResultRow& row) {
        row.result.program.error_output = "cannot";
        row.result.program.error_bytes = 6;
    });
    add("long", [](ResultRow& row) {
        row.result.program.output = std::string(100'000, 'x');
        row.result.program.output_bytes = 100'000;
    });
    add("at the limit", [](ResultRow& row) { row.input = std::string(widgets::StoredRow::mostPackedText, 'i'); });
    add("cut", [](ResultRow& row) { row.result.program.output_bytes = 1'000'000; });
    add("cut errors", [](ResultRow& row) { row.result.program.error_bytes = 7; });
    add("not started", [](ResultRow& row) {
        row.result.program.start_error = 2;
        row.result.program.start_message = "no such program";
    });
    add("not noted", [](ResultRow& row) { row.result.program.note_error = 28; });
    add("large numbers", [](ResultRow& row) {
        row.result.index = std::size_t{1} << 40;
        row.result.attempts = 70'000;
        row.result.step = 300;
        row.result.program.exit_code = -1;
        row.result.program.signal = 64;
    });
    add("largest that fit", [](ResultRow& row) {
        row.result.index = 0xffff'ffff;
        row.result.attempts = 65'535;
        row.result.step = 255;
        row.result.program.exit_code = 255;
        row.result.program.signal = 255;
        row.result.worker = 4'194'304;
        row.result.duration = std::chrono::hours(10'000);
    });
    add("a number", [](ResultRow& row) { row.result.value = AnyValue(-23); });
    add("the largest number", [](ResultRow& row) { row.result.value = AnyValue(~std::uint64_t{0}); });
    add("the smallest number",
        [](ResultRow& row) { row.result.value = AnyValue(std::numeric_limits<std::int64_t>::min()); });
    add("a fraction", [](ResultRow& row) { row.result.value = AnyValue(0.1); });
    add("nothing", [](ResultRow& row) { row.result.value = AnyValue(); });
    add("a list", [](ResultRow& row) {
        row.result.value = AnyValue::list({AnyValue(1), AnyValue("two"), AnyValue(std::string(5000, '3'))});
    });
    add("no text", [](ResultRow& row) { row.result.value = AnyValue(""); });
    add("any bytes", [](ResultRow& row) { row.result.value = AnyValue(std::string("a\0\xff b", 5)); });
    add("the longest short text", [](ResultRow& row) { row.result.value = AnyValue(std::string(300, 'x')); });
    add("a text that is longer", [](ResultRow& row) { row.result.value = AnyValue(std::string(301, 'x')); });
    add("a text with lines", [](ResultRow& row) { row.result.value = AnyValue("one\ntwo"); });
}

void TestResultModel::everythingOfARowIsKept() {
    QFETCH(std::function<void(ResultRow&)>, change);
    ResultRow row = *makeRow(7, job::Outcome::failed, "an input", 12, "digest\nsecond");
    row.result.worker = 4711;
    row.result.step = 2;
    row.result.duration = std::chrono::milliseconds(30);
    change(row);
    const widgets::StoredRow stored(std::make_shared<ResultRow>(row));
    const widgets::StoredRow copy = stored; // NOLINT(performance-unnecessary-copy-initialization)
    for (const auto& kept : {stored.row(), copy.row()}) {
        QCOMPARE(kept->input, row.input);
        const auto& a = kept->result;
        const auto& b = row.result;
        QVERIFY(a.index == b.index && a.outcome == b.outcome && a.detail == b.detail && a.worker == b.worker);
        QVERIFY(a.attempts == b.attempts && a.step == b.step && a.duration == b.duration && a.value == b.value);
        const auto& p = a.program;
        const auto& q = b.program;
        QVERIFY(p.start_error == q.start_error && p.start_message == q.start_message && p.exit_code == q.exit_code);
        QVERIFY(p.signal == q.signal && p.output == q.output && p.error_output == q.error_output);
        QVERIFY(p.output_bytes == q.output_bytes && p.error_bytes == q.error_bytes && p.duration == q.duration);
        QCOMPARE(p.note_error, q.note_error);
    }
    const widgets::ResultView view = stored.view();
    QCOMPARE(view.index, row.result.index);
    QCOMPARE(view.outcome, row.result.outcome);
    QCOMPARE(QByteArray(view.input.data(), static_cast<int>(view.input.size())), QByteArray::fromStdString(row.input));
    QCOMPARE(view.exitCode, row.result.program.exit_code);
    QCOMPARE(view.signal, row.result.program.signal);
    QCOMPARE(view.attempts, row.result.attempts);
    QCOMPARE(view.worker, row.result.worker);
}

void TestResultModel::valuesAreShown() {
    ResultModel model;
    const auto row = [](std::size_t item, AnyValue value) {
        auto made = std::make_shared<ResultRow>(*makeRow(item, job::Outcome::succeeded, "x"));
        made->result.program = {};
        made->result.duration = std::chrono::milliseconds(5);
        made->result.value = std::move(value);
        return made;
    };
    model.merge({row(0, AnyValue(42)), row(1, AnyValue::list({AnyValue(1), AnyValue("two")})),
                 row(2, AnyValue(std::string(5000, 'y')))});
    const auto shown = [&](int number, int column) { return model.index(number, column).data().toString(); };
    QCOMPARE(shown(0, ResultModel::FirstLineColumn), QStringLiteral("42"));
    QCOMPARE(shown(0, ResultModel::ExitColumn), QStringLiteral("—"));
    QVERIFY2(shown(0, ResultModel::DurationColumn).startsWith(QLatin1Char('5')),
             qPrintable(shown(0, ResultModel::DurationColumn)));
    QVERIFY2(shown(1, ResultModel::FirstLineColumn).contains(QStringLiteral("two")),
             qPrintable(shown(1, ResultModel::FirstLineColumn)));
    QVERIFY(shown(2, ResultModel::FirstLineColumn).startsWith(QStringLiteral("yyy")));
}

void TestResultModel::manyRowsTakeLittleMemory_data() {
    QTest::addColumn<bool>("isFunction");
    QTest::newRow("commands") << false;
    QTest::newRow("functions that give a text") << true;
}

/// A million of them are to leave room for everything else in 300 MiB.
void TestResultModel::manyRowsTakeLittleMemory() {
    QFETCH(bool, isFunction);
    if (!is_memory_measured) {
        QSKIP("a sanitizer takes memory of its own");
    }
    ResultModel model;
    constexpr std::size_t count = 200'000;
    ::malloc_trim(0); // what the row before has left would be taken again, and not be counted
    const std::int64_t before = resident();
    for (std::size_t first = 0; first < count; first += 1000) {
        std::vector<ResultRowPtr> rows;
        for (std::size_t item = first; item < first + 1000; ++item) {
            auto row = std::make_shared<ResultRow>(*makeRow(item, job::Outcome::succeeded,
                                                            "/some/folder/file " + std::to_string(item), 3,
                                                            isFunction ? "" : "a line of output\n"));
            if (isFunction) {
                row->result.value = AnyValue("the text of item " + std::to_string(item));
            }
            rows.push_back(std::move(row));
        }
        model.merge(std::move(rows));
    }
    const auto bytes = static_cast<double>(resident() - before) * 1024 / count;
    QVERIFY2(bytes < 170, qPrintable(QString::number(bytes)));
    QCOMPARE(model.rowAt(model.index(count - 1, 0))->input, "/some/folder/file " + std::to_string(count - 1));
}

void TestResultModel::showsEveryByteReadably() {
    ResultModel model;
    auto row = makeRow(0, job::Outcome::succeeded, "a\xff b\nc", 1, "first\xfe\nsecond");
    model.merge({row});
    const QString input = model.index(0, ResultModel::InputColumn).data().toString();
    QVERIFY(!input.contains(QLatin1Char('\n')));
    QVERIFY(input.contains(QStringLiteral("\\xff")));
    QVERIFY(model.index(0, ResultModel::FirstLineColumn).data().toString().startsWith(QStringLiteral("first\\xfe")));
    QCOMPARE(model.index(0, ResultModel::NumberColumn).data().toString(), QStringLiteral("1"));
}

QTEST_MAIN(TestResultModel)
#include "tst_result_model.moc"
