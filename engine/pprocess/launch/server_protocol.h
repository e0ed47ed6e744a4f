// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstdint>

namespace pprocess::launch {

/// A request to a fork server: one packet, with two descriptors beside it: the worker's end of its channel and the end
/// on which the server reports (`os::Report`) how that worker fares. There is no answer but those reports.
struct ServerRequest {
    /// What is asked for.
    enum Kind : std::int32_t { program_worker = 1 };
    Kind kind; ///< what is asked for
};

/// The fork server's whole life: makes workers until `requests` (a SOCK_SEQPACKET socket) is closed on the other side,
/// then ends them and returns.
void serve_requests(int requests);

} // namespace pprocess::launch
