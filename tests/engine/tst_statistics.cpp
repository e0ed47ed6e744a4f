// SPDX-License-Identifier: GPL-3.0-or-later

// ctest: not with tsan

/// What events add up to over time, and what is said to limit a job.

#include <QtTest>

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <vector>

#include <pprocess/observe/recorder.h>
#include <pprocess/observe/statistics.h>
#include <pprocess/pprocess.h>

#include <tests/support/made_up_events.h>

using namespace pprocess;
using namespace pprocess::observe;

namespace {

constexpr std::int64_t us = 1'000;
constexpr std::int64_t ms = 1'000'000;

/// An exchange that never was; all times in ns since its beginning.
class Script {
public:
    explicit Script(std::uint64_t limit, std::uint64_t expected = 0) {
        tell(0, {.exchange = 7, .number = limit, .process = 1, .kind = EventKind::exchange_created});
        if (expected != 0)
            tell(0, {.exchange = 7, .number = expected, .process = 1, .kind = EventKind::tasks_expected});
    }
    void worker(std::int64_t time, int number) {
        tell(time, {.channel = channel(number), .process = pid(number), .kind = EventKind::process_created});
        tell(time, {.channel = channel(number), .process = pid(number), .kind = EventKind::process_running},
             pid(number));
        tell(time,
             {.channel = channel(number), .exchange = 7, .process = pid(number), .kind = EventKind::channel_added});
    }
    void queue(std::int64_t time, std::uint64_t task) {
        tell(time, {.exchange = 7, .task = task, .process = 1, .kind = EventKind::task_queued});
    }
    struct Times {
        std::int64_t handing = 100 * us;
        std::int64_t running = 10 * ms;
        std::int64_t returning = 100 * us;
    };
    /// Returns when it is finished.
    std::int64_t run(std::int64_t time, int number, std::uint64_t task, Times times,
                     TaskOutcome outcome = TaskOutcome::value) {
        const std::uint64_t ordinal = done_[number]++;
        tell(time, {.channel = channel(number),
                    .exchange = 7,
                    .task = task,
                    .number = ordinal,
                    .process = pid(number),
                    .value = 1,
                    .kind = EventKind::task_sent});
        tell(time, {.channel = channel(number),
                    .number = ordinal,
                    .size = 100,
                    .process = pid(number),
                    .kind = EventKind::message_sent,
                    .detail = 0});
        tell(time += times.handing,
             {.channel = channel(number), .number = ordinal, .process = pid(number), .kind = EventKind::task_started},
             pid(number));
        tell(time += times.running,
             {.channel = channel(number), .number = ordinal, .process = pid(number), .kind = EventKind::task_returned},
             pid(number));
        tell(time,
             {.channel = channel(number), .number = ordinal, .size = 60, .kind = EventKind::message_sent, .detail = 1},
             pid(number));
        tell(time += times.returning, {.channel = channel(number),
                                       .number = ordinal,
                                       .size = 60,
                                       .process = pid(number),
                                       .kind = EventKind::message_received,
                                       .detail = 0});
        tell(time, {.exchange = 7,
                    .task = task,
                    .process = pid(number),
                    .value = 1,
                    .kind = EventKind::task_finished,
                    .detail = static_cast<std::uint8_t>(outcome)});
        return time;
    }
    void cpu(std::int64_t time, int number, std::int64_t used) {
        tell(time,
             {.number = static_cast<std::uint64_t>(used), .process = pid(number), .kind = EventKind::process_sample});
    }
    void end(std::int64_t time) { tell(time, {.exchange = 7, .process = 1, .kind = EventKind::exchange_ended}); }
    Statistics statistics(std::int64_t until = INT64_MAX) {
        std::stable_sort(events_.begin(), events_.end(),
                         [](const Event& one, const Event& other) { return one.time < other.time; });
        Statistics statistics;
        for (const Event& event : events_)
            if (event.time - start <= until)
                statistics.apply(event);
        return statistics;
    }
    static constexpr std::int64_t start = 1'000'000'000;

private:
    static std::uint64_t channel(int number) { return 100 + static_cast<std::uint64_t>(number); }
    static std::int32_t pid(int number) { return 1'000 + number; }
    void tell(std::int64_t time, Event event, std::int32_t writer = 1) {
        event.time = start + time;
        event.writer = writer;
        events_.push_back(event);
    }
    std::vector<Event> events_;
    std::map<int, std::uint64_t> done_;
};

/// `tasks` of one length by all workers in turn, all queued at once.
Script even_job(int workers, int tasks, Script::Times times, int fails_one_in = 0) {
    Script script(static_cast<std::uint64_t>(workers));
    std::vector<std::int64_t> free_at;
    for (int worker = 0; worker < workers; ++worker) {
        script.worker(0, worker);
        free_at.push_back(0);
    }
    for (int task = 0; task < tasks; ++task)
        script.queue(0, static_cast<std::uint64_t>(task));
    for (int task = 0; task < tasks; ++task) {
        const auto next = std::min_element(free_at.begin(), free_at.end());
        const bool fails = fails_one_in != 0 && task % fails_one_in == 0;
        *next = script.run(*next, static_cast<int>(next - free_at.begin()), static_cast<std::uint64_t>(task), times,
                           fails ? TaskOutcome::error : TaskOutcome::value);
    }
    script.end(*std::max_element(free_at.begin(), free_at.end()));
    return script;
}

std::string told(const Verdict& verdict) {
    return std::string(to_string(verdict.limit)) + ": " + verdict.sentence;
}

#define QCOMPARE_LIMIT(verdict, expected) QVERIFY2((verdict).limit == (expected), told(verdict).c_str())

Statistics statistics_of(Recorder& recorder) {
    Statistics statistics;
    recorder.drain([&](const Event& event, std::span<const std::byte> payload) { statistics.apply(event, payload); });
    return statistics;
}

} // namespace

class TestStatistics : public QObject {
    Q_OBJECT

private slots:
    void quantilesAreWithinAnEighth();
    void theRecordCoarsensAndLosesNothing();
    void eachStageIsMeasured();
    void slotsAreAccountedForInFull();
    void aPartOfTheTimeHasItsOwnFigures();
    void memoryIsBounded();
    void verdictsOfMadeUpJobs_data();
    void verdictsOfMadeUpJobs();
    void aLiveJobIsJudgedByWhatIsRecent();
    void nothingIsSaidOfNothing();
    void verdictsOfRealJobs_data();
    void verdictsOfRealJobs();
};

void TestStatistics::quantilesAreWithinAnEighth() {
    std::mt19937_64 random(5);
    std::vector<std::int64_t> all;
    Distribution distribution;
    for (int index = 0; index < 5'000; ++index) {
        all.push_back(static_cast<std::int64_t>(random() >> (20 + random() % 40)));
        distribution.add(all.back());
    }
    std::sort(all.begin(), all.end());
    for (const double share : {0.01, 0.5, 0.9, 0.99, 1.0}) {
        const std::int64_t exact = all[static_cast<std::size_t>(std::ceil(share * 5'000)) - 1];
        const std::int64_t said = distribution.quantile(share);
        QVERIFY(said >= exact && said <= exact + exact / 8 + 1);
    }
    QCOMPARE(distribution.most(), all.back());
    QCOMPARE(distribution.least(), all.front());
    QCOMPARE(distribution.count(), std::uint64_t{5'000});
    for (const std::int64_t duration :
         {std::int64_t{0}, std::int64_t{7}, std::int64_t{8}, std::int64_t{1'000'000'007}}) {
        const std::size_t bucket = Distribution::bucket_of(duration);
        QVERIFY(Distribution::begin_of(bucket) <= duration && duration < Distribution::begin_of(bucket + 1));
    }
}

void TestStatistics::theRecordCoarsensAndLosesNothing() {
    Series series(64);
    std::mt19937 random(3);
    std::int64_t time = 5 * ms;
    const std::int64_t begin = time;
    std::int64_t spread = 0;
    for (int index = 0; index < 10'000; ++index) {
        ++series.at(time).finished;
        const std::int64_t next = time + static_cast<std::int64_t>(random() % 1'000'000);
        series.spread(time, next, [](Step& step, std::int64_t length) { step.uses[0] += length; });
        spread += next - time;
        time = next;
    }
    QVERIFY(series.steps().size() <= 64 && series.width() > Series::shortest);
    const Step all = series.sum(begin, time + series.width());
    QCOMPARE(all.finished, std::uint64_t{10'000});
    QCOMPARE(all.uses[0], spread);
    const Step half = series.sum(begin, begin + spread / 2);
    QVERIFY(std::abs(half.uses[0] - spread / 2) <= 2);
}

void TestStatistics::eachStageIsMeasured() {
    Script script(1);
    script.worker(0, 0);
    script.queue(1 * ms, 0);
    script.queue(1 * ms, 1);
    const std::int64_t free_at = script.run(3 * ms, 0, 0, {1 * ms, 20 * ms, 2 * ms});
    script.run(free_at, 0, 1, {1 * ms, 30 * ms, 4 * ms}, TaskOutcome::error);
    const Statistics statistics = script.statistics();
    QCOMPARE(statistics.tasks().size(), std::size_t{2});
    QVERIFY((statistics.tasks()[0].stages == std::array{2 * ms, 1 * ms, 20 * ms, 2 * ms}));
    QVERIFY((statistics.tasks()[1].stages == std::array{25 * ms, 1 * ms, 30 * ms, 4 * ms}));
    QCOMPARE(statistics.times().outcomes[0], std::uint64_t{1});
    QCOMPARE(statistics.times().outcomes[1], std::uint64_t{1});
    QCOMPARE(statistics.exchange(7)->times.of(TaskStage::running).sum(), 50 * ms);
    const Step all = statistics.series().sum(0, INT64_MAX / 2);
    QCOMPARE(all.bytes, std::uint64_t{320});
    QCOMPARE(all.messages, std::uint64_t{4});
}

void TestStatistics::slotsAreAccountedForInFull() {
    Script script = even_job(4, 100, {100 * us, 5 * ms, 200 * us});
    const Statistics statistics = script.statistics();
    const Step all = statistics.exchange(7)->series.sum(0, INT64_MAX / 2);
    QCOMPARE(all.slot_time(), 4 * 25 * (5 * ms + 300 * us));
    QCOMPARE(all.uses[static_cast<std::size_t>(SlotUse::running)], 100 * 5 * ms);
    QCOMPARE(all.uses[static_cast<std::size_t>(SlotUse::handing_over)], 100 * 100 * us);
    QCOMPARE(all.uses[static_cast<std::size_t>(SlotUse::uncollected)], 100 * 200 * us);
    // What waited: 96 tasks at first, four less every 5.3 ms.
    std::int64_t waited = 0;
    for (int round = 0; round < 25; ++round)
        waited += 4 * (24 - round) * (5 * ms + 300 * us);
    QCOMPARE(all.queued, waited);
    QCOMPARE(statistics.series().sum(0, INT64_MAX / 2).slot_time(), all.slot_time());
}

void TestStatistics::aPartOfTheTimeHasItsOwnFigures() {
    Script script = even_job(1, 10, {0, 10 * ms, 0});
    const Statistics statistics = script.statistics();
    const std::int64_t from = Script::start + 25 * ms;
    const StageTimes part = statistics.times_within(from, from + 40 * ms, 7);
    QCOMPARE(part.count(), std::uint64_t{4});
    QCOMPARE(part.of(TaskStage::running).sum(), 40 * ms);
    QCOMPARE(statistics.times_within(from, from + 40 * ms, 8).count(), std::uint64_t{0});
}

void TestStatistics::memoryIsBounded() {
    Statistics statistics;
    std::int64_t time = 1;
    for (std::uint64_t id = 1; id <= 200; ++id) {
        for (const EventKind kind : {EventKind::exchange_created, EventKind::exchange_ended})
            statistics.apply({.time = time += 1'000'000'000, .exchange = id, .process = 1, .kind = kind});
    }
    QCOMPARE(statistics.exchanges().size(), Statistics::most_ended);
    for (std::size_t task = 0; task < Statistics::most_tasks + 5; ++task)
        statistics.apply({.time = ++time, .exchange = 1'000, .task = task, .kind = EventKind::task_finished});
    QCOMPARE(statistics.tasks().size(), Statistics::most_tasks);
    QCOMPARE(statistics.forgotten_tasks(), std::uint64_t{5});
    QCOMPARE(statistics.times().count(), std::uint64_t{Statistics::most_tasks + 5});
}

void TestStatistics::verdictsOfMadeUpJobs_data() {
    QTest::addColumn<int>("job");
    QTest::addColumn<unsigned>("cores");
    QTest::addColumn<int>("limit");
    const auto row = [](const char* name, int job, unsigned cores, Limit limit) {
        QTest::newRow(name) << job << cores << static_cast<int>(limit);
    };
    row("failing", 0, 8, Limit::failing);
    row("slow collector", 1, 8, Limit::slow_collector);
    row("skew", 2, 8, Limit::skew);
    row("slow inputs", 3, 8, Limit::slow_inputs);
    row("small tasks", 4, 8, Limit::small_tasks);
    row("few slots", 5, 8, Limit::few_slots);
    row("few slots for cores that sleep", 6, 4, Limit::few_slots);
    row("cores by number", 5, 4, Limit::cores);
    row("cores by samples", 7, 4, Limit::cores);
    row("cores unknown", 5, 0, Limit::few_slots);
}

void TestStatistics::verdictsOfMadeUpJobs() {
    QFETCH(int, job);
    QFETCH(unsigned, cores);
    QFETCH(int, limit);
    Script script(4);
    switch (job) {
    case 0:
        script = even_job(4, 200, {}, 4);
        break;
    case 1:
        script = even_job(4, 200, {100 * us, 10 * ms, 15 * ms});
        break;
    case 2: {
        script = Script(4);
        for (int worker = 0; worker < 4; ++worker)
            script.worker(0, worker);
        for (std::uint64_t task = 0; task < 40; ++task)
            script.queue(0, task);
        std::int64_t time = 0;
        for (std::uint64_t round = 0; round < 10; ++round) {
            for (int worker = 0; worker < 4; ++worker) {
                const bool is_long = round == 9 && worker == 3;
                const std::int64_t end = script.run(time, worker, round * 4 + static_cast<std::uint64_t>(worker),
                                                    {10 * us, is_long ? 200 * ms : 10 * ms, 10 * us});
                if (worker == 3)
                    time = end;
            }
        }
        script.end(time);
        break;
    }
    case 3: {
        for (int worker = 0; worker < 4; ++worker)
            script.worker(0, worker);
        std::int64_t last = 0;
        for (std::uint64_t task = 0; task < 100; ++task) {
            const auto time = static_cast<std::int64_t>(task) * 10 * ms;
            script.queue(time, task);
            last = script.run(time, static_cast<int>(task % 4), task, {100 * us, 10 * ms, 100 * us});
        }
        script.end(last);
        break;
    }
    case 4:
        script = even_job(4, 500, {150 * us, 20 * us, 80 * us});
        break;
    case 6:
    case 7:
        script = even_job(4, 200, {});
        for (int worker = 0; worker < 4; ++worker)
            for (int sample = 0; sample <= 5; ++sample)
                script.cpu(sample * 100 * ms, worker, sample * (job == 6 ? 5 : 98) * ms);
        break;
    default:
        script = even_job(4, 200, {});
        break;
    }
    const Statistics statistics = script.statistics();
    const Verdict verdict = statistics.verdict(0, cores);
    QCOMPARE_LIMIT(verdict, static_cast<Limit>(limit));
    QCOMPARE(verdict.exchange, std::uint64_t{7});
    QCOMPARE(verdict.slot_count, std::uint64_t{4});
    if (job == 0)
        QVERIFY2(verdict.sentence.find("25 % of 200 attempts") != std::string::npos, verdict.sentence.c_str());
    // The same with the exchange named.
    QCOMPARE(statistics.verdict(7, cores).sentence, verdict.sentence);
}

void TestStatistics::aLiveJobIsJudgedByWhatIsRecent() {
    // Tasks fail for five seconds; then all goes well.
    Script script(1);
    script.worker(0, 0);
    std::int64_t time = 0;
    for (std::uint64_t task = 0; task < 1'000; ++task)
        script.queue(0, task);
    for (std::uint64_t task = 0; task < 1'000; ++task)
        time = script.run(time, 0, task, {}, time < 5'000 * ms ? TaskOutcome::died : TaskOutcome::value);
    QCOMPARE_LIMIT(script.statistics(4'000 * ms).verdict(), Limit::failing);
    QCOMPARE_LIMIT(script.statistics(9'000 * ms).verdict(), Limit::few_slots);
    // And an earlier stretch is judged for itself.
    const Statistics all = script.statistics();
    QCOMPARE_LIMIT(all.verdict_within(Script::start, Script::start + 1'000 * ms), Limit::failing);
}

void TestStatistics::nothingIsSaidOfNothing() {
    QCOMPARE_LIMIT(Statistics().verdict(), Limit::unknown);
    QCOMPARE_LIMIT(Script(3).statistics().verdict(7), Limit::unknown);
    QCOMPARE_LIMIT(Script(3).statistics().verdict(8), Limit::unknown);
}

void TestStatistics::verdictsOfRealJobs_data() {
    QTest::addColumn<int>("job");
    QTest::addColumn<int>("limit");
    QTest::newRow("failing") << 0 << static_cast<int>(Limit::failing);
    QTest::newRow("slow collector") << 1 << static_cast<int>(Limit::slow_collector);
    QTest::newRow("skew") << 2 << static_cast<int>(Limit::skew);
    QTest::newRow("slow inputs") << 3 << static_cast<int>(Limit::slow_inputs);
    QTest::newRow("small tasks") << 4 << static_cast<int>(Limit::small_tasks);
    QTest::newRow("few slots") << 5 << static_cast<int>(Limit::few_slots);
}

/// Takes so much processor time.
int work_for(int milliseconds) {
    const auto used = [] {
        timespec time{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return time.tv_sec * 1'000'000'000 + time.tv_nsec;
    };
    for (const std::int64_t end = used() + std::int64_t{milliseconds} * 1'000'000; used() < end;) {
    }
    return milliseconds;
}

void TestStatistics::verdictsOfRealJobs() {
    QFETCH(int, job);
    QFETCH(int, limit);
    Recorder recorder;
    switch (job) {
    case 0: {
        Queue<int> queue({.limit = 2});
        for (int index = 0; index < 12; ++index)
            queue.start(MakeParallel([](int number) {
                            if (number % 2 == 0)
                                throw std::runtime_error("even");
                            return work_for(1);
                        }),
                        index);
        queue.finish();
        break;
    }
    case 1: {
        Queue<int> queue({.limit = 4});
        for (int index = 0; index < 8; ++index)
            queue.start(MakeParallel(work_for), 5);
        while (auto value = queue.next())
            work_for(30);
        break;
    }
    case 2: {
        auto map = pmap(work_for, std::vector{2, 2, 2, 2, 2, 2, 2, 150}, {.limit = 4, .reuse = true});
        map.finish();
        break;
    }
    case 3: {
        Queue<int> queue({.limit = 4});
        for (int index = 0; index < 8; ++index) {
            queue.start(MakeParallel(work_for), 1);
            queue.store(std::chrono::milliseconds(20));
            work_for(10);
        }
        queue.finish();
        break;
    }
    case 4: {
        auto map = pmap([](int number) { return number; }, std::vector<int>(1'000, 1), {.limit = 2, .reuse = true});
        map.finish();
        break;
    }
    default: {
        auto map = pmap(work_for, std::vector<int>(10, 20), {.limit = 2, .reuse = true});
        map.finish();
        break;
    }
    }
    const Verdict verdict = statistics_of(recorder).verdict(0, 64);
    QCOMPARE_LIMIT(verdict, static_cast<Limit>(limit));
}

QTEST_GUILESS_MAIN(TestStatistics)
#include "tst_statistics.moc"
