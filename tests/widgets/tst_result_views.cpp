// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/output_pane.h>
#include <widgets/picture_pane.h>
#include <widgets/picture_source.h>
#include <widgets/result_export.h>
#include <widgets/result_plot.h>
#include <widgets/thumbnail_model.h>
#include <widgets/value_model.h>

#include <QAbstractItemModelTester>
#include <QBuffer>
#include <QDir>
#include <QFile>
#include <QListView>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>

#include "support/patience.h"

using namespace pprocess;
using namespace pprocess::widgets;

namespace {

std::shared_ptr<ResultRow> makeRow(std::size_t item, const std::string& output) {
    auto row = std::make_shared<ResultRow>();
    row->input = "folder/input " + std::to_string(item);
    row->result.index = item;
    row->result.outcome = job::Outcome::succeeded;
    row->result.detail = "ok";
    row->result.attempts = 1;
    row->result.program.output = output;
    row->result.program.output_bytes = output.size();
    return row;
}

std::shared_ptr<ResultRow> valueRow(std::size_t item, AnyValue value) {
    auto row = makeRow(item, std::string());
    row->result.value = std::move(value);
    return row;
}

std::string picture(int width, int height, const char* format = "PNG") {
    QImage image(width, height, QImage::Format_RGB32);
    image.fill(Qt::darkGreen);
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, format);
    return bytes.toStdString();
}

QString text(const QAbstractItemModel& model, int row, int column, const QModelIndex& parent = {}) {
    return model.index(row, column, parent).data().toString();
}

} // namespace

class TestResultViews : public QObject {
    Q_OBJECT

private slots:
    void valuesAreATree();
    void longListsComePieceByPiece();
    void everyKindOfValueHasWords();
    void picturesAreKnown_data();
    void picturesAreKnown();
    void picturesAreShown();
    void thumbnailsFollowTheResults();
    void numbersArePlotted();
    void outputsAreSaved();
    void outputsThatCannotBeSaved();
};

void TestResultViews::valuesAreATree() {
    ValueModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    QCOMPARE(model.rowCount(), 0);
    model.setValue(AnyValue::tuple({AnyValue(23), AnyValue::list({AnyValue("a\\nb"), AnyValue(true)})}));
    const QModelIndex top = model.index(0, 0);
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.rowCount(top), 2);
    QCOMPARE(text(model, 0, ValueModel::KindColumn), QStringLiteral("2 together"));
    QCOMPARE(text(model, 0, ValueModel::ValueColumn, top), QStringLiteral("23"));
    const QModelIndex list = model.index(1, 0, top);
    QCOMPARE(text(model, 1, ValueModel::PlaceColumn, top), QStringLiteral("1"));
    QCOMPARE(model.rowCount(list), 2);
    QCOMPARE(text(model, 1, ValueModel::ValueColumn, list), QStringLiteral("true"));
    QCOMPARE(text(model, 0, ValueModel::KindColumn, list), QStringLiteral("text of 4 bytes"));
    QVERIFY(!model.hasChildren(model.index(0, 0, list)));
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

void TestResultViews::longListsComePieceByPiece() {
    ValueModel model;
    std::vector<double> numbers(1'000'000);
    for (std::size_t place = 0; place < numbers.size(); ++place)
        numbers[place] = static_cast<double>(place) / 2;
    model.setValue(AnyValue::numbers(std::span<const double>(numbers)));
    const QModelIndex top = model.index(0, 0);
    QCOMPARE(text(model, 0, ValueModel::KindColumn), QStringLiteral("list of 1,000,000 numbers"));
    QCOMPARE(model.rowCount(top), static_cast<int>(ValueModel::pieceSize));
    QVERIFY(model.canFetchMore(top));
    // Without a model tester, which asks for more while it is told of more.
    model.fetchMore(top);
    QCOMPARE(model.rowCount(top), static_cast<int>(2 * ValueModel::pieceSize));
    QCOMPARE(text(model, 1'999, ValueModel::ValueColumn, top), QStringLiteral("999.5"));
}

void TestResultViews::everyKindOfValueHasWords() {
    const AnyValue values[] = {AnyValue(),
                               AnyValue(false),
                               AnyValue(-1),
                               AnyValue(~std::uint64_t{0}),
                               AnyValue(0.5),
                               AnyValue(0.1L),
                               AnyValue("text"),
                               AnyValue(std::vector<std::byte>(3)),
                               AnyValue::list({}),
                               AnyValue::tuple({AnyValue(1)}),
                               AnyValue::numbers(std::span<const double>()),
                               AnyValue::variant(1, AnyValue(2)),
                               AnyValue::duration(AnyValue(1500), 1, 1000),
                               AnyValue::some(AnyValue()),
                               AnyValue::message()};
    QSet<int> kinds;
    for (const AnyValue& value : values) {
        ValueModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.setValue(value);
        kinds.insert(static_cast<int>(value.kind()));
        QVERIFY(!text(model, 0, ValueModel::KindColumn).isEmpty());
        QVERIFY(model.hasChildren(model.index(0, 0)) == (value.size() > 0));
    }
    QCOMPARE(kinds.size(), 15);
}

void TestResultViews::picturesAreKnown_data() {
    QTest::addColumn<QByteArray>("output");
    QTest::addColumn<bool>("isPicture");
    for (const char* format : {"PNG", "JPG", "BMP", "PPM"})
        QTest::newRow(format) << QByteArray::fromStdString(picture(20, 10, format)) << true;
    QTest::newRow("a name") << QByteArray("done\n/tmp/x.PNG\n") << true;
    QTest::newRow("a name, and more") << QByteArray("/tmp/x.png\ndone\n") << false;
    QTest::newRow("the ending alone") << QByteArray(".png") << false;
    QTest::newRow("nothing") << QByteArray() << false;
    QTest::newRow("words") << QByteArray("BM is a company") << false;
    QTest::newRow("a number of pages") << QByteArray("P5") << false;
    QTest::newRow("long") << QByteArray(1'000'000, 'x') + ".png" << false;
}

void TestResultViews::picturesAreKnown() {
    QFETCH(QByteArray, output);
    QFETCH(bool, isPicture);
    const StoredRow row(makeRow(0, output.toStdString()));
    QCOMPARE(picture_source::mayHavePicture(row.view()), isPicture);
}

void TestResultViews::picturesAreShown() {
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("made.png")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(picture(30, 40)));
    file.close();
    OutputPane pane;
    pane.resize(300, 400);
    pane.show();
    pane.setFolder(folder.path());
    auto* tabs = pane.findChild<QTabWidget*>();
    auto* shown = pane.findChild<PicturePane*>(QStringLiteral("picture"));
    const auto isOffered = [&] { return tabs->isTabVisible(tabs->indexOf(shown)); };
    pane.setResult(makeRow(0, picture(64, 48)), {});
    QVERIFY(isOffered());
    QTRY_COMPARE(shown->pictureSize(), QSize(64, 48));
    QVERIFY(shown->words().contains(QStringLiteral("64 × 48")));
    pane.setResult(makeRow(1, "words\nmade.png\n"), {});
    QTRY_COMPARE(shown->pictureSize(), QSize(30, 40));
    QVERIFY(shown->words().contains(file.fileName()));
    pane.setResult(makeRow(2, "gone.png"), {});
    QVERIFY(!isOffered());
    std::string broken = picture(64, 48);
    broken.resize(broken.size() / 2);
    pane.setResult(makeRow(3, broken), {});
    QTRY_VERIFY2(shown->words().contains(QStringLiteral("cannot be read")), qPrintable(shown->words()));
    const std::string small = picture(5, 5);
    std::vector<std::byte> bytes(small.size());
    std::memcpy(bytes.data(), small.data(), small.size());
    pane.setResult(valueRow(4, AnyValue(std::move(bytes))), {});
    QTRY_COMPARE(shown->pictureSize(), QSize(5, 5));
    auto* value = pane.findChild<QTreeView*>(QStringLiteral("value"));
    pane.setResult(valueRow(5, AnyValue::list({AnyValue(1), AnyValue(2)})), {});
    QVERIFY(!isOffered());
    QCOMPARE(tabs->currentWidget(), value);
    QVERIFY(value->isExpanded(value->model()->index(0, 0)));
}

void TestResultViews::thumbnailsFollowTheResults() {
    QTemporaryDir folder;
    ResultModel results;
    ThumbnailModel model(results);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setFolder(folder.path());
    model.setShown(true);
    results.merge({makeRow(0, "no picture"), makeRow(1, picture(300, 200)), makeRow(2, "missing.png")});
    QTRY_COMPARE(model.rowCount(), 2);
    QCOMPARE(results.counts().pictures, std::size_t{2});
    QCOMPARE(model.itemAt(model.index(0)), std::size_t{1});
    QCOMPARE(text(model, 0, 0), QStringLiteral("input 1"));
    QListView view;
    view.setModel(&model);
    view.setIconSize({ThumbnailModel::side, ThumbnailModel::side});
    // The columns of pixels that the picture has.
    const auto widthOf = [&](int row) {
        const QImage image = model.index(row).data(Qt::DecorationRole).value<QPixmap>().toImage();
        int width = 0;
        for (int x = 0; x < image.width(); ++x)
            width += image.pixelColor(x, image.height() / 2) == QColor(Qt::darkGreen) ? 1 : 0;
        return width;
    };
    QTRY_COMPARE(widthOf(0), 128);
    QCOMPARE(widthOf(1), 0);
    // What is run again may give another picture.
    results.merge({makeRow(1, picture(50, 200)), makeRow(3, picture(10, 10))});
    QTRY_COMPARE(model.rowCount(), 3);
    QTRY_COMPARE(widthOf(0), 24);
    results.setFilter(QStringLiteral("input 3"), ResultModel::Show::all);
    QTRY_COMPARE(model.rowCount(), 1);
    results.clear();
    QTRY_COMPARE(model.rowCount(), 0);
}

void TestResultViews::numbersArePlotted() {
    ResultModel results;
    results.merge({makeRow(0, "1.5\n"), makeRow(1, "two"), makeRow(2, " -3e2 "), valueRow(3, AnyValue(7)),
                   makeRow(4, "5\n6\n"), makeRow(5, "inf"), makeRow(6, "")});
    QCOMPARE(results.counts().numbers, std::size_t{3});
    auto failed = makeRow(7, "8");
    failed->result.outcome = job::Outcome::failed;
    results.merge({failed});
    QCOMPARE(results.counts().numbers, std::size_t{3});
    ResultPlot plot;
    plot.resize(400, 300);
    plot.show();
    plot.setResults(results.snapshot());
    QTRY_COMPARE(plot.pointCount(), 3);
    QTest::qWait(0);
    plot.grab();
    QSet<std::size_t> found;
    for (int x = 0; x < plot.width(); x += 4)
        for (int y = 0; y < plot.height(); y += 4)
            if (const auto item = plot.itemAt({x, y}))
                found.insert(*item);
    QCOMPARE(found, (QSet<std::size_t>{0, 2, 3}));
}

void TestResultViews::outputsAreSaved() {
    QTemporaryDir folder;
    auto both = makeRow(11, "out");
    both->input = "../a/b: c?.txt";
    both->result.program.error_output = "err";
    both->result.program.error_bytes = 3;
    const std::vector<ResultRowPtr> rows{both, makeRow(0, picture(4, 4)),
                                         valueRow(1, AnyValue::list({AnyValue(1), AnyValue("x")}))};
    for (int round = 0; round < 2; ++round)
        QCOMPARE(result_export::saveOutputs(rows, folder.path()), QString());
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files, QDir::Name),
             (QStringList{"1 input 0 (2).png", "1 input 0.png", "12 b: c?.txt (2).txt", "12 b: c?.txt.errors (2).txt",
                          "12 b: c?.txt.errors.txt", "12 b: c?.txt.txt", "2 input 1 (2).json", "2 input 1.json"}));
    QFile file(folder.filePath(QStringLiteral("2 input 1.json")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("[1, \"x\"]"));
    QCOMPARE(QImage(folder.filePath(QStringLiteral("1 input 0.png"))).size(), QSize(4, 4));
}

void TestResultViews::outputsThatCannotBeSaved() {
    const QString problem = result_export::saveOutputs({makeRow(0, "x")}, QStringLiteral("/nowhere at all"));
    QVERIFY2(problem.contains(QStringLiteral("/nowhere at all")) && problem.contains(QStringLiteral("choose another")),
             qPrintable(problem));
}

QTEST_MAIN(TestResultViews)
#include "tst_result_views.moc"
