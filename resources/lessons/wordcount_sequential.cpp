// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The words of a folder counted by one process, one file after another: what wordcount is measured by.

#include "lesson.h"
#include "wordcount.h"

#include <cstddef>
#include <exception>
#include <string>

int main(int argc, char** argv) try {
    std::size_t top = 20;
    lesson::CommandLine line("Counts the words in all files of a folder, one file after another.", "FOLDER");
    line.number("--top", "N", "print the N most frequent words (20)", top, 1, 1'000'000'000);
    const std::string folder = line.read(argc, argv, 1, 1).front();
    lesson::measure::begin();

    lesson::Counts counts;
    for (const auto& file : lesson::files_in(folder))
        lesson::for_each_word(lesson::read_text(file), [&](const std::string& word) { ++counts[word]; });

    lesson::print_counts(counts, top);
    lesson::print_time();
} catch (const std::exception& error) {
    return lesson::explain(error);
}
