// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <termios.h>

#include <string>
#include <vector>

namespace ppctl {

/// Is it a terminal on which the cursor can be moved and lines taken off?
bool understands_escapes(int descriptor);

/// The terminal as a screen that is drawn as a whole again and again. It is left as it was found.
class TerminalScreen {
public:
    /// Takes the screen over. Standard output must be a terminal.
    TerminalScreen();
    ~TerminalScreen();
    TerminalScreen(const TerminalScreen&) = delete;
    TerminalScreen& operator=(const TerminalScreen&) = delete;

    /// Is a terminal's keyboard there to read keys from?
    [[nodiscard]] bool has_keys() const { return has_keys_; }
    /// Has a key been pressed that means: leave?
    bool take_quit();
    /// Draws these lines, as far as there is room: a screen that is too low says how many are missing. The second line
    /// is a table's head.
    void draw(const std::vector<std::string>& lines);

private:
    termios former_{};
    bool has_keys_ = false;
};

} // namespace ppctl
