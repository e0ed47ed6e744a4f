// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/words.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace ppctl {

namespace {

bool begins_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

} // namespace

std::string decimal_text(double number, int digits) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, number);
    return text.data();
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto number = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; number >= 1024 && unit + 1 < units.size(); ++unit)
        number /= 1024;
    return decimal_text(number, unit == 0 || number >= 100 ? 0 : 1) + " " + units.at(unit);
}

std::string duration_text(double seconds) {
    constexpr double minute = 60;
    constexpr double hour = 60 * minute;
    constexpr double day = 24 * hour;
    if (seconds < 10)
        return decimal_text(std::max(seconds, 0.0), 1) + " s";
    if (seconds < 2 * minute)
        return decimal_text(seconds, 0) + " s";
    if (seconds < 2 * hour)
        return decimal_text(seconds / minute, 0) + " min";
    if (seconds < 2 * day)
        return decimal_text(seconds / hour, 0) + " h";
    return decimal_text(seconds / day, 0) + " d";
}

std::string count_text(std::uint64_t count, std::string_view one) {
    std::string text = std::to_string(count) + " " + std::string(one);
    if (count != 1)
        text += one.ends_with("s") ? "es" : "s";
    return text;
}

std::string safe_text(std::string_view text, std::size_t most) {
    std::string safe;
    std::size_t characters = 0;
    for (const char byte : text) {
        if (begins_character(byte) && ++characters > most)
            return safe + "…";
        const auto value = static_cast<unsigned char>(byte);
        safe += value < 0x20 || value == 0x7F ? ' ' : byte;
    }
    return safe;
}

std::vector<std::string> table_lines(std::vector<std::vector<std::string>> rows) {
    std::vector<std::size_t> widths;
    std::vector<bool> to_the_right;
    for (std::string& head : rows.front()) {
        to_the_right.push_back(head.ends_with(">"));
        if (to_the_right.back())
            head.pop_back();
        widths.push_back(0);
    }
    for (const auto& row : rows)
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], width_of(row[column]));
    std::vector<std::string> lines;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            const std::string space(widths[column] - width_of(row[column]), ' ');
            line += column == 0 ? "" : "  ";
            line += to_the_right[column] ? space + row[column] : row[column] + space;
        }
        while (line.ends_with(' '))
            line.pop_back();
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace ppctl
