// SPDX-License-Identifier: GPL-3.0-or-later

// ctest: not with tsan

/// What observers are told, and what is made of it.

#include <QtTest>

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <map>
#include <numeric>
#include <thread>
#include <vector>

#include <pprocess/job/runner.h>
#include <pprocess/observe/recorder.h>
#include <pprocess/observe/snapshot.h>
#include <pprocess/os/epoll.h>
#include <pprocess/pprocess.h>

#include <tests/support/leak_check.h>

using namespace pprocess;

namespace {

struct Told {
    Event event;
    std::string text;
};

std::vector<Told> all_of(Recorder& recorder) {
    std::vector<Told> told;
    recorder.drain([&](const Event& event, std::span<const std::byte> payload) {
        told.push_back({event, observe::text_of(event, payload)});
    });
    return told;
}

std::map<EventKind, int> counts_of(const std::vector<Told>& told) {
    std::map<EventKind, int> counts;
    for (const Told& one : told)
        ++counts[one.event.kind];
    return counts;
}

observe::Snapshot snapshot_of(Recorder& recorder) {
    observe::Snapshot snapshot;
    recorder.drain([&](const Event& event, std::span<const std::byte> payload) { snapshot.apply(event, payload); });
    return snapshot;
}

} // namespace

class TestRecorder : public QObject {
    Q_OBJECT

private slots:
    void everyStepOfATaskIsTold();
    void whatIsShownIsWhatHappened_data();
    void whatIsShownIsWhatHappened();
    void failuresAreToldWithTheirText();
    void createdProcessesTellOfThemselves();
    void workersOfAForkServerTellOfThemselves();
    void aJobsTasksFindTheirWorkers();
    void aFullRecordSaysHowMuchIsMissing();
    void aWriterThatDiesCostsItsOwnEventOnly();
    void aWriterThatDiesInTheMiddleIsNotWaitedFor();
    void whereAllWritersHaveEndedNoneIsWaitedFor();
    void aRingThatIsNeverFullDropsNothing();
    void aReaderThatKeepsUpNeedsFewPages();
    void nothingIsLostOrMixedWhileTheRingTurns();
    void aSavedSnapshotIsTheSame();
    void withoutAnObserverNothingIsTold();
    void severalObserversAreToldTheSame();
    void aForkServersWorkersTellThoseWhoAreThere();
};

void TestRecorder::everyStepOfATaskIsTold() {
    Recorder recorder;
    {
        auto map = pmap([](int number) { return number * number; }, std::vector{7, 8}, {.limit = 1, .reuse = true});
        QCOMPARE(map[1], 64);
    }
    const auto told = all_of(recorder);
    auto counts = counts_of(told);
    QCOMPARE(counts[EventKind::exchange_created], 1);
    QCOMPARE(counts[EventKind::exchange_ended], 1);
    QCOMPARE(counts[EventKind::process_created], 1);
    QCOMPARE(counts[EventKind::process_running], 1);
    QCOMPARE(counts[EventKind::process_ended], 1);
    for (const EventKind kind : {EventKind::task_queued, EventKind::task_sent, EventKind::task_started,
                                 EventKind::task_returned, EventKind::task_finished})
        QCOMPARE(counts[kind], 2);
    std::string results;
    std::string inputs;
    for (const Told& one : told) {
        if (one.event.kind == EventKind::message_received && one.event.writer == ::getpid())
            results += one.text + ";";
        if ((one.event.kind == EventKind::task_sent || one.event.kind == EventKind::message_sent) &&
            one.event.writer == ::getpid() && !one.text.empty())
            inputs += one.text + ";";
    }
    QCOMPARE(results, std::string("49;64;"));
    QVERIFY2(inputs.starts_with("(7);(8);"), inputs.c_str());
}

void TestRecorder::whatIsShownIsWhatHappened_data() {
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 8; ++seed)
        QTest::addRow("%u", seed) << seed;
}

/// The tasks themselves know what becomes of them.
void TestRecorder::whatIsShownIsWhatHappened() {
    QFETCH(unsigned, seed);
    std::srand(seed);
    std::vector<int> kinds;
    for (int index = 0; index < 60; ++index)
        kinds.push_back(std::rand() % 10);
    Recorder recorder;
    ExchangeOptions options{.limit = 1 + seed % 4, .reuse = seed % 2 == 0};
    std::array<std::uint64_t, 5> expected{};
    {
        auto map = pmap(
            [](int kind) {
                if (kind == 3)
                    throw std::runtime_error("three");
                if (kind == 4)
                    ::_exit(4);
                return std::string(static_cast<std::size_t>(kind) * 100, 'x');
            },
            kinds, options);
        for (const auto& outcome : map.outcomes()) {
            std::size_t kind = 0;
            try {
                if (outcome.error())
                    std::rethrow_exception(outcome.error());
            } catch (const RemoteError&) {
                kind = 1;
            } catch (const ProcessDied&) {
                kind = 2;
            }
            ++expected[kind];
        }
    }
    const auto snapshot = snapshot_of(recorder);
    QCOMPARE(snapshot.dropped(), std::uint64_t{0});
    QCOMPARE(snapshot.finished(), expected);
    QVERIFY(snapshot.running_tasks().empty());
    QCOMPARE(snapshot.exchanges().size(), std::size_t{1});
    const auto& exchange = snapshot.exchanges().begin()->second;
    QCOMPARE(exchange.queued, std::uint64_t{0});
    QCOMPARE(exchange.running, std::uint64_t{0});
    QVERIFY(exchange.members.empty());
    std::uint64_t done = 0;
    for (const auto& [key, process] : snapshot.processes()) {
        done += process.tasks_done;
        QVERIFY(process.pid == ::getpid() || observe::has_ended(process.state));
    }
    QCOMPARE(done, std::uint64_t{60});
    for (const auto& [id, channel] : snapshot.channels()) {
        QCOMPARE(channel.from_process.messages_sent, channel.from_process.messages_received);
        QCOMPARE(channel.from_process.bytes_sent, channel.from_process.bytes_received);
    }
}

void TestRecorder::failuresAreToldWithTheirText() {
    Recorder recorder;
    {
        Queue<int> queue({.limit = 2, .timeout = std::chrono::seconds(2), .retries = 1});
        queue.start(MakeParallel([]() -> int { throw std::runtime_error("no such luck"); }));
        queue.start(MakeParallel([]() -> int {
            ::raise(SIGKILL);
            return 0;
        }));
        queue.start(MakeParallel([]() -> int {
            ::pause();
            return 0;
        }));
        queue.finish();
    }
    std::map<TaskOutcome, std::string> endings;
    const auto told = all_of(recorder);
    for (const Told& one : told)
        if (one.event.kind == EventKind::task_finished)
            endings[static_cast<TaskOutcome>(one.event.detail)] = one.text;
    QVERIFY(endings[TaskOutcome::error].find("no such luck") != std::string::npos);
    QVERIFY(endings[TaskOutcome::died].find("signal 9") != std::string::npos);
    QVERIFY(endings[TaskOutcome::timed_out].find("did not end within 2000 ms") != std::string::npos);
    auto counts = counts_of(told);
    QCOMPARE(counts[EventKind::task_retried], 1);
    QCOMPARE(counts[EventKind::task_timed_out], 1);
    QVERIFY(counts[EventKind::process_signalled] >= 1);
}

void TestRecorder::createdProcessesTellOfThemselves() {
    Recorder recorder;
    pid_t pid = 0;
    {
        Channel channel = start([](Channel& own) {
            Channel inner = start([](Channel& creator) { creator.send(std::string("grandchild")); });
            own.send(inner.receive<std::string>());
            inner.wait();
        });
        pid = channel.pid();
        QCOMPARE(channel.receive<std::string>(), std::string("grandchild"));
        channel.wait();
    }
    const auto snapshot = snapshot_of(recorder);
    const auto* child = snapshot.process_of_pid(pid);
    QVERIFY(child);
    QCOMPARE(child->state, observe::ProcessState::succeeded);
    QCOMPARE(snapshot.processes().size(), std::size_t{3});
    for (const auto& [key, process] : snapshot.processes())
        if (process.pid != pid && process.pid != ::getpid())
            QCOMPARE(process.parent, child->key);
}

void TestRecorder::workersOfAForkServerTellOfThemselves() {
    ForkServer before; // made before anybody observed
    Recorder recorder;
    pid_t pid = 0;
    {
        Channel worker = before.start_program_worker();
        worker.send(ProgramTask{.arguments = {"echo", "seen"}});
        worker.receive<ProgramResult>();
        pid = worker.pid();
        worker.close();
        worker.wait();
    }
    std::string command;
    for (const Told& one : all_of(recorder)) {
        if (one.event.kind == EventKind::task_started && one.event.writer == pid)
            command = one.text;
    }
    QCOMPARE(command, std::string("echo seen"));
}

/// Its workers say their pids only after they have been given their first tasks.
void TestRecorder::aJobsTasksFindTheirWorkers() {
    Recorder recorder;
    ForkServer server;
    job::Job job;
    job.command = "test {} != 7";
    job.limit = 3;
    job.reuse = true;
    std::vector<std::string> inputs;
    for (int index = 0; index < 20; ++index)
        inputs.push_back(std::to_string(index));
    std::map<pid_t, std::uint64_t> done;
    observe::Snapshot snapshot;
    std::uint64_t most_members = 0;
    std::string failure;
    const auto drain = [&] {
        recorder.drain([&](const Event& event, std::span<const std::byte> payload) {
            snapshot.apply(event, payload);
            if (event.kind == EventKind::task_finished && event.detail != 0)
                failure = std::to_string(event.task) + ": " + observe::text_of(event, payload);
            for (const auto& [id, exchange] : snapshot.exchanges())
                most_members = std::max<std::uint64_t>(most_members, exchange.members.size());
        });
    };
    {
        job::Runner runner(server, job, inputs, [&](const job::ItemResult& result) { ++done[result.worker]; });
        runner.start();
        while (!runner.finished()) {
            os::wait_readable(runner.fileno(), {});
            runner.step();
        }
        drain();
    }
    QCOMPARE(snapshot.exchanges().size(), std::size_t{1});
    const auto& exchange = snapshot.exchanges().begin()->second;
    QCOMPARE(exchange.expected, std::uint64_t{20});
    QCOMPARE(exchange.finished[0], std::uint64_t{19});
    QCOMPARE(exchange.finished[1], std::uint64_t{1}); // a value, but one that says that the command failed
    QCOMPARE(failure, std::string("7: exit status 1"));
    QCOMPARE(most_members, std::uint64_t{3});
    for (const auto& [pid, count] : done) {
        const auto* worker = snapshot.process_of_pid(pid);
        QVERIFY(worker);
        QCOMPARE(worker->tasks_done, count);
        QVERIFY(worker->messages_out >= count);
        QCOMPARE(worker->exchange, exchange.id);
        QCOMPARE(worker->state, observe::ProcessState::succeeded);
    }
}

void TestRecorder::aFullRecordSaysHowMuchIsMissing() {
    Recorder recorder(64 * 128);
    int sent = 0;
    {
        auto [one, other] = channel_pair();
        for (; sent < 500; ++sent) {
            one.send(sent);
            QCOMPARE(other.receive<int>(), sent);
        }
    }
    // There is still room for what tells of processes and exchanges.
    { Queue<int> queue; }
    const auto told = all_of(recorder);
    auto counts = counts_of(told);
    QCOMPARE(counts[EventKind::exchange_created], 1);
    QCOMPARE(counts[EventKind::events_dropped], 1);
    QCOMPARE(told.back().event.number + told.size() - 1, std::uint64_t{2 * 500 + 2});
    QCOMPARE(recorder.dropped(), told.back().event.number);
}

void TestRecorder::aWriterThatDiesCostsItsOwnEventOnly() {
    Recorder recorder;
    // A place taken and never filled, as by a process that is killed between the two.
    constexpr std::size_t head_of_ring = 64;
    void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, recorder.shared_descriptor(), 0);
    QVERIFY(memory != MAP_FAILED);
    { Queue<int> before; }
    reinterpret_cast<std::atomic<std::uint64_t>*>(static_cast<std::byte*>(memory) + head_of_ring)->fetch_add(1);
    ::munmap(memory, 4096);
    { Queue<int> after; }
    std::size_t seen = all_of(recorder).size();
    QCOMPARE(seen, std::size_t{2});
    // The two after it, and word of the loss.
    QTRY_VERIFY_WITH_TIMEOUT((seen += all_of(recorder).size()) == 5, 60'000);
    QCOMPARE(recorder.dropped(), std::uint64_t{1});
}

namespace {

/// A process that dies while it copies its event into the record.
void die_in_the_middle(Recorder& recorder) {
    void* nothing = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGSEGV, SIG_DFL);
        recorder.observe({.payload_size = 300}, {static_cast<const std::byte*>(nothing), 300});
        ::_exit(0);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(WTERMSIG(status), SIGSEGV);
    ::munmap(nothing, 4096);
}

} // namespace

void TestRecorder::aWriterThatDiesInTheMiddleIsNotWaitedFor() {
    Recorder recorder;
    { Queue<int> before; }
    die_in_the_middle(recorder);
    die_in_the_middle(recorder);
    { Queue<int> after; }
    // All of it by a single call: begin and end of both queues, and word of the loss.
    QCOMPARE(all_of(recorder).size(), std::size_t{5});
    QCOMPARE(recorder.dropped(), std::uint64_t{2});
    QCOMPARE(recorder.ring().used(), std::size_t{0});
}

void TestRecorder::whereAllWritersHaveEndedNoneIsWaitedFor() {
    observe::EventRing ring(64 * 128);
    constexpr std::size_t head_of_ring = 64;
    void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd(), 0);
    QVERIFY(memory != MAP_FAILED);
    // Killed before it could even say whose the place is.
    reinterpret_cast<std::atomic<std::uint64_t>*>(static_cast<std::byte*>(memory) + head_of_ring)->fetch_add(1);
    ::munmap(memory, 4096);
    QVERIFY(ring.write({.number = 7}, {}));
    Event event;
    std::span<const std::byte> payload;
    QVERIFY(!ring.read(event, payload));
    QVERIFY(ring.read(event, payload, observe::EventRing::Writers::ended));
    QCOMPARE(event.number, std::uint64_t{7});
    QVERIFY(!ring.read(event, payload, observe::EventRing::Writers::ended));
    QCOMPARE(ring.dropped(), std::uint64_t{1});
}

/// Writers that are interrupted between their looks at what is free take nothing for full that is not.
void TestRecorder::aRingThatIsNeverFullDropsNothing() {
    constexpr int writers = 4;
    constexpr int rounds = 100'000;
    observe::EventRing ring(64 * 128);
    std::atomic<int> left{32}; // events that may be on their way: half of the ring
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer)
        threads.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                while (left.fetch_sub(1) <= 0) {
                    left.fetch_add(1);
                    std::this_thread::yield();
                }
                if (!ring.write({.kind = EventKind::process_running}, {}))
                    left.fetch_add(1);
            }
        });
    Event event;
    std::span<const std::byte> payload;
    std::uint64_t seen = 0;
    while (seen + ring.dropped() < std::uint64_t{writers} * rounds) {
        if (ring.read(event, payload)) {
            ++seen;
            // The place of the one before is free now.
            left.fetch_add(1);
        } else {
            std::this_thread::yield();
        }
    }
    for (auto& thread : threads)
        thread.join();
    QCOMPARE(ring.dropped(), std::uint64_t{0});
}

void TestRecorder::aReaderThatKeepsUpNeedsFewPages() {
    observe::EventRing ring(std::size_t{8} << 20);
    Event event;
    std::span<const std::byte> payload;
    for (std::uint64_t round = 0; round < 1000; ++round) {
        for (std::uint64_t number = 0; number < 500; ++number)
            QVERIFY(ring.write({.number = round * 1000 + number}, {}));
        QCOMPARE(ring.used(), std::size_t{500});
        for (std::uint64_t number = 0; number < 500; ++number) {
            QVERIFY(ring.read(event, payload));
            QCOMPARE(event.number, round * 1000 + number);
        }
        QVERIFY(!ring.read(event, payload));
        QCOMPARE(ring.used(), std::size_t{0});
    }
    struct stat status {};
    QCOMPARE(::fstat(ring.fd(), &status), 0);
    QVERIFY2(status.st_blocks * 512 < std::int64_t{2} << 20, qPrintable(QString::number(status.st_blocks * 512)));
    QCOMPARE(ring.dropped(), std::uint64_t{0});
}

/// Several processes write and go back to the beginning again and again.
void TestRecorder::nothingIsLostOrMixedWhileTheRingTurns() {
    constexpr int writers = 3;
    constexpr std::uint64_t each = 20'000;
    observe::EventRing ring(256 * 128);
    std::vector<Channel> channels;
    for (int writer = 0; writer < writers; ++writer) {
        channels.push_back(start([&ring, writer](Channel& creator) {
            for (std::uint64_t number = 0; number < each;) {
                // Further slots of what is long would show where places overlap.
                const std::vector<std::byte> text(number % 5 == 0 ? 150 : 0, static_cast<std::byte>(writer));
                if (ring.write({.number = number,
                                .value = writer,
                                .kind = EventKind::process_running,
                                .payload_size = static_cast<std::uint16_t>(text.size())},
                               text))
                    ++number;
                else
                    ::sched_yield();
            }
            creator.send(true);
        }));
    }
    std::array<std::uint64_t, writers> next{};
    Event event;
    std::span<const std::byte> payload;
    while (std::accumulate(next.begin(), next.end(), std::uint64_t{0}) < writers * each) {
        if (!ring.read(event, payload)) {
            ::sched_yield();
            continue;
        }
        const auto writer = static_cast<std::size_t>(event.value);
        QVERIFY(writer < writers);
        QCOMPARE(event.number, next[writer]++);
        QCOMPARE(payload.size(), std::size_t{event.number % 5 == 0 ? 150u : 0u});
        for (const std::byte one : payload)
            QCOMPARE(one, static_cast<std::byte>(writer));
    }
    for (Channel& channel : channels)
        QVERIFY(channel.receive<bool>());
    QVERIFY(!ring.read(event, payload));
}

void TestRecorder::aSavedSnapshotIsTheSame() {
    Recorder recorder;
    observe::Snapshot snapshot;
    {
        Queue<int> queue({.limit = 2});
        for (int index = 0; index < 5; ++index)
            queue.start(MakeParallel([](int number) {
                            ::pause();
                            return number;
                        }),
                        index);
        snapshot = snapshot_of(recorder);
        auto [one, other] = channel_pair();
        one.send(snapshot.save());
        auto restored = observe::Snapshot::restore(other.receive<observe::Snapshot::Parts>());
        QCOMPARE(restored.running_tasks().size(), std::size_t{2});
        QCOMPARE(restored.exchanges().begin()->second.queued, std::uint64_t{3});
        QCOMPARE(restored.processes().size(), snapshot.processes().size());
        queue.cancel();
        // What follows is understood by both alike.
        recorder.drain([&](const Event& event, std::span<const std::byte> payload) {
            snapshot.apply(event, payload);
            restored.apply(event, payload);
        });
        QCOMPARE(restored.finished(), snapshot.finished());
        QCOMPARE(restored.finished()[static_cast<int>(TaskOutcome::cancelled)], std::uint64_t{5});
        QCOMPARE(restored.exchanges().begin()->second.queued, std::uint64_t{0});
    }
}

void TestRecorder::withoutAnObserverNothingIsTold() {
    { Recorder recorder; }
    QVERIFY(!os::observer());
    Channel channel = start([](Channel& own) { own.send(os::observer() != nullptr); });
    QCOMPARE(channel.receive<bool>(), false);
}

namespace {

/// Counts, and only in the process that has made it.
class Counter final : public Observer {
public:
    Counter() { os::add_observer(this); }
    ~Counter() override { os::remove_observer(this); }
    void observe(const Event& event, std::span<const std::byte>) noexcept override {
        is_foreign = is_foreign || os::own_pid() != maker;
        ++counts[event.kind];
    }

    std::map<EventKind, int> counts;
    const pid_t maker = ::getpid();
    bool is_foreign = false;
};

void run_one_task() {
    Queue<bool> queue;
    queue.start(MakeParallel([] { return true; }));
    queue.finish();
}

} // namespace

void TestRecorder::severalObserversAreToldTheSame() {
    Recorder first;
    const auto counted_by = [](Recorder& recorder) { return counts_of(all_of(recorder)); };
    {
        Recorder second;
        Counter counter;
        Recorder last;
        EXPECT_THROWN(std::logic_error, Recorder());
        run_one_task();
        const auto told = counted_by(first);
        QCOMPARE(told.at(EventKind::task_finished), 1);
        QCOMPARE(told.at(EventKind::task_started), 1); // by the process that has it
        QCOMPARE(counted_by(second), told);
        QCOMPARE(counted_by(last), told);
        QCOMPARE(counter.counts.at(EventKind::task_finished), 1);
        QVERIFY(!counter.counts.contains(EventKind::task_started));
        QVERIFY(!counter.is_foreign);
    }
    // Those that have gone are not missed.
    run_one_task();
    QCOMPARE(counted_by(first).at(EventKind::task_finished), 1);
    QCOMPARE(os::observer(), static_cast<Observer*>(&first));
}

void TestRecorder::aForkServersWorkersTellThoseWhoAreThere() {
    ForkServer server;
    const auto run = [&] {
        Channel worker = server.start_program_worker();
        worker.send(ProgramTask{.arguments = {"true"}});
        worker.receive<ProgramResult>();
        worker.close();
        worker.wait();
    };
    const auto started_in = [](Recorder& recorder) { return counts_of(all_of(recorder))[EventKind::task_started]; };
    alignas(Recorder) std::byte place[sizeof(Recorder)];
    for (int round = 0; round < 2; ++round) {
        // The second time at the same address, with another record behind it.
        auto* const recorder = new (place) Recorder;
        Recorder other;
        run();
        const int started = started_in(*recorder);
        const int started_for_other = started_in(other);
        recorder->~Recorder();
        QCOMPARE(started, 1);
        QCOMPARE(started_for_other, 1);
        run();
        QCOMPARE(started_in(other), 1);
    }
    run();
    QVERIFY(!os::observer());
}

QTEST_GUILESS_MAIN(TestRecorder)
#include "tst_recorder.moc"
