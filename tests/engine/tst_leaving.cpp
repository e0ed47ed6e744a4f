// SPDX-License-Identifier: GPL-3.0-or-later
//
// How everything ends when the one that made it ends: killed, or interrupted from its terminal.
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int time_to_leave = 10'000;
#else
constexpr int time_to_leave = 2'000;
#endif

const std::string shapes = PPROCESS_FIXTURES "/shapes_tasks.so";

/// A program that the test has started, with what it writes.
struct Program {
    pid_t pid = 0;
    int output = -1;

    explicit Program(const std::vector<std::string>& words) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            std::abort();
        pid = ::fork();
        if (pid == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            execute(words);
        }
        ::close(ends[1]);
        output = ends[0];
    }
    ~Program() {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        ::close(output);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    [[nodiscard]] pid_t next_pid() const {
        pid_t value = 0;
        return ::read(output, &value, sizeof value) == static_cast<ssize_t>(sizeof value) ? value : -1;
    }

    [[noreturn]] static void execute(const std::vector<std::string>& words) {
        std::vector<char*> arguments;
        for (const std::string& word : words)
            arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        ::execv(arguments.front(), arguments.data());
        ::_exit(127);
    }
};

/// A program on a terminal of its own, with that in the foreground.
struct OnTerminal {
    pid_t pid = 0;
    int terminal = -1;

    explicit OnTerminal(const std::vector<std::string>& words) {
        pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
        if (pid == 0)
            Program::execute(words);
    }
    ~OnTerminal() { ::close(terminal); }
    OnTerminal(const OnTerminal&) = delete;
    OnTerminal& operator=(const OnTerminal&) = delete;

    void press_ctrl_c() const { QCOMPARE(::write(terminal, "\x03", 1), ssize_t{1}); }
    [[nodiscard]] termios attributes() const {
        termios value{};
        ::tcgetattr(terminal, &value);
        return value;
    }
    [[nodiscard]] int wait() const {
        int status = 0;
        ::waitpid(pid, &status, 0);
        return status;
    }
};

bool operator==(const termios& one, const termios& other) {
    return one.c_iflag == other.c_iflag && one.c_oflag == other.c_oflag && one.c_cflag == other.c_cflag &&
           one.c_lflag == other.c_lflag && std::equal(std::begin(one.c_cc), std::end(one.c_cc), std::begin(other.c_cc));
}

/// Numbers from a fifo, as commands write them.
std::vector<pid_t> numbers_from(const std::string& fifo, std::size_t count) {
    std::vector<pid_t> numbers;
    while (numbers.size() < count) {
        std::FILE* file = std::fopen(fifo.c_str(), "r");
        for (int number = 0; std::fscanf(file, "%d", &number) == 1;)
            numbers.push_back(number);
        std::fclose(file);
    }
    return numbers;
}

} // namespace

class TestLeaving : public QObject, LeakCheck {
    Q_OBJECT

    QTemporaryDir folder_;
    std::string fifo_ = folder_.filePath("pids").toStdString();

    /// All of them are gone before the time is over.
    void expectGone(const std::vector<pid_t>& pids) {
        QElapsedTimer timer;
        timer.start();
        for (const pid_t pid : pids)
            QVERIFY2(wait_for_end(pid, std::max(0, time_to_leave - static_cast<int>(timer.elapsed()))),
                     qPrintable(QString("process %1 is still there").arg(pid)));
    }

    /// Orphans come to this process as zombies; one that has not ended is found by the check after this.
    static void reapOrphans() {
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < time_to_leave) {
            siginfo_t info{};
            if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0)
                return;
        }
    }

private slots:
    void initTestCase() {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        QCOMPARE(::mkfifo(fifo_.c_str(), 0600), 0);
    }
    void init() { take_stock(); }
    void cleanup() {
        reapOrphans();
        QCOMPARE(left_behind(), QString());
    }

    void killedCreator_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("processes");
        QTest::addColumn<bool>("oneStays");
        QTest::newRow("start, and start in there") << "start" << 2 << false;
        QTest::newRow("map") << "map" << 3 << false;
        QTest::newRow("reused, and reused in there") << "reuse" << 6 << false;
        QTest::newRow("commands with children") << "commands" << 3 << false;
        QTest::newRow("tasks with children") << "library" << 4 << true;
        QTest::newRow("a copy of the program") << "copy" << 7 << false;
    }
    void killedCreator() {
        QFETCH(QString, kind);
        QFETCH(int, processes);
        QFETCH(bool, oneStays);
        const Program program({PPROCESS_FIXTURES "/leaves_tree", kind.toStdString(), shapes, fifo_});
        std::vector<pid_t> pids;
        for (int count = 0; count < processes; ++count) {
            pids.push_back(program.next_pid());
            QVERIFY(pids.back() > 0);
        }
        const pid_t staying = oneStays ? program.next_pid() : 0;
        ::kill(program.pid, SIGKILL);
        ::waitpid(program.pid, nullptr, 0);
        expectGone(pids);
        if (oneStays) {
            // What has a session of its own is somebody else's business.
            QCOMPARE(::kill(staying, SIGKILL), 0);
            QVERIFY(wait_for_end(staying));
        }
    }

    void creatorThatDiesBeforeItsProcessCanAsk() {
        const Program program({PPROCESS_FIXTURES "/dies_early"});
        const pid_t created = program.next_pid();
        QVERIFY(created > 0);
        ::kill(program.pid, SIGKILL);
        ::waitpid(program.pid, nullptr, 0);
        expectGone({created});
    }

    void serverOutlivesTheThreadThatMadeIt() {
        std::optional<ForkServer> server;
        std::thread([&] { server.emplace(); }).join();
        QCOMPARE(server->start_task({shapes, "area"}, 2.0, 2.0).receive<double>(), 4.0);
    }

    void ownerGoneThoughItsSocketIsHeld() {
        // A stranger that got the owner's descriptors keeps them from reaching their end.
        const Program program({PPROCESS_FIXTURES "/owns_server"});
        std::vector<pid_t> pids;
        for (int count = 0; count < 3; ++count)
            pids.push_back(program.next_pid());
        const int owner = static_cast<int>(::syscall(SYS_pidfd_open, program.pid, 0));
        std::vector<int> held;
        for (int number = 3; number < 64; ++number) {
            if (const int copy = static_cast<int>(::syscall(SYS_pidfd_getfd, owner, number, 0)); copy >= 0)
                held.push_back(copy);
        }
        if (held.empty()) {
            ::close(owner);
            QSKIP("the system does not let a process copy another's descriptors");
        }
        ::kill(program.pid, SIGKILL);
        ::waitpid(program.pid, nullptr, 0);
        expectGone(pids);
        for (const int number : held)
            ::close(number);
        ::close(owner);
    }

    void whatFinishedCommandsLeftMayStay() {
        pid_t left = 0;
        {
            ForkServer server;
            Channel worker = server.start_program_worker();
            worker.send(ProgramTask{{"/bin/sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"}});
            left = std::stoi(worker.receive<ProgramResult>().output);
        }
        QCOMPARE(::kill(left, 0), 0);
        ::kill(left, SIGKILL);
        QVERIFY(wait_for_end(left));
    }

    void endOfAWorkerTakesItsCommandAlong() {
        ForkServer server;
        Channel worker = server.start_program_worker();
        worker.send(ProgramTask{{"/bin/sh", "-c", "sleep 1000 & echo $$ $! > " + fifo_ + "; wait"}});
        const std::vector<pid_t> pids = numbers_from(fifo_, 2);
        worker.pump();
        worker.process().update();
        QVERIFY(worker.process().send_signal(SIGTERM));
        expectGone(pids);
        QCOMPARE(worker.wait().signal(), SIGTERM);
    }

    void ctrlC_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("processes");
        QTest::newRow("start, and start in there") << "start" << 2;
        QTest::newRow("reused, and reused in there") << "reuse" << 6;
        QTest::newRow("commands with children") << "commands" << 3;
        QTest::newRow("a copy of the program") << "copy" << 7;
    }
    void ctrlC() {
        QFETCH(QString, kind);
        QFETCH(int, processes);
        const std::string pids_file = folder_.filePath("of-the-tree").toStdString();
        QCOMPARE(::mkfifo(pids_file.c_str(), 0600), 0);
        const int pids_end = ::open(pids_file.c_str(), O_RDWR | O_CLOEXEC);
        const std::string program = PPROCESS_FIXTURES "/leaves_tree";
        const OnTerminal session(
            {"/bin/sh", "-c",
             "exec " + program + " " + kind.toStdString() + " " + shapes + " " + fifo_ + " > " + pids_file});
        std::vector<pid_t> pids(static_cast<std::size_t>(processes));
        for (pid_t& pid : pids)
            QCOMPARE(::read(pids_end, &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
        ::close(pids_end);
        ::unlink(pids_file.c_str());
        const termios before = session.attributes();
        session.press_ctrl_c();
        const int status = session.wait();
        QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT); // which a shell shows as 130
        expectGone(pids);
        QVERIFY(session.attributes() == before);
    }

    void ppctlEnds_data() {
        QTest::addColumn<bool>("byCtrlC");
        QTest::newRow("Ctrl-C") << true;
        QTest::newRow("SIGKILL") << false;
    }
    void ppctlEnds() {
        QFETCH(bool, byCtrlC);
        const std::string ppctl = PPROCESS_BIN "/ppctl";
        if (::access(ppctl.c_str(), X_OK) != 0)
            QSKIP("ppctl is not built here");
        QFile items(folder_.filePath("items"));
        QVERIFY(items.open(QIODevice::WriteOnly) && items.write("1\n2\n3\n") > 0);
        items.close();
        const OnTerminal session({ppctl, "run", "--limit", "2", "--inputs", items.fileName().toStdString(), "--",
                                  "/bin/sh", "-c", "sleep 1000 & echo $$ $! > " + fifo_ + "; wait", "{}"});
        const std::vector<pid_t> pids = numbers_from(fifo_, 4);
        const termios before = session.attributes();
        if (byCtrlC)
            session.press_ctrl_c();
        else
            ::kill(session.pid, SIGKILL);
        const int status = session.wait();
        QCOMPARE(byCtrlC ? WEXITSTATUS(status) : WTERMSIG(status), byCtrlC ? 130 : SIGKILL);
        expectGone(pids);
        QVERIFY(session.attributes() == before);
    }
};

QTEST_GUILESS_MAIN(TestLeaving)
#include "tst_leaving.moc"
