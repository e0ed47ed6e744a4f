// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <app/workbench/job_record.h>

#include <widgets/instruments/live_source.h>

#include <pprocess/os/clock.h>
#include <pprocess/os/observer.h>

#include "support/patience.h"

using namespace pprocess;
using workbench::JobRecord;

namespace {

constexpr std::int32_t launcher = 4'000'001; // more than there can be
constexpr std::int32_t worker = 4'000'002;
constexpr std::uint64_t exchange = 77;

void happen(Event event) {
    os::tell(*os::observer(), event);
}

void workerIsCreated() {
    happen({.process = worker, .kind = EventKind::process_created});
}

void taskIsQueued(std::uint64_t task) {
    happen({.exchange = exchange, .task = task, .process = ::getpid(), .kind = EventKind::task_queued});
}

std::uint64_t queued(widgets::LiveSource& job) {
    const auto& exchanges = job.data().head().exchanges();
    const auto place = exchanges.find(exchange);
    return place == exchanges.end() ? 0 : place->second.queued;
}

} // namespace

/// What happens is made up here, and told to whoever listens to the engine.
class TestJobRecord : public QObject {
    Q_OBJECT

private slots:
    void whatIsClaimedLaterIsNotLost() {
        JobRecord record;
        widgets::LiveSource* const one = record.add();
        widgets::LiveSource* const other = record.add();
        taskIsQueued(0);
        taskIsQueued(1);
        // Has it been read? What is claimed now comes through behind it.
        constexpr std::uint64_t sign = 78;
        record.claimExchange(other, sign);
        happen({.exchange = sign, .process = ::getpid(), .kind = EventKind::exchange_created});
        QTRY_VERIFY(other->data().head().exchanges().contains(sign));
        QCOMPARE(one->data().endEvent(), std::uint64_t{0});

        record.claimExchange(one, exchange);
        taskIsQueued(2);
        QTRY_COMPARE(queued(*one), std::uint64_t{3});
        QCOMPARE(queued(*other), std::uint64_t{0});
        std::vector<std::uint64_t> order;
        for (std::uint64_t i = one->data().firstEvent(); i < one->data().endEvent(); ++i) {
            if (one->data().event(i).kind == EventKind::task_queued) {
                order.push_back(one->data().event(i).task);
            }
        }
        QCOMPARE(order, (std::vector<std::uint64_t>{0, 1, 2}));
        record.remove(one);
        record.remove(other);
    }

    /// Of those that are not seen in the record of a job, none is kept for ever.
    void whatNobodyClaimsIsLetGo() {
        JobRecord record;
        widgets::LiveSource* const job = record.add();
        for (std::uint64_t task = 0; task < 2 * JobRecord::mostWaiting; ++task) {
            taskIsQueued(task);
        }
        record.claimLauncher(job, launcher);
        happen({.process = launcher, .kind = EventKind::process_created});
        QTRY_VERIFY(job->data().head().process_of_pid(launcher));
        record.claimExchange(job, exchange);
        taskIsQueued(0);
        QTRY_COMPARE(queued(*job), std::uint64_t{JobRecord::mostWaiting});
        record.remove(job);
    }

    void whatWasLostIsToldToAll() {
        JobRecord record;
        widgets::LiveSource* const one = record.add();
        widgets::LiveSource* const other = record.add();
        happen({.number = 5, .kind = EventKind::events_dropped});
        QTRY_COMPARE(one->data().head().dropped(), std::uint64_t{5});
        QCOMPARE(other->data().head().dropped(), std::uint64_t{5});
        record.remove(one);
        record.remove(other);
    }

    /// The others go on.
    void aJobThatIsRemovedHearsNothing() {
        JobRecord record;
        widgets::LiveSource* const one = record.add();
        widgets::LiveSource* const other = record.add();
        record.claimLauncher(one, launcher);
        record.claimExchange(other, exchange);
        record.remove(one);
        workerIsCreated();
        taskIsQueued(0);
        QTRY_COMPARE(queued(*other), std::uint64_t{1});
        QVERIFY(!other->data().head().process_of_pid(worker));
        record.remove(other);
    }
};

QTEST_GUILESS_MAIN(TestJobRecord)
#include "tst_job_record.moc"
