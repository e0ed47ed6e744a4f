// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

/// Texts of any bytes in formats that want UTF-8.
namespace pprocess::observe {

/// With the sign for something unreadable (U+FFFD) in place of each byte that is no UTF-8.
std::string valid_utf8(std::string_view text);
/// A string of JSON, quotes and all.
std::string json_string(std::string_view text);
/// A field of a CSV file, in quotes where it needs them.
std::string csv_field(std::string_view text);

} // namespace pprocess::observe
