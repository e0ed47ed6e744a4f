// SPDX-License-Identifier: GPL-3.0-or-later

// ctest: not with tsan
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <pprocess/job/job.h>
#include <pprocess/launch/program.h>

using namespace pprocess;
using namespace pprocess::job;

namespace {

using Strings = std::vector<std::string>;

QByteArray bytes(const std::string& text) {
    return QByteArray::fromStdString(text);
}

/// Several texts as one, for a comparison that shows where they differ.
QByteArray joined(const Strings& texts) {
    QByteArray all;
    for (const auto& text : texts)
        all += "[" + bytes(text) + "]";
    return all;
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The field and the words of the JobError that `action` throws; "none" when it throws none.
template <typename Action>
std::pair<std::string, std::string> mistake(Action&& action) {
    try {
        action();
    } catch (const JobError& error) {
        return {error.field(), error.what()};
    }
    return {"none", ""};
}

/// Takes the rights of the superuser over files from this thread, so that permissions count.
class OrdinaryUser {
public:
    OrdinaryUser() {
        if (::geteuid() == 0)
            ::setfsuid(65534);
    }
    ~OrdinaryUser() { ::setfsuid(::geteuid()); }
};

class Folder {
public:
    Folder() {
        dir_.setAutoRemove(false); // Qt does not find names that are not UTF-8
        ::chmod(path().c_str(), 0755);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path(), ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string path(const std::string& name = {}) const {
        const std::string top = dir_.path().toStdString();
        return name.empty() ? top : top + "/" + name;
    }
    void add(const std::string& name, const std::string& text = "x") const {
        std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
        write_file(path(name), text);
    }

private:
    QTemporaryDir dir_;
};

Job good_job() {
    Job job;
    job.command = "true {}";
    job.inputs = ListInputs{{"a"}};
    return job;
}

Job full_job() {
    Job job;
    job.name = "na\"me \xff";
    job.command = "echo 'a b' {} \\ \xfe";
    job.use_shell = true;
    job.pattern = Pattern::exchange;
    job.batch = 5;
    job.limit = 7;
    job.reuse = false;
    job.working_folder = "/tm\xff/p";
    job.output_cap = 0;
    return job;
}

} // namespace

class TestJob : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { std::setlocale(LC_ALL, "C.UTF-8"); }

    void command_is_split_and_filled_data();
    void command_is_split_and_filled();
    void shell_receives_any_text_as_one_word_data();
    void shell_receives_any_text_as_one_word();
    void shell_command_refuses_unsafe_places_data();
    void shell_command_refuses_unsafe_places();
    void validate_names_the_field_data();
    void validate_names_the_field();
    void validate_accepts_what_runs();
    void validate_looks_in_the_working_folder();
    void validate_sees_permissions();

    void folder_is_collected_in_order();
    void folder_keeps_its_spelling();
    void folder_with_strange_names();
    void folder_with_links();
    void folder_with_unreadable_parts();
    void inputs_that_are_none_data();
    void inputs_that_are_none();
    void lines_are_split_data();
    void lines_are_split();
    void million_lines();

    void json_round_trip_data();
    void json_round_trip();
    void json_is_utf8_and_readable();
    void json_mistakes_data();
    void json_mistakes();
    void json_defaults();
    void save_and_load();
    void save_on_a_full_disk_leaves_the_old_file();
    void sample_is_the_shipped_file();
    void sample_is_valid();

    void printable_is_one_readable_line_data();
    void printable_is_one_readable_line();
};

void TestJob::command_is_split_and_filled_data() {
    QTest::addColumn<QByteArray>("command");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* command, const QByteArray& input, const QByteArray& expected) {
        QTest::newRow(name) << QByteArray(command) << input << expected;
    };
    row("input", "sha256sum {}", "a b", "[sha256sum][a b]");
    row("appended", "wc -l", "a b", "[wc][-l][a b]");
    row("within a word", "x --out={.}.txt", "d/a.c", "[x][--out=d/a.txt]");
    row("all", "x {} {.} {/} {//} {#}", "src/a.tar.gz", "[x][src/a.tar.gz][src/a.tar][a.tar.gz][src][3]");
    row("twice in a word", "x {}{}", "a", "[x][aa]");
    row("dot of the folder", "x {.}", "dir.d/file", "[x][dir.d/file]");
    row("hidden file", "x {.}", "d/.bashrc", "[x][d/.bashrc]");
    row("hidden with extension", "x {.}", ".a.b", "[x][.a]");
    row("dots", "x {.}", "..", "[x][..]");
    row("dot last", "x {.}", "a.", "[x][a]");
    row("folder of a bare name", "x {//}", "file", "[x][.]");
    row("folder of the root's file", "x {//} {/}", "/file", "[x][/][file]");
    row("root", "x {//} {/}", "/", "[x][/][/]");
    row("slash at the end", "x {//} {/}", "a/b/", "[x][a][b]");
    row("double slashes", "x {//} {/}", "a//b", "[x][a][b]");
    row("empty input", "x {} y", "", "[x][][y]");
    row("quotes", "x 'a b' \"c d\" e'f'\"g\"", "i", "[x][a b][c d][efg][i]");
    row("empty quotes", "x '' \"\" {}", "i", "[x][][][i]");
    row("placeholders in quotes", "x '{}' \"{/}\"", "d/a b", "[x][d/a b][a b]");
    row("escapes", "x a\\ b \\'c\\\" d\\\\", "i", "[x][a b]['c\"][d\\][i]");
    row("escapes in quotes", "x 'a\\b' \"a\\b\\\"\\\\\\$\"", "i", "[x][a\\b][a\\b\"\\$][i]");
    row("literal braces", "x \\{} \\{.} {a,b} '{print $1}' {}", "i", "[x][{}][{.}][{a,b}][{print $1}][i]");
    row("line goes on", "x a\\\n  b\nc", "i", "[x][a][b][c][i]");
    row("no shell", "x $HOME * | > `a` ; # c", "i", "[x][$HOME][*][|][>][`a`][;][#][c][i]");
    row("input is never split", "x {}", "a 'b\n\" $(c) {} {#}", "[x][a 'b\n\" $(c) {} {#}]");
    row("non-UTF-8", "x {/}", "d\xff/\xfe\x80", "[x][\xfe\x80]");
    row("program is the input", "{} --version", "/bin/ls", "[/bin/ls][--version]");
    row("option-like input", "x {}", "-rf", "[x][-rf]");
}

void TestJob::command_is_split_and_filled() {
    QFETCH(QByteArray, command);
    QFETCH(QByteArray, input);
    QFETCH(QByteArray, expected);
    Job job;
    job.command = command.toStdString();
    QCOMPARE(joined(command_line(job, input.toStdString(), 2)), expected);
}

void TestJob::shell_receives_any_text_as_one_word_data() {
    QTest::addColumn<QByteArray>("command");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("output");
    const QByteArray nasty = "a 'b' \"c\" $(echo no) `echo no` \\ $HOME * \n\xff-";
    QTest::newRow("plain") << QByteArray("printf '[%s]' {}") << nasty << "[" + nasty + "]";
    QTest::newRow("appended") << QByteArray("printf '[%s]'") << nasty << "[" + nasty + "]";
    QTest::newRow("within a word") << QByteArray("printf '[%s]' x{}y") << nasty << "[x" + nasty + "y]";
    QTest::newRow("variable") << QByteArray("f={}; printf '[%s]' \"$f\"") << nasty << "[" + nasty + "]";
    QTest::newRow("substitution") << QByteArray("printf '[%s]' \"x\"$(printf 1 {})") << nasty << QByteArray("[x1]");
    QTest::newRow("pipe") << QByteArray("printf '[%s]' {} | cat") << nasty << "[" + nasty + "]";
    QTest::newRow("others") << QByteArray("printf '[%s]' {.} {/} {//} {#}") << QByteArray("d '/a'b.c")
                            << QByteArray("[d '/a'b][a'b.c][d '][1]");
    QTest::newRow("literal braces") << QByteArray("printf '[%s]' \\{} {}") << QByteArray("a") << QByteArray("[{}][a]");
    QTest::newRow("after quotes") << QByteArray("printf \"[%s]\" 'it' \"$(printf ' \" ')\" {}") << nasty
                                  << "[it][ \" ][" + nasty + "]";
    QTest::newRow("comment with an apostrophe")
        << QByteArray("# it's a comment\nprintf '[%s]' {}") << nasty << "[" + nasty + "]";
}

void TestJob::shell_receives_any_text_as_one_word() {
    QFETCH(QByteArray, command);
    QFETCH(QByteArray, input);
    QFETCH(QByteArray, output);
    Job job;
    job.command = command.toStdString();
    job.use_shell = true;
    const Strings arguments = command_line(job, input.toStdString(), 0);
    QCOMPARE(arguments.size(), std::size_t(3));
    QCOMPARE(bytes(arguments[0] + " " + arguments[1]), QByteArray("/bin/sh -c"));
    const ProgramResult result = run_program({arguments, {}, 1 << 20});
    QCOMPARE(bytes(result.error_output), QByteArray());
    QCOMPARE(bytes(result.output), output);
}

void TestJob::shell_command_refuses_unsafe_places_data() {
    QTest::addColumn<QByteArray>("command");
    const auto row = [](const char* name, const char* command) { QTest::newRow(name) << QByteArray(command); };
    row("single quotes", "echo '{}'");
    row("double quotes", "echo \"{}\"");
    row("backquotes", "echo `echo {}`");
    row("parameter", "echo ${x:-{}}");
    row("substitution in quotes", "echo \"$(echo {})\"");
    row("quotes in a substitution in quotes", "echo \"$(echo \"{}\")\"");
    row("quotes after a comment with one", "# don't\necho '{}'");
    row("here-document", "cat <<EOF\n{}\nEOF");
    row("dollar quotes", "echo $'it\\'s' {}");
    row("case in a substitution", "echo \"$(case x in x) echo \"{}\" ;; esac)\"");
    row("apostrophe in a parameter", "echo \"${x:-'}\" '}\" {} \"'");
    row("never closed", "echo 'a {}");
    row("backslash last", "echo {} \\");
    row("nowhere, after a semicolon", "echo a;");
    row("nowhere, in a pipe", "echo a |");
    row("nowhere, several lines", "echo a\necho b");
    row("nowhere, in a comment", "echo a # b");
}

void TestJob::shell_command_refuses_unsafe_places() {
    QFETCH(QByteArray, command);
    Job job = good_job();
    job.command = command.toStdString();
    job.use_shell = true;
    QCOMPARE(mistake([&] { validate(job); }).first, std::string("command"));
    QCOMPARE(mistake([&] { command_line(job, "$(touch x)", 0); }).first, std::string("command"));
}

void TestJob::validate_names_the_field_data() {
    QTest::addColumn<std::function<void(Job&)>>("spoil");
    QTest::addColumn<std::string>("field");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, std::function<void(Job&)> spoil, const char* field, const char* words) {
        QTest::newRow(name) << std::move(spoil) << std::string(field) << QString(words);
    };
    row(
        "empty command", [](Job& job) { job.command = " \t"; }, "command", "The command is empty");
    row(
        "open quote", [](Job& job) { job.command = "echo 'a"; }, "command", "never closed");
    row(
        "open double quote", [](Job& job) { job.command = "echo \"a"; }, "command", "never closed");
    row(
        "backslash", [](Job& job) { job.command = "echo \\"; }, "command", "ends with a backslash");
    row(
        "empty program", [](Job& job) { job.command = "'' a"; }, "command", "empty word");
    row(
        "no such program", [](Job& job) { job.command = "no-such-program-here {}"; }, "command",
        "No such program: no-such-program-here (looked for in PATH)");
    row(
        "no such path", [](Job& job) { job.command = "/no/such/program {}"; }, "command",
        "No such program: /no/such/program");
    row(
        "not executable", [](Job& job) { job.command = "/etc/passwd {}"; }, "command", "/etc/passwd is not executable");
    row(
        "a folder", [](Job& job) { job.command = "/etc {}"; }, "command", "/etc is a folder, not a program");
    row(
        "limit", [](Job& job) { job.limit = 0; }, "limit", "The limit must be at least 1");
    row(
        "batch", [](Job& job) { job.batch = 0; }, "batch", "must have at least 1 item in hand");
    row(
        "lines of a function",
        [](Job& job) {
            job.pattern = Pattern::continuous;
            job.then.emplace_back(Function{"/etc/passwd", "area", {}});
        },
        "pattern", "the last step calls a function");
    row(
        "no items", [](Job& job) { job.inputs = ListInputs{}; }, "inputs.items", "list of inputs is empty");
    row(
        "no folder", [](Job& job) { job.inputs = FolderInputs{}; }, "inputs.folder", "No folder is given");
    row(
        "missing folder", [](Job& job) { job.inputs = FolderInputs{"/no/such\xff"}; }, "inputs.folder",
        "There is no folder /no/such\\xff");
    row(
        "file as folder", [](Job& job) { job.inputs = FolderInputs{"/etc/passwd"}; }, "inputs.folder",
        "is not a folder");
    row(
        "empty pattern",
        [](Job& job) {
            job.inputs = FolderInputs{"/etc", " ; "};
        },
        "inputs.pattern", "pattern is empty");
    row(
        "no file", [](Job& job) { job.inputs = LineInputs{}; }, "inputs.file", "No file is given");
    row(
        "missing file", [](Job& job) { job.inputs = LineInputs{"/no/such"}; }, "inputs.file",
        "There is no file /no/such");
    row(
        "folder as file", [](Job& job) { job.inputs = LineInputs{"/etc"}; }, "inputs.file", "/etc is a folder");
    row(
        "missing working folder", [](Job& job) { job.working_folder = "/no/such"; }, "working_folder",
        "There is no folder");
    row(
        "relative folder elsewhere",
        [](Job& job) {
            job.inputs = FolderInputs{"."};
            job.working_folder = "/tmp";
        },
        "inputs.folder", "must be given in full");
}

void TestJob::validate_names_the_field() {
    QFETCH(std::function<void(Job&)>, spoil);
    QFETCH(std::string, field);
    QFETCH(QString, words);
    Job job = good_job();
    spoil(job);
    const auto [found, message] = mistake([&] { validate(job); });
    QCOMPARE(found, field);
    QVERIFY2(QString::fromStdString(message).contains(words), message.c_str());
}

void TestJob::validate_accepts_what_runs() {
    validate(good_job());
    Job job = good_job();
    job.command = "{}"; // the program is known only with the input
    validate(job);
    job.command = "no-such-program-here {}";
    job.use_shell = true;
    validate(job); // only the shell can tell
    job = good_job();
    job.inputs = FolderInputs{"."};
    validate(job);
}

void TestJob::validate_looks_in_the_working_folder() {
    const Folder folder;
    folder.add("tool", "#!/bin/sh\n");
    ::chmod(folder.path("tool").c_str(), 0755);
    Job job = good_job();
    job.command = "./tool {}";
    QCOMPARE(mistake([&] { validate(job); }).first, std::string("command"));
    job.working_folder = folder.path();
    QCOMPARE(mistake([&] { validate(job); }).first, std::string("none"));
}

void TestJob::validate_sees_permissions() {
    const Folder folder;
    folder.add("closed/a");
    folder.add("secret");
    ::chmod(folder.path("secret").c_str(), 0);
    ::chmod(folder.path("closed").c_str(), 0);
    std::string fields;
    {
        const OrdinaryUser user;
        Job job = good_job();
        job.inputs = FolderInputs{folder.path("closed")};
        fields += mistake([&] { validate(job); }).first + " " + mistake([&] { collect_inputs(job.inputs); }).first;
        job.inputs = LineInputs{folder.path("secret")};
        fields +=
            " " + mistake([&] { validate(job); }).first + " " + mistake([&] { collect_inputs(job.inputs); }).first;
        job = good_job();
        job.working_folder = folder.path("closed");
        fields += " " + mistake([&] { validate(job); }).first;
    }
    ::chmod(folder.path("closed").c_str(), 0755);
    QCOMPARE(bytes(fields), QByteArray("inputs.folder inputs.folder inputs.file inputs.file working_folder"));
}

void TestJob::folder_is_collected_in_order() {
    const Folder folder;
    for (const char* name : {"b.h", "a.h", "a/z.h", "a.c", "B.hpp", ".hidden.h", "a/b/c.hpp", "a-.h", "\xc3\xa9.h"})
        folder.add(name);
    std::filesystem::create_directory(folder.path("folder.h"));
    ::mkfifo(folder.path("pipe.h").c_str(), 0600);

    const auto names = [&](const std::string& pattern, bool recursive) {
        Strings found = collect_inputs(FolderInputs{folder.path(), pattern, recursive});
        for (auto& name : found)
            name = name.substr(folder.path().size() + 1);
        return joined(found);
    };
    QCOMPARE(names("*.h;*.hpp", true), QByteArray("[.hidden.h][B.hpp][a-.h][a.h][a/b/c.hpp][a/z.h][b.h][\xc3\xa9.h]"));
    QCOMPARE(names(" *.h ; *.hpp;", false), QByteArray("[.hidden.h][B.hpp][a-.h][a.h][b.h][\xc3\xa9.h]"));
    QCOMPARE(names("[ab].?", true), QByteArray("[a.c][a.h][b.h]"));
    QCOMPARE(names("*", false), QByteArray("[.hidden.h][B.hpp][a-.h][a.c][a.h][b.h][\xc3\xa9.h]"));
}

void TestJob::folder_keeps_its_spelling() {
    const Folder folder;
    folder.add("-x");
    folder.add("-d/a");
    const std::string before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    const Strings here = collect_inputs(FolderInputs{".", "-x"});
    const Strings slash = collect_inputs(FolderInputs{"./", "-x"});
    const Strings option = collect_inputs(FolderInputs{"-d"});
    std::filesystem::current_path(before);
    QCOMPARE(joined(here), QByteArray("[./-x]"));
    QCOMPARE(joined(slash), QByteArray("[./-x]"));
    QCOMPARE(joined(option), QByteArray("[./-d/a]"));
    QCOMPARE(joined(collect_inputs(FolderInputs{folder.path() + "//", "-x"})), bytes("[" + folder.path() + "//-x]"));
}

void TestJob::folder_with_strange_names() {
    const Folder folder;
    const Strings names{"\xff\xfe.h", "a\nb.h", "it's \"x\".h", "two  blanks.h", "{}.h", "\\.h"};
    Strings expected;
    for (const auto& name : names) {
        folder.add("sub\xff/" + name);
        expected.push_back(folder.path("sub\xff/" + name));
    }
    std::sort(expected.begin(), expected.end());
    QCOMPARE(joined(collect_inputs(FolderInputs{folder.path(), "*.h"})), joined(expected));
}

void TestJob::folder_with_links() {
    const Folder folder;
    folder.add("real/a.h");
    std::filesystem::create_symlink("a.h", folder.path("real/link.h"));
    std::filesystem::create_symlink("gone", folder.path("real/broken.h"));
    std::filesystem::create_symlink("..", folder.path("real/up.h"));
    std::filesystem::create_symlink("real", folder.path("top"));
    QCOMPARE(joined(collect_inputs(FolderInputs{folder.path(), "*.h"})),
             bytes("[" + folder.path("real/a.h") + "][" + folder.path("real/link.h") + "]"));
    // A link that is itself the folder asked for is meant.
    QCOMPARE(collect_inputs(FolderInputs{folder.path("top"), "*.h"}).size(), std::size_t(2));
}

void TestJob::folder_with_unreadable_parts() {
    const Folder folder;
    folder.add("a.h");
    folder.add("b.h");
    folder.add("closed/c.h");
    ::chmod(folder.path("b.h").c_str(), 0);
    ::chmod(folder.path("closed").c_str(), 0);
    Strings found;
    Strings problems;
    {
        const OrdinaryUser user;
        found = collect_inputs(FolderInputs{folder.path(), "*.h"}, &problems);
    }
    ::chmod(folder.path("closed").c_str(), 0755);
    QCOMPARE(joined(found), bytes("[" + folder.path("a.h") + "][" + folder.path("b.h") + "]"));
    QCOMPARE(problems.size(), std::size_t(1));
    QVERIFY(problems[0].find(folder.path("closed")) != std::string::npos);
    QVERIFY(problems[0].find("Permission denied") != std::string::npos);
}

void TestJob::inputs_that_are_none_data() {
    QTest::addColumn<Inputs>("inputs");
    QTest::addColumn<std::string>("field");
    QTest::addColumn<QString>("words");
    QTest::newRow("no match") << Inputs(FolderInputs{"/etc", "*.no-such"}) << std::string("inputs.pattern")
                              << QString("No file in /etc or below it matches *.no-such");
    QTest::newRow("no folder") << Inputs(FolderInputs{"/no/such"}) << std::string("inputs.folder")
                               << QString("Cannot read the folder /no/such");
    QTest::newRow("empty folder name") << Inputs(FolderInputs{}) << std::string("inputs.folder")
                                       << QString("No folder");
    QTest::newRow("empty list") << Inputs(ListInputs{}) << std::string("inputs.items") << QString("is empty");
    QTest::newRow("no file") << Inputs(LineInputs{"/no/such"}) << std::string("inputs.file") << QString("/no/such");
    QTest::newRow("folder as file") << Inputs(LineInputs{"/etc"}) << std::string("inputs.file") << QString("directory");
    QTest::newRow("empty file") << Inputs(LineInputs{"/dev/null"}) << std::string("inputs.file") << QString("no line");
}

void TestJob::inputs_that_are_none() {
    QFETCH(Inputs, inputs);
    QFETCH(std::string, field);
    QFETCH(QString, words);
    const auto [found, message] = mistake([&] { collect_inputs(inputs); });
    QCOMPARE(found, field);
    QVERIFY2(QString::fromStdString(message).contains(words), message.c_str());
}

void TestJob::lines_are_split_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("plain") << QByteArray("a\nb c\n") << QByteArray("[a][b c]");
    QTest::newRow("no end") << QByteArray("a\nb") << QByteArray("[a][b]");
    QTest::newRow("empty lines") << QByteArray("\n\na\n\r\n\nb\n\n") << QByteArray("[a][b]");
    QTest::newRow("CRLF") << QByteArray("a\r\nb\r\r\nc\rd\r\n") << QByteArray("[a][b\r][c\rd]");
    QTest::newRow("blanks stay") << QByteArray(" a \n\t\n") << QByteArray("[ a ][\t]");
    QTest::newRow("any bytes") << QByteArray("\xff\xfe\n'\"\\\n") << QByteArray("[\xff\xfe]['\"\\]");
    // Longer than what is read at once, with the line ends around the border.
    const QByteArray chunk(65535, 'x');
    QTest::newRow("border") << chunk + "\r\n" + chunk + "y\nz"
                            << "[" + chunk + "][" + chunk + "y][z]";
}

void TestJob::lines_are_split() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    const Folder folder;
    folder.add("lines", text.toStdString());
    QCOMPARE(joined(collect_inputs(LineInputs{folder.path("lines")})), expected);
}

void TestJob::million_lines() {
    const Folder folder;
    std::string text;
    for (int line = 0; line < 1'000'000; ++line)
        text += "line " + std::to_string(line) + "\n";
    folder.add("lines", text);
    const Strings lines = collect_inputs(LineInputs{folder.path("lines")});
    QCOMPARE(lines.size(), std::size_t(1'000'000));
    QCOMPARE(lines.front(), std::string("line 0"));
    QCOMPARE(lines.back(), std::string("line 999999"));
}

void TestJob::json_round_trip_data() {
    QTest::addColumn<Inputs>("inputs");
    QTest::newRow("folder") << Inputs(FolderInputs{"/a\xff", "*.\xfe;b", false});
    QTest::newRow("items") << Inputs(ListInputs{{"", "plain", "\xff\\\n\"\xc3\xa9", "\\xff", std::string("z\0z", 3)}});
    QTest::newRow("file") << Inputs(LineInputs{"/a b/\xff"});
}

void TestJob::json_round_trip() {
    QFETCH(Inputs, inputs);
    Job job = full_job();
    job.inputs = inputs;
    const Job again = from_json(to_json(job));
    QCOMPARE(bytes(again.name), bytes(job.name));
    QCOMPARE(bytes(again.command), bytes(job.command));
    QCOMPARE(again.use_shell, job.use_shell);
    QCOMPARE(again.pattern, job.pattern);
    QVERIFY(again.limit == job.limit);
    QCOMPARE(again.reuse, job.reuse);
    QVERIFY(again.batch == job.batch);
    QCOMPARE(bytes(again.working_folder.native()), bytes(job.working_folder.native()));
    QCOMPARE(again.output_cap, job.output_cap);
    QCOMPARE(again.inputs.index(), inputs.index());
    if (const auto* folder = std::get_if<FolderInputs>(&inputs)) {
        const auto& other = std::get<FolderInputs>(again.inputs);
        QCOMPARE(bytes(other.folder.native()), bytes(folder->folder.native()));
        QCOMPARE(bytes(other.pattern), bytes(folder->pattern));
        QCOMPARE(other.recursive, folder->recursive);
    } else if (const auto* list = std::get_if<ListInputs>(&inputs)) {
        QCOMPARE(joined(std::get<ListInputs>(again.inputs).items), joined(list->items));
    } else {
        QCOMPARE(bytes(std::get<LineInputs>(again.inputs).file.native()),
                 bytes(std::get<LineInputs>(inputs).file.native()));
    }
    QCOMPARE(bytes(to_json(again)), bytes(to_json(job)));
}

void TestJob::json_is_utf8_and_readable() {
    Job job = good_job();
    job.inputs = ListInputs{{"caf\xe9.txt", "caf\xc3\xa9.txt"}};
    const QByteArray text = bytes(to_json(job));
    QCOMPARE(QString::fromUtf8(text).toUtf8(), text);
    QVERIFY(text.contains("\"bytes\": \"caf\\\\xe9.txt\""));
    QVERIFY(text.contains("\"caf\xc3\xa9.txt\""));
    QVERIFY(!text.contains("\"limit\""));
}

void TestJob::json_mistakes_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<std::string>("field");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const char* text, const char* field, const char* words) {
        QTest::newRow(name) << QByteArray(text) << std::string(field) << QString(words);
    };
    const auto with = [](const char* name, const QByteArray& more, const char* field, const char* words) {
        QTest::newRow(name) << R"({"version": 1, "command": "x", "inputs": {"items": ["a"]}, )" + more + "}"
                            << std::string(field) << QString(words);
    };
    row("empty", "", "file", "line 1, character 1");
    row("not JSON", "{\n  \"version\" 1\n}", "file", "line 2, character 13");
    row("not UTF-8", "{\"version\": 1, \"name\": \"\xff\"}", "file", "not valid UTF-8");
    row("a list", "[]", "file", "holds a list");
    row("no version", "{}", "version", "lacks \"version\"");
    row("newer version", R"({"version": 3})", "version", "version 3");
    row("version as text", R"({"version": "1"})", "version", "must be a number, such as 2, but is a text");
    row("no command", R"({"version": 1})", "command", "lacks \"command\"");
    row("no inputs", R"({"version": 1, "command": "x"})", "inputs", "lacks \"inputs\"");
    row("command a number", R"({"version": 1, "command": 5})", "command", "but is a number");
    row("inputs a list", R"({"version": 1, "command": "x", "inputs": ["a"]})", "inputs", "but is a list");
    row("inputs empty", R"({"version": 1, "command": "x", "inputs": {}})", "inputs", "none of them");
    row("inputs of two kinds", R"({"version": 1, "command": "x", "inputs": {"items": [], "file": "a"}})", "inputs",
        "more than one");
    row("item a number", R"({"version": 1, "command": "x", "inputs": {"items": ["a", 5]}})", "inputs.items[1]",
        "but is a number");
    row("items a text", R"({"version": 1, "command": "x", "inputs": {"items": "a"}})", "inputs.items",
        "a list of texts");
    row("unknown in inputs", R"({"version": 1, "command": "x", "inputs": {"file": "a", "pattern": "*"}})",
        "inputs.pattern", "means nothing here");
    row("bad bytes", R"({"version": 1, "command": {"bytes": "\\xg0"}, "inputs": {"file": "a"}})", "command",
        "backslash");
    row("bytes cut", R"({"version": 1, "command": {"bytes": "\\xf"}, "inputs": {"file": "a"}})", "command",
        "backslash");
    row("twice", R"({"version": 1, "command": "x", "command": "y"})", "command", "twice");
    with("unknown", R"("limits": 5)", "limits", "known are: version, name, function, command");
    with("limit 0", R"("limit": 0)", "limit", "at least 1, but is 0");
    with("limit negative", R"("limit": -1)", "limit", "at least 1, but is -1");
    with("limit broken", R"("limit": 1.5)", "limit", "but is 1.5");
    with("limit a text", R"("limit": "2")", "limit", "but is a text");
    with("pattern", R"("pattern": "heap")", "pattern", "\"exchange\" or \"continuous\", but is \"heap\"");
    with("reuse", R"("reuse": 1)", "reuse", "true or false, but is a number");
    with("use_shell", R"("use_shell": null)", "use_shell", "but is null");
    with("output_cap", R"("output_cap": -5)", "output_cap", "at least 0");
    with("working_folder", R"("working_folder": {})", "working_folder", "but is an object");
}

void TestJob::json_mistakes() {
    QFETCH(QByteArray, text);
    QFETCH(std::string, field);
    QFETCH(QString, words);
    const auto [found, message] = mistake([&] { from_json(text.toStdString()); });
    QVERIFY2(QString::fromStdString(message).contains(words), message.c_str());
    QCOMPARE(found, field);
}

void TestJob::json_defaults() {
    const Job job = from_json(R"({"version": 1, "command": "x", "inputs": {"folder": "/a"}, "limit": null})");
    const Job fresh;
    QCOMPARE(job.use_shell, fresh.use_shell);
    QCOMPARE(job.pattern, fresh.pattern);
    QVERIFY(!job.limit);
    QCOMPARE(job.reuse, fresh.reuse);
    QCOMPARE(job.output_cap, fresh.output_cap);
    QCOMPARE(std::get<FolderInputs>(job.inputs).pattern, std::string("*"));
    QVERIFY(std::get<FolderInputs>(job.inputs).recursive);
}

void TestJob::save_and_load() {
    const Folder folder;
    const std::string path = folder.path("job.json");
    Job job = good_job();
    save(job, path);
    ::chmod(path.c_str(), 0640);
    std::filesystem::create_symlink("job.json", folder.path("link.json"));
    job.name = "second";
    save(job, folder.path("link.json"));
    QCOMPARE(load(path).name, std::string("second"));
    QVERIFY(std::filesystem::is_symlink(folder.path("link.json")));
    struct stat status {};
    QCOMPARE(::stat(path.c_str(), &status), 0);
    QCOMPARE(status.st_mode & 0777, mode_t(0640));
    QCOMPARE(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);

    QVERIFY_THROWS_EXCEPTION(SystemError, load(folder.path("none.json")));
    QVERIFY_THROWS_EXCEPTION(SystemError, load(folder.path()));
    QVERIFY_THROWS_EXCEPTION(SystemError, save(job, folder.path("no/such/job.json")));
}

void TestJob::save_on_a_full_disk_leaves_the_old_file() {
    const Folder folder;
    const std::string path = folder.path("job.json");
    save(good_job(), path);
    const std::string before = read_file(path);

    Job large = good_job();
    large.inputs = ListInputs{Strings(10000, "an input")};
    rlimit old_limit{};
    ::getrlimit(RLIMIT_FSIZE, &old_limit);
    const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{4096, old_limit.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    int error = 0;
    try {
        save(large, path);
    } catch (const SystemError& thrown) {
        error = thrown.code().value();
    }
    ::setrlimit(RLIMIT_FSIZE, &old_limit);
    ::signal(SIGXFSZ, old_handler);
    QCOMPARE(error, EFBIG);
    QCOMPARE(bytes(read_file(path)), bytes(before));
    QCOMPARE(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

void TestJob::sample_is_the_shipped_file() {
    const QString file = QStringLiteral(PPROCESS_SOURCE_DIR "/resources/jobs/sha256-of-headers.json");
    QCOMPARE(bytes(to_json(load(file.toStdString()))), bytes(to_json(sample_job())));
    QCOMPARE(bytes(read_file(file.toStdString())), bytes(to_json(sample_job())));
}

void TestJob::sample_is_valid() {
    const Job job = sample_job();
    validate(job);
    QCOMPARE(job.name, std::string("SHA-256 of headers"));
    Strings problems;
    const Strings inputs = collect_inputs(job.inputs, &problems);
    QVERIFY(inputs.size() >= 1000);
    QVERIFY(problems.empty());
    QVERIFY(std::is_sorted(inputs.begin(), inputs.end()));
}

void TestJob::printable_is_one_readable_line_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const QByteArray& text, const char* expected) {
        QTest::newRow(name) << text << QByteArray(expected);
    };
    row("empty", "", "");
    row("plain", "a b'\"\\", "a b'\"\\");
    row("UTF-8", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    row("controls", "a\nb\rc\td\x1b\x7f", "a\\nb\\rc\\td\\x1b\\x7f");
    row("zero", QByteArray("a\0b", 3), "a\\x00b");
    row("invalid", "\xff\xc3(", "\\xff\\xc3(");
    row("cut short", "a\xe2\x82", "a\\xe2\\x82");
    row("overlong", "\xc0\xaf", "\\xc0\\xaf");
    row("surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80");
    row("too high", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
    row("line separator", "a\xe2\x80\xa8z", "a\\u2028z");
    row("right-to-left override", "a\xe2\x80\xaetxt", "a\\u202etxt");
    row("C1 control", "\xc2\x85", "\\u0085");
}

void TestJob::printable_is_one_readable_line() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    QCOMPARE(bytes(printable(text.toStdString())), expected);
}

QTEST_GUILESS_MAIN(TestJob)
#include "tst_job.moc"
