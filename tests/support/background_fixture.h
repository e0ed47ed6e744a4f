// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <pprocess/pprocess.h>

#include "support/leak_check.h"
#include "support/sync.h"

/// A number that forked processes share.
template <typename T>
class Shared {
public:
    Shared()
        : value_(static_cast<std::atomic<T>*>(
              ::mmap(nullptr, sizeof(std::atomic<T>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
    ~Shared() { ::munmap(static_cast<void*>(value_), sizeof(std::atomic<T>)); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    std::atomic<T>& operator*() const { return *value_; }
    std::atomic<T>* operator->() const { return value_; }

private:
    std::atomic<T>* value_;
};

/// Runs `body` in a plain forked process and says how that ended; 0 when `body` returned true.
template <typename Body>
int in_child(Body&& body) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        bool fine = false;
        try {
            fine = body();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "in a child: %s\n", error.what());
        }
        ::_exit(fine ? 0 : 1);
    }
    int status = -1;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/// The code of the `SystemError` that `call` throws; 0 when it throws none.
template <typename Call>
int error_of(Call&& call) {
    try {
        call();
    } catch (const pprocess::SystemError& error) {
        return error.code().value();
    }
    return 0;
}

inline int connect_error(const std::filesystem::path& address) {
    return error_of([&] { pprocess::Channel channel = pprocess::connect_persistent(address); });
}

/// Base of tests with background processes: a folder for addresses and a directory of their own; none may be left.
class BackgroundFixture : protected LeakCheck {
protected:
    void set_up() {
        folder_.emplace();
        QVERIFY(folder_->isValid());
        run_ = folder_->filePath("run").toStdString();
        QCOMPARE(::mkdir(run_.c_str(), 0700), 0);
        ::setenv("XDG_RUNTIME_DIR", run_.c_str(), 1);
        take_stock();
    }
    void tear_down() {
        for (const pprocess::BackgroundProcess& process : pprocess::background_processes()) {
            // Those that were asked to leave, or have been collected, may need a moment.
            if (!wait_for_end(process.keeper_pid))
                QFAIL(qPrintable(QString("the background process %1 is left, %2")
                                     .arg(QString::fromStdString(process.name))
                                     .arg(QString::fromUtf8(to_string(process.state).data()))));
        }
        pprocess::remove_entries_of_the_gone();
        QCOMPARE(left_behind(), QString());
        folder_.reset();
    }

    [[nodiscard]] std::filesystem::path address(const std::string& name = "task.socket") const {
        return std::filesystem::path(folder_->path().toStdString()) / name;
    }
    [[nodiscard]] const std::string& run_folder() const { return run_; }
    [[nodiscard]] static bool exists(const std::filesystem::path& path) {
        struct stat status {};
        return ::lstat(path.c_str(), &status) == 0;
    }
    [[nodiscard]] static QByteArray content(const std::filesystem::path& path) {
        QFile file(QString::fromStdString(path.string()));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    static std::optional<pprocess::BackgroundProcess> entry_of(const std::filesystem::path& address) {
        for (const pprocess::BackgroundProcess& process : pprocess::background_processes())
            if (process.address.filename() == address.filename())
                return process;
        return std::nullopt;
    }

    /// Waits until the directory lists the process in this state.
    static bool wait_for_state(const std::filesystem::path& address, pprocess::BackgroundState state) {
        const int watcher = ::inotify_init1(IN_CLOEXEC);
        ::inotify_add_watch(watcher, pprocess::background_folder().c_str(), IN_MOVED_TO | IN_DELETE);
        bool found = false;
        for (;;) {
            const auto entry = entry_of(address);
            found = entry && entry->state == state;
            if (found || !is_readable(watcher, 20'000))
                break;
            std::array<char, 4096> events{};
            if (::read(watcher, events.data(), events.size()) < 0)
                break;
        }
        ::close(watcher);
        return found;
    }

    /// Waits until nothing is left of the background process at the address.
    static bool wait_until_gone(const std::filesystem::path& address) {
        const auto entry = entry_of(address);
        return !entry || wait_for_end(entry->keeper_pid);
    }

private:
    std::optional<QTemporaryDir> folder_;
    std::string run_;
};
