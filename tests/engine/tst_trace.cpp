// SPDX-License-Identifier: GPL-3.0-or-later

// ctest: not with tsan

/// Trace files: what is written is read again, whatever happens to the writer, the disk or the file.

#include <QtTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <semaphore>
#include <thread>
#include <vector>

#include <pprocess/observe/file_recorder.h>
#include <pprocess/observe/recorder.h>
#include <pprocess/observe/trace.h>
#include <pprocess/pprocess.h>

#include "support/leak_check.h"

using namespace pprocess;
using observe::EventBatch;
using observe::TraceReader;
using observe::TraceStart;
using observe::TraceWriter;

namespace {

namespace fs = std::filesystem;

/// A run with values, an error, a death and a long text.
EventBatch recorded() {
    Recorder recorder;
    {
        auto map = pmap(
            [](int number) {
                if (number == 3)
                    throw std::runtime_error("three");
                if (number == 4)
                    ::_exit(4);
                return std::string(static_cast<std::size_t>(number) * 50, 'x');
            },
            std::vector{0, 1, 2, 3, 4, 5, 6}, {.limit = 2, .reuse = true});
        for (const auto& outcome : map.outcomes())
            (void)outcome;
    }
    EventBatch batch;
    recorder.drain([&](const Event& event, std::span<const std::byte> payload) { batch.add(event, payload); });
    return batch;
}

std::size_t recorded_by(FileRecorder&) {
    auto map = pmap([](int number) { return number; }, std::vector<int>(20, 1), {.limit = 2});
    return map.outcomes().size();
}

bool same(const Event& one, const Event& other) {
    return std::memcmp(&one, &other, sizeof one) == 0;
}

bool same(const EventBatch& one, const EventBatch& other) {
    if (one.size() != other.size())
        return false;
    for (std::size_t index = 0; index < one.size(); ++index)
        if (!same(one.event(index), other.event(index)) ||
            !std::ranges::equal(one.payload(index), other.payload(index)))
            return false;
    return true;
}

void write(const fs::path& file, const EventBatch& batch, TraceStart start = TraceStart::anew) {
    TraceWriter writer(file, start);
    batch.each([&](const Event& event, std::span<const std::byte> payload) { writer.write(event, payload); });
    writer.flush();
}

struct Content {
    EventBatch events;
    std::vector<observe::Snapshot::Parts> states;
    std::string problem;
    std::uint64_t left_over = 0;
};

Content content_of(const fs::path& file) {
    Content content;
    TraceReader reader(file);
    content.problem = observe::read_trace(
        reader, [&](const Event& event, std::span<const std::byte> payload) { content.events.add(event, payload); },
        [&](observe::Snapshot::Parts parts) { content.states.push_back(std::move(parts)); });
    content.left_over = reader.left_over();
    return content;
}

std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put(const fs::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<std::byte> as_bytes(const std::vector<std::uint8_t>& numbers) {
    const auto bytes = std::as_bytes(std::span(numbers));
    return {bytes.begin(), bytes.end()};
}

} // namespace

class TestTrace : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }

    void batchesAreReadAgain();
    void snapshotsAreReadAgain();
    void threadsAreRefused();
    void whatIsNoBatchIsRefused();
    void filesAreContinued();
    void aLateRecordBeginsWithTheState();
    void aTornFileIsReadAsFarAsItGoes();
    void aDamagedFileIsHarmless();
    void aFullDiskIsSaidAndCounted();
    void onlyOneWrites();
    void otherFilesAreNamed();
    void aProgramIsRecorded();
    void aProgramThatIsKilledIsRecordedToItsEnd();
    void aRecordThatCannotBeWrittenIsSaid();

private:
    QTemporaryDir folder_;
    fs::path file() const { return fs::path(folder_.path().toStdString()) / "x.trace"; }
};

void TestTrace::batchesAreReadAgain() {
    const EventBatch batch = recorded();
    QVERIFY(batch.size() > 50);
    const auto bytes = encode(batch);
    QVERIFY(same(observe::decode_batch(bytes), batch));
    QVERIFY2(bytes.size() < batch.size() * 64, "it is packed");
    QVERIFY(observe::decode_batch(encode(EventBatch())).empty());

    // Numbers at their borders, and times that go back.
    EventBatch strange;
    for (int turn = 0; turn < 3; ++turn) {
        Event event{
            .time = turn == 1 ? 5 : std::int64_t{1} << 58, .channel = UINT64_MAX, .task = 0, .size = UINT64_MAX};
        event.number = turn == 2 ? 0 : UINT64_MAX;
        event.process = event.writer = turn == 0 ? INT32_MAX : INT32_MIN;
        event.kind = EventKind::message_sent;
        event.payload_is_body = turn != 1 ? 1 : 0;
        strange.add(event, std::vector<std::byte>(turn == 1 ? 7 : 16, std::byte(turn + 1)));
    }
    QVERIFY(same(observe::decode_batch(encode(strange)), strange));
}

void TestTrace::snapshotsAreReadAgain() {
    observe::Snapshot snapshot;
    recorded().each([&](const Event& event, std::span<const std::byte> payload) { snapshot.apply(event, payload); });
    const auto again = observe::Snapshot::restore(observe::decode_snapshot(encode(snapshot.save())));
    QCOMPARE(again.finished(), snapshot.finished());
    QCOMPARE(again.processes().size(), snapshot.processes().size());
    auto parts = snapshot.save();
    parts.processes.at(0).state = static_cast<observe::ProcessState>(200);
    QVERIFY_EXCEPTION_THROWN(observe::decode_snapshot(encode(parts)), ProtocolError);
}

void TestTrace::whatIsNoBatchIsRefused() {
    const auto sound = encode(recorded());
    for (std::size_t size = 0; size < sound.size(); size += 7)
        QVERIFY_EXCEPTION_THROWN(observe::decode_batch(std::span(sound).first(size)), ProtocolError);
    // A claim of 2 GiB in 2 MiB: refused before the memory is taken.
    std::vector<std::uint8_t> claim;
    for (int run = 0; run < 1 << 20; ++run)
        claim.insert(claim.end(), {0, 255});
    QVERIFY_EXCEPTION_THROWN(observe::decode_batch(as_bytes(claim)), ProtocolError);
    // Damage anywhere is either found or yields events that may be; never worse.
    for (std::size_t at = 0; at < sound.size(); at += 3) {
        auto bytes = sound;
        bytes[at] ^= std::byte(1u << at % 8);
        try {
            observe::Snapshot snapshot;
            observe::decode_batch(bytes).each(
                [&](const Event& event, std::span<const std::byte> payload) { snapshot.apply(event, payload); });
        } catch (const ProtocolError&) {
            continue;
        }
    }
    EventBatch unknown;
    unknown.add({.kind = static_cast<EventKind>(200)});
    QVERIFY_EXCEPTION_THROWN(observe::decode_batch(encode(unknown)), ProtocolError);
}

void TestTrace::filesAreContinued() {
    const EventBatch batch = recorded();
    write(file(), batch);
    QVERIFY(same(content_of(file()).events, batch));
    QCOMPARE(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    write(file(), batch, TraceStart::append);
    const Content twice = content_of(file());
    QCOMPARE(twice.events.size(), 2 * batch.size());
    QCOMPARE(twice.problem, std::string());
    write(file(), batch);
    QCOMPARE(content_of(file()).events.size(), batch.size());

    // A reader may follow a writer.
    TraceWriter writer(file());
    TraceReader reader(file());
    QVERIFY(!reader.next());
    writer.write(batch.event(0), batch.payload(0));
    writer.flush();
    QVERIFY(reader.next());
    QVERIFY(!reader.next());
    QCOMPARE(reader.left_over(), std::uint64_t{0});
}

void TestTrace::aLateRecordBeginsWithTheState() {
    observe::Snapshot snapshot;
    const EventBatch batch = recorded();
    batch.each([&](const Event& event, std::span<const std::byte> payload) { snapshot.apply(event, payload); });
    {
        TraceWriter writer(file());
        writer.write(snapshot.save());
        writer.write(batch.event(0), batch.payload(0));
    }
    const Content content = content_of(file());
    QCOMPARE(content.states.size(), std::size_t{1});
    QCOMPARE(content.states[0].finished, snapshot.finished());
    QCOMPARE(content.events.size(), std::size_t{1});
}

/// As a writer leaves it that is killed, at whatever byte.
void TestTrace::aTornFileIsReadAsFarAsItGoes() {
    const EventBatch batch = recorded();
    write(file(), batch);
    const std::size_t whole = bytes_of(file()).size();
    write(file(), batch, TraceStart::append);
    const std::string two = bytes_of(file());
    for (std::size_t size = whole; size < two.size(); size += size < whole + 50 ? 1 : 97) {
        put(file(), two.substr(0, size));
        const Content content = content_of(file());
        QVERIFY(same(content.events, batch));
        QCOMPARE(content.left_over, std::uint64_t{size - whole});
        QCOMPARE(content.problem.empty(), size == whole);
    }
    put(file(), two.substr(0, two.size() - 1));
    QVERIFY(content_of(file()).problem.find("was not written to its end") != std::string::npos);
    write(file(), batch, TraceStart::append);
    const Content mended = content_of(file());
    QCOMPARE(mended.events.size(), 2 * batch.size());
    QCOMPARE(mended.left_over, std::uint64_t{0});
}

void TestTrace::aDamagedFileIsHarmless() {
    write(file(), recorded());
    const std::string sound = bytes_of(file());
    for (std::size_t at = 64; at < sound.size(); at += at < 64 + 40 ? 1 : 31) {
        std::string bytes = sound;
        bytes[at] = static_cast<char>(~bytes[at]);
        put(file(), bytes);
        const Content content = content_of(file());
        QVERIFY(content.events.empty());
        QCOMPARE(content.left_over, std::uint64_t{sound.size() - 64});
        QVERIFY(content.problem.find(file().string()) != std::string::npos);
    }
}

void TestTrace::aFullDiskIsSaidAndCounted() {
    const EventBatch batch = recorded();
    struct sigaction ignore {};
    struct sigaction former {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGXFSZ, &ignore, &former);
    rlimit unlimited{};
    ::getrlimit(RLIMIT_FSIZE, &unlimited);
    const auto limit = [&](rlim_t size) {
        const rlimit narrow{size, unlimited.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &narrow);
    };
    {
        TraceWriter writer(file());
        const auto write_all = [&] {
            batch.each([&](const Event& event, std::span<const std::byte> payload) { writer.write(event, payload); });
        };
        write_all();
        writer.flush();
        const auto size = fs::file_size(file());
        limit(size + 100);
        write_all();
        std::string said;
        try {
            writer.flush();
        } catch (const SystemError& error) {
            said = error.what();
        }
        limit(unlimited.rlim_cur);
        QVERIFY2(said.find(file().string()) != std::string::npos && said.find("File too large") != std::string::npos,
                 said.c_str());
        QCOMPARE(writer.lost(), std::uint64_t{batch.size()});
        QCOMPARE(fs::file_size(file()), size);
        write_all();
    }
    ::sigaction(SIGXFSZ, &former, nullptr);
    const Content content = content_of(file());
    QCOMPARE(content.problem, std::string());
    QCOMPARE(content.events.size(), 2 * batch.size() + 1);
    const Event& loss = content.events.event(content.events.size() - 1);
    QCOMPARE(loss.kind, EventKind::events_dropped);
    QCOMPARE(loss.number, std::uint64_t{batch.size()});
}

void TestTrace::onlyOneWrites() {
    TraceWriter writer(file());
    try {
        TraceWriter second(file(), TraceStart::append);
        QFAIL("two writers at once");
    } catch (const SystemError& error) {
        QCOMPARE(error.code().value(), EBUSY);
        QVERIFY(std::string(error.what()).find("Another process is writing it") != std::string::npos);
    }
}

void TestTrace::otherFilesAreNamed() {
    const auto said = [&](bool append) -> std::string {
        try {
            if (append)
                TraceWriter writer(file(), TraceStart::append);
            else
                TraceReader reader(file());
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    };
    put(file(), "Dear diary, this is a text that is longer than the header of a trace file would be.");
    QVERIFY(said(false).find("x.trace is no trace file") != std::string::npos);
    QVERIFY(said(true).find("x.trace is no trace file") != std::string::npos);
    QVERIFY(bytes_of(file()).starts_with("Dear diary"));

    write(file(), recorded());
    const std::string sound = bytes_of(file());
    std::string newer = sound;
    newer[8] = 9;
    put(file(), newer);
    QVERIFY2(said(false).find("version 9") != std::string::npos, said(false).c_str());
    QCOMPARE(said(true), said(false));
    std::string damaged = sound;
    damaged[20] = static_cast<char>(~damaged[20]);
    put(file(), damaged);
    QVERIFY(said(false).find("damaged at its very beginning") != std::string::npos);
    fs::remove(file());
    QVERIFY(said(false).find("cannot read the trace file") != std::string::npos);
    put(file(), "");
    QVERIFY(said(false).find("is no trace file") != std::string::npos);
    QCOMPARE(said(true), std::string());
    QVERIFY(content_of(file()).events.empty());
}

void TestTrace::aProgramIsRecorded() {
    std::uint64_t written = 0;
    {
        FileRecorder record(file());
        QVERIFY2(left_behind().indexOf("child") < 0,
                 "a program that waits for all of its children does not wait for it");
        for (int index = 0; index < 3; ++index)
            (void)recorded_by(record);
        written = record.finish();
        QCOMPARE(record.finish(), std::uint64_t{0});
        QVERIFY(!os::observer());
        // The file is free.
        FileRecorder more(file(), TraceStart::append);
        written += more.finish();
    }
    const Content content = content_of(file());
    QCOMPARE(content.events.size(), std::size_t{written});
    QCOMPARE(content.problem, std::string());
    observe::Snapshot snapshot;
    content.events.each(
        [&](const Event& event, std::span<const std::byte> payload) { snapshot.apply(event, payload); });
    QCOMPARE(snapshot.finished()[0], std::uint64_t{60});
    const auto* program = snapshot.process_of_pid(::getpid());
    QVERIFY(program && program->is_program);
    QVERIFY(program->purpose.find("tst_trace") != std::string::npos);
}

void TestTrace::aProgramThatIsKilledIsRecordedToItsEnd() {
    Channel program = start([&](Channel&) {
        FileRecorder record(file());
        (void)recorded_by(record);
        ::raise(SIGKILL);
    });
    QCOMPARE(program.wait().signal(), SIGKILL);
    // The file is free once its writer has ended.
    const int lock = ::open(file().c_str(), O_RDONLY | O_CLOEXEC);
    QCOMPARE(::flock(lock, LOCK_EX), 0);
    ::close(lock);
    const Content content = content_of(file());
    QCOMPARE(content.problem, std::string());
    observe::Snapshot snapshot;
    content.events.each(
        [&](const Event& event, std::span<const std::byte> payload) { snapshot.apply(event, payload); });
    QCOMPARE(snapshot.finished()[0], std::uint64_t{20});
}

void TestTrace::aRecordThatCannotBeWrittenIsSaid() {
    QVERIFY_EXCEPTION_THROWN(FileRecorder("/nowhere/at/all.trace"), SystemError);
    QVERIFY(!os::observer());
    std::string said;
    // The limit holds for the memory of the record too.
    constexpr std::size_t memory = 32 << 10;
    write(file(), recorded());
    while (fs::file_size(file()) < 2 * memory)
        write(file(), recorded(), TraceStart::append);
    {
        struct sigaction ignore {};
        struct sigaction former {};
        ignore.sa_handler = SIG_IGN;
        ::sigaction(SIGXFSZ, &ignore, &former);
        rlimit unlimited{};
        ::getrlimit(RLIMIT_FSIZE, &unlimited);
        const rlimit narrow{fs::file_size(file()) + 100, unlimited.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &narrow);
        FileRecorder record(file(), TraceStart::append, memory);
        ::setrlimit(RLIMIT_FSIZE, &unlimited);
        ::sigaction(SIGXFSZ, &former, nullptr);
        (void)recorded_by(record);
        try {
            record.finish();
        } catch (const Error& error) {
            said = error.what();
        }
    }
    QVERIFY2(said.find(file().string()) != std::string::npos && said.find("events are missing") != std::string::npos,
             said.c_str());
}

void TestTrace::threadsAreRefused() {
    std::binary_semaphore ends(0);
    std::thread other([&] { ends.acquire(); });
    try {
        const FileRecorder record(file());
        QFAIL("a copy of a program with threads was made");
    } catch (const SystemError& error) {
        QCOMPARE(error.code().value(), EBUSY);
        QVERIFY(std::string(error.what()).find("2 threads") != std::string::npos);
    }
    ends.release();
    other.join();
    QVERIFY(!os::observer()); // and nothing is observed
    QVERIFY(!std::filesystem::exists(file()));
}

QTEST_GUILESS_MAIN(TestTrace)
#include "tst_trace.moc"
