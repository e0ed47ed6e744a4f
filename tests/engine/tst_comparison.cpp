// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

#include <pprocess/job/comparison.h>

using namespace pprocess;
using namespace pprocess::job;
using namespace std::chrono_literals;

namespace {

struct Logged {
    std::size_t number = 1; ///< from 1, as in the file
    std::string input;
    job::Outcome outcome = job::Outcome::succeeded;
    std::chrono::nanoseconds duration = 1ms;
};

std::filesystem::path log_of(const QTemporaryDir& folder, const char* name, const std::vector<Logged>& lines) {
    const std::filesystem::path file = folder.filePath(QLatin1String(name)).toStdString();
    JobLog log(file);
    for (const Logged& line : lines) {
        ItemResult result;
        result.index = line.number - 1;
        result.input = line.input;
        result.outcome = line.outcome;
        result.duration = line.duration;
        result.attempts = 1;
        log.write(result);
    }
    return file;
}

RunComparison compared(const std::vector<Logged>& first, const std::vector<Logged>& second) {
    const QTemporaryDir folder;
    return RunComparison::of(log_of(folder, "first", first), log_of(folder, "second", second)).value();
}

/// "a succeeds_now, b none"
std::string changes_of(const RunComparison& comparison) {
    constexpr std::array<const char*, 8> names{"same",   "succeeds", "fails",      "otherwise",
                                               "slower", "faster",   "only first", "only second"};
    std::string text;
    for (std::size_t place = 0; place < comparison.size(); ++place) {
        const auto row = comparison.row(place);
        text += (place == 0 ? "" : ", ") + std::string(row.text) + " " + names[static_cast<std::size_t>(row.change)];
    }
    return text;
}

std::string text_of(const std::vector<SettingDifference>& differences) {
    std::string text;
    for (const auto& one : differences)
        text += one.field + ": " + one.first.value_or("-") + " | " + one.second.value_or("-") + "\n";
    return text;
}

} // namespace

class TestComparison : public QObject {
    Q_OBJECT

private slots:
    void equalJobsDifferInNothing() {
        QVERIFY(differing_settings(sample_job(), sample_job()).empty());
        QVERIFY(differing_settings({}, {}).empty());
    }

    void settingsThatDifferAreNamedAsInAJobFile() {
        Job first;
        first.name = "one";
        first.command = "gzip {}";
        first.inputs = FolderInputs{"/usr/include", "*.h", true};
        first.limit = 2;
        first.environment = {{"LANG", "C"}, {"SAME", "1"}};
        Job second = first;
        second.command = "gzip -9 {}\n";
        second.inputs = FolderInputs{"/usr/include", "*.hpp", true};
        second.limit = 8;
        second.timeout = 1500ms;
        second.stop_at_failure = true;
        second.environment = {{"LANG", "de"}, {"SAME", "1"}, {"NEW", "2"}};
        second.cores = {0, 2};
        QCOMPARE(text_of(differing_settings(first, second)), std::string("command: gzip {} | gzip -9 {}\\n\n"
                                                                         "inputs.pattern: *.h | *.hpp\n"
                                                                         "limit: 2 | 8\n"
                                                                         "timeout: - | 1.5\n"
                                                                         "stop_at_failure: - | true\n"
                                                                         "environment.LANG: C | de\n"
                                                                         "environment.NEW: - | 2\n"
                                                                         "cores: - | [0,2]\n"));
    }

    void otherKindsOfWorkAndInputsStandBesideEachOther() {
        Job first;
        first.command = "echo {}";
        first.inputs = LineInputs{"caf\xe9.txt"};
        first.then = {Command{"cat", false}};
        Job second;
        second.function = Function{"/lib/geo.so", "area", {}};
        second.inputs = ListInputs{{"1", "2"}};
        const auto text = text_of(differing_settings(first, second));
        QCOMPARE(text, std::string("command: echo {} | -\n"
                                   "use_shell: false | -\n"
                                   "function.library: - | /lib/geo.so\n"
                                   "function.name: - | area\n"
                                   "then: [{\"command\":\"cat\",\"use_shell\":false}] | -\n"
                                   "inputs.file: caf\\xe9.txt | -\n"
                                   "inputs.items: - | [\"1\",\"2\"]\n"));
    }

    void eachChangeOfAnItemIsSeen() {
        using enum job::Outcome;
        const auto comparison = compared({{1, "fixed", failed},
                                          {2, "broken", succeeded},
                                          {3, "otherwise", failed},
                                          {4, "slower", succeeded, 100ms},
                                          {5, "faster", succeeded, 200ms},
                                          {6, "same", succeeded, 100ms},
                                          {7, "gone", succeeded},
                                          {8, "bad twice", failed, 1ms}},
                                         {{1, "fixed", succeeded},
                                          {2, "broken", killed},
                                          {3, "otherwise", timed_out},
                                          {4, "slower", succeeded, 130ms},
                                          {5, "faster", succeeded, 150ms},
                                          {6, "same", succeeded, 120ms},
                                          {8, "bad twice", failed, 900ms},
                                          {9, "new", succeeded}});
        QCOMPARE(changes_of(comparison),
                 std::string("fixed succeeds, broken fails, otherwise otherwise, slower slower, faster faster, same "
                             "same, gone only first, bad twice same, new only second"));
        QCOMPARE(comparison.common(), std::size_t(7));
        QCOMPARE(comparison.count(Change::none), std::size_t(2));
        QCOMPARE(comparison.first().items(), std::size_t(8));
        QCOMPARE(comparison.first().succeeded(), std::size_t(5));
        QCOMPARE(comparison.first().failed(), std::size_t(3));
        QCOMPARE(comparison.second().outcomes[static_cast<std::size_t>(timed_out)], std::size_t(1));
        QVERIFY(comparison.first().work > 404ms && comparison.first().work < 406ms);
        const auto slower = comparison.row(3);
        QVERIFY(slower.first && slower.second);
        QVERIFY(slower.second->duration - slower.first->duration > 29ms);
        QCOMPARE(slower.first->attempts, 1U);
    }

    void aTimeThatHardlyDiffersIsTheSame() {
        QVERIFY(is_about_same(1ms, 10ms)); // nine milliseconds are nothing to a person
        QVERIFY(!is_about_same(1ms, 11ms));
        QVERIFY(is_about_same(1240ms, 1s));
        QVERIFY(!is_about_same(1s, 1250ms));
        QVERIFY(is_about_same(0s, 0s));
    }

    /// Files that were added since move the numbers of those behind them.
    void itemsAreTheSameByTheirText() {
        const auto comparison = compared({{1, "b"}, {2, "c"}}, {{1, "a"}, {2, "b"}, {3, "c"}});
        QCOMPARE(changes_of(comparison), std::string("a only second, b same, c same"));
    }

    void theSameTextSeveralTimesIsMatchedInOrder() {
        using enum job::Outcome;
        const auto comparison =
            compared({{1, "x", failed}, {2, "x"}}, {{3, "x", failed}, {2, "x"}, {1, "x"}}); // in order of arrival
        QCOMPARE(changes_of(comparison), std::string("x succeeds, x same, x only second"));
    }

    /// A run that was gone on with has several lines about an item.
    void theLastLineAboutAnItemCounts() {
        using enum job::Outcome;
        const auto comparison = compared({{1, "a", cancelled}, {2, "b"}, {1, "a", failed}, {1, "a"}}, {{1, "a"}});
        QCOMPARE(changes_of(comparison), std::string("a same, b only first"));
        QCOMPARE(comparison.first().items(), std::size_t(2));
        QCOMPARE(comparison.first().failed(), std::size_t(0));
    }

    void anyBytesAndCutLinesAreRead() {
        const QTemporaryDir folder;
        const auto first = log_of(folder, "first", {{1, "caf\xe9"}, {2, "two\nlines"}});
        const auto second = log_of(folder, "second", {{1, "caf\xe9"}, {2, "two\nlines"}});
        std::ofstream(second, std::ios::app)
            << "[]\n{\"input\":7,\"outcome\":\"failed\"}\n{\"input\":\"c\",\"outcome\":"
               "\"odd\"}\n{\"number\":3,\"input\":\"cut of";
        const auto comparison = RunComparison::of(first, second).value();
        QCOMPARE(changes_of(comparison), std::string("caf\xe9 same, two\nlines same"));
    }

    void numbersThatMakeNoSenseDoNoHarm() {
        const QTemporaryDir folder;
        const auto first = log_of(folder, "first", {{1, "a"}});
        const std::filesystem::path odd = folder.filePath("odd").toStdString();
        std::ofstream(odd) << R"({"number":-4,"input":"a","outcome":"succeeded","attempts":1e300,"seconds":1e300})"
                           << "\n"
                           << R"({"number":"x","input":"b","outcome":"failed","attempts":99999999999,"seconds":-3})"
                           << "\n";
        const auto comparison = RunComparison::of(first, odd).value();
        QCOMPARE(comparison.size(), std::size_t(2));
        QVERIFY(comparison.second().work >= 0s);
    }

    void aLogThatIsGoneIsTold() {
        const QTemporaryDir folder;
        const auto there = log_of(folder, "there", {{1, "a"}});
        const auto comparison = RunComparison::of(folder.filePath("gone").toStdString(), there).value();
        QVERIFY2(comparison.first().problem.find("gone") != std::string::npos, comparison.first().problem.c_str());
        QVERIFY(comparison.second().problem.empty());
        QCOMPARE(comparison.common(), std::size_t(0));
        QCOMPARE(comparison.count(Change::only_second), std::size_t(1));
    }

    void itCanBeGivenUp() {
        const QTemporaryDir folder;
        std::vector<Logged> lines;
        for (std::size_t number = 1; number <= 3000; ++number)
            lines.push_back({number, std::to_string(number)});
        const auto file = log_of(folder, "log", lines);
        std::vector<double> parts;
        QVERIFY(!RunComparison::of(file, file, [&](double part) {
            parts.push_back(part);
            return part < 0.6;
        }));
        QVERIFY(parts.size() >= 5);
        QVERIFY(std::is_sorted(parts.begin(), parts.end()));
        QVERIFY(parts.back() >= 0.6 && parts.back() <= 1);
        QCOMPARE(RunComparison::of(file, file)->common(), lines.size());
    }

    void whatARunTook() {
        PastRun run;
        QVERIFY(!elapsed_of(run));
        run.started = std::chrono::system_clock::now();
        run.ended = run.started + 90s;
        QCOMPARE(elapsed_of(run).value(), 90s);
        run.ended = run.started - 1s; // the clock was set back
        QVERIFY(!elapsed_of(run));
    }
};

QTEST_APPLESS_MAIN(TestComparison)
#include "tst_comparison.moc"
