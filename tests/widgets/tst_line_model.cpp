// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QtTest>

#include <widgets/line_model.h>

using namespace pprocess;
using widgets::LineModel;

namespace {

QStringList textsOf(const LineModel& model) {
    QStringList texts;
    for (int row = 0; row < model.rowCount(); ++row)
        texts += model.index(row, LineModel::LineColumn).data().toString();
    return texts;
}

std::string numbered(std::size_t from, std::size_t to) {
    std::string text;
    for (std::size_t number = from; number < to; ++number)
        text += std::to_string(number) + "\n";
    return text;
}

} // namespace

class TestLineModel : public QObject {
    Q_OBJECT

private slots:
    void linesInTheirOrder() {
        LineModel model;
        QAbstractItemModelTester tester(&model);
        model.append({{0, "a", 1, "one\n\ntwo\n"}, {6, "b\xff", 1, "three\tx\n"}});
        model.append({{0, "a", 2, "four \xfe\n"}});
        QCOMPARE(textsOf(model), (QStringList{"one", "", "two", "three\\tx", "four \\xfe"}));
        QCOMPARE(model.index(3, LineModel::NumberColumn).data().toString(), QStringLiteral("7"));
        QCOMPARE(model.index(3, LineModel::InputColumn).data().toString(), QStringLiteral("b\\xff"));
        QCOMPARE(model.itemAt(3), std::size_t{6});
        QCOMPARE(model.total(), std::uint64_t{5});
        model.append({});
        model.clear();
        QCOMPARE(model.rowCount(), 0);
        QCOMPARE(model.total(), std::uint64_t{0});
    }

    /// The newest are kept, and it is known how many are not.
    void moreThanIsKept() {
        constexpr std::size_t most = LineModel::mostLines;
        LineModel model;
        model.append({{0, "a", 1, numbered(0, most - 10)}});
        model.append({{0, "a", 1, numbered(most - 10, most + 20)}});
        QCOMPARE(model.rowCount(), int(most));
        QCOMPARE(model.dropped(), std::uint64_t{20});
        QCOMPARE(model.index(0, LineModel::LineColumn).data().toString(), QStringLiteral("20"));
        QCOMPARE(model.index(int(most) - 1, LineModel::LineColumn).data().toString(), QString::number(most + 19));
        // More at once than is kept at all.
        model.append({{0, "a", 1, numbered(0, 5)}, {1, "b", 1, numbered(0, 2 * most)}});
        QCOMPARE(model.rowCount(), int(most));
        QCOMPARE(model.total(), std::uint64_t{most + 20 + 5 + 2 * most});
        QCOMPARE(model.index(0, LineModel::LineColumn).data().toString(), QString::number(most));
    }

    void longLines() {
        LineModel model;
        const std::string half = std::string(LineModel::mostBytes / 2, 'x') + "\n";
        model.append({{0, "a", 1, half}, {1, "b", 1, half}, {2, "c", 1, half}});
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.itemAt(0), std::size_t{1});
        // One that is too long by itself is there all the same.
        model.append({{3, "d", 1, std::string(LineModel::mostBytes + 1, 'y') + "\n"}});
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.itemAt(0), std::size_t{3});
        QCOMPARE(model.dropped(), std::uint64_t{3});
        QVERIFY(model.index(0, LineModel::LineColumn).data().toString().size() < 1000);
    }
};

QTEST_GUILESS_MAIN(TestLineModel)
#include "tst_line_model.moc"
