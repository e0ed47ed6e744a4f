// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/made_up_events.h"
#include "window_fixture.h"

#include <app/workbench/comparison_page.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_page.h>

#include <widgets/instruments/instrument_data.h>

#include <QAction>
#include <QComboBox>
#include <QDropEvent>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QMimeData>
#include <QSlider>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <QUrl>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <set>

#include <pprocess/observe/inspectable_program.h>
#include <pprocess/observe/trace.h>

using namespace pprocess;
using widgets::InstrumentSource;
using workbench::InstrumentBoard;
using workbench::InstrumentPage;
using workbench::Playback;

namespace {

/// A source that says and gives what the test wants.
class ToldSource : public InstrumentSource {
public:
    explicit ToldSource(const QString& name, State state = State::live) : m_name(name), m_state(state) {}

    [[nodiscard]] QString title() const override { return m_name; }
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString statusText() const override { return m_text; }
    [[nodiscard]] widgets::InstrumentData& data() override { return m_data; }

    void setState(State state, const QString& text = {}) {
        m_state = state;
        m_text = text;
        emit stateChanged();
    }
    void fill(const tests::MadeUp& wish) {
        tests::made_up_program(wish, [this](const Event& event, std::string_view text) {
            m_data.append(event, std::as_bytes(std::span(text)));
        });
        m_data.publish();
    }

private:
    QString m_name;
    State m_state;
    QString m_text = QStringLiteral("Told by the test.");
    widgets::InstrumentData m_data;
};

} // namespace

class TestInstruments : public QObject {
    Q_OBJECT

private slots:
    void pagesComeAndGo();
    void jobActionsAreForTheJobPage();
    void emptyStates();
    void statusLine();
    void playback();
    void playbackByKeyboard();
    void pausedLiveSource();
    void comparison();
    void traceFile();
    void fileThatIsNoTrace();
    void droppedTrace();
    void ownJobs();
    void dialogListsProgramsAsTheyComeAndGo();
    void attachedProgramIsSeenToItsEnd();
    void detaching();
    void programThatIsNotThere();
    void workbenchThatIsKilled();
};

/// The window with a page of a source that can be told what to do.
struct PageFixture : WindowFixture {
    explicit PageFixture(const QString& name = QStringLiteral("told"),
                         InstrumentSource::State state = InstrumentSource::State::live) {
        auto owned = std::make_unique<ToldSource>(name, state);
        source = owned.get();
        page = window.addInstruments(std::move(owned));
        board = page->board();
    }

    [[nodiscard]] QString status() {
        QStringList texts;
        for (const auto& part : window.frontPage()->status()) {
            texts += part.text;
        }
        return texts.join(QStringLiteral(" / "));
    }
    [[nodiscard]] QAction* action(const QString& text) {
        for (auto* action : window.findChildren<QAction*>()) {
            if (action->text().remove(QLatin1Char('&')) == text) {
                return action;
            }
        }
        return nullptr;
    }
    template <typename Widget>
    [[nodiscard]] Widget* inPage(const char* name) {
        return page->findChild<Widget*>(QLatin1String(name));
    }

    ToldSource* source;
    InstrumentPage* page;
    InstrumentBoard* board;
};

void TestInstruments::pagesComeAndGo() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    auto* tabs = fixture.find<QTabWidget>("pages");
    QVERIFY(!tabs->tabBar()->isVisible());
    fixture.window.addInstruments(std::make_unique<ToldSource>(QStringLiteral("one & only")));
    auto* second = fixture.window.addInstruments(std::make_unique<ToldSource>(QStringLiteral("two")));
    QCOMPARE(tabs->count(), 3);
    QVERIFY(tabs->tabBar()->isVisible());
    QCOMPARE(fixture.window.frontPage(), second);
    QCOMPARE(fixture.window.windowTitle(), QStringLiteral("two – pprocess"));
    QCOMPARE(tabs->tabText(1), QStringLiteral("one && only"));
    // The job's page cannot be closed, and has no button for it.
    QVERIFY(!tabs->tabBar()->tabButton(0, QTabBar::RightSide));
    auto* close = qobject_cast<QToolButton*>(tabs->tabBar()->tabButton(1, QTabBar::RightSide));
    QVERIFY(close);
    QTest::mouseClick(close, Qt::LeftButton);
    QCOMPARE(tabs->count(), 2);
    QCOMPARE(fixture.window.frontPage(), second);
    QTest::keySequence(&fixture.window, QKeySequence(QStringLiteral("Ctrl+W")));
    QCOMPARE(tabs->count(), 1);
    QTest::keySequence(&fixture.window, QKeySequence(QStringLiteral("Ctrl+W")));
    QCOMPARE(tabs->count(), 1);
    QVERIFY(!tabs->tabBar()->isVisible());
}

void TestInstruments::jobActionsAreForTheJobPage() {
    PageFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.window.setJob(job::sample_job());
    QVERIFY2(fixture.action(QStringLiteral("Run"))->isEnabled(), "setting a job brings its page to the front");
    fixture.find<QTabWidget>("pages")->setCurrentIndex(1);
    for (const char* text : {"Run", "Stop", "Run failed again", "Form", "Filter the results"}) {
        QVERIFY2(!fixture.action(QLatin1String(text))->isEnabled(), text);
    }
    QVERIFY(fixture.action(QStringLiteral("Close the page"))->isEnabled());
    fixture.find<QTabWidget>("pages")->setCurrentIndex(0);
    QVERIFY(fixture.action(QStringLiteral("Run"))->isEnabled());
    QVERIFY(!fixture.action(QStringLiteral("Close the page"))->isEnabled());
    QVERIFY(!fixture.action(QStringLiteral("Play"))->isEnabled());
}

void TestInstruments::emptyStates() {
    using State = InstrumentSource::State;
    PageFixture fixture;
    QVERIFY(fixture.isExposed());
    auto* title = fixture.inPage<QLabel>("emptyTitle");
    QVERIFY(title->isVisible());
    QCOMPARE(title->text(), QStringLiteral("Nothing has happened yet"));
    fixture.picture(QStringLiteral("instruments empty live"));
    fixture.source->setState(State::loading, QStringLiteral("Reading 12 MiB."));
    QCOMPARE(title->text(), QStringLiteral("Reading…"));
    fixture.source->setState(State::failed, QStringLiteral("x.pptrace is no trace. Choose another file."));
    QCOMPARE(fixture.inPage<QLabel>("emptyAdvice")->text(),
             QStringLiteral("x.pptrace is no trace. Choose another file."));
    fixture.picture(QStringLiteral("instruments failed"));
    fixture.source->setState(State::live);
    fixture.source->fill({.workers = 2, .tasks = 10});
    QVERIFY(!title->isVisible());
}

void TestInstruments::statusLine() {
    using State = InstrumentSource::State;
    PageFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.source->fill({.workers = 2, .tasks = 10, .is_live = true});
    QVERIFY2(fixture.status().startsWith(QStringLiteral("told: live / 3 processes / ")), qPrintable(fixture.status()));
    fixture.source->data().append(
        {.time = fixture.source->data().endTime(), .number = 37, .kind = EventKind::events_dropped}, {});
    fixture.source->data().publish();
    QVERIFY2(fixture.status().endsWith(QStringLiteral("lost 37 events")), qPrintable(fixture.status()));
    // What is on the window's line is what the page says, a moment later.
    QTRY_VERIFY([&] {
        for (auto* label : fixture.window.statusBar()->findChildren<QLabel*>()) {
            if (label->isVisible() && label->text() == QStringLiteral("lost 37 events")) {
                return true;
            }
        }
        return false;
    }());
    fixture.source->setState(State::ended, QStringLiteral("The program has ended."));
    QVERIFY2(fixture.status().startsWith(QStringLiteral("told: ended / ")), qPrintable(fixture.status()));
    QCOMPARE(fixture.inPage<QLabel>("sourceState")->text(), QStringLiteral("The program has ended."));
}

void TestInstruments::playback() {
    PageFixture fixture(QStringLiteral("a.pptrace"), InstrumentSource::State::ended);
    QVERIFY(fixture.isExposed());
    QVERIFY(!fixture.action(QStringLiteral("Play"))->isEnabled());
    fixture.source->fill({.workers = 4, .tasks = 200});
    auto& data = fixture.source->data();
    auto& playback = fixture.board->playback();
    auto* play = fixture.inPage<QToolButton>("play");
    QVERIFY(play->isEnabled());
    QVERIFY2(!fixture.inPage<QToolButton>("playForward")->isEnabled(), "at the end there is no next event");

    QTest::mouseClick(fixture.inPage<QToolButton>("playBegin"), Qt::LeftButton);
    QCOMPARE(data.position(), data.firstEvent());
    QCOMPARE(playback.state(), Playback::State::paused);
    QTest::mouseClick(fixture.inPage<QToolButton>("playForward"), Qt::LeftButton);
    QTest::mouseClick(fixture.inPage<QToolButton>("playForward"), Qt::LeftButton);
    QCOMPARE(data.position(), data.firstEvent() + 2);
    QTest::mouseClick(fixture.inPage<QToolButton>("playBack"), Qt::LeftButton);
    QCOMPARE(data.position(), data.firstEvent() + 1);

    // Scrubbing: half of the time is half of the record, whatever its events.
    fixture.inPage<QSlider>("playPosition")->setValue(5'000);
    QCOMPARE(data.position(), data.indexAt(data.beginTime() + (data.endTime() - data.beginTime()) / 2));

    // Playing goes on from there to the end, by itself and without going back.
    std::uint64_t last = data.position();
    bool isMonotonous = true;
    connect(&data, &widgets::InstrumentData::positionChanged, this, [&] {
        isMonotonous = isMonotonous && data.position() >= last;
        last = data.position();
    });
    QTest::mouseClick(play, Qt::LeftButton);
    QCOMPARE(playback.state(), Playback::State::playing);
    QTRY_COMPARE(playback.state(), Playback::State::following);
    QVERIFY(isMonotonous);
    QVERIFY(data.isFollowing());
}

void TestInstruments::playbackByKeyboard() {
    PageFixture fixture(QStringLiteral("a.pptrace"), InstrumentSource::State::ended);
    QVERIFY(fixture.isExposed());
    fixture.source->fill({.workers = 4, .tasks = 200});
    auto& data = fixture.source->data();
    const auto press = [&](const char* keys) {
        QTest::keySequence(&fixture.window, QKeySequence(QLatin1String(keys)));
    };
    press("Ctrl+Home");
    QCOMPARE(data.position(), data.firstEvent());
    press("Ctrl+Right");
    QCOMPARE(data.position(), data.firstEvent() + 1);
    press("Ctrl+Left");
    QCOMPARE(data.position(), data.firstEvent());
    for (int i = 0; i < 20; ++i) {
        press("Ctrl+[");
    }
    QCOMPARE(fixture.board->playback().speed(), Playback::speeds().first());
    QCOMPARE(fixture.inPage<QComboBox>("playSpeed")->currentText(), QStringLiteral("0.001×"));
    QVERIFY(!fixture.action(QStringLiteral("Slower"))->isEnabled());
    press("Ctrl+Space");
    QCOMPARE(fixture.board->playback().state(), Playback::State::playing);
    QVERIFY(fixture.action(QStringLiteral("Pause")));
    press("Ctrl+Space");
    QCOMPARE(fixture.board->playback().state(), Playback::State::paused);
    press("Ctrl+End");
    QVERIFY(data.isFollowing());
}

void TestInstruments::pausedLiveSource() {
    PageFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.source->fill({.workers = 2, .tasks = 10, .is_live = true});
    auto& data = fixture.source->data();
    fixture.action(QStringLiteral("Pause"))->trigger();
    QVERIFY2(fixture.status().contains(QStringLiteral("paused at")), qPrintable(fixture.status()));
    const auto position = data.position();
    fixture.source->fill({.workers = 2, .tasks = 10, .is_live = true, .begin = data.endTime() + 1});
    QCOMPARE(data.position(), position);
    QVERIFY(data.endEvent() > position);
    QTest::mouseClick(fixture.inPage<QToolButton>("playEnd"), Qt::LeftButton);
    QCOMPARE(data.position(), data.endEvent());
    QVERIFY(fixture.status().startsWith(QStringLiteral("told: live")));
}

void TestInstruments::comparison() {
    PageFixture fixture(QStringLiteral("before"), InstrumentSource::State::ended);
    QVERIFY(fixture.isExposed());
    fixture.source->fill({.workers = 2, .tasks = 50});
    auto owned = std::make_unique<ToldSource>(QStringLiteral("after"), InstrumentSource::State::ended);
    owned->fill({.workers = 4, .tasks = 50});
    auto* right = fixture.window.compareWith(std::move(owned));
    auto* tabs = fixture.find<QTabWidget>("pages");
    QCOMPARE(tabs->count(), 2);
    QCOMPARE(tabs->tabText(1), QStringLiteral("before | after"));
    QVERIFY(fixture.page->isVisible() && right->isVisible());
    QVERIFY(std::abs(fixture.page->width() - right->width()) <= 2);
    fixture.picture(QStringLiteral("instruments comparison"));
    // The menu is for the side with the focus.
    auto& data = right->source().data();
    right->findChild<QToolButton*>(QStringLiteral("playBegin"))->setFocus();
    right->findChild<QSlider*>(QStringLiteral("playPosition"))->setFocus();
    QTest::keySequence(&fixture.window, QKeySequence(QStringLiteral("Ctrl+Home")));
    QCOMPARE(data.position(), data.firstEvent());
    QVERIFY(fixture.source->data().isFollowing());
    fixture.window.closePage();
    QCOMPARE(tabs->count(), 1);
}

namespace {

/// A trace of a program that never ran.
QString writeTrace(const QTemporaryDir& folder, const QString& name, const tests::MadeUp& wish) {
    const QString file = folder.filePath(name);
    observe::TraceWriter writer(file.toStdString());
    tests::made_up_program(
        wish, [&](const Event& event, std::string_view text) { writer.write(event, std::as_bytes(std::span(text))); });
    return file;
}

std::uint64_t eventsOf(const tests::MadeUp& wish) {
    std::uint64_t number = 0;
    tests::made_up_program(wish, [&](const Event&, std::string_view) { ++number; });
    return number;
}

} // namespace

void TestInstruments::traceFile() {
    const tests::MadeUp wish{.workers = 20, .tasks = 1'000};
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    auto* page = fixture.window.openTrace(writeTrace(fixture.folder, QStringLiteral("one.pptrace"), wish));
    auto& source = page->source();
    QTRY_COMPARE(source.state(), InstrumentSource::State::ended);
    QCOMPARE(source.data().endEvent(), eventsOf(wish));
    QCOMPARE(fixture.window.windowTitle(), QStringLiteral("one.pptrace – pprocess"));
    QVERIFY(page->board()->reveal(QStringLiteral("timeline")));
    for (const char* view : {"processes", "channels", "exchange", "throughput", "failures", "events"}) {
        QVERIFY2(page->board()->reveal(QLatin1String(view)), view);
        QCOMPARE(page->board()->frontView(), QLatin1String(view));
        QVERIFY(page->findChild<QWidget*>(QLatin1String(view))->isVisible());
        fixture.picture(QStringLiteral("trace ") + QLatin1String(view));
    }
    // A view asks for another, with what is selected.
    emit page->board()->selection().revealRequested(QStringLiteral("processes"));
    QCOMPARE(page->board()->frontView(), QStringLiteral("processes"));
    QCOMPARE(page->board()->range().wholeBegin(), source.data().beginTime());
    QCOMPARE(page->board()->range().wholeEnd(), source.data().endTime());
    // Where the person was, they find themselves the next time.
    fixture.window.closePage();
    auto* again = fixture.window.openTrace(fixture.folder.filePath(QStringLiteral("one.pptrace")));
    QCOMPARE(again->board()->frontView(), QStringLiteral("processes"));
}

void TestInstruments::fileThatIsNoTrace() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const QString file = fixture.folder.filePath(QStringLiteral("wrong.pptrace"));
    QFile wrong(file);
    QVERIFY(wrong.open(QIODevice::WriteOnly));
    wrong.write(QByteArray(1000, 'x'));
    wrong.close();
    for (const QString& name : {file, fixture.folder.filePath(QStringLiteral("missing.pptrace"))}) {
        auto* page = fixture.window.openTrace(name);
        QTRY_COMPARE(page->source().state(), InstrumentSource::State::failed);
        QVERIFY(page->findChild<QLabel*>(QStringLiteral("emptyTitle"))->isVisible());
        QVERIFY2(page->source().statusText().contains(QFileInfo(name).fileName()),
                 qPrintable(page->source().statusText()));
        QVERIFY(!page->findChild<QToolButton*>(QStringLiteral("play"))->isEnabled());
    }
}

void TestInstruments::droppedTrace() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const QString file = writeTrace(fixture.folder, QStringLiteral("one.pptrace"), {.workers = 2, .tasks = 10});
    QMimeData mime;
    const auto isTaken = [&](const QString& name) {
        mime.setUrls({QUrl::fromLocalFile(name)});
        QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        enter.ignore();
        QApplication::sendEvent(&fixture.window, &enter);
        return enter.isAccepted();
    };
    QVERIFY(!isTaken(QStringLiteral("/etc/passwd")));
    QVERIFY(isTaken(file));
    QDropEvent drop(QPointF(400, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&fixture.window, &drop);
    QCOMPARE(fixture.window.windowTitle(), QStringLiteral("one.pptrace – pprocess"));
}

void TestInstruments::ownJobs() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    QVERIFY(!fixture.window.frontPage()->board());
    auto* side = fixture.find<QTabBar>("side");
    side->setCurrentIndex(1);
    auto* board = fixture.window.frontPage()->board();
    QVERIFY(board);
    QVERIFY(fixture.find<QLabel>("emptyTitle")->isVisible());
    fixture.picture(QStringLiteral("own jobs empty"));

    job::Job job;
    job.command = "echo {}";
    job::ListInputs inputs;
    for (int i = 0; i < 40; ++i) {
        inputs.items.push_back(std::to_string(i));
    }
    inputs.items.emplace_back("last");
    job.inputs = inputs;
    job.limit = 3;
    fixture.window.setJob(job);
    QVERIFY(fixture.runToEnd());
    const auto& head = board->data().head();
    // What is shown is what happened: each of the 41 items once, with a value, by the processes that there were.
    QTRY_COMPARE(head.finished()[static_cast<std::size_t>(TaskOutcome::value)], std::uint64_t{41});
    std::set<std::int32_t> workers;
    for (int row = 0; row < fixture.results().rowCount(); ++row) {
        workers.insert(fixture.results().rowAt(fixture.results().index(row, 0))->result.worker);
    }
    for (const auto pid : workers) {
        QVERIFY2(head.process_of_pid(pid), qPrintable(QString::number(pid)));
    }
    QVERIFY(!fixture.find<QLabel>("emptyTitle")->isVisible());
    fixture.picture(QStringLiteral("own jobs"));
    side->setCurrentIndex(0);
    QVERIFY(!fixture.window.frontPage()->board());
    QVERIFY(fixture.find<widgets::TableView>("results")->isVisible());
}

namespace {

/// A program that does as it is told (tests/engine/fixtures/is_inspected.cpp). Not by QProcess: ThreadSanitizer ends a
/// program with threads that forks.
class Program {
public:
    Program() {
        int orders[2];
        int answers[2];
        if (::pipe2(orders, O_CLOEXEC) != 0 || ::pipe2(answers, O_CLOEXEC) != 0) {
            qFatal("no pipes");
        }
        m_pid = spawn(PPROCESS_FIXTURES "/is_inspected", {}, orders[0], answers[1], "PPROCESS_INSPECT=1");
        ::close(orders[0]);
        ::close(answers[1]);
        m_orders = ::fdopen(orders[1], "w");
        m_answers = ::fdopen(answers[0], "r");
        answer(); // its pid
    }
    ~Program() {
        if (m_pid > 0) {
            end();
        }
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    [[nodiscard]] pid_t pid() const { return m_pid; }
    /// Gives an order and waits for the answer.
    QByteArray operator()(const QByteArray& order) {
        std::fputs((order + "\n").constData(), m_orders);
        std::fflush(m_orders);
        return answer();
    }
    /// How it ended after its input had ended.
    int end() {
        std::fclose(m_orders);
        int status = -1;
        ::waitpid(std::exchange(m_pid, 0), &status, 0);
        std::fclose(m_answers);
        return status;
    }

    static pid_t spawn(const char* file, const std::vector<std::string>& arguments, int input, int output,
                       const char* variable) {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        if (input >= 0) {
            posix_spawn_file_actions_adddup2(&actions, input, 0);
            posix_spawn_file_actions_adddup2(&actions, output, 1);
        }
        std::vector<char*> words{const_cast<char*>(file)};
        for (const auto& argument : arguments) {
            words.push_back(const_cast<char*>(argument.c_str()));
        }
        words.push_back(nullptr);
        std::vector<char*> variables;
        for (char** one = environ; *one; ++one) {
            variables.push_back(*one);
        }
        variables.push_back(const_cast<char*>(variable));
        variables.push_back(nullptr);
        pid_t pid = 0;
        const int error = posix_spawn(&pid, file, &actions, nullptr, words.data(), variables.data());
        posix_spawn_file_actions_destroy(&actions);
        return error == 0 ? pid : -1;
    }

private:
    QByteArray answer() {
        char line[200] = "";
        return QByteArray(std::fgets(line, sizeof line, m_answers)).trimmed();
    }

    pid_t m_pid = 0;
    std::FILE* m_orders = nullptr;
    std::FILE* m_answers = nullptr;
};

std::uint64_t finishedIn(InstrumentPage* page) {
    const auto& finished = page->source().data().head().finished();
    return std::accumulate(finished.begin(), finished.end(), std::uint64_t{0});
}

/// How many are attached to a program: descriptors of its inspector beyond those that it has without anybody.
class Attached {
public:
    explicit Attached(pid_t program)
        : m_folder("/proc/" + std::to_string(inspectable_program(std::to_string(program)).inspector_pid) + "/fd"),
          m_before(sockets()) {}
    [[nodiscard]] bool isAny() const { return sockets() > m_before; }

private:
    /// Its other descriptors come and go with the processes that it watches.
    [[nodiscard]] std::ptrdiff_t sockets() const {
        std::error_code error;
        std::ptrdiff_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(m_folder, error))
            count += std::filesystem::read_symlink(entry.path(), error).string().starts_with("socket:") ? 1 : 0;
        return count;
    }

    std::filesystem::path m_folder;
    std::ptrdiff_t m_before;
};

} // namespace

void TestInstruments::dialogListsProgramsAsTheyComeAndGo() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    QTest::keySequence(&fixture.window, QKeySequence(QStringLiteral("Ctrl+Shift+A")));
    auto* table = fixture.find<widgets::TableView>("programs");
    QVERIFY(table);
    auto* attach = fixture.find<QPushButton>("attach");
    QTRY_VERIFY(table->emptyTitle().contains(QStringLiteral("No program")));
    QVERIFY(!attach->isEnabled());
    QTest::qWait(100); // for a picture
    fixture.picture(QStringLiteral("attach none"));
    if (const QString folder = qEnvironmentVariable("PPROCESS_PICTURES"); !folder.isEmpty()) {
        table->window()->grab().save(QDir(folder).filePath(QStringLiteral("attach dialog none.png")));
    }
    {
        Program first;
        Program second;
        // A program is inspectable from its first use of the library on.
        QCOMPARE(first("tasks 3"), QByteArray("done 2 failed 1"));
        QCOMPARE(second("tasks 3"), QByteArray("done 2 failed 1"));
        QTRY_COMPARE(table->model()->rowCount(), 2);
        // It is offered at once, so that Enter attaches to it.
        QVERIFY(attach->isEnabled());
        if (const QString folder = qEnvironmentVariable("PPROCESS_PICTURES"); !folder.isEmpty()) {
            table->window()->grab().save(QDir(folder).filePath(QStringLiteral("attach dialog two.png")));
        }
        first.end();
        QTRY_COMPARE(table->model()->rowCount(), 1);
        QCOMPARE(table->model()->index(0, 1).data().toString(), QString::number(second.pid()));
        table->selectRow(0);
        QTest::mouseClick(attach, Qt::LeftButton);
        QTRY_COMPARE(fixture.find<QTabWidget>("pages")->count(), 2);
        auto* page = qobject_cast<InstrumentPage*>(fixture.window.frontPage());
        QVERIFY(page);
        QCOMPARE(page->source().state(), InstrumentSource::State::live);
    }
}

void TestInstruments::attachedProgramIsSeenToItsEnd() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    Program program;
    // Before it is attached to, too: that is there as a state.
    QCOMPARE(program("tasks 30"), QByteArray("done 20 failed 10"));
    auto* page = fixture.window.attach(QString::number(program.pid()));
    QVERIFY(page);
    QTRY_COMPARE(finishedIn(page), std::uint64_t{30});
    QCOMPARE(program("tasks 60"), QByteArray("done 40 failed 20"));
    QTRY_COMPARE(finishedIn(page), std::uint64_t{90});
    const auto& finished = page->source().data().head().finished();
    QCOMPARE(finished[static_cast<std::size_t>(TaskOutcome::value)], std::uint64_t{60});
    QCOMPARE(finished[static_cast<std::size_t>(TaskOutcome::error)], std::uint64_t{30});
    for (const char* view : {"processes", "channels", "exchange", "throughput", "failures", "events"}) {
        QVERIFY2(page->board()->reveal(QLatin1String(view)), view);
        fixture.picture(QStringLiteral("attached ") + QLatin1String(view));
    }
    QCOMPARE(program.end(), 0);
    QTRY_COMPARE(page->source().state(), InstrumentSource::State::ended);
    // What was seen stays, to be played again.
    QCOMPARE(finishedIn(page), std::uint64_t{90});
    QVERIFY(page->findChild<QToolButton*>(QStringLiteral("play"))->isEnabled());
}

void TestInstruments::detaching() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    Program program;
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    const Attached attached(program.pid());
    auto* page = fixture.window.attach(QString::number(program.pid()));
    QVERIFY(page);
    QCOMPARE(program("tasks 30"), QByteArray("done 20 failed 10"));
    QTRY_COMPARE(finishedIn(page), std::uint64_t{33});
    QTRY_VERIFY(attached.isAny());
    QTest::keySequence(&fixture.window, QKeySequence(QStringLiteral("Ctrl+Shift+D")));
    QTRY_VERIFY(!attached.isAny());
    QVERIFY(page->source().state() == InstrumentSource::State::ended);
    QCOMPARE(program("tasks 30"), QByteArray("done 20 failed 10"));
    QCOMPARE(finishedIn(page), std::uint64_t{33});
    // A page that is closed detaches too.
    QVERIFY(fixture.window.attach(QString::number(program.pid())));
    QTRY_VERIFY(attached.isAny());
    fixture.window.closePage();
    QTRY_VERIFY(!attached.isAny());
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    QCOMPARE(program.end(), 0);
}

void TestInstruments::programThatIsNotThere() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    QVERIFY(!fixture.window.attach(QStringLiteral("no-such-program")));
    QVERIFY(fixture.message().isVisible());
    QVERIFY2(fixture.message().text().contains(QStringLiteral("PPROCESS_INSPECT=1")),
             qPrintable(fixture.message().text()));
    QCOMPARE(fixture.find<QTabWidget>("pages")->count(), 1);
}

void TestInstruments::workbenchThatIsKilled() {
    Program program;
    QCOMPARE(program("tasks 30"), QByteArray("done 20 failed 10"));
    const Attached attached(program.pid());
    const pid_t workbench = Program::spawn(PPROCESS_BIN "/pprocess-workbench",
                                           {"--attach", std::to_string(program.pid())}, -1, -1, "PPROCESS_TEST=1");
    QVERIFY(workbench > 0);
    QTRY_VERIFY_WITH_TIMEOUT(attached.isAny(), 30'000);
    QCOMPARE(program("tasks 30"), QByteArray("done 20 failed 10"));
    QCOMPARE(::kill(workbench, SIGKILL), 0);
    QCOMPARE(::waitpid(workbench, nullptr, 0), workbench);
    QCOMPARE(program("tasks 300"), QByteArray("done 200 failed 100"));
    QTRY_VERIFY(!attached.isAny());
    QCOMPARE(program.end(), 0);
}

QTEST_MAIN(TestInstruments)
#include "tst_instruments.moc"
