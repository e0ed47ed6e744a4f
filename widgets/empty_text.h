// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QString;
class QWidget;

namespace pprocess::widgets {

/// Writes into the middle of a widget why there is nothing to see: a line in bold, and advice below when there is room.
/// For the widget's own paint event.
void paintEmptyText(QWidget& widget, const QString& title, const QString& advice);

} // namespace pprocess::widgets
