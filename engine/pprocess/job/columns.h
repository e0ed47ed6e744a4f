// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pprocess/job/job.h>

namespace pprocess::job {

/// The fields of one record of a table; `separator` as in `TableInputs`. Quotes that are never closed end with the
/// record.
std::vector<std::string> split_record(std::string_view record, char separator);

/// Values that a person has typed in one line, with commas between them: as a record of CSV, but blanks around a value
/// do not count. None for a line of blanks.
std::vector<std::string> split_list(std::string_view line);

/// The fields as one record of CSV with commas, in quotes where they need it.
std::string join_record(const std::vector<std::string>& fields);

/// Takes the first record off `text` and returns it, without its line end; it may span lines within quotes. False, and
/// nothing changed, when `text` holds no whole record and `is_all` says that more may come.
bool take_record(std::string_view& text, char separator, bool is_all, std::string_view& record);

/// The columns that a table's first record names, or numbers. Throws `JobError` for a name that stands twice.
std::vector<std::string> columns_of_record(std::string_view record, const TableInputs& table);

/// Can a column be addressed by this name in a placeholder? Letters, digits, blanks, `_`, `-` and any byte outside of
/// ASCII, and not a number alone.
bool is_column_name(std::string_view name);

} // namespace pprocess::job
