// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Processes that never finish, in queues within queues: what is written to many files, shown in one place.
//
// For each folder there is a process, which has a queue of its own with a process for each file. Each of those only
// waits for its file to grow. A line goes up: from the file's process to the folder's, from there to this one. Nobody
// has to know how many there are below, and there could be further levels.
//
// A queue can be waited for by the clock as well: store() with a time returns when something has come or the time is
// up. So silence can be noticed, and here it ends the program, and with it the processes of both levels.

#include "growing_file.h"
#include "lesson.h"

#include <pprocess/pprocess.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

// Runs in the process of a file.
void follow_file(pprocess::Channel& channel, const std::string& path) {
    lesson::GrowingFile file(path);
    channel.send("Watching " + path);
    while (const auto line = file.next_line())
        channel.send(path + ": " + *line);
    channel.send(path + " is gone.");
}

// Runs in the process of a folder.
void follow_folder(pprocess::Channel& channel, const fs::path& folder) {
    pprocess::Queue<std::string> lines({.continuous = true});
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file())
            lines.start(follow_file, entry.path().string());
    for (const std::string& line : lines)
        channel.send(line);
}

} // namespace

int main(int argc, char** argv) try {
    std::chrono::milliseconds patience{5000};
    lesson::CommandLine line("Shows each line that is added to a file in one of the folders, until nothing comes any "
                             "more.\nLooks at the files that are there when it starts.",
                             "FOLDER...");
    line.number("--patience", "MS", "end when nothing has come for MS milliseconds (5000)", patience, 1, 1'000'000'000);
    const std::vector<std::string> folders = line.read(argc, argv, 1, 1000);
    for (const std::string& folder : folders)
        if (!fs::is_directory(folder))
            lesson::refuse("'" + folder + "' is no folder.");

    pprocess::Queue<std::string> lines({.continuous = true});
    for (const std::string& folder : folders)
        lines.start(follow_folder, fs::path(folder));

    while (lines.unfinished()) {
        lines.store(patience);
        if (lines.empty() && lines.unfinished()) {
            std::printf("No input for %g s.\n", std::chrono::duration<double>(patience).count());
            return 0;
        }
        while (!lines.empty()) {
            std::printf("%s\n", lines.next()->c_str());
            std::fflush(stdout);
        }
    }
    std::printf("Nothing left to watch.\n");
} catch (const std::exception& error) {
    return lesson::explain(error);
}
