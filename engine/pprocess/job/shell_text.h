// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace pprocess::job {

/// Where the placeholders of a shell's command line begin. Each of them stands where a quoted word is one argument and
/// nothing in it is run.
///
/// Throws `JobError` for the field "command" when a placeholder stands where that cannot be promised (within quotes,
/// backquotes, `${…}`, or after `<<`), when there is none and nothing can be appended to the command either, and for
/// unbalanced quotes.
std::vector<std::size_t> shell_placeholders(std::string_view command);

} // namespace pprocess::job
