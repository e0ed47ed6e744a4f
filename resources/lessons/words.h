// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What the lessons about folders of text share: which files there are, what stands in them, and what a word is.
#pragma once

#include "command_line.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace lesson {

/// The files in a folder and in those below it, in the order of their names.
inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    namespace fs = std::filesystem;
    if (!fs::is_directory(folder))
        refuse("'" + folder.string() + "' is no folder.");
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// What stands in a file; nothing in one that is no text.
inline std::string read_text(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw std::system_error(errno, std::generic_category(), "cannot read " + file.string());
    std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    const bool is_text = text.find('\0') == std::string::npos;
    return is_text ? text : std::string();
}

/// Is it part of a word? Letters, digits and the underscore are, and every byte of a letter beyond ASCII.
inline bool is_in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// The same in small letters.
inline std::string in_small_letters(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return result;
}

/// Calls `visit(word)` for each word, in small letters.
template <typename Visit>
void for_each_word(std::string_view text, Visit visit) {
    for (auto at = text.begin();;) {
        const auto begin = std::find_if(at, text.end(), is_in_word);
        if (begin == text.end())
            return;
        at = std::find_if_not(begin, text.end(), is_in_word);
        visit(in_small_letters({begin, at}));
    }
}

} // namespace lesson
