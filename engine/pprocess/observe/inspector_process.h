// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

namespace pprocess::observe {

/// The word by which `pprocess-launcher` is told to inspect its creator instead of making workers.
constexpr const char* inspect_word = "inspect";

/// The inspector process of a program: reads what the program records, keeps the present state, and tells both to
/// whoever attaches. For `pprocess-launcher`, whose arguments these are: "inspect", the pid of its creator, "control"
/// or "read-only", and the program's name. Standard input is the record, descriptor 3 the socket over which the creator
/// waits to hear that it can be attached to.
///
/// Returns soon in the process that was started; a process created from it goes on until the program and all that is
/// observed with it have ended.
int inspect_creator(int argc, char** argv);

} // namespace pprocess::observe
