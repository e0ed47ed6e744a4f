// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/terminal_screen.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace ppctl {

namespace {

/// The first `columns` characters.
std::string_view cut(std::string_view line, std::size_t columns) {
    std::size_t characters = 0;
    for (std::size_t place = 0; place < line.size(); ++place) {
        const bool begins = (static_cast<unsigned char>(line[place]) & 0xC0) != 0x80;
        if (begins && ++characters > columns)
            return line.substr(0, place);
    }
    return line;
}

} // namespace

bool understands_escapes(int descriptor) {
    const char* const terminal = std::getenv("TERM");
    return ::isatty(descriptor) != 0 && terminal && *terminal != '\0' && std::string_view(terminal) != "dumb";
}

TerminalScreen::TerminalScreen() {
    has_keys_ = ::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &former_) == 0;
    if (has_keys_) {
        termios raw = former_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
    std::fputs("\033[?1049h\033[?25l", stdout); // the other screen, without a cursor
    std::fflush(stdout);
}

TerminalScreen::~TerminalScreen() {
    std::fputs("\033[?25h\033[?1049l", stdout);
    std::fflush(stdout);
    if (has_keys_)
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &former_);
}

bool TerminalScreen::take_quit() {
    std::array<char, 64> keys{};
    const ssize_t count = has_keys_ ? ::read(STDIN_FILENO, keys.data(), keys.size()) : 0;
    constexpr char end_of_input = 4;
    return std::any_of(keys.begin(), keys.begin() + std::max<ssize_t>(count, 0),
                       [](char key) { return key == 'q' || key == 'Q' || key == end_of_input; });
}

void TerminalScreen::draw(const std::vector<std::string>& lines) {
    winsize size{};
    ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    const std::size_t rows = size.ws_row > 0 ? size.ws_row : 24;
    const std::size_t columns = size.ws_col > 0 ? size.ws_col : 80;
    const std::size_t shown = lines.size() <= rows ? lines.size() : rows - 1;
    std::string text = "\033[H";
    for (std::size_t index = 0; index < shown; ++index) {
        text += index == 1 ? "\033[7m" : "";
        text += cut(lines[index], columns);
        text += "\033[K\033[0m";
        text += index + 1 < rows ? "\r\n" : "";
    }
    if (shown < lines.size())
        text += "and " + std::to_string(lines.size() - shown) + " more\033[K";
    else
        text += "\033[J";
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

} // namespace ppctl
