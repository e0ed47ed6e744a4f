// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/program_worker.h>

#include <optional>

#include <pprocess/launch/group_guard.h>
#include <pprocess/launch/program.h>

namespace pprocess::launch {

void serve_programs(Channel& channel) {
    GroupGuard guard;
    try {
        while (const auto task = channel.receive<std::optional<ProgramTask>>())
            channel.send(run_program(*task, guard));
    } catch (const ChannelClosed&) {
        // The owner has gone, or wants no more.
    }
}

} // namespace pprocess::launch
