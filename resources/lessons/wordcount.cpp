// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Map, shuffle, reduce: many files become many counts, and many counts become one.
//
// Map: each file is counted by itself, so all of them can be at once. Reduce: the counts of one word have to be added
// up in one place, but not those of all words in the same place. So the map puts each word on one of several piles,
// always the same pile for the same word; the shuffle brings the piles of all files together; and each process that
// reduces gets one pile whole and needs to know nothing of the others.

#include "wordcount.h"
#include "lesson.h"

#include <pprocess/pprocess.h>

#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

using lesson::Counts;

// Map: runs in one of the created processes, for one file.
std::vector<Counts> count(const std::filesystem::path& file, std::size_t pile_count) {
    std::vector<Counts> piles(pile_count);
    lesson::for_each_word(lesson::read_text(file), [&](const std::string& word) {
        const std::size_t pile = std::hash<std::string>()(word) % pile_count;
        ++piles[pile][word];
    });
    return piles;
}

// Reduce: runs in a created process of its own, for one pile of all files.
Counts add(const std::vector<Counts>& pile) {
    Counts sum;
    for (const Counts& counts : pile)
        for (const auto& [word, count] : counts)
            sum[word] += count;
    return sum;
}

} // namespace

int main(int argc, char** argv) try {
    std::size_t top = 20;
    std::size_t limit = 4;
    lesson::CommandLine line("Counts the words in all files of a folder, many files at once.", "FOLDER");
    line.number("--top", "N", "print the N most frequent words (20)", top, 1, 1'000'000'000);
    line.number("--limit", "K", "have at most K processes at once, and K piles (4)", limit, 1, 1000);
    const std::string folder = line.read(argc, argv, 1, 1).front();
    lesson::measure::begin();

    // Map. A file is soon counted, so the processes are kept for further ones.
    std::vector<std::pair<std::filesystem::path, std::size_t>> tasks;
    for (const auto& file : lesson::files_in(folder))
        tasks.emplace_back(file, limit);
    auto counted = pprocess::pmap(count, tasks, {.limit = limit, .reuse = true});

    // Shuffle, while the last files are still being counted.
    std::vector<std::vector<Counts>> piles(limit);
    for (std::vector<Counts>& of_one_file : counted)
        for (std::size_t k = 0; k < limit; ++k)
            piles[k].push_back(std::move(of_one_file[k]));

    // Reduce. No word is on two piles, so nothing is left to add up.
    Counts counts;
    for (Counts& sums : pprocess::pmap(add, std::move(piles), {.limit = limit}))
        counts.merge(sums);

    lesson::print_counts(counts, top);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
