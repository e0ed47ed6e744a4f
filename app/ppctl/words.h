// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ppctl {

/// "712 B", "3.4 MiB".
std::string bytes_text(std::uint64_t bytes);
/// "0.4 s", "35 s", "12 min", "3 h", "2 d".
std::string duration_text(double seconds);
/// "1 task", "7 tasks".
std::string count_text(std::uint64_t count, std::string_view one);
/// With that many digits behind the point.
std::string decimal_text(double number, int digits);
/// What came from another program, safe to print on a terminal and on one line, at most `most` characters.
std::string safe_text(std::string_view text, std::size_t most = 200);

/// The rows of a table, its heads first, in columns as wide as their widest cell. Columns whose head ends with '>'
/// stand to the right.
std::vector<std::string> table_lines(std::vector<std::vector<std::string>> rows);

} // namespace ppctl
