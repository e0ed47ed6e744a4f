// SPDX-License-Identifier: GPL-3.0-or-later
// ctest: serial
#include "window_fixture.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QTimer>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <pprocess/os/fd.h>

using namespace pprocess;

namespace {

/// How long this thread has been kept waiting for a processor although it could have run, from the kernel's account of
/// its scheduling. Always 0 where the kernel keeps none.
class ProcessorWait {
public:
    [[nodiscard]] double milliseconds() const {
        std::array<char, 128> text{};
        unsigned long long waited = 0;
        if (::pread(m_account.get(), text.data(), text.size() - 1, 0) > 0)
            std::sscanf(text.data(), "%*u %llu", &waited);
        return static_cast<double>(waited) / 1e6;
    }

private:
    os::Fd m_account{::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)};
};

/// Gaps between turns of the event loop: a timer that always wants to run measures how long the window's own work and
/// its waiting keep it from it. The time in which other processes had the processor is no part of a gap: a thread that
/// always wants to run gets its share only, however little it does between, and the machine may be full of others.
class TurnMeter : public QObject {
public:
    TurnMeter() {
        m_timer.setInterval(0);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            const double elapsed = static_cast<double>(m_clock.nsecsElapsed()) / 1e6;
            const double waited = m_processorWait.milliseconds();
            m_gaps.push_back(std::max(0.0, elapsed - (waited - m_waitedBefore)));
            m_longest = std::max(m_longest, elapsed);
            m_waitedBefore = waited;
            m_clock.restart();
        });
    }
    void start() {
        m_gaps.clear();
        m_longest = 0;
        m_waitedBefore = m_processorWait.milliseconds();
        m_clock.start();
        m_timer.start();
    }
    void stop() {
        m_timer.stop();
        std::sort(m_gaps.begin(), m_gaps.end());
    }
    [[nodiscard]] double percentile(double part) const {
        return m_gaps.empty()
                   ? 0
                   : m_gaps[static_cast<std::size_t>(std::floor(part * static_cast<double>(m_gaps.size() - 1)))];
    }
    /// Of the time, not of the turns: how long the turn lasts in which a key press at a random moment would fall. Turns
    /// without work are so many that among all turns even long ones vanish.
    [[nodiscard]] double timePercentile(double part) const {
        double all = 0;
        for (const double gap : m_gaps) {
            all += gap;
        }
        double sum = 0;
        for (const double gap : m_gaps) {
            sum += gap;
            if (sum >= part * all) {
                return gap;
            }
        }
        return 0;
    }
    void report(const char* when) const {
        qInfo("%s: %zu turns, gap median %.3f ms, p99 %.3f ms, p99 of the time %.3f ms, worst %.3f ms, with "
              "what others took %.3f ms",
              when, m_gaps.size(), percentile(0.5), percentile(0.99), timePercentile(0.99), percentile(1), m_longest);
    }

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
    std::vector<double> m_gaps;
    double m_longest = 0;
    ProcessorWait m_processorWait;
    double m_waitedBefore = 0;
};

} // namespace

class TestResponsiveness : public QObject {
    Q_OBJECT

private slots:
    void windowStaysLive_data();
    void windowStaysLive();
};

void TestResponsiveness::windowStaysLive_data() {
    QTest::addColumn<int>("limit");
    QTest::addColumn<bool>("reuse");
    QTest::newRow("2 at once, reused") << 2 << true;
    QTest::newRow("8 at once, reused") << 8 << true;
    QTest::newRow("8 at once, a process each") << 8 << false;
}

void TestResponsiveness::windowStaysLive() {
    QFETCH(int, limit);
    QFETCH(bool, reuse);
    WindowFixture fixture;
    QVERIFY(fixture.isExposed());
    auto inputs = job::collect_inputs(job::FolderInputs{.folder = "/usr/include", .pattern = "*.h", .recursive = true});
    QVERIFY(inputs.size() >= 1000);
    inputs.resize(std::min<std::size_t>(inputs.size(), 3000));
    job::Job job;
    job.command = "sha256sum {}";
    job.inputs = job::ListInputs{inputs};
    job.limit = static_cast<std::size_t>(limit);
    job.reuse = reuse;
    job.pattern = job::Pattern::queue;
    fixture.window.setJob(job);
    QTest::qWait(300); // not to wait for something, but to leave the first painting out of the idle measure

    TurnMeter meter;
    QEventLoop idle;
    QTimer::singleShot(1000, &idle, &QEventLoop::quit);
    meter.start();
    idle.exec();
    meter.stop();
    meter.report("idle");

    meter.start();
    fixture.click("run");
    QVERIFY(fixture.waitForIdle(100'000));
    meter.stop();
    meter.report("during the job");
    QCOMPARE(fixture.results().counts().succeeded, inputs.size());
    QVERIFY2(meter.percentile(0.99) < 50, "the window was held up");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    QVERIFY2(meter.timePercentile(0.99) < 50, "the window was held up");
#endif
}

QTEST_MAIN(TestResponsiveness)
#include "tst_responsiveness.moc"
