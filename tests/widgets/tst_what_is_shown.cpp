// SPDX-License-Identifier: GPL-3.0-or-later

/// What is shown equals what happened: tasks count for themselves in memory that they share with this program, the
/// exchange counts what it gets, and every figure of the instruments is compared with these.

#include <QtTest>

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <optional>
#include <random>
#include <set>

#include <pprocess/observe/recorder.h>
#include <pprocess/observe/statistics.h>
#include <pprocess/pprocess.h>

#include <tests/support/leak_check.h>
#include <widgets/instruments/event_log_model.h>
#include <widgets/instruments/failure_list.h>
#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/process_tree_model.h>
#include <widgets/instruments/timeline_rows.h>
#include <widgets/instruments/waiting_tasks.h>

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
/// One start of a task, in its own words.
struct Attempt {
    std::atomic<bool> isWritten{false}; ///< all but its end
    std::size_t task = 0;
    pid_t pid = 0;
    pid_t parent = 0;
    std::int64_t begin = 0;
    std::atomic<std::int64_t> end{0}; ///< its last word
};
struct Board {
    std::array<Note, mostTasks> notes;
    std::atomic<int> nested{0};
    std::atomic<std::size_t> attempts{0};
    std::array<Attempt, 1024> diary;
};
Board* board = nullptr;
constexpr std::size_t nestedTask = 1'000'000;

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

/// What a task makes of itself, written down where the program finds it whatever becomes of the process.
class Diarist {
public:
    explicit Diarist(std::size_t task) : m_attempt(board->diary.at(board->attempts++)) {
        m_attempt.task = task;
        m_attempt.pid = ::getpid();
        m_attempt.parent = ::getppid();
        m_attempt.begin = now();
        m_attempt.end = m_attempt.begin;
        m_attempt.isWritten = true;
    }
    void stillHere() { m_attempt.end = now(); }

private:
    Attempt& m_attempt;
};

/// The sizes of results and what goes wrong; `padding` makes some arguments larger than a connection takes at once.
std::string act(std::size_t task, int kind, const std::string& padding) {
    Diarist diary(task);
    std::size_t size = task * 37 + padding.size() / 1000;
    switch (kind) {
    case error:
        diary.stillHere();
        throw std::runtime_error("no such thing: item " + std::to_string(task));
    case exits:
        diary.stillHere();
        ::_exit(3);
    case killed:
        diary.stillHere();
        ::raise(SIGKILL);
        break;
    case diesOnce:
        if (board->notes[task].begun++ == 0) {
            diary.stillHere();
            ::_exit(4);
        }
        break;
    case nests: {
        auto map = pmap(
            [](int number) {
                Diarist nested(nestedTask);
                nested.stillHere();
                return number;
            },
            std::vector{1, 2, 3}, {.limit = 2});
        map.finish();
        break;
    }
    case hangs:
        while (true)
            ::pause();
    case large:
        size = 300'000;
        break;
    case busy: {
        const std::int64_t until = now() + 300'000;
        while (now() < until) {
        }
        break;
    }
    default:
        break;
    }
    std::string result(size, 'x');
    diary.stillHere();
    return result;
}

/// The same for a process that sends any number of values.
void actOn(Channel& channel, std::size_t task, int kind, const std::string& padding) {
    for (std::size_t value = 0; value < task % 4; ++value)
        channel.send(std::string(100 + value, 'v'));
    channel.send(act(task, kind, padding));
}

/// What became of a task, as its exchange was told.
struct Ending {
    TaskOutcome outcome = TaskOutcome::value;
    std::string text;
    pid_t pid = 0;
    unsigned attempts = 0;
    std::int64_t told = 0; ///< when
};

Ending endingOf(const Outcome<std::string>& outcome) {
    Ending ending{.pid = outcome.pid(), .attempts = outcome.attempts(), .told = now()};
    try {
        if (outcome.error())
            std::rethrow_exception(outcome.error());
    } catch (const ProcessDied& died) {
        ending.outcome = TaskOutcome::died;
        ending.text = died.what();
    } catch (const TaskTimedOut& timeout) {
        ending.outcome = TaskOutcome::timed_out;
        ending.text = timeout.what();
    } catch (const TaskCancelled&) {
        // Whoever cancels knows why.
        ending.outcome = TaskOutcome::cancelled;
    } catch (const std::exception& other) {
        ending.outcome = TaskOutcome::error;
        ending.text = other.what();
    }
    return ending;
}

/// What the exchange was at one moment, as it says itself.
struct Moment {
    std::uint64_t position = 0; ///< in the record
    std::uint64_t waiting = 0;
    std::uint64_t started = 0;
    std::array<std::uint64_t, 5> finished{};
    std::set<std::uint64_t> members;              ///< channels
    std::optional<std::set<std::uint64_t>> ready; ///< channels; when it has just been asked for
    std::map<std::uint64_t, Channel::Traffic> traffic;
};

/// A queue or map that writes down what it gets.
template <typename Base>
class Watched : public Base {
public:
    using Base::Base;

    std::map<std::size_t, Ending> endings;             ///< by task
    std::array<std::uint64_t, 5> finished{};           ///< by outcome
    std::map<std::uint64_t, Channel::Traffic> traffic; ///< of channels that have left

    Moment moment(std::optional<std::vector<Channel*>> ready) {
        Moment now{.waiting = this->waiting(), .started = this->started(), .finished = finished};
        for (const Channel* channel : this->active()) {
            now.members.insert(channel->id());
            now.traffic[channel->id()] = channel->traffic();
        }
        if (ready) {
            now.ready.emplace();
            for (const Channel* channel : *ready)
                now.ready->insert(channel->id());
        }
        return now;
    }

protected:
    void keep(Outcome<std::string> outcome, bool last) override {
        if (last) {
            const Ending ending = endingOf(outcome);
            ++finished[static_cast<std::size_t>(ending.outcome)];
            endings[outcome.index()] = ending;
        }
        Base::keep(std::move(outcome), last);
    }
    void store_end(Channel& channel) override {
        ++finished[static_cast<std::size_t>(TaskOutcome::value)];
        endings[this->record().index] = {.pid = channel.pid(), .attempts = this->record().attempts, .told = now()};
        Base::store_end(channel);
    }
    void process_left(const Exchange::ProcessView& process) override {
        traffic[process.channel->id()] = process.channel->traffic();
    }
};

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

    Shown() = default;
    explicit Shown(Recorder& recorder) { take(recorder); }

    void take(Recorder& recorder) {
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

/// For whoever looks for what is wrong: what a process was at, and what was told of it.
void tellOfLane(const Shown& shown, const observe::ProcessInfo& process) {
    qInfo("process %d (%s), exchange %lu, %s", process.pid, process.purpose.c_str(),
          static_cast<unsigned long>(process.exchange), process.ending.c_str());
    for (const Activity& activity : shown.data.activities(process.key))
        qInfo("    %ld-%ld %s, task %ld of %lu, %s", static_cast<long>(activity.begin), static_cast<long>(activity.end),
              observe::to_string(activity.state), static_cast<long>(activity.task),
              static_cast<unsigned long>(activity.exchange), observe::to_string(activity.outcome));
    for (std::uint64_t index = shown.data.firstEvent(); index < shown.data.endEvent(); ++index) {
        const Event& event = shown.data.event(index);
        if (event.process == process.pid || event.channel == process.channel)
            qInfo("    %ld %s by %d, task %ld, number %lu", static_cast<long>(event.time),
                  observe::to_string(event.kind), event.writer, static_cast<long>(event.task),
                  static_cast<unsigned long>(event.number));
    }
}

/// The first process that ran something under no name.
void tellOfLanes(const Shown& shown) {
    for (const auto& [key, process] : shown.snapshot.processes()) {
        const auto& activities = shown.data.activities(key);
        const bool is_odd = !process.is_program && process.channel != 0 &&
                            std::none_of(activities.begin(), activities.end(), [](const Activity& activity) {
                                return activity.state == observe::ProcessState::running && activity.exchange != 0;
                            });
        if (is_odd) {
            tellOfLane(shown, process);
            return;
        }
    }
}

std::uint64_t sum(const std::array<std::uint64_t, 5>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

enum Pattern { queued, mapped, reused, batched, continuous, patterns };

/// A random job with all that is known of it from elsewhere than from its events.
struct Job {
    Pattern pattern{};
    bool hasTimeout = false;
    bool isCancelled = false;
    std::uint64_t exchange = 0;
    std::vector<int> kinds;                            ///< by task
    std::vector<std::size_t> paddings;                 ///< by task
    std::vector<std::int64_t> started;                 ///< by task: when, at the earliest
    std::map<std::size_t, Ending> endings;             ///< by task
    std::array<std::uint64_t, 5> finished{};           ///< by outcome
    std::map<std::uint64_t, Channel::Traffic> traffic; ///< by channel
    std::vector<Moment> moments;

    /// May a process be ended at any place of its own?
    [[nodiscard]] bool endsByForce() const { return hasTimeout || isCancelled; }
};

template <typename Base>
void run(Job& job, const ExchangeOptions& options, std::mt19937& random, Recorder& recorder, Shown& shown) {
    Watched<Base> exchange(options);
    job.exchange = exchange.id();
    const auto look = [&](std::optional<std::vector<Channel*>> ready = {}) {
        Moment moment = exchange.moment(std::move(ready));
        shown.take(recorder);
        moment.position = shown.data.endEvent();
        job.moments.push_back(std::move(moment));
    };
    if (job.pattern == batched) {
        std::vector<std::tuple<std::size_t, int, std::string>> all;
        for (std::size_t task = 0; task < job.kinds.size(); ++task)
            all.emplace_back(task, job.kinds[task], std::string(job.paddings[task], 'p'));
        job.started.assign(job.kinds.size(), now());
        if constexpr (requires { exchange(act, all); })
            exchange(act, all);
    } else {
        for (std::size_t task = 0; task < job.kinds.size(); ++task) {
            job.started.push_back(now());
            const std::string padding(job.paddings[task], 'p');
            if (job.pattern == continuous)
                exchange.start(actOn, task, job.kinds[task], padding);
            else if (job.pattern == reused)
                exchange.start(MakeReusable(act), task, job.kinds[task], padding);
            else
                exchange.start(MakeParallel(act), task, job.kinds[task], padding);
            if (random() % 4 == 0)
                exchange.store(std::chrono::milliseconds(0));
            if (random() % 6 == 0)
                look();
        }
    }
    look();
    while (exchange.unfinished() && !(job.isCancelled && sum(exchange.finished) >= job.kinds.size() / 2)) {
        if (random() % 2 == 0)
            look(exchange.ready());
        exchange.store();
        if (random() % 2 == 0)
            look();
    }
    if (job.isCancelled)
        exchange.cancel();
    exchange.finish();
    look();
    job.endings = exchange.endings;
    job.finished = exchange.finished;
    job.traffic = exchange.traffic;
}

/// For whoever looks for what is wrong: what was told of channels that are in one of two sets only.
void tellOf(const InstrumentData& data, const std::set<std::uint64_t>& one, const std::set<std::uint64_t>& other) {
    std::set<std::uint64_t> odd;
    std::set_symmetric_difference(one.begin(), one.end(), other.begin(), other.end(), std::inserter(odd, odd.end()));
    for (std::uint64_t index = data.firstEvent(); index < data.position(); ++index)
        if (const Event& event = data.event(index); odd.contains(event.channel))
            qInfo("%d %s by %d, number %lu, end %d", one.contains(event.channel), observe::to_string(event.kind),
                  event.writer, static_cast<unsigned long>(event.number), event.detail);
}

/// A message is told of before it goes, and the one that finds its process dead does not go.
bool isWhatWasSent(const InstrumentData& data, const observe::ChannelInfo& link, const Channel::Traffic& traffic) {
    const observe::Flow& flow = link.to_process;
    if (flow.messages_sent == traffic.messages_out)
        return flow.bytes_sent == traffic.bytes_out;
    const observe::ProcessInfo* process = data.head().process(link.process);
    return process && process->state == observe::ProcessState::failed &&
           flow.messages_sent == traffic.messages_out + 1 && flow.bytes_sent > traffic.bytes_out;
}

/// Each moment, replayed, is what the exchange said of itself then.
void checkMoments(Shown& shown, const Job& job) {
    WaitingTasks tasks;
    for (const Moment& moment : job.moments) {
        shown.data.setPosition(moment.position);
        const observe::Snapshot& snapshot = shown.data.snapshot();
        const observe::ExchangeInfo& info = snapshot.exchanges().at(job.exchange);
        const std::uint64_t finished = sum(moment.finished);
        QCOMPARE(info.queued, moment.waiting);
        QCOMPARE(info.running, moment.started - moment.waiting - finished);
        QCOMPARE(info.finished, moment.finished);
        tasks.update(shown.data);
        const auto waiting = tasks.first(job.exchange, SIZE_MAX);
        QCOMPARE(waiting.size(), std::size_t{moment.waiting});
        if (!waiting.empty())
            QCOMPARE(waiting.back(), moment.started - 1);
        const auto& levels = shown.data.levels(job.exchange);
        const auto after =
            std::upper_bound(levels.begin(), levels.end(), moment.position,
                             [](std::uint64_t position, const Level& level) { return position <= level.event; });
        QVERIFY(after != levels.begin());
        QCOMPARE(std::uint64_t{std::prev(after)->queued}, moment.waiting);
        QCOMPARE(std::uint64_t{std::prev(after)->running}, info.running);

        // Who sits in the slots: whoever is in the exchange and has not ended.
        std::set<std::uint64_t> sitting;
        for (const std::uint64_t key : info.members)
            sitting.insert(snapshot.process(key)->channel);
        std::set<std::uint64_t> living;
        for (const std::uint64_t channel : moment.members) {
            const auto* process = snapshot.process(snapshot.channels().at(channel).process);
            QVERIFY(process);
            if (!observe::has_ended(process->state))
                living.insert(channel);
        }
        QCOMPARE(sitting, living);
        for (const auto& [channel, traffic] : moment.traffic) {
            const observe::ChannelInfo& link = snapshot.channels().at(channel);
            QVERIFY(link.is_open || observe::has_ended(snapshot.process(link.process)->state));
            QVERIFY(isWhatWasSent(shown.data, link, traffic));
            QCOMPARE(link.from_process.messages_received, traffic.messages_in);
            QCOMPARE(link.from_process.bytes_received, traffic.bytes_in);
        }
        if (moment.ready) {
            std::set<std::uint64_t> ready;
            for (const auto& [id, channel] : snapshot.channels())
                if (channel.ready && channel.exchange == job.exchange)
                    ready.insert(id);
            if (ready != *moment.ready)
                tellOf(shown.data, ready, *moment.ready);
            QCOMPARE(ready, *moment.ready);
        }
    }
    shown.data.follow();
}

/// Channels that have left have carried what their own ends counted, and nobody waits at them any more.
void checkChannels(const Shown& shown, const Job& job) {
    for (const auto& [id, traffic] : job.traffic) {
        const observe::ChannelInfo& link = shown.data.head().channels().at(id);
        const observe::ProcessInfo* process = shown.data.head().process(link.process);
        QVERIFY(process);
        QVERIFY(!link.is_open && !link.ready && !link.creator_waits && !link.created_waits);
        QCOMPARE(link.exchange, job.exchange);
        QVERIFY(isWhatWasSent(shown.data, link, traffic));
        QCOMPARE(link.from_process.messages_received, traffic.messages_in);
        QCOMPARE(link.from_process.bytes_received, traffic.bytes_in);
        QCOMPARE(process->messages_in, link.to_process.messages_sent);
        QCOMPARE(process->bytes_in, link.to_process.bytes_sent);
        QCOMPARE(process->messages_out, traffic.messages_in);
        QCOMPARE(process->bytes_out, traffic.bytes_in);
        QVERIFY(link.to_process.messages_received <= traffic.messages_out);
        QVERIFY(link.to_process.bytes_received <= traffic.bytes_out);
        if (process->state == observe::ProcessState::succeeded && !job.isCancelled) {
            QCOMPARE(link.from_process.messages_sent, traffic.messages_in);
            QCOMPARE(link.from_process.bytes_sent, traffic.bytes_in);
        }
    }
}

/// The lanes: each attempt has its own bar, which holds all moments that the task itself noted, neither more nor less
/// bars, each process below the one that made it.
void checkLanes(const Shown& shown, const Job& job) {
    const observe::Snapshot& head = shown.data.head();
    std::map<pid_t, std::vector<const Attempt*>> byProcess;
    std::map<std::size_t, std::vector<const Attempt*>> byTask;
    for (std::size_t number = 0; number < board->attempts; ++number) {
        const Attempt& attempt = board->diary[number];
        if (!attempt.isWritten)
            continue; // killed while it took up its pen
        byProcess[attempt.pid].push_back(&attempt);
        byTask[attempt.task].push_back(&attempt);
    }
    const auto earlier = [](const Attempt* one, const Attempt* other) { return one->begin < other->begin; };
    const timeline::Rows rows = timeline::layOutRows(head, {});
    const auto rowOf = [&](pid_t pid) {
        const observe::ProcessInfo* process = head.process_of_pid(pid);
        return process ? rows.rowOf(process->key, head) : -1;
    };
    const int own = rowOf(::getpid());
    QCOMPARE(rows.rows[static_cast<std::size_t>(own)].depth, 0);
    const int lane = rows.rowOfExchange(job.exchange);
    QCOMPARE(rows.rows[static_cast<std::size_t>(lane)].depth, 1);
    for (auto& [pid, attempts] : byProcess) {
        std::sort(attempts.begin(), attempts.end(), earlier);
        const observe::ProcessInfo* process = head.process_of_pid(pid);
        QVERIFY(process);
        // Whoever is ended by force may do so without having told whom it has made.
        if (job.endsByForce() && attempts.front()->parent != ::getpid())
            continue;
        const int row = rowOf(pid);
        const int above = rowOf(attempts.front()->parent);
        QVERIFY(above >= 0 && row > above);
        const int depth = rows.rows[static_cast<std::size_t>(above)].depth;
        QCOMPARE(rows.rows[static_cast<std::size_t>(row)].depth, depth + 1);
        for (int between = above + 1; between < row; ++between)
            QVERIFY(rows.rows[static_cast<std::size_t>(between)].depth > depth);

        std::vector<const Activity*> bars;
        std::int64_t end = process->created;
        const Activity* before = nullptr;
        for (const Activity& activity : shown.data.activities(process->key)) {
            // What it received is what it ran.
            if (activity.state == observe::ProcessState::running && before &&
                before->state == observe::ProcessState::receiving)
                QCOMPARE(before->task, activity.task);
            before = &activity;
            QCOMPARE(activity.begin, end);
            QVERIFY(activity.end >= activity.begin);
            end = activity.end;
            if (activity.state == observe::ProcessState::running)
                bars.push_back(&activity);
        }
        // Of the end of a process whose creator was killed nobody tells.
        if (attempts.front()->parent == ::getpid())
            QCOMPARE(end, process->ended);
        // Killed, it may have begun what it has not noted.
        QVERIFY(job.endsByForce() ? bars.size() >= attempts.size() : bars.size() == attempts.size());
        for (std::size_t place = 0; place < attempts.size(); ++place) {
            const Attempt& attempt = *attempts[place];
            const Activity& bar = *bars[place];
            QVERIFY(bar.begin <= attempt.begin && bar.end >= attempt.end);
            if (place > 0)
                QVERIFY(bar.begin >= attempts[place - 1]->end && bars[place - 1]->end <= attempt.begin);
            if (attempt.task == nestedTask)
                continue;
            QCOMPARE(bar.exchange, job.exchange);
            QCOMPARE(bar.task, std::uint64_t{attempt.task});
            QVERIFY(bar.begin >= job.started[attempt.task]);
            // One that is ended by force is given up at once, and goes a moment later.
            if (!job.endsByForce())
                QVERIFY(bar.end <= job.endings.at(attempt.task).told);
        }
    }
    for (auto& [task, attempts] : byTask) {
        if (task == nestedTask)
            continue;
        std::sort(attempts.begin(), attempts.end(), earlier);
        const Ending& ending = job.endings.at(task);
        if (!job.endsByForce()) {
            QCOMPARE(attempts.size(), std::size_t{ending.attempts});
            QCOMPARE(attempts.back()->pid, ending.pid);
        }
        for (const Attempt* attempt : attempts) {
            const auto wanted = attempt->pid == ending.pid ? ending.outcome : TaskOutcome::died;
            const auto& activities = shown.data.activities(head.process_of_pid(attempt->pid)->key);
            const auto bar = std::find_if(activities.begin(), activities.end(), [&](const Activity& activity) {
                return activity.state == observe::ProcessState::running && activity.begin <= attempt->begin &&
                       activity.end >= attempt->end;
            });
            QVERIFY(bar != activities.end());
            if (bar->outcome != wanted)
                tellOfLane(shown, *head.process_of_pid(attempt->pid));
            QVERIFY2(bar->outcome == wanted, qPrintable(QString("task %1: %2 shown, %3 counted")
                                                            .arg(task)
                                                            .arg(observe::to_string(bar->outcome))
                                                            .arg(observe::to_string(wanted))));
        }
    }
    // In order of their making: with one slot, in that of their work.
    if (head.exchanges().at(job.exchange).limit == 1) {
        std::vector<std::pair<std::int64_t, int>> order;
        for (const auto& [pid, attempts] : byProcess)
            if (attempts.front()->parent == ::getpid())
                order.emplace_back(attempts.front()->begin, rowOf(pid));
        std::sort(order.begin(), order.end());
        QVERIFY(std::is_sorted(order.begin(), order.end(),
                               [](const auto& one, const auto& other) { return one.second < other.second; }));
    }
}

/// Every failure with its own text and input, in groups of those that failed in the same way.
void checkFailures(Shown& shown, const Job& job) {
    FailureList list(shown.data);
    std::map<std::size_t, const Failure*> shownFailures;
    for (const Failure& failure : list.failures())
        if (failure.exchange == job.exchange)
            QVERIFY(shownFailures.emplace(failure.task, &failure).second);
    // Which group each is to be in: what differs is the numbers of processes and items alone.
    std::map<std::pair<TaskOutcome, int>, std::set<std::uint32_t>> groups;
    std::map<std::uint32_t, std::size_t> members;
    for (const auto& [task, ending] : job.endings) {
        const auto place = shownFailures.find(task);
        QCOMPARE(place != shownFailures.end(), ending.outcome != TaskOutcome::value);
        if (place == shownFailures.end())
            continue;
        const Failure& failure = *place->second;
        QCOMPARE(failure.outcome, ending.outcome);
        QCOMPARE(list.textOf(failure, 400), QString::fromStdString(ending.text));
        QCOMPARE(failure.process, ending.pid);
        QCOMPARE(failure.attempts, static_cast<int>(ending.attempts));
        QVERIFY(failure.time >= job.started[task] && failure.time <= ending.told);
        const QString input = QString("(%1, %2, ").arg(task).arg(job.kinds[task]);
        if (ending.attempts > 0)
            QVERIFY2(list.inputOf(failure, 80).startsWith(input), qPrintable(list.inputOf(failure, 80)));
        else
            QCOMPARE(list.inputOf(failure, 80), QString());
        const int reason = ending.outcome == TaskOutcome::died ? job.kinds[task] : 0;
        groups[{ending.outcome, reason}].insert(failure.group);
        ++members[failure.group];
    }
    std::set<std::uint32_t> all;
    for (const auto& [reason, numbers] : groups) {
        if (numbers.size() > 1)
            for (const std::uint32_t number : numbers)
                qInfo("reason %d: '%s'", reason.second, qPrintable(list.groups()[number].text));
        QCOMPARE(numbers.size(), std::size_t{1});
        QVERIFY(all.insert(*numbers.begin()).second);
    }
    for (const auto& [group, number] : members)
        QCOMPARE(list.groups()[group].members.size(), number);
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
    void randomPatterns_data();
    void randomPatterns();
    void receivedByHand_data();
    void receivedByHand();
    void aTaskThatCannotTravel();
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
    // Whoever is ended by force may have begun what it had no time to note.
    const std::uint64_t unnoted = is_cancelled || has_timeout ? count - outcomes[0] : 0;
    if (ours_run < begun || ours_run > begun + unnoted)
        tellOfLanes(shown);
    QVERIFY2(ours_run >= begun && ours_run <= begun + unnoted,
             qPrintable(QString("%1 shown, %2 counted").arg(ours_run).arg(begun)));
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

void TestWhatIsShown::randomPatterns_data() {
    QTest::addColumn<unsigned>("seed");
    const unsigned first = qEnvironmentVariable("PPROCESS_SEED", "1").toUInt();
    for (unsigned seed = first; seed < first + 30; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void TestWhatIsShown::randomPatterns() {
    QFETCH(unsigned, seed);
    std::mt19937 random(seed);
    Job job;
    job.pattern = static_cast<Pattern>(seed % patterns);
    job.hasTimeout = seed % 7 == 3 && job.pattern != continuous;
    job.isCancelled = seed % 7 == 5;
    ExchangeOptions options{.limit = 1 + random() % 4,
                            .reuse = job.pattern == reused || job.pattern == batched,
                            .continuous = job.pattern == continuous};
    if (job.pattern != continuous)
        options.retries = static_cast<unsigned>(random() % 3);
    if (job.hasTimeout)
        options.timeout = std::chrono::milliseconds(250);
    const std::size_t count = job.hasTimeout ? 12 : 20 + random() % (mostTasks - 20);
    for (std::size_t task = 0; task < count; ++task) {
        const bool hangsNow = job.hasTimeout ? task % 6 == 5 : job.isCancelled && task > count / 2 && random() % 4 == 0;
        job.kinds.push_back(hangsNow ? static_cast<int>(hangs) : static_cast<int>(random() % (kinds - 1)));
        job.paddings.push_back(random() % 5 == 0 ? 400'000 : random() % 30);
    }
    Recorder recorder(std::size_t{32} << 20);
    Shown shown;
    if (job.pattern == mapped || job.pattern == batched)
        run<Map<std::string>>(job, options, random, recorder, shown);
    else
        run<Queue<std::string>>(job, options, random, recorder, shown);
    shown.take(recorder);
    QCOMPARE(sum(job.finished), std::uint64_t{count});
    QCOMPARE(shown.data.head().exchanges().at(job.exchange).finished, job.finished);
    if (!job.endsByForce())
        QCOMPARE(shown.data.head().dropped(), std::uint64_t{0});
    for (const auto& check : {std::function<void()>([&] { checkMoments(shown, job); }),
                              std::function<void()>([&] { checkChannels(shown, job); }),
                              std::function<void()>([&] { checkLanes(shown, job); }),
                              std::function<void()>([&] { checkFailures(shown, job); })}) {
        check();
        if (QTest::currentTestFailed())
            qInfo("PPROCESS_SEED=%u, pattern %d", seed, job.pattern);
    }
}

void TestWhatIsShown::receivedByHand_data() {
    QTest::addColumn<bool>("reuse");
    QTest::addColumn<bool>("isContinuous");
    QTest::newRow("once") << false << false;
    QTest::newRow("reuse") << true << false;
    QTest::newRow("continuous") << false << true;
}

/// Whoever takes results out of the channels himself has them counted all the same.
void TestWhatIsShown::receivedByHand() {
    QFETCH(bool, reuse);
    QFETCH(bool, isContinuous);
    std::mt19937 random(reuse ? 5 : 6);
    Recorder recorder;
    std::array<std::uint64_t, 5> counted{};
    constexpr std::size_t count = 30;
    std::uint64_t id = 0;
    Shown shown;
    {
        Exchange exchange({.limit = 3, .reuse = reuse, .continuous = isContinuous});
        id = exchange.id();
        for (std::size_t task = 0; task < count; ++task) {
            const int kind = static_cast<int>(random() % (nests + 1));
            if (isContinuous)
                exchange.start(actOn, task, kind, std::string());
            else if (reuse)
                exchange.start(MakeReusable(act), task, kind, std::string());
            else
                exchange.start(MakeParallel(act), task, kind, std::string());
        }
        while (exchange.unfinished() && sum(counted) < 10 * count) {
            for (Channel* channel : exchange.ready()) {
                auto outcome = TaskOutcome::value;
                try {
                    (void)channel->receive<std::string>();
                } catch (const ProcessDied&) {
                    outcome = TaskOutcome::died;
                } catch (const RemoteError&) {
                    outcome = TaskOutcome::error;
                }
                ++counted[static_cast<std::size_t>(outcome)];
            }
        }
        shown.take(recorder);
        const observe::ExchangeInfo& info = shown.snapshot.exchanges().at(id);
        if (isContinuous) // each value was received, and what has no other end has ended well
            counted[0] = count - counted[1] - counted[2];
        QCOMPARE(sum(counted), std::uint64_t{count});
        QCOMPARE(info.finished, counted);
        QCOMPARE(info.running, std::uint64_t{0});
        exchange.finish();
    }
    shown.take(recorder);
    QCOMPARE(shown.snapshot.exchanges().at(id).finished, counted);
    QCOMPARE(shown.statistics.exchange(id)->times.outcomes, counted);
}

struct Nested {
    std::unique_ptr<Nested> inner;
};

/// It is no other task's bar.
void TestWhatIsShown::aTaskThatCannotTravel() {
    Recorder recorder;
    std::uint64_t id = 0;
    std::map<std::size_t, Ending> endings;
    {
        Watched<Queue<std::string>> queue({.limit = 1, .reuse = true});
        id = queue.id();
        const auto begin = [&](std::size_t task, int depth) {
            Nested argument;
            for (Nested* last = &argument; depth > 0; --depth, last = last->inner.get())
                last->inner = std::make_unique<Nested>();
            queue.start(
                MakeReusable([](std::size_t number, const Nested&) { return act(number, value, std::string()); }), task,
                std::move(argument));
        };
        for (const std::size_t task : {0, 1, 2})
            begin(task, task == 1 ? 5'000 : 1);
        queue.finish();
        endings = queue.endings;
    }
    Shown shown(recorder);
    QCOMPARE(endings.at(0).outcome, TaskOutcome::value);
    QCOMPARE(endings.at(1).outcome, TaskOutcome::error);
    QCOMPARE(endings.at(2).outcome, TaskOutcome::value);
    QCOMPARE(shown.snapshot.exchanges().at(id).finished, (std::array<std::uint64_t, 5>{2, 1}));
    QCOMPARE(board->attempts.load(), std::size_t{2});
    const auto& lane = shown.data.activities(shown.data.head().process_of_pid(board->diary[0].pid)->key);
    std::vector<std::uint64_t> tasks;
    for (const Activity& activity : lane)
        if (activity.state == observe::ProcessState::running) {
            QCOMPARE(activity.outcome, TaskOutcome::value);
            tasks.push_back(activity.task);
        }
    QCOMPARE(tasks, std::vector<std::uint64_t>({0, 2}));
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
