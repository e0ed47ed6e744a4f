// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QSocketNotifier>

#include <signal.h>
#include <unistd.h>

#include <map>

#include <pprocess/job/runner.h>
#include <pprocess/observe/trace.h>
#include <pprocess/pprocess.h>

#include <tests/support/leak_check.h>
#include <tests/support/made_up_events.h>
#include <widgets/format.h>
#include <widgets/instruments/recorder_source.h>
#include <widgets/instruments/trace_source.h>

#include "support/patience.h"

using namespace pprocess;
using namespace pprocess::widgets;
using State = InstrumentSource::State;

namespace {

/// What an independent count of the same events says.
struct Count {
    std::uint64_t events = 0;
    observe::Snapshot snapshot;

    void add(const Event& event, std::span<const std::byte> payload) {
        ++events;
        snapshot.apply(event, payload);
    }
};

Count write(observe::TraceWriter& writer, const tests::MadeUp& wish) {
    Count count;
    tests::made_up_program(wish, [&](const Event& event, std::string_view text) {
        const auto payload = std::as_bytes(std::span(text));
        writer.write(event, payload);
        count.add(event, payload);
    });
    writer.flush();
    return count;
}

bool comesTo(const InstrumentSource& source, State state) {
    return QTest::qWaitFor([&] { return source.state() == state; }, 20'000);
}

} // namespace

class TestInstrumentSources : public QObject, private LeakCheck {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void ownJobsAreCountedAsTheyCountThemselves();
    void ownProcessesAreSampledWhileTheyWork();
    void ownProcessesAreEndedByWhoeverHasThem();
    void whatAKilledProcessHasCreatedEndsToo();
    void aFileIsReadWhole();
    void aFileThatGrowsIsFollowed();
    void aDamagedFileIsReadUpToThere();
    void whatIsNoTraceSaysSo_data();
    void whatIsNoTraceSaysSo();
    void aSourceMayGoWhileItReads();

private:
    [[nodiscard]] QString file() const { return m_folder->filePath(QStringLiteral("some.pptrace")); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestInstrumentSources::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
    take_stock();
}

void TestInstrumentSources::cleanup() {
    m_folder.reset();
    QCOMPARE(left_behind(), QString());
}

void TestInstrumentSources::ownJobsAreCountedAsTheyCountThemselves() {
    Recorder recorder;
    ForkServer server; // before there is a thread
    RecorderSource source(recorder);
    job::Job job;
    job.command = "test {} -lt 150";
    job.limit = 4;
    job.reuse = true;
    std::vector<std::string> inputs;
    for (int index = 0; index < 200; ++index)
        inputs.push_back(std::to_string(index));
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::map<pid_t, std::uint64_t> done;
    QSignalSpy batches(&source.data(), &InstrumentData::appended);
    for (int run = 0; run < 2; ++run) {
        // Asleep in between: the second job has to wake it.
        QTRY_VERIFY(source.isAsleep());
        job::Runner runner(server, job, inputs, [&](const job::ItemResult& result) {
            ++(result.outcome == job::Outcome::succeeded ? succeeded : failed);
            ++done[result.worker];
        });
        QSocketNotifier notifier(runner.fileno(), QSocketNotifier::Read);
        connect(&notifier, &QSocketNotifier::activated, &notifier, [&] {
            runner.step();
            notifier.setEnabled(!runner.finished());
        });
        runner.start();
        QTRY_VERIFY_WITH_TIMEOUT(runner.finished(), 30'000);
    }
    const observe::Snapshot& head = source.data().head();
    QTRY_COMPARE(head.finished()[0] + head.finished()[1], std::uint64_t{400});
    QTRY_VERIFY(source.isAsleep());
    QCOMPARE(head.finished()[0], succeeded);
    QCOMPARE(head.finished()[1], failed);
    QCOMPARE(failed, std::uint64_t{100});
    for (const auto& [pid, count] : done)
        QCOMPARE(head.process_of_pid(pid)->tasks_done, count);
    QCOMPARE(head.dropped(), std::uint64_t{0});
    QVERIFY(batches.count() < static_cast<int>(source.data().endEvent() / 4));
}

void TestInstrumentSources::ownProcessesAreSampledWhileTheyWork() {
    Recorder recorder;
    ForkServer server;
    RecorderSource source(recorder);
    job::Job job;
    job.command = "sleep {}";
    job.limit = 2;
    job::Runner runner(server, job, {"60", "61"}, [](const job::ItemResult&) {});
    QSocketNotifier notifier(runner.fileno(), QSocketNotifier::Read);
    connect(&notifier, &QSocketNotifier::activated, &notifier, [&] { runner.step(); });
    runner.start();
    const auto sampled = [&] {
        std::uint64_t count = 0;
        for (const auto& [key, process] : source.data().head().processes())
            count += process.sampled != 0 && process.memory > 0 && process.exchange != 0 ? 1 : 0;
        return count;
    };
    QTRY_COMPARE_WITH_TIMEOUT(sampled(), std::uint64_t{2}, 20'000);
    QVERIFY(source.data().head().process_of_pid(server.pid()) == nullptr ||
            source.data().head().process_of_pid(server.pid())->sampled == 0);
    runner.stop();
    while (!runner.finished()) {
        QCoreApplication::processEvents();
        runner.step();
    }
    notifier.setEnabled(false);
    QTRY_VERIFY(source.isAsleep());
}

void TestInstrumentSources::ownProcessesAreEndedByWhoeverHasThem() {
    Recorder recorder;
    RecorderSource source(recorder);
    QVERIFY(!source.canControl() && !source.controlText().isEmpty());
    const auto tell = [&](EventKind kind) {
        recorder.observe({.time = 1, .writer = 1, .process = 50, .kind = kind}, {});
    };
    tell(EventKind::process_created);
    QTRY_COMPARE(source.data().endEvent(), std::uint64_t{2}); // the first says which program it is
    const auto* program = source.data().head().process_of_pid(::getpid());
    QVERIFY(program && program->is_program);
    QVERIFY2(program->purpose.find("tst_instrument_sources") != std::string::npos, program->purpose.c_str());
    const std::uint64_t key = source.data().head().process_of_pid(50)->key;
    QStringList answers;
    connect(&source, &InstrumentSource::controlAnswered, this, [&](const QString& text) { answers << text; });
    std::vector<std::pair<std::int32_t, InstrumentSource::Step>> asked;
    source.setControl([&](std::int32_t pid, InstrumentSource::Step step) {
        asked.emplace_back(pid, step);
        return QStringLiteral("done");
    });
    source.endProcess(key, InstrumentSource::Step::terminate);
    tell(EventKind::process_ended);
    QTRY_COMPARE(source.data().endEvent(), std::uint64_t{3});
    source.endProcess(key, InstrumentSource::Step::kill);
    QCOMPARE(asked.size(), std::size_t{1});
    QCOMPARE(asked.front(), std::pair(50, InstrumentSource::Step::terminate));
    QCOMPARE(answers, (QStringList{QStringLiteral("done"), QStringLiteral("That process has ended already.")}));
}

void TestInstrumentSources::whatAKilledProcessHasCreatedEndsToo() {
    Recorder recorder;
    Channel creator = start([](Channel& own) {
        Channel created = start([](Channel& inner) { inner.receive<int>(); });
        own.send(created.pid());
        own.receive<int>();
    });
    const auto pid = creator.receive<pid_t>();
    RecorderSource source(recorder); // has threads
    const auto isLiving = [&] {
        const auto* process = source.data().head().process_of_pid(pid);
        return process && process->ended == 0;
    };
    QTRY_VERIFY(isLiving());
    QCOMPARE(::kill(creator.pid(), SIGKILL), 0);
    creator.wait();
    QTRY_VERIFY(!isLiving());
    QVERIFY(source.data().head().process_of_pid(pid));
}

void TestInstrumentSources::aFileIsReadWhole() {
    Count count;
    {
        observe::TraceWriter writer(file().toStdString());
        count = write(writer, {.workers = 6, .tasks = 8'000});
    }
    TraceSource source(file());
    QCOMPARE(source.state(), State::loading);
    QCOMPARE(source.title(), QStringLiteral("some.pptrace"));
    double before = 0;
    connect(&source, &TraceSource::progressChanged, &source, [&] {
        QVERIFY(source.progress() >= before);
        before = source.progress();
    });
    QVERIFY(comesTo(source, State::ended));
    QCOMPARE(before, 1.0);
    QCOMPARE(source.data().endEvent(), count.events);
    QCOMPARE(source.data().head().finished(), count.snapshot.finished());
    QVERIFY2(source.statusText().startsWith(format::count(count.events)), qPrintable(source.statusText()));
    QVERIFY(source.problem().isEmpty() && !source.canControl());
}

void TestInstrumentSources::aFileThatGrowsIsFollowed() {
    auto writer = std::make_unique<observe::TraceWriter>(file().toStdString());
    std::uint64_t events = write(*writer, {.workers = 2, .tasks = 50}).events;
    TraceSource source(file());
    QVERIFY(comesTo(source, State::live));
    QCOMPARE(source.data().endEvent(), events);
    for (unsigned part = 0; part < 3; ++part) {
        events += write(*writer, {.workers = 2, .tasks = 50, .seed = part}).events;
        QTRY_COMPARE(source.data().endEvent(), events);
    }
    QCOMPARE(source.state(), State::live);
    writer.reset();
    QVERIFY(comesTo(source, State::ended));
    QCOMPARE(source.data().endEvent(), events);
}

void TestInstrumentSources::aDamagedFileIsReadUpToThere() {
    std::uint64_t events = 0;
    {
        observe::TraceWriter writer(file().toStdString());
        events = write(writer, {.workers = 2, .tasks = 50}).events;
        const qint64 sound = QFileInfo(file()).size();
        write(writer, {.workers = 2, .tasks = 50});
        QVERIFY(QFileInfo(file()).size() > sound + 100);
    }
    QFile whole(file());
    QVERIFY(whole.resize(whole.size() - 60));
    TraceSource source(file());
    QVERIFY(comesTo(source, State::ended));
    QCOMPARE(source.data().endEvent(), events);
    QVERIFY2(source.statusText().contains(QStringLiteral("bytes are not read")), qPrintable(source.statusText()));
}

void TestInstrumentSources::whatIsNoTraceSaysSo_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("words");
    QTest::newRow("another file") << QByteArray("{\"command\": \"sha256sum {}\"}") << "is no trace file of pprocess";
    QTest::newRow("nothing") << QByteArray() << "is no trace file of pprocess";
    QTest::newRow("missing") << QByteArray("-") << "No such file";
}

void TestInstrumentSources::whatIsNoTraceSaysSo() {
    QFETCH(QByteArray, content);
    QFETCH(QString, words);
    if (content != "-") {
        QFile other(file());
        QVERIFY(other.open(QIODevice::WriteOnly));
        other.write(content);
    }
    TraceSource source(file());
    QVERIFY(comesTo(source, State::failed));
    QVERIFY2(source.statusText().contains(words) && source.statusText().contains(QStringLiteral("some.pptrace")),
             qPrintable(source.statusText()));
}

void TestInstrumentSources::aSourceMayGoWhileItReads() {
    {
        observe::TraceWriter writer(file().toStdString());
        write(writer, {.workers = 6, .tasks = 8'000});
    }
    for (int step = 0; step < 4; ++step) {
        auto source = std::make_unique<TraceSource>(file());
        for (int turn = 0; turn < step; ++turn)
            QCoreApplication::processEvents();
        source.reset();
        QCoreApplication::processEvents();
    }
}

QTEST_GUILESS_MAIN(TestInstrumentSources)
#include "tst_instrument_sources.moc"
