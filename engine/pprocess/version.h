// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string_view>

namespace pprocess {

/// The version of the library whose headers these are. The build checks that it is the project's.
inline constexpr std::string_view version = "0.1.0";

} // namespace pprocess
