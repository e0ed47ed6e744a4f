// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <pprocess/os/observer.h>

/// What an inspector and those who attach to it say to each other, as values over a channel.
namespace pprocess::observe {

/// Raised when anything below changes.
constexpr std::uint32_t inspection_version = 1;

/// First thing an attacher gets: the present state.
struct Present {
    std::uint32_t version = inspection_version; ///< of what follows
    bool allows_control = false;                ///< are commands that end something obeyed?
    std::vector<std::byte> snapshot;            ///< `encode(Snapshot::Parts)`
};

/// What has happened since.
struct Happened {
    std::vector<std::byte> events; ///< `encode(EventBatch)`
};

/// What became of a command.
struct Answer {
    std::uint64_t command = 0; ///< its number
    std::string refusal;       ///< why nothing was done; empty: it was done
};

/// From the inspector.
using Notice = std::variant<Present, Happened, Answer>;

/// To the inspector.
struct Command {
    /// What is to be done.
    enum class Kind : std::uint8_t {
        set_rate = 1,    ///< sample so often a second: `rate`
        end_process = 2, ///< send `signal` to `process`
        end_task = 3,    ///< send `signal` to the process that has this task of this exchange
    };
    Kind kind = Kind::set_rate; ///< what is to be done
    std::uint64_t number = 0;   ///< of this command; comes back with its answer
    double rate = 0;            ///< samples a second; 0: none
    std::int32_t process = 0;   ///< its pid
    std::uint64_t exchange = 0; ///< its id
    std::uint64_t task = 0;     ///< its index
    std::int32_t signal = 0;    ///< SIGTERM, which is followed by SIGCONT, or SIGKILL
    std::int64_t seen =
        INT64_MAX; ///< the time, ns, up to which the sender knew: a process that came later is not meant
};

/// Samples a second, until somebody asks for more or less.
constexpr double default_sample_rate = 2;

} // namespace pprocess::observe
