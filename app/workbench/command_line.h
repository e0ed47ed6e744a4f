// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSize>
#include <QString>
#include <QStringList>

#include <optional>

class QCoreApplication;

namespace pprocess::workbench {

/// What the workbench was asked for when it was started.
struct CommandLine {
    QString jobFile;     ///< empty: the sample job
    QStringList more;    ///< further files, of jobs and traces
    QString trace;       ///< a trace file to open
    QString compareWith; ///< another beside it
    QStringList attach;  ///< names or pids of programs
    bool instruments = false;
    QString view;        ///< the instrument in front
    double position = 1; ///< part of the record's time up to which it is shown
    bool run = false;
    QString screenshot; ///< a file for a picture of the window; empty: none
    double screenshotAt = 1;
    QString theme; ///< empty: as it was chosen before
    std::optional<QSize> size;

    /// Ends the program after `--help`, `--version` or an unknown option. Of what cannot be understood otherwise,
    /// `mistake` says what and why.
    static CommandLine parse(const QCoreApplication& application, QString& mistake);

    /// Puts `--scale` into the environment, from which an application reads it: to be called before there is one.
    static void applyScale(int argc, char** argv);
};

} // namespace pprocess::workbench
