// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What both word counts share: what a count is, and how it is printed.
#pragma once

#include "words.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lesson {

/// How often each word was found.
using Counts = std::map<std::string, int>;

/// Prints the `most` most frequent words, those of one frequency by the alphabet.
inline void print_counts(const Counts& counts, std::size_t most) {
    std::vector<std::pair<std::string, int>> words(counts.begin(), counts.end());
    std::ranges::stable_sort(words, [](const auto& one, const auto& other) { return one.second > other.second; });
    words.resize(std::min(words.size(), most));
    for (const auto& [word, count] : words)
        std::printf("%8d %s\n", count, word.c_str());
}

} // namespace lesson
