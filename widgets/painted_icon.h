// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>

#include <functional>

class QPainter;
class QRectF;

namespace pprocess::widgets {

/// An icon that `paint` draws, sharp at every size and scale. A mode such as "disabled" looks the same.
QIcon paintedIcon(std::function<void(QPainter& painter, const QRectF& rect)> paint);

} // namespace pprocess::widgets
