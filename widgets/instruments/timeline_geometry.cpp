// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/instruments/timeline_geometry.h>

#include <cstdlib>

namespace pprocess::widgets::timeline {

namespace {

constexpr std::int64_t microsecond = 1'000;
constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;

QString inUnit(std::int64_t time, std::int64_t step, std::int64_t unit, const QString& name) {
    int digits = 0;
    for (std::int64_t least = unit; least > step && digits < 9; least /= 10)
        ++digits;
    return QString::number(static_cast<double>(time) / static_cast<double>(unit), 'f', digits) + u' ' + name;
}

} // namespace

std::int64_t rulerStep(const Scale& scale, double apart) {
    const double least = apart * static_cast<double>(scale.length) / scale.width;
    for (std::int64_t decade = 1; decade <= second; decade *= 10) {
        for (const int factor : {1, 2, 5}) {
            if (static_cast<double>(decade * factor) >= least)
                return decade * factor;
        }
    }
    for (const std::int64_t step : {10 * second, 15 * second, 30 * second, minute, 2 * minute, 5 * minute, 10 * minute,
                                    15 * minute, 30 * minute, hour, 2 * hour, 6 * hour, 12 * hour}) {
        if (static_cast<double>(step) >= least)
            return step;
    }
    const std::int64_t day = 24 * hour;
    return day * std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(least / static_cast<double>(day))));
}

QString rulerLabel(std::int64_t time, std::int64_t step) {
    if (time == 0)
        return QStringLiteral("0");
    const std::int64_t size = std::abs(time);
    if (size >= minute && step >= second) {
        const QString sign = time < 0 ? QStringLiteral("-") : QString();
        const auto two = [](std::int64_t number) { return QStringLiteral("%1").arg(number, 2, 10, QChar(u'0')); };
        const std::int64_t seconds = size / second;
        if (size >= hour)
            return sign + QStringLiteral("%1:%2:%3").arg(seconds / 3600).arg(two(seconds / 60 % 60), two(seconds % 60));
        return sign + QStringLiteral("%1:%2").arg(seconds / 60).arg(two(seconds % 60));
    }
    if (size >= second || step >= second)
        return inUnit(time, step, second, QStringLiteral("s"));
    if (size >= millisecond || step >= millisecond)
        return inUnit(time, step, millisecond, QStringLiteral("ms"));
    return inUnit(time, step, microsecond, QStringLiteral("µs"));
}

} // namespace pprocess::widgets::timeline
