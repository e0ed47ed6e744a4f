// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

class QWidget;

namespace pprocess::widgets {

class InstrumentData;

/// Says when a view of a record's present state is due to be refreshed: when its position changes or, while that is at
/// the end, when there are new events; at most once a frame of 33 ms, and only while the view is seen. The first after
/// a pause comes with the next turn of the event loop; a view that was not seen is due as soon as it is shown.
class FramePacer : public QObject {
    Q_OBJECT

public:
    /// Both must outlive it.
    FramePacer(QWidget& view, const InstrumentData& record);

    /// Shortest time between two `due`, in ms.
    static constexpr int frame = 33;

    bool eventFilter(QObject* watched, QEvent* event) override;

public slots:
    /// The view is due for another reason.
    void request();

signals:
    void due();

private:
    void fire();

    QWidget& m_view;
    QTimer m_timer;
    QElapsedTimer m_sinceDue;
    bool m_isWanted = true; ///< the view is to be refreshed when it is seen again, or for the first time
};

} // namespace pprocess::widgets
