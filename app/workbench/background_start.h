// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <filesystem>
#include <functional>

/// Jobs in the background: runs of the history that go on in a background process without the window.
namespace pprocess::workbench::background_start {

/// The program that runs jobs without a window: $PPROCESS_PPCTL, beside this program, or in $PATH; empty: not found.
QString findPpctl();

/// Has ppctl go on with the run in this folder, in a background process; nobody may hold the run. Calls `done` when
/// that process is there, with its address, or with what went wrong. `context` must live until then, and gives up
/// waiting (not the process) when it does not.
void start(const std::filesystem::path& runFolder, QObject* context,
           std::function<void(const std::filesystem::path& address, const QString& problem)> done);

/// The inspectable program by which a run that was started so can be watched: its pid; 0: none is known.
qint64 programOf(const std::filesystem::path& runFolder);

} // namespace pprocess::workbench::background_start
