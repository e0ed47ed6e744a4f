// SPDX-License-Identifier: GPL-3.0-or-later
#include "attached.h"
#include "support/made_up_events.h"
#include "window_fixture.h"

#include <app/workbench/comparison_page.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_page.h>
#include <app/workbench/program_model.h>

#include <widgets/instruments/failures_view.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/process_tree_view.h>
#include <widgets/output_pane.h>

#include <QAbstractItemModelTester>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QDropEvent>
#include <QFile>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QScrollBar>
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

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <tuple>

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
    void stepsFromFailureToFailure();
    void pausedLiveSource();
    void controlsHaveNamesAndTips();
    void everythingIsReachedByTab();
    void viewsAreWorkedByKeys();
    void comparison();
    void traceFile();
    void fileThatIsNoTrace();
    void droppedTrace();
    void ownJobs();
    void failedTasksOfOwnJobsRunAgain();
    void outputOfOwnJobs();
    void escapeDoesNotStopTheJob();
    void anyListOfProgramsCanFollowAnyOther();
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

void TestInstruments::stepsFromFailureToFailure() {
    const tests::MadeUp wish{.workers = 4, .tasks = 200, .failing_one_in = 40};
    PageFixture fixture(QStringLiteral("a.pptrace"), InstrumentSource::State::ended);
    QVERIFY(fixture.isExposed());
    auto* next = fixture.inPage<QToolButton>("playNextFailure");
    auto* previous = fixture.inPage<QToolButton>("playPreviousFailure");
    QVERIFY(!next->isEnabled() && !previous->isEnabled());
    fixture.source->fill(wish);
    auto& data = fixture.source->data();
    std::vector<std::uint64_t> failures;
    for (std::uint64_t index = 0; index < data.endEvent(); ++index) {
        if (data.event(index).kind == EventKind::task_finished &&
            data.event(index).detail != static_cast<std::uint8_t>(TaskOutcome::value)) {
            failures.push_back(index);
        }
    }
    QCOMPARE(failures.size(), std::size_t{5});
    QVERIFY2(!next->isEnabled() && previous->isEnabled(), "at the end");

    fixture.board->playback().goToBeginning();
    QVERIFY(next->isEnabled() && !previous->isEnabled());
    for (const std::uint64_t failure : failures) {
        QTest::mouseClick(next, Qt::LeftButton);
        QCOMPARE(data.position(), failure + 1);
        QCOMPARE(fixture.board->playback().state(), Playback::State::paused);
        // It is shown by every view.
        QCOMPARE(fixture.board->selection().current(), widgets::Selected::event(failure));
        QVERIFY(fixture.board->range().begin() <= data.event(failure).time &&
                data.event(failure).time <= fixture.board->range().end());
    }
    QVERIFY(!next->isEnabled());
    for (auto failure = failures.rbegin() + 1; failure != failures.rend(); ++failure) {
        QTest::mouseClick(previous, Qt::LeftButton);
        QCOMPARE(data.position(), *failure + 1);
    }
    QVERIFY(!previous->isEnabled());
    QTest::keySequence(&fixture.window, QKeySequence(QStringLiteral("Ctrl+Shift+Right")));
    QCOMPARE(data.position(), failures[1] + 1);
    QTest::keySequence(&fixture.window, QKeySequence(QStringLiteral("Ctrl+Shift+Left")));
    QCOMPARE(data.position(), failures[0] + 1);
    // From the moving end the last one is meant, also where it is the last event of all.
    fixture.source->data().append({.time = data.endTime() + 1, .kind = EventKind::events_dropped}, {});
    fixture.source->data().publish();
    QVERIFY2(next->isEnabled(), "new failures are found");
    fixture.board->playback().follow();
    QTest::mouseClick(previous, Qt::LeftButton);
    QCOMPARE(data.position(), data.endEvent());
    QTest::mouseClick(previous, Qt::LeftButton);
    QCOMPARE(data.position(), failures.back() + 1);
}

namespace {

const QStringList& tabNames() {
    static const QStringList all{QStringLiteral("processes"),  QStringLiteral("channels"), QStringLiteral("exchange"),
                                 QStringLiteral("throughput"), QStringLiteral("failures"), QStringLiteral("events")};
    return all;
}

/// What a person calls it who is to mend it.
QString pathOf(const QWidget* widget) {
    QStringList names;
    for (; widget; widget = widget->parentWidget()) {
        names.prepend(QLatin1String(widget->metaObject()->className()) + QLatin1Char(' ') + widget->objectName());
    }
    return names.join(QStringLiteral(" / "));
}

/// A part that Qt itself puts into a control, such as a scroll bar or the arrows of a bar of tabs.
bool isInsideControl(const QWidget* widget) {
    const QWidget* const parent = widget->parentWidget();
    return qobject_cast<const QScrollBar*>(widget) || widget->objectName().startsWith(QLatin1String("qt_")) ||
           qobject_cast<const QTabBar*>(parent) || qobject_cast<const QLineEdit*>(parent) ||
           qobject_cast<const QComboBox*>(parent) || qobject_cast<const QAbstractSpinBox*>(parent) ||
           qobject_cast<const QHeaderView*>(widget) || widget->inherits("QTableCornerButton");
}

bool hasName(const QWidget* widget) {
    if (!widget->accessibleName().isEmpty()) {
        return true;
    }
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    return button && !button->text().isEmpty();
}

} // namespace

void TestInstruments::controlsHaveNamesAndTips() {
    PageFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.source->fill({.workers = 4, .tasks = 200, .failing_one_in = 20});
    int controls = 0;
    for (const QString& view : tabNames()) {
        QVERIFY(fixture.board->reveal(view));
        QCoreApplication::processEvents();
        for (const auto* widget : fixture.page->findChildren<QWidget*>()) {
            if (!widget->isVisible() || isInsideControl(widget)) {
                continue;
            }
            if ((widget->focusPolicy() & Qt::TabFocus) != 0) {
                QVERIFY2(hasName(widget), qPrintable(QStringLiteral("no name: ") + pathOf(widget)));
                ++controls;
            }
            if (qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) ||
                qobject_cast<const QLineEdit*>(widget)) {
                QVERIFY2(hasName(widget), qPrintable(QStringLiteral("no name: ") + pathOf(widget)));
                QVERIFY2(!widget->toolTip().isEmpty(), qPrintable(QStringLiteral("no tip: ") + pathOf(widget)));
            }
        }
    }
    QVERIFY2(controls > 100, qPrintable(QString::number(controls)));
}

void TestInstruments::everythingIsReachedByTab() {
    PageFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.source->fill({.workers = 4, .tasks = 200, .failing_one_in = 20});
    fixture.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
    for (const QString& view : tabNames()) {
        QVERIFY(fixture.board->reveal(view));
        QCoreApplication::processEvents();
        std::set<const QWidget*> reached;
        for (int i = 0; i < 200 && reached.insert(fixture.window.focusWidget()).second; ++i) {
            QTest::keyClick(fixture.window.focusWidget(), Qt::Key_Tab);
        }
        for (const auto* widget : fixture.page->findChildren<QWidget*>()) {
            if (!widget->isVisible() || !widget->isEnabled() || isInsideControl(widget) ||
                (widget->focusPolicy() & Qt::TabFocus) == 0 || widget->focusProxy()) {
                continue;
            }
            QVERIFY2(reached.count(widget) > 0,
                     qPrintable(QStringLiteral("%1: %2 is not reached; the last was %3")
                                    .arg(view, pathOf(widget), pathOf(fixture.window.focusWidget()))));
        }
    }
}

void TestInstruments::viewsAreWorkedByKeys() {
    using widgets::Selected;
    PageFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.source->fill({.workers = 4, .tasks = 200, .failing_one_in = 20, .is_live = true});
    auto& selection = fixture.board->selection();
    const auto reveal = [&](const QString& view) {
        fixture.window.activateWindow(); // a menu may have been
        return QTest::qWaitForWindowActive(&fixture.window) && fixture.board->reveal(view);
    };
    const auto press = [&](Qt::Key key) { QTest::keyClick(fixture.window.focusWidget(), key); };
    // Each view takes the focus where something in it can be selected by keys, and Esc takes that back.
    for (const QString& view : QStringList{QStringLiteral("timeline")} + tabNames()) {
        if (view == QLatin1String("throughput")) {
            continue; // nothing in it is selected
        }
        QVERIFY(reveal(view));
        QCoreApplication::processEvents();
        QVERIFY2(fixture.window.focusWidget() && fixture.page->isAncestorOf(fixture.window.focusWidget()),
                 qPrintable(view));
        // Some have a filter first.
        for (int i = 0; i < 30 && selection.current().kind == Selected::Kind::nothing; ++i) {
            press(Qt::Key_Down);
            press(Qt::Key_Down);
            if (view == QLatin1String("timeline")) {
                press(Qt::Key_Return);
            }
            if (selection.current().kind == Selected::Kind::nothing) {
                press(Qt::Key_Tab);
            }
        }
        QVERIFY2(selection.current().kind != Selected::Kind::nothing, qPrintable(view));
        QVERIFY2(fixture.page->findChild<QWidget*>(view)->isAncestorOf(fixture.window.focusWidget()),
                 qPrintable(view + QStringLiteral(": ") + pathOf(fixture.window.focusWidget())));

        // The key of the context menu shows the menu of what is selected.
        QWidget* const focus = fixture.window.focusWidget();
        QContextMenuEvent key(QContextMenuEvent::Keyboard, focus->rect().center(),
                              focus->mapToGlobal(focus->rect().center()));
        bool hasMenu = false;
        QTimer look;
        connect(&look, &QTimer::timeout, this, [&] {
            if (auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget())) {
                hasMenu = !menu->actions().isEmpty();
                menu->close();
            }
        });
        look.start(1);
        QApplication::sendEvent(focus, &key);
        QTRY_VERIFY2(hasMenu, qPrintable(view));
        look.stop();
        press(Qt::Key_Escape);
        QVERIFY2(selection.current().kind == Selected::Kind::nothing, qPrintable(view));
    }
    // Time is moved through in the timeline and in the plots alike.
    for (const QString& view : {QStringLiteral("timeline"), QStringLiteral("throughput")}) {
        auto& range = fixture.board->range();
        range.showAll();
        QVERIFY(reveal(view));
        const auto whole = range.length();
        press(Qt::Key_W);
        QVERIFY2(range.length() < whole,
                 qPrintable(view + QStringLiteral(": ") + pathOf(fixture.window.focusWidget())));
        const auto begin = range.begin();
        press(Qt::Key_A);
        QVERIFY2(range.begin() < begin, qPrintable(view));
        press(Qt::Key_D);
        press(Qt::Key_S);
        QCOMPARE(range.length(), whole);
    }
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

/// The window with a job of 41 items run, of which the last three have failed, and its instruments shown.
struct RunFixture : WindowFixture {
    RunFixture() {
        job::Job job;
        job.use_shell = true;
        job.command = "echo out-{}; test {} -lt 38 || test -e " + flag().toStdString();
        job::ListInputs inputs;
        for (int i = 0; i < 41; ++i) {
            inputs.items.push_back(std::to_string(i));
        }
        job.inputs = inputs;
        job.limit = 3;
        window.setJob(job);
    }

    [[nodiscard]] QString flag() const { return folder.filePath(QStringLiteral("flag")); }
    /// From now on no item fails.
    void mend() {
        QFile file(flag());
        file.open(QIODevice::WriteOnly);
    }
    [[nodiscard]] widgets::ResultModel::Counts counts() { return results().counts(); }
    [[nodiscard]] InstrumentBoard* showFailures() {
        find<QTabBar>("side")->setCurrentIndex(1);
        auto* board = window.frontPage()->board();
        board->reveal(QStringLiteral("failures"));
        return board;
    }
};

} // namespace

void TestInstruments::failedTasksOfOwnJobsRunAgain() {
    RunFixture fixture;
    QVERIFY(fixture.isExposed());
    QVERIFY(fixture.runToEnd());
    QCOMPARE(fixture.counts().failed, std::size_t{3});
    auto* board = fixture.showFailures();
    auto* again = fixture.find<QPushButton>("runFailuresAgain");
    QTRY_COMPARE(again->text(), QStringLiteral("Run these 3 again"));
    QVERIFY(again->isEnabled());
    fixture.picture(QStringLiteral("own failures"));

    // One of them alone is chosen; it fails again.
    auto& table = board->failures().failureTable();
    table.selectRow(0);
    table.selectionModel()->select(table.model()->index(1, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
    QCOMPARE(again->text(), QStringLiteral("Run these 2 again"));
    std::size_t runs = 0;
    connect(&fixture.window.controller(), &workbench::JobController::resultsArrived, this,
            [&](const std::vector<widgets::ResultRowPtr>& rows) { runs += rows.size(); });
    QTest::mouseClick(again, Qt::LeftButton);
    QVERIFY(fixture.window.controller().isBusy());
    QVERIFY2(!again->isEnabled() && !again->toolTip().isEmpty(), "not while a job is under way");
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(runs, std::size_t{2});
    QCOMPARE(fixture.counts().failed, std::size_t{3});

    // Then all, of which two are in the list twice by now; and they are mended.
    QTRY_COMPARE(board->failures().failures().failures().size(), std::size_t{5});
    table.clearSelection();
    QTRY_COMPARE(again->text(), QStringLiteral("Run these 5 again"));
    fixture.mend();
    QTest::mouseClick(again, Qt::LeftButton);
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(runs, std::size_t{5});
    QCOMPARE(fixture.counts().succeeded, std::size_t{41});
    const auto byInput = fixture.resultsByInput();
    QCOMPARE(byInput.at("40")->result.index, std::size_t{40});
    QCOMPARE(byInput.at("40")->result.program.output, std::string("out-40\n"));
    QVERIFY2(!again->isEnabled(), "nothing is left to be run again");

    // Those of a job before cannot be, and that is said.
    QFile::remove(fixture.flag());
    QVERIFY(fixture.runToEnd());
    QCOMPARE(fixture.counts().failed, std::size_t{3});
    QTRY_COMPARE(again->text(), QStringLiteral("Run these 8 again"));
    QTest::mouseClick(again, Qt::LeftButton);
    QVERIFY(fixture.waitForIdle());
    QVERIFY2(fixture.message().text().contains(QStringLiteral("5 tasks belong to an earlier job")),
             qPrintable(fixture.message().text()));
}

void TestInstruments::outputOfOwnJobs() {
    RunFixture fixture;
    QVERIFY(fixture.isExposed());
    QVERIFY(fixture.runToEnd());
    auto* board = fixture.showFailures();
    QTRY_COMPARE(board->failures().failures().failures().size(), std::size_t{3});
    auto* open = fixture.find<QPushButton>("failureOutput");
    QTRY_VERIFY(open->isVisible() && open->isEnabled());
    // Whatever the table of results shows at the moment.
    fixture.find<QLineEdit>("filter")->setText(QStringLiteral("nothing like this"));
    QTRY_COMPARE(fixture.results().rowCount(), 0);
    const auto& failure = board->failures().failures().failures().front();
    QTest::mouseClick(open, Qt::LeftButton);
    QVERIFY2(!fixture.window.frontPage()->board(), "the results are shown");
    auto* pane = fixture.window.findChild<widgets::OutputPane*>();
    QTRY_VERIFY(pane->isVisible() && pane->row());
    QCOMPARE(pane->row()->result.index, static_cast<std::size_t>(failure.task));
    QCOMPARE(pane->row()->result.program.output, "out-" + std::to_string(failure.task) + "\n");
    QCOMPARE(fixture.results().rowCount(), 41);
    fixture.picture(QStringLiteral("own output"));

    // From the table of processes: what the process has done last.
    board = fixture.showFailures();
    const auto* process = board->data().head().process_of_pid(failure.process);
    QVERIFY(process);
    const auto key = process->key;
    QVERIFY(board->reveal(QStringLiteral("processes")));
    board->selection().select(widgets::Selected::process(key));
    board->processes().refresh();
    {
        const std::unique_ptr<QMenu> menu(board->processes().makeMenu());
        auto* action = menu->findChild<QAction*>(QStringLiteral("output"));
        QVERIFY(action && action->isEnabled());
        action->trigger();
    }
    QVERIFY(!fixture.window.frontPage()->board());
    QTRY_COMPARE(pane->row()->result.worker, failure.process);

    // Run again, the item has another output than the one that was asked for.
    board = fixture.showFailures();
    QTest::mouseClick(fixture.find<QPushButton>("runFailuresAgain"), Qt::LeftButton);
    QVERIFY(fixture.waitForIdle());
    QTRY_COMPARE(board->failures().failures().failures().size(), std::size_t{6});
    board->failures().failureTable().selectRow(0);
    QVERIFY2(!open->isEnabled(), "it would not be the output of that run");
    board->failures().failureTable().selectRow(3);
    QVERIFY(open->isEnabled());
}

void TestInstruments::escapeDoesNotStopTheJob() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.command = "sleep {}";
    job.inputs = job::ListInputs{{"600"}};
    fixture.window.setJob(job);
    fixture.find<QTabBar>("side")->setCurrentIndex(1);
    auto* board = fixture.window.frontPage()->board();
    fixture.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
    fixture.click("run");
    QTRY_VERIFY(board->data().head().processes().size() > 1);
    for (const char* view : {"timeline", "processes", "channels"}) {
        board->reveal(QLatin1String(view));
        board->selection().select(widgets::Selected::process(board->data().head().processes().rbegin()->first));
        QTest::keyClick(fixture.window.focusWidget(), Qt::Key_Escape);
        QVERIFY2(board->selection().current().kind == widgets::Selected::Kind::nothing, view);
        QCOMPARE(fixture.window.controller().state(), workbench::JobController::State::running);
    }
    QTest::keySequence(&fixture.window, QKeySequence(QStringLiteral("Ctrl+.")));
    QVERIFY(fixture.waitForIdle());
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

} // namespace

void TestInstruments::anyListOfProgramsCanFollowAnyOther() {
    workbench::ProgramModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    std::mt19937 random(2);
    std::map<qint64, workbench::ListedProgram> all;
    for (int step = 0; step < 200; ++step) {
        for (unsigned count = random() % 4; count > 0; --count) {
            const auto pid = static_cast<qint64>(random() % 30);
            if (all.erase(pid) == 0) {
                all[pid] = {.name = QString::number(pid), .pid = pid};
                all[pid].started = QDateTime::fromSecsSinceEpoch(random() % 5);
            }
        }
        std::vector<workbench::ListedProgram> programs;
        for (auto& [pid, program] : all) {
            program.canAttach = random() % 8 != 0;
            program.state = QString::number(random() % 3);
            programs.push_back(program);
        }
        if (step == 100)
            programs.clear();
        std::shuffle(programs.begin(), programs.end(), random);
        model.setPrograms(programs);
        QCOMPARE(model.rowCount(), static_cast<int>(programs.size()));
        std::stable_sort(programs.begin(), programs.end(), [](const auto& one, const auto& other) {
            return std::tuple(!one.canAttach, one.started, one.pid) <
                   std::tuple(!other.canAttach, other.started, other.pid);
        });
        for (int row = 0; row < model.rowCount(); ++row)
            QCOMPARE(model.at(row), programs[static_cast<std::size_t>(row)]);
    }
}

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
