// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <cmath>
#include <string>

namespace ppctl {

/// `--seconds`: a number of seconds, 0 or more. Whether it was given is told too.
inline void add_seconds_option(CLI::App& command, double& seconds, bool& was_given) {
    command.add_option("--seconds", seconds, "Leave after so many seconds")
        ->check([](const std::string& text) {
            double number = 0;
            return CLI::detail::lexical_cast(text, number) && std::isfinite(number) && number >= 0
                       ? std::string()
                       : "'" + text + "' is no number of seconds from 0 on";
        })
        ->each([&was_given](const std::string&) { was_given = true; });
}

} // namespace ppctl
