// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/rate_estimator.h>

namespace pprocess::widgets {

void RateEstimator::add(Clock::time_point at, std::size_t count) {
    m_samples.push_back({at, count});
    // One reading from before the window stays, so that the window is always covered whole.
    while (m_samples.size() > 2 && at - m_samples[1].at >= m_window) {
        m_samples.pop_front();
    }
}

double RateEstimator::rate() const {
    if (m_samples.size() < 2) {
        return 0;
    }
    const double seconds = std::chrono::duration<double>(m_samples.back().at - m_samples.front().at).count();
    const auto more = m_samples.back().count - m_samples.front().count;
    return seconds > 0 ? static_cast<double>(more) / seconds : 0;
}

std::optional<std::chrono::nanoseconds> RateEstimator::remaining(std::size_t left) const {
    if (left == 0) {
        return std::chrono::nanoseconds{};
    }
    const double perSecond = rate();
    // From less than a quarter second a rate is mostly start-up.
    if (perSecond <= 0 || m_samples.back().at - m_samples.front().at < std::chrono::milliseconds(250)) {
        return {};
    }
    const double seconds = static_cast<double>(left) / perSecond;
    if (seconds > 1e8) {
        return {};
    }
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
}

} // namespace pprocess::widgets
