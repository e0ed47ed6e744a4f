// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <pprocess/channel/channel.h>
#include <pprocess/launch/program_runner.h>

namespace pprocess::launch {

/// A worker process's whole work: takes `ProgramTask`s from the channel, runs each and answers with its
/// `ProgramResult`, until an empty one comes or the channel closes.
void serve_programs(Channel& channel, ProgramRunner& runner);

} // namespace pprocess::launch
