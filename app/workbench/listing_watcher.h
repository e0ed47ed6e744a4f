// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFileSystemWatcher>
#include <QObject>
#include <QTimer>

#include <functional>

namespace pprocess::workbench {

/// Looks at what is listed in this user's folder of background processes and inspectable programs, in another thread,
/// and again whenever something changes there (inotify).
class ListingWatcher : public QObject {
    Q_OBJECT

public:
    /// Called in another thread; what it returns is then called in this object's own. May throw.
    using Look = std::function<std::function<void()>()>;

    explicit ListingWatcher(Look look, QObject* parent = nullptr);

    void look();
    /// `look` in a moment, with what else changes until then.
    void lookSoon() { m_soon.start(); }

signals:
    /// It cannot be looked at; the text says why.
    void failed(const QString& message);

private:
    void take(const std::function<void()>& found, const QString& folder, const QString& mistake);

    Look m_look;
    QFileSystemWatcher m_folder;
    QTimer m_soon;
    bool m_isLooking = false;
    bool m_isOutdated = false;
};

} // namespace pprocess::workbench
