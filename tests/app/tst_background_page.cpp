// SPDX-License-Identifier: GPL-3.0-or-later
/// Background processes in the workbench: listed, collected, watched, stopped; and a job that outlives the window that
/// has started it, through two real lives of the workbench.
#include "window_fixture.h"

#include <app/workbench/background_collector.h>
#include <app/workbench/background_model.h>
#include <app/workbench/background_page.h>
#include <app/workbench/instrument_page.h>
#include <app/workbench/log_tail.h>
#include <app/workbench/value_model.h>
#include <app/workbench/value_page.h>

#include <widgets/instruments/instrument_data.h>

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QProcess>
#include <QTabWidget>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <set>

#include <pprocess/background/directory.h>
#include <pprocess/background/persistent.h>
#include <pprocess/job/history.h>
#include <pprocess/os/fd.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;
using workbench::BackgroundModel;
using workbench::BackgroundPage;
using workbench::JobController;
using workbench::JobPage;

namespace {

constexpr const char* lifeVariable = "PPROCESS_TEST_FIRST_LIFE";

/// Each item ends when it is let through the gate.
job::Job gatedJob(const std::string& gate, int items) {
    job::Job job;
    job.name = "outlives its window";
    job.use_shell = true;
    job.command = "head -c 1 '" + gate + "' > /dev/null; echo result of {}; test {} != item1";
    job::ListInputs inputs;
    for (int item = 0; item < items; ++item) {
        inputs.items.push_back("item" + std::to_string(item));
    }
    job.inputs = inputs;
    job.limit = 2;
    job.pattern = job::Pattern::queue; // any of those that run may be let through
    return job;
}

/// What the workbench does in its first life, in a process of its own: a person starts a job in the background; the
/// window is closed, or waits to be killed.
int liveFirst(const QString& how) {
    QSettings settings(QDir(qEnvironmentVariable("XDG_STATE_HOME")).filePath(QStringLiteral("first.ini")),
                       QSettings::IniFormat);
    workbench::Theme theme(*qApp);
    workbench::MainWindow window(WindowFixture::makeServer(), theme, settings);
    window.setJob(job::load(qgetenv(lifeVariable).toStdString()));
    window.show();
    if (!QTest::qWaitForWindowActive(&window)) {
        return 2;
    }
    QSignalSpy left(&window.controller(), &JobController::leftInBackground);
    QTest::keyClick(&window, Qt::Key_B, Qt::ControlModifier | Qt::ShiftModifier);
    if (!left.wait(30000) || window.controller().isBusy()) {
        return 3;
    }
    if (how == QLatin1String("killed")) {
        ::puts("ready");
        ::fflush(stdout);
        return QApplication::exec();
    }
    return window.close() ? 0 : 4;
}

QAbstractButton* buttonOf(QMessageBox& box, const char* words) {
    for (QAbstractButton* button : box.buttons()) {
        if (button->text().remove(QLatin1Char('&')).startsWith(QLatin1String(words))) {
            return button;
        }
    }
    return nullptr;
}

} // namespace

class TestBackgroundPage : public QObject, private LeakCheck {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_history.emplace(*m_folder);
        const QByteArray run = m_folder->filePath(QStringLiteral("run")).toUtf8();
        QCOMPARE(::mkdir(run.constData(), 0700), 0);
        qputenv("XDG_RUNTIME_DIR", run);
        qputenv("PPROCESS_PPCTL", PPROCESS_BIN "/ppctl");
        QCOMPARE(::mkfifo(gate().c_str(), 0600), 0);
        m_gate = ::open(gate().c_str(), O_RDWR | O_CLOEXEC);
        take_stock();
    }
    void cleanup() {
        QThreadPool::globalInstance()->waitForDone();
        for (const BackgroundProcess& process : background_processes()) {
            if (!wait_for_end(process.keeper_pid, 5000)) {
                ::kill(process.keeper_pid, SIGKILL);
                QFAIL(qPrintable(QString::fromStdString("left: " + process.name)));
            }
        }
        QTRY_COMPARE(left_behind(), QString());
        ::close(m_gate);
        m_history.reset();
        m_folder.reset();
    }

    /// Something listens at the address and says nothing: who connects to it waits, but not who gives that up.
    void connectingCanBeGivenUp() {
        const std::string address = m_folder->filePath(QStringLiteral("silent")).toStdString();
        const os::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        QVERIFY(address.size() < sizeof name.sun_path);
        address.copy(name.sun_path, address.size());
        QCOMPARE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
        QCOMPARE(::listen(listener.get(), 1), 0);
        auto collector = std::make_unique<workbench::BackgroundCollector>(address);
        collector->start();
        os::Fd silent(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        QVERIFY(silent.is_open());
        collector.reset();
        QCOMPARE(QThreadPool::globalInstance()->activeThreadCount(), 1); // which still waits
        silent.reset();
        QVERIFY(QThreadPool::globalInstance()->waitForDone(60'000));
        QCoreApplication::processEvents(); // what it has to say is for nobody any more
    }

    void theModelKeepsItsPromises() {
        BackgroundModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        const auto one = [](const char* name, int second, BackgroundState state) {
            workbench::ListedBackground listed;
            listed.process.name = name;
            listed.process.entry = std::string("/run/") + name;
            listed.process.started = std::chrono::system_clock::time_point(std::chrono::seconds(second));
            listed.process.state = state;
            return listed;
        };
        const auto names = [&] {
            QStringList list;
            for (int row = 0; row < model.rowCount(); ++row) {
                list += model.index(row, BackgroundModel::NameColumn).data().toString();
            }
            return list.join(QLatin1Char(' '));
        };
        using State = BackgroundState;
        model.setProcesses({one("b", 2, State::working), one("d", 4, State::gone)});
        QCOMPARE(names(), QStringLiteral("b d"));
        QCOMPARE(model.goneCount(), 1);
        model.setProcesses({one("a", 1, State::died), one("b", 2, State::result_waiting), one("c", 3, State::working)});
        QCOMPARE(names(), QStringLiteral("a b c"));
        QCOMPARE(model.index(1, BackgroundModel::StateColumn).data().toString(), QStringLiteral("result waiting"));
        QVERIFY(model.index(0, 0).data(BackgroundModel::HasFailedRole).toBool());
        model.tick();
        model.setProcesses({});
        QCOMPARE(model.rowCount(), 0);

        workbench::ValueModel values;
        const QAbstractItemModelTester valueTester(&values, QAbstractItemModelTester::FailureReportingMode::Fatal);
        values.append({AnyValue(true), AnyValue("a\nb")});
        QCOMPARE(values.rowCount(), 2);
        QCOMPARE(values.index(0, 1).data().toString(), QStringLiteral("true"));
        QVERIFY(!values.index(1, 1).data().toString().contains(QLatin1Char('\n')));
    }

    /// The real thing: started in one life of the workbench, collected in another.
    void aJobOutlivesItsWindow_data() {
        QTest::addColumn<QString>("end");
        QTest::addColumn<bool>("isDoneBefore");
        QTest::newRow("closed, collected at work") << "closed" << false;
        QTest::newRow("closed, collected when done") << "closed" << true;
        QTest::newRow("killed, collected at work") << "killed" << false;
    }
    void aJobOutlivesItsWindow() {
        QFETCH(QString, end);
        QFETCH(bool, isDoneBefore);
        constexpr int count = 4;
        const QString file = m_folder->filePath(QStringLiteral("job.json"));
        job::save(gatedJob(gate(), count), file.toStdString());
        {
            QProcess first;
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.insert(QLatin1String(lifeVariable), file);
            first.setProcessEnvironment(environment);
            first.setProcessChannelMode(QProcess::ForwardedErrorChannel);
            first.start(QCoreApplication::applicationFilePath(), {end});
            if (end == QLatin1String("killed")) {
                QVERIFY(first.waitForReadyRead());
                QCOMPARE(first.readAll(), QByteArray("ready\n"));
                ::kill(static_cast<pid_t>(first.processId()), SIGKILL);
                QVERIFY(first.waitForFinished());
            } else {
                QVERIFY(first.waitForFinished());
                QCOMPARE(first.exitCode(), 0);
            }
        }
        QCOMPARE(job::past_runs().size(), std::size_t(1));
        const job::PastRun run = job::past_runs().front();
        QTRY_COMPARE(job::past_run(run.folder)->state, job::RunState::running);
        if (isDoneBefore) {
            pass(count);
            QTRY_COMPARE(job::past_run(run.folder)->state, job::RunState::ended);
        }

        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        BackgroundPage* page = openPage(fixture);
        QVERIFY(page);
        auto* model = page->findChild<BackgroundModel*>();
        QTRY_COMPARE(model->rowCount(), 1);
        QCOMPARE(model->index(0, BackgroundModel::NameColumn).data().toString(), QStringLiteral("outlives its window"));
        fixture.picture(QStringLiteral("one background process"));
        fixture.click("collect");
        JobPage& job = fixture.window.jobPage();
        QTRY_COMPARE(fixture.window.frontPage(), &job);
        if (!isDoneBefore) {
            QTRY_COMPARE(job.controller().progress().total, std::size_t(count));
            QVERIFY(job.controller().isElsewhere());
            QTRY_COMPARE(model->index(0, BackgroundModel::StateColumn).data().toString(),
                         QStringLiteral("collector attached"));
            fixture.picture(QStringLiteral("collecting a job"));
            job.showInstruments(true);
            QCOMPARE(job.findChild<QLabel*>(QStringLiteral("emptyTitle"))->text(),
                     QStringLiteral("A background process has this job"));
            fixture.picture(QStringLiteral("instruments of a job in the background"));
            job.showInstruments(false);
            pass(1);
            QTRY_COMPARE(fixture.results().counts().all, std::size_t(1)); // each as it comes
            pass(count - 1);
        }
        QVERIFY(fixture.waitForIdle());
        // All results are there, and the job itself.
        QCOMPARE(fixture.results().counts().all, std::size_t(count));
        QCOMPARE(fixture.results().counts().failed, std::size_t(1));
        for (const auto& [input, row] : fixture.resultsByInput()) {
            QCOMPARE(row->result.program.output, "result of " + input + "\n");
        }
        QTRY_COMPARE(fixture.form().job().command, gatedJob(gate(), count).command);
        QVERIFY2(fixture.window.summaryText().startsWith(QStringLiteral("4 items: 3 ok, 1 failed")),
                 qPrintable(fixture.window.summaryText()));
        QTRY_COMPARE(model->rowCount(), 0);
        fixture.picture(QStringLiteral("collected a job"));
        QCOMPARE(job::past_run(run.folder)->state, job::RunState::ended);
        QCOMPARE(job::past_run(run.folder)->succeeded, std::size_t(count - 1));

        // What has failed runs again here, as if all had been here.
        QVERIFY(fixture.find<QPushButton>("again")->isEnabled());
        fixture.click("again");
        pass(1);
        QVERIFY(fixture.waitForIdle());
        QCOMPARE(fixture.results().counts().all, std::size_t(count));
        QCOMPARE(job::past_runs().size(), std::size_t(1));
    }

    void closingWhileCollectingLosesNothing() {
        startJob(3);
        {
            WindowFixture fixture;
            QVERIFY(fixture.isExposed());
            QVERIFY(openPage(fixture));
            QTRY_VERIFY(fixture.find<QPushButton>("collect")->isEnabled());
            fixture.click("collect");
            pass(1);
            QTRY_COMPARE(fixture.results().counts().all, std::size_t(1));
            fixture.window.close(); // asks nothing: the job does not end by that
            QVERIFY(!fixture.window.isVisible());
        }
        pass(2);
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        QVERIFY(openPage(fixture));
        QTRY_VERIFY(fixture.find<QPushButton>("collect")->isEnabled());
        fixture.click("collect");
        QTRY_VERIFY(fixture.results().counts().all == 2 && !fixture.window.controller().isBusy());
    }

    void valuesOfAnyKindAreShown() {
        const std::string address = m_folder->filePath(QStringLiteral("values.socket")).toStdString();
        (void)start_persistent(address, [](Channel& channel) {
            channel.send(std::pair<int, std::string>(7, "seven"));
            channel.send(std::vector<double>{1.5, 2.5});
            throw std::runtime_error("had enough");
        });
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.collect(QString::fromStdString(address), QStringLiteral("values"));
        auto* page = qobject_cast<workbench::ValuePage*>(fixture.window.frontPage());
        QVERIFY(page);
        auto* table = page->findChild<widgets::TableView*>(QStringLiteral("values"));
        QTRY_COMPARE(table->model()->rowCount(), 2);
        QTRY_VERIFY(fixture.message().text().contains(QStringLiteral("had enough")));
        QVERIFY(table->model()->index(0, 1).data().toString().contains(QStringLiteral("seven")));
        table->selectRow(1);
        QVERIFY(page->findChild<QPlainTextEdit*>(QStringLiteral("wholeValue"))
                    ->toPlainText()
                    .contains(QStringLiteral("2.5")));
        fixture.picture(QStringLiteral("values"));
        const QString saved = m_folder->filePath(QStringLiteral("values.jsonl"));
        page->save(saved);
        QTRY_VERIFY(fixture.message().text().contains(QStringLiteral("were saved")));
        QFile file(saved);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().count('\n'), 2);
        const QString link = m_folder->filePath(QStringLiteral("full.jsonl")); // a device stays what it is
        QVERIFY(QFile::link(QStringLiteral("/dev/full"), link));
        page->save(link);
        QTRY_VERIFY(fixture.message().text().contains(
            QStringLiteral("could not be saved to “%1”: the disk is full").arg(link)));
        QVERIFY(QFileInfo(link).isSymLink());
        fixture.window.closePage();
        QCOMPARE(fixture.find<QTabWidget>("pages")->count(), 1);
    }

    /// A job that nobody of this history has started: known by what it sends.
    void aStrangersJobIsAJobToo() {
        QProcess ppctl;
        const QString address = m_folder->filePath(QStringLiteral("stranger.socket"));
        ppctl.start(QStringLiteral(PPROCESS_BIN "/ppctl"),
                    {QStringLiteral("run"), QStringLiteral("--background"), address, QStringLiteral("--item"),
                     QStringLiteral("x"), QStringLiteral("--"), QStringLiteral("echo")});
        QVERIFY(ppctl.waitForFinished());
        QCOMPARE(ppctl.exitCode(), 0);
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.collect(address, QStringLiteral("stranger"));
        QTRY_COMPARE(fixture.window.frontPage(), static_cast<workbench::Page*>(&fixture.window.jobPage()));
        QTRY_COMPARE(fixture.results().counts().succeeded, std::size_t(1));
        QVERIFY(fixture.waitForIdle());
        QTRY_COMPARE(fixture.find<QTabWidget>("pages")->count(), 1);
        QCOMPARE(fixture.window.jobPage().title(), QStringLiteral("stranger"));
    }

    void nothingToCollectIsSaid() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        fixture.window.collect(m_folder->filePath(QStringLiteral("nobody.socket")), QStringLiteral("nobody"));
        auto* table = fixture.find<widgets::TableView>("values");
        QTRY_COMPARE(table->emptyTitle(), QStringLiteral("No values yet"));
        QTRY_VERIFY(fixture.window.frontPage()->findChildren<QLabel*>().at(1)->text().contains(
            QStringLiteral("Nothing can be collected")));
        BackgroundPage* page = openPage(fixture);
        QVERIFY(page);
        auto* list = page->findChild<widgets::TableView*>();
        QTRY_COMPARE(list->emptyTitle(), QStringLiteral("Nothing runs in the background"));
        for (const char* button : {"collect", "watchLive", "stopBackground", "cleanUp"}) {
            QVERIFY(!fixture.find<QPushButton>(button)->isEnabled());
        }
        fixture.picture(QStringLiteral("no background processes"));
    }

    void stoppedWatchedAndCleanedUp() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        BackgroundPage* page = openPage(fixture);
        QVERIFY(page);
        auto* model = page->findChild<BackgroundModel*>();
        // Listed as soon as it is there, without being asked for.
        fixture.window.setJob(gatedJob(gate(), 2));
        fixture.window.jobPage().runInBackground();
        QVERIFY(fixture.waitForIdle());
        QVERIFY(openPage(fixture));
        QTRY_COMPARE(model->rowCount(), 1);
        QCOMPARE(model->index(0, BackgroundModel::StateColumn).data().toString(), QStringLiteral("working"));

        // Watched live, by its own instruments.
        QTRY_VERIFY(fixture.find<QPushButton>("watchLive")->isEnabled());
        fixture.click("watchLive");
        auto* live = qobject_cast<workbench::InstrumentPage*>(fixture.window.frontPage());
        QVERIFY(live);
        QTRY_VERIFY(live->source().data().endEvent() > 0);
        fixture.window.closePage();

        // Something is waiting now, and to drop that is asked first.
        pass(1);
        QTRY_COMPARE(model->index(0, BackgroundModel::StateColumn).data().toString(), QStringLiteral("result waiting"));
        QVERIFY(openPage(fixture));
        fixture.click("stopBackground");
        QMessageBox* box = nullptr;
        QTRY_VERIFY((box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget())));
        buttonOf(*box, "Stop and drop")->click();
        QTRY_COMPARE(model->rowCount(), 0);
        QVERIFY(fixture.message().text().contains(QStringLiteral("has ended")));
        QVERIFY(job::past_runs().front().can_go_on());

        // One that stands still cannot be asked: the next step ends it.
        startJob(2);
        QTRY_COMPARE(model->rowCount(), 1);
        const pid_t keeper = background_processes().front().keeper_pid;
        ::kill(keeper, SIGSTOP);
        auto* stop = fixture.find<QPushButton>("stopBackground");
        QTRY_VERIFY(stop->isEnabled());
        QCOMPARE(stop->text(), QStringLiteral("&Stop"));
        stop->click();
        QCOMPARE(stop->text(), QStringLiteral("&Terminate"));
        stop->click();
        QTRY_COMPARE(model->rowCount(), 0);

        // Killed by somebody: the page hears of it, and cleans up what it left.
        startJob(2);
        QTRY_COMPARE(model->rowCount(), 1);
        const std::filesystem::path address = background_processes().front().address;
        const pid_t worker = background_processes().front().pid;
        ::kill(background_processes().front().keeper_pid, SIGKILL);
        QTRY_COMPARE(model->index(0, BackgroundModel::StateColumn).data().toString(),
                     QStringLiteral("gone, stale file"));
        QVERIFY(!stop->isEnabled());
        fixture.picture(QStringLiteral("gone"));
        QVERIFY(wait_for_end(worker));
        fixture.click("cleanUp");
        QTRY_COMPARE(model->rowCount(), 0);
        QVERIFY(!std::filesystem::exists(address));
    }

    void theLogIsFollowed() {
        const QString name = m_folder->filePath(QStringLiteral("some.log"));
        workbench::LogTail tail;
        tail.setFile(name, QStringLiteral("nothing so far"));
        QCOMPARE(tail.placeholderText(), QStringLiteral("nothing so far"));
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("one\n");
        file.flush();
        QTRY_COMPARE(tail.toPlainText(), QStringLiteral("one\n"));
        file.write("two\n");
        file.flush();
        QTRY_COMPARE(tail.toPlainText(), QStringLiteral("one\ntwo\n"));
        file.write(QByteArray(2 * workbench::LogTail::mostShown, 'x') + "\nlast\n");
        file.flush();
        QTRY_VERIFY(tail.toPlainText().endsWith(QStringLiteral("last\n")));
        QVERIFY(tail.toPlainText().size() <= workbench::LogTail::mostShown);
        tail.setFile({}, {});
        QCOMPARE(tail.toPlainText(), QString());
    }

private:
    [[nodiscard]] std::string gate() const { return m_folder->filePath(QStringLiteral("gate")).toStdString(); }
    /// Lets so many items end.
    void pass(int items) {
        const std::string lines(static_cast<std::size_t>(items), '\n');
        QCOMPARE(::write(m_gate, lines.data(), lines.size()), static_cast<ssize_t>(items));
    }

    /// By a window that is gone afterwards.
    void startJob(int items) {
        job::RunEntry entry(gatedJob(gate(), items), static_cast<std::size_t>(items));
        const job::PastRun run = entry.run();
        { const job::RunEntry released(std::move(entry)); }
        QProcess ppctl;
        const QString folder = QString::fromStdString(run.folder.string());
        ppctl.start(QStringLiteral(PPROCESS_BIN "/ppctl"),
                    {QStringLiteral("run"), QStringLiteral("--go-on"), folder, QStringLiteral("--background"),
                     QString::fromStdString(run.background_address().string())});
        QVERIFY(ppctl.waitForFinished());
        QCOMPARE(ppctl.exitCode(), 0);
        QTRY_COMPARE(job::past_run(run.folder)->state, job::RunState::running);
    }

    static BackgroundPage* openPage(WindowFixture& fixture) {
        fixture.window.activateWindow();
        if (!QTest::qWaitForWindowActive(&fixture.window)) {
            return nullptr;
        }
        QTest::keyClick(&fixture.window, Qt::Key_B, Qt::ControlModifier);
        return qobject_cast<BackgroundPage*>(fixture.window.frontPage());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<CommonHistory> m_history;
    int m_gate = -1;
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    if (qEnvironmentVariableIsSet(lifeVariable)) {
        return liveFirst(QString::fromLocal8Bit(argv[1]));
    }
    TestBackgroundPage test;
    QTEST_SET_MAIN_SOURCE_PATH
    return QTest::qExec(&test, argc, argv);
}
#include "tst_background_page.moc"
