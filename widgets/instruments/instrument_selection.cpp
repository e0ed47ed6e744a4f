// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/instrument_selection.h>

namespace pprocess::widgets {

void InstrumentSelection::select(const Selected& selected) {
    if (m_current == selected)
        return;
    m_current = selected;
    emit changed();
}

} // namespace pprocess::widgets
