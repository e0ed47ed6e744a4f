// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <widgets/instruments/lane_entries.h>
#include <widgets/instruments/summary_pyramid.h>

namespace pprocess::widgets {

/// How many states an activity can be in: any but those of the ended.
constexpr std::size_t activityStates = static_cast<std::size_t>(observe::ProcessState::succeeded);

/// The time that activities took up, by what they were. One is counted as a ns longer than it was, so that what took no
/// time at all is seen where nothing else is.
struct ActivityShares {
    std::array<std::int64_t, activityStates> time{};       ///< of each state
    std::array<std::int64_t, activityStates> longest{};    ///< activity of each state
    std::array<std::uint32_t, activityStates> longestAt{}; ///< index of that activity
    std::uint32_t failedAt = 0;                            ///< index of the first that failed
    bool hasFailed = false;

    void add(const Activity& activity, std::int64_t duration, std::uint32_t index) {
        const auto state = static_cast<std::size_t>(activity.state);
        time[state] += duration + 1;
        if (duration + 1 > longest[state]) {
            longest[state] = duration + 1;
            longestAt[state] = index;
        }
        if (!hasFailed && isFailed(activity)) {
            hasFailed = true;
            failedAt = index;
        }
    }
    /// Of later activities, whose indices here are that much less.
    void add(const ActivityShares& later, std::uint32_t less = 0) {
        for (std::size_t state = 0; state < activityStates; ++state) {
            time[state] += later.time[state];
            if (later.longest[state] > longest[state]) {
                longest[state] = later.longest[state];
                longestAt[state] = later.longestAt[state] - less;
            }
        }
        if (!hasFailed && later.hasFailed) {
            hasFailed = true;
            failedAt = later.failedAt - less;
        }
    }
};

/// Of activities in a row, none of which still lasts.
struct ActivitySummary {
    std::int64_t begin = INT64_MAX; ///< ns, of the first
    std::int64_t lastBegin = 0;     ///< ns, of the last
    std::int64_t end = INT64_MIN;   ///< ns
    std::uint64_t leastTask = Event::unknown;
    std::uint64_t mostTask = 0; ///< of those with a task
    ActivityShares shares;

    void add(const Activity& activity, std::size_t index) {
        begin = std::min(begin, activity.begin);
        lastBegin = activity.begin;
        end = std::max(end, activity.end);
        if (activity.task != Event::unknown) {
            leastTask = std::min(leastTask, activity.task);
            mostTask = std::max(mostTask, activity.task);
        }
        shares.add(activity, activity.end - activity.begin, static_cast<std::uint32_t>(index));
    }
    void add(const ActivitySummary& later) {
        begin = std::min(begin, later.begin);
        lastBegin = later.lastBegin;
        end = std::max(end, later.end);
        leastTask = std::min(leastTask, later.leastTask);
        mostTask = std::max(mostTask, later.mostTask);
        shares.add(later.shares);
    }
};

/// Of marks in a row.
struct MarkSummary {
    int gravest = -1;        ///< gravity
    std::uint32_t index = 0; ///< of the first that is as grave

    void add(const Mark& mark, std::size_t at) {
        if (gravity(mark) > gravest) {
            gravest = gravity(mark);
            index = static_cast<std::uint32_t>(at);
        }
    }
    void add(const MarkSummary& later) {
        if (later.gravest > gravest)
            *this = later;
    }
};

/// Of levels in a row: the least and the greatest of each figure.
struct LevelSummary {
    Level least{.queued = UINT32_MAX, .running = UINT32_MAX};
    Level most;

    void add(const Level& level, std::size_t) { add({level, level}); }
    void add(const LevelSummary& later) {
        least.queued = std::min(least.queued, later.least.queued);
        least.running = std::min(least.running, later.least.running);
        most.queued = std::max(most.queued, later.most.queued);
        most.running = std::max(most.running, later.most.running);
        most.time = later.most.time;
    }
};

using ActivitySummaries = SummaryPyramid<ActivitySummary>;
using MarkSummaries = SummaryPyramid<MarkSummary>;
using LevelSummaries = SummaryPyramid<LevelSummary>;

} // namespace pprocess::widgets
