// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/frame_pacer.h>

#include <widgets/instruments/instrument_data.h>

#include <QEvent>
#include <QWidget>

#include <algorithm>

namespace pprocess::widgets {

FramePacer::FramePacer(QWidget& view, const InstrumentData& record) : m_view(view) {
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (m_view.isVisible())
            fire();
    });
    connect(&record, &InstrumentData::appended, this, [this, &record] {
        if (record.isFollowing())
            request();
    });
    connect(&record, &InstrumentData::positionChanged, this, &FramePacer::request);
    view.installEventFilter(this);
}

void FramePacer::request() {
    m_isWanted = true;
    if (m_timer.isActive() || !m_view.isVisible())
        return;
    const qint64 passed = m_sinceDue.isValid() ? m_sinceDue.elapsed() : frame;
    m_timer.start(static_cast<int>(std::clamp<qint64>(frame - passed, 0, frame)));
}

void FramePacer::fire() {
    m_isWanted = false;
    m_sinceDue.start();
    emit due();
}

bool FramePacer::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Show && m_isWanted)
        fire();
    return QObject::eventFilter(watched, event);
}

} // namespace pprocess::widgets
