// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/launch/program_worker.h>

#include <optional>
#include <string>
#include <vector>

#include <pprocess/launch/program.h>

namespace pprocess::launch {

namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words)
        line += (line.empty() ? "" : " ") + word;
    return line;
}

} // namespace

void serve_programs(Channel& channel, ProgramRunner& runner) {
    try {
        while (const auto task = channel.receive<std::optional<ProgramTask>>()) {
            channel.tell_task_started(os::observer() ? joined(task->arguments) : std::string());
            const OutputListener listener = [&channel](std::string_view lines) {
                ProgramResult part;
                part.is_part = true;
                part.output = lines;
                channel.send(part);
            };
            const ProgramResult result = runner.run(*task, task->as_written ? listener : OutputListener());
            channel.tell_task_returned();
            channel.send(result);
        }
    } catch (const ChannelClosed&) {
        // The owner has gone, or wants no more.
    }
}

} // namespace pprocess::launch
