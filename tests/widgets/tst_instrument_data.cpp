// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <tests/support/made_up_events.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/time_range.h>

using namespace pprocess;
using namespace pprocess::widgets;

namespace {

void fill(InstrumentData& data, const tests::MadeUp& wish) {
    tests::made_up_program(
        wish, [&](const Event& event, std::string_view text) { data.append(event, std::as_bytes(std::span(text))); });
    data.publish();
}

} // namespace

class TestInstrumentData : public QObject {
    Q_OBJECT

private slots:
    void lanesCoverTheLifeOfEachProcess();
    void lanesBeginWhenTheProcessWasMade();
    void allThatWasDoneForATaskHasItsOutcome();
    void anyPositionHasTheStateOfItsTime();
    void whatExceedsTheBudgetIsForgottenFromTheBeginning();
    void viewsHearOfBatches();
    void rangeFollowsUntilPanned();
    void zoomKeepsThePlace();
};

void TestInstrumentData::lanesCoverTheLifeOfEachProcess() {
    InstrumentData data;
    fill(data, {.workers = 5, .tasks = 200, .failing_one_in = 10});
    QCOMPARE(data.head().processes().size(), std::size_t{6});
    std::size_t runs = 0;
    std::size_t failures = 0;
    for (const auto& [key, process] : data.head().processes()) {
        std::int64_t last = 0;
        for (const Activity& activity : data.activities(key)) {
            QVERIFY(activity.begin >= last && activity.end >= activity.begin);
            last = activity.end;
            if (process.is_program)
                continue;
            runs += activity.state == observe::ProcessState::running ? 1 : 0;
            failures += activity.state == observe::ProcessState::running && activity.outcome != TaskOutcome::value;
        }
        QVERIFY(process.is_program || (last != INT64_MAX && last == process.ended));
    }
    QCOMPARE(runs, std::size_t{200});
    QCOMPARE(failures, std::size_t{20});
}

/// Its creator looked at the clock before it made it, and told of that after the process had told that it runs.
void TestInstrumentData::lanesBeginWhenTheProcessWasMade() {
    InstrumentData data;
    data.append({.time = 2'000, .channel = 5, .writer = 1001, .process = 1001, .kind = EventKind::process_running}, {});
    data.append({.time = 1'500, .channel = 5, .writer = 1000, .process = 1001, .kind = EventKind::process_created}, {});
    data.append({.time = 2'500, .channel = 5, .writer = 1001, .process = 1001, .kind = EventKind::task_started}, {});
    const auto* process = data.head().process_of_pid(1001);
    QCOMPARE(process->created, std::int64_t{1'500});
    const auto& lane = data.activities(process->key);
    QCOMPARE(lane.size(), std::size_t{2});
    QCOMPARE(lane.front().begin, process->created);
    QCOMPARE(lane.front().end, lane.back().begin);
}

/// Also what a process did before its creator came to say for which task, with a pause in it.
void TestInstrumentData::allThatWasDoneForATaskHasItsOutcome() {
    constexpr std::int32_t program = 1000;
    constexpr std::int32_t worker = 1001;
    constexpr std::uint64_t exchange = 77;
    constexpr std::uint64_t channel = 500;
    constexpr std::uint64_t task = 21;
    const auto created = static_cast<std::uint8_t>(ChannelEnd::created);
    const auto cancelled = static_cast<std::uint8_t>(TaskOutcome::cancelled);
    InstrumentData data;
    std::int64_t time = 1'000;
    const auto tell = [&](std::int32_t writer, Event event) {
        event.writer = writer;
        event.time = ++time;
        data.append(event, {});
    };
    tell(program, {.process = program, .kind = EventKind::program_described});
    tell(program, {.exchange = exchange, .number = 1, .process = program, .kind = EventKind::exchange_created});
    tell(program, {.exchange = exchange, .task = task, .process = program, .kind = EventKind::task_queued});
    tell(worker, {.channel = channel, .process = worker, .kind = EventKind::process_running});
    tell(worker, {.channel = channel, .process = worker, .kind = EventKind::task_started});
    tell(worker, {.channel = channel, .process = worker, .kind = EventKind::task_returned});
    tell(worker, {.channel = channel, .process = worker, .kind = EventKind::message_sent, .detail = created});
    tell(worker, {.channel = channel, .process = worker, .kind = EventKind::waiting_for_space, .detail = created});
    tell(program, {.channel = channel, .process = worker, .kind = EventKind::process_created});
    tell(program, {.channel = channel, .exchange = exchange, .process = worker, .kind = EventKind::channel_added});
    tell(program, {.channel = channel,
                   .exchange = exchange,
                   .task = task,
                   .process = worker,
                   .value = 1,
                   .kind = EventKind::task_sent});
    tell(worker, {.channel = channel, .process = worker, .kind = EventKind::space_found, .detail = created});
    tell(program, {.exchange = exchange,
                   .task = task,
                   .process = worker,
                   .value = 1,
                   .kind = EventKind::task_finished,
                   .detail = cancelled});

    using State = observe::ProcessState;
    std::vector<State> states;
    for (const Activity& activity : data.activities(data.head().process_of_pid(worker)->key)) {
        if (activity.task != task)
            continue;
        states.push_back(activity.state);
        QCOMPARE(activity.exchange, exchange);
        QCOMPARE(activity.outcome, TaskOutcome::cancelled);
    }
    QCOMPARE(states, (std::vector<State>{State::running, State::sending, State::waiting, State::sending}));
}

void TestInstrumentData::anyPositionHasTheStateOfItsTime() {
    InstrumentData data;
    fill(data, {.workers = 4, .tasks = 8'000});
    observe::Snapshot expected;
    QSignalSpy moved(&data, &InstrumentData::positionChanged);
    std::vector<std::uint64_t> places{data.endEvent() - 5, 70'000, 3, 40'000, 40'001, 0};
    for (const std::uint64_t place : places) {
        data.setPosition(place);
        expected = {};
        for (std::uint64_t index = 0; index < place; ++index)
            expected.apply(data.event(index), data.payload(index));
        QCOMPARE(data.snapshot().events(), expected.events());
        QCOMPARE(data.snapshot().finished(), expected.finished());
        QCOMPARE(data.snapshot().running_tasks().size(), expected.running_tasks().size());
    }
    QCOMPARE(moved.count(), static_cast<int>(places.size()));
    data.follow();
    QCOMPARE(data.position(), data.endEvent());
}

void TestInstrumentData::whatExceedsTheBudgetIsForgottenFromTheBeginning() {
    InstrumentData data(nullptr, std::size_t{2} << 20);
    fill(data, {.workers = 4, .tasks = 8'000});
    QVERIFY(data.forgotten() > 0);
    QVERIFY(data.memory() < (std::size_t{3} << 20));
    QCOMPARE(data.head().finished()[0] + data.head().finished()[1], std::uint64_t{8'000});
    // The state is still right where the record begins now, and everywhere after.
    data.setPosition(data.firstEvent());
    data.setPosition(data.endEvent());
    QCOMPARE(data.snapshot().finished(), data.head().finished());
}

void TestInstrumentData::viewsHearOfBatches() {
    InstrumentData data;
    QSignalSpy spy(&data, &InstrumentData::appended);
    data.publish();
    QCOMPARE(spy.count(), 0);
    fill(data, {.workers = 1, .tasks = 10});
    QCOMPARE(spy.count(), 1);
}

void TestInstrumentData::rangeFollowsUntilPanned() {
    TimeRange range;
    range.setWhole(0, 1'000'000);
    QVERIFY(range.showsAll());
    range.setWhole(0, 2'000'000);
    QVERIFY(range.showsAll());
    range.show(1'500'000, 2'000'000);
    range.setWhole(0, 3'000'000);
    QCOMPARE(range.begin(), std::int64_t{2'500'000});
    QSignalSpy spy(&range, &TimeRange::followingChanged);
    range.pan(-100'000);
    QVERIFY(!range.isFollowing());
    range.setWhole(0, 4'000'000);
    QCOMPARE(range.end(), std::int64_t{2'900'000});
    range.pan(5'000'000);
    QVERIFY(range.isFollowing());
    QCOMPARE(range.end(), std::int64_t{4'000'000});
    QCOMPARE(spy.count(), 2);
}

void TestInstrumentData::zoomKeepsThePlace() {
    TimeRange range;
    range.setWhole(0, 1'000'000);
    range.zoom(0.5, 250'000);
    QCOMPARE(range.length(), std::int64_t{500'000});
    QCOMPARE(range.begin(), std::int64_t{125'000});
    range.zoom(1e-9, 300'000);
    QCOMPARE(range.length(), TimeRange::shortest);
    range.zoom(1e12, 300'000);
    QVERIFY(range.showsAll());
}

QTEST_GUILESS_MAIN(TestInstrumentData)
#include "tst_instrument_data.moc"
