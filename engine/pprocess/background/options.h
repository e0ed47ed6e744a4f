// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <pprocess/message/limits.h>

namespace pprocess {

/// How a background process is started.
struct BackgroundOptions {
    /// Under which name the directory lists it; empty: the file name of its address.
    std::string name = {};
    /// Standard output and error go to a file beside the address, called as that with ".log" behind it, to which is
    /// added; it is removed at the end if nothing was ever written. Off: they go nowhere.
    bool log = true;
    /// How long a result is kept that nobody collects, from the end of the process on; unset: until it is collected.
    std::optional<std::chrono::milliseconds> time_to_live = std::nullopt;
    /// Bytes of results kept before they are collected; a process that sends more is held back. One result may be
    /// larger.
    std::uint64_t most_kept = std::uint64_t{64} << 20;
};

/// How a background process is connected to.
struct ConnectOptions {
    /// Bytes that one message may claim to have: more is a `ProtocolError`.
    std::uint64_t largest_message = message::largest_from_stranger;
    /// How long the process may take to answer. A sound one answers at once, whatever its function does.
    std::chrono::milliseconds patience = std::chrono::seconds(10);
};

} // namespace pprocess
