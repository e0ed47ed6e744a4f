// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/listing_watcher.h>

#include <QObject>
#include <QSocketNotifier>

#include <map>
#include <memory>
#include <vector>

#include <pprocess/background/directory.h>
#include <pprocess/os/fd.h>

namespace pprocess::workbench {

/// A background process and what can be done about it from here. A value.
struct ListedBackground {
    BackgroundProcess process;
    qint64 program = 0; ///< the pid of the inspectable program that it belongs to; 0: it cannot be watched
};

/// Looks for the background processes of this user, in another thread, and again whenever something changes in the
/// folder where they are listed (inotify) or one of them is killed (pidfd).
class BackgroundWatcher : public QObject {
    Q_OBJECT

public:
    explicit BackgroundWatcher(QObject* parent = nullptr);

    void look() { m_listing.look(); }

signals:
    void found(const std::vector<pprocess::workbench::ListedBackground>& processes);
    /// They cannot be looked for; the text says why.
    void failed(const QString& message);

private:
    struct Keeper {
        os::Fd fd;
        std::unique_ptr<QSocketNotifier> notifier;
    };

    void watchKeepers(const std::vector<ListedBackground>& processes);

    ListingWatcher m_listing;
    std::map<pid_t, Keeper> m_keepers;
};

} // namespace pprocess::workbench
