// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>

#include <pprocess/job/runner.h>

namespace ppctl {

/// "5 done, 2 failed".
std::string counts_text(const pprocess::job::Progress& progress);

/// How far a job is, on standard error: a line that is drawn again and again on a terminal, a single line at the end
/// elsewhere.
class ProgressLine {
public:
    ProgressLine();

    /// Draws at most ten times a second.
    void update(const pprocess::job::Progress& progress);
    /// Takes the line off a terminal on which something else is going to be printed.
    void clear();
    void finish(const pprocess::job::Progress& progress);
    /// Seconds since it was made.
    [[nodiscard]] double elapsed() const;

private:
    using Clock = std::chrono::steady_clock;

    bool on_terminal_;
    bool shares_terminal_; ///< with standard output
    bool drawn_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_drawn_{};
};

} // namespace ppctl
