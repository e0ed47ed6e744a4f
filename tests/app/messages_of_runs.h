// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "message_list.h"
#include "messages_of_jobs.h"

#include <app/workbench/background_model.h>
#include <app/workbench/background_page.h>
#include <app/workbench/history_dialog.h>
#include <app/workbench/job_page.h>
#include <app/workbench/log_tail.h>
#include <app/workbench/value_page.h>

#include <widgets/picture_pane.h>

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QProcess>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <pprocess/background/directory.h>
#include <pprocess/background/persistent.h>
#include <pprocess/job/background_job.h>
#include <pprocess/job/history.h>

/// What is said while jobs run, of what is kept of them, and of background processes.
namespace messages {

/// A variable of the environment, as long as this lives.
class Variable {
public:
    Variable(const char* name, const QByteArray& value) : m_name(name), m_before(qgetenv(name)) {
        qputenv(name, value);
    }
    ~Variable() { m_before.isNull() ? (void)qunsetenv(m_name) : (void)qputenv(m_name, m_before); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* m_name;
    QByteArray m_before;
};

/// As on a full disk: no file becomes longer than this.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes = 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit now{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &m_before); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit m_before{};
};

inline pprocess::job::Job shellJob(const char* command, std::vector<std::string> items = {"a"}) {
    pprocess::job::Job job;
    job.name = "jobs";
    job.command = command;
    job.use_shell = true;
    job.inputs = pprocess::job::ListInputs{std::move(items)};
    return job;
}

/// A window of its own, with a history of its own.
class Window : public WindowFixture {
public:
    Window() {
        (void)isExposed();
        ::chmod(folder.path().toUtf8().constData(), 0777);
    }
    ~Window() {
        controller().stop();
        (void)waitForIdle();
    }

    [[nodiscard]] pprocess::workbench::JobController& controller() { return window.controller(); }
    void start(const pprocess::job::Job& job) {
        window.setJob(job);
        click("run");
    }
    void run(const pprocess::job::Job& job) {
        start(job);
        (void)waitForIdle();
    }
    void runAgain() {
        click("again");
        (void)waitForIdle();
    }
    void runInBackground(const pprocess::job::Job& job) {
        window.setJob(job);
        press("Ctrl+Shift+B");
        (void)waitForIdle();
    }
    void press(const char* keys) {
        window.activateWindow();
        (void)QTest::qWaitForWindowActive(&window);
        QTest::keySequence(&window, QKeySequence(QLatin1String(keys)));
    }
    /// As a new one: one page, no history, nothing under way and nothing said.
    void renew() {
        controller().stop();
        (void)waitForIdle();
        auto* pages = find<QTabWidget>("pages");
        for (int place = pages->count() - 1; place > 0; --place) {
            pages->setCurrentIndex(place);
            window.closePage();
        }
        find<QTabBar>("side")->setCurrentIndex(0);
        window.setJob({});
        message().showMessage(pprocess::widgets::MessageBar::Kind::note, {});
        message().hide();
        m_state = QStringLiteral("state ") + QString::number(++m_count);
        qputenv("XDG_STATE_HOME", state().toUtf8());
    }
    [[nodiscard]] QString state() const { return folder.filePath(m_state); }
    [[nodiscard]] static std::filesystem::path latestRun() { return pprocess::job::past_runs().at(0).folder; }

private:
    QString m_state = QStringLiteral("state");
    int m_count = 0;
};

/// One for all rows that `renew` is enough for.
inline std::unique_ptr<Window>& commonWindow() {
    static std::unique_ptr<Window> window;
    if (!window) {
        window = std::make_unique<Window>();
    }
    return window;
}

inline Message inWindow(const char* name, const QString& text,
                        const std::function<QString(Window& window, const Wanted& wanted)>& provoke) {
    return {name, text, [provoke](const Wanted& wanted) {
                commonWindow()->renew();
                return provoke(*commonWindow(), wanted);
            }};
}

/// A row that leaves its window, or what that has started, in no state for another.
inline Message inOwnWindow(const char* name, const QString& text,
                           const std::function<QString(Window& window, const Wanted& wanted)>& provoke) {
    return {name, text, [provoke](const Wanted& wanted) {
                Window window;
                return provoke(window, wanted);
            }};
}

/// One whose text is in the line across the window.
inline Message inBar(const char* name, const QString& text, const std::function<void(Window& window)>& provoke) {
    return inWindow(name, text, [provoke](Window& window, const Wanted& wanted) {
        provoke(window);
        return wanted.in(window);
    });
}

inline Message inOwnBar(const char* name, const QString& text, const std::function<void(Window& window)>& provoke) {
    return inOwnWindow(name, text, [provoke](Window& window, const Wanted& wanted) {
        provoke(window);
        return wanted.in(window);
    });
}

/// What of the words on a page is the message, or else all of them.
inline QString onPage(const QWidget& page, const Wanted& wanted) {
    return wanted.in([&] {
        QStringList all;
        for (const auto* label : page.findChildren<QLabel*>()) {
            if (label->isVisible() && wanted.fits(label->text())) {
                return label->text();
            }
            if (label->isVisible() && label->text().contains(QLatin1Char(' '))) {
                all += label->text();
            }
        }
        return all.join(QStringLiteral(" | "));
    });
}

/// What a button says that cannot be pressed.
inline QString tipOf(const QWidget& page, const char* button, const Wanted& wanted) {
    auto* found = page.findChild<QAbstractButton*>(QLatin1String(button));
    return wanted.in([&] { return found && !found->isEnabled() ? found->toolTip() : QString(); });
}

inline QMessageBox* question() {
    QMessageBox* box = nullptr;
    waitUntil([&] { return (box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget())) != nullptr; });
    return box;
}

/// What a question asks; it is answered with no.
inline QString asked() {
    QMessageBox* box = question();
    if (!box) {
        return {};
    }
    const QString text = (box->text() + QLatin1Char(' ') + box->informativeText()).trimmed();
    QTest::keyClick(box, Qt::Key_Escape);
    return text;
}

inline void addRuns(List& list) {
    using namespace pprocess;
    list.push_back(inOwnBar("launcher is missing",
                            "The launcher, which makes the worker processes, could not be started: cannot find the "
                            "program pprocess-launcher: No such file or directory. Looked at /no/such/launcher. Set "
                            "PPROCESS_LAUNCHER to where it is. Repair the installation, then press Run again.",
                            [](Window& window) {
                                const Variable place("PPROCESS_LAUNCHER", "/no/such/launcher");
                                job::Job job = shellJob("true {}");
                                job.niceness = 1; // which takes a launcher of its own
                                window.start(job);
                                (void)window.waitForIdle();
                            }));
    list.push_back(
        inOwnBar("launcher has ended",
                 "The launcher, which makes the worker processes, has ended. It is started again when you press Run.",
                 [](Window& window) {
                     window.start(shellJob("sleep 60; true {}"));
                     (void)QTest::qWaitFor([&] { return window.controller().livingWorkers() > 0; }, 20'000);
                     ::kill(window.controller().launcherPid(), SIGKILL);
                     (void)window.waitForIdle();
                 }));
    list.push_back(
        inOwnBar("no history",
                 "This run is not kept in the history. Cannot make the folder /proc/no/such/pprocess/runs: No "
                 "such file or directory.",
                 [](Window& window) {
                     const Variable place("XDG_STATE_HOME", "/proc/no/such");
                     window.run(shellJob("true {}"));
                 }));
    list.push_back(
        inOwnBar("no history for the background",
                 "The job cannot be run in the background, as its run is not kept in the history. Cannot make "
                 "the folder /proc/no/such/pprocess/runs: No such file or directory.",
                 [](Window& window) {
                     const Variable place("XDG_STATE_HOME", "/proc/no/such");
                     window.runInBackground(shellJob("true {}"));
                 }));
    list.push_back(inOwnBar("end of a run cannot be noted",
                            "The history does not know how this run ended. Cannot write §/run.json: Is a directory.",
                            [](Window& window) {
                                // In the place of what is to be written at the end there is something else.
                                window.run(shellJob(("cd '" + window.state().toStdString() +
                                                     "'/pprocess/runs/*; rm run.json; mkdir -p run.json/a; true {}")
                                                        .c_str()));
                            }));
    list.push_back(inOwnBar("history gone before the failed",
                            "This run is not kept in the history. Cannot open the run §: No such file or directory.",
                            [](Window& window) {
                                window.run(shellJob("false {}"));
                                std::filesystem::remove_all(window.state().toStdString());
                                window.runAgain();
                            }));
    list.push_back(
        inBar("job in the history cannot be replaced",
              "The history keeps the job of this run as it was before. Cannot write §/job.json: Is a directory.",
              [](Window& window) {
                  window.run(shellJob("false {}"));
                  const auto job = Window::latestRun() / "job.json";
                  std::filesystem::remove(job);
                  std::filesystem::create_directories(job / "a");
                  window.find<QPlainTextEdit>("command")->setPlainText(QStringLiteral("true {}"));
                  window.runAgain();
              }));
    list.push_back(
        inBar("other inputs than failed",
              "These are items of the run before; what the form says of inputs now counts when you press Run.",
              [](Window& window) {
                  window.run(shellJob("false {}"));
                  window.find<QPlainTextEdit>("items")->setPlainText(QStringLiteral("b\nc"));
                  window.runAgain();
              }));
    const auto goOn = [](Window& window, int done, const std::string& line) {
        job::RunEntry entry(shellJob("true {}", {"a", "b"}), 2);
        const job::PastRun run = entry.run();
        std::ofstream log(run.log());
        for (const char* input : {"a", "b"}) {
            if (done-- > 0) {
                log << R"({"number":1,"input":")" << input << R"(","outcome":"succeeded"})" << '\n';
            }
        }
        log << line;
        log.close();
        { const job::RunEntry released(std::move(entry)); }
        window.window.jobPage().goOn(*job::past_run(run.folder));
        (void)window.waitForIdle();
    };
    list.push_back(inBar("all are done", "All 2 items of this run are done: nothing is left to do.",
                         [goOn](Window& window) { goOn(window, 2, {}); }));
    list.push_back(
        inBar("one is done", "1 item was done before and left out.", [goOn](Window& window) { goOn(window, 1, {}); }));
    list.push_back(inBar("log is none",
                         "§/log.jsonl is not the log of a job: none of its lines names an input and its outcome. Give "
                         "the file that was written by --log, or remove this one.",
                         [goOn](Window& window) { goOn(window, 0, "a\nb\n"); }));
    list.push_back(inWindow("sign in the name of a variable",
                            "\"A=B\" cannot be the name of a variable. Write NAME and its value, with no = in the "
                            "name.",
                            [](Window& window, const Wanted& wanted) {
                                job::Job job = shellJob("true {}");
                                job.environment = {{"A=B", "c"}};
                                { const job::RunEntry entry(job, 1); }
                                window.window.jobPage().goOn(job::past_runs().at(0));
                                return wanted.in([&] { return window.form().mistake(QStringLiteral("environment")); });
                            }));
    list.push_back(inBar("folder of others below",
                         "A folder was left out. Cannot read the folder FOLDER/closed/: Permission denied.",
                         [](Window& window) {
                             const AsNobody nobody;
                             job::Job job = shellJob("true {}");
                             job.inputs = job::FolderInputs{file("").toStdString(), "text"};
                             window.run(job);
                         }));
    list.push_back(
        inBar("folders of others below",
              "2 folders were left out. The first: cannot read the folder FOLDER/closed/: Permission denied.",
              [](Window& window) {
                  QDir().mkdir(file("closed too"));
                  QFile::setPermissions(file("closed too"), QFileDevice::ReadOwner);
                  {
                      const AsNobody nobody;
                      job::Job job = shellJob("true {}");
                      job.inputs = job::FolderInputs{file("").toStdString(), "text"};
                      window.run(job);
                  }
                  QDir().rmdir(file("closed too"));
              }));
    list.push_back(
        inBar("trace of a run is damaged",
              "The trace that is kept with this run ends here; the run itself does not suffer. §/trace.pptrace is no "
              "trace file of pprocess.",
              [](Window& window) {
                  { const job::RunEntry entry(shellJob("true {}", {"a", "b"}), 2); }
                  const job::PastRun run = job::past_runs().at(0);
                  std::ofstream(run.trace()) << "no trace";
                  window.controller().goOn(run);
                  (void)window.waitForIdle();
              }));
    list.push_back(inOwnBar("disk full under a run",
                            "The job was broken off: cannot write to the job log §/log.jsonl: No space left on device. "
                            "Results that had arrived are kept.",
                            [](Window& window) {
                                // There is no room for its trace either, which must not hide this.
                                std::unique_ptr<FullDisk> disk;
                                QObject::connect(&window.controller(), &workbench::JobController::started,
                                                 &window.window, [&disk] { disk = std::make_unique<FullDisk>(10); });
                                window.run(shellJob("false {}"));
                            }));
    list.push_back(inBar(
        "broken off the last time",
        "The last run (jobs) was broken off with 0 of 2 items done. Go on with it by File, Earlier runs (Ctrl+H).",
        [](Window& window) {
            { const job::RunEntry entry(shellJob("true {}", {"a", "b"}), 2); }
            window.window.mentionBrokenOffRun();
        }));
    list.push_back(inBar(
        "broken off without a name",
        "The last run (no name) was broken off with 0 of 1 item done. Go on with it by File, Earlier runs (Ctrl+H).",
        [](Window& window) {
            job::Job job = shellJob("true {}");
            job.name.clear();
            { const job::RunEntry entry(job, 1); }
            window.window.mentionBrokenOffRun();
        }));
    list.push_back(inBar("job of a run is damaged",
                         "The job of that run cannot be read. The job file is not valid JSON: look at line 1, "
                         "character 2 (a missing comma, quote or bracket?).",
                         [](Window& window) {
                             const job::RunEntry entry(shellJob("true {}"), 1);
                             std::ofstream(entry.run().job_file()) << "{";
                             window.window.jobPage().showRun(entry.run(), false);
                         }));
    list.push_back(
        inBar("page is busy", "A job is running on this page. Stop it first, or wait for its end.", [](Window& window) {
            window.start(shellJob("sleep 60; true {}"));
            (void)QTest::qWaitFor([&] { return window.controller().livingWorkers() > 0; }, 20'000);
            window.window.jobPage().showRun(job::past_runs().front(), false);
        }));
    list.push_back(inWindow("run is taken up while it is to be forgotten",
                            "The run was not forgotten. Cannot forget the run of jobs: Device or resource busy. It is "
                            "running. Stop it first.",
                            [](Window& window, const Wanted& wanted) {
                                window.run(shellJob("true {}"));
                                window.press("Ctrl+H");
                                auto* dialog = window.window.findChild<workbench::HistoryDialog*>();
                                auto* forget =
                                    dialog ? dialog->findChild<QPushButton*>(QStringLiteral("forget")) : nullptr;
                                waitUntil([&] { return forget && forget->isEnabled(); });
                                const job::RunEntry other(job::past_runs().front());
                                QTest::mouseClick(forget, Qt::LeftButton);
                                return onPage(*dialog, wanted);
                            }));
    list.push_back(inOwnWindow("closing the page of a job", "“jobs” is under way. Stop it and close its page?",
                               [](Window& window, const Wanted&) {
                                   window.press("Ctrl+N");
                                   window.window.setJob(shellJob("sleep 60; true {}"));
                                   window.window.run();
                                   (void)QTest::qWaitFor([&] { return window.controller().livingWorkers() > 0; },
                                                         20'000);
                                   window.window.closePage();
                                   return asked();
                               }));
    list.push_back(inOwnWindow(
        "closing the window over a job",
        "“jobs” is under way. In the background a job goes on without the window; what is just being worked "
        "on begins anew there. A job that is stopped can be gone on with later, from the earlier runs.",
        [](Window& window, const Wanted&) {
            window.start(shellJob("sleep 60; true {}"));
            (void)QTest::qWaitFor([&] { return window.controller().livingWorkers() > 0; }, 20'000);
            window.window.close();
            return asked();
        }));
}

inline void addResults(List& list) {
    using namespace pprocess;
    using widgets::result_export::Format;
    const auto saved = [&](const char* name, const QString& text, const std::function<void(Window&)>& save) {
        list.push_back(inBar(name, text, [save](Window& window) {
            window.run(shellJob("seq 1 3000; true {}"));
            window.find<widgets::TableView>("results")->selectRow(0);
            save(window);
        }));
    };
    saved("job into no folder",
          "The job could not be saved to “/no/such/a.json”: cannot write /no/such/a.json: No such file or directory. A "
          "file that was there before is unchanged. Free some space or choose another folder, then save again.",
          [](Window& window) { window.window.saveJob(QStringLiteral("/no/such/a.json")); });
    list.push_back(inBar(
        "job on a full disk",
        "The job could not be saved to “FOLDER/b.json”: cannot write FOLDER/b.json: File too large. A file that was "
        "there before is unchanged. Free some space or choose another folder, then save again.",
        [](Window& window) {
            QSignalSpy isDone(&window.window, &workbench::MainWindow::saved);
            const FullDisk disk;
            window.window.saveJob(file("b.json"));
            (void)(isDone.count() || isDone.wait(longestWait));
        }));
    saved(
        "results into no folder",
        "The results could not be saved to “/no/such/a.csv”: No such file or directory. Choose another folder or name.",
        [](Window& window) { window.window.saveResults(QStringLiteral("/no/such/a.csv"), Format::csv); });
    saved("results on a full disk",
          "The results could not be saved to “/dev/full”: the disk is full. A file that was there before is unchanged. "
          "Free some space or choose another folder, then save again.",
          [](Window& window) { window.window.saveResults(QStringLiteral("/dev/full"), Format::json); });
    list.push_back(inWindow(
        "broken picture", "The picture in FOLDER/broken.png cannot be read: Unable to read image data.",
        [](Window& window, const Wanted& wanted) {
            const QString picture = written("broken.png", QByteArray("\x89PNG\r\n\x1a\n") + QByteArray(100, 'x'));
            window.run(shellJob(("echo '" + picture.toStdString() + "'; true {}").c_str()));
            window.find<widgets::TableView>("results")->selectRow(0);
            auto* pane = window.window.findChild<widgets::PicturePane*>();
            return wanted.in([&] { return pane->words(); });
        }));
}

/// What is run at an address by this program, started anew: it must have no threads for that.
inline void runInBackground(const std::string& kind, const std::string& address) {
    using namespace pprocess;
    (void)start_persistent(address, [kind](Channel& channel) {
        if (kind == "fails") {
            throw std::runtime_error("had enough");
        }
        if (kind == "killed") {
            ::raise(SIGKILL);
        }
        if (kind == "value") {
            channel.send(7);
        }
        if (kind == "item") {
            channel.send(std::pair(std::string("pprocess job item 1"), job::ItemResult{}));
            return;
        }
        if (kind == "items") {
            channel.send(std::pair(std::string("pprocess job item 1"), job::ItemResult{}));
        }
        (void)channel.receive<int>();
    });
}

constexpr const char* backgroundVariable = "PPROCESS_TEST_BACKGROUND";

inline QString background(const char* kind) {
    static int number = 0;
    const QString address = file("address ") + QString::number(++number);
    QProcess starter;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QLatin1String(backgroundVariable), QLatin1String(kind));
    starter.setProcessEnvironment(environment);
    starter.start(QCoreApplication::applicationFilePath(), {address});
    return starter.waitForFinished() && starter.exitCode() == 0 ? address : QString();
}

inline pid_t keeperOf(const QString& address) {
    for (const auto& process : pprocess::background_processes()) {
        if (process.address == std::filesystem::path(address.toStdString())) {
            return process.keeper_pid;
        }
    }
    return 0;
}

inline void end(const QString& address) {
    if (const pid_t keeper = keeperOf(address); keeper > 0) {
        ::kill(keeper, SIGKILL);
        waitUntil([&] { return ::kill(keeper, 0) != 0; });
    }
    (void)pprocess::remove_entries_of_the_gone();
}

inline void addBackground(List& list) {
    using namespace pprocess;
    const auto toBackground = [&](const char* name, const QByteArray& ppctl, const QString& text) {
        list.push_back(inOwnBar(name, text, [ppctl](Window& window) {
            const Variable place("PPROCESS_PPCTL", ppctl);
            window.runInBackground(shellJob("true {}"));
        }));
    };
    const QString broken = written("broken program", "#!/no/such/interpreter\n");
    QFile::setPermissions(broken, QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    toBackground("no ppctl", "/no/such/ppctl",
                 "The job does not run in the background: the program ppctl, which runs jobs without a window, was not "
                 "found beside this one nor in PATH. Install it, or set PPROCESS_PPCTL to where it is. It can be gone "
                 "on with here by File, Earlier runs.");
    toBackground("ppctl is another program", "/bin/false",
                 "The job does not run in the background: ppctl ended without a word (status 1). It can be gone on "
                 "with here by File, Earlier runs.");
    toBackground("ppctl does not start", broken.toUtf8(),
                 "The job does not run in the background: FOLDER/broken program could not be started: execve: No such "
                 "file or directory. It can be gone on with here by File, Earlier runs.");
    const auto collected = [&](const char* name, const char* kind, const QString& text) {
        list.push_back(inBar(
            name, text, [kind](Window& window) { window.window.collect(background(kind), QStringLiteral("values")); }));
    };
    collected("function that fails", "fails", "The background process “values”: It ended with an error: had enough.");
    collected("function that is killed", "killed",
              "The background process “values”: It was killed by signal 9 (Killed).");
    collected("job that ends too soon", "item",
              "Not all of the job has come: others have collected a part of it, or it was ended. What is left can be "
              "gone on with by File, Earlier runs.");
    list.push_back(inOwnBar("keeper that is killed",
                            "The background process “values”: It is gone, and nobody knows how it ended.",
                            [](Window& window) {
                                const QString address = background("value");
                                window.window.collect(address, QStringLiteral("values"));
                                auto* values = window.window.frontPage()->findChild<widgets::TableView*>();
                                waitUntil([&] { return values->model()->rowCount() > 0; });
                                end(address);
                            }));
    list.push_back(inWindow(
        "values into no folder",
        "The values could not be saved to “/no/such/values”: No such file or directory. A file that was there before "
        "is unchanged. Free some space or choose another folder, then save again.",
        [](Window& window, const Wanted& wanted) {
            const QString address = background("value");
            window.window.collect(address, QStringLiteral("values"));
            auto* page = qobject_cast<workbench::ValuePage*>(window.window.frontPage());
            waitUntil([&] { return page->findChild<widgets::TableView*>()->model()->rowCount() > 0; });
            page->save(QStringLiteral("/no/such/values"));
            const QString seen = wanted.in(window);
            end(address);
            return seen;
        }));
    list.push_back(inWindow("somebody collects already",
                            "Nothing can be collected. Cannot collect from the background process at FOLDER/address §: "
                            "Device or resource busy. Another collector is attached.",
                            [](Window& window, const Wanted& wanted) {
                                const QString address = background("value");
                                const auto other = connect_persistent(address.toStdString());
                                window.window.collect(address, QStringLiteral("values"));
                                const QString seen = onPage(*window.window.frontPage(), wanted);
                                end(address);
                                return seen;
                            }));
    list.push_back(inOwnBar(
        "process that does not end",
        "“address §” has not ended. Cannot connect to FOLDER/address §: No such file or directory. There is no "
        "such address: nothing was started there, or its result has been collected. Wait, or take the next step.",
        [](Window& window) {
            const QString address = background("wait");
            window.press("Ctrl+B");
            waitUntil([&] { return window.find<QPushButton>("stopBackground")->isEnabled(); });
            QFile::rename(address, address + QStringLiteral(" elsewhere"));
            window.click("stopBackground");
            waitUntil([&] { return !window.message().text().isEmpty(); });
            end(address);
        }));
    list.push_back(inOwnBar(
        "collected process that does not end",
        "The background process was not stopped. Cannot connect to FOLDER/address §: No such file or directory. "
        "There is no such address: nothing was started there, or its result has been collected.",
        [](Window& window) {
            const QString address = background("items");
            window.window.collect(address, QStringLiteral("values"));
            waitUntil([&] { return window.controller().isBusy(); });
            QFile::rename(address, address + QStringLiteral(" elsewhere"));
            window.click("stop");
            waitUntil([&] { return !window.message().text().isEmpty(); });
            end(address);
        }));
    list.push_back(inOwnWindow("uncollected result is to be dropped",
                               "“address §” keeps results that nobody has collected. Stop it and drop them?",
                               [](Window& window, const Wanted&) {
                                   const QString address = background("value");
                                   window.press("Ctrl+B");
                                   auto* listed = window.window.frontPage()->findChild<widgets::TableView*>();
                                   const auto isWaiting = [&] {
                                       const auto found = listed->model()->match(
                                           listed->model()->index(0, workbench::BackgroundModel::StateColumn),
                                           Qt::DisplayRole, QStringLiteral("result waiting"));
                                       return !found.isEmpty();
                                   };
                                   (void)QTest::qWaitFor(isWaiting, 20'000);
                                   window.click("stopBackground");
                                   const QString seen = asked();
                                   end(address);
                                   return seen;
                               }));
    list.push_back(inOwnWindow("process that cannot be watched",
                               "It cannot be watched: it was not started with PPROCESS_INSPECT=1 in its environment.",
                               [](Window& window, const Wanted& wanted) {
                                   const QString address = background("wait");
                                   window.press("Ctrl+B");
                                   waitUntil([&] { return window.find<QPushButton>("stopBackground")->isEnabled(); });
                                   const QString seen = tipOf(*window.window.frontPage(), "watchLive", wanted);
                                   end(address);
                                   return seen;
                               }));
    list.push_back(
        {"log that cannot be read",
         "The log /no/such.log cannot be read: No such file or directory. It may have been moved or removed.",
         [](const Wanted& wanted) {
             workbench::LogTail tail;
             tail.setFile(QStringLiteral("/no/such.log"), QStringLiteral("It has written nothing so far."));
             return wanted.in([&] { return tail.placeholderText(); });
         }});
    list.push_back(inWindow("nobody at an address",
                            "Nothing can be collected. Cannot connect to FOLDER/nobody: No such file or directory. "
                            "There is no such address: nothing was started there, or its result has been collected.",
                            [](Window& window, const Wanted& wanted) {
                                window.window.collect(file("nobody"), QStringLiteral("nobody"));
                                return wanted.in(
                                    [&] { return window.window.frontPage()->findChildren<QLabel*>().at(1)->text(); });
                            }));
}

} // namespace messages
