// SPDX-License-Identifier: GPL-3.0-or-later
//
// How long the timeline takes for a frame, beside a bare QPainter that fills the very same rectangles. Offscreen, in
// software. Only ratios within one run mean something.
//     QT_QPA_PLATFORM=offscreen bench_timeline [EVENTS]
#include <QtWidgets>

#include <tests/support/made_up_events.h>
#include <widgets/instruments/timeline_canvas.h>
#include <widgets/instruments/timeline_view.h>

#include <cstdio>
#include <ctime>
#include <functional>

using namespace pprocess;
using namespace pprocess::widgets;

namespace {

using Painted = std::vector<TimelineCanvas::Painted>;

/// Fills rectangles, and nothing else.
class Bare : public QWidget {
public:
    Painted rectangles;

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        for (const auto& [rect, color, isHatched] : rectangles)
            painter.fillRect(rect, color);
    }
};

/// What this thread has worked so far, ms. Unlike the time of day it does not depend on what else runs.
double worked() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Paints what has to be painted, as the event loop would; ms.
double paint(QWidget& window) {
    const double begin = worked();
    QEvent request(QEvent::UpdateRequest);
    QApplication::sendEvent(&window, &request);
    return worked() - begin;
}

double at(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

struct Record {
    explicit Record(const tests::MadeUp& wish) {
        tests::made_up_program(wish, [this](const Event& event, std::string_view text) {
            data.append(event, std::as_bytes(std::span(text)));
        });
        data.publish();
        view.resize(1'280, 800);
        view.show();
        view.canvas().refresh();
        bare.resize(view.canvas().viewport()->size());
        bare.show();
        QCoreApplication::processEvents();
    }

    void measure(const char* what, int processes, const std::function<void(int)>& step) {
        constexpr int frames = 100;
        std::vector<double> own;
        std::vector<double> plain;
        std::vector<double> ratios;
        QWidget& viewport = *view.canvas().viewport();
        std::size_t rectangles = 0;
        for (int frame = 0; frame < frames; ++frame) {
            step(frame);
            bare.rectangles.clear();
            view.canvas().notePainted(&bare.rectangles);
            view.canvas().grab();
            view.canvas().notePainted(nullptr);
            rectangles = std::max(rectangles, bare.rectangles.size());
            // Once more the same way, or what was laid out for the noted frame would be there already.
            step(frame + 1);
            viewport.update();
            own.push_back(paint(view));
            bare.update();
            plain.push_back(paint(bare));
            ratios.push_back(own.back() / plain.back());
        }
        std::printf("%-28s %5d  %8zu  %8.2f %8.2f  %8.2f %8.2f  %6.2f\n", what, processes, rectangles, at(own, 0.5),
                    at(own, 0.99), at(plain, 0.5), at(plain, 0.99), at(ratios, 0.5));
    }

    InstrumentData data;
    InstrumentSelection selection;
    TimeRange range;
    TimelineView view{data, selection, range};
    Bare bare;
};

void measureViews(int processes, int events) {
    Record record({.workers = processes, .tasks = events / 11});
    QScrollBar& bar = *record.view.canvas().verticalScrollBar();
    TimeRange& range = record.range;
    const std::int64_t whole = range.length();
    record.measure("whole", processes, [](int) {});
    record.measure("whole, scrolled", processes,
                   [&](int frame) { bar.setValue(bar.maximum() > 0 ? frame * 60 % bar.maximum() : 0); });
    record.measure("zoomed in and out", processes, [&](int frame) {
        const double share = std::pow(0.5, frame % 20 / 2.0);
        const auto length = static_cast<std::int64_t>(share * static_cast<double>(whole));
        const std::int64_t middle = range.wholeBegin() + whole / 2;
        range.show(middle - length / 2, middle + length / 2);
    });
    for (const int part : {10, 100, 1'000}) {
        char name[64];
        std::snprintf(name, sizeof name, "a %dth, panned", part);
        record.measure(name, processes, [&](int frame) {
            const std::int64_t length = whole / part;
            const std::int64_t begin = range.wholeBegin() + whole / 2 + frame * length / 100;
            range.show(begin, begin + length);
        });
    }
    record.selection.select(Selected::process(3));
    record.measure("a 10th, with arrows", processes, [&](int frame) {
        const std::int64_t begin = range.wholeBegin() + whole / 2 + frame * whole / 1'000;
        range.show(begin, begin + whole / 10);
    });
}

/// The share of a core that the window's thread takes while events come: taking them in, and a frame each 33 ms.
void measureLive(int processes) {
    constexpr int perSecond = 100'000;
    constexpr int perFrame = perSecond / 30;
    std::vector<std::pair<Event, std::string>> events;
    tests::made_up_program({.workers = processes, .tasks = 40'000, .is_live = true},
                           [&](const Event& event, std::string_view text) { events.emplace_back(event, text); });
    InstrumentData data;
    InstrumentSelection selection;
    TimeRange range;
    TimelineView view(data, selection, range);
    view.resize(1'280, 800);
    view.show();
    QCoreApplication::processEvents();
    std::vector<double> shares;
    for (std::size_t next = 0; next + perFrame < events.size();) {
        const double begin = worked();
        for (int count = 0; count < perFrame; ++count, ++next)
            data.append(events[next].first, std::as_bytes(std::span(events[next].second)));
        data.publish();
        view.canvas().refresh();
        paint(view);
        shares.push_back((worked() - begin) / (1'000.0 / 30));
    }
    std::printf("live, %d events a second, %d processes: %.0f %% of a core (median), %.0f %% (p99)\n", perSecond,
                processes, at(shares, 0.5) * 100, at(shares, 0.99) * 100);
}

} // namespace

int main(int argc, char** argv) {
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    const int events = argc > 1 ? QString::fromLocal8Bit(argv[1]).toInt() : 1'000'000;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::printf("%d events, 1280 x 800; ms of processor time a frame\n", events);
    std::printf("%-28s %5s  %8s  %8s %8s  %8s %8s  %6s\n", "view", "procs", "rects", "median", "p99", "bare", "p99",
                "ratio");
    for (const int processes : {20, 1'000})
        measureViews(processes, events);
    for (const int processes : {20, 1'000})
        measureLive(processes);
}
