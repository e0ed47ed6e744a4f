// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <pprocess/launch/fork_server.h>
#include <pprocess/launch/program.h>
#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;
using namespace std::chrono_literals;

namespace {

ProgramTask shell(const std::string& script) {
    return {{"/bin/sh", "-c", script}, {}, 1u << 20};
}

std::string output_of(Channel& worker, const ProgramTask& task) {
    worker.send(task);
    return worker.receive<ProgramResult>().output;
}

} // namespace

class TestForkServer : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void workersRunPrograms() {
        ForkServer server;
        QVERIFY(server.is_running());
        Channel worker = server.start_program_worker();
        for (int n = 0; n < 5; ++n)
            QCOMPARE(output_of(worker, shell("echo " + std::to_string(n))), std::to_string(n) + "\n");
        QVERIFY(worker.pid() > 0);
        worker.send(std::optional<ProgramTask>());
        QVERIFY(worker.wait().success());
    }

    void fromAThreadedProcess() {
        Gate end;
        std::thread thread([&] { end.pass(); });
        {
            ForkServer server;
            Channel worker = server.start_program_worker();
            QCOMPARE(output_of(worker, shell("echo threads")), std::string("threads\n"));
        }
        end.open();
        thread.join();
    }

    void workersHoldNothingOfTheOwner() {
        Gate gate; // a plain pipe that every exec inherits
        ForkServer server;
        Channel worker = server.start_program_worker();
        QCOMPARE(output_of(worker, shell("true")), std::string());
        gate.close_writing();
        QVERIFY2(is_readable(gate.reading_end()), "the launcher or a worker holds the pipe open");
        for (const pid_t pid : {server.pid(), worker.pid()}) {
            const QDir folder(QString("/proc/%1/fd").arg(pid));
            for (const QString& number : folder.entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System))
                QVERIFY(!QFile::symLinkTarget(folder.filePath(number)).contains("pipe:") || number.toInt() <= 2);
        }
    }

    /// Such as the lock of a run's log, which says to their last moment that somebody is still at it.
    void workersHoldWhatTheyAreGiven() {
        Gate gate;
        std::optional<ForkServer> server(std::in_place, launch::Surroundings{.held = gate.writing_end()});
        Channel worker = server->start_program_worker();
        gate.close_writing();
        QCOMPARE(output_of(worker, shell("for n in /proc/$$/fd/*; do echo ${n##*/}; done")).find('4'),
                 std::string::npos);
        QVERIFY(!is_readable(gate.reading_end()));
        const pid_t pid = worker.pid();
        ::kill(server->pid(), SIGKILL);
        QVERIFY(wait_for_end(pid));
        QVERIFY(wait_for_end(server->pid()));
        QVERIFY(is_readable(gate.reading_end()));
    }

    void deathOfAWorker() {
        ForkServer server;
        Channel worker = server.start_program_worker();
        output_of(worker, shell("true"));
        ::kill(worker.pid(), SIGKILL);
        EXPECT_THROWN(ProcessDied, worker.receive<ProgramResult>(), QCOMPARE(error.status().signal(), SIGKILL));
        QCOMPARE(worker.wait().signal(), SIGKILL);
        Channel next = server.start_program_worker();
        QCOMPARE(output_of(next, shell("echo next")), std::string("next\n"));
    }

    void deathOfTheServer() {
        ForkServer server;
        Channel worker = server.start_program_worker();
        output_of(worker, shell("true"));
        const pid_t pid = worker.pid();
        ::kill(server.pid(), SIGKILL);
        EXPECT_THROWN(Error, worker.receive<ProgramResult>());
        QVERIFY(wait_for_end(pid));
        while (server.is_running()) {
        }
        EXPECT_THROWN(SystemError, static_cast<void>(server.start_program_worker()),
                      QVERIFY2(QString(error.what()).contains("pprocess-launcher"), error.what()));
    }

    void destructorsOfAStoppedServer() {
        // A server that stands still must not make its owner stand still.
        std::optional<ForkServer> server(std::in_place);
        {
            Channel worker = server->start_program_worker();
            output_of(worker, shell("true"));
            ::kill(server->pid(), SIGSTOP);
            Channel unborn = server->start_program_worker();
        }
        server.reset();
    }

    void workersEndWithTheServer() {
        std::optional<ForkServer> server(std::in_place);
        std::vector<Channel> workers;
        for (int n = 0; n < 3; ++n) {
            workers.push_back(server->start_program_worker());
            output_of(workers.back(), shell("true"));
        }
        server.reset(); // though each channel is still open
        for (const Channel& worker : workers)
            QVERIFY(wait_for_end(worker.pid()));
    }

    void noLauncher() {
        EXPECT_THROWN(SystemError, ForkServer("/nowhere/pprocess-launcher"),
                      QVERIFY2(QString(error.what()).contains("/nowhere"), error.what()));
    }

    void killedOwnerTakesAllWithIt() {
        int out[2];
        QCOMPARE(::pipe2(out, O_CLOEXEC), 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::dup2(out[1], 1);
            ::execl(PPROCESS_FIXTURES "/owns_server", "owns_server", nullptr);
            ::_exit(127);
        }
        ::close(out[1]);
        // The launcher, a worker and the command of that worker.
        std::array<pid_t, 3> pids{};
        QCOMPARE(::read(out[0], pids.data(), sizeof pids), static_cast<ssize_t>(sizeof pids));
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        for (const pid_t left : pids)
            QVERIFY(wait_for_end(left));
        ::close(out[0]);
    }
};

QTEST_GUILESS_MAIN(TestForkServer)
#include "tst_fork_server.moc"
