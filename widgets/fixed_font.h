// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>

namespace pprocess::widgets {

/// The system's fixed-width font in the size of another font.
QFont fixedFont(const QFont& like);

} // namespace pprocess::widgets
