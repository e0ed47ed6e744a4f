// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

namespace pprocess::widgets {

/// The recent rate of a count that only grows, and what it says of the time left. Pure; takes the clock's readings as
/// they come.
class RateEstimator {
public:
    using Clock = std::chrono::steady_clock;

    explicit RateEstimator(std::chrono::milliseconds window = std::chrono::seconds(3)) : m_window(window) {}

    void clear() { m_samples.clear(); }
    void add(Clock::time_point at, std::size_t count);

    /// Per second over the window; 0 before there are two readings.
    [[nodiscard]] double rate() const;
    /// Unknown while nothing moves or too little was seen to say.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> remaining(std::size_t left) const;

private:
    struct Sample {
        Clock::time_point at;
        std::size_t count;
    };

    std::chrono::milliseconds m_window;
    std::deque<Sample> m_samples;
};

} // namespace pprocess::widgets
