// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/instrument_source.h>

namespace pprocess::widgets {

void InstrumentSource::endProcess(std::uint64_t, Step) {
    emit controlAnswered(controlText());
}

} // namespace pprocess::widgets
