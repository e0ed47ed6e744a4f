// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

namespace pprocess::workbench {

class MainWindow;

/// How the program ends when it was started for something that could not be done.
enum Exit { success = 0, wrongArguments = 1, unreadableJob = 2, jobDidNotRun = 3, pictureNotSaved = 4 };

/// Prints what went wrong, with the program's name before it.
void complain(const QString& text);

/// Takes the window's picture once the job is so far, then ends the program.
class Photographer : public QObject {
    Q_OBJECT

public:
    /// Belongs to `window`. `fraction` is of the job's items; without `waitsForJob` the picture is taken at once.
    Photographer(MainWindow& window, const QString& file, double fraction, bool waitsForJob);

private:
    void arm();
    void take();
    void giveUp(const QString& message);
    void leave(int code);

    MainWindow& m_window;
    QString m_file;
    bool m_isDone = false;
};

} // namespace pprocess::workbench
