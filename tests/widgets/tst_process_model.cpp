// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/process_model.h>
#include <widgets/process_sampler.h>

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <unistd.h>

#include <map>
#include <random>

#include "support/patience.h"

using namespace pprocess;
using widgets::ProcessModel;
using State = job::WorkerSnapshot::State;

namespace {

job::WorkerSnapshot makeWorker(std::uint64_t id, State state, std::string ended = {}) {
    job::WorkerSnapshot worker;
    worker.id = id;
    worker.pid = static_cast<pid_t>(1000 + id);
    worker.state = state;
    worker.since = std::chrono::steady_clock::now();
    worker.ended = std::move(ended);
    return worker;
}

} // namespace

class TestProcessModel : public QObject {
    Q_OBJECT

private slots:
    void randomBatches();
    void aWorkerThatDiedKeepsItsTask();
    void endedOnesAreCappedAndCounted();
    void samplerMeasuresThisProcess();
};

void TestProcessModel::randomBatches() {
    std::mt19937 random(3);
    ProcessModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    std::map<std::uint64_t, job::WorkerSnapshot> living;
    std::uint64_t ids = 0;
    std::size_t ended = 0;
    for (int batch = 0; batch < 300; ++batch) {
        std::vector<job::WorkerSnapshot> snapshots;
        for (auto born = random() % 4; born > 0; --born) {
            auto worker = makeWorker(++ids, State::starting);
            living.emplace(worker.id, worker);
        }
        for (auto it = living.begin(); it != living.end();) {
            if (random() % 8 == 0) {
                it->second.state = State::ended;
                it->second.ended = random() % 2 ? "exited with status 0" : "was killed by signal 9 (Killed)";
                snapshots.push_back(it->second);
                it = living.erase(it);
                ++ended;
            } else {
                it->second.state = random() % 2 ? State::running : State::idle;
                it->second.item = random() % 100;
                snapshots.push_back(it->second);
                ++it;
            }
        }
        // Born and ended between two looks.
        if (random() % 5 == 0) {
            snapshots.push_back(makeWorker(++ids, State::ended, "exited with status 0"));
            ++ended;
        }
        std::shuffle(snapshots.begin(), snapshots.end(), random);
        model.merge(snapshots);
        model.tick();
        QCOMPARE(model.livingCount(), static_cast<int>(living.size()));
        auto expected = living.begin();
        for (int row = 0; row < model.livingCount(); ++row, ++expected) {
            QCOMPARE(model.snapshotAt(model.index(row, 0))->id, expected->first);
        }
        QCOMPARE(static_cast<std::size_t>(model.rowCount() - model.livingCount()) + model.droppedCount(), ended);
    }
}

void TestProcessModel::aWorkerThatDiedKeepsItsTask() {
    ProcessModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    auto first = makeWorker(1, State::running);
    first.item = 4;
    first.input = "item 4";
    auto second = makeWorker(2, State::running);
    second.item = 5;
    second.input = "item 5";
    model.merge({first, second});
    const QPersistentModelIndex kept = model.index(0, ProcessModel::TaskColumn);
    QCOMPARE(kept.data().toString(), QStringLiteral("item 4"));
    first.state = State::ended;
    first.ended = "was killed by signal 9 (Killed)";
    model.merge({first});
    QCOMPARE(kept.row(), 1);
    QCOMPARE(kept.data().toString(), QStringLiteral("item 4"));
    QCOMPARE(model.index(1, ProcessModel::StateColumn).data().toString(), QStringLiteral("died"));
    QVERIFY(model.index(1, 0).data(ProcessModel::HasFailedRole).toBool());
    second.state = State::ended;
    second.ended = "exited with status 0";
    model.merge({second});
    QCOMPARE(model.index(0, ProcessModel::StateColumn).data().toString(), QStringLiteral("ended"));
    QCOMPARE(model.index(0, ProcessModel::TaskColumn).data().toString(), QString());
}

void TestProcessModel::endedOnesAreCappedAndCounted() {
    ProcessModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    for (std::uint64_t id = 1; id <= ProcessModel::endedLimit + 37; ++id) {
        model.merge({makeWorker(id, State::running)});
        model.merge({makeWorker(id, State::ended, "exited with status 0")});
    }
    QCOMPARE(model.rowCount(), ProcessModel::endedLimit);
    QCOMPARE(model.droppedCount(), std::size_t{37});
    QCOMPARE(model.snapshotAt(model.index(0, 0))->id, std::uint64_t{ProcessModel::endedLimit + 37});
    model.clear();
    QCOMPARE(model.droppedCount(), std::size_t{0});
}

void TestProcessModel::samplerMeasuresThisProcess() {
    widgets::ProcessSampler sampler;
    QSignalSpy spy(&sampler, &widgets::ProcessSampler::sampled);
    sampler.watch({::getpid()});
    QTRY_VERIFY(spy.count() >= 2);
    const auto samples = spy.last().first().value<widgets::ProcessSamples>();
    QVERIFY(samples.contains(::getpid()));
    QVERIFY(samples[::getpid()].residentBytes > 1u << 20);
    QVERIFY(samples[::getpid()].cpuPercent >= 0);
    sampler.watch({});
}

QTEST_MAIN(TestProcessModel)
#include "tst_process_model.moc"
