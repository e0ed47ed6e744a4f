// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <array>

#include <pprocess/os/observer.h>

class QPainter;
class QRectF;

namespace pprocess::widgets {

struct Colors;

/// The kinds that have a sign on the timeline, in the order of a process's life.
inline constexpr std::array marksInOrder{
    EventKind::process_created, EventKind::process_running, EventKind::process_stopped, EventKind::process_signalled,
    EventKind::task_retried,    EventKind::task_timed_out,  EventKind::task_finished,   EventKind::process_ended,
};

/// The sign of a moment. Each kind has a shape of its own.
void paintMark(QPainter& painter, const QRectF& rect, EventKind kind, bool isFailure, const Colors& colors);
/// "Created", "Ready", "Signalled", …; of an ending, whether it was one that should not have been.
QString markText(EventKind kind, bool isFailure);

} // namespace pprocess::widgets
