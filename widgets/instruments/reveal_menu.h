// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QMenu;

namespace pprocess::widgets {

class InstrumentSelection;
struct Selected;

/// Adds "Show in", with the views in which this thing can be found: it is selected, and the view is asked for. `own` is
/// the name of the view that has the menu and is left out.
void addRevealMenu(QMenu& menu, InstrumentSelection& selection, const Selected& what, const char* own);

} // namespace pprocess::widgets
