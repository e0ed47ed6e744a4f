// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <variant>

#include <pprocess/channel/channel.h>
#include <pprocess/job/runner.h>
#include <pprocess/message/any_value.h>

namespace pprocess::job {

// A job that runs in a background process sends a message for each item that has ended, and one at its end: pairs of a
// word that tells which it is and the thing itself (docs/job-files.md).

/// Sends the result of an item. Throws as `Channel::send`.
void send_item(Channel& channel, const ItemResult& result);
/// Sends the counts at the job's end. Throws as `Channel::send`.
void send_end(Channel& channel, const Progress& progress);

/// What of it a collected value is; none when it is the value of another kind of background process.
using JobMessage = std::variant<std::monostate, ItemResult, Progress>;
/// Takes a collected value apart. Throws `TypeMismatch` for one that begins like such a message and is none.
JobMessage job_message(const AnyValue& value);

} // namespace pprocess::job
