// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

namespace pprocess::os {

/// The monotonic clock that all deadlines are on.
using Clock = std::chrono::steady_clock;

/// A point in monotonic time by which a wait must end, or never. Waits that signals interrupt go on until it.
class Deadline {
public:
    /// No end.
    Deadline() = default;
    /// At this point.
    explicit Deadline(Clock::time_point at) : at_(at) {}

    /// So long from now; more than 30 years is never.
    template <typename Rep, typename Period>
    static Deadline after(std::chrono::duration<Rep, Period> duration) {
        // A caller's "for ever" (duration::max) must not overflow the clock.
        const auto seconds = std::chrono::duration<double>(duration).count();
        if (seconds > 1e9)
            return Deadline();
        return Deadline(Clock::now() + std::chrono::duration_cast<Clock::duration>(duration));
    }

    /// Is there an end?
    [[nodiscard]] bool is_set() const noexcept { return at_.has_value(); }
    /// When; throws `std::bad_optional_access` for never.
    [[nodiscard]] Clock::time_point at() const { return at_.value(); }
    /// Is it over?
    [[nodiscard]] bool has_passed() const { return at_ && Clock::now() >= *at_; }

    /// Milliseconds left for poll and epoll_wait, rounded up; -1 for no end, never below 0.
    [[nodiscard]] int milliseconds_left() const {
        if (!at_)
            return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*at_ - Clock::now()).count();
        if (left <= 0)
            return 0;
        constexpr long long most = 1'000'000'000;
        return static_cast<int>(left < most ? left : most);
    }

private:
    std::optional<Clock::time_point> at_;
};

} // namespace pprocess::os
