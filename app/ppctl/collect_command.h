// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ppctl {

/// What `ppctl collect` was asked.
struct CollectOptions {
    std::string address; ///< of a background process
    bool json = false;
};

/// Describes the command to the parser, which fills `options`.
void add_collect_command(CLI::App& app, CollectOptions& options);

/// Prints every result of a background process until its end; returns the exit status. Throws `UsageError` when
/// nothing is there.
int collect(const CollectOptions& options);

} // namespace ppctl
