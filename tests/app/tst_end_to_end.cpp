// SPDX-License-Identifier: GPL-3.0-or-later
// ctest: serial
#include "window_fixture.h"

#include <widgets/output_pane.h>
#include <widgets/picture_pane.h>
#include <widgets/process_model.h>
#include <widgets/result_plot.h>

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QCryptographicHash>
#include <QFile>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QRadioButton>
#include <QSpinBox>
#include <QTabBar>
#include <QTableWidget>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>

using namespace pprocess;
using widgets::ProcessModel;
using widgets::ResultModel;
using workbench::JobController;

namespace {

std::string digestOf(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (!file) {
        return {};
    }
    QCryptographicHash hash(QCryptographicHash::Sha256);
    char buffer[65536];
    for (std::size_t size; (size = std::fread(buffer, 1, sizeof buffer, file)) > 0;) {
        hash.addData(QByteArrayView(buffer, static_cast<qsizetype>(size)));
    }
    std::fclose(file);
    return hash.result().toHex().toStdString();
}

// What the tool itself says when it is run over all files at once. Names that it has to escape begin their line with a
// backslash.
std::map<std::string, std::string> digestsByTool(const std::vector<std::string>& paths, const QString& listFile) {
    std::ofstream list(listFile.toStdString(), std::ios::binary);
    for (const auto& path : paths) {
        list << path << '\0';
    }
    list.close();
    // Not by QProcess: ThreadSanitizer ends a program with threads that forks.
    const QString outputFile = listFile + QStringLiteral(".digests");
    const QString command = QStringLiteral("xargs -0 -a '%1' sha256sum -z -- > '%2'").arg(listFile, outputFile);
    if (std::system(qPrintable(command)) != 0) {
        return {};
    }
    QFile output(outputFile);
    if (!output.open(QIODevice::ReadOnly)) {
        return {};
    }
    std::map<std::string, std::string> digests;
    for (const QByteArray& line : output.readAll().split('\0')) {
        if (line.size() > 66) {
            digests[line.mid(66).toStdString()] = line.left(64).toStdString();
        }
    }
    return digests;
}

std::string digestIn(const job::ItemResult& result) {
    const auto& output = result.program.output;
    return output.substr(output.starts_with('\\') ? 1 : 0, 64);
}

int openDescriptors() {
    int number = 0;
    DIR* folder = ::opendir("/proc/self/fd");
    while (::readdir(folder)) {
        ++number;
    }
    ::closedir(folder);
    return number;
}

struct Children {
    int all = 0;
    int zombies = 0;
    bool operator==(const Children&) const = default;
};

// Of a process and everything below it, found by asking every process for its parent.
Children descendants(pid_t ancestor) {
    std::map<pid_t, std::pair<pid_t, char>> parents;
    DIR* folder = ::opendir("/proc");
    while (const dirent* entry = ::readdir(folder)) {
        const int pid = std::atoi(entry->d_name);
        if (pid <= 0) {
            continue;
        }
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        std::string stat((std::istreambuf_iterator<char>(file)), {});
        const auto end = stat.rfind(')');
        char state = 0;
        int parent = 0;
        if (end != std::string::npos && std::sscanf(stat.c_str() + end + 2, "%c %d", &state, &parent) == 2) {
            parents[pid] = {parent, state};
        }
    }
    ::closedir(folder);
    Children found;
    for (const auto& [pid, about] : parents) {
        pid_t at = about.first;
        while (at > 1 && at != ancestor && parents.contains(at)) {
            at = parents[at].first;
        }
        if (at == ancestor) {
            ++found.all;
            found.zombies += about.second == 'Z';
        }
    }
    return found;
}

void writeFile(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
}

} // namespace

class TestEndToEnd : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void sampleJobStandsReady();
    void digestsOfAwkwardNames_data();
    void digestsOfAwkwardNames();
    void digestsOfRealFiles_data();
    void digestsOfRealFiles();
    void killedWorkerIsOneFailedRow();
    void stopMidway();
    void runFailedAgain();
    void aCorrectedJobRunsItsFailedItemsAgain();
    void numbersAreNotMixedUp();
    void mistakesGetWords_data();
    void mistakesGetWords();
    void limitOfZeroFromAJobFile();
    void savesResults();
    void savesAndOpensJobs();
    void aTableBecomesAJobByHand();
    void selectedResultShowsItsWholeOutput();
    void numbersAndPicturesAreSeen();
    void launcherThatDiedIsStartedAgain();
    void closingStopsTheJob();
    void settingsAreRemembered();
};

void TestEndToEnd::initTestCase() {
    // Qt's own first window opens files and starts threads that stay.
    WindowFixture first;
    QVERIFY(first.isExposed());
}

void TestEndToEnd::sampleJobStandsReady() {
    WindowFixture fixture;
    fixture.window.setJob(job::sample_job());
    QVERIFY(fixture.isExposed());
    QCOMPARE(fixture.find<QPlainTextEdit>("command")->toPlainText(), QStringLiteral("sha256sum {}"));
    QVERIFY(fixture.find<QPushButton>("run")->isEnabled());
    QVERIFY(!fixture.find<QPushButton>("stop")->isEnabled());
    QVERIFY(!fixture.find<QPushButton>("again")->isEnabled());
    QTRY_VERIFY(fixture.find<QLabel>("preview")->text().contains(QStringLiteral("sha256sum /usr/include/")));
    QVERIFY(fixture.find<widgets::TableView>("results")->emptyTitle().contains(QStringLiteral("No results yet")));
}

void TestEndToEnd::digestsOfAwkwardNames_data() {
    QTest::addColumn<bool>("asQueue");
    QTest::addColumn<bool>("reuse");
    QTest::addColumn<bool>("useShell");
    for (const bool asQueue : {false, true}) {
        for (const bool reuse : {false, true}) {
            for (const bool useShell : {false, true}) {
                QTest::addRow("%s%s%s", asQueue ? "queue" : "map", reuse ? " reuse" : "", useShell ? " shell" : "")
                    << asQueue << reuse << useShell;
            }
        }
    }
}

void TestEndToEnd::digestsOfAwkwardNames() {
    QFETCH(bool, asQueue);
    QFETCH(bool, reuse);
    QFETCH(bool, useShell);
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const std::string folder = fixture.folder.filePath(QStringLiteral("files")).toStdString();
    ::mkdir(folder.c_str(), 0755);
    const std::string names[] = {"plain",
                                 "with space",
                                 "'single'",
                                 "\"double\"",
                                 "new\nline",
                                 "b\xff\xfe\x80",
                                 "$HOME `id`",
                                 "back\\slash",
                                 "-n",
                                 "semi;colon & *?[x]",
                                 "\xc3\xbc\xe2\x82\xac",
                                 "tab\there"};
    std::vector<std::string> paths;
    for (const auto& name : names) {
        paths.push_back(folder + "/" + name);
        writeFile(paths.back(), "contents of " + name);
    }
    // Unreadable for root as well: there is nothing at its end.
    const std::string unreadable = folder + "/unreadable";
    QCOMPARE(::symlink("/nowhere/at all", unreadable.c_str()), 0);

    job::Job job;
    job.command = "sha256sum {}";
    job.use_shell = useShell;
    job.pattern = asQueue ? job::Pattern::queue : job::Pattern::map;
    job.reuse = reuse;
    job.limit = 4;
    job::ListInputs inputs{paths};
    inputs.items.push_back(unreadable);
    job.inputs = inputs;
    fixture.window.setJob(job);
    QVERIFY(fixture.runToEnd());

    const auto results = fixture.resultsByInput();
    const auto byTool = digestsByTool(paths, fixture.folder.filePath(QStringLiteral("list")));
    QCOMPARE(results.size(), paths.size() + 1);
    QCOMPARE(byTool.size(), paths.size());
    for (const auto& path : paths) {
        const auto& result = results.at(path)->result;
        QCOMPARE(result.outcome, job::Outcome::succeeded);
        QCOMPARE(digestIn(result), digestOf(path));
        QCOMPARE(digestIn(result), byTool.at(path));
    }
    QCOMPARE(results.at(unreadable)->result.outcome, job::Outcome::failed);
    QVERIFY(results.at(unreadable)->result.program.error_output.find("No such file") != std::string::npos);
    QCOMPARE(fixture.results().counts().failed, std::size_t{1});
    if (!asQueue) {
        for (int row = 0; row < fixture.results().rowCount(); ++row) {
            QCOMPARE(fixture.results().rowAt(fixture.results().index(row, 0))->result.index,
                     static_cast<std::size_t>(row));
        }
    }
    QVERIFY(fixture.window.summaryText().startsWith(QStringLiteral("13 items: 12 ok, 1 failed, in ")));
}

void TestEndToEnd::digestsOfRealFiles_data() {
    QTest::addColumn<int>("limit");
    QTest::newRow("2 at once") << 2;
    QTest::newRow("8 at once") << 8;
}

void TestEndToEnd::digestsOfRealFiles() {
    QFETCH(int, limit);
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    auto inputs = job::collect_inputs(job::FolderInputs{.folder = "/usr/include", .pattern = "*.h", .recursive = true});
    QVERIFY2(inputs.size() >= 1000, "the system has too few headers for this test");
    inputs.resize(std::min<std::size_t>(inputs.size(), 1500));
    const QString listFile = fixture.folder.filePath(QStringLiteral("lines"));
    std::string lines;
    for (const auto& input : inputs) {
        lines += input + "\n";
    }
    writeFile(listFile.toStdString(), lines);

    // The form is filled as a person would fill it.
    fixture.find<QPlainTextEdit>("command")->setPlainText(QStringLiteral("sha256sum {}"));
    fixture.find<QTabBar>("inputsKind")->setCurrentIndex(2);
    QTest::keyClicks(fixture.find<QLineEdit>("linesFile"), listFile);
    fixture.find<QSpinBox>("limit")->setValue(limit);
    fixture.find<QRadioButton>("patternQueue")->click();
    QVERIFY(fixture.runToEnd());

    const auto byTool = digestsByTool(inputs, fixture.folder.filePath(QStringLiteral("list")));
    const auto results = fixture.resultsByInput();
    QCOMPARE(results.size(), inputs.size());
    QCOMPARE(byTool.size(), inputs.size());
    std::set<pid_t> workers;
    for (const auto& input : inputs) {
        const auto& result = results.at(input)->result;
        QCOMPARE(result.detail, std::string("ok"));
        QCOMPARE(digestIn(result), byTool.at(input));
        QCOMPARE(digestIn(result), digestOf(input));
        QVERIFY(result.worker > 0);
        workers.insert(result.worker);
    }
    QVERIFY2(workers.size() <= static_cast<std::size_t>(limit),
             qPrintable(QStringLiteral("%1 workers, more than the limit").arg(workers.size())));
    QVERIFY(!workers.contains(::getpid()));
}

void TestEndToEnd::killedWorkerIsOneFailedRow() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    // A run before, so that everything that is opened once and kept has been.
    job::Job job;
    job.command = "true {}";
    job.inputs = job::ListInputs{{"a", "b", "c", "d"}};
    job.limit = 4;
    fixture.window.setJob(job);
    QVERIFY(fixture.runToEnd());
    const auto launcher = fixture.window.controller().launcherPid();
    QTRY_COMPARE(descendants(launcher), Children{});
    const int descriptorsBefore = openDescriptors();
    const Children childrenBefore = descendants(::getpid());

    const std::string gate = fixture.folder.filePath(QStringLiteral("gate")).toStdString();
    QCOMPARE(::mkfifo(gate.c_str(), 0600), 0);
    job.use_shell = true;
    job.command = "if [ {} = waits ]; then read line < '" + gate + "'; fi; echo done {}";
    std::vector<std::string> items{"waits"};
    for (int i = 0; i < 200; ++i) {
        items.push_back("item " + std::to_string(i));
    }
    job.inputs = job::ListInputs{items};
    // In order nothing would be shown before the first item, which waits.
    job.pattern = job::Pattern::queue;
    fixture.window.setJob(job);
    fixture.click("run");

    // All others are done and the one waits: its worker is the only one that is busy.
    auto* table = fixture.find<widgets::TableView>("processes");
    const QAbstractItemModelTester tester(table->model(), QAbstractItemModelTester::FailureReportingMode::Fatal);
    table->sortByColumn(ProcessModel::TaskColumn, Qt::DescendingOrder);
    QTRY_COMPARE_WITH_TIMEOUT(fixture.results().counts().all + fixture.window.controller().progress().running,
                              std::size_t{201}, 30'000);
    pid_t pid = 0;
    const auto findWaiting = [&] {
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            if (table->model()->index(row, ProcessModel::TaskColumn).data().toString() == QStringLiteral("waits")) {
                pid = static_cast<pid_t>(table->model()->index(row, ProcessModel::PidColumn).data().toString().toInt());
            }
        }
        return pid > 0;
    };
    QTRY_VERIFY(findWaiting());
    QVERIFY(pid != launcher && pid != ::getpid());
    QCOMPARE(::kill(pid, SIGKILL), 0);
    QVERIFY(fixture.waitForIdle());

    const auto results = fixture.resultsByInput();
    QCOMPARE(results.size(), items.size());
    QCOMPARE(results.at("waits")->result.detail, std::string("killed by signal 9"));
    QCOMPARE(results.at("waits")->result.outcome, job::Outcome::killed);
    QCOMPARE(fixture.results().counts().succeeded, std::size_t{200});
    QCOMPARE(fixture.results().counts().failed, std::size_t{1});
    bool isTold = false;
    for (int row = 0; row < table->model()->rowCount(); ++row) {
        isTold = isTold ||
                 (table->model()->index(row, ProcessModel::StateColumn).data().toString() == QStringLiteral("died") &&
                  table->model()
                      ->index(row, ProcessModel::EndedColumn)
                      .data()
                      .toString()
                      .contains(QStringLiteral("signal 9")));
    }
    fixture.picture(QStringLiteral("killed worker"));
    QVERIFY2(isTold, "the process table does not tell how the worker ended");
    QTRY_COMPARE(descendants(launcher), Children{});
    QCOMPARE(descendants(::getpid()), childrenBefore);
    QTRY_COMPARE(openDescriptors(), descriptorsBefore);
}

void TestEndToEnd::stopMidway() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const std::string gate = fixture.folder.filePath(QStringLiteral("gate")).toStdString();
    QCOMPARE(::mkfifo(gate.c_str(), 0600), 0);
    job::Job job;
    job.use_shell = true;
    job.command = "case {} in quick*) ;; *) read line < '" + gate + "';; esac";
    std::vector<std::string> items{"quick 1", "quick 2"};
    for (int i = 0; i < 98; ++i) {
        items.push_back("slow " + std::to_string(i));
    }
    job.inputs = job::ListInputs{items};
    job.pattern = job::Pattern::queue;
    job.limit = 3;
    fixture.window.setJob(job);
    fixture.click("run");
    QTRY_COMPARE(fixture.results().counts().succeeded, std::size_t{2});
    QVERIFY(!fixture.find<QPushButton>("run")->isEnabled());
    fixture.click("stop");
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(fixture.results().counts().all, items.size());
    QCOMPARE(fixture.results().counts().succeeded, std::size_t{2});
    QCOMPARE(fixture.results().counts().cancelled, items.size() - 2);
    QCOMPARE(fixture.results().counts().failed, std::size_t{0});
    QVERIFY(fixture.window.summaryText().startsWith(QStringLiteral("Stopped. 100 items: 2 ok, 98 stopped")));
    auto* processes = fixture.find<widgets::TableView>("processes")->model();
    for (int row = 0; row < processes->rowCount(); ++row) {
        QVERIFY(processes->index(row, ProcessModel::StateColumn).data().toString() != QStringLiteral("died"));
    }
    QVERIFY(fixture.find<QPushButton>("run")->hasFocus() || !fixture.window.isActiveWindow());
    fixture.picture(QStringLiteral("stopped"));
    QTRY_COMPARE(descendants(fixture.window.controller().launcherPid()), Children{});
    QVERIFY(fixture.find<QPushButton>("run")->isEnabled());
}

void TestEndToEnd::runFailedAgain() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const std::string folder = fixture.folder.path().toStdString();
    job::Job job;
    job.command = "cat {}";
    job.inputs = job::ListInputs{{folder + "/a", folder + "/b", folder + "/c", folder + "/d"}};
    writeFile(folder + "/a", "A");
    writeFile(folder + "/c", "C");
    fixture.window.setJob(job);
    QVERIFY(fixture.runToEnd());
    QCOMPARE(fixture.results().counts().failed, std::size_t{2});
    writeFile(folder + "/d", "D");
    QVERIFY(fixture.find<QPushButton>("again")->isEnabled());
    fixture.click("again");
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(fixture.results().counts().all, std::size_t{4});
    QCOMPARE(fixture.results().counts().failed, std::size_t{1});
    const auto results = fixture.resultsByInput();
    QCOMPARE(results.at(folder + "/d")->result.program.output, std::string("D"));
    QCOMPARE(results.at(folder + "/d")->result.index, std::size_t{3});
    QCOMPARE(results.at(folder + "/b")->result.outcome, job::Outcome::failed);
    QVERIFY(fixture.window.summaryText().startsWith(QStringLiteral("2 items run again: 1 ok, 1 failed, in ")));
}

void TestEndToEnd::aCorrectedJobRunsItsFailedItemsAgain() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    auto* command = fixture.find<QPlainTextEdit>("command");
    command->setPlainText(QStringLiteral("sh -c 'test $1 != b && echo first' sh {}"));
    fixture.find<QTabBar>("inputsKind")->setCurrentIndex(1);
    fixture.find<QPlainTextEdit>("items")->setPlainText(QStringLiteral("a\nb\nc"));
    QVERIFY(fixture.runToEnd());
    QCOMPARE(fixture.results().counts().failed, std::size_t{1});
    // First with a mistake, which is told where it is, and nothing is run.
    command->setPlainText(QStringLiteral("echo '{}"));
    fixture.click("again");
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(fixture.results().counts().failed, std::size_t{1});
    QCOMPARE(fixture.window.focusWidget(), command); // without a window manager no window is active
    command->setPlainText(QStringLiteral("echo corrected {}"));
    fixture.find<QPlainTextEdit>("items")->setPlainText(QStringLiteral("x\ny"));
    fixture.click("again");
    QVERIFY(fixture.waitForIdle());
    QVERIFY2(fixture.message().text().contains(QStringLiteral("when you press Run")),
             qPrintable(fixture.message().text()));
    QCOMPARE(fixture.results().counts().failed, std::size_t{0});
    const auto results = fixture.resultsByInput();
    QCOMPARE(results.size(), std::size_t{3});
    QCOMPARE(results.at("a")->result.program.output, std::string("first\n"));
    QCOMPARE(results.at("b")->result.program.output, std::string("corrected b\n"));
    // Each is shown with the command that it was run with.
    const auto shown = [&](int row) {
        fixture.find<widgets::TableView>("results")->setCurrentIndex(fixture.results().index(row, 0));
        return fixture.window.findChild<widgets::OutputPane*>()->findChild<QPlainTextEdit*>()->toPlainText();
    };
    QVERIFY2(shown(0).startsWith(QStringLiteral("sh -c")), qPrintable(shown(0)));
    QCOMPARE(shown(1), QStringLiteral("echo corrected b"));
    // The run in the history is gone on with as it is now.
    const auto runs = job::past_runs();
    QCOMPARE(runs.size(), std::size_t{1});
    QCOMPARE(runs.front().succeeded, std::size_t{3});
    QCOMPARE(job::load(runs.front().job_file()).command, std::string("echo corrected {}"));
}

void TestEndToEnd::numbersAreNotMixedUp() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.command = "sh -c 'echo $1 $2; test $2 = a' sh {#} {}";
    job.inputs = job::ListInputs{{"a", "b", "c"}};
    fixture.window.setJob(job);
    QVERIFY(fixture.runToEnd());
    QCOMPARE(fixture.results().counts().failed, std::size_t{2});
    fixture.click("again");
    QVERIFY(fixture.waitForIdle());
    QCOMPARE(fixture.results().counts().failed, std::size_t{2});
    std::set<std::string> outputs;
    for (const auto& row : fixture.results().failedRows())
        outputs.insert(row->result.program.output);
    QCOMPARE(outputs, (std::set<std::string>{"2 b\n", "3 c\n"}));
    // Another job takes the results of the one before away.
    fixture.window.setJob(job::sample_job());
    QCOMPARE(fixture.results().counts().all, std::size_t{0});
    QCOMPARE(fixture.window.controller().progress().total, std::size_t{0});
    QVERIFY(!fixture.find<QPushButton>("again")->isEnabled());
}

void TestEndToEnd::mistakesGetWords_data() {
    QTest::addColumn<QString>("command");
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<int>("limit");
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("words");
    QTest::newRow("no such program") << "no-such-program-at-all {}"
                                     << "/usr/include"
                                     << "*.h" << 2 << "command"
                                     << "no-such-program-at-all";
    QTest::newRow("no command") << ""
                                << "/usr/include"
                                << "*.h" << 2 << "command"
                                << "empty";
    QTest::newRow("open quote") << "echo 'a"
                                << "/usr/include"
                                << "*.h" << 2 << "command"
                                << "'";
    QTest::newRow("no match") << "true"
                              << "/usr/include"
                              << "*.no-such-ending" << 2 << "inputs.pattern"
                              << "*.no-such-ending";
    QTest::newRow("limit 0") << "true"
                             << "/usr/include"
                             << "*.h" << 0 << "limit"
                             << "at least 1";
    QTest::newRow("missing folder") << "true"
                                    << "/no/such/folder"
                                    << "*.h" << 2 << "inputs.folder"
                                    << "/no/such/folder";
    QTest::newRow("no folder") << "true"
                               << "/usr/bin/env"
                               << "*.h" << 2 << "inputs.folder"
                               << "/usr/bin/env";
}

void TestEndToEnd::mistakesGetWords() {
    QFETCH(QString, command);
    QFETCH(QString, folder);
    QFETCH(QString, pattern);
    QFETCH(int, limit);
    QFETCH(QString, field);
    QFETCH(QString, words);
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    fixture.find<QTabBar>("inputsKind")->setCurrentIndex(0);
    fixture.find<QPlainTextEdit>("command")->setPlainText(command);
    fixture.find<QLineEdit>("folder")->setText(folder);
    fixture.find<QLineEdit>("filePattern")->setText(pattern);
    fixture.find<QSpinBox>("limit")->setValue(limit);
    fixture.click("run");
    QVERIFY(fixture.waitForIdle());
    QVERIFY2(fixture.form().mistake(field).contains(words), qPrintable(field + ": " + fixture.form().mistake(field)));
    QVERIFY(QApplication::activeModalWidget() == nullptr);
    fixture.picture(QStringLiteral("mistake ") + QString::fromUtf8(QTest::currentDataTag()));
    QCOMPARE(fixture.results().rowCount(), 0);
    QVERIFY(fixture.find<QPushButton>("run")->isEnabled());
    // Mending the field takes the words away.
    if (field == QLatin1String("limit")) {
        fixture.find<QSpinBox>("limit")->setValue(3);
        QCOMPARE(fixture.form().mistake(field), QString());
    }
}

void TestEndToEnd::limitOfZeroFromAJobFile() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const QString file = fixture.folder.filePath(QStringLiteral("zero.json"));
    writeFile(file.toStdString(),
              R"({"version": 1, "name": "zero", "command": "true", "inputs": {"items": ["a"]}, "limit": 0})");
    QSignalSpy opened(&fixture.window, &workbench::MainWindow::opened);
    fixture.window.openJob(file);
    QTRY_COMPARE(opened.count(), 1);
    if (opened.first().first().toBool()) {
        fixture.click("run");
        QVERIFY(fixture.waitForIdle());
        QVERIFY(fixture.form().mistake(QStringLiteral("limit")).contains(QStringLiteral("at least 1")));
    } else {
        QVERIFY(fixture.message().text().contains(QStringLiteral("limit")));
    }
}

void TestEndToEnd::savesResults() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.command = "echo {}";
    job.inputs = job::ListInputs{{"a", "b\xff"}};
    fixture.window.setJob(job);
    QVERIFY(fixture.runToEnd());
    QSignalSpy saved(&fixture.window, &workbench::MainWindow::saved);
    const QString file = fixture.folder.filePath(QStringLiteral("results.json"));
    fixture.window.saveResults(file, widgets::result_export::Format::json);
    QTRY_COMPARE(saved.count(), 1);
    QVERIFY(saved.takeFirst().first().toBool());
    QFile json(file);
    QVERIFY(json.open(QIODevice::ReadOnly));
    QVERIFY(json.readAll().contains("\"input_base64\": \"Yv8=\""));
    fixture.window.saveResults(QStringLiteral("/dev/full"), widgets::result_export::Format::csv);
    QTRY_COMPARE(saved.count(), 1);
    QVERIFY(!saved.first().first().toBool());
    QVERIFY(fixture.message().isVisible());
    fixture.picture(QStringLiteral("full disk"));
    QVERIFY2(fixture.message().text().contains(QStringLiteral("disk is full")), qPrintable(fixture.message().text()));
}

void TestEndToEnd::savesAndOpensJobs() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.name = "kept";
    job.command = "echo {#} {}";
    job.inputs = job::ListInputs{{"a", "b\xff", "new\nline"}};
    job.limit = 3;
    job.working_folder = "/tmp";
    job.output_cap = 1234;
    job.pattern = job::Pattern::queue;
    fixture.window.setJob(job);
    const QString file = fixture.folder.filePath(QStringLiteral("job.json"));
    QSignalSpy saved(&fixture.window, &workbench::MainWindow::saved);
    fixture.window.saveJob(file);
    QTRY_COMPARE(saved.count(), 1);
    QVERIFY(saved.first().first().toBool());
    fixture.window.setJob({});
    QSignalSpy opened(&fixture.window, &workbench::MainWindow::opened);
    fixture.window.openJob(file);
    QTRY_COMPARE(opened.count(), 1);
    const auto again = fixture.form().job();
    QCOMPARE(job::to_json(again), job::to_json(job));
    // Nothing there to read.
    fixture.window.openJob(fixture.folder.filePath(QStringLiteral("none.json")));
    QTRY_COMPARE(opened.count(), 2);
    QVERIFY(!opened.last().first().toBool());
    QVERIFY(fixture.message().text().contains(QStringLiteral("none.json")));
}

/// From an empty form to right results, by mouse and keys alone.
void TestEndToEnd::aTableBecomesAJobByHand() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const QString file = fixture.folder.filePath(QStringLiteral("people.csv"));
    writeFile(file.toStdString(), "name;age;town\n\"Ann; B\";30;Rome\nBob;41;\"Le \"\"Mans\"\"\"\n$HOME;5;'s\n");
    auto* command = fixture.find<QPlainTextEdit>("command");
    QCOMPARE(command->toPlainText(), QString());
    QTest::mouseClick(fixture.find<QLineEdit>("jobName"), Qt::LeftButton);
    QTest::keyClicks(fixture.find<QLineEdit>("jobName"), QStringLiteral("people"));

    auto* kinds = fixture.find<QTabBar>("inputsKind");
    QTest::mouseClick(kinds, Qt::LeftButton, {}, kinds->tabRect(3).center());
    QTimer chooser;
    chooser.setInterval(10);
    bool isPasted = false;
    connect(&chooser, &QTimer::timeout, &chooser, [&file, &isPasted] {
        auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
        auto* name = dialog ? dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit")) : nullptr;
        if (name && !std::exchange(isPasted, true)) {
            // In one go: what is typed letter by letter is completed while the folders are still being read.
            QGuiApplication::clipboard()->setText(file);
            QTest::keyClick(name, Qt::Key_V, Qt::ControlModifier);
            QTest::keyClick(name, Qt::Key_Return);
        }
    });
    chooser.start();
    fixture.click("browseTable");
    chooser.stop();
    QCOMPARE(fixture.find<QLineEdit>("tableFile")->text(), file);
    // The preview shows whether the columns are cut where they should be.
    auto* preview = fixture.find<QTableWidget>("tablePreview");
    QTRY_COMPARE(preview->rowCount(), 3);
    QCOMPARE(preview->columnCount(), 1);
    QTest::keyClick(fixture.find<QComboBox>("separator"), Qt::Key_Down);
    QTRY_COMPARE(preview->columnCount(), 3);
    QCOMPARE(preview->item(0, 0)->text(), QStringLiteral("Ann; B"));
    QCOMPARE(preview->item(1, 2)->text(), QStringLiteral("Le \"Mans\""));

    // Columns become parameters by a click on each.
    QTest::keyClicks(command, QStringLiteral("printf %s/%s/%s "));
    auto* header = preview->horizontalHeader();
    for (const int column : {2, 0, 1}) {
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {},
                          {header->sectionViewportPosition(column) + 5, header->height() / 2});
        QTest::keyClicks(command, QStringLiteral(" "));
    }
    QCOMPARE(command->toPlainText(), QStringLiteral("printf %s/%s/%s {town} {name} {age} "));
    QTRY_COMPARE(fixture.find<QLabel>("preview")->text(), QStringLiteral("→ printf %s/%s/%s Rome 'Ann; B' 30"));
    fixture.picture(QStringLiteral("table by hand"));
    QVERIFY(fixture.runToEnd());
    QCOMPARE(fixture.window.jobPage().title(), QStringLiteral("people"));
    std::vector<std::string> outputs;
    for (int row = 0; row < fixture.results().rowCount(); ++row) {
        outputs.push_back(fixture.results().rowAt(fixture.results().index(row, 0))->result.program.output);
    }
    QCOMPARE(outputs, (std::vector<std::string>{"Rome/Ann; B/30", "Le \"Mans\"/Bob/41", "'s/$HOME/5"}));
}

void TestEndToEnd::selectedResultShowsItsWholeOutput() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.use_shell = true;
    job.command = "printf 'one\\ntwo\\n'; echo trouble >&2; exit 3; : {}";
    job.inputs = job::ListInputs{{"a", "b"}};
    fixture.window.setJob(job);
    QVERIFY(fixture.runToEnd());
    auto* table = fixture.find<widgets::TableView>("results");
    const QRect cell = table->visualRect(table->model()->index(1, ResultModel::InputColumn));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, Qt::NoModifier, cell.center());
    auto* pane = fixture.window.findChild<widgets::OutputPane*>();
    QVERIFY(pane->isVisible());
    QCOMPARE(fixture.find<widgets::OutputText>("output")->toPlainText(), QStringLiteral("one\ntwo"));
    QCOMPARE(fixture.find<widgets::OutputText>("errorOutput")->toPlainText(), QStringLiteral("trouble"));
    QCOMPARE(table->model()->index(1, ResultModel::OutcomeColumn).data().toString(), QStringLiteral("exit status 3"));
    fixture.picture(QStringLiteral("selected"));
    QCOMPARE(table->model()->index(1, ResultModel::ExitColumn).data().toString(), QStringLiteral("3"));
    // The failed ones alone, then by text.
    fixture.find<QTabBar>("show")->setCurrentIndex(1);
    QCOMPARE(table->model()->rowCount(), 0);
    fixture.find<QTabBar>("show")->setCurrentIndex(2);
    QCOMPARE(table->model()->rowCount(), 2);
    QTest::keyClicks(fixture.find<QLineEdit>("filter"), QStringLiteral("b"));
    QTRY_COMPARE(table->model()->rowCount(), 1);
}

void TestEndToEnd::numbersAndPicturesAreSeen() {
    WindowFixture fixture;
    fixture.window.resize(1280, 800);
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.command = "expr {} \\* {}";
    job.use_shell = true;
    job::ListInputs numbers;
    for (int number = 1; number <= 40; ++number) {
        numbers.items.push_back(std::to_string(number));
    }
    job.inputs = numbers;
    fixture.window.setJob(job);
    auto* kind = fixture.find<QTabBar>("resultKind");
    constexpr int plotKind = 2;
    constexpr int pictureKind = 3;
    QVERIFY(!kind->isVisible());
    QVERIFY(fixture.runToEnd());
    QVERIFY(kind->isVisible() && kind->isTabVisible(plotKind) && !kind->isTabVisible(pictureKind));
    kind->setCurrentIndex(plotKind);
    auto* plot = fixture.find<widgets::ResultPlot>("resultPlot");
    QTRY_COMPARE(plot->pointCount(), 40);
    fixture.picture(QStringLiteral("plot"));
    emit plot->chosen(6);
    QCOMPARE(fixture.find<widgets::TableView>("results")->currentIndex().row(), 6);

    job::ListInputs pictures;
    for (int number = 1; number <= 12; ++number) {
        QImage picture(40 * number, 200, QImage::Format_RGB32);
        picture.fill(QColor::fromHsv(number * 25, 160, 200));
        const QString file = fixture.folder.filePath(QStringLiteral("picture %1.png").arg(number));
        QVERIFY(picture.save(file));
        pictures.items.push_back(file.toStdString());
    }
    job.command = "cat {}";
    job.use_shell = false;
    job.inputs = pictures;
    fixture.window.setJob(job);
    QVERIFY(fixture.runToEnd());
    QVERIFY(kind->isTabVisible(pictureKind) && !kind->isTabVisible(plotKind));
    QCOMPARE(kind->currentIndex(), 0);
    kind->setCurrentIndex(pictureKind);
    auto* view = fixture.find<QListView>("resultPictures");
    QTRY_COMPARE(view->model()->rowCount(), 12);
    view->setCurrentIndex(view->model()->index(3, 0));
    QCOMPARE(fixture.find<widgets::TableView>("results")->currentIndex().row(), 3);
    QTRY_COMPARE(fixture.find<widgets::PicturePane>("picture")->pictureSize(), QSize(160, 200));
    fixture.picture(QStringLiteral("pictures"));
}

void TestEndToEnd::launcherThatDiedIsStartedAgain() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    job::Job job;
    job.command = "echo {}";
    job.inputs = job::ListInputs{{"a"}};
    fixture.window.setJob(job);
    const pid_t first = fixture.window.controller().launcherPid();
    QCOMPARE(::kill(first, SIGKILL), 0);
    QVERIFY(fixture.runToEnd());
    if (fixture.results().counts().succeeded == 0) {
        // Its end had not been noticed when the job began: that is told, and the next run works.
        QVERIFY(!fixture.message().text().isEmpty());
        QVERIFY(fixture.runToEnd());
    }
    QCOMPARE(fixture.results().counts().succeeded, std::size_t{1});
    QVERIFY(fixture.window.controller().launcherPid() != first);
}

void TestEndToEnd::closingStopsTheJob() {
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    const std::string gate = fixture.folder.filePath(QStringLiteral("gate")).toStdString();
    QCOMPARE(::mkfifo(gate.c_str(), 0600), 0);
    job::Job job;
    job.command = "cat '" + gate + "'";
    job.inputs = job::ListInputs{{"a", "b"}};
    job.limit = 2;
    fixture.window.setJob(job);
    fixture.click("run");
    QTRY_COMPARE(fixture.window.controller().progress().running, std::size_t{2});
    fixture.window.close();
    QVERIFY(fixture.window.isVisible());
    QWidget* question = nullptr;
    QTRY_VERIFY((question = QApplication::activeModalWidget()) != nullptr);
    for (auto* button : question->findChildren<QPushButton*>()) {
        if (button->text().contains(QStringLiteral("Stop and quit"))) {
            QTest::mouseClick(button, Qt::LeftButton);
            break;
        }
    }
    QTRY_VERIFY(!fixture.window.isVisible());
    QVERIFY(!fixture.window.controller().isBusy());
}

void TestEndToEnd::settingsAreRemembered() {
    QTemporaryDir folder;
    QSettings settings(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
    workbench::Theme theme(*qApp);
    theme.apply(workbench::Theme::Choice::light);
    {
        workbench::MainWindow window(WindowFixture::makeServer(), theme, settings);
        window.resize(1010, 707);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        window.findChild<widgets::TableView*>(QStringLiteral("results"))->setColumnWidth(ResultModel::InputColumn, 333);
        window.close();
    }
    workbench::MainWindow window(WindowFixture::makeServer(), theme, settings);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QCOMPARE(window.size(), QSize(1010, 707));
    QCOMPARE(window.findChild<widgets::TableView*>(QStringLiteral("results"))->columnWidth(ResultModel::InputColumn),
             333);
}

QTEST_MAIN(TestEndToEnd)
#include "tst_end_to_end.moc"
