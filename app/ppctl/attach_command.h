// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ppctl {

/// What `ppctl attach` was asked.
struct AttachOptions {
    std::string program; ///< name or pid
    double seconds = 0;
    bool seconds_given = false;
    std::string trace; ///< file; empty: none
    bool json = false;
};

/// Describes the command to the parser, which fills `options`.
void add_attach_command(CLI::App& app, AttachOptions& options);

/// Says what happens in another program until it ends; returns the exit status.
int attach(const AttachOptions& options);

} // namespace ppctl
