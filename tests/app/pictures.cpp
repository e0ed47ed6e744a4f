// SPDX-License-Identifier: GPL-3.0-or-later

/// Makes pictures to be looked at: of every view of the instruments with nothing, one process, 20 and 1,000, and of
/// what a job's page and the dialogs show; light and dark, at the scale that QT_SCALE_FACTOR says. See
/// scripts/pictures.sh.
///
///     pictures FOLDER [PART OF A NAME]

#include "support/made_up_events.h"
#include "written_runs.h"

#include <app/workbench/comparison_page.h>
#include <app/workbench/history_dialog.h>
#include <app/workbench/instrument_board.h>
#include <app/workbench/instrument_page.h>
#include <app/workbench/job_form.h>
#include <app/workbench/main_window.h>
#include <app/workbench/playback_bar.h>
#include <app/workbench/preferences_dialog.h>
#include <app/workbench/run_comparison_page.h>
#include <app/workbench/theme.h>

#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/trace_source.h>
#include <widgets/table_view.h>

#include <QAbstractItemView>
#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QScrollArea>
#include <QSettings>
#include <QSplitter>
#include <QTabBar>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTimer>
#include <QToolButton>

#include <cstdio>
#include <functional>
#include <map>
#include <utility>

#include <pprocess/job/history.h>

using namespace pprocess;
using namespace pprocess::workbench;
using widgets::InstrumentSource;
using widgets::Selected;

namespace {

const QStringList tabs{QStringLiteral("processes"),  QStringLiteral("channels"), QStringLiteral("exchange"),
                       QStringLiteral("throughput"), QStringLiteral("failures"), QStringLiteral("events")};

class MadeUpSource : public InstrumentSource {
public:
    MadeUpSource(QString name, State state) : m_name(std::move(name)), m_state(state) {}

    [[nodiscard]] QString title() const override { return m_name; }
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString statusText() const override {
        return m_state == State::live ? QStringLiteral("Attached to %1 (process 1000).").arg(m_name)
                                      : QStringLiteral("The file was read to its end.");
    }
    [[nodiscard]] widgets::InstrumentData& data() override { return m_data; }
    [[nodiscard]] bool canControl() const override { return m_state == State::live; }

    void append(const Event& event, std::string_view text = {}) {
        m_data.append(event, std::as_bytes(std::span(text)));
    }

private:
    QString m_name;
    State m_state;
    widgets::InstrumentData m_data;
};

/// What seldom happens, but has to be legible when it does; at the end of the record.
void addTrouble(MadeUpSource& source) {
    const auto& head = source.data().head();
    std::int64_t time = head.end();
    const auto tell = [&](Event event, std::string_view text = {}) {
        event.time = time += 150'000;
        event.writer = event.writer == 0 ? 1000 : event.writer;
        event.payload_size = static_cast<std::uint16_t>(text.size());
        source.append(event, text);
    };
    constexpr std::uint64_t exchange = 77;
    const auto ended = [&](std::uint64_t task, TaskOutcome outcome, std::string_view text) {
        tell({.exchange = exchange,
              .task = task,
              .process = 1002,
              .value = 2,
              .kind = EventKind::task_finished,
              .detail = static_cast<std::uint8_t>(outcome)},
             text);
    };
    const auto sent = [&](std::uint64_t task, std::string_view input) {
        tell({.exchange = exchange, .task = task, .process = 1002, .kind = EventKind::task_queued});
        tell({.channel = 501,
              .exchange = exchange,
              .task = task,
              .process = 1002,
              .value = 2,
              .kind = EventKind::task_sent},
             input);
    };
    sent(90'001, "(\"/home/someone/a rather long folder/with a long file name, as they are.tar.gz\", 3.25)");
    ended(90'001, TaskOutcome::error,
          "the archive “a rather long folder/with a long file name, as they are.tar.gz” has no entry “naïve – 日本語”");
    sent(90'002, "(\"two\nlines\")");
    tell({.exchange = exchange, .task = 90'002, .process = 1002, .kind = EventKind::task_timed_out});
    tell({.process = 1002, .value = 9, .kind = EventKind::process_signalled});
    ended(90'002, TaskOutcome::timed_out, "");
    sent(90'003, "");
    tell({.channel = 501, .number = 3, .size = 41'000'000, .process = 1002, .kind = EventKind::waiting_for_space});
    tell({.process = 1003, .kind = EventKind::process_stopped});
    tell({.channel = 900, .writer = 1003, .process = 2001, .kind = EventKind::process_created}, "function");
    tell({.channel = 900, .writer = 2001, .process = 2001, .kind = EventKind::process_running});
    tell({.channel = 901, .writer = 2001, .process = 2002, .kind = EventKind::process_created}, "function");
    tell({.channel = 901, .writer = 2002, .process = 2002, .kind = EventKind::process_running});
    tell({.channel = 501,
          .process = 1002,
          .value = 9,
          .kind = EventKind::process_ended,
          .detail = static_cast<std::uint8_t>(ProcessEnd::signalled)},
         "killed by signal 9");
    tell({.exchange = exchange, .task = 90'003, .process = 1002, .value = 1, .kind = EventKind::task_retried});
    ended(90'003, TaskOutcome::died, "killed by signal 9");
    tell({.number = 12'345, .kind = EventKind::events_dropped});
}

/// A record of so many processes; 0: of none but the program.
std::unique_ptr<MadeUpSource> makeSource(int processes) {
    const auto state =
        processes == 20 || processes == 1'000 ? InstrumentSource::State::live : InstrumentSource::State::ended;
    auto source =
        std::make_unique<MadeUpSource>(processes == 0                           ? QStringLiteral("nothing-yet.pptrace")
                                       : state == InstrumentSource::State::live ? QStringLiteral("raytracer")
                                                                                : QStringLiteral("one.pptrace"),
                                       state);
    if (processes == 0) {
        source->append({.time = 1, .writer = 1000, .process = 1000, .kind = EventKind::program_described}, "true");
    } else {
        tests::made_up_program({.workers = processes,
                                .tasks = processes == 1       ? 12
                                         : processes == 1'000 ? 20'000
                                                              : 2'000,
                                .failing_one_in = processes == 1 ? 6 : 50,
                                .is_live = state == InstrumentSource::State::live},
                               [&](const Event& event, std::string_view text) { source->append(event, text); });
        if (processes == 20) {
            addTrouble(*source);
        }
    }
    source->data().publish();
    return source;
}

void wait(int milliseconds) {
    QEventLoop loop;
    QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
    loop.exec();
}

/// Saves pictures of a window under names of their own.
class Pictures {
public:
    Pictures(QString folder, QString wanted, Theme& theme)
        : m_folder(std::move(folder)),
          m_wanted(std::move(wanted)),
          m_theme(theme) {}

    /// Calls `make` with a new window of 1280x800, in light and in dark, and saves what is to be seen of the widget
    /// that it returns.
    void take(const QString& name, const std::function<QWidget*(MainWindow&)>& make) {
        if (!name.contains(m_wanted)) {
            return;
        }
        for (const auto choice : {Theme::Choice::light, Theme::Choice::dark}) {
            m_theme.apply(choice);
            QTemporaryDir own;
            QSettings settings(own.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
            MainWindow window(nullptr, m_theme, settings);
            window.resize(1280, 800);
            window.show();
            QWidget* const shown = make(window);
            wait(350); // views that gather, and the layout
            const QString file =
                QStringLiteral("%1 %2 %3x.png").arg(name, Theme::toString(choice)).arg(qApp->devicePixelRatio());
            if (!shown->grab().save(QDir(m_folder).filePath(file))) {
                std::fprintf(stderr, "pictures: %s could not be saved\n", qPrintable(file));
                m_isComplete = false;
            }
        }
    }

    [[nodiscard]] bool isComplete() const { return m_isComplete; }

private:
    QString m_folder;
    QString m_wanted;
    Theme& m_theme;
    bool m_isComplete = true;
};

/// Something of everything that can be selected is.
void selectSomething(InstrumentBoard& board, const QString& view) {
    const auto& head = board.data().head();
    if (view == QLatin1String("failures") || head.processes().size() < 2) {
        return;
    }
    const auto* const process = head.process_of_pid(1001);
    if (process && (view == QLatin1String("processes") || view == QLatin1String("channels"))) {
        board.selection().select(Selected::process(process->key));
    } else if (view == QLatin1String("events")) {
        board.selection().select(Selected::event(board.data().endEvent() - 5));
    }
}

/// Each view below the timeline of a page, by how many processes there are.
void takePages(Pictures& pictures) {
    for (const auto& [number, text] : {std::pair{0, "none"}, {1, "one"}, {20, "20"}, {1'000, "1000"}}) {
        for (const QString& view : tabs) {
            pictures.take(QStringLiteral("page %1 %2").arg(view, QLatin1String(text)),
                          [&, processes = number](MainWindow& window) -> QWidget* {
                              auto* page = window.addInstruments(makeSource(processes));
                              page->board()->reveal(view);
                              selectSomething(*page->board(), view);
                              return &window;
                          });
        }
    }
}

/// A page that a person has arranged: more room for the views below, a part of the time, a task selected.
void takeArranged(Pictures& pictures) {
    for (const QString& view : tabs) {
        pictures.take(QStringLiteral("large %1 20").arg(view), [&](MainWindow& window) -> QWidget* {
            auto* page = window.addInstruments(makeSource(20));
            page->board()->reveal(view);
            page->findChild<QSplitter*>()->setSizes({120, 600});
            return &window;
        });
    }
    for (const int processes : {1, 20, 1'000}) {
        pictures.take(QStringLiteral("timeline zoomed %1").arg(processes), [&](MainWindow& window) -> QWidget* {
            auto* page = window.addInstruments(makeSource(processes));
            auto& range = page->board()->range();
            page->findChild<QSplitter*>()->setSizes({600, 120});
            range.show(range.wholeBegin(), range.wholeBegin() + (range.wholeEnd() - range.wholeBegin()) / 12);
            page->board()->selection().select(Selected::taskOf(77, processes == 1 ? 1 : 25));
            page->board()->reveal(QStringLiteral("timeline"));
            return &window;
        });
    }
}

void takePlayback(Pictures& pictures) {
    const std::pair<const char*, std::function<void(Playback&)>> states[] = {
        {"following", [](Playback&) {}},
        {"paused", [](Playback& playback) { playback.pause(); }},
        {"beginning", [](Playback& playback) { playback.goToBeginning(); }},
        {"middle", [](Playback& playback) { playback.seek(playback.length() / 2); }},
        {"playing",
         [](Playback& playback) {
             playback.setSpeed(0.001);
             playback.seek(playback.length() / 2);
             playback.play();
         }},
    };
    for (const auto& [name, become] : states) {
        for (const int processes : {1, 20}) {
            pictures.take(QStringLiteral("playback %1 %2").arg(QLatin1String(name)).arg(processes),
                          [&, processes = processes, become = become](MainWindow& window) -> QWidget* {
                              auto* page = window.addInstruments(makeSource(processes));
                              become(page->board()->playback());
                              return QLatin1String(name) == QLatin1String("middle") ? static_cast<QWidget*>(&window)
                                                                                    : page->findChild<PlaybackBar*>();
                          });
        }
    }
}

void takeOthers(Pictures& pictures) {
    pictures.take(QStringLiteral("empty live"), [](MainWindow& window) -> QWidget* {
        window.addInstruments(
            std::make_unique<MadeUpSource>(QStringLiteral("raytracer"), InstrumentSource::State::live));
        return &window;
    });
    pictures.take(QStringLiteral("empty own jobs"), [](MainWindow& window) -> QWidget* {
        window.showInstruments();
        return &window;
    });
    pictures.take(QStringLiteral("no trace"), [](MainWindow& window) -> QWidget* {
        window.openTrace(QStringLiteral("/tmp/there-is-none.pptrace"));
        return &window;
    });
    for (const auto& [left, right] : {std::pair{1, 20}, {20, 20}, {20, 1'000}, {20, 0}}) {
        pictures.take(QStringLiteral("comparison %1 %2").arg(left).arg(right),
                      [one = left, other = right](MainWindow& window) -> QWidget* {
                          auto* page = window.addInstruments(makeSource(one));
                          auto* beside = window.compareWith(makeSource(other));
                          page->board()->reveal(QStringLiteral("throughput"));
                          beside->board()->reveal(QStringLiteral("throughput"));
                          return &window;
                      });
    }
    pictures.take(QStringLiteral("comparison processes"), [](MainWindow& window) -> QWidget* {
        auto* page = window.addInstruments(makeSource(20));
        auto* beside = window.compareWith(makeSource(20));
        page->board()->reveal(QStringLiteral("processes"));
        beside->board()->reveal(QStringLiteral("failures"));
        return &window;
    });
    if (const QString trace = qEnvironmentVariable("PPROCESS_PICTURED_TRACE"); !trace.isEmpty()) {
        for (const QString& view : tabs) {
            pictures.take(QStringLiteral("recorded %1").arg(view), [&](MainWindow& window) -> QWidget* {
                auto* page = window.openTrace(trace);
                for (int i = 0; i < 100 && page->source().state() == InstrumentSource::State::loading; ++i) {
                    wait(20);
                }
                page->board()->reveal(view);
                return &window;
            });
        }
    }
}

// ------------------------------------------------------------------------------------------------------------------
// jobs and dialogs

/// Waits for it for some seconds at most.
bool waitFor(const std::function<bool()>& isSo) {
    for (int turn = 0; turn < 500 && !isSo(); ++turn) {
        wait(20);
    }
    return isSo();
}

void runToEnd(MainWindow& window, const job::Job& job) {
    window.setJob(job);
    window.run();
    waitFor([&] { return !window.controller().isBusy(); });
}

template <typename Widget>
Widget* in(QWidget& window, const char* name) {
    return window.findChild<Widget*>(QLatin1String(name));
}

void showKind(QWidget& window, const char* text) {
    auto* kinds = in<QTabBar>(window, "resultKind");
    for (int kind = 0; kind < kinds->count(); ++kind) {
        if (kinds->tabText(kind) == QLatin1String(text)) {
            kinds->setCurrentIndex(kind);
        }
    }
}

job::Job jobOf(const char* name, const char* command, int count) {
    job::Job job;
    job.name = name;
    job.command = command;
    job.use_shell = true;
    job::ListInputs inputs;
    for (int item = 1; item <= count; ++item) {
        inputs.items.push_back(std::to_string(item));
    }
    job.inputs = inputs;
    return job;
}

job::Job functionJob() {
    job::Job job;
    job.name = "Words of the headers";
    job.function = job::Function{qEnvironmentVariable("PPROCESS_PICTURED_LIBRARY").toStdString(), "count_words", {}};
    job.inputs = job::FolderInputs{"/usr/include", "std*.h", false};
    return job;
}

job::PastRun runOfPictures(const job::Job& job, int items, bool isSecond) {
    return writtenRun(job, items, [isSecond](job::ItemResult& result) {
        const std::size_t item = result.index;
        result.input = "/home/someone/pictures of a long summer/2024/IMG_" + std::to_string(1000 + item) + ".jpeg";
        if (isSecond ? item % 40 == 7 : item % 17 == 3) {
            result.outcome = item % 2 == 0 ? job::Outcome::failed : job::Outcome::timed_out;
        }
        result.duration = std::chrono::milliseconds(15 + item * 7 % 90 + (isSecond && item % 9 == 0 ? 180 : 0));
        return !isSecond || item % 50 != 49;
    });
}

void compareRuns(MainWindow& window, int items) {
    job::Job first = jobOf("Thumbnails", "convert {} -resize 200 {.}.small.png", 1);
    first.limit = 8;
    job::Job second = first;
    second.command = "vipsthumbnail {} --size 200 -o {.}.small.png";
    second.limit.reset();
    second.timeout = std::chrono::seconds(30);
    const job::PastRun one = runOfPictures(first, items, false);
    window.compareRuns(one, runOfPictures(items == 0 ? first : second, items, true));
    auto* page = window.findChild<RunComparisonPage*>();
    waitFor([&] { return !page->isReading(); });
}

using Size = std::pair<const char*, QSize>;
constexpr Size sizes[] = {{"", {1280, 800}}, {" small", {900, 600}}};

void takeForms(Pictures& pictures, const Size& size) {
    const auto take = [&](const char* name, const std::function<QWidget*(MainWindow&)>& make) {
        pictures.take(QLatin1String(name) + QLatin1String(size.first), [&](MainWindow& window) {
            window.resize(size.second);
            return make(window);
        });
    };
    take("job function", [](MainWindow& window) {
        window.setJob(functionJob());
        wait(1500); // the library is read
        return &window;
    });
    take("job equivalents", [](MainWindow& window) {
        window.setJob(jobOf("Squares", "expr {} \\* {}", 40));
        in<QToolButton>(window, "equivalents")->click();
        wait(200);
        in<QScrollArea>(window, "formArea")->ensureWidgetVisible(in<QWidget>(window, "cppProgram"));
        return &window;
    });
    take("dry run", [](MainWindow& window) {
        window.setJob(jobOf("Squares", "expr {} \\* {}", 40));
        window.findChild<JobForm*>()->showCommands();
        waitFor([&] { return in<QTableWidget>(window, "dryRunLines") != nullptr; });
        wait(500);
        return static_cast<QWidget*>(in<QDialog>(window, "dryRun"));
    });
    take("job list", [](MainWindow& window) {
        runToEnd(window, jobOf("Squares", "expr {} \\* {}", 40));
        window.newJob();
        runToEnd(window, jobOf("Cubes, and a name that does not end for quite some time", "test {} != 4", 40));
        for (QAction* action : window.findChildren<QAction*>()) {
            if (action->shortcut() == QKeySequence(Qt::Key_F8) && !action->isChecked()) {
                action->trigger();
            }
        }
        return &window;
    });
}

void takeResults(Pictures& pictures, const Size& size) {
    const auto take = [&](const char* name, const std::function<QWidget*(MainWindow&)>& make) {
        pictures.take(QLatin1String(name) + QLatin1String(size.first), [&](MainWindow& window) {
            window.resize(size.second);
            return make(window);
        });
    };
    take("results tree", [](MainWindow& window) {
        runToEnd(window, functionJob());
        in<widgets::TableView>(window, "results")->selectRow(1);
        return &window;
    });
    take("results plot", [](MainWindow& window) {
        runToEnd(window, jobOf("Squares", "expr {} \\* {}", 40));
        showKind(window, "Plot");
        return &window;
    });
    take("results pictures", [](MainWindow& window) {
        const QTemporaryDir folder;
        job::ListInputs inputs;
        for (int number = 1; number <= 30; ++number) {
            QImage image(40 * number, 200, QImage::Format_RGB32);
            image.fill(QColor::fromHsv(number * 10, 160, 200));
            const QString file = folder.filePath(QStringLiteral("picture %1.png").arg(number));
            image.save(file);
            inputs.items.push_back(file.toStdString());
        }
        job::Job job = jobOf("Pictures", "cat {}", 1);
        job.inputs = inputs;
        runToEnd(window, job);
        showKind(window, "Pictures");
        in<widgets::TableView>(window, "results")->selectRow(4);
        wait(800);
        return &window;
    });
    for (const int items : {0, 3, 1'000}) {
        take(qPrintable(QStringLiteral("runs compared %1").arg(items)), [items](MainWindow& window) {
            compareRuns(window, items);
            return &window;
        });
    }
}

void takeDialogs(Pictures& pictures) {
    pictures.take(QStringLiteral("preferences"), [](MainWindow& window) -> QWidget* {
        window.askPreferences();
        return window.findChild<PreferencesDialog*>();
    });
    pictures.take(QStringLiteral("earlier runs"), [](MainWindow& window) -> QWidget* {
        runOfPictures(jobOf("Thumbnails", "true", 1), 1'000, false);
        window.askHistory();
        wait(300);
        return window.findChild<HistoryDialog*>();
    });
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    const QStringList arguments = QApplication::arguments();
    if (arguments.size() < 2 || !QDir().mkpath(arguments[1])) {
        std::fprintf(stderr, "usage: pictures FOLDER [PART OF A NAME]\n");
        return 1;
    }
    const QTemporaryDir state; // the history is not the person's who looks at the pictures
    qputenv("XDG_STATE_HOME", QFile::encodeName(state.path()));
    Theme theme(application);
    Pictures pictures(arguments[1], arguments.value(2), theme);
    takePages(pictures);
    takeArranged(pictures);
    takePlayback(pictures);
    takeOthers(pictures);
    for (const Size& size : sizes) {
        takeForms(pictures, size);
        takeResults(pictures, size);
    }
    takeDialogs(pictures);
    return pictures.isComplete() ? 0 : 1;
}
