// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace pprocess::message {

/// One character taken from the front of a text.
struct Utf8Character {
    char32_t character = 0; ///< its code point
    std::size_t length = 0; ///< in bytes; 0: the bytes there are not valid UTF-8
};

/// The character at the front of `bytes`, which is not empty. Overlong forms, surrogates and what is beyond U+10FFFF
/// are not valid.
Utf8Character next_character(std::string_view bytes);

/// Is all of it valid UTF-8?
[[nodiscard]] bool is_utf8(std::string_view bytes);

} // namespace pprocess::message
