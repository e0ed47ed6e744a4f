// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whether the views of the instruments keep up: 1,000 processes and a million events, each view opened, scrolled and
// zoomed, drawn offscreen by the raster painter; then a live stream of 100,000 events a second into each view; then
// memory with one and with five million events. One table with a verdict for each goal.
//     QT_QPA_PLATFORM=offscreen bench_instruments [SECONDS OF STREAM FOR EACH VIEW [NAME OF A VIEW]]
//
// A frame is all that the window's thread does for one change within 33 ms: the change, what it makes the view do when
// its timers fire, and one painting of everything. *wall* is the time that took, *CPU* what the thread worked for it,
// which does not depend on what else the machine does. *bare* is what a QPainter works to make again the very calls of
// that painting: the same rectangles, texts, lines and pictures that are seen. A frame's verdict is by the clock;
// "busy" says that only other programs kept it from being met.
#include <QAbstractEventDispatcher>
#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QScrollBar>
#include <QTimer>
#include <QWheelEvent>
#include <QWidget>

#include <malloc.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>

#include <tests/benchmarks/recorded_frame.h>
#include <tests/support/made_up_events.h>
#include <widgets/instruments/channel_matrix_view.h>
#include <widgets/instruments/event_log_view.h>
#include <widgets/instruments/exchange_diagram_view.h>
#include <widgets/instruments/failures_view.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_selection.h>
#include <widgets/instruments/instrument_source.h>
#include <widgets/instruments/process_tree_view.h>
#include <widgets/instruments/throughput_view.h>
#include <widgets/instruments/time_range.h>
#include <widgets/instruments/timeline_view.h>

using namespace pprocess;
using namespace pprocess::widgets;
using benchmarks::RecordedFrame;

namespace {

constexpr QSize viewSize{1280, 800};
constexpr double frameTime = 33; ///< ms
constexpr int frames = 100;
constexpr double eventsPerSecond = 100'000;
constexpr double mostOfBare = 3;
constexpr double mostOfCore = 0.5;
constexpr int workers = 1'000;
constexpr int tasks = 90'000; ///< eleven events each

int goals = 0;
int goalsMet = 0;

/// What this thread has worked so far, ms.
double worked() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

const char* verdict(bool isMet) {
    ++goals;
    goalsMet += isMet ? 1 : 0;
    return isMet ? "met" : "NOT MET";
}

/// Of a time that a frame may take at most: by the clock, as on a screen. "busy": not by the clock, but the thread
/// worked no longer than that; something else had the processor.
const char* frameVerdict(double wall, double cpu) {
    const char* text = verdict(wall <= frameTime);
    return wall > frameTime && cpu <= frameTime ? "busy" : text;
}

/// A source that is only its data.
class MadeUpSource : public InstrumentSource {
public:
    using InstrumentSource::InstrumentSource;
    [[nodiscard]] QString title() const override { return QStringLiteral("made up"); }
    [[nodiscard]] State state() const override { return State::live; }
    [[nodiscard]] QString statusText() const override { return {}; }
    [[nodiscard]] InstrumentData& data() override { return m_data; }

private:
    InstrumentData m_data;
};

struct Record {
    MadeUpSource source;
    InstrumentSelection selection;
    TimeRange range;

    InstrumentData& data() { return source.data(); }
    void showWhole() { range.setWhole(data().beginTime(), data().endTime()); }
};

/// Events with what came with them.
struct Events {
    std::vector<Event> events;
    std::vector<std::size_t> texts{0}; ///< where each begins, and where the last one ends
    std::string text;

    explicit Events(bool isLive, std::int64_t begin = 1'000'000'000, int processes = workers) {
        tests::made_up_program({.workers = processes, .tasks = tasks, .is_live = isLive, .begin = begin},
                               [this](const Event& event, std::string_view with) {
                                   events.push_back(event);
                                   text += with;
                                   texts.push_back(text.size());
                               });
    }
    /// As far apart as they come in the stream.
    void stretch() {
        const std::int64_t begin = events.front().time;
        const auto length = static_cast<double>(events.back().time - begin);
        const double factor = static_cast<double>(events.size()) / eventsPerSecond * 1e9 / length;
        for (Event& event : events)
            event.time = begin + static_cast<std::int64_t>(static_cast<double>(event.time - begin) * factor);
    }
    void appendTo(InstrumentData& data, std::size_t from, std::size_t to) const {
        for (; from < to; ++from)
            data.append(events[from],
                        std::as_bytes(std::span(text).subspan(texts[from], texts[from + 1] - texts[from])));
    }
};

struct Kind {
    std::string name;
    std::function<QWidget*(Record&)> make;
    std::function<Selected(Record&)> select = nullptr;
};

Selected waitingTask(Record&) {
    return Selected::taskOf(77, std::uint64_t{tasks} * 2);
}

/// All events are looked at in vain.
Selected unknownTask(Record&) {
    return Selected::taskOf(77, std::uint64_t{tasks} * 3);
}

const std::vector<Kind>& kinds() {
    static const auto timeline = [](Record& one) { return new TimelineView(one.data(), one.selection, one.range); };
    static const std::vector<Kind> all{
        {"timeline", timeline},
        {"timeline, arrows", timeline, [](Record&) { return Selected::process(3); }},
        {"timeline, program", timeline, [](Record&) { return Selected::process(1); }},
        {"timeline, task", timeline, waitingTask},
        {"processes",
         [](Record& one) { return new ProcessTreeView(one.data(), one.selection, one.range, one.source); }},
        {"channels", [](Record& one) { return new ChannelMatrixView(one.data(), one.selection, one.range); }},
        {"exchange", [](Record& one) { return new ExchangeDiagramView(one.data(), one.selection, one.range); }},
        {"throughput", [](Record& one) { return new ThroughputView(one.data(), one.selection, one.range); }},
        {"failures", [](Record& one) { return new FailuresView(one.data(), one.selection); }},
        {"events", [](Record& one) { return new EventLogView(one.data(), one.selection, one.range); }, unknownTask},
    };
    return all;
}

/// A view in a window that paints when it is told to, and the times of its frames.
class Stage {
public:
    Stage(const Kind& kind, Record& record) {
        begin();
        m_view.reset(kind.make(record));
        m_view->resize(viewSize);
        m_view->installEventFilter(&m_holdsBack);
        m_view->show();
        QApplication::processEvents();
        paint();
        end();
    }
    [[nodiscard]] QWidget& view() const { return *m_view; }

    void frame(const std::function<void()>& change) {
        begin();
        change();
        QTimer::singleShot(static_cast<int>(frameTime) + 1, Qt::PreciseTimer, &m_slot, [this] { m_isOver = true; });
        for (m_isOver = false; !m_isOver;)
            QApplication::processEvents(QEventLoop::WaitForMoreEvents);
        // All of it, though a view may have changed a part only.
        m_view->update();
        for (QWidget* part : m_view->findChildren<QWidget*>())
            part->update();
        paint();
        end();
    }
    /// Paints all that is due.
    void paint() {
        m_holdsBack.isOff = true;
        QEvent request(QEvent::UpdateRequest);
        QApplication::sendEvent(m_view.get(), &request);
        m_holdsBack.isOff = false;
    }
    void forget() {
        m_wall.clear();
        m_cpu.clear();
    }
    [[nodiscard]] const std::vector<double>& wall() const { return m_wall; }
    [[nodiscard]] const std::vector<double>& cpu() const { return m_cpu; }

private:
    /// A screen that shows thirty frames a second takes one a frame.
    struct HoldsBack : QObject {
        bool isOff = false;
        bool eventFilter(QObject*, QEvent* event) override { return !isOff && event->type() == QEvent::UpdateRequest; }
    };

    void begin() {
        m_idle = 0;
        const auto* dispatcher = QAbstractEventDispatcher::instance();
        m_connections[0] = QObject::connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, &m_slot,
                                            [this] { m_blocked.start(); });
        m_connections[1] = QObject::connect(dispatcher, &QAbstractEventDispatcher::awake, &m_slot, [this] {
            if (m_blocked.isValid())
                m_idle += static_cast<double>(m_blocked.nsecsElapsed()) / 1e6;
            m_blocked.invalidate();
        });
        m_clock.start();
        m_begin = worked();
    }
    void end() {
        m_cpu.push_back(worked() - m_begin);
        m_wall.push_back(static_cast<double>(m_clock.nsecsElapsed()) / 1e6 - m_idle);
        for (const auto& connection : m_connections)
            QObject::disconnect(connection);
    }

    HoldsBack m_holdsBack;
    QObject m_slot;
    std::unique_ptr<QWidget> m_view;
    QElapsedTimer m_clock;
    QElapsedTimer m_blocked;
    double m_idle = 0;
    double m_begin = 0;
    bool m_isOver = false;
    std::array<QMetaObject::Connection, 2> m_connections;
    std::vector<double> m_wall;
    std::vector<double> m_cpu;
};

/// What painting a frame again costs, ms of CPU: with all calls, and with the rectangles alone.
struct Bare {
    double all = 0;
    double rectangles = 0;
    std::size_t calls = 0;
};

Bare bareOf(QWidget& view) {
    const RecordedFrame frame(view);
    QImage image(viewSize, QImage::Format_ARGB32_Premultiplied);
    const auto median = [&](bool rectanglesOnly) {
        std::vector<double> times;
        for (int round = 0; round < 7; ++round) {
            const double begin = worked();
            frame.paint(image, rectanglesOnly);
            times.push_back(worked() - begin);
        }
        return quantile(times, 0.5);
    };
    return {median(false), median(true), frame.calls.size()};
}

void turnWheel(QWidget& view, int angle) {
    QWidget* under = view.childAt(viewSize.width() / 2, viewSize.height() / 2);
    QWidget& target = under ? *under : view;
    QWheelEvent event(QPointF(target.width() / 2.0, target.height() / 2.0), target.mapToGlobal(QPointF(9, 9)), {},
                      {0, angle}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&target, &event);
}

void printFrames(const char* name, const char* what, const Stage& stage, const Bare& bare) {
    const double wall = quantile(stage.wall(), 0.99);
    const double cpu = quantile(stage.cpu(), 0.5);
    const double ratio = cpu / bare.all;
    std::printf("%-17s %-7s %7.1f %7.1f %8.1f %7.1f %7.2f %6.2f %6zu %6.2f   %-8s %s\n", name, what,
                quantile(stage.wall(), 0.5), wall, cpu, quantile(stage.cpu(), 0.99), bare.all, bare.rectangles,
                bare.calls, ratio, frameVerdict(wall, quantile(stage.cpu(), 0.99)), verdict(ratio <= mostOfBare));
    std::fflush(stdout);
}

/// Each way of moving is measured in steps, and its bare frame at some of them.
void measureSteps(const char* name, const char* what, Stage& stage, const std::function<void(int)>& step) {
    stage.forget();
    std::vector<Bare> bare;
    for (int frame = 0; frame < frames; ++frame) {
        stage.frame([&] { step(frame); });
        if (frame % 10 == 5)
            bare.push_back(bareOf(stage.view()));
    }
    std::sort(bare.begin(), bare.end(), [](const Bare& one, const Bare& other) { return one.all < other.all; });
    printFrames(name, what, stage, bare[bare.size() / 2]);
}

void measureFrames(Record& record, const std::vector<Kind>& views, const char* only) {
    std::printf("\nFrames, ms: %.1f or less in 99 of 100, and at most %.0f times bare (CPU, median)\n", frameTime,
                mostOfBare);
    std::printf("%-17s %-7s %15s %16s %15s %5s %6s   %-8s %s\n", "", "", "wall median/p99", "CPU median/p99",
                "bare/rect only", "calls", "ratio", "frame", "ratio");
    for (const Kind& kind : views) {
        if (only && !kind.name.starts_with(only))
            continue;
        record.range.showAll();
        record.selection.clear();
        std::vector<std::unique_ptr<Stage>> stages;
        std::vector<double> wall;
        std::vector<double> cpu;
        // The first one also loads what the toolkit needs: fonts, icons, a style.
        for (int round = 0; round < 4; ++round) {
            stages.clear();
            stages.push_back(std::make_unique<Stage>(kind, record));
            wall.push_back(stages.back()->wall().front());
            cpu.push_back(stages.back()->cpu().front());
        }
        Stage& stage = *stages.back();
        std::printf("%-17s %-7s %7.1f %7.1f %8.1f %7.1f %28s   %-8s\n", kind.name.c_str(), "open", quantile(wall, 0.5),
                    quantile(wall, 1), quantile(cpu, 0.5), quantile(cpu, 1), "",
                    frameVerdict(quantile(wall, 0.5), quantile(cpu, 0.5)));
        if (kind.select) {
            stage.forget();
            stage.frame([&] { record.selection.select(kind.select(record)); });
            std::printf("%-17s %-7s %7.1f %7s %8.1f %7s %28s   %-8s\n", kind.name.c_str(), "select",
                        stage.wall().front(), "", stage.cpu().front(), "", "",
                        frameVerdict(stage.wall().front(), stage.cpu().front()));
        }
        // Whatever it does in pieces between frames is not what is measured next.
        for (int round = 0; round < 30; ++round)
            stage.frame([] {});
        measureSteps(kind.name.c_str(), "scroll", stage,
                     [&](int frame) { turnWheel(stage.view(), frame % 40 < 20 ? -120 : 120); });
        const std::int64_t middle = record.range.begin() + record.range.length() / 3;
        measureSteps(kind.name.c_str(), "zoom", stage,
                     [&](int frame) { record.range.zoom(frame % 50 < 25 ? 0.8 : 1.25, middle); });
        record.range.zoom(0.1, middle);
        measureSteps(kind.name.c_str(), "pan", stage,
                     [&](int frame) { record.range.pan((frame % 50 < 25 ? 1 : -1) * record.range.length() / 20); });
    }
}

/// Events at their pace by the clock: what a late timer did not deliver comes with the next one.
void measureStream(const Events& events, double seconds, const char* only) {
    std::printf("\nA live stream, %.0f s: the share of a core that the window's thread takes, %.0f %% or less\n",
                seconds, mostOfCore * 100);
    std::printf("%-17s %12s %15s %14s   %s\n", "", "events/s", "window's thread", "longest, ms", "verdict");
    const std::size_t before = events.events.size() / 4;
    const auto run = [&](const Kind* kind) {
        Record record;
        events.appendTo(record.data(), 0, before);
        record.data().publish();
        record.showWhole();
        const std::unique_ptr<QWidget> view(kind ? kind->make(record) : new QWidget);
        view->resize(viewSize);
        view->show();
        if (kind && kind->select)
            record.selection.select(kind->select(record));
        for (int round = 0; round < 40; ++round)
            QApplication::processEvents(QEventLoop::AllEvents, 20);
        std::size_t next = before;
        double longest = 0;
        QElapsedTimer clock;
        QTimer timer;
        timer.setInterval(static_cast<int>(frameTime));
        timer.setTimerType(Qt::PreciseTimer);
        QObject::connect(&timer, &QTimer::timeout, [&] {
            const double due = static_cast<double>(clock.nsecsElapsed()) / 1e9 * eventsPerSecond;
            const std::size_t end = std::min(events.events.size(), before + static_cast<std::size_t>(due));
            events.appendTo(record.data(), next, end);
            next = end;
            record.showWhole();
            record.data().publish();
        });
        clock.start();
        timer.start();
        const double begin = worked();
        while (static_cast<double>(clock.elapsed()) < seconds * 1e3) {
            const double turn = worked();
            QApplication::processEvents(QEventLoop::WaitForMoreEvents);
            longest = std::max(longest, worked() - turn);
        }
        const double wall = static_cast<double>(clock.nsecsElapsed()) / 1e6;
        const double share = (worked() - begin) / wall;
        const double rate = static_cast<double>(next - before) / wall * 1e3;
        const bool isFull = rate >= eventsPerSecond * 0.98;
        std::printf("%-17s %12.0f %13.0f %% %14.1f   %s%s\n", kind ? kind->name.c_str() : "(no view)", rate,
                    share * 100, longest, verdict(isFull && share <= mostOfCore),
                    isFull ? "" : ": the stream was not full");
        std::fflush(stdout);
    };
    run(nullptr);
    for (const Kind& kind : kinds()) {
        if (!only || kind.name.starts_with(only))
            run(&kind);
    }
}

double residentMebibytes() {
    long whole = 0;
    long resident = 0;
    if (FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%ld %ld", &whole, &resident) != 2)
            resident = 0;
        std::fclose(file);
    }
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1048576;
}

/// In a process of its own, so that only the record makes it grow.
void measureMemory(int millions) {
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child != 0) {
        int status = 1;
        ::waitpid(child, &status, 0);
        verdict(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        return;
    }
    InstrumentData data;
    double grown = 0;
    std::int64_t begin = 1'000'000'000;
    for (int round = 0; round < millions; ++round) {
        auto events = std::make_unique<Events>(false, begin);
        ::malloc_trim(0); // or the record would grow into what making the events up has left behind
        const double before = residentMebibytes();
        events->appendTo(data, 0, events->events.size());
        grown += residentMebibytes() - before;
        begin = events->events.back().time + 1'000'000;
        events.reset();
    }
    constexpr double mebibyte = 1048576;
    const double budget = static_cast<double>(InstrumentData::defaultBudget) / mebibyte;
    const bool isMet = static_cast<double>(data.memory()) / mebibyte <= budget && grown <= budget;
    std::printf("%10.0f %10.0f %12.0f MiB %10.0f MiB %8.0f MiB   %s\n", static_cast<double>(data.endEvent()),
                static_cast<double>(data.forgotten()), static_cast<double>(data.memory()) / mebibyte, grown, budget,
                isMet ? "met" : "NOT MET");
    std::fflush(stdout);
    ::_exit(isMet ? 0 : 1);
}

} // namespace

int main(int count, char** arguments) {
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const double seconds = count > 1 ? std::atof(arguments[1]) : 3;
    const char* only = count > 2 ? arguments[2] : nullptr;
    if (!only) {
        std::printf("Memory of a record\n%10s %10s %16s %14s %12s   %s\n", "events", "let go", "by its count",
                    "resident", "budget", "verdict");
        for (const int millions : {1, 5})
            measureMemory(millions);
    }
    QApplication application(count, arguments);
    // Many lanes, or few with much in each.
    const auto measure = [only](int processes, const std::vector<Kind>& views) {
        const Events events(true, 1'000'000'000, processes);
        Record record;
        // One task waits for ever.
        record.data().append(
            {.time = events.events.front().time, .exchange = 77, .task = tasks * 2, .kind = EventKind::task_queued},
            {});
        events.appendTo(record.data(), 0, events.events.size());
        record.data().publish();
        record.showWhole();
        std::printf("\n%zu processes, %.0f events, %d x %d pixels\n", record.data().head().processes().size(),
                    static_cast<double>(record.data().endEvent()), viewSize.width(), viewSize.height());
        measureFrames(record, views, only);
    };
    measure(workers, kinds());
    measure(20, {kinds()[0], kinds()[1], kinds()[2]});
    if (seconds > 0) {
        Events events(true);
        events.stretch();
        measureStream(events, seconds, only);
    }
    std::printf("\n%d of %d goals met\n", goalsMet, goals);
    return goalsMet == goals ? 0 : 1;
}
