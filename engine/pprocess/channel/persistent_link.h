// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace pprocess {

/// What a channel to a background process knows beyond an ordinary one: its other side keeps each result until it is
/// acknowledged.
struct PersistentLink {
    std::string address; ///< for messages
    pid_t pid = 0;       ///< of the background process; 0: it will say it

    bool has_asked = false;           ///< for the results
    bool is_attached = false;         ///< it was let in
    std::uint64_t results_taken = 0;  ///< over this connection
    bool end_is_known = false;        ///< it has said how the process ended
    bool end_is_acknowledged = false; ///< and has been told that this was taken note of
    bool was_silent = false;          ///< the process ended without ever having sent anything
};

} // namespace pprocess
