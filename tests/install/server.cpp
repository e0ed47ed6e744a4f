// SPDX-License-Identifier: GPL-3.0-or-later
//
// Finds the installed launcher wherever this program and the prefix are.

#include <pprocess/launch/fork_server.h>
#include <pprocess/launch/program.h>

#include "check.h"

int main() {
    pprocess::ForkServer server;
    pprocess::Channel worker = server.start_program_worker();
    worker.send(pprocess::ProgramTask{.arguments = {"echo", "done"}});
    const auto result = worker.receive<pprocess::ProgramResult>();
    CHECK(result.success() && result.output == "done\n");
}
