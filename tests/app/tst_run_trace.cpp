// SPDX-License-Identifier: GPL-3.0-or-later
//
// The trace that is kept with each run of a job.
#include "window_fixture.h"

#include <app/workbench/history_dialog.h>
#include <app/workbench/instrument_page.h>
#include <app/workbench/run_trace.h>

#include <widgets/instruments/instrument_data.h>
#include <widgets/table_view.h>

#include <QLabel>
#include <QTabWidget>

#include <filesystem>

#include <pprocess/job/history.h>
#include <pprocess/observe/trace.h>

using namespace pprocess;
using workbench::RunTrace;

namespace {

struct Content {
    std::uint64_t events = 0;
    std::uint64_t finished = 0;
    std::uint64_t dropped = 0;
    std::string described; ///< what the program is
    std::string problem;
};

/// Nothing but a problem where the file is not there, or not yet.
Content contentOf(const std::filesystem::path& file) {
    Content content;
    if (std::error_code missing; std::filesystem::file_size(file, missing) == 0 || missing) {
        content.problem = "there is no file";
        return content;
    }
    observe::TraceReader reader(file);
    content.problem = observe::read_trace(
        reader,
        [&](const Event& event, std::span<const std::byte> payload) {
            ++content.events;
            content.finished += event.kind == EventKind::task_finished;
            content.dropped += event.kind == EventKind::events_dropped ? event.number : 0;
            if (event.kind == EventKind::program_described) {
                content.described.assign(reinterpret_cast<const char*>(payload.data()), payload.size());
            }
        },
        [](observe::Snapshot::Parts) {});
    return content;
}

Event taskEvent(std::int64_t time) {
    return {.time = time, .exchange = 7, .task = 3, .writer = 1, .process = 1, .kind = EventKind::task_finished};
}

} // namespace

class TestRunTrace : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("PPROCESS_TEST_STATE", "1");
        qputenv("XDG_STATE_HOME", m_folder->filePath(QStringLiteral("state")).toUtf8());
    }
    void cleanup() {
        m_folder.reset();
        qunsetenv("PPROCESS_TEST_STATE");
    }

    /// From its beginning to its end, and no more; going on continues it.
    void everyEventOnce() {
        const std::filesystem::path file = m_folder->filePath(QStringLiteral("t.pptrace")).toStdString();
        widgets::InstrumentData data;
        const auto happen = [&data](int count) {
            for (int i = 0; i < count; ++i) {
                data.append(taskEvent(1000 + static_cast<std::int64_t>(data.endEvent())), {});
            }
            data.publish();
        };
        happen(50); // before
        {
            const RunTrace trace(data, file, std::uint64_t{1} << 30);
            happen(100);
            happen(600'000); // at once more than the writer takes at a time
        }
        happen(50); // after
        QCOMPARE(contentOf(file).finished, std::uint64_t{600'100});
        {
            const RunTrace trace(data, file, std::uint64_t{1} << 30);
            happen(5);
        }
        const Content content = contentOf(file);
        QCOMPARE(content.finished, std::uint64_t{600'105});
        QCOMPARE(content.problem, std::string());
        QCOMPARE(content.dropped, std::uint64_t{0});
        QVERIFY(content.described.find("tst_run_trace") != std::string::npos);
    }

    /// What the record itself forgot before it could be taken is counted.
    void whatIsLostIsCounted() {
        const std::filesystem::path file = m_folder->filePath(QStringLiteral("t.pptrace")).toStdString();
        constexpr int count = 300'000;
        widgets::InstrumentData data(nullptr, std::size_t{4} << 20);
        {
            const RunTrace trace(data, file, std::uint64_t{1} << 30);
            for (int i = 0; i < count; ++i) {
                data.append(taskEvent(1000 + i), {});
            }
            data.publish();
        }
        const Content content = contentOf(file);
        QVERIFY(content.dropped > 0);
        QCOMPARE(content.finished + content.dropped, std::uint64_t{count});
    }

    void itEndsWhenItIsFullOrCannotBeWritten() {
        widgets::InstrumentData data;
        const std::filesystem::path file = m_folder->filePath(QStringLiteral("t.pptrace")).toStdString();
        {
            RunTrace trace(data, file, 1);
            QSignalSpy failed(&trace, &RunTrace::failed);
            QVERIFY(failed.wait(60'000));
            QCOMPARE(failed.first().first().toString(), QStringLiteral("it has reached its 0 MiB"));
            data.append(taskEvent(1000), {});
            data.publish();
        }
        QCOMPARE(contentOf(file).finished, std::uint64_t{0});
        RunTrace nowhere(data, m_folder->filePath(QStringLiteral("missing/t.pptrace")).toStdString(), 1000);
        QSignalSpy failed(&nowhere, &RunTrace::failed);
        QVERIFY(failed.wait(60'000));
        QVERIFY2(failed.first().first().toString().contains(QStringLiteral("No such file")),
                 qPrintable(failed.first().first().toString()));
    }

    /// Two runs in the window, opened from the list of earlier runs: one alone, both side by side.
    void aRunsTraceIsOpened() {
        WindowFixture fixture;
        QVERIFY(fixture.isExposed());
        job::Job job;
        job.name = "echoes";
        job.command = "echo";
        job.inputs = job::ListInputs{{"a", "b", "c"}};
        fixture.window.setJob(job);
        for (int run = 0; run < 2; ++run) {
            QVERIFY(fixture.runToEnd());
            QTRY_COMPARE(contentOf(job::past_runs().front().trace()).finished, std::uint64_t{3});
        }
        QVERIFY(job::past_runs().front().has_trace);

        const auto open = [&fixture](bool both) {
            fixture.window.activateWindow();
            QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
            QTest::keyClick(&fixture.window, Qt::Key_H, Qt::ControlModifier);
            auto* dialog = fixture.window.findChild<workbench::HistoryDialog*>();
            QVERIFY(dialog);
            auto* runs = dialog->findChild<widgets::TableView*>(QStringLiteral("runs"));
            QTRY_COMPARE(runs->model()->rowCount(), 2);
            if (both) {
                runs->selectAll();
            }
            auto* button = dialog->findChild<QPushButton*>(QStringLiteral("openTrace"));
            QTRY_VERIFY(button->isEnabled());
            if (const QString pictures = qEnvironmentVariable("PPROCESS_PICTURES"); !pictures.isEmpty()) {
                dialog->grab().save(pictures + QStringLiteral("/runs with traces.png"));
            }
            button->click();
        };
        open(false);
        auto* page = fixture.window.findChild<workbench::InstrumentPage*>();
        QVERIFY(page);
        QTRY_COMPARE(page->source().data().head().finished()[static_cast<std::size_t>(TaskOutcome::value)],
                     std::uint64_t{3});
        QVERIFY2(page->title().startsWith(QStringLiteral("echoes, ")), qPrintable(page->title()));
        // From the run's beginning, not from that of the machine.
        const auto& data = page->source().data();
        QVERIFY(data.endTime() - data.beginTime() < std::chrono::nanoseconds(std::chrono::hours(1)).count());
        fixture.picture(QStringLiteral("trace of a run"));
        auto* pages = fixture.window.findChild<QTabWidget*>(QStringLiteral("pages"));
        QVERIFY(pages);
        pages->removeTab(pages->indexOf(page));
        open(true);
        QTRY_COMPARE(fixture.window.findChildren<workbench::InstrumentPage*>().size(), 3);
        fixture.picture(QStringLiteral("traces of two runs"));
    }

    void noneIsKeptWhenNoneIsWanted() {
        WindowFixture fixture;
        fixture.settings.setValue(QStringLiteral("history/traceMebibytes"), 0);
        const auto window =
            std::make_unique<workbench::MainWindow>(WindowFixture::makeServer(), fixture.theme, fixture.settings);
        job::Job job;
        job.command = "echo";
        job.inputs = job::ListInputs{{"a"}};
        window->setJob(job);
        QSignalSpy finished(&window->controller(), &workbench::JobController::finished);
        window->findChild<QPushButton*>(QStringLiteral("run"))->click();
        QVERIFY(finished.wait(60'000));
        QVERIFY(!job::past_runs().front().has_trace);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_MAIN(TestRunTrace)
#include "tst_run_trace.moc"
