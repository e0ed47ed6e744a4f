// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>

#include <pprocess/job/runner.h>

namespace ppctl {

/// "5 done, 2 failed".
std::string counts_text(const pprocess::job::Progress& progress);

/// How far a job is, on standard error: a line that is drawn again and again on a terminal, a single line at the end
/// elsewhere. A terminal that understands no escape sequences (TERM=dumb) counts as none.
class ProgressLine {
public:
    ProgressLine();

    /// Draws at most ten times a second.
    void update(const pprocess::job::Progress& progress);
    /// Takes the line off a terminal on which something else is going to be printed: on standard output, and with
    /// `has_words` on standard error.
    void clear(bool has_words);
    /// What was printed last: where it ends within a line the next line of progress does not overwrite it.
    void text_ends(bool at_line_end) { text_ends_line_ = at_line_end; }
    void finish(const pprocess::job::Progress& progress);
    /// Seconds since it was made.
    [[nodiscard]] double elapsed() const;

private:
    void begin_line();
    void draw(const std::string& text);

    using Clock = std::chrono::steady_clock;

    bool on_terminal_;
    bool shares_terminal_; ///< of any kind, with standard output
    bool drawn_ = false;
    bool text_ends_line_ = true;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_drawn_{};
};

} // namespace ppctl
