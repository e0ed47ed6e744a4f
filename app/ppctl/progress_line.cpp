// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/progress_line.h>

#include <unistd.h>

#include <array>
#include <cstdio>

namespace ppctl {

using pprocess::job::Progress;

namespace {

std::string bar(const Progress& progress) {
    constexpr std::size_t width = 24;
    const std::size_t filled = progress.total == 0 ? width : progress.ended() * width / progress.total;
    return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]";
}

std::string decimal(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
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
    : on_terminal_(::isatty(STDERR_FILENO) != 0),
      shares_terminal_(::isatty(STDOUT_FILENO) != 0) {}

double ProgressLine::elapsed() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
}

void ProgressLine::update(const Progress& progress) {
    if (!on_terminal_ || Clock::now() - last_drawn_ < std::chrono::milliseconds(100))
        return;
    last_drawn_ = Clock::now();
    drawn_ = true;
    const double rate = static_cast<double>(progress.ended()) / elapsed();
    if (!progress.is_total_known) { // more is to be read
        std::fprintf(stderr, "\r\033[K%zu done: %s, %zu running, %.0f a second", progress.ended(),
                     counts_text(progress).c_str(), progress.running, rate);
        return;
    }
    const std::string left =
        rate > 0 ? decimal(static_cast<double>(progress.total - progress.ended()) / rate) + " s left" : "";
    std::fprintf(stderr, "\r\033[K%s %zu of %zu: %s, %zu running, %.0f a second, %s", bar(progress).c_str(),
                 progress.ended(), progress.total, counts_text(progress).c_str(), progress.running, rate, left.c_str());
}

void ProgressLine::clear() {
    if (!drawn_ || !shares_terminal_)
        return;
    drawn_ = false;
    std::fputs("\r\033[K", stderr);
}

void ProgressLine::finish(const Progress& progress) {
    if (on_terminal_)
        std::fputs("\r\033[K", stderr);
    std::fprintf(stderr, "%zu %s in %s s: %s\n", progress.total, progress.total == 1 ? "item" : "items",
                 decimal(elapsed()).c_str(), counts_text(progress).c_str());
}

} // namespace ppctl
