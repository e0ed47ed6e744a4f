// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <filesystem>

/// Ending a background process, in three steps of which each needs less of its help.
namespace pprocess::workbench::background_stop {

enum class Step {
    ask,       ///< by its address: it and its group get SIGTERM, and SIGKILL after half a second
    terminate, ///< SIGTERM for the process that keeps its results, with which it ends
    kill,      ///< SIGKILL for that process
};

/// Waits until that is done. Returns what went wrong; empty: nothing. Any thread.
QString stop(const std::filesystem::path& address, Step step);

} // namespace pprocess::workbench::background_stop
