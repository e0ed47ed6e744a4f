// SPDX-License-Identifier: GPL-3.0-or-later

// ctest: not with tsan
#include <QtTest>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <pprocess/launch/program.h>

#include "support/leak_check.h"

using namespace pprocess;
namespace fs = std::filesystem;

/// A program with the library inside is put into several folders and asked where it finds the launcher.
class TestFindLauncher : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() {
        take_stock();
        folder_ = std::make_unique<QTemporaryDir>();
        root_ = fs::canonical(folder_->path().toStdString());
        qunsetenv("PPROCESS_LAUNCHER");
    }
    void cleanup() {
        qunsetenv("PPROCESS_LAUNCHER");
        folder_.reset();
        QCOMPARE(left_behind(), QString());
    }

    void fromItsOwnPrefix_data() {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QString>("launcher");
        QTest::newRow("installed") << "bin/program"
                                   << "libexec/pprocess/pprocess-launcher";
        QTest::newRow("deep in a build tree") << "tests/fixtures/program"
                                              << "libexec/pprocess/pprocess-launcher";
        QTest::newRow("side by side") << "program"
                                      << "pprocess-launcher";
    }
    void fromItsOwnPrefix() {
        QFETCH(QString, program);
        QFETCH(QString, launcher);
        const std::string expected = put_launcher(launcher.toStdString());
        QCOMPARE(ask(put_program(program.toStdString())).output, expected + "\n");
    }

    void theVariableGoesFirst() {
        put_launcher("libexec/pprocess/pprocess-launcher");
        const std::string program = put_program("bin/program");
        const std::string other = put_launcher("elsewhere/launcher");
        qputenv("PPROCESS_LAUNCHER", other.c_str());
        QCOMPARE(ask(program).output, other + "\n");
    }

    void aWrongVariableIsToldAndNothingElseTried() {
        put_launcher("libexec/pprocess/pprocess-launcher");
        const std::string program = put_program("bin/program");
        qputenv("PPROCESS_LAUNCHER", "/nowhere/launcher");
        const ProgramResult result = ask(program);
        QCOMPARE(result.exit_code, 1);
        QVERIFY2(result.output.find("Looked at /nowhere/launcher.") != std::string::npos, result.output.c_str());
    }

    void whatTheBuildSaidGoesAfterTheOwnPrefix() {
        const std::string program = put_program("bin/program");
        const std::string said = put_launcher("said/launcher");
        QCOMPARE(ask(program, said).output, said + "\n");
        const std::string own = put_launcher("libexec/pprocess/pprocess-launcher");
        QCOMPARE(ask(program, said).output, own + "\n");
    }

    void allPlacesAreNamedWhenThereIsNone() {
        const ProgramResult result = ask(put_program("bin/program"), "/said/launcher");
        QCOMPARE(result.exit_code, 1);
        for (const std::string& place :
             {(root_ / "bin/pprocess-launcher").string(), (root_ / "libexec/pprocess/pprocess-launcher").string(),
              std::string("/said/launcher"), std::string("Set PPROCESS_LAUNCHER")})
            QVERIFY2(result.output.find(place) != std::string::npos, place.c_str());
    }

    void aStrangersLauncherIsNotStarted() {
        if (::geteuid() != 0)
            QSKIP("Only root can give a file to a stranger.");
        const std::string program = put_program("bin/program");
        const std::string launcher = put_launcher("libexec/pprocess/pprocess-launcher");
        constexpr uid_t stranger = 12345;
        QCOMPARE(::chown(launcher.c_str(), stranger, stranger), 0);
        QCOMPARE(ask(program).exit_code, 1);
        QCOMPARE(::chown(program.c_str(), stranger, stranger), 0); // then it is the program's own
        QCOMPARE(ask(program).output, launcher + "\n");
    }

private:
    std::string put_program(const std::string& place) const {
        const fs::path path = root_ / place;
        fs::create_directories(path.parent_path());
        fs::copy_file(fs::path(PPROCESS_FIXTURES) / "finds_launcher", path);
        return path.string();
    }
    std::string put_launcher(const std::string& place) const {
        const fs::path path = root_ / place;
        fs::create_directories(path.parent_path());
        std::ofstream(path) << "#!/bin/sh\n";
        fs::permissions(path, fs::perms::owner_all);
        return path.string();
    }
    static ProgramResult ask(const std::string& program, const std::string& suggestion = {}) {
        std::vector<std::string> arguments{program};
        if (!suggestion.empty())
            arguments.push_back(suggestion);
        return run_program({.arguments = std::move(arguments)});
    }

    std::unique_ptr<QTemporaryDir> folder_;
    fs::path root_;
};

QTEST_GUILESS_MAIN(TestFindLauncher)
#include "tst_find_launcher.moc"
