// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace CLI {
class App;
}

namespace ppctl {

/// What `ppctl list` was asked.
struct ListOptions {
    bool json = false;
    bool runs = false; ///< those of the history instead
};

/// Describes the command to the parser, which fills `options`.
void add_list_command(CLI::App& app, ListOptions& options);

/// Lists the background processes and inspectable programs of this user; returns the exit status.
int list(const ListOptions& options);

} // namespace ppctl
