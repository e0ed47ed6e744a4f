// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/page.h>

namespace pprocess::workbench {

class InstrumentBoard;

/// The status line of a page that shows a board: the source and its state, what has been recorded, and what is missing.
[[nodiscard]] QList<Page::Status> instrumentStatus(InstrumentBoard& board);

} // namespace pprocess::workbench
