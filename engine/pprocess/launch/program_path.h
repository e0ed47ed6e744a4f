// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>

namespace pprocess {

/// The file that is started for a program's name, or why none can be.
struct ProgramPath {
    /// Relative only where the name or the entry of PATH is: to the folder that the program runs in then. Empty with an
    /// error.
    std::string path;
    /// The errno and the words for a person; 0 and empty when the program was found.
    int error = 0;
    /// Says to a person why none can be started; empty when the program was found.
    std::string message;
};

/// Finds the file that `run_program` starts for `program`: looked up in PATH unless the name holds a slash.
/// `working_folder` is where it will run; empty: the caller's own. The rights are those of the calling thread.
ProgramPath find_program(const std::string& program, const std::string& working_folder);

} // namespace pprocess
