// SPDX-License-Identifier: GPL-3.0-or-later
//
// With PPROCESS_PICTURES=FOLDER the last test saves pictures of the view there, to be looked at.
#include <QtTest>
#include <QtWidgets>

#include <tests/support/made_up_events.h>
#include <widgets/colors.h>
#include <widgets/instruments/state_colors.h>
#include <widgets/instruments/timeline_canvas.h>
#include <widgets/instruments/timeline_overview.h>
#include <widgets/instruments/timeline_view.h>

#include <numeric>

using namespace pprocess;
using namespace pprocess::widgets;
using observe::ProcessState;
using timeline::Bar;
using timeline::Scale;

namespace {

void fill(InstrumentData& data, const tests::MadeUp& wish) {
    tests::made_up_program(
        wish, [&](const Event& event, std::string_view text) { data.append(event, std::as_bytes(std::span(text))); });
    data.publish();
}

/// A view of a made-up record, 1,000 by 700.
struct Shown {
    explicit Shown(const tests::MadeUp& wish) : Shown() {
        fill(data, wish);
        view.canvas().refresh();
    }
    Shown() {
        view.resize(1'000, 700);
        view.show();
    }

    TimelineCanvas& canvas() { return view.canvas(); }
    QWidget* viewport() { return view.canvas().viewport(); }
    /// Paints, and returns what was painted.
    std::vector<TimelineCanvas::Painted> paint() {
        std::vector<TimelineCanvas::Painted> painted;
        canvas().notePainted(&painted);
        canvas().grab();
        canvas().notePainted(nullptr);
        return painted;
    }
    /// The n-th activity of a process that is in this state.
    std::size_t activity(std::uint64_t process, ProcessState state, int nth = 0) {
        const auto& activities = data.activities(process);
        for (std::size_t index = 0; index < activities.size(); ++index) {
            if (activities[index].state == state && nth-- == 0)
                return index;
        }
        return activities.size();
    }
    /// Shows so much that this activity is a fifth of it.
    void zoomTo(std::uint64_t process, std::size_t index) {
        const Activity& one = data.activities(process)[index];
        const std::int64_t length = one.end - one.begin;
        range.show(one.begin - 2 * length, one.end + 2 * length);
    }

    InstrumentData data;
    InstrumentSelection selection;
    TimeRange range;
    TimelineView view{data, selection, range};
};

std::deque<Activity> inARow(std::initializer_list<std::pair<std::int64_t, ProcessState>> lengths) {
    std::deque<Activity> activities;
    std::int64_t time = 0;
    for (const auto& [length, state] : lengths) {
        activities.push_back({.begin = time, .end = time + length, .state = state});
        time += length;
    }
    return activities;
}

constexpr auto run = ProcessState::running;
constexpr auto idle = ProcessState::idle;
constexpr auto send = ProcessState::sending;
constexpr std::uint64_t program = 1; ///< keys in a made-up record
constexpr std::uint64_t firstWorker = 2;

} // namespace

class TestTimeline : public QObject {
    Q_OBJECT

private slots:
    void barsLieWhereTheirTimesAre_data();
    void barsLieWhereTheirTimesAre();
    void barsNeitherOverlapNorLeaveTheScale();
    void aFailureIsSeenInACrowd();
    void marksAreMergedAndCounted();
    void stepsKeepTheirExtremes();
    void summariesAddUpToAPlainCount();
    void withSummariesLanesLookTheSame_data();
    void withSummariesLanesLookTheSame();
    void rulerHasRoundSteps_data();
    void rulerHasRoundSteps();
    void densityKeepsItsSums();
    void levelsEndWhereTheExchangeDoes();
    void rowsFormATree();
    void endedProcessesCollapseAway();
    void messagesArePairedByChannelDirectionAndNumber();

    void aClickSelectsWhatIsThere();
    void aSelectionFromElsewhereScrollsIntoView();
    void keysZoomPanAndMove();
    void theWheelZoomsAtThePointer();
    void draggingPansOrChooses();
    void followingStopsAndResumes();
    void theOverviewMovesTheRange();
    void marksSurviveZoomingOut();
    void failuresAreHatched();
    void arrowsGoFromSenderToReceiver();
    void aTaskThatEndsWhileSelectedGetsItsArrow();
    void detailsSayWhatItWas();
    void manyProcessesPaintFewRectangles();
    void nothingIsNoProblem();
    void pictures();
};

// ------------------------------------------------------------------------------------------------------------------
// geometry

void TestTimeline::barsLieWhereTheirTimesAre_data() {
    QTest::addColumn<std::deque<Activity>>("activities");
    QTest::addColumn<std::int64_t>("begin");
    QTest::addColumn<std::int64_t>("length");
    QTest::addColumn<std::vector<Bar>>("expected");
    const auto row = [](const char* name, const std::deque<Activity>& activities, std::int64_t begin,
                        std::int64_t length, const std::vector<Bar>& expected) {
        QTest::newRow(name) << activities << begin << length << expected;
    };
    const auto three = inARow({{20, idle}, {50, run}, {30, send}});
    row("whole", three, 0, 100,
        {{0, 2, idle, false, false, 0}, {2, 7, run, false, false, 1}, {7, 10, send, false, false, 2}});
    row("cut at both ends", three, 30, 50, {{0, 8, run, false, false, 1}, {8, 10, send, false, false, 2}});
    row("after the end", three, 200, 100, {});
    row("before the beginning", three, -200, 100, {});
    row("with nothing at first", three, -100, 200,
        {{5, 6, idle, false, false, 0}, {6, 9, run, false, false, 1}, {9, 10, send, false, false, 2}});
    // Two times 3 are longer than once 4: it is states that count.
    row("less than a column", inARow({{10, run}, {3, idle}, {4, run}, {3, idle}, {80, send}}), 0, 100,
        {{0, 1, run, false, false, 0}, {1, 2, idle, false, true, 1}, {2, 10, send, false, false, 4}});
    row("far out", inARow({{100, idle}, {300, run}, {100, idle}, {400, run}, {100, send}}), 0, 1'000'000,
        {{0, 1, run, false, true, 3}});
    row("edges between columns", inARow({{25, idle}, {50, run}, {25, send}}), 0, 100,
        {{0, 3, idle, false, false, 0}, {3, 8, run, false, false, 1}, {8, 10, send, false, false, 2}});
}

void TestTimeline::barsLieWhereTheirTimesAre() {
    QFETCH(std::deque<Activity>, activities);
    QFETCH(std::int64_t, begin);
    QFETCH(std::int64_t, length);
    QFETCH(std::vector<Bar>, expected);
    std::vector<Bar> bars;
    timeline::layOut(activities, Scale{begin, length, 10}, INT64_MAX, bars);
    QCOMPARE(bars.size(), expected.size());
    for (std::size_t at = 0; at < bars.size(); ++at) {
        QCOMPARE(bars[at].left, expected[at].left);
        QCOMPARE(bars[at].right, expected[at].right);
        QCOMPARE(bars[at].state, expected[at].state);
        QCOMPARE(bars[at].index, expected[at].index);
        QCOMPARE(bars[at].isMerged, expected[at].isMerged);
    }
}

void TestTimeline::barsNeitherOverlapNorLeaveTheScale() {
    InstrumentData data;
    fill(data, {.workers = 3, .tasks = 600, .is_live = true});
    std::mt19937_64 random(7);
    std::vector<Bar> bars;
    for (int round = 0; round < 400; ++round) {
        const std::int64_t whole = data.endTime() - data.beginTime();
        const std::int64_t length =
            1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(round % 2 == 0 ? whole : whole / 200));
        const std::int64_t begin =
            data.beginTime() + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(whole)) - length / 3;
        const Scale scale{begin, length, 1 + static_cast<int>(random() % 900)};
        const auto& activities = data.activities(firstWorker + random() % 3);
        timeline::layOut(activities, scale, data.endTime(), bars);
        int last = 0;
        for (const Bar& bar : bars) {
            QVERIFY(bar.left >= last && bar.right > bar.left && bar.right <= scale.width);
            last = bar.right;
            const Activity& activity = activities[bar.index];
            QVERIFY(bar.isMerged || activity.state == bar.state);
            if (!bar.isMerged) {
                QVERIFY(bar.left >= scale.column(activity.begin));
                QVERIFY(bar.right - 1 <= scale.column(std::min(activity.end, data.endTime())));
            }
        }
        // Its life has no gaps, so neither has its lane.
        for (std::size_t at = 1; at < bars.size(); ++at)
            QCOMPARE(bars[at].left, bars[at - 1].right);
    }
}

void TestTimeline::aFailureIsSeenInACrowd() {
    std::deque<Activity> activities;
    for (std::int64_t at = 0; at < 10'000; ++at)
        activities.push_back({.begin = at * 100, .end = at * 100 + 100, .task = 0, .state = at % 2 == 0 ? idle : run});
    activities[4'321].outcome = TaskOutcome::died;
    std::vector<Bar> bars;
    timeline::layOut(activities, Scale{0, 1'000'000, 50}, INT64_MAX, bars);
    const auto failed = std::find_if(bars.begin(), bars.end(), [](const Bar& bar) { return bar.isFailed; });
    QVERIFY(failed != bars.end());
    QCOMPARE(failed->index, std::size_t{4'321});
    QCOMPARE(failed->left, 21);
    QCOMPARE(std::count_if(bars.begin(), bars.end(), [](const Bar& bar) { return bar.isFailed; }), 1);
}

void TestTimeline::marksAreMergedAndCounted() {
    std::deque<Mark> marks;
    for (std::int64_t at = 0; at < 500; ++at)
        marks.push_back({at * 10, static_cast<std::uint64_t>(at), EventKind::process_stopped, false});
    marks[260].kind = EventKind::process_ended;
    marks[260].isFailure = true;
    std::vector<timeline::MarkGroup> groups;
    for (const int width : {1, 7, 300, 20'000}) {
        timeline::groupMarks(marks, Scale{0, 5'000, width}, 20, groups);
        std::size_t count = 0;
        bool hasDeath = false;
        for (std::size_t at = 0; at < groups.size(); ++at) {
            count += groups[at].count;
            hasDeath = hasDeath || groups[at].index == 260;
            QVERIFY(at == 0 || groups[at].x - groups[at - 1].x >= 20);
        }
        QCOMPARE(count, marks.size());
        QVERIFY(hasDeath);
    }
    QCOMPARE(groups.size(), marks.size());
}

void TestTimeline::stepsKeepTheirExtremes() {
    const std::deque<Level> levels{{.time = 10, .queued = 3}, {.time = 55, .queued = 90}, {.time = 56, .queued = 2}};
    std::vector<timeline::StepColumn> columns;
    timeline::layOutSteps(
        levels, Scale{0, 100, 10}, 80, [](const Level& level) { return double(level.queued); }, columns);
    QCOMPARE(columns[0].most, 0.0);
    QCOMPARE(columns[2].least, 3.0);
    QCOMPARE(columns[5].most, 90.0);
    QCOMPARE(columns[5].least, 2.0);
    QCOMPARE(columns[6].most, 2.0);
    QCOMPARE(columns[9].most, 0.0);
}

void TestTimeline::summariesAddUpToAPlainCount() {
    struct Sum {
        std::int64_t number = 0;
        std::int64_t total = 0;
        std::size_t last = 0;
        void add(std::int64_t entry, std::size_t index) { add({1, entry, index}); }
        void add(const Sum& later) {
            number += later.number;
            total += later.total;
            last = later.last;
        }
    };
    std::mt19937_64 random(5);
    const auto below = [&random](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    SummaryPyramid<Sum> pyramid;
    std::deque<std::int64_t> entries;
    for (int round = 0; round < 300; ++round) {
        for (std::size_t more = below(900); more > 0; --more)
            entries.push_back(static_cast<std::int64_t>(below(1'000)));
        pyramid.extend(entries, entries.size());
        if (round % 3 == 2) {
            const std::size_t less = below(std::min<std::size_t>(entries.size(), 1'200) + 1);
            entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(less));
            pyramid.drop(less);
        }
        for (int change = 0; change < 3 && !entries.empty(); ++change) {
            const std::size_t index = below(entries.size());
            entries[index] = static_cast<std::int64_t>(below(1'000));
            pyramid.renew(entries, index);
        }
        const std::size_t begin = below(entries.size() + 1);
        const std::size_t end = begin + below(entries.size() - begin + 1);
        Sum sum;
        std::size_t steps = 0;
        std::size_t next = begin;
        pyramid.walk(
            begin, end,
            [&](const Sum& run, std::size_t index, std::size_t number) {
                ++steps;
                if (round % 5 == 0 && number > SummaryPyramid<Sum>::fanout)
                    return false;
                const bool isInPlace = index == next && run.last - pyramid.dropped() == index + number - 1 &&
                                       static_cast<std::size_t>(run.number) == number;
                next = isInPlace ? next + number : SIZE_MAX / 2;
                sum.add(run);
                return true;
            },
            [&](std::size_t index) {
                ++steps;
                next = index == next ? next + 1 : SIZE_MAX / 2;
                sum.add(entries[index], index + pyramid.dropped());
                return true;
            });
        QCOMPARE(next, end);
        QCOMPARE(sum.number, static_cast<std::int64_t>(end - begin));
        QCOMPARE(sum.total, std::accumulate(entries.begin() + static_cast<std::ptrdiff_t>(begin),
                                            entries.begin() + static_cast<std::ptrdiff_t>(end), std::int64_t{0}));
        if (round % 5 != 0)
            QVERIFY2(steps <= 12 * SummaryPyramid<Sum>::fanout + (end - begin) / 10'000,
                     qPrintable(QString::number(steps)));
    }
    QVERIFY(entries.size() > 50'000);
}

void TestTimeline::withSummariesLanesLookTheSame_data() {
    QTest::addColumn<std::size_t>("budget");
    QTest::newRow("all kept") << InstrumentData::defaultBudget;
    QTest::newRow("the oldest forgotten") << (std::size_t{3} << 20);
}

void TestTimeline::withSummariesLanesLookTheSame() {
    QFETCH(std::size_t, budget);
    InstrumentData data(nullptr, budget);
    fill(data, {.workers = 3, .tasks = 6'000, .failing_one_in = 7, .is_live = true});
    QCOMPARE(data.forgotten() > 0, budget != InstrumentData::defaultBudget);
    std::mt19937_64 random(11);
    std::vector<Bar> bars;
    std::vector<Bar> plainBars;
    std::vector<timeline::MarkGroup> groups;
    std::vector<timeline::StepColumn> steps;
    std::vector<timeline::StepColumn> plainSteps;
    const auto queued = [](const Level& level) { return double(level.queued); };
    const std::int64_t whole = data.endTime() - data.beginTime();
    for (int round = 0; round < 200; ++round) {
        const std::int64_t length = std::max<std::int64_t>(1, whole >> (random() % 20));
        const std::int64_t begin =
            data.beginTime() - length / 3 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(whole));
        const Scale scale{begin, length + length / 7, 1 + static_cast<int>(random() % 900)};
        const std::uint64_t process = firstWorker + random() % 3;

        const auto& activities = data.activities(process);
        timeline::layOut(activities, scale, data.endTime(), plainBars);
        timeline::layOut(activities, scale, data.endTime(), bars, data.activitySummaries(process));
        QCOMPARE(bars.size(), plainBars.size());
        for (std::size_t at = 0; at < bars.size(); ++at)
            QVERIFY(bars[at] == plainBars[at]);

        const auto& marks = data.marks(process);
        timeline::groupMarks(marks, scale, 20, groups, data.markSummaries(process));
        const auto isIn = [&](const Mark& mark) { return mark.time >= scale.begin && mark.time <= scale.end(); };
        std::size_t grouped = 0;
        auto mark = std::find_if(marks.begin(), marks.end(), isIn);
        for (const timeline::MarkGroup& group : groups) {
            const auto next = mark + static_cast<std::ptrdiff_t>(group.count);
            const auto gravest = std::max_element(
                mark, next, [](const Mark& one, const Mark& other) { return gravity(one) < gravity(other); });
            QCOMPARE(group.index, static_cast<std::size_t>(gravest - marks.begin()));
            grouped += group.count;
            mark = next;
        }
        QCOMPARE(grouped, static_cast<std::size_t>(std::count_if(marks.begin(), marks.end(), isIn)));

        timeline::layOutSteps(data.levels(77), scale, data.endTime(), queued, plainSteps);
        timeline::layOutSteps(data.levels(77), scale, data.endTime(), queued, steps, data.levelSummaries(77));
        for (std::size_t at = 0; at < steps.size(); ++at) {
            QCOMPARE(steps[at].least, plainSteps[at].least);
            QCOMPARE(steps[at].most, plainSteps[at].most);
        }
    }
    // The whole takes few steps, however long it is.
    std::size_t visited = 0;
    const auto& activities = data.activities(firstWorker);
    data.activitySummaries(firstWorker)
        .walk(
            0, activities.size(), [&](const ActivitySummary&, std::size_t, std::size_t) { return ++visited > 0; },
            [&](std::size_t) { return ++visited > 0; });
    QVERIFY(activities.size() > 2'000);
    QVERIFY(visited < 200);
}

void TestTimeline::rulerHasRoundSteps_data() {
    QTest::addColumn<qint64>("length");
    QTest::addColumn<qint64>("step");
    QTest::addColumn<qint64>("time");
    QTest::addColumn<QString>("label");
    const qint64 second = 1'000'000'000;
    QTest::newRow("micro") << qint64{5'000} << qint64{500} << qint64{1'500} << QStringLiteral("1.5 µs");
    QTest::newRow("milli") << qint64{100'000'000} << qint64{10'000'000} << qint64{20'000'000}
                           << QStringLiteral("20 ms");
    QTest::newRow("late and close") << qint64{100'000} << qint64{10'000} << 2 * second + 340'000
                                    << QStringLiteral("2.00034 s");
    QTest::newRow("second") << 7 * second << second << 3 * second << QStringLiteral("3 s");
    QTest::newRow("minutes") << 100 * second << 10 * second << 130 * second << QStringLiteral("2:10");
    QTest::newRow("hours") << 36'000 * second << 3'600 * second << 7'200 * second << QStringLiteral("2:00:00");
    QTest::newRow("days") << 864'000 * second << 86'400 * second << qint64{0} << QStringLiteral("0");
}

void TestTimeline::rulerHasRoundSteps() {
    QFETCH(qint64, length);
    QFETCH(qint64, step);
    QFETCH(qint64, time);
    QFETCH(QString, label);
    QCOMPARE(timeline::rulerStep(Scale{0, length, 1'000}, 100), std::int64_t{step});
    QCOMPARE(timeline::rulerLabel(time, step), label);
}

void TestTimeline::densityKeepsItsSums() {
    ActivityDensity density;
    std::mt19937_64 random(3);
    double busy = 0;
    for (std::int64_t at = 0; at < 3'000; ++at) {
        const auto begin = static_cast<std::int64_t>(random() % 1'000'000) * at;
        const auto length = static_cast<std::int64_t>(random() % 40'000'000);
        density.addBusy(1'000'000'000 + begin, 1'000'000'000 + begin + length);
        density.addFailure(1'000'000'000 + begin);
        busy += static_cast<double>(length);
    }
    QVERIFY(density.buckets().size() <= ActivityDensity::mostBuckets);
    double sum = 0;
    std::uint64_t failures = 0;
    for (const auto& bucket : density.buckets()) {
        QVERIFY(bucket.busy >= 0);
        sum += bucket.busy;
        failures += bucket.failures;
    }
    QCOMPARE(failures, std::uint64_t{3'000});
    QVERIFY(std::abs(sum - busy) < busy * 1e-6);
}

void TestTimeline::levelsEndWhereTheExchangeDoes() {
    InstrumentData data;
    fill(data, {.workers = 4, .tasks = 100});
    const auto& levels = data.levels(77);
    QVERIFY(!levels.empty());
    std::uint32_t most = 0;
    for (const Level& level : levels) {
        QVERIFY(level.running <= 4);
        most = std::max(most, level.queued);
    }
    QCOMPARE(most, 100U);
    QCOMPARE(levels.back().queued, 0U);
    QCOMPARE(levels.back().running, 0U);
    QVERIFY(data.levels(78).empty());
}

void TestTimeline::rowsFormATree() {
    InstrumentData data;
    fill(data, {.workers = 3, .tasks = 9});
    timeline::RowWishes wishes;
    timeline::Rows rows = timeline::layOutRows(data.head(), wishes);
    QCOMPARE(rows.rows.size(), std::size_t{5});
    QCOMPARE(rows.rows[0].process, program);
    QCOMPARE(rows.rows[1].exchange, std::uint64_t{77});
    QCOMPARE(rows.rows[2].depth, 1);
    QCOMPARE(rows.height, 4 * wishes.processHeight + wishes.exchangeHeight);
    QCOMPARE(rows.rowAt(0), 0);
    QCOMPARE(rows.rowAt(wishes.processHeight), 1);
    QCOMPARE(rows.rowAt(rows.height), -1);
    QCOMPARE(rows.rowOfExchange(77), 1);
    wishes.collapsed.insert(program);
    rows = timeline::layOutRows(data.head(), wishes);
    QCOMPARE(rows.rows.size(), std::size_t{1});
    QVERIFY(rows.rows[0].isCollapsed);
    // What is collapsed is found at what stands for it.
    QCOMPARE(rows.rowOf(firstWorker, data.head()), 0);
    QCOMPARE(rows.shown, std::size_t{1});
    QCOMPARE(rows.processes, std::size_t{4});
}

void TestTimeline::endedProcessesCollapseAway() {
    Shown shown({.workers = 5, .tasks = 20});
    Event early{.time = 500'000'000, .writer = 1000, .process = 4'000, .kind = EventKind::process_created};
    const std::int64_t end = shown.data.endTime();
    for (const auto& [kind, time] : {std::pair{EventKind::process_created, end + 10'000},
                                     std::pair{EventKind::process_ended, end + 500'000'000}}) {
        early.kind = kind;
        early.time = time;
        shown.data.append(early, {});
    }
    shown.data.publish();
    shown.canvas().refresh();
    QCOMPARE(shown.canvas().rows().shown, std::size_t{7});
    QCOMPARE(shown.view.note(), QString());
    auto* hide = shown.view.findChild<QCheckBox*>();
    QVERIFY(hide);
    hide->click();
    QCOMPARE(shown.canvas().rows().shown, std::size_t{7});
    shown.range.show(end + 100'000'000, end + 200'000'000);
    QCOMPARE(shown.canvas().rows().shown, std::size_t{2});
    QVERIFY2(shown.view.note().startsWith("Showing 2 of 7 processes"), qPrintable(shown.view.note()));
    hide->click();
    QCOMPARE(shown.canvas().rows().shown, std::size_t{7});
}

void TestTimeline::messagesArePairedByChannelDirectionAndNumber() {
    InstrumentData data;
    fill(data, {.workers = 2, .tasks = 10});
    timeline::Messages messages;
    messages.look({500});
    messages.update(data);
    // Five tasks went there, five results came back.
    QCOMPARE(messages.found().size(), std::size_t{10});
    for (const timeline::Message& message : messages.found()) {
        QVERIFY(message.isWhole());
        QVERIFY(*message.received > *message.sent);
        QCOMPARE(message.channel, std::uint64_t{500});
    }
    QCOMPARE(std::count_if(messages.found().begin(), messages.found().end(),
                           [](const timeline::Message& message) { return message.isToProcess; }),
             5);
}

// ------------------------------------------------------------------------------------------------------------------
// the view

void TestTimeline::aClickSelectsWhatIsThere() {
    Shown shown({.workers = 3, .tasks = 30, .failing_one_in = 0});
    const std::size_t second = shown.activity(firstWorker, run, 1);
    shown.zoomTo(firstWorker, second);
    const QRect bar = shown.canvas().barRect(firstWorker, second);
    QTest::mouseClick(shown.viewport(), Qt::LeftButton, {}, bar.center());
    QCOMPARE(shown.selection.current(), Selected::taskOf(77, 3));
    const QRect name = shown.canvas().laneRect(firstWorker + 1);
    QTest::mouseClick(shown.viewport(), Qt::LeftButton, {}, QPoint(100, name.center().y()));
    QCOMPARE(shown.selection.current(), Selected::process(firstWorker + 1));
    QTest::mouseClick(shown.viewport(), Qt::LeftButton, {}, QPoint(100, shown.canvas().laneRect(program).bottom() + 5));
    QCOMPARE(shown.selection.current(), Selected::exchange(77));
    QTest::mouseClick(shown.viewport(), Qt::LeftButton, {}, shown.viewport()->rect().bottomLeft() + QPoint(200, -3));
    QCOMPARE(shown.selection.current().kind, Selected::Kind::nothing);
    // The triangle before the program's name.
    QTest::mouseClick(shown.viewport(), Qt::LeftButton, {}, QPoint(13, shown.canvas().laneRect(program).center().y()));
    QCOMPARE(shown.canvas().rows().rows.size(), std::size_t{1});
}

void TestTimeline::aSelectionFromElsewhereScrollsIntoView() {
    Shown shown({.workers = 200, .tasks = 2'000});
    const std::uint64_t last = firstWorker + 199;
    QVERIFY(!shown.canvas().lanesRect().intersects(shown.canvas().laneRect(last)));
    shown.selection.select(Selected::process(last));
    QVERIFY(shown.canvas().lanesRect().contains(shown.canvas().laneRect(last).center()));
    // A task brings its time as well.
    shown.range.show(shown.data.beginTime(), shown.data.beginTime() + 1'000'000);
    shown.selection.select(Selected::taskOf(77, 1'800));
    const QRect lane = shown.canvas().laneRect(firstWorker);
    QVERIFY(shown.canvas().lanesRect().contains(lane.center()));
    QVERIFY(!shown.canvas().barRect(firstWorker, shown.activity(firstWorker, run, 9)).isEmpty());
}

void TestTimeline::keysZoomPanAndMove() {
    Shown shown({.workers = 3, .tasks = 60});
    QWidget* canvas = &shown.canvas();
    const std::int64_t whole = shown.range.length();
    QTest::keyClick(canvas, Qt::Key_W);
    const std::int64_t zoomed = shown.range.length();
    QVERIFY(zoomed < whole);
    QTest::keyClick(canvas, Qt::Key_Home);
    QCOMPARE(shown.range.begin(), shown.range.wholeBegin());
    QTest::keyClick(canvas, Qt::Key_D);
    QVERIFY(shown.range.begin() > shown.range.wholeBegin());
    QTest::keyClick(canvas, Qt::Key_A);
    QCOMPARE(shown.range.begin(), shown.range.wholeBegin());
    QTest::keyClick(canvas, Qt::Key_End);
    QCOMPARE(shown.range.end(), shown.range.wholeEnd());
    QTest::keyClick(canvas, Qt::Key_S);
    QVERIFY(shown.range.showsAll());

    QTest::keyClick(canvas, Qt::Key_Down);
    QCOMPARE(shown.selection.current(), Selected::process(program));
    QTest::keyClick(canvas, Qt::Key_Down);
    QCOMPARE(shown.selection.current(), Selected::exchange(77));
    QTest::keyClick(canvas, Qt::Key_Down);
    QCOMPARE(shown.selection.current(), Selected::process(firstWorker));
    // Through its activities to its first task, which then fills most of the view.
    for (int step = 0; step < 20 && shown.selection.current().kind != Selected::Kind::task; ++step)
        QTest::keyClick(canvas, Qt::Key_Right);
    QCOMPARE(shown.selection.current(), Selected::taskOf(77, 0));
    QTest::keyClick(canvas, Qt::Key_F);
    QVERIFY(shown.range.length() < whole / 4);
    // The next lane, at about the same time.
    QTest::keyClick(canvas, Qt::Key_Down);
    QVERIFY(shown.selection.current().kind != Selected::Kind::nothing);
    QTest::keyClick(canvas, Qt::Key_Escape);
    QCOMPARE(shown.selection.current().kind, Selected::Kind::nothing);
    QTest::keyClick(canvas, Qt::Key_F);
    QVERIFY(shown.range.showsAll());
}

void TestTimeline::theWheelZoomsAtThePointer() {
    Shown shown({.workers = 100, .tasks = 300});
    const QRect lanes = shown.canvas().lanesRect();
    const QPoint place(lanes.left() + lanes.width() / 4, lanes.center().y());
    const std::int64_t there = shown.canvas().scale().timeAt(place.x() - lanes.left());
    const auto turn = [&](int angle, Qt::KeyboardModifiers modifiers) {
        QWheelEvent event(place, shown.viewport()->mapToGlobal(place), {}, {0, angle}, Qt::NoButton, modifiers,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(shown.viewport(), &event);
    };
    turn(480, Qt::ControlModifier);
    QVERIFY(!shown.range.showsAll());
    QVERIFY(std::abs(shown.canvas().scale().x(there) - (place.x() - lanes.left())) < 2);
    const std::int64_t begin = shown.range.begin();
    turn(-120, Qt::ShiftModifier);
    QVERIFY(shown.range.begin() > begin);
    turn(-120, Qt::NoModifier);
    QVERIFY(shown.canvas().verticalScrollBar()->value() > 0);
}

void TestTimeline::draggingPansOrChooses() {
    Shown shown({.workers = 5, .tasks = 100});
    const Scale scale = shown.canvas().scale();
    const std::int64_t from = scale.timeAt(scale.width / 4.0);
    const std::int64_t to = scale.timeAt(scale.width / 2.0);
    QTest::mousePress(shown.viewport(), Qt::LeftButton, {}, shown.canvas().rulerPoint(from));
    QTest::mouseMove(shown.viewport(), shown.canvas().rulerPoint(to));
    QTest::mouseRelease(shown.viewport(), Qt::LeftButton, {}, shown.canvas().rulerPoint(to));
    const std::int64_t column = scale.length / scale.width + 1;
    QVERIFY(std::abs(shown.range.begin() - from) <= 2 * column);
    QVERIFY(std::abs(shown.range.end() - to) <= 2 * column);

    const std::int64_t begin = shown.range.begin();
    const QPoint middle = shown.canvas().lanesRect().center();
    QTest::mousePress(shown.viewport(), Qt::LeftButton, {}, middle);
    QTest::mouseMove(shown.viewport(), middle + QPoint(60, 0));
    QTest::mouseMove(shown.viewport(), middle + QPoint(100, 0));
    QTest::mouseRelease(shown.viewport(), Qt::LeftButton, {}, middle + QPoint(100, 0));
    QVERIFY(shown.range.begin() < begin);
    QCOMPARE(shown.selection.current().kind, Selected::Kind::nothing);
}

void TestTimeline::followingStopsAndResumes() {
    Shown shown({.workers = 3, .tasks = 60, .is_live = true});
    auto* follow = shown.view.findChild<QToolButton*>(QStringLiteral("follow"));
    QVERIFY(follow && follow->isChecked());
    shown.range.zoom(0.3, shown.range.wholeEnd());
    QVERIFY(follow->isChecked());
    QTest::keyClick(&shown.canvas(), Qt::Key_A);
    QVERIFY(!follow->isChecked());
    const std::int64_t begin = shown.range.begin();
    shown.data.append({.time = shown.data.endTime() + 5'000'000, .process = 1001, .kind = EventKind::process_sample},
                      {});
    shown.data.publish();
    shown.canvas().refresh();
    QCOMPARE(shown.range.begin(), begin);
    follow->click();
    QCOMPARE(shown.range.end(), shown.data.endTime());
}

void TestTimeline::theOverviewMovesTheRange() {
    Shown shown({.workers = 3, .tasks = 60});
    TimelineOverview& overview = shown.view.overview();
    const auto drag = [&overview](int from, int to) {
        QTest::mousePress(&overview, Qt::LeftButton, {}, QPoint(from, 20));
        QTest::mouseMove(&overview, QPoint((from + to) / 2, 20));
        QTest::mouseMove(&overview, QPoint(to, 20));
        QTest::mouseRelease(&overview, Qt::LeftButton, {}, QPoint(to, 20));
    };
    const int width = overview.width();
    const std::int64_t whole = shown.range.length();
    drag(width / 4, width / 2);
    QVERIFY(std::abs(shown.range.length() - whole / 4) < whole / 50);
    const std::int64_t begin = shown.range.begin();
    drag(width * 3 / 8, width * 3 / 8 + 100);
    QVERIFY(std::abs(shown.range.begin() - begin - whole * 100 / width) < whole / 50);
    QVERIFY(std::abs(shown.range.length() - whole / 4) < whole / 50);
    QTest::mouseDClick(&overview, Qt::LeftButton, {}, QPoint(5, 20));
    QVERIFY(shown.range.showsAll());
}

void TestTimeline::marksSurviveZoomingOut() {
    Shown shown({.workers = 2, .tasks = 400, .failing_one_in = 100});
    const auto painted = [&](const QColor& color) {
        const auto all = shown.paint();
        return std::count_if(all.begin(), all.end(), [&](const auto& one) { return one.color == color; });
    };
    // Each of the two has its share of the failures, and its creation, readiness and end.
    for (const std::int64_t length :
         {shown.range.wholeEnd() - shown.range.wholeBegin(), std::int64_t{900'000'000'000}}) {
        shown.range.setWhole(shown.data.beginTime(), shown.data.beginTime() + length);
        shown.range.showAll();
        std::size_t count = 0;
        for (const std::uint64_t worker : {firstWorker, firstWorker + 1}) {
            for (const timeline::MarkGroup& group : shown.canvas().markGroups(worker))
                count += group.count;
        }
        QCOMPARE(count, std::size_t{2 * 3 + 4});
        QVERIFY(painted(Colors::of(shown.view.palette()).failed) > 0);
    }
}

void TestTimeline::failuresAreHatched() {
    Shown shown({.workers = 1, .tasks = 40, .failing_one_in = 40});
    const auto count = [&] {
        const auto all = shown.paint();
        return std::count_if(all.begin(), all.end(), [](const auto& one) { return one.isHatched; });
    };
    const std::size_t good = shown.activity(firstWorker, run, 3);
    shown.zoomTo(firstWorker, good);
    QCOMPARE(count(), 0);
    const std::size_t bad = shown.activity(firstWorker, run, 39);
    QVERIFY(timeline::isFailed(shown.data.activities(firstWorker)[bad]));
    shown.zoomTo(firstWorker, bad);
    const auto all = shown.paint();
    const auto hatched = std::find_if(all.begin(), all.end(), [](const auto& one) { return one.isHatched; });
    QVERIFY(hatched != all.end());
    QVERIFY(std::abs(hatched->rect.left() - shown.canvas().barRect(firstWorker, bad).left()) <= 1);
    QVERIFY(std::abs(hatched->rect.right() - shown.canvas().barRect(firstWorker, bad).right()) <= 1);
}

void TestTimeline::arrowsGoFromSenderToReceiver() {
    Shown shown({.workers = 3, .tasks = 30, .failing_one_in = 0});
    shown.paint();
    QVERIFY(shown.canvas().arrows().empty());
    const std::size_t second = shown.activity(firstWorker, run, 1);
    shown.zoomTo(firstWorker, second);
    shown.selection.select(Selected::taskOf(77, 3));
    shown.paint();
    // Its input to it, its result back.
    QCOMPARE(shown.canvas().arrows().size(), std::size_t{2});
    const QRect up = shown.canvas().laneRect(program);
    const QRect down = shown.canvas().laneRect(firstWorker);
    const QLineF& there = shown.canvas().arrows()[0];
    const QLineF& back = shown.canvas().arrows()[1];
    QVERIFY(up.contains(there.p1().toPoint()) && down.contains(there.p2().toPoint()));
    QVERIFY(down.contains(back.p1().toPoint()) && up.contains(back.p2().toPoint()));
    const QRect bar = shown.canvas().barRect(firstWorker, second);
    QVERIFY(there.p2().x() <= bar.left() + 1 && back.p1().x() >= bar.right() - 1);
    shown.selection.select(Selected::channel(500));
    shown.paint();
    QVERIFY(!shown.canvas().arrows().empty());
    shown.selection.clear();
    shown.paint();
    QVERIFY(shown.canvas().arrows().empty());
}

void TestTimeline::aTaskThatEndsWhileSelectedGetsItsArrow() {
    Shown shown({.workers = 4, .tasks = 8, .is_live = true});
    shown.selection.select(Selected::taskOf(77, 6));
    shown.paint();
    QVERIFY(shown.canvas().arrows().empty());
    std::int64_t time = shown.data.endTime();
    const auto tell = [&](Event event) {
        event.time = time += 100'000;
        shown.data.append(event, {});
    };
    const auto created = static_cast<std::uint8_t>(ChannelEnd::created);
    const Event work{.channel = 502, .number = 1, .writer = 1003, .process = 1003, .detail = created};
    for (const auto kind :
         {EventKind::message_received, EventKind::task_started, EventKind::task_returned, EventKind::message_sent}) {
        Event event = work;
        event.kind = kind;
        tell(event);
    }
    tell({.channel = 502, .number = 1, .writer = 1000, .process = 1003, .kind = EventKind::message_received});
    tell({.exchange = 77, .task = 6, .writer = 1000, .process = 1003, .value = 1, .kind = EventKind::task_finished});
    shown.data.publish();
    shown.canvas().refresh();
    shown.paint();
    QCOMPARE(shown.canvas().arrows().size(), std::size_t{2});
}

void TestTimeline::detailsSayWhatItWas() {
    Shown shown({.workers = 2, .tasks = 20, .failing_one_in = 10});
    const std::size_t bad = shown.activity(firstWorker + 1, run, 4);
    shown.zoomTo(firstWorker + 1, bad);
    const QString text = shown.canvas().detailsAt(shown.canvas().barRect(firstWorker + 1, bad).center());
    QVERIFY2(text.startsWith("Running, ") && text.contains("Task 9: (9)") &&
                 text.contains("Outcome: error, no such file") && text.contains("112 B in") &&
                 text.contains("process 1002"),
             qPrintable(text));
    QVERIFY(shown.canvas().detailsAt(QPoint(100, shown.canvas().laneRect(program).bottom() + 5)).contains("Exchange"));
}

void TestTimeline::manyProcessesPaintFewRectangles() {
    Shown shown({.workers = 1'000, .tasks = 20'000});
    const QSize size = shown.viewport()->size();
    for (int round = 0; round < 3; ++round) {
        const auto all = shown.paint();
        // Not one for each of the 100,000 activities, nor for lanes that nobody sees.
        QVERIFY(all.size() < 30'000);
        for (const auto& one : all)
            QVERIFY(one.rect.top() < size.height() + 100);
        shown.range.zoom(0.1, shown.range.begin() + shown.range.length() / 2);
        shown.canvas().verticalScrollBar()->setValue(7'000);
    }
}

void TestTimeline::nothingIsNoProblem() {
    Shown shown;
    shown.paint();
    for (const auto key :
         {Qt::Key_W, Qt::Key_F, Qt::Key_Left, Qt::Key_Down, Qt::Key_End, Qt::Key_Escape, Qt::Key_Space})
        QTest::keyClick(&shown.canvas(), key);
    QTest::mouseClick(shown.viewport(), Qt::LeftButton, {}, QPoint(500, 200));
    shown.selection.select(Selected::process(99));
    shown.selection.select(Selected::event(99));
    shown.selection.select(Selected::taskOf(9, 9));
    shown.paint();
    fill(shown.data, {.workers = 2, .tasks = 10});
    shown.canvas().refresh();
    QCOMPARE(shown.canvas().rows().shown, std::size_t{3});
    shown.data.reset();
    QCOMPARE(shown.canvas().rows().shown, std::size_t{0});
    shown.paint();
}

void TestTimeline::pictures() {
    const QString folder = qEnvironmentVariable("PPROCESS_PICTURES");
    if (folder.isEmpty())
        QSKIP("PPROCESS_PICTURES is not set");
    for (const bool isDark : {false, true}) {
        QApplication::setPalette((isDark ? Colors::dark() : Colors::light()).palette());
        for (const int workers : {0, 1, 20, 1'000}) {
            InstrumentData data;
            InstrumentSelection selection;
            TimeRange range;
            TimelineView view(data, selection, range);
            view.resize(1'280, 800);
            view.show();
            if (workers > 0)
                fill(data, {.workers = workers, .tasks = workers * 40, .failing_one_in = 37, .is_live = workers == 20});
            view.canvas().refresh();
            const auto save = [&](const QString& what) {
                view.grab();
                QCoreApplication::processEvents();
                QImage image(view.size() * view.devicePixelRatioF(), QImage::Format_ARGB32_Premultiplied);
                image.setDevicePixelRatio(view.devicePixelRatioF());
                view.render(&image);
                image.save(QStringLiteral("%1/%2-%3-%4-%5x.png")
                               .arg(folder)
                               .arg(workers)
                               .arg(what, isDark ? QStringLiteral("dark") : QStringLiteral("light"))
                               .arg(view.devicePixelRatioF()));
            };
            save(QStringLiteral("whole"));
            if (workers == 0)
                continue;
            const std::int64_t middle = (range.wholeBegin() + range.wholeEnd()) / 2;
            range.show(middle - 6'000'000, middle + 6'000'000);
            selection.select(Selected::process(std::min(workers + 1, 5)));
            view.canvas().setFocus();
            save(QStringLiteral("close"));
            const auto& activities = data.activities(2);
            const std::size_t at = activities.size() / 2;
            data.setPosition(data.indexAt(middle));
            range.show(activities[at].begin - 60'000, activities[at].end + 60'000);
            selection.select(Selected::taskOf(77, activities[at].task));
            view.canvas().verticalScrollBar()->setValue(0);
            save(QStringLiteral("near"));
        }
    }
}

QTEST_MAIN(TestTimeline)
#include "tst_timeline.moc"
