// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/progress_line.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include <app/ppctl/json_lines.h>
#include <app/ppctl/terminal_screen.h>
#include <app/ppctl/words.h>

namespace ppctl {

using pprocess::job::Progress;

namespace {

std::string bar(const Progress& progress) {
    constexpr std::size_t width = 24;
    const std::size_t filled = progress.total == 0 ? width : progress.ended() * width / progress.total;
    return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]";
}

} // namespace

std::string counts_text(const Progress& progress) {
    std::string text = std::to_string(progress.succeeded) + " ok";
    if (progress.failed > 0)
        text += ", " + std::to_string(progress.failed) + " failed";
    if (progress.cancelled > 0)
        text += ", " + std::to_string(progress.cancelled) + " stopped";
    return text;
}

ProgressLine::ProgressLine()
    : on_terminal_(understands_escapes(STDERR_FILENO)),
      shares_terminal_(::isatty(STDOUT_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0) {}

double ProgressLine::elapsed() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
}

void ProgressLine::update(const Progress& progress) {
    if (!on_terminal_ || Clock::now() - last_drawn_ < std::chrono::milliseconds(100))
        return;
    last_drawn_ = Clock::now();
    const double rate = static_cast<double>(progress.ended()) / elapsed();
    if (!progress.is_total_known) { // more is to be read
        draw(std::to_string(progress.ended()) + " done: " + counts_text(progress) + ", " +
             std::to_string(progress.running) + " running, " + decimal_text(rate, 0) + " a second");
        return;
    }
    const std::string left =
        rate > 0 ? ", " + duration_text(static_cast<double>(progress.total - progress.ended()) / rate) + " left" : "";
    draw(bar(progress) + " " + std::to_string(progress.ended()) + " of " + std::to_string(progress.total) + ": " +
         counts_text(progress) + ", " + std::to_string(progress.running) + " running, " + decimal_text(rate, 0) +
         " a second" + left);
}

/// One that is longer than the terminal is wide would go on in the next row and could not be taken off again.
void ProgressLine::draw(const std::string& text) {
    begin_line();
    winsize size{};
    ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
    const std::size_t columns = size.ws_col > 0 ? size.ws_col : 80;
    std::string shown = text;
    if (const std::size_t end = text.find(']'); text.starts_with('[') && text.size() >= columns)
        shown = text.substr(end + 2); // the numbers say more than the bar
    std::fprintf(stderr, "\r\033[K%s", shown.substr(0, columns - 1).c_str());
    drawn_ = true;
}

void ProgressLine::begin_line() {
    if (text_ends_line_ || !shares_terminal_)
        return;
    flush_output();
    std::fputs("\n", stderr);
    text_ends_line_ = true;
}

void ProgressLine::clear(bool has_words) {
    if (!drawn_ || !(shares_terminal_ || has_words))
        return;
    drawn_ = false;
    std::fputs("\r\033[K", stderr);
}

void ProgressLine::finish(const Progress& progress) {
    begin_line();
    if (on_terminal_)
        std::fputs("\r\033[K", stderr);
    std::fprintf(stderr, "%zu %s in %s s: %s\n", progress.total, progress.total == 1 ? "item" : "items",
                 decimal_text(elapsed(), 1).c_str(), counts_text(progress).c_str());
}

} // namespace ppctl
