// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Break it: a task throws.
//
// The exception cannot leave its process, but what it said can: it comes back as RemoteError, with its type and text,
// where the loop reaches that element. The loop can go on behind it. Such a task is not tried again: the same function
// would throw the same once more.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <cstddef>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace {

int parse(const std::string& text) {
    return std::stoi(text); // throws for what is no number
}

} // namespace

int main(int argc, char** argv) try {
    lesson::CommandLine line("Reads the numbers in some texts, of which not all are numbers.", "[TEXT...]");
    std::vector<std::string> texts = line.read(argc, argv, 0, 1000);
    if (texts.empty())
        texts = {"1", "22", "three", "4444", "99999999999"};

    auto numbers = pprocess::pmap(parse, texts, {.limit = 2});
    for (std::size_t k = 0; k < numbers.size(); ++k) {
        try {
            std::printf("'%s' is %d.\n", texts[k].c_str(), numbers[k]);
        } catch (const pprocess::RemoteError& error) {
            std::printf("'%s' failed: %s, which said '%s'.\n", texts[k].c_str(), error.type_name().c_str(),
                        error.what());
        }
    }
} catch (const std::exception& error) {
    return lesson::explain(error);
}
