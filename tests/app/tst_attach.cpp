// SPDX-License-Identifier: GPL-3.0-or-later

/// Each scenario program, started as from another shell, is attached to with the real window: seen to its end, left in
/// the middle, and watched by a workbench that is killed. It prints and returns the same as without all that.

// ctest: not with tsan

#include "attached.h"
#include "support/lesson_run.h"
#include "window_fixture.h"

#include <app/workbench/instrument_page.h>

#include <widgets/instruments/instrument_data.h>

#include <QFile>
#include <QRegularExpression>
#include <QSocketNotifier>
#include <QTabWidget>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include <pprocess/background/directory.h>

using namespace pprocess;
using widgets::InstrumentSource;
using workbench::InstrumentPage;

namespace {

struct Scenario {
    QString program;
    QStringList arguments;  ///< "%folder" is an empty folder of the run's own, "%texts" one with files, "%log" one with
                            ///< a file that is removed when something has been said
    QList<quint64> tasks;   ///< by outcome; empty: it has none
    QStringList before;     ///< with these arguments it is run before, in the same folder
    QStringList after;      ///< and with these afterwards
    bool isParallel = true; ///< else it has no use for the library, and there is nothing to attach to
};

const QStringList grid{"--size", "3", "--delay", "5", "--limit", "2", "--stats"};
const QStringList backgroundGrid = grid + QStringList{"--folder", "%folder"};
const QStringList smallPicture{"--width", "24", "--height", "8", "--samples", "2", "--output", "%folder/picture.ppm"};
constexpr int limit = 2;
constexpr int gridRows = 3;
constexpr int gridTasks = gridRows * gridRows;
constexpr int pictureTasks = 8;
constexpr int textFiles = 4;

/// All programs of resources/lessons; a picture of a name is what a row of the test is called.
QMap<QString, Scenario> scenarios() {
    QMap<QString, Scenario> all;
    const auto add = [&all](const QString& program, const QStringList& arguments, const QList<quint64>& tasks = {}) {
        return all.insert(program, {.program = program, .arguments = arguments, .tasks = tasks});
    };
    for (const char* name : {"sequential_inline", "sequential_appended", "sequential_positional", "sequential_map"})
        add(QLatin1String(name), grid)->isParallel = false;
    add("raytracer_sequential", smallPicture)->isParallel = false;
    add("wordcount_sequential", {"%texts"})->isParallel = false;
    for (const char* name : {"pmap", "pmap_iterate", "managed_exchange", "managed_map", "managed_queue", "reusable_map",
                             "create_exchange", "create_map", "create_queue", "start_exchange", "start_queue"})
        add(QLatin1String(name), grid, {gridTasks});
    // A process that sends what it likes is one task of its exchange.
    add("continuous_queue", grid, {gridRows});
    add("two_way", grid, {limit});
    for (const char* name : {"create_loop", "start_loop", "pipeline"})
        add(QLatin1String(name), grid); // channels without an exchange
    for (const char* name : {"raytracer_pmap", "raytracer_queue", "raytracer_reuse"})
        add(QLatin1String(name), smallPicture + QStringList{"--limit", "2"}, {pictureTasks});
    add("wordcount", {"%texts", "--limit", "2"}, {textFiles + limit}); // map, and then reduce
    add("indexer", {"%texts", "the", "--limit", "1"}, {1});
    add("watch", {"%log", "--patience", "1000000"}, {2}); // a queue of folders, and in that one of files
    // Those of the background processes, and these themselves.
    add("background_queue", backgroundGrid, {gridTasks + 1});
    for (const char* name : {"persistent_managed", "persistent_queue"})
        add(QLatin1String(name), backgroundGrid, {gridTasks + gridRows});
    add("break_worker_killed", {"--retries", "1"}, {4, 0, 1});
    add("break_worker_throws", {}, {3, 2});
    add("break_worker_never_ends", {"--timeout", "1000"}, {4, 0, 0, 1});
    add("break_flood", {"--pause", "20"}, {0, 0, 0, 0, 1});
    add("break_slow_collector", {"--processes", "2", "--results", "20", "--delay", "1"}, {2});
    add("break_stale_socket", {"--folder", "%folder"}, {1});
    add("break_collector_dies", {"--folder", "%folder"}, {1});
    // One program begins in the background what another collects.
    all.insert("start_now_collect_later",
               {.program = "start_now_collect_later", .arguments = backgroundGrid, .after = {"--folder", "%folder"}});
    all.insert(
        "start_now_collect_later, collecting",
        {.program = "start_now_collect_later", .arguments = backgroundGrid, .tasks = {1}, .before = backgroundGrid});
    return all;
}

/// A scenario program, started as from a shell. Its standard output is a pipe that is full already, as that of a pager
/// would be: it does not get past its first words until `release`.
class Shell {
public:
    Shell(const Scenario& scenario, const QString& files, const char* inspected) : m_scenario(scenario) {
        m_replaced = {{"%folder", m_folder.path()}, {"%texts", files + "/texts"}, {"%log", m_folder.filePath("log")}};
        if (m_scenario.arguments.contains("%log")) {
            QFile file(removedFile());
            if (!QDir(m_folder.path()).mkdir("log") || !file.open(QIODevice::WriteOnly))
                qFatal("no log");
        }
        if (!m_scenario.before.isEmpty())
            runBeside(m_scenario.before);
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            qFatal("no pipe");
        const QByteArray filler(::fcntl(ends[1], F_SETPIPE_SZ, 4096), 'x');
        m_left = ::write(ends[1], filler.constData(), static_cast<std::size_t>(filler.size()));
        m_output = ends[0];
        m_errors = static_cast<int>(::memfd_create("errors", MFD_CLOEXEC));
        m_pid = spawn(QStringLiteral(PPROCESS_LESSONS "/") + m_scenario.program, arguments(m_scenario.arguments),
                      inspected, ends[1], m_errors);
        ::close(ends[1]);
    }
    ~Shell() {
        ::close(m_output);
        ::close(m_errors);
        if (m_pid > 0) {
            ::kill(m_pid, SIGKILL);
            ::waitpid(m_pid, nullptr, 0);
        }
    }
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;

    [[nodiscard]] pid_t pid() const { return m_pid; }

    /// Lets it go on.
    void release() {
        while (m_left > 0) {
            char some[4096];
            const ssize_t count = ::read(m_output, some, std::min(sizeof some, static_cast<std::size_t>(m_left)));
            if (count <= 0)
                return;
            m_left -= count;
        }
    }

    /// Takes its output in until it has ended, while windows live on.
    void finish() {
        release();
        QEventLoop loop;
        QSocketNotifier notifier(m_output, QSocketNotifier::Read);
        QObject::connect(&notifier, &QSocketNotifier::activated, &loop, [&] {
            char some[4096];
            const ssize_t count = ::read(m_output, some, sizeof some);
            if (count <= 0) {
                loop.quit();
                return;
            }
            m_words.append(some, static_cast<int>(count));
            QFile::remove(removedFile());
        });
        QTimer::singleShot(60'000, &loop, &QEventLoop::quit);
        loop.exec();
        ::waitpid(std::exchange(m_pid, 0), &m_status, 0);
        if (!m_scenario.after.isEmpty())
            runBeside(m_scenario.after);
    }

    /// How it ended and all it said, but for what is another with each run: times, pids, and how far something got.
    [[nodiscard]] QString report() const {
        QByteArray errors(static_cast<int>(::lseek(m_errors, 0, SEEK_END)), '\0');
        ::lseek(m_errors, 0, SEEK_SET);
        if (::read(m_errors, errors.data(), static_cast<std::size_t>(errors.size())) != errors.size())
            errors = "unreadable";
        QString text = QString::fromUtf8(m_words) + QStringLiteral("--- errors:\n") + QString::fromUtf8(errors) +
                       QStringLiteral("--- status %1").arg(m_status);
        text.replace(m_folder.path(), QStringLiteral("FOLDER"));
        static const QRegularExpression figures(
            QStringLiteral("^(lesson pid|first_result|task \\d+ runs) .*\n"
                           "|(?<=[Pp]rocess )\\d+|(?<=pid )\\d+|\\d+\\.\\d+(?= s\\b)"
                           "|(?<=got )\\d+|(?<=more than )\\d+(?= ahead)"),
            QRegularExpression::MultilineOption);
        return text.replace(figures, QStringLiteral("N"));
    }
    /// What it measured itself.
    [[nodiscard]] Run measured() const {
        Run run;
        run.output = m_words;
        parse(run);
        return run;
    }

private:
    [[nodiscard]] QString removedFile() const { return m_folder.filePath(QStringLiteral("log/only")); }
    [[nodiscard]] QStringList arguments(QStringList list) const {
        for (const auto& [sign, meaning] : m_replaced)
            list.replaceInStrings(sign, meaning);
        return list;
    }
    /// The same program, of which nothing is seen.
    void runBeside(const QStringList& wish) const {
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        const pid_t pid = spawn(QStringLiteral(PPROCESS_LESSONS "/") + m_scenario.program, arguments(wish),
                                "PPROCESS_INSPECT=0", null, null);
        ::waitpid(pid, nullptr, 0);
        ::close(null);
    }

public:
    static pid_t spawn(const QString& file, const QStringList& arguments, const char* variable, int output,
                       int errors) {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        if (output >= 0) {
            posix_spawn_file_actions_adddup2(&actions, output, 1);
            posix_spawn_file_actions_adddup2(&actions, errors, 2);
        }
        QByteArrayList texts{file.toUtf8()};
        for (const auto& argument : arguments)
            texts.append(argument.toUtf8());
        std::vector<char*> words;
        for (auto& text : texts)
            words.push_back(text.data());
        words.push_back(nullptr);
        std::vector<char*> variables;
        for (char** one = environ; *one; ++one)
            variables.push_back(*one);
        variables.push_back(const_cast<char*>(variable));
        variables.push_back(nullptr);
        pid_t pid = 0;
        const int error = posix_spawn(&pid, words.front(), &actions, nullptr, words.data(), variables.data());
        posix_spawn_file_actions_destroy(&actions);
        return error == 0 ? pid : -1;
    }

private:
    Scenario m_scenario;
    QTemporaryDir m_folder;
    QList<std::pair<QString, QString>> m_replaced;
    pid_t m_pid = 0;
    int m_output = -1;
    int m_errors = -1;
    ssize_t m_left = 0; ///< of what was in the pipe
    QByteArray m_words;
    int m_status = -1;
};

constexpr int patience = 30'000; ///< ms; only ever reached by what hangs
constexpr const char* inspected = "PPROCESS_INSPECT=1";
constexpr const char* plain = "PPROCESS_INSPECT=0";

} // namespace

class TestAttach : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void everyLessonIsHere();
    void leftAndSeenToItsEnd_data();
    void leftAndSeenToItsEnd();
    void workbenchIsKilled();
    void whatIsGoneIsNotOffered();
    void cleanupTestCase() { m_fixture.reset(); }

private:
    [[nodiscard]] std::unique_ptr<Shell> run(const QString& scenario, const char* wish) const {
        return std::make_unique<Shell>(m_scenarios[scenario], m_files.path(), wish);
    }
    /// As it is when nobody looks.
    QString unattached(const QString& scenario) {
        QString& report = m_unattached[scenario];
        if (report.isEmpty()) {
            const auto shell = run(scenario, plain);
            shell->finish();
            report = shell->report();
        }
        return report;
    }
    InstrumentPage* attach(pid_t pid);
    void press(const char* keys) {
        m_fixture->window.activateWindow(); // there is no window manager to do it when a dialog has gone
        QVERIFY(QTest::qWaitForWindowActive(&m_fixture->window));
        QTest::keySequence(&m_fixture->window, QKeySequence(QLatin1String(keys)));
    }

    QMap<QString, Scenario> m_scenarios = scenarios();
    QMap<QString, QString> m_unattached;
    QTemporaryDir m_files;
    std::unique_ptr<WindowFixture> m_fixture;
};

void TestAttach::initTestCase() {
    const auto write = [this](const QString& name, int lines) {
        QFile file(m_files.filePath(name));
        QVERIFY(QFileInfo(file).dir().mkpath(QStringLiteral(".")) && file.open(QIODevice::WriteOnly));
        file.write(QByteArray("the process and the other processes\n").repeated(lines));
    };
    for (int number = 0; number < textFiles; ++number)
        write(QStringLiteral("texts/%1").arg(number), number + 1);
    m_fixture = std::make_unique<WindowFixture>();
    if (!qEnvironmentVariableIsSet("PPROCESS_PICTURES")) {
        qApp->setStyleSheet({}); // takes most of the time of making pages and dialogs
    }
    m_fixture->window.resize(640, 480);
    QVERIFY(m_fixture->isExposed());
}

void TestAttach::everyLessonIsHere() {
    for (const QString& file :
         QDir(QStringLiteral(PPROCESS_SOURCE_DIR "/resources/lessons")).entryList({QStringLiteral("*.cpp")})) {
        QVERIFY2(m_scenarios.contains(QFileInfo(file).baseName()), qPrintable(file));
    }
}

/// As a person does: by the dialog, where the program appears by itself. Null when that fails.
InstrumentPage* TestAttach::attach(pid_t pid) {
    press("Ctrl+Shift+A");
    auto* table = m_fixture->find<widgets::TableView>("programs");
    if (!table) {
        return nullptr;
    }
    QModelIndex place;
    const bool isListed = QTest::qWaitFor(
        [&] {
            for (int row = 0; row < table->model()->rowCount(); ++row) {
                if (table->model()->index(row, 1).data().toString() == QString::number(pid)) {
                    place = table->model()->index(row, 1);
                }
            }
            return place.isValid();
        },
        patience);
    if (!isListed) {
        return nullptr;
    }
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(place).center());
    QTest::mouseClick(m_fixture->find<QPushButton>("attach"), Qt::LeftButton);
    auto* page = qobject_cast<InstrumentPage*>(m_fixture->window.frontPage());
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete); // the dialog is done with
    const auto isSeen = [&] { return page->source().data().head().process_of_pid(pid) != nullptr; };
    return page && QTest::qWaitFor(isSeen, patience) ? page : nullptr;
}

void TestAttach::leftAndSeenToItsEnd_data() {
    QTest::addColumn<QString>("scenario");
    for (auto one = m_scenarios.begin(); one != m_scenarios.end(); ++one) {
        QTest::newRow(qPrintable(one.key())) << one.key();
    }
}

void TestAttach::leftAndSeenToItsEnd() {
    QFETCH(QString, scenario);
    const auto shell = run(scenario, inspected);
    if (!m_scenarios[scenario].isParallel) {
        shell->finish();
        QCOMPARE(shell->report(), unattached(scenario));
        return;
    }
    const pid_t pid = shell->pid();
    auto* left = attach(pid);
    QVERIFY(left);
    press("Ctrl+Shift+D");
    QCOMPARE(left->source().state(), InstrumentSource::State::ended);
    const auto seen = left->source().data().endEvent();
    auto* page = attach(pid);
    QVERIFY(page && page != left);
    QCOMPARE(page->source().state(), InstrumentSource::State::live);
    shell->finish();
    QTRY_COMPARE_WITH_TIMEOUT(page->source().state(), InstrumentSource::State::ended, patience);
    QVERIFY2(page->source().statusText().contains(QStringLiteral("the program has ended")),
             qPrintable(page->source().statusText()));
    QCOMPARE(shell->report(), unattached(scenario));

    // What is shown is what happened.
    const auto& head = page->source().data().head();
    QList<quint64> finished(head.finished().begin(), head.finished().end());
    auto expected = m_scenarios[scenario].tasks;
    expected.resize(finished.size());
    QCOMPARE(finished, expected);
    if (m_scenarios[scenario].before.isEmpty()) { // else another program has begun the work
        for (const qint64 worker : shell->measured().pids()) {
            QVERIFY2(head.process_of_pid(static_cast<pid_t>(worker)), qPrintable(QString::number(worker)));
        }
    }
    for (const auto& [key, process] : head.processes()) {
        QVERIFY2(process.ended != 0, qPrintable(QString::number(process.pid)));
    }
    QCOMPARE(head.dropped(), std::uint64_t{0});
    // Who has left hears no more.
    QCOMPARE(left->source().data().endEvent(), seen);
    m_fixture->picture(QStringLiteral("scenario ") + scenario);
    m_fixture->window.closePage();
    m_fixture->window.closePage();
}

void TestAttach::workbenchIsKilled() {
    // All of them at once, and one workbench that is attached to all.
    std::map<QString, std::unique_ptr<Shell>> shells;
    for (auto one = m_scenarios.begin(); one != m_scenarios.end(); ++one) {
        if (one->isParallel) {
            shells[one.key()] = run(one.key(), inspected);
        }
    }
    std::vector<Attached> attached;
    QStringList arguments{QStringLiteral("--size"), QStringLiteral("640x480")};
    for (const auto& [name, shell] : shells) {
        const std::string pid = std::to_string(shell->pid());
        const auto isThere = [&] {
            const auto programs = inspectable_programs();
            return std::any_of(programs.begin(), programs.end(),
                               [&](const auto& program) { return program.pid == shell->pid(); });
        };
        QTRY_VERIFY2_WITH_TIMEOUT(isThere(), qPrintable(name), patience);
        attached.emplace_back(shell->pid());
        arguments << QStringLiteral("--attach") << QString::fromStdString(pid);
    }
    const pid_t workbench =
        Shell::spawn(QStringLiteral(PPROCESS_BIN "/pprocess-workbench"), arguments, "PPROCESS_TEST=1", -1, -1);
    QVERIFY(workbench > 0);
    for (const auto& one : attached) {
        QTRY_VERIFY_WITH_TIMEOUT(one.isAny(), patience);
    }
    for (const auto& [name, shell] : shells) {
        shell->release();
    }
    QCOMPARE(::kill(workbench, SIGKILL), 0);
    QCOMPARE(::waitpid(workbench, nullptr, 0), workbench);
    for (const auto& [name, shell] : shells) {
        shell->finish();
        QCOMPARE(shell->report(), unattached(name));
    }
}

/// One of the scenarios leaves a background process behind that was killed.
void TestAttach::whatIsGoneIsNotOffered() {
    run(QStringLiteral("break_stale_socket"), plain)->finish();
    const auto processes = background_processes();
    QVERIFY(std::any_of(processes.begin(), processes.end(),
                        [](const auto& process) { return process.state == BackgroundState::gone; }));
    press("Ctrl+Shift+A");
    auto* table = m_fixture->find<widgets::TableView>("programs");
    // Those of before may have an inspector or a keeper that is only just about to end.
    const auto isNoneOffered = [&] {
        return table->emptyTitle().contains(QStringLiteral("No program")) && table->model()->rowCount() == 0;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isNoneOffered(), patience);
    table->window()->close();
}

QTEST_MAIN(TestAttach)
#include "tst_attach.moc"
