// SPDX-License-Identifier: GPL-3.0-or-later
/// Runs of jobs that are kept: gone on with after the workbench was killed, run anew, forgotten; through the real
/// window.
#include "window_fixture.h"

#include <app/workbench/history_dialog.h>
#include <app/workbench/history_model.h>

#include <widgets/table_view.h>

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QThreadPool>

#include <signal.h>

#include <pprocess/job/history.h>

using namespace pprocess;
using workbench::HistoryDialog;
using workbench::HistoryModel;

namespace {

QStringList linesOf(const QString& name) {
    QFile file(name);
    return file.open(QIODevice::ReadOnly)
               ? QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts)
               : QStringList();
}

job::Job jobThatNotes(const QString& file, int items) {
    job::Job job;
    job.name = "notes what it does";
    job.use_shell = true;
    job.command = "sleep 0.01; echo {} >> '" + file.toStdString() + "'";
    job::ListInputs inputs;
    for (int item = 0; item < items; ++item) {
        inputs.items.push_back("item " + std::to_string(item));
    }
    job.inputs = inputs;
    job.limit = 2;
    return job;
}

/// The list of earlier runs as a person opens it.
HistoryDialog* openHistory(WindowFixture& fixture) {
    fixture.window.activateWindow();
    if (!QTest::qWaitForWindowActive(&fixture.window)) {
        return nullptr;
    }
    QTest::keyClick(&fixture.window, Qt::Key_H, Qt::ControlModifier);
    auto* dialog = fixture.window.findChild<HistoryDialog*>();
    if (dialog) {
        QSignalSpy refreshed(dialog, &HistoryDialog::refreshed);
        refreshed.wait(30000);
    }
    return dialog;
}

HistoryModel& runsOf(const HistoryDialog& dialog) {
    return *dialog.findChild<HistoryModel*>();
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
        press(*dialog, "goOn");
        QVERIFY(fixture.waitForIdle());
        const QStringList lines = linesOf(done);
        QCOMPARE(QSet<QString>(lines.begin(), lines.end()).size(), items);
        QCOMPARE(job::past_runs().front().state, job::RunState::ended);
    }

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("PPROCESS_TEST_STATE", "1");
        qputenv("XDG_STATE_HOME", m_folder->filePath(QStringLiteral("state")).toUtf8());
    }
    void cleanup() {
        m_folder.reset();
        qunsetenv("PPROCESS_TEST_STATE");
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
};

QTEST_MAIN(TestEarlierRuns)
#include "tst_earlier_runs.moc"
