// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pprocess::job {

/// The patterns of "*.h; *.hpp", without the blanks around them and without empty ones.
std::vector<std::string> split_patterns(std::string_view text);

} // namespace pprocess::job
