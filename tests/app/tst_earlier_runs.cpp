// SPDX-License-Identifier: GPL-3.0-or-later
/// Runs of jobs that are kept: gone on with after the workbench was killed, run anew, forgotten; through the real
/// window.
#include "open_history.h"
#include "window_fixture.h"
#include "written_runs.h"

#include <app/workbench/history_model.h>
#include <app/workbench/run_comparison_model.h>
#include <app/workbench/run_comparison_page.h>

#include <widgets/table_view.h>

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QFile>
#include <QLineEdit>
#include <QProcess>
#include <QThreadPool>

#include <signal.h>

#include <fstream>
#include <optional>

#include <pprocess/job/comparison.h>
#include <pprocess/job/history.h>

using namespace pprocess;
using workbench::HistoryDialog;
using workbench::HistoryModel;
using workbench::RunComparisonModel;
using workbench::RunComparisonPage;

namespace {

QStringList linesOf(const QString& name) {
    QFile file(name);
    return file.open(QIODevice::ReadOnly)
               ? QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts)
               : QStringList();
}

/// The second half of its items waits for `letGo`, so that the run is there to be broken off, however fast it is.
job::Job jobThatNotes(const QString& file, int items) {
    job::Job job;
    job.name = "notes what it does";
    job.use_shell = true;
    const std::string done = file.toStdString();
    job.command = "item={}; until test ${item#item } -lt " + std::to_string(items / 2) + " || test -e '" + done +
                  ".go'; do sleep 0.01; done; echo $item >> '" + done + "'";
    job::ListInputs inputs;
    for (int item = 0; item < items; ++item) {
        inputs.items.push_back("item " + std::to_string(item));
    }
    job.inputs = inputs;
    job.limit = 2;
    return job;
}

void letGo(const QString& file) {
    QFile made(file + QStringLiteral(".go"));
    QVERIFY(made.open(QIODevice::WriteOnly));
}

HistoryModel& runsOf(const HistoryDialog& dialog) {
    return *dialog.findChild<HistoryModel*>();
}

/// The texts of a table, a line for each row: "Command: a | b".
QString textOf(const widgets::TableView& table) {
    QString text;
    const auto& model = *table.model();
    for (int row = 0; row < model.rowCount(); ++row) {
        QStringList cells;
        for (int column = 1; column < model.columnCount(); ++column) {
            cells += model.index(row, column).data().toString();
        }
        text += model.index(row, 0).data().toString() + QStringLiteral(": ") + cells.join(QStringLiteral(" | ")) +
                QLatin1Char('\n');
    }
    return text;
}

/// Some items take longer or fail the second time.
job::PastRun runOfFiles(const job::Job& job, int items, bool isSecond) {
    return writtenRun(job, items, [isSecond](job::ItemResult& result) {
        const std::size_t kind = result.index % 7;
        result.input = "file " + std::to_string(result.index) + ".txt";
        if (kind == (isSecond ? 1 : 2)) {
            result.outcome = job::Outcome::failed;
        }
        result.duration = std::chrono::milliseconds(20 + result.index % 13 + (isSecond && kind == 3 ? 50 : 0));
        return !isSecond || kind != 6;
    });
}

template <typename Widget>
Widget* findIn(const QWidget& page, const char* name) {
    return page.findChild<Widget*>(QLatin1String(name));
}

void press(HistoryDialog& dialog, const char* button) {
    QTest::mouseClick(dialog.findChild<QPushButton*>(QLatin1String(button)), Qt::LeftButton);
}

} // namespace

class TestEarlierRuns : public QObject {
    Q_OBJECT

    /// With the latest run, whose items each leave a line in the file `done`.
    void goOn(WindowFixture& fixture, const QString& done, int items) {
        HistoryDialog* dialog = openHistory(fixture);
        QVERIFY(dialog);
        letGo(done);
        press(*dialog, "goOn");
        QVERIFY(fixture.waitForIdle());
        const QStringList lines = linesOf(done);
        QCOMPARE(QSet<QString>(lines.begin(), lines.end()).size(), items);
        QCOMPARE(job::past_runs().front().state, job::RunState::ended);
    }

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_history.emplace(*m_folder);
    }
    void cleanup() {
        m_history.reset();
        m_folder.reset();
    }

    void theModelKeepsItsPromises() {
        HistoryModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        job::PastRun run;
        run.folder = "/a";
        run.name = "one";
        run.total = 5;
        run.succeeded = 2;
        run.failed = 1;
        model.setRuns({run, {.folder = "/b"}});
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.index(0, HistoryModel::DoneColumn).data().toString(), QStringLiteral("2 of 5"));
        QCOMPARE(model.index(0, HistoryModel::FailedColumn).data().toString(), QStringLiteral("1"));
        QCOMPARE(model.index(0, HistoryModel::StateColumn).data().toString(), QStringLiteral("broken off"));
        QCOMPARE(model.index(1, HistoryModel::NameColumn).data().toString(), QStringLiteral("(no name)"));
        QCOMPARE(model.rowOf("/b"), 1);
        QCOMPARE(model.rowOf("/c"), -1);
        model.setRuns({});
        QCOMPARE(model.rowCount(), 0);
    }

    void nothingHasBeenRunYet() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        HistoryDialog* dialog = openHistory(fixture);
        QVERIFY(dialog);
        QCOMPARE(runsOf(*dialog).rowCount(), 0);
        for (const char* button : {"goOn", "runAnew", "showJob", "forget"}) {
            QVERIFY(!dialog->findChild<QPushButton*>(QLatin1String(button))->isEnabled());
        }
        picture(*dialog, QStringLiteral("no earlier runs"));
    }

    /// The workbench is killed in the midst; the next one does the rest, each item once.
    void afterTheWorkbenchWasKilled() {
        const QString done = m_folder->filePath(QStringLiteral("done"));
        const QString file = m_folder->filePath(QStringLiteral("job.json"));
        constexpr int count = 150;
        job::save(jobThatNotes(done, count), file.toStdString());
        {
            QProcess workbench;
            workbench.setProcessChannelMode(QProcess::ForwardedChannels);
            workbench.start(QStringLiteral(PPROCESS_BIN "/pprocess-workbench"), {file, QStringLiteral("--run")});
            QVERIFY(workbench.waitForStarted());
            QTRY_VERIFY_WITH_TIMEOUT(linesOf(done).size() >= 20, 60000);
            ::kill(static_cast<pid_t>(workbench.processId()), SIGKILL);
            QVERIFY(workbench.waitForFinished());
        }
        // Its workers end with it; what they were at may have been written and still counts as not done.
        QTRY_COMPARE(job::past_runs().front().state, job::RunState::broken_off);
        int before = -1;
        QTRY_VERIFY((std::exchange(before, static_cast<int>(linesOf(done).size()))) == linesOf(done).size());

        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.mentionBrokenOffRun();
        QTRY_VERIFY(fixture.message().text().contains(QStringLiteral("was broken off")));
        HistoryDialog* dialog = openHistory(fixture);
        QVERIFY(dialog);
        QCOMPARE(runsOf(*dialog).rowCount(), 1);
        const job::PastRun run = runsOf(*dialog).at(0);
        QCOMPARE(run.state, job::RunState::broken_off);
        QCOMPARE(run.total, std::size_t(count));
        QVERIFY2(run.succeeded >= 15 && run.succeeded < count, qPrintable(QString::number(run.succeeded)));
        picture(*dialog, QStringLiteral("a run broken off"));
        letGo(done);
        press(*dialog, "goOn");
        QVERIFY(fixture.window.controller().isBusy());
        QVERIFY(fixture.waitForIdle());
        QCOMPARE(fixture.results().counts().succeeded, count - run.succeeded);
        QVERIFY(fixture.message().text().contains(QStringLiteral("done before and left out")));

        const QStringList lines = linesOf(done);
        const QSet<QString> different(lines.begin(), lines.end());
        QCOMPARE(different.size(), count);
        // Twice only what was killed between its last word and its end: at most as many as ran at once.
        QVERIFY2(lines.size() - count <= 2, qPrintable(QString::number(lines.size())));
        const job::PastRun ended = job::past_runs().front();
        QCOMPARE(ended.state, job::RunState::ended);
        QCOMPARE(ended.succeeded, std::size_t(count));
        QCOMPARE(job::past_runs().size(), std::size_t(1));
    }

    void failedItemsRunAgainBelongToTheirRun() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        const QString gate = m_folder->filePath(QStringLiteral("gate"));
        job::Job job;
        job.name = "fails first";
        job.use_shell = true;
        job.command = "test {} = good || test -e '" + gate.toStdString() + "'";
        job.inputs = job::ListInputs{{"good", "bad", "worse"}};
        fixture.window.setJob(job);
        QVERIFY(fixture.runToEnd());
        QCOMPARE(job::past_runs().front().failed, std::size_t(2));
        QFile made(gate);
        QVERIFY(made.open(QIODevice::WriteOnly));
        fixture.click("again");
        QVERIFY(fixture.waitForIdle());
        QCOMPARE(job::past_runs().size(), std::size_t(1));
        const job::PastRun run = job::past_runs().front();
        QCOMPARE(run.failed, std::size_t(0));
        QCOMPARE(run.succeeded, std::size_t(3));
        QVERIFY(!run.can_go_on());
    }

    void aStoppedRunGoesOnAnotherDay() {
        const QString done = m_folder->filePath(QStringLiteral("done"));
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.setJob(jobThatNotes(done, 100));
        fixture.click("run");
        QTRY_VERIFY(linesOf(done).size() >= 10);
        fixture.window.controller().stop();
        QVERIFY(fixture.waitForIdle());
        QCOMPARE(job::past_runs().front().state, job::RunState::stopped);
        fixture.window.setJob(job::sample_job()); // something else meanwhile
        goOn(fixture, done, 100);
    }

    /// The window lives on, but its launcher does not.
    void aRunBrokenOffHereGoesOnHere() {
        const QString done = m_folder->filePath(QStringLiteral("done"));
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.setJob(jobThatNotes(done, 100));
        fixture.click("run");
        QTRY_VERIFY(linesOf(done).size() >= 10);
        ::kill(fixture.window.controller().launcherPid(), SIGKILL);
        QVERIFY(fixture.waitForIdle());
        QCOMPARE(job::past_runs().front().state, job::RunState::broken_off);
        goOn(fixture, done, 100);
    }

    /// What was given up before it began leaves nothing behind.
    void aSearchGivenUpIsNoRun() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.setJob(jobThatNotes(m_folder->filePath(QStringLiteral("done")), 5));
        fixture.click("run");
        QVERIFY(fixture.window.controller().isBusy());
        fixture.window.controller().stop();
        QVERIFY(!fixture.window.controller().isBusy());
        QThreadPool::globalInstance()->waitForDone();
        QTRY_VERIFY(job::past_runs().empty());
    }

    void aRunIsRunAnewShownAndForgotten() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        job::Job job;
        job.name = "echoes";
        job.command = "echo {}";
        job.inputs = job::ListInputs{{"a", "b"}};
        fixture.window.setJob(job);
        QVERIFY(fixture.runToEnd());
        fixture.window.setJob(job::sample_job());
        HistoryDialog* dialog = openHistory(fixture);
        QVERIFY(dialog);
        QVERIFY(!dialog->findChild<QPushButton*>(QStringLiteral("goOn"))->isEnabled()); // all is done
        press(*dialog, "runAnew");
        QVERIFY(fixture.waitForIdle());
        QCOMPARE(fixture.results().counts().succeeded, std::size_t(2));
        QCOMPARE(job::past_runs().size(), std::size_t(2));
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);

        fixture.window.setJob(job::sample_job());
        dialog = openHistory(fixture);
        QVERIFY(dialog);
        QSignalSpy refreshed(dialog, &HistoryDialog::refreshed);
        press(*dialog, "forget");
        QVERIFY(refreshed.wait(30000));
        QCOMPARE(job::past_runs().size(), std::size_t(1));
        QCOMPARE(runsOf(*dialog).rowCount(), 1);
        press(*dialog, "showJob");
        QCOMPARE(fixture.form().job().command, std::string("echo {}"));
        QVERIFY(!fixture.window.controller().isBusy());
    }

    /// Twice the same job with another setting, compared from the list of runs by the keyboard.
    void twoRunsAreCompared() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        job::Job job;
        job.name = "greets";
        job.command = "test {} != b";
        job.inputs = job::ListInputs{{"a", "b", "c"}};
        fixture.window.setJob(job);
        QVERIFY(fixture.runToEnd());
        job.command = "test {} != c";
        job.limit = 1;
        fixture.window.setJob(job);
        QVERIFY(fixture.runToEnd());

        HistoryDialog* dialog = openHistory(fixture);
        QVERIFY(dialog);
        auto* compare = findIn<QPushButton>(*dialog, "compare");
        QVERIFY(!compare->isEnabled());
        QVERIFY(!compare->toolTip().isEmpty());
        auto* runs = findIn<widgets::TableView>(*dialog, "runs");
        runs->setFocus();
        QTest::keyClick(runs, Qt::Key_Down, Qt::ShiftModifier);
        QVERIFY(compare->isEnabled());
        for (const char* button : {"goOn", "runAnew", "showJob", "forget"}) {
            QVERIFY(!findIn<QPushButton>(*dialog, button)->isEnabled()); // they are for one run
        }
        QSignalSpy refreshed(dialog, &HistoryDialog::refreshed);
        dialog->refresh();
        QVERIFY(refreshed.wait(30000));
        QVERIFY(compare->isEnabled()); // both are still selected
        picture(*dialog, QStringLiteral("two runs selected"));
        press(*dialog, "compare");

        auto* page = qobject_cast<RunComparisonPage*>(fixture.window.frontPage());
        QVERIFY(page);
        QCOMPARE(page->title(), QStringLiteral("Runs of greets"));
        QTRY_VERIFY_WITH_TIMEOUT(!page->isReading(), 30000);
        QCOMPARE(textOf(*findIn<widgets::TableView>(*page, "differingSettings")),
                 QStringLiteral("Command: test {} != b | test {} != c\nAt once: as many as cores | 1\n"));
        const QString figures = textOf(*findIn<widgets::TableView>(*page, "runFigures"));
        QVERIFY2(figures.startsWith(QStringLiteral("Items that ended: 3 | 3 | \nsucceeded: 2 | 2 | \nfailed: 1 | 1")),
                 qPrintable(figures));
        for (const char* row : {"From start to end: ", "Items per second: ", "Time of all items together: ",
                                "Time of an item, on average: "}) {
            QVERIFY(figures.contains(QLatin1String(row)));
        }
        QVERIFY(!figures.contains(QLatin1Char('?')));
        auto* items = findIn<widgets::TableView>(*page, "comparedItems");
        QVERIFY(textOf(*items).contains(QStringLiteral("b: succeeds now | failed | succeeded")));
        QVERIFY(textOf(*items).contains(QStringLiteral("c: fails now | succeeded | failed")));
        picture(fixture.window, QStringLiteral("two runs compared"));

        auto* show = findIn<QComboBox>(*page, "showChanges");
        QVERIFY(show->currentText().startsWith(QStringLiteral("Only what differs")));
        show->setCurrentIndex(0);
        QCOMPARE(items->model()->rowCount(), 3);
        show->setCurrentIndex(show->findText(QStringLiteral("fails now (1)")));
        QCOMPARE(items->model()->rowCount(), 1);
        items->setFocus();
        items->selectAll();
        QTest::keyClick(items, Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("c\tfails now\tsucceeded\tfailed")));
        show->setCurrentIndex(0);
        fixture.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
        QTest::keyClick(items, Qt::Key_F, Qt::ControlModifier);
        QVERIFY(findIn<QLineEdit>(*page, "comparedFilter")->hasFocus());
        QTest::keyClicks(findIn<QLineEdit>(*page, "comparedFilter"), QStringLiteral("nowhere"));
        QTRY_COMPARE(items->model()->rowCount(), 0);
        QCOMPARE(items->emptyTitle(), QStringLiteral("No item fits the filter"));
    }

    void whatCannotBeComparedIsSaid() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        job::Job job;
        job.name = "one";
        job.command = "true";
        const job::PastRun whole = runOfFiles(job, 5, false);
        const job::PastRun none = runOfFiles(job, 0, false);
        job::PastRun gone = runOfFiles(job, 5, true);
        std::filesystem::remove_all(gone.folder);
        const auto shown = [&](const job::PastRun& first, const job::PastRun& second) {
            fixture.window.compareRuns(first, second);
            return qobject_cast<RunComparisonPage*>(fixture.window.frontPage());
        };

        auto* page = shown(whole, gone);
        QTRY_VERIFY_WITH_TIMEOUT(!page->isReading(), 30000);
        QCOMPARE(findIn<widgets::TableView>(*page, "comparedItems")->emptyTitle(),
                 QStringLiteral("The second run's log cannot be read"));
        QCOMPARE(findIn<widgets::TableView>(*page, "differingSettings")->emptyTitle(),
                 QStringLiteral("The settings cannot be compared"));
        QVERIFY(textOf(*findIn<widgets::TableView>(*page, "runFigures"))
                    .startsWith(QStringLiteral("Items that ended: 5 | 5 | ")));
        QVERIFY(!findIn<QComboBox>(*page, "showChanges")->isEnabled());
        picture(fixture.window, QStringLiteral("a run that is gone compared"));

        page = shown(whole, whole);
        QTRY_VERIFY_WITH_TIMEOUT(!page->isReading(), 30000);
        QCOMPARE(findIn<widgets::TableView>(*page, "differingSettings")->emptyTitle(),
                 QStringLiteral("The same settings"));
        QCOMPARE(findIn<widgets::TableView>(*page, "comparedItems")->model()->rowCount(), 5);
        findIn<QComboBox>(*page, "showChanges")->setCurrentIndex(1);
        QCOMPARE(findIn<widgets::TableView>(*page, "comparedItems")->emptyTitle(), QStringLiteral("No item differs"));

        std::filesystem::copy_file(whole.log(), whole.folder / "moved");
        std::filesystem::remove(none.log());
        std::ofstream(none.log()) << R"({"number":1,"input":"another","outcome":"succeeded"})" << '\n';
        page = shown(whole, none);
        QTRY_VERIFY_WITH_TIMEOUT(!page->isReading(), 30000);
        QCOMPARE(page->status().first().text, QStringLiteral("no item is in both runs"));

        std::ofstream(none.log(), std::ios::trunc).flush();
        page = shown(none, none);
        QTRY_VERIFY_WITH_TIMEOUT(!page->isReading(), 30000);
        QCOMPARE(findIn<widgets::TableView>(*page, "comparedItems")->emptyTitle(),
                 QStringLiteral("No item has ended in either run"));
    }

    /// A page that is closed while it reads leaves nothing behind that would hold the program up.
    void aComparisonIsGivenUpWithItsPage() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        job::Job job;
        job.command = "true";
        const job::PastRun run = runOfFiles(job, 20'000, false);
        fixture.window.compareRuns(run, run);
        QVERIFY(qobject_cast<RunComparisonPage*>(fixture.window.frontPage())->isReading());
        fixture.window.closePage();
        QVERIFY(!qobject_cast<RunComparisonPage*>(fixture.window.frontPage()));
        QThreadPool::globalInstance()->waitForDone();
        QCoreApplication::processEvents();
    }

    /// More items than are arranged at once: by another thread.
    void manyItemsAreSortedElsewhere() {
        RunComparisonModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        job::Job job;
        job.command = "true";
        constexpr int count = static_cast<int>(RunComparisonModel::directLimit) + 2000;
        const auto first = runOfFiles(job, count, false);
        const auto second = runOfFiles(job, count, true);
        model.setComparison(
            std::make_shared<const job::RunComparison>(job::RunComparison::of(first.log(), second.log()).value()));
        QVERIFY(model.isArranging());
        QTRY_COMPARE(model.rowCount(), count);
        model.sort(RunComparisonModel::DifferenceColumn, Qt::DescendingOrder);
        model.sort(RunComparisonModel::ItemColumn, Qt::AscendingOrder); // the one before is given up
        QTRY_VERIFY(!model.isArranging());
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("file 0.txt"));
        QCOMPARE(model.index(1, 0).data().toString(), QStringLiteral("file 1.txt"));
        QCOMPARE(model.index(2, 0).data().toString(), QStringLiteral("file 10.txt"));
        model.sort(RunComparisonModel::DifferenceColumn, Qt::DescendingOrder);
        QTRY_VERIFY(!model.isArranging());
        const QString most = model.index(0, RunComparisonModel::DifferenceColumn).data().toString();
        QVERIFY2(most.startsWith(QStringLiteral("+50 ms (")), qPrintable(most));
        model.setFilter(QStringLiteral("FILE 1"), RunComparisonModel::Show::one, job::Change::slower);
        QTRY_VERIFY(!model.isArranging());
        QVERIFY(model.rowCount() > 0 && model.rowCount() < count / 7);
        for (int row = 0; row < model.rowCount(); ++row) {
            QCOMPARE(model.index(row, RunComparisonModel::ChangeColumn).data().toString(), QStringLiteral("slower"));
            QVERIFY(model.index(row, 0).data().toString().startsWith(QStringLiteral("file 1")));
        }
    }

    void withoutAHistoryTheJobRunsAllTheSame() {
        qputenv("XDG_STATE_HOME", "/proc/no/such/place");
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        job::Job job;
        job.command = "echo {}";
        job.inputs = job::ListInputs{{"a"}};
        fixture.window.setJob(job);
        QVERIFY(fixture.runToEnd());
        QCOMPARE(fixture.results().counts().succeeded, std::size_t(1));
        QVERIFY(fixture.message().text().contains(QStringLiteral("not kept in the history")));
    }

private:
    static void picture(QWidget& widget, const QString& name) {
        if (const QString folder = qEnvironmentVariable("PPROCESS_PICTURES"); !folder.isEmpty()) {
            QTest::qWait(200);
            widget.grab().save(QDir(folder).filePath(name + QStringLiteral(".png")));
        }
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<CommonHistory> m_history;
};

QTEST_MAIN(TestEarlierRuns)
#include "tst_earlier_runs.moc"
