// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pprocess::job {

/// Where the placeholders of a shell's command line begin. Each of them stands where a quoted word is one argument and
/// nothing in it is run. `columns`: the names of the inputs' columns.
///
/// Throws `JobError` for the field "command" when a placeholder stands where that cannot be promised (within quotes,
/// backquotes, `${…}`, or after `<<`), when there is none and the input is to be appended (`appends`) but cannot be,
/// and for unbalanced quotes.
std::vector<std::size_t> shell_placeholders(std::string_view command, const std::vector<std::string>& columns,
                                            bool appends);

} // namespace pprocess::job
