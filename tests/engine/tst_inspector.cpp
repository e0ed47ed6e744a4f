// SPDX-License-Identifier: GPL-3.0-or-later

/// Programs that are watched by others: what those see, and what the programs notice of it.

// The inspector alone has two threads, and its standard error, where the sanitizer would report, is /dev/null.
// ctest: not with tsan

#include <QtTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pprocess/observe/attachment.h>
#include <pprocess/observe/inspector.h>
#include <pprocess/observe/process_sampler.h>
#include <pprocess/observe/trace.h>
#include <pprocess/os/socket_file.h>
#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/sync.h"

using namespace pprocess;

namespace {

constexpr int patience = 30'000;

/// A program that does as it is told (fixtures/is_inspected.cpp).
class Program {
public:
    explicit Program(const QString& wish = "1", const QStringList& more = {}) {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("PPROCESS_INSPECT", wish);
        for (const QString& one : more)
            environment.insert(one.section('=', 0, 0), one.section('=', 1));
        process_.setProcessEnvironment(environment);
        process_.start(QStringLiteral(PPROCESS_FIXTURES "/is_inspected"), QStringList());
        pid_ = line().mid(4).toInt();
    }
    ~Program() { end(); }

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Gives an order and returns the answer.
    QByteArray operator()(const QByteArray& order) {
        process_.write(order + '\n');
        return line();
    }
    QByteArray line() {
        while (!process_.canReadLine())
            if (!process_.waitForReadyRead(patience))
                return "(no answer)";
        return process_.readLine().trimmed();
    }
    int end() {
        process_.closeWriteChannel();
        process_.waitForFinished(patience);
        return process_.exitStatus() == QProcess::NormalExit ? process_.exitCode() : -1;
    }
    QByteArray words() { return process_.readAllStandardError(); }
    [[nodiscard]] InspectableProgram entry() const { return inspectable_program(std::to_string(pid_)); }

private:
    QProcess process_;
    pid_t pid_ = 0;
};

/// Takes in what an attachment tells.
struct Watcher {
    explicit Watcher(const InspectableProgram& program) : attachment(program) {}

    Attachment::Step step() {
        return attachment.step(
            {.present =
                 [this](observe::Snapshot present) {
                     ++presents;
                     state = std::move(present);
                 },
             .event =
                 [this](const Event& event, std::span<const std::byte> payload) {
                     ++counts[event.kind];
                     state.apply(event, payload);
                     if (event.kind == EventKind::process_ended)
                         endings[event.process] = observe::text_of(event, payload);
                 },
             .answered = [this](std::uint64_t command, const std::string& refusal) { answers[command] = refusal; }});
    }
    /// Until `condition` or the end of all.
    template <typename Condition>
    bool until(Condition&& condition) {
        const auto end = os::Deadline::after(std::chrono::milliseconds(patience));
        while (!condition()) {
            if (end.has_passed())
                return false;
            const auto done = step();
            if (done == Attachment::Step::over)
                return condition();
            if (done == Attachment::Step::waiting && !condition() && !is_readable(attachment.fileno(), patience))
                return false;
        }
        return true;
    }
    std::string answer_to(std::uint64_t command) {
        return until([&] { return answers.contains(command); }) ? answers[command] : "(no answer)";
    }
    bool until_over() {
        return until([&] { return !attachment.is_attached(); });
    }
    [[nodiscard]] std::uint64_t done() const { return state.finished()[static_cast<int>(TaskOutcome::value)]; }
    [[nodiscard]] std::uint64_t failed() const { return state.finished()[static_cast<int>(TaskOutcome::error)]; }

    Attachment attachment;
    observe::Snapshot state;
    int presents = 0;
    std::map<EventKind, std::uint64_t> counts;
    std::map<std::uint64_t, std::string> answers;
    std::map<pid_t, std::string> endings;
};

struct Result {
    int status = -1;
    QByteArray output;
    QByteArray words;
};

Result ppctl(const QStringList& arguments) {
    QProcess process;
    process.start(QStringLiteral(PPROCESS_BIN "/ppctl"), arguments);
    process.waitForFinished(patience);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
}

bool is_there(const std::filesystem::path& path) {
    return QFileInfo::exists(QString::fromStdString(path.string()));
}

} // namespace

class TestInspector : public QObject, private LeakCheck {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void whatIsSeenIsWhatTheProgramDid();
    void whoComesLateSeesThePresentState();
    void aProgramWithSeveralProcessesIsOne();
    void aSlowAttacherLosesEventsAndIsToldHowMany();
    void attachersCannotHoldTheProgramUp_data();
    void attachersCannotHoldTheProgramUp();
    void aKilledProgramIsTold();
    void aKilledInspectorIsNotMissed();
    void controlIsRefusedUnlessAllowed();
    void controlEndsWhatIsMeant();
    void samplesSayWhatTheSystemSays();
    void withoutALauncherTheProgramGoesOn();
    void aProgramCanAskForItself();
    void ambiguousNamesListTheCandidates();
    void strangersAreNotLetIn();
    void ppctlListsWhatThereIs();
    void ppctlTellsWhatHappens();
    void ppctlWatchesAll();
    void ppctlLeavesTheTerminalAsItWas();

private:
    std::unique_ptr<QTemporaryDir> folder_;
};

void TestInspector::initTestCase() {
    QProcess first; // what Qt keeps for processes is not a leak
    first.start("true", QStringList());
    QVERIFY(first.waitForFinished(patience));
}

void TestInspector::init() {
    folder_ = std::make_unique<QTemporaryDir>();
    qputenv("XDG_RUNTIME_DIR", folder_->path().toLocal8Bit());
    take_stock();
}

void TestInspector::cleanup() {
    // Inspectors leave by themselves, and nothing of them stays.
    for (const InspectableProgram& program : inspectable_programs())
        QVERIFY2(wait_for_end(program.inspector_pid, patience), program.name.c_str());
    inspectable_programs();
    QCOMPARE(QDir(folder_->filePath("pprocess"))
                 .entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot),
             QStringList());
    QCOMPARE(left_behind(), QString());
    folder_.reset();
}

void TestInspector::whatIsSeenIsWhatTheProgramDid() {
    Program program;
    QCOMPARE(program("tasks 30"), QByteArray("done 20 failed 10"));
    const InspectableProgram entry = program.entry();
    QCOMPARE(entry.name, std::string("is_inspected"));
    QCOMPARE(entry.pid, program.pid());
    QVERIFY(entry.is_running && !entry.allows_control);
    QVERIFY(entry.command_line.ends_with("is_inspected"));

    Watcher watcher(entry);
    QVERIFY(watcher.until([&] { return watcher.presents == 1; }));
    QCOMPARE(program("tasks 60"), QByteArray("done 40 failed 20"));
    QVERIFY(watcher.until([&] { return watcher.done() + watcher.failed() == 90; }));
    QCOMPARE(watcher.presents, 1);
    QCOMPARE(watcher.done(), std::uint64_t{60});
    QCOMPARE(watcher.failed(), std::uint64_t{30});
    QCOMPARE(watcher.counts[EventKind::task_finished], std::uint64_t{60});
    QCOMPARE(watcher.state.exchanges().size(), std::size_t{2});
    QCOMPARE(program.end(), 0);
    QVERIFY(watcher.until_over());
    QCOMPARE(watcher.attachment.ending(), std::string("the program has ended"));
    QCOMPARE(watcher.state.process_of_pid(program.pid())->state, observe::ProcessState::succeeded);
    for (const auto& [key, process] : watcher.state.processes())
        QVERIFY(observe::has_ended(process.state));
    QCOMPARE(watcher.state.dropped(), std::uint64_t{0});
    QVERIFY(!is_there(entry.address) && !is_there(entry.entry));
}

void TestInspector::whoComesLateSeesThePresentState() {
    Program program;
    QCOMPARE(program("tasks 6"), QByteArray("done 4 failed 2"));
    const QList<QByteArray> held = program("hold 5").split(' ');
    QCOMPARE(held.size(), 3);
    Watcher first(program.entry());
    QVERIFY(first.until([&] { return first.state.running_tasks().size() == 2; }));
    Watcher watcher(program.entry());
    QVERIFY(watcher.until([&] { return watcher.presents == 1; }));
    QVERIFY(watcher.counts.empty());
    QCOMPARE(watcher.done() + watcher.failed(), std::uint64_t{6});
    QCOMPARE(watcher.state.running_tasks().size(), std::size_t{2});
    std::uint64_t queued = 0;
    for (const auto& [id, exchange] : watcher.state.exchanges())
        queued += exchange.queued;
    QCOMPARE(queued, std::uint64_t{3});
    const auto* self = watcher.state.process_of_pid(program.pid());
    QVERIFY(self && self->is_program && self->memory > 0);
    for (const QByteArray& pid : held.mid(1)) {
        const auto* process = watcher.state.process_of_pid(pid.toInt());
        QVERIFY(process && !observe::has_ended(process->state));
        QCOMPARE(process->parent, self->key);
    }
    // And from there on both see the same.
    QCOMPARE(program("cancel"), QByteArray("cancelled"));
    for (Watcher* one : {&first, &watcher})
        QVERIFY(one->until([&] { return one->state.finished()[static_cast<int>(TaskOutcome::cancelled)] == 5; }));
}

void TestInspector::aProgramWithSeveralProcessesIsOne() {
    Program program;
    QVERIFY(program("hold 2").startsWith("held"));
    QCOMPARE(inspectable_programs().size(), std::size_t{1});
    const auto entry = program.entry();
    QFile file(QString("/proc/%1/stat").arg(entry.inspector_pid));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QList<QByteArray> fields = file.readAll().split(' ');
    QCOMPARE(fields[1], QByteArray("(pp-inspector)"));
    QVERIFY(fields[3].toInt() != program.pid());                                 // its parent
    QVERIFY(fields[5].toInt() != entry.inspector_pid && fields[6].toInt() == 0); // its session; it has no terminal
    // It holds nothing of the program's: its standard streams above all.
    for (const char* number : {"0", "1", "2"})
        QCOMPARE(QFile::symLinkTarget(QString("/proc/%1/fd/%2").arg(entry.inspector_pid).arg(number)),
                 QString("/dev/null"));
}

void TestInspector::aSlowAttacherLosesEventsAndIsToldHowMany() {
    Program program;
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    Watcher slow(program.entry());
    QCOMPARE(slow.answer_to(slow.attachment.set_sample_rate(0)), std::string());
    // What is in the record is taken out of it when another one is let in, so that nothing is lost there.
    constexpr int rounds = 20;
    for (int round = 0; round < rounds; ++round) {
        QCOMPARE(program("tasks 1500"), QByteArray("done 1000 failed 500"));
        Watcher other(program.entry());
        QVERIFY(other.until([&] { return other.presents == 1; }));
        QCOMPARE(other.state.dropped(), std::uint64_t{0});
    }
    Watcher latest(program.entry());
    QCOMPARE(latest.answer_to(latest.attachment.set_sample_rate(0)), std::string());
    QCOMPARE(latest.done() + latest.failed(), std::uint64_t{rounds * 1500 + 3});
    QVERIFY(slow.until([&] {
        return slow.state.events() - slow.counts[EventKind::events_dropped] + slow.state.dropped() >=
               latest.state.events() + latest.state.dropped();
    }));
    QVERIFY(slow.state.dropped() > latest.state.dropped());
    QVERIFY(slow.counts[EventKind::events_dropped] > 0);
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    QVERIFY(latest.until([&] { return latest.done() + latest.failed() == rounds * 1500 + 6; }));
}

void TestInspector::attachersCannotHoldTheProgramUp_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"none", "stopped", "killed", "garbage", "never reads", "many"})
        QTest::newRow(kind) << kind;
}

void TestInspector::attachersCannotHoldTheProgramUp() {
    QFETCH(QString, kind);
    std::optional<Channel> attacher;
    if (kind == "stopped" || kind == "killed") // made first, so that it holds nothing of the program's
        attacher = start([](Channel& channel) {
            Watcher watcher(inspectable_program(channel.receive<std::string>()));
            watcher.until([&] { return watcher.presents == 1; });
            channel.send(true);
            watcher.until_over();
        });
    Program program;
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    const QByteArray holdings = program("holdings");
    const auto entry = program.entry();
    std::vector<os::Fd> connections;
    if (attacher) {
        attacher->send(std::to_string(program.pid()));
        QVERIFY(attacher->receive<bool>());
        QCOMPARE(::kill(attacher->pid(), kind == "stopped" ? SIGSTOP : SIGKILL), 0);
    } else if (kind == "garbage") {
        for (const char byte : {'\0', 'x', '\xff'}) {
            connections.push_back(os::connect_to(entry.address));
            const std::string garbage(100'000, byte);
            static_cast<void>(::send(connections.back().get(), garbage.data(), garbage.size(), MSG_NOSIGNAL));
        }
        // Sound frames that hold no command.
        Channel channel(os::connect_to(entry.address), os::Process());
        channel.send(std::string("end everything"));
        EXPECT_THROWN(Error, for (;;) channel.receive_message());
    } else if (kind == "never reads") {
        connections.push_back(os::connect_to(entry.address));
    } else if (kind == "many") {
        for (int count = 0; count < 70; ++count)
            connections.push_back(os::connect_to(entry.address));
    }
    QCOMPARE(program("tasks 3000"), QByteArray("done 2000 failed 1000"));
    QCOMPARE(program("holdings"), holdings);
    // Whoever attaches properly is served as ever.
    if (kind == "many")
        connections.clear();
    if (kind != "many") {
        Watcher watcher(entry);
        QVERIFY(watcher.until([&] { return watcher.done() + watcher.failed() == 3003; }));
    }
    QCOMPARE(program.end(), 0);
    connections.clear();
    if (attacher)
        ::kill(attacher->pid(), SIGKILL);
}

void TestInspector::aKilledProgramIsTold() {
    Program program;
    const QList<QByteArray> held = program("hold 3").split(' ');
    const auto entry = program.entry();
    Watcher watcher(entry);
    QVERIFY(watcher.until([&] { return watcher.presents == 1; }));
    ::kill(program.pid(), SIGKILL);
    QVERIFY(watcher.until_over());
    QCOMPARE(watcher.attachment.ending(), std::string("the program has ended"));
    const std::string ending = watcher.endings[program.pid()];
    QVERIFY2(ending == "was killed by signal 9 (Killed)" || ending == "ended in a way that could not be learned",
             ending.c_str());
    for (const QByteArray& pid : held.mid(1))
        QVERIFY2(watcher.endings.contains(pid.toInt()), pid.constData());
    QVERIFY(wait_for_end(entry.inspector_pid));
    QVERIFY(!is_there(entry.address) && !is_there(entry.entry));
}

void TestInspector::aKilledInspectorIsNotMissed() {
    Program program;
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    const auto entry = program.entry();
    Watcher watcher(entry);
    QVERIFY(watcher.until([&] { return watcher.presents == 1; }));
    ::kill(entry.inspector_pid, SIGKILL);
    QVERIFY(watcher.until_over());
    QVERIFY(watcher.attachment.ending().find("the program has ended") == std::string::npos);
    QVERIFY(is_there(entry.address));
    QVERIFY(wait_for_end(entry.inspector_pid));
    QVERIFY(inspectable_programs().empty());
    QVERIFY(!is_there(entry.address) && !is_there(entry.entry));
    // Its record fills up, and it does not care.
    QCOMPARE(program("tasks 30000"), QByteArray("done 20000 failed 10000"));
    QCOMPARE(program.end(), 0);
}

void TestInspector::controlIsRefusedUnlessAllowed() {
    Program program;
    const QList<QByteArray> held = program("hold 1").split(' ');
    Watcher watcher(program.entry());
    QVERIFY(watcher.until([&] { return watcher.presents == 1; }));
    QVERIFY(!watcher.attachment.allows_control());
    const auto refusal = watcher.answer_to(watcher.attachment.end_process(held[1].toInt(), Attachment::How::kill));
    QVERIFY2(refusal.find("PPROCESS_INSPECT=control") != std::string::npos, refusal.c_str());
    QCOMPARE(::kill(held[1].toInt(), 0), 0);
    QVERIFY(!observe::has_ended(watcher.state.process_of_pid(held[1].toInt())->state));
    QVERIFY(!watcher.answer_to(watcher.attachment.set_sample_rate(1e9)).empty());
    QVERIFY(!watcher.answer_to(watcher.attachment.set_sample_rate(-1)).empty());
}

void TestInspector::controlEndsWhatIsMeant() {
    Program program("control");
    const QList<QByteArray> held = program("hold 2").split(' ');
    Watcher watcher(program.entry());
    QVERIFY(watcher.until([&] { return watcher.presents == 1 && watcher.state.running_tasks().size() == 2; }));
    QVERIFY(watcher.attachment.allows_control());
    // This test is no process of that program's.
    const auto refusal = watcher.answer_to(watcher.attachment.end_process(::getpid(), Attachment::How::kill));
    QVERIFY2(refusal.find("has ended already") != std::string::npos, refusal.c_str());
    // A stopped process is asked, too.
    const pid_t first = held[1].toInt();
    ::kill(first, SIGSTOP);
    QCOMPARE(watcher.answer_to(watcher.attachment.end_process(first, Attachment::How::ask)), std::string());
    QVERIFY(wait_for_end(first));
    QCOMPARE(program("outcome"), QByteArray("died by 15"));
    QVERIFY(watcher.until([&] { return watcher.state.running_tasks().size() == 1; }));
    QVERIFY(!watcher.answer_to(watcher.attachment.end_process(first, Attachment::How::kill)).empty());
    const auto task = watcher.state.running_tasks().begin()->first;
    QVERIFY(
        !watcher.answer_to(watcher.attachment.end_task(task.first, task.second + 5, Attachment::How::kill)).empty());
    QCOMPARE(watcher.answer_to(watcher.attachment.end_task(task.first, task.second, Attachment::How::kill)),
             std::string());
    QCOMPARE(program("outcome"), QByteArray("died by 9"));
    QVERIFY(watcher.until([&] { return watcher.counts[EventKind::process_signalled] >= 2; }));
}

void TestInspector::samplesSayWhatTheSystemSays() {
    Program program;
    const pid_t worker = program("hold 1").split(' ').at(1).toInt();
    Watcher watcher(program.entry());
    QCOMPARE(watcher.answer_to(watcher.attachment.set_sample_rate(50)), std::string());
    QVERIFY(watcher.until([&] { return watcher.counts[EventKind::process_sample] >= 4; }));
    const auto* process = watcher.state.process_of_pid(worker);
    QCOMPARE(process->threads,
             static_cast<int>(
                 QDir(QString("/proc/%1/task").arg(worker)).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size()));
    QVERIFY(process->memory > 100'000 && process->memory < 1'000'000'000);
    QCOMPARE(process->descriptors, std::uint64_t(QDir(QString("/proc/%1/fd").arg(worker))
                                                     .entryList(QDir::System | QDir::AllEntries | QDir::NoDotAndDotDot)
                                                     .size()));
    QVERIFY(process->cpu > 0 && process->cpu < 60'000'000'000);
    ::kill(worker, SIGSTOP);
    QVERIFY(
        watcher.until([&] { return watcher.state.process_of_pid(worker)->state == observe::ProcessState::stopped; }));
    ::kill(worker, SIGCONT);
    QVERIFY(
        watcher.until([&] { return watcher.state.process_of_pid(worker)->state == observe::ProcessState::running; }));
    // A pid that means another process by now is not taken for the one that had it.
    observe::ProcessSampler sampler;
    std::vector<EventKind> told;
    sampler.watch(::getpid(), 1, true); // which was seen when the system started
    QVERIFY(sampler.all_have_ended());
    sampler.learn_ends([&](const Event& event, std::span<const std::byte>) { told.push_back(event.kind); });
    QCOMPARE(told, std::vector{EventKind::process_ended});
    QVERIFY(!sampler.send_signal(::getpid(), SIGKILL));
}

void TestInspector::withoutALauncherTheProgramGoesOn() {
    Program program("1", {"PPROCESS_LAUNCHER=/no/such/launcher"});
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    QVERIFY(inspectable_programs().empty());
    QCOMPARE(program.end(), 0);
    const QByteArray words = program.words();
    QCOMPARE(words.count('\n'), 1);
    QVERIFY2(words.contains("/no/such/launcher") && words.contains("goes on without"), words);
    // Nor does one that is something else, or a folder that cannot be had, harm it.
    for (const QStringList& setting :
         {QStringList{"PPROCESS_LAUNCHER=/bin/true"}, QStringList{"XDG_RUNTIME_DIR=/proc/self/none", "TMPDIR=/proc"}}) {
        Program other("1", setting);
        QCOMPARE(other("tasks 3"), QByteArray("done 2 failed 1"));
        QCOMPARE(other.end(), 0);
    }
}

void TestInspector::aProgramCanAskForItself() {
    pid_t inspector = 0;
    {
        Inspector mine({.name = "mine"});
        const auto entry = inspectable_program("mine");
        QCOMPARE(entry.pid, ::getpid());
        inspector = entry.inspector_pid;
        Inspector again; // does nothing
        Watcher watcher(entry);
        QVERIFY(watcher.until([&] { return watcher.presents == 1; }));
        Channel channel = start([](Channel& own) { own.send(1); });
        QCOMPARE(channel.receive<int>(), 1);
        const pid_t pid = channel.pid();
        channel.wait();
        QVERIFY(watcher.until([&] { return watcher.endings.contains(pid); }));
        // Who records itself beside that gets the same.
        Recorder recorder;
        Channel another = start([](Channel& own) { own.send(2); });
        QCOMPARE(another.receive<int>(), 2);
        const pid_t recorded = another.pid();
        another.wait();
        QVERIFY(watcher.until([&] { return watcher.endings.contains(recorded); }));
        bool is_ended = false;
        recorder.drain([&](const Event& event, std::span<const std::byte>) {
            is_ended = is_ended || (event.kind == EventKind::process_ended && event.process == recorded);
        });
        QVERIFY(is_ended);
    }
    QVERIFY(!os::observer());
    QVERIFY(wait_for_end(inspector));
    QVERIFY(inspectable_programs().empty());
}

void TestInspector::ambiguousNamesListTheCandidates() {
    EXPECT_THROWN(Error, inspectable_program("is_inspected"),
                  QVERIFY(std::string(error.what()).find("PPROCESS_INSPECT=1") != std::string::npos));
    Program one;
    Program other;
    QVERIFY(one("hold 1").startsWith("held") && other("hold 1").startsWith("held"));
    QCOMPARE(inspectable_programs().size(), std::size_t{2});
    EXPECT_THROWN(Error, inspectable_program("is_inspected"), {
        const std::string text = error.what();
        QVERIFY2(text.find(std::to_string(one.pid())) != std::string::npos, text.c_str());
        QVERIFY2(text.find(std::to_string(other.pid())) != std::string::npos, text.c_str());
    });
    EXPECT_THROWN(Error, inspectable_program("nothing"),
                  QVERIFY(std::string(error.what()).find("is_inspected") != std::string::npos));
    QCOMPARE(one.entry().pid, one.pid());
}

void TestInspector::strangersAreNotLetIn() {
    if (::geteuid() != 0)
        QSKIP("only root can take another user's part");
    Program program;
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    const auto entry = program.entry();
    // Let the permissions of the files go, so that who connects is all that counts.
    for (const std::filesystem::path& path :
         {entry.address, entry.address.parent_path(), entry.address.parent_path().parent_path()})
        std::filesystem::permissions(path, std::filesystem::perms::all);
    Channel stranger = start(
        [](Channel& channel, const std::string& address) {
            constexpr uid_t nobody = 65534;
            if (::setuid(nobody) != 0)
                throw std::runtime_error("setuid");
            const int own = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            sockaddr_un place{};
            place.sun_family = AF_UNIX;
            address.copy(place.sun_path, sizeof place.sun_path - 1);
            const bool is_connected = ::connect(own, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
            char byte = 0;
            const bool was_refused = is_connected && ::recv(own, &byte, 1, 0) <= 0;
            channel.send(was_refused);
        },
        entry.address.string());
    QCOMPARE(stranger.receive<bool>(), true);
    for (const std::filesystem::path& path : {entry.address.parent_path(), entry.address.parent_path().parent_path()})
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    Watcher watcher(entry);
    QVERIFY(watcher.until([&] { return watcher.presents == 1; }));
}

void TestInspector::ppctlListsWhatThereIs() {
    const Result none = ppctl({"list"});
    QCOMPARE(none.status, 0);
    QCOMPARE(none.output, QByteArray());
    QVERIFY2(none.words.contains("PPROCESS_INSPECT=1"), none.words);

    Program program;
    QVERIFY(program("hold 1").startsWith("held"));
    const std::filesystem::path address = folder_->filePath("later.socket").toStdString();
    start_persistent(address, MakeParallel([] { return 7; }));
    const auto keeper = background_processes().front().keeper_pid;
    const Result text = ppctl({"list"});
    QCOMPARE(text.status, 0);
    const QList<QByteArray> lines = text.output.trimmed().split('\n');
    QCOMPARE(lines.size(), 3);
    QVERIFY2(lines[1].startsWith("is_inspected") && lines[1].contains(QByteArray::number(program.pid())) &&
                 lines[1].contains("program") && lines[1].contains("running"),
             lines[1]);
    QVERIFY2(lines[2].startsWith("later.socket") && lines[2].contains("background"), lines[2]);
    const QList<QByteArray> objects = ppctl({"list", "--json"}).output.trimmed().split('\n');
    QCOMPARE(objects.size(), 2);
    const QJsonObject first = QJsonDocument::fromJson(objects[0]).object();
    QCOMPARE(first["pid"].toInt(), program.pid());
    QCOMPARE(first["kind"].toString(), QString("program"));
    QCOMPARE(QJsonDocument::fromJson(objects[1]).object()["address"].toString().toStdString(), address.string());
    QCOMPARE(connect_persistent(address).receive<int>(), 7);
    QVERIFY(wait_for_end(keeper));
}

void TestInspector::ppctlTellsWhatHappens() {
    const Result unknown = ppctl({"attach", "nothing"});
    QCOMPARE(unknown.status, 125);
    QVERIFY2(unknown.words.contains("no inspectable program 'nothing'"), unknown.words);

    Program program;
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    const QString pid = QString::number(program.pid());
    const Result glance = ppctl({"attach", "is_inspected", "--seconds", "0"});
    QCOMPARE(glance.status, 0);
    QVERIFY2(glance.output.contains("the program goes on"), glance.output);

    const QString file = folder_->filePath("seen.trace");
    QProcess process;
    process.start(QStringLiteral(PPROCESS_BIN "/ppctl"), {"attach", pid, "--trace", file});
    QByteArray output;
    while (!output.contains("Now: ") && process.waitForReadyRead(patience))
        output += process.readAllStandardOutput();
    QVERIFY2(output.contains("3 tasks finished, 0 running, 0 queued"), output);
    QCOMPARE(program("tasks 30"), QByteArray("done 20 failed 10"));
    QCOMPARE(program.end(), 0);
    QVERIFY(process.waitForFinished(patience));
    output += process.readAllStandardOutput();
    QCOMPARE(process.exitCode(), 0);
    for (const char* words : {"a third", "The program has ended.", "Tasks finished: 33 (22 value, 11 error)",
                              "of which 0 live", "dropped: 0"})
        QVERIFY2(output.contains(words), output);
    int finished = 0;
    observe::TraceReader trace(file.toStdString());
    const std::string problem = observe::read_trace(
        trace,
        [&](const Event& event, std::span<const std::byte>) {
            finished += event.kind == EventKind::task_finished ? 1 : 0;
        },
        [](const observe::Snapshot::Parts&) {});
    QCOMPARE(problem, std::string());
    QCOMPARE(finished, 30);
}

void TestInspector::ppctlWatchesAll() {
    Program program;
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    QProcess process;
    process.start(QStringLiteral(PPROCESS_BIN "/ppctl"), {"watch", "--json"});
    QByteArray output;
    while (!output.contains('\n') && process.waitForReadyRead(patience))
        output += process.readAllStandardOutput();
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(patience));
    QCOMPARE(process.exitCode(), 0);
    const QJsonObject row = QJsonDocument::fromJson(output.left(output.indexOf('\n'))).object();
    QCOMPARE(row["pid"].toInt(), program.pid());
    QCOMPARE(row["tasks_done"].toInt(), 3);
    QCOMPARE(row["tasks_failed"].toInt(), 1);
    QCOMPARE(row["processes"].toInt(), 1);
    QVERIFY(row["memory_bytes"].toDouble() > 100'000);
}

void TestInspector::ppctlLeavesTheTerminalAsItWas() {
    Program program;
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    QVERIFY(master >= 0 && ::grantpt(master) == 0 && ::unlockpt(master) == 0);
    const QString terminal = QString::fromLocal8Bit(::ptsname(master));
    const int slave = ::open(terminal.toLocal8Bit().constData(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios before{};
    QCOMPARE(::tcgetattr(slave, &before), 0);
    QProcess process;
    process.setStandardInputFile(terminal);
    process.setStandardOutputFile(terminal);
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("TERM", "xterm"); // which need not be set where tests are run
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(PPROCESS_BIN "/ppctl"), {"watch"});
    QByteArray screen;
    const auto read = [&] {
        std::array<char, 4096> bytes{};
        const ssize_t count = ::read(master, bytes.data(), bytes.size());
        screen.append(bytes.data(), std::max<ssize_t>(count, 0));
    };
    while (!screen.contains("is_inspected") && is_readable(master, patience))
        read();
    termios meanwhile{};
    ::tcgetattr(slave, &meanwhile);
    QVERIFY((meanwhile.c_lflag & ECHO) == 0);
    QCOMPARE(::write(master, "q", 1), ssize_t{1});
    while (!screen.contains("\033[?1049l") && is_readable(master, patience))
        read();
    QVERIFY(process.waitForFinished(patience));
    QCOMPARE(process.exitCode(), 0);
    QVERIFY2(screen.startsWith("\033[?1049h") && screen.contains("q quits") && screen.contains("TASKS/S"), screen);
    termios after{};
    ::tcgetattr(slave, &after);
    QCOMPARE(after.c_lflag, before.c_lflag);
    ::close(slave);
    ::close(master);
}

QTEST_GUILESS_MAIN(TestInspector)
#include "tst_inspector.moc"
