// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>

#include <pprocess/job/output_file.h>
#include <pprocess/os/error.h>

#include "support/leak_check.h"

using namespace pprocess;
using job::OutputFile;

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

mode_t kind_of(const fs::path& file) {
    struct stat status {};
    return ::lstat(file.c_str(), &status) == 0 ? status.st_mode & S_IFMT : 0;
}

/// The errno with which it fails; 0: it does not.
int mistake(const std::function<void()>& action) {
    try {
        action();
    } catch (const SystemError& error) {
        return error.code().value();
    }
    return 0;
}

/// Files of this process cannot grow beyond a size while it lives.
class SmallFiles {
public:
    explicit SmallFiles(rlim_t most) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{most, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallFiles() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, SIG_DFL);
    }

private:
    rlimit before_{};
};

} // namespace

class TestOutputFile : public QObject, LeakCheck {
    Q_OBJECT

private slots:
    void init() {
        folder_ = std::make_unique<QTemporaryDir>();
        take_stock();
    }
    void cleanup() {
        QCOMPARE(left_behind(), QString());
        folder_.reset();
    }

    void aNewTextTakesThePlaceOfTheOld() {
        const fs::path file = old_file();
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
        OutputFile output(file);
        output.write("new ");
        QCOMPARE(text_of(file), std::string("old"));
        output.write("text");
        output.finish();
        QCOMPARE(text_of(file), std::string("new text"));
        QCOMPARE(fs::status(file).permissions(),
                 fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
        QCOMPARE(entries(), 1);
    }

    void whatIsGivenUpLeavesTheOld() {
        const fs::path file = old_file();
        {
            OutputFile output(file);
            output.write(std::string(1 << 20, 'x'));
        }
        QCOMPARE(text_of(file), std::string("old"));
        QCOMPARE(entries(), 1);
    }

    void whatFailsHalfWayLeavesTheOld() {
        const fs::path file = old_file();
        const SmallFiles limit(200'000);
        const auto write = [&] {
            OutputFile output(file);
            for (int n = 0; n < 100; ++n)
                output.write(std::string(10'000, 'x'));
            output.finish();
        };
        QCOMPARE(mistake(write), EFBIG);
        QCOMPARE(text_of(file), std::string("old"));
        QCOMPARE(entries(), 1);
    }

    void aLinkStaysOne() {
        const fs::path file = old_file();
        const fs::path link = path("link");
        const fs::path to_nothing = path("to nothing");
        fs::create_symlink("file", link);
        fs::create_symlink("made", to_nothing);
        job::replace_file(link, "by the link");
        job::replace_file(to_nothing, "where there was none");
        QCOMPARE(text_of(file), std::string("by the link"));
        QCOMPARE(text_of(path("made")), std::string("where there was none"));
        QVERIFY(fs::is_symlink(link) && fs::is_symlink(to_nothing));
    }

    void aDeviceStaysOne() {
        QCOMPARE(mistake([] { job::replace_file("/dev/full", "text"); }), ENOSPC);
        QCOMPARE(kind_of("/dev/full"), mode_t{S_IFCHR});
        job::replace_file("/dev/null", "text");
        QCOMPARE(kind_of("/dev/null"), mode_t{S_IFCHR});
        const fs::path link = path("link");
        fs::create_symlink("/dev/null", link);
        job::replace_file(link, "text");
        QVERIFY(fs::is_symlink(link));
        QCOMPARE(entries(), 1);
    }

    void aPipeIsWrittenTo() {
        const fs::path fifo = new_fifo();
        std::string read;
        std::thread reader([&] { read = text_of(fifo); });
        job::replace_file(fifo, std::string(1 << 20, 'x'));
        reader.join();
        QCOMPARE(read, std::string(1 << 20, 'x'));
        QCOMPARE(kind_of(fifo), mode_t{S_IFIFO});
        QCOMPARE(entries(), 1);
    }

    void aPipeByItsNumberIsWrittenTo() {
        int ends[2];
        QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
        job::replace_file("/proc/self/fd/" + std::to_string(ends[1]), "text");
        char text[8] = {};
        QCOMPARE(::read(ends[0], text, sizeof text), ssize_t{4});
        QCOMPARE(std::string(text), std::string("text"));
        ::close(ends[0]);
        ::close(ends[1]);
    }

    /// SIGPIPE has its default action here: it would end this program.
    void aReaderThatGoesIsAnError() {
        const fs::path fifo = new_fifo();
        const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        const auto write = [&] {
            OutputFile output(fifo);
            ::close(reader);
            output.write("text");
            output.finish();
        };
        QCOMPARE(mistake(write), EPIPE);
        sigset_t pending;
        QCOMPARE(::sigpending(&pending), 0);
        QCOMPARE(::sigismember(&pending, SIGPIPE), 0);
    }

    void whereNothingCanBeWrittenIsToldAtOnce() {
        QCOMPARE(mistake([&] { OutputFile{path("missing") / "file"}; }), ENOENT);
        QCOMPARE(mistake([&] { OutputFile{path("")}; }), EISDIR);
    }

private:
    [[nodiscard]] fs::path path(const char* name) const { return fs::path(folder_->path().toStdString()) / name; }
    [[nodiscard]] fs::path old_file() const {
        std::ofstream(path("file")) << "old";
        return path("file");
    }
    [[nodiscard]] fs::path new_fifo() const {
        ::mkfifo(path("pipe").c_str(), 0600);
        return path("pipe");
    }
    [[nodiscard]] int entries() const {
        return static_cast<int>(std::distance(fs::directory_iterator(path("")), fs::directory_iterator()));
    }

    std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_GUILESS_MAIN(TestOutputFile)
#include "tst_output_file.moc"
