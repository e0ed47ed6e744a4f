// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/listing_watcher.h>

#include <QCoreApplication>
#include <QFile>
#include <QPointer>
#include <QThreadPool>

#include <utility>

#include <pprocess/background/directory.h>

namespace pprocess::workbench {

ListingWatcher::ListingWatcher(Look look, QObject* parent) : QObject(parent), m_look(std::move(look)) {
    // An entry is written, renamed and has a socket beside it: one look for all of that.
    m_soon.setSingleShot(true);
    m_soon.setInterval(50);
    connect(&m_soon, &QTimer::timeout, this, &ListingWatcher::look);
    connect(&m_folder, &QFileSystemWatcher::directoryChanged, this, &ListingWatcher::lookSoon);
}

void ListingWatcher::look() {
    if (m_isLooking) {
        m_isOutdated = true;
        return;
    }
    m_isLooking = true;
    QThreadPool::globalInstance()->start([self = QPointer(this), look = m_look] {
        std::function<void()> found;
        QString folder;
        QString mistake;
        try {
            folder = QFile::decodeName(background_folder().c_str());
            found = look();
        } catch (const std::exception& error) {
            mistake = QString::fromUtf8(error.what());
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, found, folder, mistake] {
                if (self) {
                    self->take(found, folder, mistake);
                }
            },
            Qt::QueuedConnection);
    });
}

void ListingWatcher::take(const std::function<void()>& found, const QString& folder, const QString& mistake) {
    m_isLooking = false;
    // What has changed between the look and the beginning of the watch is found by looking again.
    if (!folder.isEmpty() && !m_folder.directories().contains(folder)) {
        m_isOutdated = m_folder.addPath(folder);
    }
    if (found) {
        found();
    } else {
        emit failed(mistake);
    }
    if (std::exchange(m_isOutdated, false)) {
        lookSoon();
    }
}

} // namespace pprocess::workbench
