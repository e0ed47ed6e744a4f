// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every view of the instruments over 1,000 processes and about a million events, drawn offscreen by the raster painter:
// frame times while it is opened, scrolled and zoomed, beside the time that QPainter needs for as many rectangles and
// texts as the view has pixels and rows for; then a live stream of 100,000 events a second into each view in turn.
//     QT_QPA_PLATFORM=offscreen bench_instruments [SECONDS OF STREAM FOR EACH VIEW]
#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QPainter>
#include <QTimer>
#include <QWheelEvent>
#include <QWidget>

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>

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

namespace {

constexpr QSize viewSize{1280, 800};

double threadTime() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
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

struct Kind {
    const char* name;
    std::function<QWidget*(Record&)> make;
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all{
        {"timeline", [](Record& one) { return new TimelineView(one.data(), one.selection, one.range); }},
        {"processes",
         [](Record& one) { return new ProcessTreeView(one.data(), one.selection, one.range, one.source); }},
        {"channels", [](Record& one) { return new ChannelMatrixView(one.data(), one.selection, one.range); }},
        {"exchange", [](Record& one) { return new ExchangeDiagramView(one.data(), one.selection, one.range); }},
        {"throughput", [](Record& one) { return new ThroughputView(one.data(), one.selection, one.range); }},
        {"failures", [](Record& one) { return new FailuresView(one.data(), one.selection); }},
        {"events", [](Record& one) { return new EventLogView(one.data(), one.selection, one.range); }},
    };
    return all;
}

/// What QPainter needs for 3,000 rectangles and 300 short texts: about what a view of this size shows.
double bareFrame() {
    QImage image(viewSize, QImage::Format_ARGB32_Premultiplied);
    std::vector<double> times;
    for (int frame = 0; frame < 40; ++frame) {
        QElapsedTimer timer;
        timer.start();
        QPainter painter(&image);
        painter.fillRect(image.rect(), Qt::white);
        for (int index = 0; index < 3'000; ++index)
            painter.fillRect((index * 37) % 1240, (index / 60) * 16, 18, 12, QColor::fromHsv(index % 360, 120, 200));
        painter.setPen(Qt::black);
        for (int index = 0; index < 300; ++index)
            painter.drawText((index % 6) * 210, 14 + (index / 6) * 16, QStringLiteral("task %1 of 90,000").arg(index));
        painter.end();
        times.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

/// Times of frames: whatever is due is done, and the view is drawn.
class Frames {
public:
    explicit Frames(QWidget& view) : m_view(view), m_image(viewSize, QImage::Format_ARGB32_Premultiplied) {}

    void draw(const std::function<void()>& change) {
        QElapsedTimer timer;
        timer.start();
        change();
        QApplication::processEvents();
        m_view.render(&m_image);
        m_times.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    [[nodiscard]] double quantile(double share) {
        std::sort(m_times.begin(), m_times.end());
        return m_times[static_cast<std::size_t>(share * static_cast<double>(m_times.size() - 1))];
    }

private:
    QWidget& m_view;
    QImage m_image;
    std::vector<double> m_times;
};

void turnWheel(QWidget& view, int angle) {
    QWidget* under = view.childAt(viewSize.width() / 2, viewSize.height() / 2);
    QWidget& target = under ? *under : view;
    QWheelEvent event(QPointF(target.width() / 2.0, target.height() / 2.0), target.mapToGlobal(QPointF(9, 9)), {},
                      {0, angle}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&target, &event);
}

void measureFrames(Record& record, double bare) {
    std::printf("\n%zu processes, %.0f events, %.0f MiB; a bare frame: %.1f ms\n",
                record.data().head().processes().size(), static_cast<double>(record.data().endEvent()),
                static_cast<double>(record.data().memory()) / 1048576, bare);
    std::printf("%-12s %9s %24s %24s\n", "view", "opening", "scrolling p50/p99", "zooming p50/p99, times bare");
    for (const Kind& kind : kinds()) {
        record.range.showAll();
        QElapsedTimer timer;
        timer.start();
        const std::unique_ptr<QWidget> view(kind.make(record));
        view->resize(viewSize);
        view->show();
        QApplication::processEvents();
        QImage first(viewSize, QImage::Format_ARGB32_Premultiplied);
        view->render(&first);
        const double opening = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        // Whatever it does in pieces between frames is not what is measured next.
        for (int round = 0; round < 60; ++round)
            QApplication::processEvents(QEventLoop::AllEvents, 20);
        Frames scrolling(*view);
        for (int frame = 0; frame < 100; ++frame)
            scrolling.draw([&] { turnWheel(*view, frame % 20 < 10 ? -120 : 120); });
        Frames zooming(*view);
        const std::int64_t middle = record.range.begin() + record.range.length() / 3;
        for (int frame = 0; frame < 100; ++frame)
            zooming.draw([&] { record.range.zoom(frame % 50 < 25 ? 0.8 : 1.25, middle); });
        const double p50 = zooming.quantile(0.5);
        std::printf("%-12s %6.1f ms %10.1f / %6.1f ms %10.1f / %6.1f ms %5.1f\n", kind.name, opening,
                    scrolling.quantile(0.5), scrolling.quantile(0.99), p50, zooming.quantile(0.99), p50 / bare);
        std::fflush(stdout);
    }
}

/// 100,000 events a second, in a batch for each frame, as a source reads them.
void measureStream(double seconds) {
    std::vector<std::pair<Event, std::string>> events;
    tests::made_up_program({.workers = 1'000, .tasks = 90'000}, [&](const Event& event, std::string_view text) {
        events.emplace_back(event, std::string(text));
    });
    std::printf("\n100,000 events a second, %.0f s for each view\n%-12s %22s %12s %12s\n", seconds, "view",
                "the window's thread", "without it", "record");
    constexpr std::size_t perFrame = 3'300;
    const auto run = [&](const Kind* kind) {
        Record record;
        const std::unique_ptr<QWidget> view(kind ? kind->make(record) : new QWidget);
        view->resize(viewSize);
        view->show();
        std::size_t next = 0;
        QTimer frame;
        frame.setInterval(33);
        frame.setTimerType(Qt::PreciseTimer);
        QObject::connect(&frame, &QTimer::timeout, [&] {
            for (std::size_t count = 0; count < perFrame && next < events.size(); ++count, ++next)
                record.data().append(events[next].first, std::as_bytes(std::span(events[next].second)));
            record.showWhole();
            record.data().publish();
            view->update();
        });
        QElapsedTimer wall;
        wall.start();
        const double before = threadTime();
        frame.start();
        while (static_cast<double>(wall.elapsed()) < seconds * 1e3)
            QApplication::processEvents(QEventLoop::WaitForMoreEvents);
        return std::pair((threadTime() - before) / (static_cast<double>(wall.nsecsElapsed()) / 1e9),
                         static_cast<double>(record.data().memory()) / 1048576);
    };
    const double alone = run(nullptr).first;
    for (const Kind& kind : kinds()) {
        const auto [share, memory] = run(&kind);
        std::printf("%-12s %17.0f %% %13.0f %% %8.0f MiB\n", kind.name, share * 100, alone * 100, memory);
        std::fflush(stdout);
    }
}

} // namespace

int main(int count, char** arguments) {
    QApplication application(count, arguments);
    const double bare = bareFrame();
    {
        Record record;
        tests::made_up_program({.workers = 1'000, .tasks = 90'000}, [&](const Event& event, std::string_view text) {
            record.data().append(event, std::as_bytes(std::span(text)));
        });
        record.data().publish();
        record.showWhole();
        measureFrames(record, bare);
    }
    measureStream(count > 1 ? std::atof(arguments[1]) : 3);
    return 0;
}
