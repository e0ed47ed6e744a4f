// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "message_list.h"

#include <app/workbench/job_page.h>

#include <unistd.h>

#include <memory>

#include <pprocess/job/job.h>

/// What is said of jobs that cannot be run as they are, and of files that hold none.
namespace messages {

/// One window for all: that a message of one job is gone with the next is part of what is tried.
inline std::unique_ptr<WindowFixture>& formWindow() {
    static std::unique_ptr<WindowFixture> fixture;
    if (!fixture) {
        fixture = std::make_unique<WindowFixture>();
        (void)fixture->isExposed();
    }
    return fixture;
}

/// Shows another job in that window, beside which nothing is told yet.
inline void show(const pprocess::job::Job& job) {
    formWindow()->window.setJob(job);
    for (const char* field : {"command", "then[0].command", "inputs.folder", "inputs.items", "inputs.file",
                              "inputs.grid", "pattern", "limit", "working_folder", "environment", "cores"}) {
        QVERIFY2(formWindow()->form().mistake(QLatin1String(field)).isEmpty(), field);
    }
}

/// What stands beside the field after Run has been pressed.
inline Message beside(const char* name, const char* field, const QString& text,
                      const std::function<void(pprocess::job::Job&)>& change) {
    return {name, text, [field, change](const Wanted& wanted) {
                WindowFixture& fixture = *formWindow();
                pprocess::job::Job job;
                job.command = "true";
                job.inputs = pprocess::job::ListInputs{{"a"}};
                change(job);
                show(job);
                fixture.click("run");
                return wanted.in([&] { return fixture.form().mistake(QLatin1String(field)); });
            }};
}

/// The same of what somebody types into a field.
inline Message typed(const char* name, const char* editor, const QString& input, const char* field, const QString& text,
                     const std::function<void(pprocess::job::Job&)>& change = {}) {
    return {name, text, [=](const Wanted& wanted) {
                WindowFixture& fixture = *formWindow();
                pprocess::job::Job job;
                job.command = "true";
                job.inputs = pprocess::job::ListInputs{{"a"}};
                if (change) {
                    change(job);
                }
                show(job);
                auto* widget = fixture.form().findChild<QWidget*>(QLatin1String(editor));
                QTest::keyClick(widget, Qt::Key_A, Qt::ControlModifier);
                QTest::keyClick(widget, Qt::Key_Delete);
                QTest::keyClicks(widget, input);
                fixture.click("run");
                return wanted.in([&] { return fixture.form().mistake(QLatin1String(field)); });
            }};
}

/// What is said of a job file that is opened.
inline Message opened(const char* name, const QByteArray& content, const QString& text) {
    return {name, QStringLiteral("The job “a.json” could not be opened. ") + text, [content](const Wanted& wanted) {
                WindowFixture& fixture = *formWindow();
                fixture.window.setJob({});
                fixture.window.openJob(written("a.json", content));
                return wanted.in(fixture);
            }};
}

/// What no administrator is refused: as somebody else for a while.
class AsNobody {
public:
    AsNobody() { m_is = ::geteuid() != 0 || ::seteuid(65534) == 0; }
    ~AsNobody() { (void)::seteuid(::getuid()); }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;
    explicit operator bool() const { return m_is; }

private:
    bool m_is = false;
};

inline void addCommands(List& list) {
    using pprocess::job::Job;
    const auto command = [&](const char* name, const char* line, const QString& text, bool useShell = false) {
        list.push_back(beside(name, "command", text, [line, useShell](Job& job) {
            job.command = line;
            job.use_shell = useShell;
        }));
    };
    command("no command", "", "The command is empty. Write the program to run, such as: sha256sum {}");
    command("open quote", "echo 'a",
            "The command has a ' (character 6) that is never closed; add the missing one, or a backslash before it.");
    command("backslash at the end", "echo a\\", "The command ends with a backslash; remove it or write two.");
    command("empty program", "'' a", "The command begins with an empty word; the program to run belongs there.");
    command("no such program", "no-such-program",
            "No such program: no-such-program (looked for in PATH). Write the name of an installed program, or its "
            "whole path.");
    command("no such path", "/no/such/program",
            "No such program: /no/such/program. Write the name of an installed program, or its whole path.");
    command("program is a folder", "/usr/include",
            "/usr/include is a folder, not a program. Write the name of an installed program, or its whole path.");
    command("no program to run", "/etc/passwd",
            "/etc/passwd is not executable. Write the name of an installed program, or its whole path.");
    command("in quotes", "echo '{}'",
            "In a shell command {} cannot stand within quotes. Write {} outside of them: it is quoted by itself. For "
            "braces that are meant as such write \\{}.",
            true);
    command("in backquotes", "echo `cat {}`",
            "In a shell command {} cannot stand within ` ` or ${ }. Write {} outside of them: it is quoted by itself. "
            "For braces that are meant as such write \\{}.",
            true);
    command("in a here-document", "cat << END\n{}\nEND\n",
            "{} cannot stand in a here-document or the commands after it: the text put there could be run as a "
            "command. Give {} to a variable first, as in f={}; cat \"$f\".",
            true);
    command("open quote in a shell", "echo 'a",
            "The command has a quote or bracket that is never closed; add the missing one, or a backslash before it.",
            true);
    command("backslash at a script's end", "echo {} \\", "The command ends with a backslash; remove it or write two.",
            true);
    command("where the input belongs", "echo a;", "The command does not say where the input belongs; write {} there.",
            true);
    list.push_back(beside("second step", "then[0].command",
                          "No such program: no-such-program (looked for in PATH). Write the name of an installed "
                          "program, or its whole path.",
                          [](Job& job) {
                              job.then = {pprocess::job::Command{"no-such-program", false}};
                          }));
}

inline void addInputs(List& list) {
    using namespace pprocess::job;
    const auto inputs = [&](const char* name, const char* field, const QString& text, const Inputs& given) {
        list.push_back(beside(name, field, text, [given](Job& job) { job.inputs = given; }));
    };
    const auto in = [](const char* name) { return std::filesystem::path(file(name).toStdString()); };
    inputs("no folder", "inputs.folder", "No folder is given. Choose the one whose files are to be worked on.",
           FolderInputs{});
    inputs("no such folder", "inputs.folder", "There is no folder /no/such. Choose one that exists.",
           FolderInputs{"/no/such"});
    inputs("file for a folder", "inputs.folder", "/usr/bin/env is not a folder. Choose a folder.",
           FolderInputs{"/usr/bin/env"});
    inputs("below a file", "inputs.folder", "Cannot read the folder /usr/bin/env/a: Not a directory. Choose another.",
           FolderInputs{"/usr/bin/env/a"});
    inputs("empty pattern", "inputs.pattern", "The pattern is empty. Write * for every file, or one such as *.txt",
           FolderInputs{"/usr/include", ""});
    inputs("pattern of nothing", "inputs.pattern",
           "No file in /usr/include or below it matches *.none. Change the pattern (* stands for every file) or the "
           "folder.",
           FolderInputs{"/usr/include", "*.none"});
    inputs("empty list", "inputs.items", "The list of inputs is empty. Add at least one.", ListInputs{});
    inputs("no file", "inputs.file", "No file is given. Choose the one whose lines are the inputs.", LineInputs{});
    inputs("no such file", "inputs.file", "There is no file /no/such. Choose one that exists.", LineInputs{"/no/such"});
    inputs("folder for a file", "inputs.file", "/usr/include is a folder. Choose a file.", LineInputs{"/usr/include"});
    inputs("file below a file", "inputs.file", "Cannot read the file /usr/bin/env/a: Not a directory. Choose another.",
           LineInputs{"/usr/bin/env/a"});
    inputs("file without lines", "inputs.file", "The file FOLDER/empty has no line that is not empty. Choose another.",
           LineInputs{in("empty")});
    inputs("no table", "inputs.file", "No file is given. Choose the one whose rows are the inputs.", TableInputs{});
    inputs("no such table", "inputs.file", "There is no file /no/such. Choose one that exists.",
           TableInputs{"/no/such"});
    inputs("table without rows", "inputs.file", "The file FOLDER/empty has no row that is not empty. Choose another.",
           TableInputs{in("empty")});
    inputs("columns of one name", "inputs.file",
           "Two columns of FOLDER/twice.csv are called \"a\". Rename one, or say that there is no header.",
           TableInputs{in("twice.csv")});
    inputs("no axis", "inputs.grid", "The grid has no axis. Add one, with a name and its values.", GridInputs{});
    inputs("axis without name", "inputs.grid[0]", "An axis of the grid has no name. Give it one, such as: width",
           GridInputs{{{"", Range{1, 2, 1}}}});
    inputs("axis of digits", "inputs.grid[0]",
           "\"12\" cannot be an axis' name: write letters, digits, _ or -, and not digits alone.",
           GridInputs{{{"12", Range{1, 2, 1}}}});
    inputs("axes of one name", "inputs.grid[1]", "Two axes of the grid are called \"a\". Rename one.",
           GridInputs{{{"a", Range{1, 2, 1}}, {"a", Range{1, 2, 1}}}});
    inputs("axis without values", "inputs.grid[0]", "\"a\" has no values. Give at least one.",
           GridInputs{{{"a", std::vector<std::string>{}}}});
    inputs("step of nothing", "inputs.grid[0]",
           "The step of \"a\" is 0, which never gets anywhere. Write another, such as 1.",
           GridInputs{{{"a", Range{1, 2, 0}}}});
    inputs("wrong way", "inputs.grid[0]", "\"a\" never gets from 1 to 2 by steps of -1. Change the sign of the step.",
           GridInputs{{{"a", Range{1, 2, -1}}}});
    inputs("too many values", "inputs.grid[0]", "\"a\" has more values than can be numbered. Choose a larger step.",
           GridInputs{{{"a", Range{1, 1e16, 1}}}});
    inputs("too many combinations", "inputs.grid",
           "The grid has more combinations than can be numbered. Give its axes fewer values.",
           GridInputs{{{"a", Range{1, 1e14, 1}}, {"b", Range{1, 1e14, 1}}}});
    list.push_back(typed("no number", "axisFrom", "a", "inputs.grid[0]",
                         "\"a\" must go from a number to a number. Write both, such as 1 and 10.", [](Job& job) {
                             job.inputs = GridInputs{{{"a", Range{1, 2, 1}}}};
                         }));
    list.push_back({"standard input",
                    "The inputs of this job come by standard input, which only ppctl run can read. Choose others here.",
                    [](const Wanted& wanted) {
                        Job job;
                        job.command = "true";
                        job.inputs = StandardInput{};
                        show(job);
                        formWindow()->click("run");
                        return wanted.in(*formWindow());
                    }});
    list.push_back(beside("relative folder", "inputs.folder",
                          "The folder . must be given in full (beginning with /), because the command runs in /tmp.",
                          [](Job& job) {
                              job.inputs = FolderInputs{"."};
                              job.working_folder = "/tmp";
                          }));
}

inline void addSettings(List& list) {
    using namespace pprocess::job;
    list.push_back(beside("limit of 0", "limit",
                          "The limit must be at least 1: with 0 programs at once nothing would ever run.",
                          [](Job& job) { job.limit = 0; }));
    const auto workingFolder = [&](const char* name, const char* folder, const QString& text) {
        list.push_back(typed(name, "workingFolder", folder, "working_folder", text));
    };
    workingFolder("no such working folder", "/no/such", "There is no folder /no/such. Choose one that exists.");
    workingFolder("working folder is a file", "/usr/bin/env", "/usr/bin/env is not a folder. Choose a folder.");
    workingFolder("working folder below a file", "/usr/bin/env/a",
                  "Cannot enter the folder /usr/bin/env/a: Not a directory. Choose another.");
    list.push_back(typed(
        "variable without value", "environment", "WITHOUT", "environment",
        "An empty text cannot be the name of a variable: there is none in front of \"WITHOUT\". Write NAME=VALUE."));
    list.push_back(
        typed("variable without name", "environment", "=a", "environment",
              "An empty text cannot be the name of a variable: there is none in front of \"a\". Write NAME=VALUE."));
    list.push_back(typed("no such processor", "cores", "9999", "cores",
                         "Processor 9999 does not exist or may not be used here. Choose among those of this machine "
                         "(numbered from 0)."));
    list.push_back(
        {"folder of others",
         "Cannot enter the folder FOLDER/closed: Permission denied. Choose another or change its permissions.",
         [](const Wanted& wanted) {
             const AsNobody nobody;
             return beside("", "working_folder", {},
                           [](Job& job) { job.working_folder = file("closed").toStdString(); })
                 .provoke(wanted);
         }});
    list.push_back(
        {"file of others",
         "Cannot read the file FOLDER/closed file: Permission denied. Choose another or change its permissions.",
         [](const Wanted& wanted) {
             const AsNobody nobody;
             return beside("", "inputs.file", {},
                           [](Job& job) { job.inputs = LineInputs{file("closed file").toStdString()}; })
                 .provoke(wanted);
         }});
    list.push_back({"priority of the administrator",
                    "Only the administrator may put processes before others. Choose 0 or more.",
                    [](const Wanted& wanted) {
                        const AsNobody nobody;
                        return beside("", "niceness", {}, [](Job& job) { job.niceness = -5; }).provoke(wanted);
                    }});
}

inline void addFunctions(List& list) {
    using namespace pprocess::job;
    const auto function = [&](const char* name, const char* field, const std::string& library, const std::string& task,
                              const QString& text, const std::vector<std::string>& arguments = {}) {
        list.push_back(beside(name, field, text, [=](Job& job) {
            job.command.clear();
            job.function = Function{library, task, arguments};
        }));
    };
    const std::string shapes = PPROCESS_FIXTURES "/shapes_tasks.so";
    function("no library", "function.library", "", "area",
             "No task library is given. Choose a shared object with tasks.");
    function("no such library", "function.library", "/no/such.so", "area",
             "There is no file /no/such.so. Choose one that exists.");
    function("no shared library", "function.library", file("text").toStdString(), "area",
             "Cannot use the task library FOLDER/text: it is no shared library (file too short). Build it with -shared "
             "-fPIC, or as a CMake MODULE library.");
    function("library of another version", "function.library", PPROCESS_FIXTURES "/foreign_tasks.so", "area",
             "Cannot use the task library §/foreign_tasks.so: it was built with pprocess 47.11.0 (task interface "
             "4711), and this is pprocess 0.1.0 (task interface 1). Build it again with this version.");
    function("library that crashes", "function.library", PPROCESS_FIXTURES "/crashing_tasks.so", "area",
             "Cannot use the task library §/crashing_tasks.so: the process that was loading it was killed by signal 11 "
             "(Segmentation fault). What it does before main (its static objects) is at fault.");
    function("library without tasks", "function.library", PPROCESS_FIXTURES "/no_tasks.so", "area",
             "Cannot use the task library §/no_tasks.so: it has no tasks. Register its functions with PPROCESS_TASK, "
             "of <pprocess/pprocess.h>.");
    function("no function", "function.name", shapes, "",
             "No function is chosen. §/shapes_tasks.so has: area, geo::area, loaded_in, nothing, joined, end_by, "
             "exit_with, pid_of_grandchild, leave_child, count, scaled<double, int>, negated<int>.");
    function("no such function", "function.name", shapes, "none",
             "§/shapes_tasks.so has no task called none; it has: area, geo::area, loaded_in, nothing, joined, end_by, "
             "exit_with, pid_of_grandchild, leave_child, count, scaled<double, int>, negated<int>.");
    function("function on its channel", "function.name", shapes, "count",
             "count sends what it likes on its channel, so that nobody can tell where its result ends. Choose a "
             "function that returns its result.");
    list.push_back(beside("lines of a function", "pattern",
                          "Lines can be seen as they are written only of a command, but the last step calls a "
                          "function. Choose another pattern, or a command as the last step.",
                          [shapes](Job& job) {
                              job.pattern = Pattern::continuous;
                              job.command.clear();
                              job.function = Function{shapes, "area", {"{}", "1"}};
                          }));
    function("too many arguments", "function.arguments", shapes, "area",
             "area(width, height) takes 2 arguments, but the job gives 3. Write one text for each, such as {}.",
             {"1", "2", "3"});
}

inline void addJobFiles(List& list) {
    const auto add = [&](const char* name, const QByteArray& content, const QString& text) {
        list.push_back(opened(name, content, text));
    };
    const QByteArray begin = R"({"version": 2, "command": "true", "inputs": {"items": ["a"]})";
    const auto with = [&](const char* name, const QByteArray& fields, const QString& text) {
        add(name, begin + ", " + fields + "}", text);
    };
    const auto inputs = [&](const char* name, const QByteArray& fields, const QString& text) {
        add(name, R"({"version": 2, "command": "true", "inputs": )" + fields + "}", text);
    };
    add("no JSON", "this is text",
        "The job file is not valid JSON: look at line 1, character 2 (a missing comma, quote or bracket?).");
    add("no UTF-8", "{\"version\": \"\xff\"}",
        "The job file is not valid UTF-8 (line 1, character 14). Write such a text as {\"bytes\": \"…\"} with \\\\xff "
        "for each byte.");
    add("a list", "[]", "A job file must hold an object, { … }, but this one holds a list.");
    add("field twice", R"({"version": 1, "version": 1})",
        "The job file has the field \"version\" twice in one place. Remove one.");
    add("no version", "{}", "The job file lacks \"version\". Add it, as in \"version\": 1.");
    add("version in words", R"({"version": "one"})", "\"version\" must be a number, such as 2, but is a text.");
    add("of a newer version", R"({"version": 99})",
        "The job file is of version 99, but this program reads versions 1 to 2. A newer pprocess may read it.");
    add("file without a command", R"({"version": 1})",
        "The job file lacks \"command\". Add it, as in \"command\": \"sha256sum {}\".");
    add("command and function", R"({"version": 2, "command": "true", "function": {"library": "a", "name": "b"}})",
        "The job has both a \"command\" and a \"function\". Keep one as its first step; the other may go into "
        "\"then\".");
    add("no inputs", R"({"version": 1, "command": "true"})",
        "The job file lacks \"inputs\". Add it, as in \"inputs\": {\"folder\": \"/usr/include\", \"pattern\": "
        "\"*.h\"}.");
    with("unknown field", R"("speed": 1)",
         "The job file has a field \"speed\" that means nothing here. Remove it; known are: version, name, function, "
         "command, use_shell, inputs, pattern, limit, reuse, batch, then, timeout, retries, stop_at_failure, "
         "environment, niceness, cores, working_folder, output_cap.");
    with("flag in words", R"("reuse": "yes")", "\"reuse\" must be true or false, but is a text.");
    with("limit of nothing", R"("limit": 0)", "\"limit\" must be a whole number, at least 1, but is 0.");
    with("retries in words", R"("retries": "two")",
         "\"retries\" must be a whole number, at least 0 and at most 1000, but is a text.");
    with("retries without end", R"("retries": 1001)",
         "\"retries\" must be a whole number, at least 0 and at most 1000, but is 1001.");
    with("unknown pattern", R"("pattern": "heap")",
         "\"pattern\" must be \"map\", \"queue\", \"exchange\" or \"continuous\", but is \"heap\".");
    with("pattern of a number", R"("pattern": 1)",
         "\"pattern\" must be \"map\", \"queue\", \"exchange\" or \"continuous\", but is a number.");
    with("no time", R"("timeout": 0)", "\"timeout\" must be a number of seconds, at least 0.001, but is 0.");
    with("time in words", R"("timeout": "long")", "\"timeout\" must be a number, but is a text.");
    with("no list of steps", R"("then": "true")", "\"then\" must be a list of steps, but is a text.");
    with("a step of nothing", R"("then": [{}])",
         "\"then[0]\" must have either \"command\" or \"function\", but has none of them.");
    with("a step of a number", R"("then": [1])",
         "\"then[0]\" must be an object such as {\"command\": \"wc -l\"}, but is a number.");
    with("a function without words", R"("then": [{"function": 1}])",
         "\"then[0].function\" must be an object such as {\"library\": \"libgeo.so\", \"name\": \"area\"}, but is a "
         "number.");
    with("environment of a list", R"("environment": [])",
         "\"environment\" must be an object such as {\"LANG\": \"C\"}, but is a list.");
    with("niceness of a half", R"("niceness": 0.5)", "\"niceness\" must be a whole number from -20 to 19, but is 0.5.");
    with("no list of processors", R"("cores": "all")",
         "\"cores\" must be a list of processors' numbers, but is a text.");
    with("text of a number", R"("name": 1)",
         "\"name\" must be a text (or {\"bytes\": \"…\"} when it is not UTF-8), but is a number.");
    with("wrong bytes", R"("name": {"bytes": "\\q"})",
         "In \"bytes\" of \"name\" a backslash must be followed by another one or by x and two digits (0-9, a-f).");
    inputs("inputs of a text", R"("/usr/include")",
           "\"inputs\" must be an object such as {\"folder\": \"/usr/include\"}, but is a text.");
    inputs("no kind of inputs", "{}",
           "\"inputs\" must have one of \"folder\", \"items\", \"file\", \"table\", \"grid\" and \"standard_input\", "
           "but has none of them.");
    inputs("two kinds of inputs", R"({"items": ["a"], "file": "b"})",
           "\"inputs\" must have one of \"folder\", \"items\", \"file\", \"table\", \"grid\" and \"standard_input\", "
           "but has more than one.");
    inputs("items of a text", R"({"items": "a"})", "\"inputs.items\" must be a list of texts, but is a text.");
    inputs("unknown separator", R"({"table": "a", "separator": "ab"})",
           "\"inputs.separator\" must be one of , ; | : a blank and a tab (\\t), but is \"ab\".");
    inputs("no list of axes", R"({"grid": {}})", "\"inputs.grid\" must be a list of axes, but is an object.");
    inputs("axis of a text", R"({"grid": ["a"]})",
           "\"inputs.grid[0]\" must be an object such as {\"name\": \"x\", \"from\": 1, \"to\": 10}, but is a text.");
    inputs("axis of a file without values", R"({"grid": [{"name": "a"}]})",
           "The job file lacks \"inputs.grid[0].from\". Add it, as in \"from\": 1, or \"values\": [\"a\", \"b\"].");
    inputs("no standard input", R"({"standard_input": false})",
           "\"inputs.standard_input\" can only be true. For other inputs leave it out.");
    list.push_back({"no job file",
                    "The job “none.json” could not be opened. Cannot read the job file FOLDER/none.json: No such file "
                    "or directory.",
                    [](const Wanted& wanted) {
                        formWindow()->window.openJob(file("none.json"));
                        return wanted.in(*formWindow());
                    }});
    list.push_back({"folder for a job",
                    "The job “include” could not be opened. Cannot read the job file /usr/include: Is a directory.",
                    [](const Wanted& wanted) {
                        formWindow()->window.openJob(QStringLiteral("/usr/include"));
                        return wanted.in(*formWindow());
                    }});
}

inline void addJobs(List& list) {
    written("empty", {});
    written("text", "this is text\n");
    written("twice.csv", "a,b,a\n1,2,3\n");
    written("closed file", "a\n");
    QFile::setPermissions(file("closed file"), QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    QDir().mkdir(file("closed"));
    QFile::setPermissions(file("closed"), QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    // So that others come as far as to these.
    QFile::setPermissions(folder(), QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner |
                                        QFileDevice::ReadGroup | QFileDevice::ExeGroup | QFileDevice::ReadOther |
                                        QFileDevice::ExeOther);
    addCommands(list);
    addInputs(list);
    addSettings(list);
    addFunctions(list);
    addJobFiles(list);
}

} // namespace messages
