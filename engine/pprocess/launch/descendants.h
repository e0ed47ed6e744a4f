// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <set>
#include <vector>

/// The orphans that a process adopts when it is the reaper of its descendants (PR_SET_CHILD_SUBREAPER).
namespace pprocess::launch {

/// The children of this process, which has one thread: its own and adopted ones, zombies included.
std::vector<pid_t> child_pids();

/// Reaps those adopted that have ended, up to the first ended child that is in `own`.
void reap_adopted(const std::set<pid_t>& own);

/// Kills every child of this process's session that is not in `spared`, and those that it adopts thereby, until none is
/// left.
void kill_children(const std::set<pid_t>& spared);

} // namespace pprocess::launch
