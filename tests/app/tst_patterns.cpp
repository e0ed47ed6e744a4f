// SPDX-License-Identifier: GPL-3.0-or-later
//
// How results are shown as they come, by the pattern of the job, in the real window.
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>
#include <QScrollBar>
#include <QTabBar>
#include <QTableView>
#include <QThreadPool>
#include <QtTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pprocess/os/fd.h>

#include "app/window_fixture.h"
#include "support/leak_check.h"

using namespace pprocess;

namespace {

QStringList linesOf(WindowFixture& fixture) {
    const auto* model = fixture.find<QTableView>("lines")->model();
    QStringList lines;
    for (int row = 0; row < model->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < model->columnCount(); ++column) {
            cells += model->index(row, column).data().toString();
        }
        lines += cells.join(QLatin1Char('|'));
    }
    return lines;
}

QStringList inputsShown(WindowFixture& fixture) {
    QStringList inputs;
    for (int row = 0; row < fixture.results().rowCount(); ++row) {
        inputs += QString::fromStdString(fixture.results().rowAt(fixture.results().index(row, 0))->input);
    }
    return inputs;
}

/// A gate for each item, at which it waits, so that a test decides in which order they end.
class Gates {
public:
    Gates(const QTemporaryDir& folder, const std::vector<std::string>& items) : folder_(folder.path().toStdString()) {
        for (const std::string& item : items) {
            const std::string file = folder_ + "/" + item;
            ::mkfifo(file.c_str(), 0600);
            // Open at both ends: opening it does not wait for the item.
            ends_.emplace(item, os::Fd(::open(file.c_str(), O_RDWR | O_CLOEXEC)));
        }
    }

    [[nodiscard]] job::Job job(job::Pattern pattern) const {
        job::Job job;
        job.use_shell = true;
        job.command = "f={}; echo first of $f; read x < '" + folder_ + "'/$f; echo last of $f";
        std::vector<std::string> items;
        for (const auto& [item, end] : ends_) {
            items.push_back(item);
        }
        job.limit = items.size();
        job.inputs = job::ListInputs{std::move(items)};
        job.pattern = pattern;
        return job;
    }

    void open(const std::string& item) const { QCOMPARE(::write(ends_.at(item).get(), "on\n", 3), 3); }

private:
    std::string folder_;
    std::map<std::string, os::Fd> ends_;
};

} // namespace

class TestPatterns : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    /// What is opened once and kept is open before anything is counted.
    void initTestCase() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        job::Job job;
        job.command = "true";
        job.inputs = job::ListInputs{{"a", "b"}};
        fixture.window.setJob(job);
        QVERIFY(fixture.runToEnd());
    }
    void init() { take_stock(); }
    void cleanup() {
        QThreadPool::globalInstance()->waitForDone();
        QTRY_COMPARE(left_behind(), QString());
    }

    void resultsInTheirPlaces();
    void linesWhileTheyAreWritten();
    void aFloodOfLines();
};

void TestPatterns::resultsInTheirPlaces() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const Gates gates(fixture.folder, {"a", "b", "c"});
    fixture.window.setJob(gates.job(job::Pattern::exchange));
    fixture.click("run");
    gates.open("c");
    QTRY_COMPARE(inputsShown(fixture), QStringList{"c"});
    gates.open("a");
    QTRY_COMPARE(inputsShown(fixture), (QStringList{"a", "c"}));
    gates.open("b");
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(inputsShown(fixture), (QStringList{"a", "b", "c"}));

    // The next job's are as they come again; but not where somebody has chosen an order.
    fixture.find<QRadioButton>("patternQueue")->click();
    fixture.click("run");
    gates.open("c");
    QTRY_COMPARE(inputsShown(fixture), QStringList{"c"});
    gates.open("b");
    QTRY_COMPARE(inputsShown(fixture), (QStringList{"c", "b"}));
    gates.open("a");
    QVERIFY(fixture.waitForIdle());
    auto* table = fixture.find<QTableView>("results");
    table->sortByColumn(widgets::ResultModel::InputColumn, Qt::DescendingOrder);
    fixture.find<QRadioButton>("patternExchange")->click();
    fixture.click("run");
    for (const char* item : {"a", "b", "c"}) {
        gates.open(item);
    }
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(inputsShown(fixture), (QStringList{"c", "b", "a"}));
}

void TestPatterns::linesWhileTheyAreWritten() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    QVERIFY(!fixture.find<QTableView>("lines")->isVisible());
    const Gates gates(fixture.folder, {"a", "b"});
    fixture.window.setJob(gates.job(job::Pattern::continuous));
    fixture.click("run");
    QTRY_COMPARE(linesOf(fixture).size(), 2);
    QVERIFY(fixture.find<QTableView>("lines")->isVisible());
    QCOMPARE(fixture.results().rowCount(), 0);
    fixture.picture(QStringLiteral("lines running"));
    gates.open("b");
    QTRY_COMPARE(inputsShown(fixture), QStringList{"b"});
    QCOMPARE(linesOf(fixture).last(), QStringLiteral("2|b|last of b"));
    gates.open("a");
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(linesOf(fixture).size(), 4);
    QCOMPARE(fixture.resultsByInput().at("a")->result.program.output, std::string("first of a\nlast of a\n"));

    // The filter is the lines' as long as they are shown; a line leads to its item.
    fixture.find<QLineEdit>("filter")->setText(QStringLiteral("LAST"));
    QTRY_COMPARE(linesOf(fixture), (QStringList{"2|b|last of b", "1|a|last of a"}));
    fixture.find<QTableView>("lines")->setCurrentIndex(fixture.find<QTableView>("lines")->model()->index(1, 0));
    QTRY_VERIFY(fixture.find<QWidget>("outputPane")->isVisible());
    fixture.picture(QStringLiteral("lines chosen"));
    fixture.find<QLineEdit>("filter")->clear();
    QTRY_COMPARE(linesOf(fixture).size(), 4);

    // Another job has other lines, and one that tells none has no such view.
    fixture.click("run");
    QTRY_COMPARE(linesOf(fixture).size(), 2);
    gates.open("a");
    gates.open("b");
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(linesOf(fixture).size(), 4);
    fixture.find<QRadioButton>("patternMap")->click();
    fixture.click("run");
    gates.open("a");
    gates.open("b");
    QVERIFY(fixture.waitForIdle());
    QVERIFY(!fixture.find<QTableView>("lines")->isVisible());
    QVERIFY(fixture.find<QTableView>("results")->isVisible());
}

/// The window stays usable while two commands write as fast as they can, and the newest lines are in view.
void TestPatterns::aFloodOfLines() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.command = "yes {}";
    job.inputs = job::ListInputs{{"this and that", "so and so"}};
    job.pattern = job::Pattern::continuous;
    job.limit = 2;
    job.output_cap = std::uint64_t{2} << 20;
    fixture.window.setJob(job);
    fixture.click("run");
    QTRY_VERIFY_WITH_TIMEOUT(linesOf(fixture).size() > 1000, 60'000);
    const auto* bar = fixture.find<QTableView>("lines")->verticalScrollBar();
    QTRY_COMPARE_WITH_TIMEOUT(bar->value(), bar->maximum(), 60'000);
    fixture.picture(QStringLiteral("lines flood"));
    fixture.click("stop");
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(fixture.results().rowCount(), 2);
}

QTEST_MAIN(TestPatterns)
#include "tst_patterns.moc"
