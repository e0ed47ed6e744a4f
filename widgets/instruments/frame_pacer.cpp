// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/frame_pacer.h>

#include <algorithm>

namespace pprocess::widgets {

FramePacer::FramePacer(QObject* parent) : QObject(parent) {
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        m_sinceDue.start();
        emit due();
    });
}

void FramePacer::request() {
    if (m_timer.isActive())
        return;
    const qint64 passed = m_sinceDue.isValid() ? m_sinceDue.elapsed() : frame;
    m_timer.start(static_cast<int>(std::clamp<qint64>(frame - passed, 0, frame)));
}

} // namespace pprocess::widgets
