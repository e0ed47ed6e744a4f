// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/made_up_events.h"

#include <QtTest>

#include <cstdint>
#include <string>

#include <pprocess/observe/inspectable_program.h>
#include <pprocess/observe/trace.h>

/// ppctl as a program that is started, and what it is given.

inline constexpr int patience = 60'000;

struct Result {
    int status = -1;
    QByteArray output;
    QByteArray words;
};

inline Result ppctl(const QStringList& arguments, const QByteArray& input = {}, const QString& folder = {}) {
    QProcess process;
    process.setWorkingDirectory(folder);
    process.start(QStringLiteral(PPROCESS_BIN "/ppctl"), arguments);
    process.write(input);
    process.closeWriteChannel();
    process.waitForFinished(60'000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
}

/// A trace of a program that never ran; how many events are in it.
inline std::uint64_t writeTrace(const QString& name, const pprocess::tests::MadeUp& wish) {
    pprocess::observe::TraceWriter writer(name.toStdString());
    std::uint64_t events = 0;
    pprocess::tests::made_up_program(wish, [&](const pprocess::Event& event, std::string_view text) {
        writer.write(event, std::as_bytes(std::span(text)));
        if (++events % 1000 == 0)
            writer.flush(); // each a piece of its own
    });
    return events;
}

inline QByteArray contentOf(const QString& name) {
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(unreadable)");
}

inline void write(const QString& name, const QByteArray& content) {
    QFile file(name);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), qint64(content.size()));
}

/// A program that can be attached to (tests/engine/fixtures/is_inspected.cpp), and ppctl attached to it.
struct Attached {
    explicit Attached(const QStringList& options = {}) {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert("PPROCESS_INSPECT", "1");
        program.setProcessEnvironment(environment);
        program.start(QStringLiteral(PPROCESS_FIXTURES "/is_inspected"), QStringList());
        program.write("tasks 3\n");
        while (program.bytesAvailable() == 0 || !program.peek(200).contains("done"))
            if (!program.waitForReadyRead(patience))
                return;
        entry = pprocess::inspectable_program(std::to_string(program.processId()));
        ppctl.start(QStringLiteral(PPROCESS_BIN "/ppctl"),
                    QStringList{"attach", QString::number(program.processId())} + options);
        while (!output.contains("Now: ") && !output.contains("\"attached\"") && ppctl.waitForReadyRead(patience))
            output += ppctl.readAllStandardOutput();
    }
    ~Attached() {
        program.closeWriteChannel();
        program.waitForFinished(patience);
    }
    int end() {
        ppctl.waitForFinished(patience);
        output += ppctl.readAllStandardOutput();
        return ppctl.exitCode();
    }

    QProcess program;
    QProcess ppctl;
    QByteArray output;
    pprocess::InspectableProgram entry;
};
