// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/activity_density.h>

#include <algorithm>

namespace pprocess::widgets {

std::size_t ActivityDensity::reach(std::int64_t time) {
    if (m_buckets.empty()) {
        m_begin = time;
        m_buckets.emplace_back();
    }
    // What is told late may have begun before all that was told.
    if (time < m_begin) {
        const std::int64_t missing = (m_begin - time + m_step - 1) / m_step;
        if (missing <= static_cast<std::int64_t>(mostBuckets)) {
            m_buckets.insert(m_buckets.begin(), static_cast<std::size_t>(missing), {});
            m_begin -= missing * m_step;
        } else {
            time = m_begin;
        }
    }
    const auto halve = [this] {
        for (std::size_t at = 0; at < m_buckets.size(); at += 2) {
            Bucket sum = m_buckets[at];
            if (at + 1 < m_buckets.size()) {
                sum.busy += m_buckets[at + 1].busy;
                sum.failures += m_buckets[at + 1].failures;
            }
            m_buckets[at / 2] = sum;
        }
        m_buckets.resize((m_buckets.size() + 1) / 2);
        m_step *= 2;
    };
    while (m_buckets.size() > mostBuckets || (time - m_begin) / m_step >= static_cast<std::int64_t>(mostBuckets))
        halve();
    const auto at = static_cast<std::size_t>((time - m_begin) / m_step);
    if (at >= m_buckets.size())
        m_buckets.resize(at + 1);
    return at;
}

void ActivityDensity::addBusy(std::int64_t begin, std::int64_t end) {
    if (end <= begin)
        return;
    // Reaching one end may change the places of the buckets, so the first is looked up last.
    reach(begin);
    const std::size_t last = reach(end - 1);
    const std::size_t first = reach(begin);
    begin = std::max(begin, m_begin);
    for (std::size_t at = first; at <= last; ++at) {
        const std::int64_t left = m_begin + static_cast<std::int64_t>(at) * m_step;
        m_buckets[at].busy += static_cast<double>(std::min(end, left + m_step) - std::max(begin, left));
    }
}

void ActivityDensity::addFailure(std::int64_t time) {
    ++m_buckets[reach(time)].failures;
}

} // namespace pprocess::widgets
