// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/listing_watcher.h>
#include <app/workbench/program_model.h>

namespace pprocess::workbench {

/// Looks for inspectable programs and background processes of this user, again whenever something changes in the folder
/// where they are listed (inotify). It looks in another thread.
class ProgramWatcher : public QObject {
    Q_OBJECT

public:
    explicit ProgramWatcher(QObject* parent = nullptr);

    void look() { m_listing.look(); }

signals:
    void found(const std::vector<pprocess::workbench::ListedProgram>& programs);
    /// They cannot be looked for; the text says why.
    void failed(const QString& message);

private:
    ListingWatcher m_listing;
};

} // namespace pprocess::workbench
