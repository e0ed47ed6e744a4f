// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFileSystemWatcher>
#include <QPlainTextEdit>
#include <QTimer>

namespace pprocess::workbench {

/// The end of a text file, renewed as it grows (inotify). It is read in another thread.
class LogTail : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit LogTail(QWidget* parent = nullptr);

    /// Another file; empty: none, and `why` is shown.
    void setFile(const QString& file, const QString& why = {});

    static constexpr qint64 mostShown = 64 * 1024; ///< bytes

private:
    void read();

    QString m_file;
    QString m_why; ///< there may be nothing to read
    QFileSystemWatcher m_watcher;
    QTimer m_soon;
    quint64 m_reading = 0;
};

} // namespace pprocess::workbench
