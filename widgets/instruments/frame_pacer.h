// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace pprocess::widgets {

/// Turns any number of requests into at most one `due` a frame of 33 ms. The first after a pause comes with the next
/// turn of the event loop; none is lost.
class FramePacer : public QObject {
    Q_OBJECT

public:
    explicit FramePacer(QObject* parent = nullptr);

    /// Shortest time between two `due`, in ms.
    static constexpr int frame = 33;

public slots:
    void request();

signals:
    void due();

private:
    QTimer m_timer;
    QElapsedTimer m_sinceDue;
};

} // namespace pprocess::widgets
