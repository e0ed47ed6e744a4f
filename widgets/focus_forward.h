// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace pprocess::widgets {

/// Whoever gives the focus to `from` gives it to `to`, which is a part of it. Unlike with a focus proxy, the Tab key
/// still comes by the parts that lie before `to`.
void forwardFocus(QWidget& from, QWidget& to);

} // namespace pprocess::widgets
