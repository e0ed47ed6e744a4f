// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/log_tail.h>

#include <widgets/fixed_font.h>

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QPointer>
#include <QScrollBar>
#include <QThreadPool>

namespace pprocess::workbench {

namespace {

struct Tail {
    QByteArray text;
    QString problem;
};

Tail endOf(const QString& name) {
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly)) {
        return {{}, file.errorString()};
    }
    const bool isCut = file.size() > LogTail::mostShown;
    if (isCut) {
        file.seek(file.size() - LogTail::mostShown);
    }
    QByteArray text = file.read(LogTail::mostShown);
    return {isCut ? text.mid(text.indexOf('\n') + 1) : text, {}};
}

} // namespace

LogTail::LogTail(QWidget* parent) : QPlainTextEdit(parent) {
    setReadOnly(true);
    setLineWrapMode(QPlainTextEdit::WidgetWidth);
    setFont(widgets::fixedFont(font()));
    m_soon.setSingleShot(true);
    m_soon.setInterval(50);
    connect(&m_soon, &QTimer::timeout, this, &LogTail::read);
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, &m_soon, qOverload<>(&QTimer::start));
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, &m_soon, qOverload<>(&QTimer::start));
}

void LogTail::setFile(const QString& file, const QString& why) {
    m_why = why;
    if (file == m_file && !file.isEmpty()) {
        return;
    }
    setPlaceholderText(why);
    m_file = file;
    ++m_reading;
    if (const QStringList watched = m_watcher.files() + m_watcher.directories(); !watched.isEmpty()) {
        m_watcher.removePaths(watched);
    }
    clear();
    if (!m_file.isEmpty()) {
        read();
    }
}

void LogTail::read() {
    // The file may come and go; its folder stays.
    if (!m_watcher.files().contains(m_file) && QFileInfo::exists(m_file)) {
        m_watcher.addPath(m_file);
    }
    const QString folder = QFileInfo(m_file).path();
    if (!m_watcher.directories().contains(folder) && QFileInfo::exists(folder)) {
        m_watcher.addPath(folder);
    }
    QThreadPool::globalInstance()->start([self = QPointer(this), file = m_file, number = ++m_reading] {
        const Tail tail = endOf(file);
        QMetaObject::invokeMethod(
            qApp,
            [self, text = QString::fromUtf8(tail.text), problem = tail.problem, file, number] {
                if (!self || self->m_reading != number) {
                    return;
                }
                self->setPlaceholderText(
                    problem.isEmpty()
                        ? self->m_why
                        : tr("The log %1 cannot be read: %2. It may have been moved or removed.").arg(file, problem));
                if (self->toPlainText() == text) {
                    return;
                }
                self->setPlainText(text);
                self->verticalScrollBar()->setValue(self->verticalScrollBar()->maximum());
            },
            Qt::QueuedConnection);
    });
}

} // namespace pprocess::workbench
