// SPDX-License-Identifier: LGPL-3.0-or-later
//
// An index of a folder's text, built by several processes while this one puts it together.
//
// Each process has a share of the files. It sends what it found in each of them as soon as it has read it, and goes on:
// continuous, one process and many results. So reading and putting together go on side by side, and this process never
// waits for a whole share. Once it stands, the index answers what words begin with, without a look at any file.

#include "lesson.h"
#include "words.h"

#include <pprocess/pprocess.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

/// What one file holds: its words, each with the number of a line in which it stands.
struct Found {
    std::string file;
    std::set<std::pair<std::string, int>> words;
};

/// All places of a word: files and lines, in order.
using Places = std::set<std::pair<std::string, int>>;
using Index = std::map<std::string, Places>;

Found words_of(const std::filesystem::path& file) {
    Found found{file.string(), {}};
    const std::string text = lesson::read_text(file);
    int number = 0;
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
        end = std::min(text.find('\n', at), text.size());
        ++number;
        lesson::for_each_word(std::string_view(text).substr(at, end - at),
                              [&](const std::string& word) { found.words.emplace(word, number); });
    }
    return found;
}

// Runs in a created process, for its share of the files.
void read_files(pprocess::Channel& channel, const std::vector<std::filesystem::path>& files) {
    for (const auto& file : files)
        channel.send(words_of(file));
}

Index build(const std::filesystem::path& folder, std::size_t limit) {
    // Dealt out like cards, so that a folder of big files is not all in one hand.
    std::vector<std::vector<std::filesystem::path>> shares(limit);
    std::size_t next = 0;
    for (const auto& file : lesson::files_in(folder))
        shares[next++ % limit].push_back(file);

    pprocess::Queue<Found> queue({.continuous = true});
    for (const auto& share : shares)
        queue.start(read_files, share);

    Index index;
    for (const Found& found : queue)
        for (const auto& [word, line] : found.words)
            index[word].emplace(found.file, line);
    return index;
}

/// Prints every line in which a word begins like this. In the index those words stand side by side.
void print_places(const Index& index, const std::string& given) {
    const std::string prefix = lesson::in_small_letters(given);
    Places places;
    for (auto entry = index.lower_bound(prefix); entry != index.end() && entry->first.starts_with(prefix); ++entry)
        places.insert(entry->second.begin(), entry->second.end());
    for (const auto& [file, line] : places)
        std::printf("%s:%d\n", file.c_str(), line);
    if (places.empty())
        std::printf("No word begins with '%s'.\n", given.c_str());
}

} // namespace

int main(int argc, char** argv) try {
    std::size_t limit = 4;
    lesson::CommandLine line("Builds an index of the words in all files of a folder, then prints file and line of each "
                             "word\nthat begins with PREFIX. Without a prefix it asks for some, one a line.",
                             "FOLDER [PREFIX...]");
    line.number("--limit", "K", "read with K processes (4)", limit, 1, 1000);
    std::vector<std::string> arguments = line.read(argc, argv, 1, 1000);
    lesson::measure::begin();

    const Index index = build(arguments.front(), limit);
    std::printf("%zu different words.\n", index.size());
    lesson::print_time();
    std::fflush(stdout);

    for (std::size_t k = 1; k < arguments.size(); ++k)
        print_places(index, arguments[k]);
    if (arguments.size() == 1) {
        std::printf("Beginning of a word: ");
        for (std::string prefix; std::fflush(stdout), std::getline(std::cin, prefix);) {
            if (!prefix.empty())
                print_places(index, prefix);
            std::printf("Beginning of a word: ");
        }
        std::printf("\n");
    }
} catch (const std::exception& error) {
    return lesson::explain(error);
}
