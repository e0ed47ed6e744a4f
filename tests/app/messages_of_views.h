// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "messages_of_instruments.h"

#include <app/workbench/preferences_dialog.h>
#include <app/workbench/result_card.h>
#include <app/workbench/run_comparison_page.h>

#include <widgets/instruments/process_tree_model.h>

#include <QSpinBox>
#include <QTableWidget>

/// What stands beside things that cannot be used as they are: in the form, in preferences, in comparisons; and what the
/// program says when it is started with what it does not know.
namespace messages {

/// A row of the form, whose words stand beside a field before anything is run.
inline Message inForm(const char* name, const QString& text, const std::function<void(pprocess::job::Job&)>& change) {
    return {name, text, [change](const Wanted& wanted) {
                pprocess::job::Job job;
                job.command = "true";
                change(job);
                show(job);
                return onPage(formWindow()->form(), wanted);
            }};
}

inline void addFormWords(List& list) {
    using namespace pprocess::job;
    const auto function = [](const char* task, std::vector<std::string> arguments) {
        return [task, arguments = std::move(arguments)](Job& job) {
            job.inputs = ListInputs{{"x"}};
            job.function = Function{PPROCESS_FIXTURES "/shapes_tasks.so", task, arguments};
        };
    };
    list.push_back(inForm("argument too many", "The function takes no such argument. Empty the field to drop it.",
                          function("area", {"1", "2", "3"})));
    list.push_back(
        inForm("value of another type", "Must be a number, but is \"two\".", function("area", {"1", "two"})));
    const auto collections = [&](const char* name, const char* is, std::vector<std::string> arguments) {
        list.push_back(
            inForm(name, QStringLiteral("Must be §, but is ") + QString::fromUtf8(is),
                   [arguments = std::move(arguments)](Job& job) {
                       job.inputs = ListInputs{{"x"}};
                       job.function = Function{PPROCESS_FIXTURES "/collections_tasks.so", "sizes", arguments};
                   }));
    };
    collections("number twice", "a list with 1 twice.", {"[1, 1]", "{}", "ab"});
    collections("name twice", "an object with \"a\" twice.", {"[]", R"({"a": 1, "a": 2})", "ab"});
    collections("pair twice", "a map with \"a\" twice.", {"[]", R"([["a", 1], ["a", 2]])", "ab"});
    collections("bytes too many", "3 bytes long.", {"[]", "{}", "abc"});
    collections("list that is not closed", "\"[1\", which is not valid JSON (as in §).", {"[1", "{}", "ab"});
    collections("list in very many lists", "nested more than 1000 levels deep.",
                {std::string(1100, '[') + std::string(1100, ']'), "{}", "ab"});
    list.push_back(inForm("function that is gone", "The library has no function called none any more. Choose another.",
                          function("none", {})));
    list.push_back(inForm("function without a result",
                          "count sends what it likes on its channel, so that nobody can tell where its result ends. "
                          "Choose a function that returns its result.",
                          function("count", {})));
    list.push_back(inForm("table that is not there yet", "There is no such file yet.",
                          [](Job& job) { job.inputs = TableInputs{"/no/such/table"}; }));
    list.push_back(inForm("table with nothing but a header", "The table has no rows.",
                          [](Job& job) { job.inputs = TableInputs{written("header.csv", "a,b\n").toStdString()}; }));
    list.push_back(
        inOwnWindow("library that is still being read", "The library is still being read. Try again when it has been.",
                    [function](Window& window, const Wanted& wanted) {
                        Job job;
                        function("area", {"{}", "1"})(job);
                        window.window.setJob(job);
                        window.click("showCommands");
                        return wanted.in([&] { return window.form().mistake(QStringLiteral("function.library")); });
                    }));
    list.push_back(inWindow("item that would fail", "§This would fail: width must be a number, but is \"x\".",
                            [function](Window& window, const Wanted& wanted) {
                                Job job;
                                function("area", {"{}", "1"})(job);
                                window.window.setJob(job);
                                (void)onPage(window.form(), Wanted(QStringLiteral("§It gives: double.")));
                                window.click("showCommands");
                                return wanted.in([&] {
                                    const auto* table = window.find<QTableWidget>("dryRunLines");
                                    const auto* what = table && table->rowCount() > 0 ? table->item(0, 2) : nullptr;
                                    return what ? what->text() : QString();
                                });
                            }));
}

/// A window over settings that somebody has written by hand.
inline Message withSettings(const char* name, const QByteArray& settings, const QString& text) {
    return {name, text, [settings](const Wanted& wanted) {
                using namespace pprocess::workbench;
                QSettings read(written("settings.ini", settings), QSettings::IniFormat);
                Theme theme(*qApp);
                MainWindow window(nullptr, theme, read);
                window.show();
                auto* bar = window.findChild<pprocess::widgets::MessageBar*>();
                return wanted.in([&] { return bar->isVisible() ? bar->text() : QString(); });
            }};
}

inline void addPreferences(List& list) {
    using namespace pprocess::workbench;
    list.push_back(withSettings("setting that is none", "[newJobs]\nlimit=many\n",
                                "The setting “newJobs/limit” is “many”, which is not a number from 0 to §. The usual "
                                "value is taken; choose another in the preferences (Ctrl+,)."));
    list.push_back(withSettings("settings that are none", "[newJobs\nlimit\n",
                                "The settings in FOLDER/settings.ini cannot be read. The usual value is taken; choose "
                                "another in the preferences (Ctrl+,)."));
    list.push_back({"settings that cannot be written",
                    "This counts until the window is closed only: /usr/bin/env/settings.ini cannot be written.",
                    [](const Wanted& wanted) {
                        QSettings settings(QStringLiteral("/usr/bin/env/settings.ini"), QSettings::IniFormat);
                        Theme theme(*qApp);
                        MainWindow window(nullptr, theme, settings);
                        window.show();
                        window.activateWindow();
                        (void)QTest::qWaitForWindowActive(&window);
                        QTest::keySequence(&window, QKeySequence(QStringLiteral("Ctrl+,")));
                        auto* dialog = window.findChild<PreferencesDialog*>();
                        if (!dialog) {
                            return QString();
                        }
                        auto* number = dialog->findChild<QSpinBox*>();
                        QTest::keyClick(number, Qt::Key_Up);
                        return onPage(*dialog, wanted);
                    }});
}

inline void addComparisons(List& list) {
    using namespace pprocess;
    const auto compared =
        [&](const char* name, const QString& text,
            const std::function<void(const job::PastRun& first, const job::PastRun& second)>& damage) {
            list.push_back(inWindow(name, text, [damage](Window& window, const Wanted& wanted) {
                window.run(shellJob("true {}"));
                window.run(shellJob("true {} again"));
                const auto runs = job::past_runs();
                damage(runs.at(0), runs.at(1));
                window.window.compareRuns(runs.at(0), runs.at(1));
                return wanted.in([&] {
                    QStringList all;
                    for (const auto* table : window.window.frontPage()->findChildren<widgets::TableView*>()) {
                        const QString said = table->emptyTitle() + QStringLiteral(". ") + table->emptyAdvice();
                        if (wanted.fits(said)) {
                            return said;
                        }
                        all += said;
                    }
                    return all.join(QStringLiteral(" | "));
                });
            }));
        };
    const auto makeFolder = [](const std::filesystem::path& file) {
        std::filesystem::remove(file);
        std::filesystem::create_directory(file);
    };
    compared("job of a compared run is damaged",
             "The settings cannot be compared. The job file is not valid JSON: look at line 1, character 2 (a missing "
             "comma, quote or bracket?).",
             [](const auto& first, const auto&) { std::ofstream(first.job_file()) << "{"; });
    compared(
        "first log cannot be read",
        "The first run's log cannot be read. §. Without it nobody knows how each item ended: compare another run, or "
        "run the job anew.",
        [makeFolder](const auto& first, const auto&) { makeFolder(first.log()); });
    compared(
        "second log cannot be read",
        "The second run's log cannot be read. §. Without it nobody knows how each item ended: compare another run, "
        "or run the job anew.",
        [makeFolder](const auto&, const auto& second) { makeFolder(second.log()); });
}

/// What the program says that is started with these arguments.
inline Message started(const char* name, const QStringList& arguments, const QString& text) {
    return {name, QStringLiteral("pprocess-workbench: ") + text, [arguments](const Wanted&) {
                QProcess workbench;
                workbench.start(QStringLiteral(PPROCESS_BIN "/pprocess-workbench"), arguments);
                workbench.waitForFinished();
                return QString::fromUtf8(workbench.readAllStandardError()).trimmed().section(QLatin1Char('\n'), -1);
            }};
}

inline void addArguments(List& list) {
    const auto add = [&](const char* name, const QStringList& arguments, const QString& text) {
        list.push_back(started(name, arguments, text));
    };
    add("no part", {"--position", "2"}, "--position takes a number from 0 to 1");
    add("no scale", {"--scale", "0"}, "--scale takes a number from 0.5 to 8");
    add("no size", {"--size", "large"}, "--size takes width and height in pixels, such as 1280x800");
    add("no theme", {"--theme", "blue"}, "--theme takes light, dark or system");
    add("nothing to compare with", {"--compare", "a.pptrace"}, "--compare needs --trace");
    add("job that is not there", {"/no/such.json"},
        "cannot read the job file /no/such.json: No such file or directory");
    add("picture into no folder", {"--screenshot", "/no/such/a.png"},
        "the picture could not be saved to /no/such/a.png: check that its folder exists and can be written");
}

inline void addOwnProcesses(List& list) {
    using namespace pprocess;
    using Step = widgets::InstrumentSource::Step;
    list.push_back({"no memory for a record",
                    "What happens in this job is not recorded: cannot get memory for a record of events: File "
                    "too large. It runs all the same.",
                    [](const Wanted& wanted) {
                        std::unique_ptr<Window> window;
                        {
                            const FullDisk disk(1 << 20);
                            window = std::make_unique<Window>();
                        }
                        window->find<QTabBar>("side")->setCurrentIndex(1);
                        return onPage(window->window, wanted);
                    }});
    list.push_back(
        inOwnBar("process that is no worker",
                 "Process § is no worker of this job that lives: it cannot be ended from here.", [](Window& window) {
                     window.run(shellJob("true {}"));
                     window.find<QTabBar>("side")->setCurrentIndex(1);
                     auto& source = window.window.frontPage()->board()->source();
                     const auto* own = [&] {
                         waitUntil([&] { return source.data().head().process_of_pid(::getpid()) != nullptr; });
                         return source.data().head().process_of_pid(::getpid());
                     }();
                     if (own) {
                         source.endProcess(own->key, Step::ask);
                     }
                 }));
    list.push_back(inOwnWindow(
        "worker that has just ended", "Process § has ended already.", [](Window& window, const Wanted& wanted) {
            auto* card = window.window.findChild<workbench::ProcessCard*>();
            auto* workers = card->findChild<widgets::ProcessModel*>();
            QString said;
            // Between its end and the next look at the workers.
            for (int attempt = 0; attempt < 20 && !wanted.fits(said); ++attempt) {
                window.start(shellJob("sleep 60; true {}"));
                waitUntil([&] { return workers->rowCount() > 0 && workers->snapshotAt(workers->index(0, 0)); });
                const pid_t pid = workers->snapshotAt(workers->index(0, 0))->pid;
                ::kill(pid, SIGKILL);
                do {
                    QCoreApplication::processEvents();
                    said = card->signalProcess(pid, SIGCONT).value_or(QString());
                } while (said.contains(QStringLiteral("was sent")));
                (void)window.waitForIdle();
            }
            return said;
        }));
    list.push_back(inOwnBar("record without control", "Processes cannot be ended from here.", [](Window& window) {
        static Recorder recorder(1 << 16);
        auto* page = window.window.addInstruments(std::make_unique<widgets::RecorderSource>(recorder));
        page->source().endProcess(1, Step::ask);
    }));
    const auto failures = [&](const char* name, const QString& text, const char* command, bool waits) {
        list.push_back(inOwnWindow(name, text, [command, waits](Window& window, const Wanted& wanted) {
            window.start(shellJob(command));
            if (waits) {
                (void)window.waitForIdle();
            }
            window.find<QTabBar>("side")->setCurrentIndex(1);
            window.window.frontPage()->board()->reveal(QStringLiteral("failures"));
            return tipOf(*window.window.frontPage(), "runFailuresAgain", wanted);
        }));
    };
    failures("running failures again while a job runs", "A job is under way. Wait for its end, or stop it first.",
             "sleep 60; true {}", false);
    failures("nothing has failed", "None of the job's items has failed.", "true {}", true);
    list.push_back(
        inBar("outputs into no folder",
              "The output could not be saved as “/no/such/1 a.txt”: No such file or directory. What was saved "
              "before it is there. Free some space or choose another folder, then save again.",
              [](Window& window) {
                  window.run(shellJob("echo {}"));
                  window.find<widgets::TableView>("results")->selectRow(0);
                  window.window.findChild<workbench::ResultCard*>()->saveOutputs(QStringLiteral("/no/such"));
              }));
    const auto inTrace = [&](const char* name, const char* view, const QString& text) {
        list.push_back(inWindow(name, text, [view](Window& window, const Wanted& wanted) {
            auto* page = window.window.openTrace(trace("lossy.pptrace"));
            page->board()->reveal(QLatin1String(view));
            return onPage(*page, wanted);
        }));
    };
    inTrace("throughput with events missing", "throughput", "§. 37 events are missing: the record was full§");
    inTrace("event log with events missing", "events", "§37 were lost§");
}

/// Chooses processes in the tree, as by clicks with Ctrl held.
inline void choose(pprocess::workbench::InstrumentPage& page, const std::vector<std::uint64_t>& keys) {
    auto* tree = page.findChild<QTreeView*>(QStringLiteral("processTree"));
    tree->clearSelection();
    const std::function<void(const QModelIndex&)> look = [&](const QModelIndex& above) {
        for (int row = 0; row < tree->model()->rowCount(above); ++row) {
            const QModelIndex index = tree->model()->index(row, 0, above);
            const auto key = index.data(pprocess::widgets::ProcessTreeModel::KeyRole).toULongLong();
            if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
                tree->selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
            }
            look(index);
        }
    };
    look({});
}

inline void addEndedProcesses(List& list) {
    const auto ended = [&](const char* name, int count, const QString& text) {
        list.push_back(inWindow(name, text, [count](Window& window, const Wanted& wanted) {
            Inspected program("control");
            const auto pids = program("hold " + QByteArray::number(count)).split(' ').mid(1);
            auto* page = attached(window, program);
            page->board()->reveal(QStringLiteral("processes"));
            std::vector<std::uint64_t> keys;
            for (const QByteArray& pid : pids) {
                waitUntil([&] { return anyProcess(*page, pid.toInt()) != 0; });
                keys.push_back(anyProcess(*page, pid.toInt()));
                ::kill(pid.toInt(), SIGKILL);
                (void)program("outcome");
            }
            return wanted.in([&]() -> QString {
                choose(*page, keys);
                const std::unique_ptr<QMenu> menu(page->findChild<pprocess::widgets::ProcessTreeView*>()->makeMenu());
                const auto* why = menu->findChild<QAction*>(QStringLiteral("whyNot"));
                return why ? why->text() : QString();
            });
        }));
    };
    ended("chosen process has ended", 1, "It has ended already.");
    ended("chosen processes have ended", 2, "They have all ended already.");
    list.push_back(inWindow("failures before one attached",
                            "§ Of 10 it is not known how: that was before the record begins, or was lost.",
                            [](Window& window, const Wanted& wanted) {
                                Inspected program;
                                program("tasks 30");
                                auto* page = attached(window, program);
                                page->board()->reveal(QStringLiteral("failures"));
                                return onPage(*page, wanted);
                            }));
}

inline void addViews(List& list) {
    addFormWords(list);
    addPreferences(list);
    addComparisons(list);
    addArguments(list);
    addOwnProcesses(list);
    addEndedProcesses(list);
}

} // namespace messages
