// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/job.h>
#include <pprocess/message/utf8.h>

#include <cstdio>

namespace pprocess::job {

namespace {

/// Characters that would break the line, or reorder what stands around them (a name that reads like another).
bool is_unprintable(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0x200e || c == 0x200f ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void append_escaped(std::string& text, const char* format, unsigned value) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, format, value);
    text += buffer;
}

} // namespace

std::string printable(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto [character, length] = message::next_character(bytes);
        if (length == 0) {
            append_escaped(text, "\\x%02x", static_cast<unsigned char>(bytes.front()));
            bytes.remove_prefix(1);
            continue;
        }
        if (!is_unprintable(character)) {
            text += bytes.substr(0, length);
        } else if (character == '\n') {
            text += "\\n";
        } else if (character == '\r') {
            text += "\\r";
        } else if (character == '\t') {
            text += "\\t";
        } else if (character < 0x80) {
            append_escaped(text, "\\x%02x", character);
        } else {
            append_escaped(text, "\\u%04x", character);
        }
        bytes.remove_prefix(length);
    }
    return text;
}

} // namespace pprocess::job
