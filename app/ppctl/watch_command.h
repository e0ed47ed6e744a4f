// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace CLI {
class App;
}

namespace ppctl {

/// What `ppctl watch` was asked.
struct WatchOptions {
    bool json = false;
    double seconds = 0;
    bool seconds_given = false;
};

/// Describes the command to the parser, which fills `options`.
void add_watch_command(CLI::App& app, WatchOptions& options);

/// Shows all inspectable programs and background processes of this user as they go on; returns the exit status.
int watch(const WatchOptions& options);

} // namespace ppctl
