// SPDX-License-Identifier: GPL-3.0-or-later
//
// Writes the programs that jobs are equivalent to as one source, so that they are compiled in one go: which of them is
// run is its first argument.

#include <iostream>
#include <string>

#include <pprocess/job/equivalent.h>

#include "support/equivalent_jobs.h"

int main(int argc, char** argv) {
    if (argc != 3)
        return 1;
    std::string cases;
    std::size_t number = 0;
    for (const auto& each : pprocess::tests::equivalent_jobs(argv[1], argv[2])) {
        const std::string name = "program_" + std::to_string(number);
        if (each.is_compiled) {
            std::cout << "#define main " << name << "\n" << pprocess::job::cpp_program(each.job) << "#undef main\n\n";
            cases += "    if (chosen == \"" + std::to_string(number) + "\")\n        return " + name + "();\n";
        }
        ++number;
    }
    std::cout << "int main(int argc, char** argv) {\n    const std::string chosen = argc > 1 ? argv[1] : \"\";\n"
              << cases << "    return 125;\n}\n";
}
