// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include <pprocess/channel/channel.h>
#include <pprocess/launch/find_launcher.h> // whose macro is evaluated in the programs that use this
#include <pprocess/os/process.h>

namespace pprocess {

/// A small single-threaded process that makes worker processes on request, for programs that must not fork themselves:
/// those with threads or a window. It is started by exec, so it shares nothing with its owner, and ends with all its
/// workers when its owner ends or destroys it.
///
/// No call waits for a process: requests are packets, and what the server answers arrives on descriptors of each
/// worker's own
/// (`os::Process::ward`). Belongs to one thread.
class ForkServer {
public:
    /// Starts the `pprocess-launcher` that belongs to this library; $PPROCESS_LAUNCHER names another. Throws
    /// `SystemError` naming the places that were tried.
    ForkServer();
    /// Starts this launcher. Throws `SystemError` when it cannot be started.
    explicit ForkServer(const std::filesystem::path& launcher);
    /// Ends the server and every worker it made.
    ~ForkServer();
    ForkServer(const ForkServer&) = delete;
    ForkServer& operator=(const ForkServer&) = delete;

    /// A new worker that runs programs: it takes `ProgramTask`s from its channel and answers each with a
    /// `ProgramResult`, until the channel closes. Throws `SystemError`: EAGAIN when too many requests are under way
    /// (ask again after one was answered), EPIPE when the server has ended.
    Channel start_program_worker();

    /// The server's own process.
    [[nodiscard]] pid_t pid() const noexcept { return server_.pid(); }
    /// Is the server alive? Learns without waiting.
    [[nodiscard]] bool is_running();

private:
    os::Process server_;
    os::Fd socket_;
};

} // namespace pprocess
