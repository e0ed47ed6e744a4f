// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include <pprocess/launch/task_library.h>

namespace pprocess::launch {

/// A request to a fork server: one packet that holds this and, after it, a text. There is no answer but the reports
/// (`os::Report`) and what workers send.
struct ServerRequest {
    /// What is asked for.
    enum Kind : std::int32_t {
        // A worker. Two descriptors come beside the packet: the worker's end of its channel, and the end on which the
        // server reports how that worker fares.
        program_worker = 1, ///< runs programs
        task = 2,           ///< answers one set of arguments for the task that the text names
        reusable_task = 3,  ///< the same until an empty set comes
        descriptions = 4,   ///< sends a `std::vector<TaskDescription>` and ends
        // No worker.
        library = 5,  ///< text: a path. One descriptor: the socket on which requests to that library will come.
        farewell = 6, ///< the owner is about to close the socket of its own will
        observe = 7,  ///< a descriptor for each place where the server's processes are to be observed (`Observer`)
    };
    Kind kind;                 ///< what is asked for
    std::uint64_t channel = 0; ///< of a worker: the id of its channel
};

/// The longest text of a request: a path with room to spare.
constexpr std::size_t most_request_text = 8192;

/// A fork server's whole life: makes workers until `requests` (a SOCK_SEQPACKET socket) is closed on the other side or
/// the process `owner` ends (0: not watched), then ends them and all that they left behind, and returns. `tasks` are
/// those that requests on this socket mean.
///
/// The process becomes the reaper of its orphaned descendants, so that none of them gets away; one that has made itself
/// a session of its own may.
void serve_requests(int requests, pid_t owner, const ServedTasks& tasks);

} // namespace pprocess::launch
