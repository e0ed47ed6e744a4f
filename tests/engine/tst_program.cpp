// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>

#include <pprocess/launch/program.h>
#include <pprocess/os/error.h>
#include <pprocess/os/fd.h>
#include <pprocess/pprocess.h>

using namespace pprocess;

namespace {

constexpr std::uint64_t mebibyte = 1u << 20;

QByteArray bytes(const std::string& text) {
    return QByteArray::fromStdString(text);
}

ProgramResult run(std::vector<std::string> arguments) {
    return run_program({std::move(arguments), {}, mebibyte});
}
ProgramResult shell(const std::string& script) {
    return run({"/bin/sh", "-c", script});
}

std::vector<int> open_descriptors() {
    std::vector<int> numbers;
    DIR* folder = ::opendir("/proc/self/fd");
    while (const dirent* entry = ::readdir(folder)) {
        if (entry->d_name[0] != '.' && std::atoi(entry->d_name) != ::dirfd(folder))
            numbers.push_back(std::atoi(entry->d_name));
    }
    ::closedir(folder);
    return numbers;
}

bool has_children() {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

os::Fd open_process(pid_t pid) {
    return os::Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

/// Waits until the process has ended; it need not be a child.
void wait_for_end(const os::Fd& process) {
    pollfd entry{process.get(), POLLIN, 0};
    os::retry([&] { return ::poll(&entry, 1, -1); });
}

void write_script(const std::string& path, const std::string& text, mode_t mode) {
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
}

} // namespace

class TestProgram : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(folder_.isValid()); }

    void result_tells_how_it_ended_data();
    void result_tells_how_it_ended();
    void output_is_whole_and_exact();
    void output_is_cut_at_the_cap_data();
    void output_is_cut_at_the_cap();
    void large_output();
    void both_outputs_large_at_once();
    void closed_outputs_do_not_end_it();
    void arguments_arrive_unchanged();
    void zero_byte_is_refused();
    void start_failures_have_words_data();
    void start_failures_have_words();
    void start_failure_by_permission();
    void relative_program_and_path_in_the_working_folder();
    void only_three_descriptors();
    void caller_without_standard_streams();
    void input_is_empty();
    void signals_are_as_new();
    void own_process_group();
    void stopped_program_goes_on();
    void nothing_is_left_over();
    void grandchild_does_not_hold_the_result();
    void endless_grandchild_does_not_hold_the_result();
    void program_dies_with_the_caller();
    void group_dies_with_a_killed_caller();
    void group_is_asked_before_it_is_killed();
    void group_ends_with_its_task_data();
    void group_ends_with_its_task();
    void all_is_gone_with_the_creator_data();
    void all_is_gone_with_the_creator();
    void host_keeps_its_own_termination();
    void interrupted_all_the_time();
    void several_threads_at_once();
    void no_descriptors_is_an_exception();

private:
    std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }
    std::string fifo(const char* name) const {
        const std::string full = path(name);
        ::unlink(full.c_str());
        ::mkfifo(full.c_str(), 0600);
        return full;
    }
    QTemporaryDir folder_;
};

void TestProgram::result_tells_how_it_ended_data() {
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<int>("exit_code");
    QTest::addColumn<int>("signal");
    QTest::newRow("0") << QByteArray("exit 0") << 0 << 0;
    QTest::newRow("1") << QByteArray("exit 1") << 1 << 0;
    QTest::newRow("127") << QByteArray("exit 127") << 127 << 0;
    QTest::newRow("255") << QByteArray("exit 255") << 255 << 0;
    QTest::newRow("SIGKILL") << QByteArray("kill -KILL $$") << 0 << SIGKILL;
    QTest::newRow("SIGTERM") << QByteArray("kill -TERM $$") << 0 << SIGTERM;
    QTest::newRow("SIGSEGV") << QByteArray("ulimit -c 0; kill -SEGV $$") << 0 << SIGSEGV;
    QTest::newRow("SIGPIPE") << QByteArray("kill -PIPE $$") << 0 << SIGPIPE;
}

void TestProgram::result_tells_how_it_ended() {
    QFETCH(QByteArray, script);
    QFETCH(int, exit_code);
    QFETCH(int, signal);
    const ProgramResult result = shell(script.toStdString());
    QCOMPARE(result.start_error, 0);
    QCOMPARE(bytes(result.start_message), QByteArray());
    QCOMPARE(result.exit_code, exit_code);
    QCOMPARE(result.signal, signal);
    QCOMPARE(result.success(), exit_code == 0 && signal == 0);
    QVERIFY(result.duration.count() > 0);
}

void TestProgram::output_is_whole_and_exact() {
    const ProgramResult result = shell("printf 'a\\n\\377\\000b'; printf 'e\\376' >&2");
    QCOMPARE(bytes(result.output), QByteArray("a\n\xff\0b", 5));
    QCOMPARE(bytes(result.error_output), QByteArray("e\xfe"));
    QCOMPARE(result.output_bytes, std::uint64_t(5));
    QCOMPARE(result.error_bytes, std::uint64_t(2));
    QVERIFY(!result.was_cut());
}

void TestProgram::output_is_cut_at_the_cap_data() {
    QTest::addColumn<quint64>("cap");
    QTest::addColumn<QByteArray>("kept");
    QTest::addColumn<bool>("cut");
    QTest::newRow("nothing") << quint64(0) << QByteArray() << true;
    QTest::newRow("one") << quint64(1) << QByteArray("0") << true;
    QTest::newRow("one less") << quint64(9) << QByteArray("012345678") << true;
    QTest::newRow("exact") << quint64(10) << QByteArray("0123456789") << false;
    QTest::newRow("room") << quint64(11) << QByteArray("0123456789") << false;
    QTest::newRow("no end") << ~quint64(0) << QByteArray("0123456789") << false;
}

void TestProgram::output_is_cut_at_the_cap() {
    QFETCH(quint64, cap);
    QFETCH(QByteArray, kept);
    QFETCH(bool, cut);
    const ProgramResult result =
        run_program({{"/bin/sh", "-c", "printf 01234; printf 56789; printf abcdefghij >&2"}, {}, cap});
    QCOMPARE(bytes(result.output), kept);
    QCOMPARE(result.error_output.size(), result.output.size());
    QCOMPARE(result.output_bytes, std::uint64_t(10));
    QCOMPARE(result.error_bytes, std::uint64_t(10));
    QCOMPARE(result.was_cut(), cut);
    QVERIFY(result.success());
}

void TestProgram::large_output() {
    const std::uint64_t size = 64 * mebibyte;
    const std::vector<std::string> command{"head", "-c", std::to_string(size), "/dev/zero"};
    const ProgramResult whole = run_program({command, {}, size});
    QCOMPARE(whole.output.size(), std::size_t(size));
    QVERIFY(!whole.was_cut());
    const ProgramResult part = run_program({command, {}, 1000});
    QCOMPARE(part.output.size(), std::size_t(1000));
    QCOMPARE(part.output_bytes, size);
    QVERIFY(part.was_cut() && part.success());
}

void TestProgram::both_outputs_large_at_once() {
    const ProgramResult result = shell("head -c 3000000 /dev/zero >&2 & head -c 2000000 /dev/zero; wait");
    QCOMPARE(result.output_bytes, std::uint64_t(2000000));
    QCOMPARE(result.error_bytes, std::uint64_t(3000000));
    QCOMPARE(result.error_output.size(), std::size_t(mebibyte));
}

void TestProgram::closed_outputs_do_not_end_it() {
    const ProgramResult result = shell("echo before; exec >&- 2>&-; exit 7");
    QCOMPARE(bytes(result.output), QByteArray("before\n"));
    QCOMPARE(result.exit_code, 7);
    const ProgramResult error_only = shell("exec >&-; echo still >&2; exit 8");
    QCOMPARE(bytes(error_only.error_output), QByteArray("still\n"));
    QCOMPARE(error_only.exit_code, 8);
}

void TestProgram::arguments_arrive_unchanged() {
    const ProgramResult result = run({"printf", "[%s]", "", "a b", "'\"$HOME`*", "\n", "\xff\xfe", "-n"});
    QCOMPARE(bytes(result.output), QByteArray("[][a b]['\"$HOME`*][\n][\xff\xfe][-n]"));
}

void TestProgram::zero_byte_is_refused() {
    const ProgramResult result = run({"echo", "a", std::string("b\0c", 3)});
    QCOMPARE(result.start_error, EINVAL);
    QCOMPARE(bytes(result.start_message),
             QByteArray("argument 2 of echo holds a zero byte, which no program can be given"));
    QVERIFY(!result.success());
}

void TestProgram::start_failures_have_words_data() {
    QTest::addColumn<QByteArray>("program");
    QTest::addColumn<QByteArray>("working_folder");
    QTest::addColumn<int>("error");
    QTest::addColumn<QByteArray>("message");
    const QByteArray top = folder_.path().toUtf8();
    write_script(path("plain"), "echo no\n", 0644);
    write_script(path("lost"), "#!/no/such/interpreter\n", 0755);
    write_script(path("headless"), "echo no\n", 0755);
    QTest::newRow("not in PATH") << QByteArray("no-such-program-here") << QByteArray() << ENOENT
                                 << QByteArray("no such program: no-such-program-here (looked for in PATH)");
    QTest::newRow("no such path") << QByteArray("/no/such/program") << QByteArray() << ENOENT
                                  << QByteArray("no such program: /no/such/program");
    QTest::newRow("below a file") << QByteArray("/etc/passwd/x") << QByteArray() << ENOTDIR
                                  << QByteArray("no such program: /etc/passwd/x");
    QTest::newRow("not executable") << top + "/plain" << QByteArray() << EACCES << top + "/plain is not executable";
    QTest::newRow("a folder") << QByteArray("/etc") << QByteArray() << EACCES
                              << QByteArray("/etc is a folder, not a program");
    QTest::newRow("no interpreter") << top + "/lost" << QByteArray() << ENOENT
                                    << "cannot start " + top +
                                           "/lost: the file is there, but not the interpreter that it asks for";
    QTest::newRow("no first line")
        << top + "/headless" << QByteArray() << ENOEXEC
        << "cannot start " + top +
               "/headless: it is neither a program for this machine nor a script that begins with a "
               "line like #!/bin/sh";
    QTest::newRow("no folder") << QByteArray("true") << QByteArray("/no/such") << ENOENT
                               << QByteArray("cannot enter the folder /no/such: No such file or directory");
    QTest::newRow("folder is a file") << QByteArray("true") << QByteArray("/etc/passwd") << ENOTDIR
                                      << QByteArray("cannot enter the folder /etc/passwd: Not a directory");
    QTest::newRow("empty name") << QByteArray("") << QByteArray() << ENOENT
                                << QByteArray("the name of the program is empty");
}

void TestProgram::start_failures_have_words() {
    QFETCH(QByteArray, program);
    QFETCH(QByteArray, working_folder);
    QFETCH(int, error);
    QFETCH(QByteArray, message);
    const auto before = open_descriptors();
    const ProgramResult result = run_program({{program.toStdString(), "x"}, working_folder.toStdString(), 100});
    QCOMPARE(bytes(result.start_message), message);
    QCOMPARE(result.start_error, error);
    QVERIFY(!result.success());
    QVERIFY(!has_children());
    QCOMPARE(open_descriptors(), before);
}

void TestProgram::start_failure_by_permission() {
    QCOMPARE(run({}).start_error, EINVAL);
    const std::string found_first = path("first");
    ::mkdir(found_first.c_str(), 0755);
    write_script(found_first + "/tool-for-test", "#!/bin/sh\n", 0644);
    const QByteArray old = qgetenv("PATH");
    qputenv("PATH", QByteArray::fromStdString(found_first) + ":" + old);
    const ProgramResult refused = run({"tool-for-test"});
    // As exec does: what cannot be executed is passed over when another can.
    const std::string found_second = path("second");
    ::mkdir(found_second.c_str(), 0755);
    write_script(found_second + "/tool-for-test", "#!/bin/sh\necho second\n", 0755);
    qputenv("PATH", QByteArray::fromStdString(found_first + ":" + found_second) + ":" + old);
    const ProgramResult second = run({"tool-for-test"});
    qputenv("PATH", old);
    QCOMPARE(bytes(refused.start_message), bytes(found_first + "/tool-for-test is not executable"));
    QCOMPARE(refused.start_error, EACCES);
    QCOMPARE(bytes(second.output), QByteArray("second\n"));
}

void TestProgram::relative_program_and_path_in_the_working_folder() {
    write_script(path("here"), "#!/bin/sh\npwd -P\n", 0755);
    const QByteArray expected = QFileInfo(folder_.path()).canonicalFilePath().toUtf8() + "\n";
    QCOMPARE(bytes(run_program({{"./here"}, folder_.path().toStdString(), 1000}).output), expected);
    const QByteArray old = qgetenv("PATH");
    qputenv("PATH", QByteArray(":") + old);
    const ProgramResult by_path = run_program({{"here"}, folder_.path().toStdString(), 1000});
    qputenv("PATH", old);
    QCOMPARE(bytes(by_path.output), expected);
}

void TestProgram::only_three_descriptors() {
    // One that is not close-on-exec, as others' code may leave open.
    const int stray = ::open("/dev/null", O_RDONLY);
    const ProgramResult result = run({"ls", "/proc/self/fd"});
    ::close(stray);
    QCOMPARE(bytes(result.output), QByteArray("0\n1\n2\n3\n")); // 3 is that of ls on the folder itself
}

void TestProgram::caller_without_standard_streams() {
    const int saved[] = {::dup(0), ::dup(1), ::dup(2)};
    for (int number = 0; number < 3; ++number)
        ::close(number);
    const ProgramResult result = shell("echo out; echo error >&2; readlink /proc/self/fd/0");
    for (int number = 0; number < 3; ++number) {
        ::dup2(saved[number], number);
        ::close(saved[number]);
    }
    QCOMPARE(bytes(result.output), QByteArray("out\n/dev/null\n"));
    QCOMPARE(bytes(result.error_output), QByteArray("error\n"));
}

void TestProgram::input_is_empty() {
    const ProgramResult result = run({"cat"});
    QVERIFY(result.success());
    QVERIFY(result.output.empty());
}

void TestProgram::signals_are_as_new() {
    const auto old_pipe = ::signal(SIGPIPE, SIG_IGN);
    const auto old_user = ::signal(SIGUSR1, [](int) {});
    const auto old_real_time = ::signal(SIGRTMAX, SIG_IGN);
    sigset_t blocked;
    sigset_t before;
    sigset_t after;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const ProgramResult result = run({"grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"});
    ::pthread_sigmask(SIG_SETMASK, &before, &after);
    const auto new_user = ::signal(SIGUSR1, old_user);
    const auto new_pipe = ::signal(SIGPIPE, old_pipe);
    ::signal(SIGRTMAX, old_real_time);
    QVERIFY(bytes(result.output).contains("SigBlk:\t0000000000000000"));
    QVERIFY2(bytes(result.output).contains("SigIgn:\t0000000000000000"), result.output.c_str());
    // The caller's own are untouched.
    QVERIFY(::sigismember(&after, SIGTERM) == 1 && ::sigismember(&after, SIGINT) == 0);
    QVERIFY(new_user != SIG_DFL && new_user != SIG_IGN);
    QVERIFY(new_pipe == SIG_IGN);
}

void TestProgram::own_process_group() {
    const ProgramResult result = shell("echo $$; cut -d' ' -f5 /proc/$$/stat");
    const QList<QByteArray> lines = bytes(result.output).trimmed().split('\n');
    QCOMPARE(lines.size(), 2);
    QCOMPARE(lines[0], lines[1]);
    QVERIFY(lines[0].toInt() != ::getpgrp());
}

void TestProgram::stopped_program_goes_on() {
    const std::string fifo = path("stopping");
    QCOMPARE(::mkfifo(fifo.c_str(), 0600), 0);
    ProgramResult result;
    std::thread caller([&] { result = run({"/bin/sh", "-c", "echo $$ > \"$0\"; kill -STOP $$; echo resumed", fifo}); });
    pid_t pid = 0;
    std::ifstream(fifo) >> pid;
    siginfo_t info{};
    const int stopped = ::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED | WNOWAIT);
    ::kill(pid, SIGCONT);
    caller.join();
    QCOMPARE(stopped, 0);
    QCOMPARE(info.si_code, CLD_STOPPED);
    QCOMPARE(bytes(result.output), QByteArray("resumed\n"));
    QVERIFY(result.success());
}

void TestProgram::nothing_is_left_over() {
    const auto before = open_descriptors();
    for (int round = 0; round < 200; ++round) {
        const ProgramResult result = round % 4 == 0 ? run({"/no/such/program"}) : run({"/bin/true"});
        QCOMPARE(result.success(), round % 4 != 0);
    }
    QCOMPARE(open_descriptors(), before);
    QVERIFY(!has_children());
}

void TestProgram::grandchild_does_not_hold_the_result() {
    const ProgramResult result = shell("sleep 1000 & echo $!; echo hi");
    const QList<QByteArray> lines = bytes(result.output).split('\n');
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[1], QByteArray("hi"));
    const pid_t grandchild = lines[0].toInt();
    QVERIFY(grandchild > 1);
    QCOMPARE(::kill(grandchild, 0), 0); // it was left alone
    const os::Fd process = open_process(grandchild);
    ::kill(grandchild, SIGKILL);
    wait_for_end(process);
}

void TestProgram::endless_grandchild_does_not_hold_the_result() {
    const ProgramResult result = shell("trap '' PIPE; yes 2>/dev/null & echo $! >&2");
    const pid_t grandchild = bytes(result.error_output).trimmed().toInt();
    QVERIFY(grandchild > 1);
    QVERIFY(result.success());
    // It writes into a pipe that nobody reads any more, and may have ended by that already.
    const os::Fd process = open_process(grandchild);
    ::kill(grandchild, SIGKILL);
    if (process.is_open())
        wait_for_end(process);
}

void TestProgram::program_dies_with_the_caller() {
    const std::string fifo = path("calling");
    QCOMPARE(::mkfifo(fifo.c_str(), 0600), 0);
    std::string self = QCoreApplication::applicationFilePath().toStdString();
    std::string option = "--call";
    std::string name = fifo;
    char* arguments[] = {self.data(), option.data(), name.data(), nullptr};
    pid_t caller = 0;
    QCOMPARE(::posix_spawn(&caller, self.c_str(), nullptr, nullptr, arguments, environ), 0);
    pid_t pid = 0;
    std::ifstream(fifo) >> pid;
    QVERIFY(pid > 1);
    const os::Fd process = open_process(pid);
    QVERIFY(process.is_open());
    ::kill(caller, SIGKILL);
    QCOMPARE(os::retry([&] { return ::waitpid(caller, nullptr, 0); }), caller);
    wait_for_end(process);
}

void TestProgram::group_dies_with_a_killed_caller() {
    const std::string name = fifo("group");
    Channel worker = start([&](Channel&) { shell("trap '' TERM HUP; sleep 1000 & echo $$ $! > " + name + "; wait"); });
    pid_t leader = 0;
    pid_t child = 0;
    std::ifstream(name) >> leader >> child;
    QVERIFY(child > 1);
    const os::Fd ends[] = {open_process(leader), open_process(child)};
    ::kill(worker.pid(), SIGKILL);
    for (const os::Fd& end : ends)
        wait_for_end(end);
    QCOMPARE(worker.wait().signal(), SIGKILL);
}

void TestProgram::group_is_asked_before_it_is_killed() {
    const std::string name = fifo("ready");
    const std::string heard = path("heard");
    const os::Fd ready(::open(name.c_str(), O_RDWR | O_CLOEXEC));
    QByteArray words;
    // It gets a moment, which on a machine that is busy may be over before it had its turn.
    for (int round = 0; round < 20 && words != "child leader "; ++round) {
        ::unlink(heard.c_str());
        Channel worker = start([&](Channel& own) {
            shell("(trap 'printf \"child \" >> " + heard + "; exit' TERM; echo > " + name +
                  "; while :; do sleep 1000 & wait; done) & trap 'wait; printf \"leader \" >> " + heard +
                  "; exit' TERM; echo > " + name + "; wait");
            own.send(1); // is not reached
        });
        char line = 0;
        for (int process = 0; process < 2; ++process)
            QCOMPARE(::read(ready.get(), &line, 1), ssize_t{1});
        worker.process().terminate();
        QCOMPARE(worker.wait().signal(), SIGTERM); // which it got, and which it ends by after the command
        QVERIFY(!worker.pump() || !worker.has_value());
        QFile file(QString::fromStdString(heard));
        if (file.open(QIODevice::ReadOnly))
            words = file.readAll();
    }
    QCOMPARE(words, QByteArray("child leader "));
}

void TestProgram::group_ends_with_its_task_data() {
    QTest::addColumn<QByteArray>("how");
    QTest::addColumn<bool>("reuse");
    for (const char* how : {"timeout", "cancel", "remove", "destroy"})
        for (const bool reuse : {false, true})
            QTest::addRow("%s%s", how, reuse ? ", reuse" : "") << QByteArray(how) << reuse;
}

void TestProgram::group_ends_with_its_task() {
    QFETCH(QByteArray, how);
    QFETCH(bool, reuse);
    const std::string name = fifo("group");
    ExchangeOptions options{.limit = 1, .reuse = reuse};
    if (how == "timeout")
        options.timeout = std::chrono::seconds(3); // long enough for both to be there
    os::Fd ends[2];
    {
        Queue<std::string> queue(options);
        queue.start(MakeReusable([](const std::string& script) { return shell(script).output; }),
                    "trap '' TERM; sleep 1000 & echo $$ $! > " + name + "; wait; wait");
        pid_t leader = 0;
        pid_t child = 0;
        std::ifstream(name) >> leader >> child;
        ends[0] = open_process(leader);
        ends[1] = open_process(child);
        QVERIFY(ends[0].is_open() && ends[1].is_open());
        if (how == "timeout")
            QVERIFY_EXCEPTION_THROWN(queue.next(), TaskTimedOut);
        else if (how == "cancel")
            queue.cancel();
        else if (how == "remove")
            queue.remove(*queue.active().front());
    }
    for (const os::Fd& end : ends)
        wait_for_end(end);
}

void TestProgram::all_is_gone_with_the_creator_data() {
    QTest::addColumn<bool>("of_the_server");
    QTest::newRow("creator killed") << false;
    QTest::newRow("fork server killed, then its creator") << true;
}

void TestProgram::all_is_gone_with_the_creator() {
    QFETCH(bool, of_the_server);
    int out[2];
    QCOMPARE(::pipe2(out, O_CLOEXEC), 0);
    const pid_t creator = ::fork();
    if (creator == 0) {
        ::dup2(out[1], 1);
        ::execl(PPROCESS_FIXTURES "/runs_commands", "runs_commands", nullptr);
        ::_exit(127);
    }
    ::close(out[1]);
    // The fork server, a shell and its child, the worker of these; once more for the server's worker.
    std::array<pid_t, 7> pids{};
    QCOMPARE(::read(out[0], pids.data(), sizeof pids), static_cast<ssize_t>(sizeof pids));
    ::close(out[0]);
    std::vector<os::Fd> ends;
    for (const pid_t pid : pids) {
        ends.push_back(open_process(pid));
        QVERIFY(ends.back().is_open());
    }
    if (of_the_server) {
        ::kill(pids[0], SIGKILL);
        for (const std::size_t of_its_worker : {4, 5, 6})
            wait_for_end(ends[of_its_worker]);
        QCOMPARE(::kill(pids[2], 0), 0); // the others go on
    }
    ::kill(creator, SIGKILL);
    QCOMPARE(os::retry([&] { return ::waitpid(creator, nullptr, 0); }), creator);
    for (const os::Fd& end : ends) {
        pollfd entry{end.get(), POLLIN, 0};
        QCOMPARE(os::retry([&] { return ::poll(&entry, 1, 30'000); }), 1);
    }
}

void TestProgram::host_keeps_its_own_termination() {
    static volatile sig_atomic_t heard = 0;
    const auto before = ::signal(SIGTERM, [](int) { heard = heard + 1; });
    const ProgramResult result = shell("kill -TERM $PPID; echo still");
    ::signal(SIGTERM, before);
    QCOMPARE(int(heard), 1);
    QCOMPARE(bytes(result.output), QByteArray("still\n"));
    QVERIFY(result.success());
}

void TestProgram::interrupted_all_the_time() {
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = [](int) {};
    ::sigaction(SIGALRM, &action, &before);
    const itimerval often{{0, 1000}, {0, 1000}};
    ::setitimer(ITIMER_REAL, &often, nullptr);
    int good = 0;
    for (int round = 0; round < 20; ++round) {
        const ProgramResult result = shell("head -c 200000 /dev/zero; head -c 100000 /dev/zero >&2; exit 3");
        good += result.exit_code == 3 && result.output.size() == 200000 && result.error_output.size() == 100000;
    }
    const itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    ::sigaction(SIGALRM, &before, nullptr);
    QCOMPARE(good, 20);
}

void TestProgram::several_threads_at_once() {
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; ++number) {
        threads.emplace_back([&good, number] {
            for (int round = 0; round < 25; ++round) {
                const std::string text = std::to_string(number) + " " + std::to_string(round);
                good += run({"echo", text}).output == text + "\n";
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    QCOMPARE(good.load(), 200);
}

void TestProgram::no_descriptors_is_an_exception() {
    const auto before = open_descriptors();
    rlimit old{};
    ::getrlimit(RLIMIT_NOFILE, &old);
    int thrown = 0;
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    // With room for none, one, two … descriptors each step fails in turn, until all of them fit.
    bool finished = false;
    for (rlim_t room = 0; room < 64 && !finished; ++room) {
        const rlimit tight{static_cast<rlim_t>(lowest_free) + room, old.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &tight);
        try {
            finished = run({"/bin/true"}).success();
        } catch (const SystemError& error) {
            ::setrlimit(RLIMIT_NOFILE, &old); // a sanitizer needs descriptors to look at the error
            thrown += error.code().value() == EMFILE;
        }
    }
    ::setrlimit(RLIMIT_NOFILE, &old);
    QVERIFY(finished);
    QVERIFY(thrown >= 4);
    QCOMPARE(open_descriptors(), before);
    QVERIFY(!has_children());
}

int main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "--call") == 0) {
        run({"/bin/sh", "-c", "echo $$ > \"$0\"; exec sleep 1000", argv[2]});
        return 1;
    }
    QCoreApplication application(argc, argv);
    TestProgram test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_program.moc"
