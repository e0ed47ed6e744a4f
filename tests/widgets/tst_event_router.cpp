// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <widgets/instruments/event_router.h>
#include <widgets/instruments/live_source.h>

using namespace pprocess;
using widgets::EventRouter;
using widgets::LiveSource;

namespace {

constexpr pid_t program = 1;
constexpr pid_t launcherOfA = 10;
constexpr pid_t launcherOfB = 20;

Event created(pid_t creator, pid_t process, std::uint64_t channel = 0) {
    return {.channel = channel, .writer = creator, .process = process, .kind = EventKind::process_created};
}

Event by(pid_t writer, EventKind kind, std::uint64_t channel = 0, std::uint64_t exchange = 0) {
    return {.channel = channel, .exchange = exchange, .writer = writer, .process = writer, .kind = kind};
}

} // namespace

class TestEventRouter : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_router = EventRouter(program);
        m_router.claimProcess(launcherOfA, &m_a);
        m_router.claimProcess(launcherOfB, &m_b);
        m_router.claimExchange(1, &m_a);
        m_router.claimExchange(2, &m_b);
    }

    void nobodysEventsAreNobodys() {
        QCOMPARE(m_router.jobOf(by(program, EventKind::program_described)), nullptr);
        QCOMPARE(m_router.jobOf(created(program, 99, 5)), nullptr);
        QCOMPARE(m_router.jobOf(by(99, EventKind::process_running, 5)), nullptr);
        m_router.claimProcess(program, &m_a); // works for all
        m_router.claimProcess(0, &m_a);       // "none"
        m_router.claimExchange(0, &m_a);
        QCOMPARE(m_router.jobOf(by(program, EventKind::message_sent)), nullptr);
    }

    void whatHangsTogetherIsOneJobs() {
        // By the launcher: the process, its channel, what it creates itself, and the exchanges of that.
        QCOMPARE(m_router.jobOf(created(launcherOfA, 100, 5)), &m_a);
        QCOMPARE(m_router.jobOf(by(100, EventKind::task_started)), &m_a);
        QCOMPARE(m_router.jobOf({.channel = 5, .writer = program, .kind = EventKind::message_sent}), &m_a);
        QCOMPARE(m_router.jobOf(created(100, 101, 6)), &m_a);
        QCOMPARE(m_router.jobOf(by(101, EventKind::exchange_created, 0, 50)), &m_a);
        QCOMPARE(m_router.jobOf({.exchange = 50, .writer = program, .kind = EventKind::task_queued}), &m_a);
        // By the exchange: the channel and the process at its end.
        QCOMPARE(m_router.jobOf({.exchange = 2, .writer = program, .process = program, .kind = EventKind::task_queued}),
                 &m_b);
        QCOMPARE(
            m_router.jobOf(
                {.channel = 7, .exchange = 2, .writer = program, .process = 200, .kind = EventKind::channel_added}),
            &m_b);
        QCOMPARE(m_router.jobOf({.channel = 7, .writer = program, .kind = EventKind::message_received}), &m_b);
        QCOMPARE(m_router.jobOf({.writer = program, .process = 200, .kind = EventKind::process_sample}), &m_b);
        // A process that both know of stays whose it was.
        QCOMPARE(m_router.jobOf({.channel = 5, .writer = program, .process = 200, .kind = EventKind::message_sent}),
                 &m_a);
        QCOMPARE(m_router.jobOf(by(200, EventKind::task_started)), &m_b);
    }

    void aPidThatIsUsedAgainIsWhoeverHasItNow() {
        QCOMPARE(m_router.jobOf(created(launcherOfA, 100)), &m_a);
        QCOMPARE(m_router.jobOf({.writer = launcherOfA, .process = 100, .kind = EventKind::process_ended}), &m_a);
        QCOMPARE(m_router.jobOf(by(100, EventKind::message_sent)), &m_a); // late
        QCOMPARE(m_router.jobOf(created(program, 100)), nullptr);         // no job's process
        QCOMPARE(m_router.jobOf(created(launcherOfB, 100)), &m_b);
        QCOMPARE(m_router.jobOf(by(100, EventKind::message_sent)), &m_b);
        // The end of the first is forgotten in time; the second lives on.
        for (std::size_t i = 0; i <= EventRouter::mostEnded; ++i) {
            const auto process = static_cast<pid_t>(1'000 + i);
            QCOMPARE(m_router.jobOf(created(launcherOfA, process)), &m_a);
            QCOMPARE(m_router.jobOf(by(process, EventKind::process_ended)), &m_a);
        }
        QCOMPARE(m_router.jobOf(by(100, EventKind::message_sent)), &m_b);
    }

    void whatHasEndedIsForgottenInTime() {
        const auto livesOnce = [this](std::uint64_t id) {
            const auto process = static_cast<pid_t>(1'000 + id);
            QCOMPARE(m_router.jobOf(created(launcherOfA, process, id)), &m_a);
            QCOMPARE(m_router.jobOf({.channel = id, .writer = program, .kind = EventKind::channel_removed}), &m_a);
            QCOMPARE(m_router.jobOf({.writer = program, .process = process, .kind = EventKind::process_ended}), &m_a);
        };
        for (std::uint64_t id = 100; id < 100 + EventRouter::mostEnded; ++id) {
            livesOnce(id);
        }
        const Event late{.channel = 100, .writer = program, .kind = EventKind::message_received};
        QCOMPARE(m_router.jobOf(late), &m_a);
        livesOnce(100 + EventRouter::mostEnded);
        QCOMPARE(m_router.jobOf(late), nullptr);
    }

    void aJobThatIsForgottenHasNothing() {
        QCOMPARE(m_router.jobOf(created(launcherOfA, 100, 5)), &m_a);
        m_router.forget(&m_a);
        QCOMPARE(m_router.jobOf(by(100, EventKind::message_sent, 5)), nullptr);
        QCOMPARE(m_router.jobOf(created(launcherOfA, 101)), nullptr);
        QCOMPARE(m_router.jobOf({.exchange = 1, .writer = program, .kind = EventKind::task_queued}), nullptr);
        QCOMPARE(m_router.jobOf(created(launcherOfB, 102)), &m_b);
    }

private:
    LiveSource m_a;
    LiveSource m_b;
    EventRouter m_router{program};
};

QTEST_GUILESS_MAIN(TestEventRouter)
#include "tst_event_router.moc"
