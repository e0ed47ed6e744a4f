// SPDX-License-Identifier: GPL-3.0-or-later
//
// ctest: not with tsan
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

#include <pprocess/job/columns.h>
#include <pprocess/job/grid.h>
#include <pprocess/job/item_source.h>
#include <pprocess/job/job.h>
#include <pprocess/job/job_log.h>
#include <pprocess/job/runner.h>
#include <pprocess/os/fd.h>

using namespace pprocess;
using namespace pprocess::job;

namespace {

using Strings = std::vector<std::string>;

QByteArray joined(const Strings& texts) {
    QByteArray all;
    for (const std::string& text : texts)
        all += "[" + QByteArray::fromStdString(text) + "]";
    return all;
}

class Folder {
public:
    std::string file(const std::string& name, const std::string& text) const {
        const std::string path = folder_.filePath(QString::fromStdString(name)).toStdString();
        std::ofstream(path) << text;
        return path;
    }

private:
    QTemporaryDir folder_;
};

template <typename Action>
std::pair<std::string, QString> mistake(Action&& action) {
    try {
        action();
    } catch (const JobError& error) {
        return {error.field(), QString::fromUtf8(error.what())};
    }
    return {};
}

Strings all_of(ItemSource& source) {
    Strings texts;
    for (Item item; source.next(item) == ItemSource::Next::item;)
        texts.push_back(std::to_string(item.number) + ":" + item.text);
    return texts;
}

GridInputs grid_of(double from, double to, double step) {
    return {{Axis{"x", Range{from, to, step}}}};
}

} // namespace

class TestJobInputs : public QObject {
    Q_OBJECT

private slots:
    void records_data() {
        QTest::addColumn<QByteArray>("record");
        QTest::addColumn<char>("separator");
        QTest::addColumn<QByteArray>("fields");
        QTest::newRow("plain") << QByteArray("a,b,c") << ',' << QByteArray("[a][b][c]");
        QTest::newRow("empty fields") << QByteArray(",a,") << ',' << QByteArray("[][a][]");
        QTest::newRow("nothing") << QByteArray("") << ',' << QByteArray("[]");
        QTest::newRow("quotes") << QByteArray("\"a,b\",\"c\"\"d\",e\"f") << ',' << QByteArray("[a,b][c\"d][e\"f]");
        QTest::newRow("line end in quotes") << QByteArray("\"a\nb\",c") << ',' << QByteArray("[a\nb][c]");
        QTest::newRow("never closed") << QByteArray("a,\"b,c") << ',' << QByteArray("[a][b,c]");
        QTest::newRow("semicolon") << QByteArray("a,b;c") << ';' << QByteArray("[a,b][c]");
        QTest::newRow("tab") << QByteArray("a b\tc") << '\t' << QByteArray("[a b][c]");
        QTest::newRow("blanks") << QByteArray("  a \t b\"c  ") << ' ' << QByteArray("[a][b\"c]");
        QTest::newRow("only blanks") << QByteArray(" \t ") << ' ' << QByteArray("");
    }
    void records() {
        QFETCH(QByteArray, record);
        QFETCH(char, separator);
        QFETCH(QByteArray, fields);
        QCOMPARE(joined(split_record(record.toStdString(), separator)), fields);
    }

    void typedLists_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("values");
        QTest::newRow("plain") << QByteArray("a, b ,c") << QByteArray("[a][b][c]");
        QTest::newRow("quotes after a blank") << QByteArray("x, \"y, z\" ,w") << QByteArray("[x][y, z][w]");
        QTest::newRow("doubled quotes") << QByteArray(" \"a \"\", b\", c") << QByteArray("[a \", b][c]");
        QTest::newRow("empty value") << QByteArray("a,,b") << QByteArray("[a][][b]");
        QTest::newRow("nothing") << QByteArray(" ") << QByteArray("");
    }
    void typedLists() {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, values);
        QCOMPARE(joined(split_list(line.toStdString())), values);
    }

    void joinedRecordsAreSplitAgain() {
        const Strings fields{"a", "b,c", "d\"e", "f\ng", "", "\"", " h "};
        QCOMPARE(joined(split_record(join_record(fields), ',')), joined(fields));
    }

    void recordsAreTakenOneByOne() {
        std::string_view text = "a,\"b\nc\"\r\n5\" tall,d\n\nlast";
        std::string_view record;
        Strings found;
        while (take_record(text, ',', false, record))
            found.emplace_back(record);
        QCOMPARE(joined(found), QByteArray("[a,\"b\nc\"][5\" tall,d][]"));
        QCOMPARE(text, std::string_view("last"));
        QVERIFY(take_record(text, ',', true, record));
        QCOMPARE(record, std::string_view("last"));
        QVERIFY(!take_record(text, ',', true, record));
    }

    void ranges_data() {
        QTest::addColumn<double>("from");
        QTest::addColumn<double>("to");
        QTest::addColumn<double>("step");
        QTest::addColumn<QByteArray>("values");
        QTest::newRow("whole") << 1.0 << 4.0 << 1.0 << QByteArray("[1][2][3][4]");
        QTest::newRow("tenths") << 0.0 << 0.5 << 0.1 << QByteArray("[0.0][0.1][0.2][0.3][0.4][0.5]");
        QTest::newRow("never beyond") << 0.0 << 1.0 << 0.3 << QByteArray("[0.0][0.3][0.6][0.9]");
        QTest::newRow("down") << 2.0 << -1.0 << -1.0 << QByteArray("[2][1][0][-1]");
        QTest::newRow("through nought") << -0.1 << 0.1 << 0.1 << QByteArray("[-0.1][0.0][0.1]");
        QTest::newRow("one") << 5.0 << 5.0 << 1.0 << QByteArray("[5]");
        QTest::newRow("large") << 1e6 << 3e6 << 1e6 << QByteArray("[1000000][2000000][3000000]");
    }
    void ranges() {
        QFETCH(double, from);
        QFETCH(double, to);
        QFETCH(double, step);
        QFETCH(QByteArray, values);
        QCOMPARE(joined(collect_inputs(grid_of(from, to, step))), values);
    }

    void gridsCombineAllAxes() {
        const GridInputs grid{{Axis{"size", Range{1, 2, 1}}, Axis{"mode", Strings{"fast", "a,b"}}}};
        QCOMPARE(joined(collect_inputs(grid)), QByteArray("[1,fast][1,\"a,b\"][2,fast][2,\"a,b\"]"));
        QCOMPARE(joined(columns_of(grid)), QByteArray("[size][mode]"));
        const GridInputs large{{Axis{"x", Range{1, 1e6, 1}}, Axis{"y", Range{1, 1e6, 1}}}};
        const Grid made(large); // without making a million millions
        QCOMPARE(made.size(), std::size_t(1e12));
        QCOMPARE(joined(made.combination(made.size() - 1)), QByteArray("[1000000][1000000]"));
    }

    void mistakesInGrids_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<double>("from");
        QTest::addColumn<double>("to");
        QTest::addColumn<double>("step");
        QTest::addColumn<QString>("words");
        QTest::newRow("step 0") << QByteArray("x") << 1.0 << 2.0 << 0.0 << "The step of \"x\" is 0";
        QTest::newRow("wrong way") << QByteArray("x") << 2.0 << 1.0 << 1.0 << "Change the sign";
        QTest::newRow("no number") << QByteArray("x") << qQNaN() << 1.0 << 1.0 << "from a number to a number";
        QTest::newRow("no name") << QByteArray("") << 1.0 << 2.0 << 1.0 << "has no name";
        QTest::newRow("digits") << QByteArray("12") << 1.0 << 2.0 << 1.0 << "cannot be an axis' name";
        QTest::newRow("braces") << QByteArray("{x}") << 1.0 << 2.0 << 1.0 << "cannot be an axis' name";
        QTest::newRow("too many") << QByteArray("x") << 0.0 << 1e300 << 1.0 << "more values than can be numbered";
    }
    void mistakesInGrids() {
        QFETCH(QByteArray, name);
        QFETCH(double, from);
        QFETCH(double, to);
        QFETCH(double, step);
        QFETCH(QString, words);
        const GridInputs grid{{Axis{name.toStdString(), Range{from, to, step}}}};
        const auto [field, text] = mistake([&] { Grid{grid}; });
        QCOMPARE(field, std::string("inputs.grid[0]"));
        QVERIFY2(text.contains(words), qPrintable(text));
        Job job;
        job.command = "true";
        job.inputs = grid;
        QCOMPARE(mistake([&] { validate(job); }).second, text);
    }
    void axesNeedDifferentNamesAndValues() {
        QVERIFY(mistake([] { Grid{GridInputs{}}; }).second.contains("no axis"));
        QVERIFY(mistake([] { Grid{GridInputs{{Axis{"x", Strings{}}}}}; }).second.contains("has no values"));
        QVERIFY(mistake([] {
                    Grid{GridInputs{{Axis{"x", Strings{"a"}}, Axis{"x", Strings{"b"}}}}};
                }).second.contains("Two axes of the grid are called \"x\""));
    }

    void tables() {
        const Folder folder;
        const std::string file =
            folder.file("t.csv", "\xef\xbb\xbfname;note\r\nann;\"a;b\"\r\n\r\nbob;\"x\ny\"\r\ncid\n");
        TableInputs table{.file = file, .separator = ';'};
        QCOMPARE(joined(columns_of(table)), QByteArray("[name][note]"));
        // One kind of record for all that follows.
        QCOMPARE(joined(collect_inputs(table)), QByteArray("[ann,a;b][bob,\"x\ny\"][cid]"));
        table.has_header = false;
        QCOMPARE(joined(columns_of(table)), QByteArray("[1][2]"));
        QCOMPARE(collect_inputs(table).size(), std::size_t(4));
    }

    void columnsStandInCommands_data() {
        QTest::addColumn<QByteArray>("command");
        QTest::addColumn<QByteArray>("arguments");
        QTest::newRow("by name") << QByteArray("echo {name} {age}") << QByteArray("[echo][ann b][30]");
        QTest::newRow("by number") << QByteArray("echo x{2}y{1}") << QByteArray("[echo][x30yann b]");
        QTest::newRow("none: all of them") << QByteArray("echo") << QByteArray("[echo][ann b][30]");
        QTest::newRow("whole") << QByteArray("echo {}") << QByteArray("[echo][ann b,30]");
        QTest::newRow("no such column") << QByteArray("echo {3} {nam} {1}") << QByteArray("[echo][{3}][{nam}][ann b]");
        QTest::newRow("a literal one") << QByteArray("echo \\{name} {age}") << QByteArray("[echo][{name}][30]");
    }
    void columnsStandInCommands() {
        QFETCH(QByteArray, command);
        QFETCH(QByteArray, arguments);
        Job job;
        job.command = command.toStdString();
        QCOMPARE(joined(command_line(job, "ann b,30", 4, {"name", "age"})), arguments);
        QCOMPARE(joined(command_line(job, "ann b,30,extra", 4, {"name", "age"})).count("extra"),
                 command.contains("{}") ? 1 : 0);
    }
    void columnsAreQuotedForTheShell() {
        Job job;
        job.command = "echo {name} > {age}";
        job.use_shell = true;
        QCOMPARE(command_line(job, "a'b;c,30", 0, {"name", "age"}).back(), std::string("echo 'a'\\''b;c' > '30'"));
        job.command = "echo '{name}'";
        QCOMPARE(mistake([&] { command_line(job, "a,b", 0, {"name", "age"}); }).first, std::string("command"));
    }

    void twoColumnsOfOneNameAreRefused() {
        const Folder folder;
        const TableInputs table{.file = folder.file("t.csv", "a,b,a\n1,2,3\n")};
        QVERIFY(mistake([&] { columns_of(table); }).second.contains("Two columns"));
        QVERIFY(mistake([&] { open_inputs(table); }).second.contains("say that there is no header"));
    }

    void aPipeIsReadAsItFills() {
        std::array<int, 2> ends{};
        QCOMPARE(::pipe2(ends.data(), O_CLOEXEC), 0);
        os::Fd reading(ends[0]);
        os::Fd writing(ends[1]);
        const auto source = lines_of(reading.get(), "a pipe");
        Item item;
        QCOMPARE(source->next(item), ItemSource::Next::later);
        QVERIFY(!source->total());
        QCOMPARE(::write(writing.get(), "one\ntw", 6), ssize_t(6));
        QCOMPARE(source->next(item), ItemSource::Next::item);
        QCOMPARE(item.text, std::string("one"));
        QCOMPARE(source->next(item), ItemSource::Next::later);
        QCOMPARE(::write(writing.get(), "o\n\n", 3), ssize_t(3));
        QCOMPARE(source->next(item), ItemSource::Next::item);
        QCOMPARE(item.text, std::string("two"));
        QCOMPARE(item.number, std::size_t(1));
        QCOMPARE(::write(writing.get(), "last", 4), ssize_t(4));
        writing.reset();
        QCOMPARE(source->next(item), ItemSource::Next::item);
        QCOMPARE(item.text, std::string("last"));
        QCOMPARE(source->next(item), ItemSource::Next::end);
        QVERIFY(source->total() == std::size_t(3));
    }

    void whatIsLeftOutKeepsTheOthersNumbers() {
        const auto source =
            without(list_of(Strings{"a", "b", "c", "b"}), [](const Item& item) { return item.text == "b"; });
        QCOMPARE(joined(all_of(*source)), QByteArray("[0:a][2:c]"));
    }

    void newFieldsSurviveJson_data() {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, const char* rest) {
            QTest::newRow(name) << QByteArray(R"({"version": 2, "command": "x {}", )") + rest + "}";
        };
        row("table", R"("inputs": {"table": "/a.csv", "separator": "\t", "header": false})");
        row("grid",
            R"("inputs": {"grid": [{"name": "x", "from": 1, "to": 2, "step": 0.5}, {"name": "y", "values": ["a"]}]})");
        row("standard input", R"("inputs": {"standard_input": true})");
        row("pipeline", R"("inputs": {"items": ["a"]}, "then": [{"command": "wc -l {<}", "use_shell": true},)"
                        R"( {"function": {"library": "/l.so", "name": "f", "arguments": ["{<}"]}}])");
        row("manner", R"("inputs": {"items": ["a"]}, "timeout": 1.5, "retries": 3, "stop_at_failure": true,)"
                      R"( "environment": {"A": "b", "C": ""}, "niceness": 5, "cores": [0, 1])");
    }
    void newFieldsSurviveJson() {
        QFETCH(QByteArray, text);
        const std::string first = to_json(from_json(text.toStdString()));
        QVERIFY(first.find("\"version\": 2") != std::string::npos);
        QCOMPARE(to_json(from_json(first)), first);
        const QJsonObject given = QJsonDocument::fromJson(text).object();
        const QJsonObject back = QJsonDocument::fromJson(QByteArray::fromStdString(first)).object();
        for (const QString& key : given.keys())
            if (key != "then")
                QCOMPARE(back[key], given[key]);
        QCOMPARE(back["then"].toArray().size(), given["then"].toArray().size());
    }
    void functionsSurviveJson() {
        const Job job = from_json(R"({"version": 2, "function": {"library": "/l.so", "name": "area",)"
                                  R"( "arguments": ["{1}", "2"]}, "inputs": {"items": ["a"]}})");
        QCOMPARE(job.function->library, std::filesystem::path("/l.so"));
        QCOMPARE(joined(job.function->arguments), QByteArray("[{1}][2]"));
        QCOMPARE(to_json(from_json(to_json(job))), to_json(job));
        QCOMPARE(steps_of(job).size(), std::size_t(1));
    }

    void mistakesInNewFields_data() {
        QTest::addColumn<QByteArray>("more");
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QString>("words");
        const auto row = [](const char* more, const char* field, const char* words) {
            QTest::newRow(more) << QByteArray(more) << QByteArray(field) << words;
        };
        row(R"("timeout": 0)", "timeout", "at least 0.001, but is 0");
        row(R"("timeout": "5")", "timeout", "a number, but is a text");
        row(R"("retries": 1001)", "retries", "at most 1000, but is 1001");
        row(R"("niceness": 20)", "niceness", "from -20 to 19, but is 20");
        row(R"("cores": 1)", "cores", "a list of processors' numbers");
        row(R"("cores": [-1])", "cores[0]", "but is -1");
        row(R"("environment": ["A"])", "environment", "an object such as");
        row(R"("environment": {"A": 1})", "environment.A", "but is a number");
        row(R"("then": {})", "then", "a list of steps");
        row(R"("then": [{}])", "then[0]", "either \"command\" or \"function\"");
        row(R"("then": [{"command": 1}])", "then[0].command", "but is a number");
        row(R"("then": [{"function": {"name": "f"}}])", "then[0].function.library", "lacks");
        row(R"("function": {"library": "a", "name": "b"})", "function", "both");
        row(R"("stop_at_failure": 1)", "stop_at_failure", "true or false");
    }
    void mistakesInNewFields() {
        QFETCH(QByteArray, more);
        QFETCH(QByteArray, field);
        QFETCH(QString, words);
        const QByteArray text = R"({"version": 2, "command": "x", "inputs": {"items": ["a"]}, )" + more + "}";
        const auto [found, message] = mistake([&] { from_json(text.toStdString()); });
        QCOMPARE(QByteArray::fromStdString(found), field);
        QVERIFY2(message.contains(words), qPrintable(message));
    }
    void mistakesInNewInputs_data() {
        QTest::addColumn<QByteArray>("inputs");
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QString>("words");
        const auto row = [](const char* inputs, const char* field, const char* words) {
            QTest::newRow(inputs) << QByteArray(inputs) << QByteArray(field) << words;
        };
        row(R"({"table": "a", "separator": "xx"})", "inputs.separator", "must be one of");
        row(R"({"table": "a", "header": 1})", "inputs.header", "true or false");
        row(R"({"grid": {}})", "inputs.grid", "a list of axes");
        row(R"({"grid": [1]})", "inputs.grid[0]", "but is a number");
        row(R"({"grid": [{"name": "x"}]})", "inputs.grid[0].from", "lacks");
        row(R"({"grid": [{"name": "x", "from": 1}]})", "inputs.grid[0].to", "lacks");
        row(R"({"grid": [{"name": "x", "from": 1, "to": 2, "by": 1}]})", "inputs.grid[0].by", "means nothing here");
        row(R"({"standard_input": false})", "inputs.standard_input", "can only be true");
        row(R"({"table": "a", "file": "b"})", "inputs", "more than one");
    }
    void mistakesInNewInputs() {
        QFETCH(QByteArray, inputs);
        QFETCH(QByteArray, field);
        QFETCH(QString, words);
        const QByteArray text = R"({"version": 2, "command": "x", "inputs": )" + inputs + "}";
        const auto [found, message] = mistake([&] { from_json(text.toStdString()); });
        QCOMPARE(QByteArray::fromStdString(found), field);
        QVERIFY2(message.contains(words), qPrintable(message));
    }

    void whatCannotRunIsFoundBefore_data() {
        QTest::addColumn<QByteArray>("more");
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QString>("words");
        const auto row = [](const char* more, const char* field, const char* words) {
            QTest::newRow(more) << QByteArray(more) << QByteArray(field) << words;
        };
        row(R"("then": [{"command": "no-such-program-here"}])", "then[0].command", "no-such-program-here");
        row(R"("then": [{"command": "true"}, {"command": "echo a\\"}])", "then[1].command", "ends with a backslash");
        row(R"("then": [{"function": {"library": "/no/such.so", "name": "f"}}])", "then[0].function.library",
            "There is no file /no/such.so");
        row(R"("cores": [1023])", "cores", "Processor 1023 does not exist");
        row(R"("environment": {"A=B": "x"})", "environment", "cannot be the name of a variable");
        row(R"("environment": {"": "x"})", "environment", "cannot be the name of a variable");
    }
    void whatCannotRunIsFoundBefore() {
        QFETCH(QByteArray, more);
        QFETCH(QByteArray, field);
        QFETCH(QString, words);
        const QByteArray text = R"({"version": 2, "command": "true", "inputs": {"items": ["a"]}, )" + more + "}";
        const Job job = from_json(text.toStdString());
        const auto [found, message] = mistake([&] { validate(job); });
        QCOMPARE(QByteArray::fromStdString(found), field);
        QVERIFY2(message.contains(words), qPrintable(message));
    }

    void aLogSaysWhatIsDone() {
        const Folder folder;
        const std::string file = folder.file("log", "");
        {
            JobLog log(file);
            const std::vector<std::pair<const char*, job::Outcome>> ends{
                {"a", job::Outcome::succeeded},           {"b", job::Outcome::failed},
                {"b", job::Outcome::succeeded},           {"c", job::Outcome::failed},
                {"twice", job::Outcome::succeeded},       {"twice", job::Outcome::succeeded},
                {"odd \xff\n\"", job::Outcome::succeeded}};
            for (const auto& [text, outcome] : ends) {
                ItemResult result;
                result.input = text;
                result.outcome = outcome;
                log.write(result);
            }
        }
        std::ofstream(file, std::ios::app)
            << "{\"number\":9,\"input\":\"c\",\"outcome\":\"succ"; // as a crash leaves it
        FinishedItems finished(file);
        QCOMPARE(finished.size(), std::size_t(5));
        QVERIFY(finished.take({0, "a"}));
        QVERIFY(!finished.take({0, "a"}));
        QVERIFY(finished.take({0, "b"}));
        QVERIFY(!finished.take({0, "c"}));
        QVERIFY(finished.take({7, "twice"}) && finished.take({8, "twice"}) && !finished.take({9, "twice"}));
        QVERIFY(finished.take({0, "odd \xff\n\""}));
        // What is added goes to a line of its own.
        ItemResult result;
        result.input = "c";
        result.outcome = job::Outcome::succeeded;
        JobLog(file).write(result);
        QVERIFY(FinishedItems(file).take({0, "c"}));
        QCOMPARE(FinishedItems("/no/such/log").size(), std::size_t(0));
        const std::string foreign = folder.file("notes.txt", "one\ntwo\nthree\n");
        QVERIFY(mistake([&] { FinishedItems{foreign}; }).second.contains("is not the log of a job"));
    }
};

QTEST_GUILESS_MAIN(TestJobInputs)
#include "tst_job_inputs.moc"
