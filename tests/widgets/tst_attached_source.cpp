// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QProcess>

#include <tests/support/leak_check.h>
#include <widgets/instruments/attached_source.h>

#include "support/patience.h"

using namespace pprocess;
using namespace pprocess::widgets;
using State = InstrumentSource::State;

namespace {

/// A program that does as it is told (tests/engine/fixtures/is_inspected.cpp).
class Program {
public:
    explicit Program(const QString& wish) {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("PPROCESS_INSPECT"), wish);
        m_process.setProcessEnvironment(environment);
        m_process.start(QStringLiteral(PPROCESS_FIXTURES "/is_inspected"), QStringList());
        m_pid = line().mid(4).toInt();
    }
    ~Program() { end(); }

    QByteArray operator()(const QByteArray& order) {
        m_process.write(order + '\n');
        return line();
    }
    int end() {
        m_process.closeWriteChannel();
        m_process.waitForFinished(patience);
        return m_process.exitCode();
    }
    [[nodiscard]] InspectableProgram entry() const { return inspectable_program(std::to_string(m_pid)); }

private:
    static constexpr int patience = 30'000;

    QByteArray line() {
        while (!m_process.canReadLine()) {
            if (!m_process.waitForReadyRead(patience))
                return "(no answer)";
        }
        return m_process.readLine().trimmed();
    }

    QProcess m_process;
    int m_pid = 0;
};

std::uint64_t finishedIn(InstrumentSource& source) {
    const auto& finished = source.data().head().finished();
    return finished[0] + finished[1] + finished[2] + finished[3] + finished[4];
}

} // namespace

class TestAttachedSource : public QObject, private LeakCheck {
    Q_OBJECT

private slots:
    void init() { take_stock(); }
    void cleanup() { QCOMPARE(left_behind(), QString()); }
    void aProgramIsSeenToItsEnd();
    void processesAreEndedWhereTheProgramAllowsIt();
    void oneMayDetach();
    void aProgramThatHasGoneSaysSo();
};

void TestAttachedSource::aProgramIsSeenToItsEnd() {
    Program program(QStringLiteral("1"));
    QCOMPARE(program("tasks 30"), QByteArray("done 20 failed 10"));
    // Late: what has happened before is there as a state.
    AttachedSource source(program.entry());
    QSignalSpy resets(&source.data(), &InstrumentData::wasReset);
    QSignalSpy batches(&source.data(), &InstrumentData::appended);
    QTRY_COMPARE_WITH_TIMEOUT(finishedIn(source), std::uint64_t{30}, 20'000);
    QCOMPARE(source.state(), State::live);
    QVERIFY(source.title().startsWith(QStringLiteral("is_inspected (")));
    QCOMPARE(program("tasks 600"), QByteArray("done 400 failed 200"));
    QTRY_COMPARE_WITH_TIMEOUT(finishedIn(source), std::uint64_t{630}, 20'000);
    QCOMPARE(source.data().head().finished()[0], std::uint64_t{420});
    QCOMPARE(source.data().head().finished()[1], std::uint64_t{210});
    QCOMPARE(program.end(), 0);
    QTRY_COMPARE_WITH_TIMEOUT(source.state(), State::ended, 20'000);
    QVERIFY2(source.statusText().contains(QStringLiteral("the program has ended")), qPrintable(source.statusText()));
    QCOMPARE(resets.count(), 1);
    QVERIFY(batches.count() < static_cast<int>(source.data().endEvent() / 4));
}

void TestAttachedSource::processesAreEndedWhereTheProgramAllowsIt() {
    {
        Program program(QStringLiteral("1"));
        QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1")); // it is inspectable from its first use on
        AttachedSource source(program.entry());
        QTRY_VERIFY(!source.data().head().processes().empty());
        QVERIFY(!source.canControl());
        QVERIFY(source.controlText().contains(QStringLiteral("PPROCESS_INSPECT=control")));
    }
    Program program(QStringLiteral("control"));
    const QByteArray held = program("hold 2");
    QVERIFY2(held.startsWith("held "), held);
    const int pid = held.split(' ').at(1).toInt();
    AttachedSource source(program.entry());
    QTRY_VERIFY_WITH_TIMEOUT(source.data().head().process_of_pid(pid), 20'000);
    QVERIFY(source.canControl());
    QStringList answers;
    connect(&source, &InstrumentSource::controlAnswered, &source, [&](const QString& text) { answers << text; });
    const std::uint64_t key = source.data().head().process_of_pid(pid)->key;
    source.endProcess(key, InstrumentSource::Step::kill);
    QTRY_COMPARE_WITH_TIMEOUT(answers, QStringList{QStringLiteral("Process %1 was killed.").arg(pid)}, 20'000);
    QCOMPARE(program("outcome"), QByteArray("died by 9"));
    QTRY_VERIFY_WITH_TIMEOUT(source.data().head().process(key)->ended != 0, 20'000);
    source.endProcess(key, InstrumentSource::Step::ask);
    QCOMPARE(answers.last(), QStringLiteral("That process has ended already."));
    QCOMPARE(program("cancel"), QByteArray("cancelled"));
}

void TestAttachedSource::oneMayDetach() {
    Program program(QStringLiteral("1"));
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    AttachedSource source(program.entry());
    QTRY_VERIFY(!source.data().head().processes().empty());
    source.detach();
    QCOMPARE(source.state(), State::ended);
    QVERIFY(source.statusText().contains(QStringLiteral("detached")));
    QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
    QCOMPARE(program.end(), 0);
}

void TestAttachedSource::aProgramThatHasGoneSaysSo() {
    InspectableProgram entry;
    {
        Program program(QStringLiteral("1"));
        QCOMPARE(program("tasks 3"), QByteArray("done 2 failed 1"));
        entry = program.entry();
    }
    entry.address = "/nowhere/at/all";
    AttachedSource source(entry);
    QCOMPARE(source.state(), State::failed);
    QVERIFY2(source.statusText().contains(QStringLiteral("cannot be watched")), qPrintable(source.statusText()));
    QVERIFY(!source.canControl());
}

QTEST_GUILESS_MAIN(TestAttachedSource)
#include "tst_attached_source.moc"
