// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QString>

#include <pprocess/observe/snapshot.h>

class QPainter;
class QRectF;

namespace pprocess::widgets {

struct Colors;

/// A sign of the state's colour with a shape of its own, so that no state is told by colour alone.
void paintProcessState(QPainter& painter, const QRectF& rect, observe::ProcessState state, const Colors& colors);

/// The same as an icon, in hues that stand out from a light and a dark ground alike. The same object for the same
/// state.
const QIcon& processStateIcon(observe::ProcessState state);

/// What the state means, in a sentence.
QString stateExplanation(observe::ProcessState state);

} // namespace pprocess::widgets
