// SPDX-License-Identifier: GPL-3.0-or-later

/// What is shown equals what happened: tasks count for themselves in memory that they share with this program, the
/// exchange counts what it gets, and every figure of the instruments is compared with these.

#include <QtTest>

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <random>

#include <pprocess/observe/recorder.h>
#include <pprocess/observe/statistics.h>
#include <pprocess/pprocess.h>

#include <tests/support/leak_check.h>
#include <widgets/instruments/event_log_model.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/process_tree_model.h>

using namespace pprocess;
using namespace pprocess::widgets;

namespace {

constexpr std::size_t mostTasks = 48;

/// Written by the tasks themselves.
struct Note {
    std::atomic<int> begun{0};
    std::atomic<int> ended{0};
    std::atomic<std::int64_t> begin{0}; ///< of the last attempt
    std::atomic<std::int64_t> end{0};
};
struct Board {
    std::array<Note, mostTasks> notes;
    std::atomic<int> nested{0};
};
Board* board = nullptr;

std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

enum Kind { value, large, busy, error, exits, killed, diesOnce, nests, hangs, kinds };

std::string work(std::size_t index, int kind) {
    Note& note = board->notes[index];
    const int attempt = ++note.begun;
    note.begin = now();
    switch (kind) {
    case error:
        throw std::runtime_error("as wished");
    case exits:
        ::_exit(3);
    case killed:
        ::raise(SIGKILL);
        break;
    case diesOnce:
        if (attempt == 1)
            ::_exit(4);
        break;
    case nests: {
        auto map = pmap(
            [](int number) {
                ++board->nested;
                return number;
            },
            std::vector{1, 2, 3}, {.limit = 2});
        map.finish();
        break;
    }
    case hangs:
        while (true)
            ::pause();
    case busy:
        while (now() < note.begin + 500'000) {
        }
        break;
    default:
        break;
    }
    std::string result(kind == large ? 300'000 : index * 37, 'x');
    note.end = now();
    ++note.ended;
    return result;
}

/// Counts what it gets.
class Counting : public Exchange {
public:
    using Exchange::Exchange;

    std::array<std::uint64_t, 5> outcomes{};
    std::map<pid_t, Channel::Traffic> traffic; ///< of each process, at its last word

protected:
    void store_data(Channel& channel) override {
        (void)channel.receive<std::string>();
        ++outcomes[static_cast<std::size_t>(TaskOutcome::value)];
        traffic[channel.pid()] = channel.traffic();
    }
    void store_error(Channel& channel, std::exception_ptr failure) override {
        auto outcome = TaskOutcome::error;
        try {
            std::rethrow_exception(failure);
        } catch (const ProcessDied&) {
            outcome = TaskOutcome::died;
        } catch (const TaskTimedOut&) {
            outcome = TaskOutcome::timed_out;
        } catch (const TaskCancelled&) {
            outcome = TaskOutcome::cancelled;
        } catch (const std::exception&) {
            // As it is.
        }
        ++outcomes[static_cast<std::size_t>(outcome)];
        if (channel.pid() > 0)
            traffic[channel.pid()] = channel.traffic();
    }
};

/// Everything that instruments make of a recording.
struct Shown {
    InstrumentData data;
    observe::Snapshot snapshot;
    observe::Statistics statistics;
    std::uint64_t events = 0;
    std::map<EventKind, std::uint64_t> kindsSeen;

    explicit Shown(Recorder& recorder) {
        // Where a process was killed while it wrote an event, reading goes on only after a while.
        do {
            recorder.drain([this](const Event& event, std::span<const std::byte> payload) {
                data.append(event, payload);
                snapshot.apply(event, payload);
                statistics.apply(event, payload);
                ++events;
                ++kindsSeen[event.kind];
            });
        } while (recorder.ring().used() > 0);
        data.publish();
    }
    /// Stretches in which a function ran, by exchange and task.
    [[nodiscard]] std::multimap<std::pair<std::uint64_t, std::uint64_t>, Activity> runs() const {
        std::multimap<std::pair<std::uint64_t, std::uint64_t>, Activity> found;
        for (const auto& [key, process] : snapshot.processes())
            for (const Activity& activity : data.activities(key))
                if (activity.state == observe::ProcessState::running && !process.is_program && process.channel != 0)
                    found.emplace(std::pair(activity.exchange, activity.task), activity);
        return found;
    }
};

/// For whoever looks for what is wrong: each process that ran something under no name.
void tellOfLanes(const Shown& shown) {
    for (const auto& [key, process] : shown.snapshot.processes()) {
        const auto& activities = shown.data.activities(key);
        const bool is_odd = !process.is_program && process.channel != 0 &&
                            std::none_of(activities.begin(), activities.end(), [](const Activity& activity) {
                                return activity.state == observe::ProcessState::running && activity.exchange != 0;
                            });
        if (!is_odd)
            continue;
        qInfo("process %d (%s), exchange %lu, %s", process.pid, process.purpose.c_str(),
              static_cast<unsigned long>(process.exchange), process.ending.c_str());
        for (const Activity& activity : activities)
            qInfo("    %ld-%ld %s, task %ld of %lu", static_cast<long>(activity.begin), static_cast<long>(activity.end),
                  observe::to_string(activity.state), static_cast<long>(activity.task),
                  static_cast<unsigned long>(activity.exchange));
        for (std::uint64_t index = shown.data.firstEvent(); index < shown.data.endEvent(); ++index) {
            const Event& event = shown.data.event(index);
            if (event.process == process.pid || event.channel == process.channel)
                qInfo("    %ld %s by %d, task %ld, number %lu", static_cast<long>(event.time),
                      observe::to_string(event.kind), event.writer, static_cast<long>(event.task),
                      static_cast<unsigned long>(event.number));
        }
        return;
    }
}

std::uint64_t sum(const std::array<std::uint64_t, 5>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

} // namespace

class TestWhatIsShown : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_before = Holdings::now();
        void* memory = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        QVERIFY(memory != MAP_FAILED);
        board = new (memory) Board;
    }
    void cleanup() {
        ::munmap(board, sizeof(Board));
        QCOMPARE(Holdings::now().beyond(m_before), QString());
    }
    void randomJobs_data();
    void randomJobs();
    void programsOfAForkServer();

private:
    Holdings m_before;
};

void TestWhatIsShown::randomJobs_data() {
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 12; ++seed)
        QTest::addRow("%u", seed) << seed;
}

void TestWhatIsShown::randomJobs() {
    QFETCH(unsigned, seed);
    std::mt19937 random(seed);
    const bool has_timeout = seed % 4 == 1;
    const bool is_cancelled = seed % 5 == 2;
    ExchangeOptions options{.limit = 1 + seed % 4, .reuse = seed % 2 == 0, .retries = seed % 3 == 0 ? 1u : 0u};
    if (has_timeout)
        options.timeout = std::chrono::milliseconds(250);
    Recorder recorder;
    std::array<std::uint64_t, 5> outcomes{};
    std::map<pid_t, Channel::Traffic> traffic;
    std::uint64_t count = has_timeout ? 12 : mostTasks;
    {
        Counting exchange(options);
        for (std::size_t index = 0; index < count; ++index) {
            int kind = static_cast<int>(random() % (kinds - 1));
            if (has_timeout && index % 6 == 5)
                kind = hangs;
            if (options.reuse)
                exchange.start(MakeReusable(work), index, kind);
            else
                exchange.start(MakeParallel(work), index, kind);
            if (index % 3 == 0)
                exchange.store(std::chrono::milliseconds(0));
        }
        if (is_cancelled) {
            while (sum(exchange.outcomes) < count / 2)
                exchange.store();
            exchange.cancel();
        }
        exchange.finish();
        outcomes = exchange.outcomes;
        traffic = exchange.traffic;
    }
    Shown shown(recorder);
    const observe::Snapshot& snapshot = shown.snapshot;
    // A process that is killed from outside may lose the event that it was writing.
    if (!is_cancelled && !has_timeout)
        QCOMPARE(snapshot.dropped(), std::uint64_t{0});
    QCOMPARE(sum(outcomes), count);

    // Outcomes: our exchange is the first one that this program made.
    const observe::ExchangeInfo* ours = nullptr;
    for (const auto& [id, exchange] : snapshot.exchanges())
        if (const auto* owner = snapshot.process(exchange.owner); owner && owner->pid == ::getpid())
            ours = &exchange;
    QVERIFY(ours);
    for (std::size_t outcome = 0; outcome < outcomes.size(); ++outcome)
        QVERIFY2(ours->finished[outcome] == outcomes[outcome],
                 qPrintable(QString("%1: %2 shown, %3 counted")
                                .arg(observe::to_string(static_cast<TaskOutcome>(outcome)))
                                .arg(ours->finished[outcome])
                                .arg(outcomes[outcome])));
    QCOMPARE(ours->running + ours->queued, std::uint64_t{0});
    const observe::ExchangeStatistics* figures = shown.statistics.exchange(ours->id);
    QVERIFY(figures);
    QCOMPARE(figures->times.outcomes, outcomes);
    const observe::Step all = figures->series.sum(figures->created, figures->known_until + figures->series.width());
    QCOMPARE(all.finished, count);
    QCOMPARE(all.failed, count - outcomes[0]);
    QVERIFY(snapshot.running_tasks().empty());

    // Attempts: what tasks noted of their beginning, once for each, and those that nested.
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
    for (std::size_t index = 0; index < count; ++index) {
        begun += static_cast<std::uint64_t>(board->notes[index].begun);
        ended += static_cast<std::uint64_t>(board->notes[index].ended);
    }
    const auto runs = shown.runs();
    std::uint64_t ours_run = 0;
    for (const auto& [name, activity] : runs)
        ours_run += name.first == ours->id ? 1 : 0;
    if (ours_run != begun)
        tellOfLanes(shown);
    QCOMPARE(ours_run, begun);
    if (!is_cancelled && !has_timeout) {
        // A process that is ended from outside may have noted its end and not told of it.
        QCOMPARE(shown.kindsSeen.at(EventKind::task_started), begun + static_cast<std::uint64_t>(board->nested));
        QVERIFY(outcomes[0] == ended);
    }

    // Durations: what a task measured itself lies within what is shown, in the figures and in its lane.
    std::map<std::uint64_t, observe::TaskTimes> times;
    for (const observe::TaskTimes& one : shown.statistics.tasks())
        if (one.exchange == ours->id)
            times[one.task] = one;
    QCOMPARE(times.size(), std::size_t{count});
    for (std::size_t index = 0; index < count; ++index) {
        const Note& note = board->notes[index];
        const observe::TaskTimes& one = times[index];
        if (one.outcome != TaskOutcome::value)
            continue;
        QCOMPARE(static_cast<int>(one.attempts), note.begun.load());
        const std::int64_t running = one.stages[static_cast<std::size_t>(observe::TaskStage::running)];
        QVERIFY2(
            running >= note.end - note.begin,
            qPrintable(QString("task %1: %2 shown, %3 measured").arg(index).arg(running).arg(note.end - note.begin)));
        const auto [first, last] = runs.equal_range({ours->id, index});
        const bool is_within = std::any_of(first, last, [&](const auto& run) {
            return run.second.begin <= note.begin && run.second.end >= note.end &&
                   run.second.outcome == TaskOutcome::value && run.second.end - run.second.begin == running;
        });
        QVERIFY2(is_within, qPrintable(QString("task %1 is not in its lane").arg(index)));
        for (const std::int64_t stage : one.stages)
            QVERIFY(stage >= 0);
    }

    // Messages and bytes, as the channels counted them.
    for (const auto& [pid, counted] : traffic) {
        const observe::ProcessInfo* process = snapshot.process_of_pid(pid);
        QVERIFY(process);
        QCOMPARE(process->bytes_out, counted.bytes_in);
        QCOMPARE(process->messages_out, counted.messages_in);
    }
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;
    for (const auto& [key, process] : snapshot.processes()) {
        // Of the end of a process whose creator was killed nobody tells, nor perhaps of its beginning.
        const observe::ProcessInfo* parent = snapshot.process(process.parent);
        const bool is_ours = parent && parent->pid == ::getpid();
        QVERIFY(!is_ours || observe::has_ended(process.state));
        bytes += process.bytes_in + process.bytes_out;
        messages += process.messages_in + process.messages_out;
    }
    const observe::Step everything =
        shown.statistics.series().sum(shown.statistics.begin(), shown.statistics.end() + 1'000'000'000);
    QCOMPARE(everything.bytes, bytes);
    QCOMPARE(everything.messages, messages);

    // The models of the views.
    QCOMPARE(shown.data.head().finished(), snapshot.finished());
    ProcessTreeModel tree;
    tree.update(shown.data.head());
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    std::size_t rows = 0;
    const std::function<void(const QModelIndex&)> visit = [&](const QModelIndex& parent) {
        for (int row = 0; row < tree.rowCount(parent); ++row) {
            const QModelIndex index = tree.index(row, 0, parent);
            const observe::ProcessInfo* process = tree.process(index);
            QVERIFY(process);
            // Messages are written out; numbers below a thousand as they are.
            QCOMPARE(
                index.siblingAtColumn(ProcessTreeModel::MessagesOutColumn).data().toString().remove(',').toULongLong(),
                qulonglong{snapshot.process(process->key)->messages_out});
            ++rows;
            done += process->tasks_done;
            failed += process->tasks_failed;
            visit(index);
        }
    };
    visit({});
    QCOMPARE(rows, snapshot.processes().size());
    // Those that no process ever had ended without one.
    QVERIFY(done <= sum(snapshot.finished()) && (is_cancelled || done == sum(snapshot.finished())));
    QVERIFY(failed <= sum(snapshot.finished()) - snapshot.finished()[0]);
    EventLogModel log(shown.data);
    QCOMPARE(shown.data.endEvent(), shown.events);
    QCOMPARE(static_cast<std::uint64_t>(log.rowCount()), shown.events);
}

void TestWhatIsShown::programsOfAForkServer() {
    Recorder recorder;
    std::map<pid_t, Channel::Traffic> traffic;
    {
        ForkServer server;
        for (int worker = 0; worker < 3; ++worker) {
            Channel channel = server.start_program_worker();
            for (int command = 0; command <= worker; ++command) {
                channel.send(ProgramTask{.arguments = {"sh", "-c", "echo hello; exit " + std::to_string(command)}});
                channel.receive<ProgramResult>();
            }
            traffic[channel.pid()] = channel.traffic();
            channel.close();
            channel.wait();
        }
    }
    const Shown shown(recorder);
    QCOMPARE(shown.kindsSeen.at(EventKind::task_started), std::uint64_t{6});
    QCOMPARE(shown.kindsSeen.at(EventKind::task_returned), std::uint64_t{6});
    QCOMPARE(shown.runs().size(), std::size_t{6});
    for (const auto& [pid, counted] : traffic) {
        const observe::ProcessInfo* process = shown.snapshot.process_of_pid(pid);
        QVERIFY(process);
        QCOMPARE(process->bytes_out, counted.bytes_in);
        QCOMPARE(process->bytes_in, counted.bytes_out);
        QCOMPARE(process->messages_out, counted.messages_in);
    }
}

QTEST_GUILESS_MAIN(TestWhatIsShown)
#include "tst_what_is_shown.moc"
