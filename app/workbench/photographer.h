// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

namespace pprocess::widgets {
class InstrumentSource;
}

namespace pprocess::workbench {

class MainWindow;

/// How the program ends when it was started for something that could not be done.
enum Exit { success = 0, wrongArguments = 1, unreadableJob = 2, jobDidNotRun = 3, pictureNotSaved = 4 };

/// Prints what went wrong, with the program's name before it.
void complain(const QString& text);

/// Takes the window's picture when the moment has come, then ends the program. Belongs to the window.
class Photographer : public QObject {
    Q_OBJECT

public:
    Photographer(MainWindow& window, const QString& file);

    /// A moment from now.
    void takeSoon();
    /// When this part of the job's items has ended.
    void takeDuringJob(double fraction);
    /// When the source has been read or has ended; with `early`, a moment after something was seen of it.
    void takeOf(widgets::InstrumentSource& source, bool early);

private:
    void take();
    /// Writes the picture; false when it could not be written.
    [[nodiscard]] bool save() const;
    void giveUp(const QString& message);
    void leave(int code);

    MainWindow& m_window;
    QString m_file;
    bool m_isDone = false;
};

} // namespace pprocess::workbench
