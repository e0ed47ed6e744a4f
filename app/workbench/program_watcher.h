// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/program_model.h>

#include <QFileSystemWatcher>
#include <QTimer>

namespace pprocess::workbench {

/// Looks for inspectable programs and background processes of this user, again whenever something changes in the folder
/// where they are listed (inotify). It looks in another thread.
class ProgramWatcher : public QObject {
    Q_OBJECT

public:
    explicit ProgramWatcher(QObject* parent = nullptr);

    void look();

signals:
    void found(const std::vector<pprocess::workbench::ListedProgram>& programs);
    /// They cannot be looked for; the text says why.
    void failed(const QString& message);

private:
    QFileSystemWatcher m_folder;
    QTimer m_soon;
    bool m_isLooking = false;
    bool m_isOutdated = false;
};

} // namespace pprocess::workbench
