// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <variant>

#include <pprocess/channel/channel.h>
#include <pprocess/job/runner.h>
#include <pprocess/message/any_value.h>

namespace ppctl {

/// A job that runs in a background process sends a message for each item that has ended, and one at its end: pairs of
/// a word that tells which it is and the thing itself.
void send_item(pprocess::Channel& channel, const pprocess::job::ItemResult& result);
void send_end(pprocess::Channel& channel, const pprocess::job::Progress& progress);

/// What of it a collected value is; none when it is the value of another kind of background process.
using JobMessage = std::variant<std::monostate, pprocess::job::ItemResult, pprocess::job::Progress>;
JobMessage job_message(const pprocess::AnyValue& value);

} // namespace ppctl
