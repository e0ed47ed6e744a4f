// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>

namespace pprocess {

/// How many processors this process may use at once: its affinity mask, lowered to what a control group's CPU quota
/// allows
/// (`cpu.max` of this group and all above it, rounded up). At least 1.
[[nodiscard]] std::size_t available_cores();

/// How many physical cores the machine has (hardware threads of one core counted once). At least 1.
[[nodiscard]] std::size_t physical_cores();

} // namespace pprocess
