// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
//
// Each task has exactly one outcome, of the right kind, and was begun as often as that outcome says: shown for random
// tasks in exchanges with random options. A row is named after its seed and is the same every time.
#include <QtTest>

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

enum Kind { gives_value, throws, hangs };

/// A task: its number, what it does in the end, and how many processes it kills before.
using Plan = std::tuple<int, int, int>;

constexpr std::size_t most_tasks = 512;
/// How often each task was begun, counted by the processes themselves.
std::atomic<unsigned>* begun = nullptr;

int act(int index, int kind, int deaths) {
    const unsigned earlier = begun[index]++;
    if (earlier < static_cast<unsigned>(deaths)) {
        if (earlier % 2 == 1)
            ::_exit(7);
        ::raise(SIGKILL);
    }
    if (kind == throws)
        throw std::out_of_range("task " + std::to_string(index));
    while (kind == hangs)
        ::pause();
    return index * index;
}

QString expected(const Plan& plan, unsigned retries) {
    const auto [index, kind, deaths] = plan;
    const auto attempts = std::min(static_cast<unsigned>(deaths), retries) + 1;
    QString text;
    if (static_cast<unsigned>(deaths) > retries)
        text = attempts % 2 == 1 ? QString("killed by 9") : QString("exited with 7");
    else if (kind == throws)
        text = QString("threw task %1").arg(index);
    else if (kind == hangs)
        text = "timed out";
    else
        text = QString("value %1").arg(index * index);
    return text + QString(" at attempt %1").arg(attempts);
}

QString in_words(const Outcome<int>& outcome) {
    QString text;
    try {
        text = QString("value %1").arg(outcome.value());
    } catch (const RemoteError& error) {
        text = QString("threw ") + error.what();
    } catch (const ProcessDied& death) {
        text = death.status().signaled() ? QString("killed by %1").arg(death.status().signal())
                                         : QString("exited with %1").arg(death.status().exit_code());
    } catch (const TaskTimedOut&) {
        text = "timed out";
    } catch (const TaskCancelled&) {
        return "cancelled";
    } catch (const std::exception& error) {
        text = QString("another error: ") + error.what();
    }
    return text + QString(" at attempt %1").arg(outcome.attempts());
}

/// Everything that a seed decides.
struct Trial {
    ExchangeOptions options;
    std::vector<Plan> plans;
    bool as_map = false;
    bool is_cancelled = false;
    std::size_t cancelled_after = 0; ///< so many outcomes, or with that element of a map

    explicit Trial(unsigned seed) {
        std::mt19937 random(seed);
        const auto below = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
        options.reuse = below(2) == 0;
        as_map = below(2) == 0;
        options.limit = 1 + below(6);
        options.retries = below(3);
        if (options.reuse && below(3) == 0)
            options.max_tasks_per_process = 1 + below(5);
        is_cancelled = below(3) == 0;
        const bool has_timeout = below(4) == 0;
        if (has_timeout) {
            options.timeout = timeout;
            options.limit = 4 + below(3);
        }
        const std::size_t count = has_timeout ? 40 : 20 + below(100);
        unsigned hanging = 0;
        for (std::size_t index = 0; index < count; ++index) {
            const unsigned what = below(10);
            int kind = what < 2 ? throws : gives_value;
            if (has_timeout && what == 9 && hanging++ < 4)
                kind = hangs;
            const auto deaths = below(6) == 0 ? static_cast<int>(1 + below(3)) : 0;
            plans.emplace_back(static_cast<int>(index), kind, deaths);
        }
        cancelled_after = below(static_cast<unsigned>(count));
    }

    static constexpr auto timeout = 3s; // long enough for those that do not hang
};

} // namespace

class TestOneOutcome : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void initTestCase() {
        void* memory =
            ::mmap(nullptr, most_tasks * sizeof *begun, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        QVERIFY(memory != MAP_FAILED);
        begun = static_cast<std::atomic<unsigned>*>(memory);
    }
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void randomTasks_data() {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 24; ++seed)
            QTest::addRow("seed %u", seed) << seed;
    }
    void randomTasks() {
        QFETCH(unsigned, seed);
        const Trial trial(seed);
        for (std::size_t index = 0; index < most_tasks; ++index)
            begun[index] = 0;
        std::vector<Outcome<int>> outcomes;
        if (trial.as_map) {
            Map<int> map(trial.options);
            map(act, trial.plans);
            if (trial.is_cancelled) {
                try {
                    static_cast<void>(map[trial.cancelled_after]);
                } catch (const Error&) {
                }
                map.cancel();
            }
            outcomes = map.outcomes();
            map.finish();
        } else {
            Queue<int> queue(trial.options);
            const auto task = queue.manage(MakeReusable(act));
            for (const auto& [index, kind, deaths] : trial.plans)
                task(index, kind, deaths);
            if (trial.is_cancelled) {
                while (queue.unfinished() && queue.size() < trial.cancelled_after)
                    queue.store();
                queue.cancel();
            }
            outcomes = queue.outcomes();
            queue.finish();
        }

        QCOMPARE(outcomes.size(), trial.plans.size());
        std::vector<bool> told(trial.plans.size(), false);
        for (const Outcome<int>& outcome : outcomes) {
            QVERIFY(outcome.index() < told.size() && !told[outcome.index()]);
            told[outcome.index()] = true;
            const QString words = in_words(outcome);
            if (trial.is_cancelled && words == "cancelled") {
                QVERIFY(begun[outcome.index()] <= outcome.attempts());
                continue;
            }
            QCOMPARE(words, expected(trial.plans[outcome.index()], trial.options.retries));
            QCOMPARE(begun[outcome.index()].load(), outcome.attempts());
        }
    }
};

QTEST_GUILESS_MAIN(TestOneOutcome)
#include "tst_one_outcome.moc"
