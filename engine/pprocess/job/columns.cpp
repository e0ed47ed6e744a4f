// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/columns.h>

#include <algorithm>
#include <set>

namespace pprocess::job {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::vector<std::string> split_at_blanks(std::string_view record) {
    std::vector<std::string> fields;
    constexpr std::string_view blanks = " \t";
    for (std::size_t at = record.find_first_not_of(blanks); at != std::string_view::npos;
         at = record.find_first_not_of(blanks, at)) {
        const std::size_t end = std::min(record.find_first_of(blanks, at), record.size());
        fields.emplace_back(record.substr(at, end - at));
        at = end;
    }
    return fields;
}

} // namespace

std::vector<std::string> split_record(std::string_view record, char separator) {
    if (separator == ' ')
        return split_at_blanks(record);
    std::vector<std::string> fields(1);
    for (std::size_t at = 0; at < record.size(); ++at) {
        if (record[at] == separator) {
            fields.emplace_back();
        } else if (record[at] == '"' && fields.back().empty()) {
            while (++at < record.size()) {
                if (record[at] != '"')
                    fields.back() += record[at];
                else if (at + 1 < record.size() && record[at + 1] == '"')
                    fields.back() += record[++at];
                else
                    break;
            }
        } else {
            fields.back() += record[at];
        }
    }
    return fields;
}

std::vector<std::string> split_list(std::string_view line) {
    constexpr std::string_view blanks = " \t";
    // Without the blanks before each value its quotes stand where those of a record must.
    std::string record;
    bool begins_value = true;
    bool is_quoted = false;
    for (const char c : line) {
        if (is_quoted) {
            is_quoted = c != '"'; // a doubled one opens the quotes again
            begins_value = !is_quoted;
        } else if (begins_value && blanks.find(c) != std::string_view::npos) {
            continue;
        } else {
            is_quoted = c == '"' && begins_value;
            begins_value = c == ',';
        }
        record += c;
    }
    if (record.empty())
        return {};
    std::vector<std::string> values = split_record(record, ',');
    for (std::string& value : values)
        value.erase(value.find_last_not_of(blanks) + 1);
    return values;
}

std::string join_record(const std::vector<std::string>& fields) {
    std::string record;
    for (const std::string& field : fields) {
        if (&field != &fields.front())
            record += ',';
        if (field.find_first_of(",\"\r\n") == std::string::npos) {
            record += field;
            continue;
        }
        record += '"';
        for (const char c : field)
            record.append(c == '"' ? 2 : 1, c);
        record += '"';
    }
    return record;
}

namespace {

/// Where the line end behind the first record stands; npos when there is none.
std::size_t end_of_record(std::string_view text, char separator) {
    if (separator == ' ')
        return text.find('\n');
    bool begins_field = true;
    bool is_quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (is_quoted) {
            is_quoted = c != '"'; // a doubled one opens the quotes again
            begins_field = !is_quoted;
        } else if (c == '\n') {
            return at;
        } else {
            is_quoted = c == '"' && begins_field;
            begins_field = c == separator;
        }
    }
    return std::string_view::npos;
}

} // namespace

bool take_record(std::string_view& text, char separator, bool is_all, std::string_view& record) {
    const std::size_t end = end_of_record(text, separator);
    if (end == std::string_view::npos && (!is_all || text.empty()))
        return false;
    record = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!record.empty() && record.back() == '\r')
        record.remove_suffix(1);
    return true;
}

std::vector<std::string> columns_of_record(std::string_view record, const TableInputs& table) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (table.has_header && record.starts_with(byte_order_mark))
        record.remove_prefix(byte_order_mark.size());
    std::vector<std::string> names = split_record(record, table.separator);
    if (!table.has_header) {
        for (std::size_t place = 0; place < names.size(); ++place)
            names[place] = std::to_string(place + 1);
        return names;
    }
    std::set<std::string> seen;
    for (const std::string& name : names) {
        if (!name.empty() && !seen.insert(name).second) {
            throw JobError("inputs.file", "Two columns of " + printable(table.file.native()) + " are called \"" +
                                              printable(name) + "\". Rename one, or say that there is no header.");
        }
    }
    return names;
}

bool is_column_name(std::string_view name) {
    const auto fits = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == ' ' ||
               static_cast<unsigned char>(c) >= 0x80;
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), fits) &&
           !std::all_of(name.begin(), name.end(), is_digit);
}

} // namespace pprocess::job
