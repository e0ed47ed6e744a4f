// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
#include <QTemporaryDir>
#include <QtTest>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include <pprocess/job/history.h>
#include <pprocess/os/error.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;
using namespace pprocess::job;

namespace {

Job job_called(const std::string& name) {
    Job job;
    job.name = name;
    job.command = "true {}";
    job.inputs = ListInputs{{"a", "b", "c"}};
    return job;
}

void log_success(const PastRun& run, const char* input) {
    ItemResult result;
    result.input = input;
    result.outcome = job::Outcome::succeeded;
    JobLog(run.log()).write(result);
}

} // namespace

class TestHistory : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void runsAreKept() {
        const QTemporaryDir folder;
        const std::filesystem::path history = folder.filePath("not there yet/runs").toStdString();
        QVERIFY(past_runs(history).empty());
        {
            RunEntry entry(job_called("first \xff"), 3, history);
            QCOMPARE(past_runs(history).front().state, RunState::running);
            entry.finish(false, 2, 1);
        }
        {
            RunEntry entry(job_called("second"), 3, history);
            entry.finish(true, 1, 0);
        }
        const auto runs = past_runs(history);
        QCOMPARE(runs.size(), std::size_t(2));
        QCOMPARE(runs[0].name, std::string("second")); // the latest first, within one second too
        QCOMPARE(runs[0].state, RunState::stopped);
        QVERIFY(runs[0].can_go_on());
        QCOMPARE(runs[1].name, std::string("first \xff"));
        QCOMPARE(runs[1].state, RunState::ended);
        QCOMPARE(runs[1].succeeded, std::size_t(2));
        QCOMPARE(runs[1].failed, std::size_t(1));
        QVERIFY(runs[1].ended && *runs[1].ended >= runs[1].started);
        QCOMPARE(load(runs[1].job_file()).command, std::string("true {}"));
        forget_run(runs[0]);
        QCOMPARE(past_runs(history).size(), std::size_t(1));
    }

    /// Whoever runs it is killed; what it has done is known, and somebody else goes on.
    void aKilledRunCanBeGoneOnWith() {
        const QTemporaryDir folder;
        const std::filesystem::path history = folder.path().toStdString();
        Gate begun;
        const pid_t pid = ::fork();
        if (pid == 0) {
            const RunEntry entry(job_called("killed"), 3, history);
            log_success(entry.run(), "a");
            log_success(entry.run(), "b");
            begun.open();
            for (;;)
                ::pause();
        }
        QVERIFY(begun.pass());
        const PastRun running = past_runs(history).front();
        QCOMPARE(running.state, RunState::running);
        QVERIFY(!running.can_go_on());
        for (const auto& action : {std::function<void()>([&] { RunEntry{running}; }), {[&] { forget_run(running); }}}) {
            int error = 0;
            try {
                action();
            } catch (const SystemError& busy) {
                error = busy.code().value();
            }
            QCOMPARE(error, EBUSY);
        }
        ::kill(pid, SIGKILL);
        QCOMPARE(os::retry([&] { return ::waitpid(pid, nullptr, 0); }), pid);

        const PastRun broken = past_runs(history).front();
        QCOMPARE(broken.state, RunState::broken_off);
        QCOMPARE(broken.succeeded, std::size_t(2));
        QVERIFY(broken.can_go_on());
        {
            RunEntry entry(broken);
            QCOMPARE(past_runs(history).front().state, RunState::running);
            entry.finish(false, 3, 0);
        }
        const PastRun ended = past_runs(history).front();
        QCOMPARE(ended.state, RunState::ended);
        QVERIFY(!ended.can_go_on());
        QVERIFY(ended.started == broken.started);
    }

    void whatIsNoRunIsLeftOut() {
        const QTemporaryDir folder;
        const std::filesystem::path history = folder.path().toStdString();
        QVERIFY(QDir(folder.path()).mkpath("empty"));
        QVERIFY(QDir(folder.path()).mkpath("torn"));
        std::ofstream(history / "torn" / "run.json") << "{\"started\": 1";
        std::ofstream(history / "a file") << "x";
        QVERIFY(past_runs(history).empty());
    }

    void theFolderFollowsTheEnvironment() {
        const auto before = qgetenv("XDG_STATE_HOME");
        qputenv("XDG_STATE_HOME", "/some/where");
        QCOMPARE(history_folder(), std::filesystem::path("/some/where/pprocess/runs"));
        qputenv("XDG_STATE_HOME", "not/absolute");
        QVERIFY(history_folder().is_absolute());
        if (before.isNull())
            qunsetenv("XDG_STATE_HOME");
        else
            qputenv("XDG_STATE_HOME", before);
    }

    void theOldestMakeRoom() {
        const QTemporaryDir folder;
        const std::filesystem::path history = folder.filePath("runs").toStdString();
        const auto make = [&](const char* name, bool isEnded) {
            RunEntry entry(job_called(name), 1, history);
            if (isEnded)
                entry.finish(false, 1, 0);
        };
        for (const char* name : {"first", "second", "third"})
            make(name, true);
        make("unfinished", false);
        const RunEntry running(job_called("running"), 1, history);
        QCOMPARE(prune_history({.runs = 3}, history), std::size_t(0));
        QCOMPARE(prune_history({.runs = 1}, history), std::size_t(2));
        QStringList names;
        for (const PastRun& run : past_runs(history))
            names += QString::fromStdString(run.name);
        names.sort();
        QCOMPARE(names, (QStringList{"running", "third", "unfinished"}));
        QCOMPARE(prune_history({.runs = 5, .bytes = 10}, history), std::size_t(1));
        QCOMPARE(prune_history({}, history), std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(TestHistory)
#include "tst_history.moc"
