// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/message/utf8.h>

namespace pprocess::message {

Utf8Character next_character(std::string_view bytes) {
    const auto first = static_cast<unsigned char>(bytes.front());
    if (first < 0x80)
        return {first, 1};

    std::size_t length = 0;
    char32_t least = 0;
    char32_t character = 0;
    if ((first & 0xe0) == 0xc0) {
        length = 2;
        least = 0x80;
        character = first & 0x1f;
    } else if ((first & 0xf0) == 0xe0) {
        length = 3;
        least = 0x800;
        character = first & 0x0f;
    } else if ((first & 0xf8) == 0xf0) {
        length = 4;
        least = 0x10000;
        character = first & 0x07;
    } else {
        return {};
    }
    if (bytes.size() < length)
        return {};
    for (std::size_t index = 1; index < length; ++index) {
        const auto next = static_cast<unsigned char>(bytes[index]);
        if ((next & 0xc0) != 0x80)
            return {};
        character = (character << 6) | (next & 0x3f);
    }
    const bool is_surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < least || character > 0x10ffff || is_surrogate)
        return {};
    return {character, length};
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t length = next_character(bytes).length;
        if (length == 0)
            return false;
        bytes.remove_prefix(length);
    }
    return true;
}

} // namespace pprocess::message
