// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs a lesson program as a user does, and tells what it printed, how it ended and what it left behind.
#pragma once

#include <QByteArray>
#include <QByteArrayList>
#include <QDir>
#include <QFile>
#include <QHash>
#include <QList>
#include <QProcess>
#include <QSet>
#include <QString>
#include <QStringList>

#include <algorithm>
#include <csignal>

#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sync.h"

// Only ever reached by a program that hangs.
inline constexpr int longestRun = 60'000;

struct Task {
    int runs = 0;
    qint64 pid = 0;
    qint64 began = 0; // microseconds
    qint64 ended = 0;
    int processes = 0; // most that the program had when the task began and when it ended
};

struct Run {
    QString problem; // what went wrong outside the program's own words; empty if nothing
    int status = -1;
    QByteArray output;
    QByteArray errors;
    QByteArrayList grid; // its lines
    double seconds = -1;
    QList<Task> tasks; // with --stats
    QHash<QByteArray, qint64> figures;

    QSet<qint64> pids() const {
        QSet<qint64> all;
        for (const Task& task : tasks)
            all.insert(task.pid);
        return all;
    }

    /// Most tasks at work at one moment.
    int mostAtOnce() const {
        int most = 0;
        for (const Task& task : tasks) // the most is reached at a moment at which some task begins
            most = std::max(most, int(std::ranges::count_if(tasks, [&](const Task& other) {
                                return other.began <= task.began && task.began < other.ended;
                            })));
        return most;
    }

    int mostProcesses() const { return std::ranges::max_element(tasks, {}, &Task::processes)->processes; }

    qint64 lastBegan() const { return std::ranges::max_element(tasks, {}, &Task::began)->began; }
};

inline QList<pid_t> childrenOf(qint64 parent) {
    QFile file(QString("/proc/%1/task/%1/children").arg(parent));
    QList<pid_t> pids;
    if (file.open(QIODevice::ReadOnly))
        for (const QByteArray& pid : file.readAll().simplified().split(' '))
            if (!pid.isEmpty())
                pids.append(pid.toInt());
    return pids;
}

/// What programs left behind: it has become a child of this process, see takeInOrphans().
inline QList<pid_t> processesLeft() {
    return childrenOf(::getpid());
}

/// Whatever a program does not wait for becomes a child of this process, as a zombie too, and is noticed.
inline bool takeInOrphans() {
    return ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

inline QByteArray describe(pid_t pid) {
    QFile file(QString("/proc/%1/stat").arg(pid));
    return file.open(QIODevice::ReadOnly) ? file.readAll().left(60) : QByteArray::number(pid) + " (gone)";
}

inline void parse(Run& run) {
    bool inGrid = true;
    for (const QByteArray& line : run.output.split('\n')) {
        const QByteArrayList words = line.split(' ');
        if (line.startsWith("Time taken: ") && line.endsWith(" s")) {
            run.seconds = words.value(2).toDouble();
            inGrid = false;
        } else if (inGrid) {
            run.grid.append(line);
        } else if (words.first() == "task") {
            if (words.value(1).toInt() != run.tasks.size())
                run.problem = "the tasks are not numbered from 0: " + line;
            const auto figure = [&](const char* name) { return words.value(words.indexOf(name) + 1).toLongLong(); };
            run.tasks.append(
                {int(figure("runs")), figure("pid"), figure("began"), figure("ended"), int(figure("processes"))});
        } else if (!line.isEmpty()) {
            run.figures.insert(words.first(), words.last().toLongLong());
        }
    }
}

inline void start(QProcess& process, const QString& program, const QStringList& arguments) {
    process.setChildProcessModifier([] { ::setpgid(0, 0); });
    process.start(QDir(PPROCESS_LESSONS).filePath(program), arguments);
}

/// What a program's processes may do when it has ended.
enum class Orphans {
    none,   ///< there may not be any
    ending, ///< those of its processes that it did not create itself end, but nobody waits for them
    staying ///< it leaves background processes
};

inline Run finish(QProcess& process, Orphans orphans = Orphans::none) {
    Run run;
    const auto pid = pid_t(process.processId());
    const bool hasEnded = process.state() == QProcess::NotRunning && process.error() == QProcess::UnknownError;
    if (!hasEnded && !process.waitForFinished(longestRun)) {
        run.problem = process.error() == QProcess::Timedout ? "still running after a minute" : process.errorString();
        if (pid > 0)
            ::kill(-pid, SIGKILL);
        process.waitForFinished();
    } else if (process.exitStatus() != QProcess::NormalExit) {
        run.problem = QString("ended by signal %1").arg(process.exitCode());
    }
    run.status = process.exitCode();
    run.output = process.readAllStandardOutput();
    run.errors = process.readAllStandardError();

    if (orphans == Orphans::staying) {
        parse(run);
        return run;
    }
    // The kernel hands over orphans before it reports the end of their parent, so there is nothing to wait for.
    for (QList<pid_t> left; !(left = processesLeft()).isEmpty();) {
        for (const pid_t orphan : left) {
            const bool ended = orphans == Orphans::ending && wait_for_end(orphan);
            if (!ended) {
                run.problem += QString(" left behind: ") + describe(orphan);
                ::kill(orphan, SIGKILL);
            }
            ::waitpid(orphan, nullptr, 0);
        }
    }
    parse(run);
    return run;
}

inline Run run(const QString& program, const QStringList& arguments, Orphans orphans = Orphans::none) {
    QProcess process;
    start(process, program, arguments);
    return finish(process, orphans);
}

/// The lines of the grid, from their definition.
inline QByteArrayList expectedGrid(int size) {
    const qsizetype width = QByteArray::number(size * size - 1).size();
    QByteArrayList lines;
    for (int i = 0; i < size; ++i) {
        QByteArrayList numbers;
        for (int j = 0; j < size; ++j)
            numbers.append(QByteArray::number(i * size + j).rightJustified(width));
        lines.append(numbers.join(' '));
    }
    return lines;
}

/// Is this how a program refuses what it cannot use: bad usage, nothing on standard output, one line that names it?
inline bool isRefusal(const Run& run, const QString& culprit) {
    return run.problem.isEmpty() && run.status == 2 && run.output.isEmpty() && run.errors.contains(culprit.toUtf8()) &&
           run.errors.endsWith('\n') && run.errors.count('\n') == 1;
}
