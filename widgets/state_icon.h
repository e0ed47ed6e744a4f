// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>

class QPainter;
class QRectF;

namespace pprocess::widgets {

/// The signs for states. Each has a shape of its own, so that no state is told by colour alone.
enum class StateSign {
    starting,  ///< a ring
    waiting,   ///< a ring filled half
    running,   ///< a disc with a triangle
    succeeded, ///< a check mark
    failed,    ///< a cross on a disc
    cancelled, ///< a bar on a ring
};

/// Drawn, not loaded: sharp at every scale. The same object for the same sign.
const QIcon& stateIcon(StateSign sign);

void paintStateSign(QPainter& painter, const QRectF& rect, StateSign sign);

} // namespace pprocess::widgets
