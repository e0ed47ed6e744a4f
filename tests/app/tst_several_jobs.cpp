// SPDX-License-Identifier: GPL-3.0-or-later
/// Several jobs in one window: each on a page of its own, all in one list, and what becomes of them when a page or the
/// window is closed.
#include "window_fixture.h"

#include <app/workbench/instrument_board.h>
#include <app/workbench/job_list.h>
#include <app/workbench/job_list_model.h>
#include <app/workbench/job_notifier.h>
#include <app/workbench/welcome_page.h>

#include <QAbstractItemModelTester>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QTabBar>
#include <QTabWidget>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include <pprocess/background/directory.h>
#include <pprocess/background/persistent.h>
#include <pprocess/channel/errors.h>
#include <pprocess/job/background_job.h>
#include <pprocess/job/history.h>
#include <pprocess/os/fd.h>

#include "support/leak_check.h"

using namespace pprocess;
using namespace std::chrono_literals;
using workbench::JobController;
using workbench::JobListModel;
using workbench::JobPage;
using workbench::ListedJob;

namespace {

/// A window whose jobs end when it is said so.
struct JobsFixture : WindowFixture {
    JobsFixture() {
        const std::string name = gate();
        ::mkfifo(name.c_str(), 0600);
        m_open = ::open(name.c_str(), O_RDWR | O_CLOEXEC);
    }
    ~JobsFixture() { ::close(m_open); }

    [[nodiscard]] std::string gate() const { return folder.filePath(QStringLiteral("gate")).toStdString(); }
    /// Lets so many items end.
    void pass(int items) {
        const std::string lines(static_cast<std::size_t>(items), '\n');
        QCOMPARE(::write(m_open, lines.data(), lines.size()), static_cast<ssize_t>(items));
    }

    /// Each of its items ends when it is let through the gate.
    [[nodiscard]] job::Job gatedJob(const std::string& name, int items = 2) const {
        job::Job job;
        job.name = name;
        job.use_shell = true;
        job.command = "head -c 1 '" + gate() + "' > /dev/null; echo {}";
        job::ListInputs inputs;
        for (int item = 0; item < items; ++item) {
            inputs.items.push_back(name + std::to_string(item));
        }
        job.inputs = inputs;
        job.limit = 1;
        return job;
    }

    /// On a page of its own, until its first item runs.
    [[nodiscard]] JobPage* start(const job::Job& job) {
        JobPage* page = window.jobPage().isBlank() ? &window.jobPage() : window.newJob();
        page->setJob(job);
        page->run();
        return waitUntil([page] { return page->controller().progress().running == 1; }) ? page : nullptr;
    }

    [[nodiscard]] QMessageBox* question() {
        QMessageBox* box = nullptr;
        waitUntil([&] { return (box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget())) != nullptr; });
        return box;
    }

    [[nodiscard]] JobListModel& jobs() { return *window.findChild<JobListModel*>(); }

private:
    int m_open = -1;
};

void answer(QMessageBox* box, const char* words) {
    QVERIFY(box);
    for (QAbstractButton* button : box->buttons()) {
        if (button->text().remove(QLatin1Char('&')).startsWith(QLatin1String(words))) {
            button->click();
            return;
        }
    }
    QFAIL(words);
}

QAction* action(QWidget& window, const QString& text) {
    QAction* found = nullptr;
    for (auto* menu : window.findChildren<QMenu*>()) {
        for (QAction* one : menu->actions()) {
            if (one->text().remove(QLatin1Char('&')) == text) {
                found = one;
            }
        }
    }
    return found;
}

} // namespace

class TestSeveralJobs : public QObject, private LeakCheck {
    Q_OBJECT

private slots:
    void init() {
        m_run = std::make_unique<QTemporaryDir>();
        qputenv("XDG_RUNTIME_DIR", m_run->path().toUtf8());
        qputenv("PPROCESS_PPCTL", PPROCESS_BIN "/ppctl");
        take_stock();
    }
    void cleanup() {
        QThreadPool::globalInstance()->waitForDone();
        QTRY_COMPARE(left_behind(), QString());
        QVERIFY(background_processes().empty());
        m_run.reset();
    }

    /// Neither the form, which reads it for its list, nor the job wait for it any longer than the window lives.
    void aLibraryThatNeverAnswersHoldsNothingUp() {
        QTemporaryDir folder;
        const QByteArray file = folder.filePath("loading").toLocal8Bit();
        QCOMPARE(::mkfifo(file, 0600), 0);
        const os::Fd loading(::open(file, O_RDWR | O_CLOEXEC));
        qputenv("PPROCESS_TEST_LOADING", file);
        {
            WindowFixture fixture;
            QVERIFY(fixture.isExposed());
            job::Job job;
            job.function = job::Function{PPROCESS_FIXTURES "/hanging_tasks.so", "answer", {}};
            job.inputs = job::ListInputs{{"a"}};
            fixture.window.setJob(job);
            fixture.click("run");
            char begun[2];
            for (char& one : begun) {
                QCOMPARE(::read(loading.get(), &one, 1), 1); // by the form and by the job
            }
            QCOMPARE(fixture.window.controller().state(), workbench::JobController::State::collecting);
        }
        qunsetenv("PPROCESS_TEST_LOADING");
        QVERIFY(QThreadPool::globalInstance()->waitForDone(60'000));
    }

    void theModelKeepsItsPromises() {
        JobListModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.insert(0, {.title = QStringLiteral("one")});
        ListedJob second{.title = QStringLiteral("two"), .state = JobController::State::running};
        second.progress = {.total = 4, .waiting = 2, .running = 1, .succeeded = 0, .failed = 1};
        second.remaining = std::chrono::seconds(3);
        model.insert(1, second);
        const auto text = [&](int row, JobListModel::Column column) {
            return model.index(row, column).data().toString();
        };
        QCOMPARE(text(0, JobListModel::StateColumn), QStringLiteral("not run yet"));
        QCOMPARE(text(0, JobListModel::FailedColumn), QString());
        QCOMPARE(text(1, JobListModel::StateColumn), QStringLiteral("running"));
        QCOMPARE(text(1, JobListModel::ProgressColumn), QStringLiteral("1 of 4"));
        QCOMPARE(text(1, JobListModel::FailedColumn), QStringLiteral("1"));
        QCOMPARE(text(1, JobListModel::RemainingColumn), QStringLiteral("3.0 s"));
        QCOMPARE(*workbench::overallProgress(model.jobs()), 0.25);
        QSignalSpy changed(&model, &JobListModel::dataChanged);
        model.set(1, second);
        QCOMPARE(changed.count(), 0);
        second.state = JobController::State::idle;
        second.progress = {.total = 4, .succeeded = 3, .failed = 1};
        model.set(1, second);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(text(1, JobListModel::StateColumn), QStringLiteral("ended"));
        QVERIFY(!workbench::overallProgress(model.jobs()));
        model.remove(0);
        QCOMPARE(text(0, JobListModel::NameColumn), QStringLiteral("two"));
        model.remove(0);
        QCOMPARE(model.rowCount(), 0);
    }

    /// Two at once: neither knows of the other, and the list tells of both.
    void eachJobHasItsPage() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        auto* list = fixture.find<QWidget>("jobs");
        QVERIFY(!list->isVisible());
        JobPage* first = fixture.start(fixture.gatedJob("first", 4));
        QVERIFY(first);
        QTest::keyClick(&fixture.window, Qt::Key_N, Qt::ControlModifier);
        QCOMPARE(fixture.window.jobPages().size(), 2);
        QVERIFY(fixture.window.jobPage().isBlank());
        QVERIFY(list->isVisible());
        JobPage* second = fixture.start(fixture.gatedJob("second", 2));
        QVERIFY(second);
        QCOMPARE(fixture.window.frontPage(), second);
        QVERIFY(first->controller().launcherPid() != second->controller().launcherPid());
        QVERIFY(first->controller().isBusy());
        QTRY_COMPARE(fixture.jobs().index(1, JobListModel::StateColumn).data().toString(), QStringLiteral("running"));
        fixture.picture(QStringLiteral("two jobs"));

        // Running and stopping are meant for the page in front.
        QVERIFY(action(fixture.window, QStringLiteral("Stop"))->isEnabled());
        action(fixture.window, QStringLiteral("Stop"))->trigger();
        QTRY_VERIFY(!second->controller().isBusy());
        QVERIFY(first->controller().isBusy());
        QTRY_COMPARE(fixture.jobs().index(1, JobListModel::StateColumn).data().toString(), QStringLiteral("stopped"));

        auto* table = fixture.find<widgets::TableView>("jobList");
        QTest::mouseClick(table->viewport(), Qt::LeftButton, Qt::NoModifier,
                          table->visualRect(fixture.jobs().index(0, 0)).center());
        QCOMPARE(fixture.window.frontPage(), first);
        fixture.pass(2);
        QTRY_COMPARE(first->controller().progress().succeeded, std::size_t(2));
        QTRY_VERIFY2(fixture.window.windowTitle().startsWith(QStringLiteral("50 % – first")),
                     qPrintable(fixture.window.windowTitle()));
        auto* tabs = fixture.find<QTabWidget>("pages");
        QTRY_COMPARE(tabs->tabText(tabs->indexOf(first)), QStringLiteral("first · 50 %"));
        QCOMPARE(tabs->tabText(tabs->indexOf(second)), QStringLiteral("second"));
        fixture.pass(2);
        QTRY_VERIFY(!first->controller().isBusy());
        QCOMPARE(fixture.window.windowTitle(), QStringLiteral("first – pprocess"));
        QVERIFY(!action(fixture.window, QStringLiteral("Stop"))->isEnabled());

        // Each is told of what it did, and of nothing else.
        first->showInstruments(true);
        second->showInstruments(true);
        const auto& ofFirst = first->board()->source().data().head();
        const auto& ofSecond = second->board()->source().data().head();
        QTRY_COMPARE(ofFirst.finished()[static_cast<std::size_t>(TaskOutcome::value)], std::uint64_t{4});
        QTRY_COMPARE(ofSecond.finished()[static_cast<std::size_t>(TaskOutcome::cancelled)], std::uint64_t{2});
        QCOMPARE(ofFirst.exchanges().size(), std::size_t{1});
        QCOMPARE(ofSecond.exchanges().size(), std::size_t{1});
        for (const auto& [key, process] : ofFirst.processes()) {
            const auto* same = ofSecond.process_of_pid(process.pid);
            QVERIFY2(process.is_program || !same, qPrintable(QString::fromStdString(process.purpose)));
        }
        fixture.picture(QStringLiteral("instruments of one of two jobs"));
        fixture.window.closePage();
        QCOMPARE(fixture.window.jobPages(), QList<JobPage*>{second});
        QVERIFY(!tabs->tabBar()->tabButton(0, QTabBar::RightSide));
    }

    void openingLosesNothing() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        const QString file = fixture.folder.filePath(QStringLiteral("job.ppjob"));
        job::save(fixture.gatedJob("kept"), file.toStdString());
        QSignalSpy opened(&fixture.window, &workbench::MainWindow::opened);
        fixture.window.openJob(file);
        QVERIFY(opened.wait(longestWait));
        QCOMPARE(fixture.window.jobPages().size(), 1);
        // That one is on its page now; another gets its own.
        fixture.window.openJob(file);
        QVERIFY(opened.wait(longestWait));
        QCOMPARE(fixture.window.jobPages().size(), 2);
        QCOMPARE(fixture.window.jobPages().last(), fixture.window.frontPage());
        QCOMPARE(fixture.window.jobPage().title(), QStringLiteral("kept"));
        // Of one that cannot be read no empty page is left, but the message.
        fixture.window.openJob(QStringLiteral("/no/such.ppjob"));
        QVERIFY(opened.wait(longestWait));
        QTRY_COMPARE(fixture.window.jobPages().size(), 2);
        QVERIFY(fixture.message().text().contains(QStringLiteral("such.ppjob")));
        // What was written but not run is something too.
        JobPage* page = fixture.window.newJob();
        QVERIFY(page->isBlank());
        QTest::keyClicks(page->findChild<QPlainTextEdit*>(QStringLiteral("command")), QStringLiteral("x"));
        QVERIFY(!page->isBlank());
    }

    void closingAPageWhoseJobRunsAsks() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        QVERIFY(fixture.start(fixture.gatedJob("first")));
        JobPage* second = fixture.start(fixture.gatedJob("second"));
        QVERIFY(second);
        fixture.window.closePage();
        answer(fixture.question(), "Cancel");
        QCOMPARE(fixture.window.jobPages().size(), 2);
        QVERIFY(second->controller().isBusy());
        QTRY_VERIFY(!QApplication::activeModalWidget());
        fixture.window.closePage();
        answer(fixture.question(), "Stop and close");
        QTRY_COMPARE(fixture.window.jobPages().size(), 1);
        QCOMPARE(job::past_runs().front().state, job::RunState::stopped);
        fixture.pass(2);
        QVERIFY(fixture.waitForIdle());
        QCOMPARE(fixture.results().counts().succeeded, std::size_t(2));
    }

    void closingTheWindowCanWait() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        JobPage* first = fixture.start(fixture.gatedJob("first", 1));
        JobPage* second = fixture.start(fixture.gatedJob("second", 1));
        QVERIFY(first && second);
        fixture.window.close();
        QMessageBox* box = fixture.question();
        QVERIFY(box && box->text().contains(QStringLiteral("2 jobs")));
        if (const QString folder = qEnvironmentVariable("PPROCESS_PICTURES"); !folder.isEmpty()) {
            box->grab().save(folder + QStringLiteral("/how to close.png"));
        }
        answer(box, "Do not quit");
        QTRY_VERIFY(!QApplication::activeModalWidget());
        QVERIFY(fixture.window.isVisible() && first->controller().isBusy() && second->controller().isBusy());

        fixture.window.close();
        answer(fixture.question(), "Wait");
        QVERIFY(fixture.window.isVisible());
        QVERIFY(fixture.message().text().contains(QStringLiteral("when all jobs have ended")));
        fixture.pass(1);
        QTRY_COMPARE(int(first->controller().isBusy()) + int(second->controller().isBusy()), 1);
        QVERIFY(fixture.window.isVisible());
        fixture.pass(1);
        QTRY_VERIFY(!fixture.window.isVisible());
        const auto runs = job::past_runs();
        QCOMPARE(runs.size(), std::size_t(2));
        for (const job::PastRun& run : runs) {
            QCOMPARE(run.state, job::RunState::ended);
            QCOMPARE(run.succeeded, std::size_t(1));
        }
    }

    /// Nothing is lost: what was not done stands in the history.
    void closingTheWindowCanStopAll() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        QVERIFY(fixture.start(fixture.gatedJob("first")) && fixture.start(fixture.gatedJob("second")));
        fixture.window.close();
        answer(fixture.question(), "Wait");
        QTRY_VERIFY(!QApplication::activeModalWidget());
        fixture.window.close(); // another decision
        answer(fixture.question(), "Stop and quit");
        QTRY_VERIFY(!fixture.window.isVisible());
        const auto runs = job::past_runs();
        QCOMPARE(runs.size(), std::size_t(2));
        for (const job::PastRun& run : runs) {
            QVERIFY(run.can_go_on());
            QCOMPARE(run.state, job::RunState::stopped);
        }
    }

    /// What ran in the window goes on without it, each item once.
    void closingTheWindowCanLeaveAllInTheBackground() {
        std::optional<JobsFixture> fixture(std::in_place);
        QVERIFY(fixture->isExposed());
        QVERIFY(fixture->start(fixture->gatedJob("first", 3)));
        fixture->pass(1);
        QTRY_COMPARE(fixture->window.controller().progress().succeeded, std::size_t(1));
        QTRY_COMPARE(fixture->window.controller().progress().running, std::size_t(1));
        QVERIFY(fixture->start(fixture->gatedJob("second", 1)));
        fixture->window.close();
        answer(fixture->question(), "Leave");
        QTRY_VERIFY(!fixture->window.isVisible());

        QCOMPARE(background_processes().size(), std::size_t(2));
        for (const job::PastRun& run : job::past_runs()) {
            QTRY_COMPARE(job::past_run(run.folder)->state, job::RunState::running);
            EXPECT_THROWN(SystemError, job::forget_run(run));
        }
        fixture->pass(3);
        std::set<std::string> inputs;
        for (const job::PastRun& run : job::past_runs()) {
            QTRY_COMPARE(job::past_run(run.folder)->state, job::RunState::ended);
            QCOMPARE(job::past_run(run.folder)->succeeded, run.total);
            // Still not to be forgotten: the results are to be had there.
            EXPECT_THROWN(SystemError, job::forget_run(run), QVERIFY(QString(error.what()).contains("Collect them")));
            for (const std::string& input : collect(run.background_address())) {
                QVERIFY2(inputs.insert(input).second, input.c_str());
            }
        }
        QCOMPARE(inputs, (std::set<std::string>{"first1", "first2", "second0"}));
        QTRY_VERIFY(background_processes().empty());
    }

    /// With the list open in a low window the cards scroll: they would lie upon each other.
    void aLowWindowHasRoomForTheList() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.resize(900, 600);
        fixture.window.newJob();
        QAction* list = action(fixture.window, QStringLiteral("Jobs"));
        QVERIFY(list && !list->isChecked()); // it does not open by itself here
        list->trigger();
        auto* dock = fixture.find<QDockWidget>("jobs");
        QTRY_VERIFY(dock->isVisible() && dock->height() < 200);
        auto* cards = fixture.window.frontPage()->findChild<QScrollArea*>(QStringLiteral("cards"));
        QTRY_VERIFY(cards->widget()->height() >= cards->widget()->minimumSizeHint().height());
        QVERIFY(cards->widget()->height() > cards->viewport()->height());
        QCOMPARE(cards->widget()->width(), cards->viewport()->width()); // but not to the side
    }

    /// Who looks elsewhere is told, unless that is not wanted.
    void theEndIsToldToWhoLooksElsewhere() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        QStringList told;
        fixture.window.notifier().setListener(
            [&](const QString& title, const QString& text) { told += title + QStringLiteral(" | ") + text; });
        fixture.window.preferences().setNotifiesAfter(0s);
        job::Job job;
        job.name = "mixed";
        job.use_shell = true;
        job.command = "test {} != b";
        job.inputs = job::ListInputs{{"a", "b", "c"}};
        fixture.window.setJob(job);
        fixture.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
        QVERIFY(fixture.runToEnd());
        QCOMPARE(told, QStringList());

        QWidget other;
        other.show();
        other.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&other));
        QVERIFY(fixture.runToEnd());
        QCOMPARE(told.size(), 1);
        QVERIFY2(told.first().startsWith(QStringLiteral("mixed: 1 failed | 3 items: 2 ok, 1 failed, in ")),
                 qPrintable(told.first()));
        job.command = "true {}";
        fixture.window.setJob(job);
        QVERIFY(fixture.runToEnd());
        QCOMPARE(told.size(), 2);
        QVERIFY2(told.last().startsWith(QStringLiteral("mixed has ended | 3 items: 3 ok")), qPrintable(told.last()));

        QAction* wanted = action(fixture.window, QStringLiteral("Tell me at the end of a job"));
        QVERIFY(wanted && wanted->isChecked());
        fixture.window.preferences().setNotifiesAfter(1h); // nobody waits for so short a job
        QVERIFY(fixture.runToEnd());
        QCOMPARE(told.size(), 2);
        fixture.window.preferences().setNotifiesAfter(0s);
        wanted->trigger();
        QVERIFY(fixture.runToEnd());
        QCOMPARE(told.size(), 2);
        QVERIFY(!fixture.settings.value(QStringLiteral("notifyAtEnd")).toBool());
    }

    /// The first start: a person sees a result after so many clicks.
    void theFirstResultIsOneClickAway_data() {
        QTest::addColumn<QString>("button");
        QTest::newRow("results") << "trySample";
        QTest::newRow("instruments") << "tryInstruments";
        QTest::newRow("failures") << "tryFailures";
    }
    void theFirstResultIsOneClickAway() {
        QFETCH(QString, button);
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.showWelcomeOnce();
        auto* welcome = fixture.window.findChild<workbench::WelcomePage*>();
        QVERIFY(welcome && fixture.window.frontPage() == welcome);
        fixture.picture(QStringLiteral("welcome"));
        int clicks = 0;
        QTest::mouseClick(welcome->findChild<QPushButton*>(button), Qt::LeftButton);
        ++clicks;
        QTRY_VERIFY_WITH_TIMEOUT(fixture.results().counts().all > 0, 60000);
        QVERIFY(clicks <= 3);
        QCOMPARE(fixture.window.frontPage(), &fixture.window.jobPage());
        QCOMPARE(fixture.window.jobPages().size(), 1);
        QTRY_VERIFY(!fixture.window.findChild<workbench::WelcomePage*>());
        QCOMPARE(fixture.window.frontPage()->board() != nullptr, button == QLatin1String("tryInstruments"));
        if (button == QLatin1String("tryFailures")) {
            QVERIFY(fixture.waitForIdle());
            QCOMPARE(fixture.results().counts().failed, std::size_t(5));
            QCOMPARE(fixture.resultsByInput()["7"]->result.program.error_output,
                     std::string("7 can be divided by 7\n"));
        } else {
            fixture.window.controller().stop();
            QVERIFY(fixture.waitForIdle());
        }
        // The second start knows better.
        fixture.window.showWelcomeOnce();
        QVERIFY(!fixture.window.findChild<workbench::WelcomePage*>());
    }

    void filesAreDropped() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        QMimeData data;
        for (const char* name : {"one", "two"}) {
            const QString file = fixture.folder.filePath(QLatin1String(name) + QStringLiteral(".ppjob"));
            job::save(fixture.gatedJob(name), file.toStdString());
            data.setUrls(data.urls() + QList{QUrl::fromLocalFile(file)});
        }
        QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&fixture.window, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(5, 5), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&fixture.window, &drop);
        const auto titles = [&] {
            QStringList list;
            for (const JobPage* page : fixture.window.jobPages()) {
                list += page->title();
            }
            list.sort();
            return list.join(QLatin1Char(' '));
        };
        QTRY_COMPARE(titles(), QStringLiteral("one two"));

        QMimeData other;
        other.setUrls({QUrl::fromLocalFile(QStringLiteral("/etc/hostname"))});
        QDragEnterEvent foreign(QPoint(5, 5), Qt::CopyAction, &other, Qt::LeftButton, Qt::NoModifier);
        foreign.ignore();
        QCoreApplication::sendEvent(&fixture.window, &foreign);
        QVERIFY(!foreign.isAccepted());
    }

    void whatCannotBeLeftIsSaid() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        QVERIFY(fixture.start(fixture.gatedJob("first", 2)));
        qputenv("PPROCESS_PPCTL", "/no/such/ppctl");
        fixture.window.close();
        answer(fixture.question(), "Leave");
        QVERIFY(fixture.waitForIdle());
        QTRY_VERIFY(fixture.message().text().contains(QStringLiteral("PPROCESS_PPCTL")));
        QVERIFY(fixture.window.isVisible());
        QVERIFY(job::past_runs().front().can_go_on());
        fixture.window.close();
        QVERIFY(!fixture.window.isVisible());
    }

    void aPageCanBeLeftInTheBackground() {
        JobsFixture fixture;
        QVERIFY(fixture.isExposed());
        QVERIFY(fixture.start(fixture.gatedJob("first", 1)));
        QVERIFY(fixture.start(fixture.gatedJob("second", 1)));
        fixture.window.closePage();
        answer(fixture.question(), "Leave");
        QTRY_COMPARE(fixture.window.jobPages().size(), 1);
        QCOMPARE(background_processes().size(), std::size_t(1));
        fixture.pass(2);
        QVERIFY(fixture.waitForIdle());
        QCOMPARE(collect(background_processes().front().address), std::vector<std::string>{"second0"});
    }

private:
    /// The inputs whose results a background process has, which is waited for.
    static std::vector<std::string> collect(const std::filesystem::path& address) {
        Channel channel = connect_persistent(address);
        std::vector<std::string> inputs;
        try {
            for (;;) {
                const auto message = job::job_message(channel.receive<AnyValue>());
                if (const auto* item = std::get_if<job::ItemResult>(&message)) {
                    inputs.push_back(item->input);
                }
            }
        } catch (const ChannelClosed&) {
        } catch (const ProcessDied&) {
        }
        return inputs;
    }

    std::unique_ptr<QTemporaryDir> m_run;
};

QTEST_MAIN(TestSeveralJobs)
#include "tst_several_jobs.moc"
