// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pprocess {

/// What a background process is at.
enum class BackgroundState {
    working,            ///< its function runs and nobody is attached
    result_waiting,     ///< there is something to collect
    collector_attached, ///< somebody is collecting
    died,               ///< it was killed or failed, and nobody has been told yet
    gone,               ///< nothing is left of it but its entry: it was ended by force, with whatever it kept
};

/// "working", "result waiting", "collector attached", "died", "gone".
std::string_view to_string(BackgroundState state);

/// A background process of this user.
struct BackgroundProcess {
    std::string name;                                 ///< from its options, or the file name of its address
    std::filesystem::path address;                    ///< absolute
    pid_t pid = 0;                                    ///< the process that runs the function
    pid_t keeper_pid = 0;                             ///< the process that keeps its results
    std::chrono::system_clock::time_point started{};  ///< when it was started
    BackgroundState state = BackgroundState::working; ///< at the moment of asking
    std::filesystem::path log;                        ///< empty when its output goes nowhere
    std::filesystem::path entry;                      ///< the file that says all this
};

/// Where this user's background processes are listed: `$XDG_RUNTIME_DIR/pprocess`. Where that variable names no folder
/// of this user that others cannot write to, /run/user/UID, and where there is none either, a folder for this user
/// under the one for temporary files. It is made, for its owner alone, when it is missing. Throws `SystemError` when it
/// cannot be, or when something else stands in its place, such as a folder of another user.
std::filesystem::path background_folder();

/// Every background process of this user, the oldest first. Those that are gone are among them until
/// `remove_entries_of_the_gone`. Throws as `background_folder`.
std::vector<BackgroundProcess> background_processes();

/// Removes the entries of processes that are gone and their addresses; returns how many.
std::size_t remove_entries_of_the_gone();

namespace background {

/// The entry of one background process, written by the one who keeps its results.
class Entry {
public:
    Entry() = default;
    /// Describes a process without writing anything. Throws as `background_folder`.
    explicit Entry(BackgroundProcess process);

    /// Makes or replaces the entry. Others see the old one or the new one, never a part.
    void write(BackgroundState state);
    /// Removes it, if it is there.
    void remove() noexcept;

    /// What it says.
    [[nodiscard]] const BackgroundProcess& process() const noexcept { return process_; }

private:
    BackgroundProcess process_;
};

/// When a process was started, in clock ticks since the system's start; 0 when there is no such process or it has
/// ended. Together with the pid it names one process for good (proc_pid_stat(5), field 22).
unsigned long long start_ticks(pid_t pid);

} // namespace background
} // namespace pprocess
