// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "messages_of_runs.h"
#include "support/made_up_events.h"

#include <app/workbench/attach_dialog.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_page.h>
#include <app/workbench/process_card.h>
#include <app/workbench/table_inputs_page.h>

#include <widgets/instruments/attached_source.h>
#include <widgets/instruments/failures_view.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/process_tree_view.h>
#include <widgets/instruments/recorder_source.h>
#include <widgets/process_model.h>

#include <QComboBox>
#include <QMenu>
#include <QProcess>
#include <QTreeView>

#include <pprocess/observe/trace.h>

/// What the instruments say: of programs, traces and processes that cannot be watched, read or ended.
namespace messages {

/// A program that does as it is told (tests/engine/fixtures/is_inspected.cpp).
class Inspected {
public:
    explicit Inspected(const char* wish = "1") {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("PPROCESS_INSPECT"), QLatin1String(wish));
        m_process.setProcessEnvironment(environment);
        m_process.start(QStringLiteral(PPROCESS_FIXTURES "/is_inspected"), QStringList());
        m_pid = line().mid(4).toInt();
    }
    ~Inspected() { end(); }
    QByteArray operator()(const QByteArray& order) {
        m_process.write(order + '\n');
        return line();
    }
    void end() {
        m_process.closeWriteChannel();
        m_process.waitForFinished();
    }
    [[nodiscard]] int pid() const { return m_pid; }
    [[nodiscard]] pprocess::InspectableProgram entry() const {
        return pprocess::inspectable_program(std::to_string(m_pid));
    }

private:
    QByteArray line() {
        while (!m_process.canReadLine() && m_process.waitForReadyRead()) {
        }
        return m_process.readLine().trimmed();
    }

    QProcess m_process;
    int m_pid = 0;
};

inline pprocess::workbench::InstrumentPage* attached(Window& window, const Inspected& program) {
    auto* page = window.window.attach(QString::number(program.pid()));
    waitUntil([&] { return page && !page->source().data().head().processes().empty(); });
    return page;
}

/// However much of what the program did was over when it was attached.
inline void seeMore(pprocess::workbench::InstrumentPage& page, Inspected& program) {
    program("tasks 3");
    waitUntil([&] { return page.source().data().endEvent() > 1; });
}

/// Why the processes of a page cannot be ended, as the menu over one of them says.
inline QString whyNot(pprocess::workbench::InstrumentPage& page, const Wanted& wanted) {
    page.board()->reveal(QStringLiteral("processes"));
    return wanted.in([&]() -> QString {
        auto* view = page.findChild<pprocess::widgets::ProcessTreeView*>();
        auto* tree = view->findChild<QTreeView*>();
        tree->setCurrentIndex(tree->model()->index(0, 0));
        const std::unique_ptr<QMenu> menu(view->makeMenu());
        const auto* why = menu->findChild<QAction*>(QStringLiteral("whyNot"));
        return why ? why->text() : QString();
    });
}

inline std::uint64_t anyProcess(pprocess::workbench::InstrumentPage& page, pid_t pid) {
    const auto* process = page.source().data().head().process_of_pid(pid);
    return process ? process->key : 0;
}

/// A trace of a made up program, in which events are missing.
inline QString trace(const char* name) {
    pprocess::observe::TraceWriter writer(file(name).toStdString());
    std::int64_t last = 0;
    pprocess::tests::made_up_program({.workers = 2, .tasks = 20, .failing_one_in = 4, .is_live = true},
                                     [&](const pprocess::Event& event, std::string_view text) {
                                         writer.write(event, std::as_bytes(std::span(text)));
                                         last = event.time;
                                     });
    writer.write({.time = last, .number = 37, .kind = pprocess::EventKind::events_dropped}, {});
    writer.close();
    return file(name);
}

inline void addPrograms(List& list) {
    using namespace pprocess;
    using Step = widgets::InstrumentSource::Step;
    list.push_back(inBar("no such program to attach to",
                         "“nobody” cannot be attached to. There is no inspectable program 'nobody', nor any other. "
                         "Start one with PPROCESS_INSPECT=1 in its environment.",
                         [](Window& window) { window.window.attach(QStringLiteral("nobody")); }));
    list.push_back(inWindow(
        "program has gone",
        "is_inspected (§) cannot be watched: cannot connect to /no/such/address: No such file or directory. There is "
        "no such address: nothing was started there, or its result has been collected. It may have ended meanwhile; "
        "look at the list of programs again.",
        [](Window& window, const Wanted& wanted) {
            InspectableProgram entry;
            {
                Inspected program;
                program("tasks 3");
                entry = program.entry();
            }
            entry.address = "/no/such/address";
            return onPage(*window.window.addInstruments(std::make_unique<widgets::AttachedSource>(entry)), wanted);
        }));
    list.push_back(inWindow("program ends",
                            "No more comes from is_inspected (§): the program has ended. § events are kept.",
                            [](Window& window, const Wanted& wanted) {
                                Inspected program;
                                program("tasks 3");
                                auto* page = attached(window, program);
                                seeMore(*page, program);
                                program.end();
                                return onPage(*page, wanted);
                            }));
    list.push_back(inOwnWindow("one has detached",
                               "No more comes from is_inspected (§): you have detached from it. § events are kept.",
                               [](Window& window, const Wanted& wanted) {
                                   Inspected program;
                                   program("tasks 3");
                                   auto* page = attached(window, program);
                                   seeMore(*page, program);
                                   window.press("Ctrl+Shift+D");
                                   return onPage(*page, wanted);
                               }));
    list.push_back(inOwnBar("control after detaching", "The program is no longer attached.", [](Window& window) {
        Inspected program("control");
        program("tasks 3");
        auto* page = attached(window, program);
        window.press("Ctrl+Shift+D");
        page->source().endProcess(anyProcess(*page, program.pid()), Step::kill);
    }));
    list.push_back(inWindow(
        "program does not allow control",
        "is_inspected does not allow it. Start it with PPROCESS_INSPECT=control to end its processes from here.",
        [](Window& window, const Wanted& wanted) {
            Inspected program;
            program("hold 1");
            auto* page = attached(window, program);
            return whyNot(*page, wanted);
        }));
    list.push_back(inBar("process of a program has ended", "That process has ended already.", [](Window& window) {
        Inspected program("control");
        const int pid = program("hold 1").split(' ').value(1).toInt();
        auto* page = attached(window, program);
        waitUntil([&] { return anyProcess(*page, pid) != 0; });
        const auto key = anyProcess(*page, pid);
        page->source().endProcess(key, Step::kill);
        (void)program("outcome");
        waitUntil([&] { return page->source().data().head().process(key)->ended != 0; });
        page->source().endProcess(key, Step::kill);
    }));
    list.push_back(
        inBar("program refuses", "is_inspected (§) refused: the process has ended already.", [](Window& window) {
            Inspected program("control");
            const int pid = program("hold 1").split(' ').value(1).toInt();
            auto* page = attached(window, program);
            waitUntil([&] { return anyProcess(*page, pid) != 0; });
            const auto key = anyProcess(*page, pid);
            ::kill(pid, SIGKILL);
            (void)program("outcome"); // the program knows; this window has not looked yet
            page->source().endProcess(key, Step::kill);
        }));
    list.push_back({"programs cannot be listed",
                    "Programs cannot be listed. Cannot use §/pprocess to list background processes: Permission denied. "
                    "It must be a folder of yours with mode 0700, and is not. Remove it, or set XDG_RUNTIME_DIR to a "
                    "folder of yours that others cannot write to.",
                    [](const Wanted& wanted) {
                        const QTemporaryDir place;
                        QDir(place.path()).mkdir(QStringLiteral("pprocess"));
                        ::chmod(place.filePath(QStringLiteral("pprocess")).toUtf8().constData(), 0755);
                        Window window;
                        const Variable run("XDG_RUNTIME_DIR", place.path().toUtf8());
                        workbench::AttachDialog dialog(&window.window);
                        dialog.show();
                        auto* table = dialog.findChild<widgets::TableView*>();
                        return wanted.in(
                            [&] { return table->emptyTitle() + QStringLiteral(". ") + table->emptyAdvice(); });
                    }});
    list.push_back({"background processes cannot be listed",
                    "Background processes cannot be listed. Cannot use §/pprocess to list background processes: "
                    "Permission denied. It must be a folder of yours with mode 0700, and is not. Remove it, or set "
                    "XDG_RUNTIME_DIR to a folder of yours that others cannot write to.",
                    [](const Wanted& wanted) {
                        const QTemporaryDir place;
                        QDir(place.path()).mkdir(QStringLiteral("pprocess"));
                        ::chmod(place.filePath(QStringLiteral("pprocess")).toUtf8().constData(), 0755);
                        Window window;
                        const Variable run("XDG_RUNTIME_DIR", place.path().toUtf8());
                        window.press("Ctrl+B");
                        auto* table = window.window.frontPage()->findChild<widgets::TableView*>();
                        return wanted.in(
                            [&] { return table->emptyTitle() + QStringLiteral(". ") + table->emptyAdvice(); });
                    }});
}

inline void addTraces(List& list) {
    const auto opened = [&](const char* name, const QString& trace, const QString& text) {
        list.push_back(inWindow(name, text, [trace](Window& window, const Wanted& wanted) {
            return onPage(*window.window.openTrace(trace), wanted);
        }));
    };
    const QString good = trace("good.pptrace");
    QFile whole(good);
    (void)whole.open(QIODevice::ReadOnly);
    const QByteArray bytes = whole.readAll();
    opened("no such trace", QStringLiteral("/no/such.pptrace"),
           "Cannot read the trace file /no/such.pptrace: No such file or directory. Choose a file that pprocess has "
           "recorded.");
    opened("folder for a trace", QStringLiteral("/usr/include"),
           "/usr/include is no trace file of pprocess. Choose a file that pprocess has recorded.");
    opened("no trace", file("text"),
           "FOLDER/text is no trace file of pprocess. Choose a file that pprocess has recorded.");
    opened("trace that breaks off", written("torn.pptrace", bytes.chopped(10)),
           "The file holds no events. The trace file FOLDER/torn.pptrace: the last § bytes are not read: they are the "
           "beginning of something that was not written to its end.");
    opened("trace without events", written("none.pptrace", bytes.left(64)), "The file holds no events.");
    const auto tip = [&](const char* name, const QString& text,
                         const std::function<QString(pprocess::workbench::InstrumentPage&, const Wanted&)>& read) {
        list.push_back(inWindow(name, text, [read, good](Window& window, const Wanted& wanted) {
            auto* page = window.window.openTrace(good);
            waitUntil([&] { return page->source().state() == pprocess::widgets::InstrumentSource::State::ended; });
            return read(*page, wanted);
        }));
    };
    tip("events are missing",
        "lost 37 events: More happened than the program's record could hold: these events are missing. Give it more "
        "memory (InspectorOptions::memory), or watch a smaller part of the work.",
        [](auto& page, const Wanted& wanted) {
            return wanted.in([&] {
                for (const auto& part : page.status()) {
                    if (part.text.startsWith(QStringLiteral("lost"))) {
                        return part.text + QStringLiteral(": ") + part.toolTip;
                    }
                }
                return QString();
            });
        });
    tip("tasks of a trace cannot be run", "The tasks of this record cannot be run from here.",
        [](auto& page, const Wanted& wanted) { return tipOf(page, "runFailuresAgain", wanted); });
}

} // namespace messages
