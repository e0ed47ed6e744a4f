// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pprocess {

/// A program of this user that can be attached to (`Attachment`).
struct InspectableProgram {
    std::string name;                                ///< of its file, unless its `Inspector` was given another
    pid_t pid = 0;                                   ///< its own
    pid_t inspector_pid = 0;                         ///< of the process that reads its record and answers attachers
    std::string command_line;                        ///< its words, with a space between them
    std::chrono::system_clock::time_point started{}; ///< when it became inspectable
    bool allows_control = false;                     ///< may attachers end its tasks and processes?
    bool is_running = true;        ///< false: it has ended, and processes that were created from it live on
    std::filesystem::path address; ///< the socket to connect to
    std::filesystem::path entry;   ///< the file that says all this
};

/// Every program of this user that can be inspected, the oldest first. What dead ones have left is removed on the way.
/// Throws as `background_folder`, where they are listed.
std::vector<InspectableProgram> inspectable_programs();

/// The one with this pid or name. Throws `Error` when there is none, or several have the name: then its text lists
/// them.
InspectableProgram inspectable_program(std::string_view name_or_pid);

namespace observe {

/// Makes or replaces the entry of a program; `inspector_pid` must be this process. Sets `address` and `entry` when they
/// are empty. Throws `SystemError`.
void write_entry(InspectableProgram& program);

/// Where the socket and the entry of a program belong that this process inspects.
void choose_places(InspectableProgram& program);

} // namespace observe
} // namespace pprocess
