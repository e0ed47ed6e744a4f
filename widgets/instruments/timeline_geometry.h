// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <widgets/instruments/instrument_data.h>

/// Where things lie on a timeline. Everything here is a pure function: no widget, no painter, no clock.
namespace pprocess::widgets::timeline {

/// Times, in ns, laid out over columns of pixels.
struct Scale {
    std::int64_t begin = 0;  ///< at column 0
    std::int64_t length = 1; ///< over all columns; at least 1
    int width = 1;           ///< columns; at least 1

    [[nodiscard]] double x(std::int64_t time) const {
        return static_cast<double>(time - begin) * width / static_cast<double>(length);
    }
    /// The column that has this time; negative before the first one.
    [[nodiscard]] int column(std::int64_t time) const {
        return static_cast<int>(std::clamp(std::floor(x(time)), -1e6, 1e6));
    }
    /// The first time that is not left of `x`.
    [[nodiscard]] std::int64_t timeAt(double x) const {
        return begin + static_cast<std::int64_t>(std::ceil(x * static_cast<double>(length) / width));
    }
    [[nodiscard]] std::int64_t end() const { return begin + length; }
};

/// Columns of one colour.
struct Bar {
    int left = 0;                  ///< the first column
    int right = 0;                 ///< after the last one
    observe::ProcessState state{}; ///< that is seen
    bool isFailed = false;
    bool isMerged = false; ///< stands for more than one activity, none of which fills a column
    std::size_t index = 0; ///< of the activity, or of one of them
    friend bool operator==(const Bar&, const Bar&) = default;
};

using widgets::gravity;
using widgets::isFailed;

/// The activity that covers `time`, or else the next one; `activities.size()` after all.
template <typename Activities>
std::size_t activityAt(const Activities& activities, std::int64_t time) {
    const auto place = std::partition_point(activities.begin(), activities.end(),
                                            [time](const Activity& activity) { return activity.end <= time; });
    return static_cast<std::size_t>(place - activities.begin());
}

/// Lays activities, in order of time, out into bars that neither overlap nor leave the scale. `now` ends what still
/// lasts. Of what shares a column the longest is seen, but a failure before anything else. With their summaries it
/// takes as long as there are columns, without them as there are activities; the bars are the same.
template <typename Activities>
void layOut(const Activities& activities, const Scale& scale, std::int64_t now, std::vector<Bar>& bars,
            const ActivitySummaries& summaries = {}) {
    bars.clear();
    struct Column {
        int at = -1;
        std::int64_t end = 0; ///< its end in time
        ActivityShares shares;
        bool isMany = false;
        bool isUsed = false;
    } column;
    const auto add = [&bars](Bar bar) {
        if (!bars.empty()) {
            Bar& last = bars.back();
            bar.left = std::max(bar.left, last.right);
            if (bar.left >= bar.right)
                return;
            const bool isSame = last.state == bar.state && last.isFailed == bar.isFailed;
            if (isSame && last.right == bar.left && (last.index == bar.index || (last.isMerged && bar.isMerged))) {
                last.right = bar.right;
                last.isMerged = last.isMerged && bar.isMerged;
                return;
            }
        }
        bars.push_back(bar);
    };
    const auto flush = [&] {
        if (column.isUsed) {
            const ActivityShares& shares = column.shares;
            const auto most = std::max_element(shares.time.begin(), shares.time.end()) - shares.time.begin();
            const auto state =
                shares.hasFailed ? observe::ProcessState::running : static_cast<observe::ProcessState>(most);
            const std::size_t index =
                shares.hasFailed ? shares.failedAt : shares.longestAt[static_cast<std::size_t>(most)];
            add({column.at, column.at + 1, state, shares.hasFailed, column.isMany, index});
        }
        column.isUsed = false;
    };
    const auto open = [&](int at) {
        flush();
        column = {};
        column.at = at;
        column.end = scale.timeAt(at + 1);
    };
    const auto use = [&column] {
        column.isMany = column.isMany || column.isUsed;
        column.isUsed = true;
    };
    const auto put = [&](const Activity& activity, std::size_t index, std::int64_t time) {
        use();
        column.shares.add(activity, time, static_cast<std::uint32_t>(index));
    };
    const std::int64_t last = scale.end();
    const auto wholeRun = [&](const ActivitySummary& run, std::size_t, std::size_t) {
        if (run.begin < scale.begin || run.lastBegin >= last || run.end > std::min(now, last))
            return false;
        const bool isInThis = column.at >= 0 && run.begin < column.end;
        const std::int64_t columnEnd = isInThis ? column.end : scale.timeAt(scale.column(run.begin) + 1);
        if (run.lastBegin >= columnEnd || run.end > columnEnd)
            return false;
        if (!isInThis)
            open(scale.column(run.begin));
        use();
        column.isMany = true;
        column.shares.add(run.shares, static_cast<std::uint32_t>(summaries.dropped()));
        return true;
    };
    const auto one = [&](std::size_t at) {
        const Activity& activity = activities[at];
        const std::int64_t begin = std::max(activity.begin, scale.begin);
        const std::int64_t end = std::min({activity.end, now, last});
        if (activity.begin >= last)
            return false;
        if (end < begin)
            return true;
        if (column.at < 0 || begin >= column.end)
            open(scale.column(begin));
        if (end <= column.end) {
            put(activity, at, end - begin);
            return true;
        }
        put(activity, at, column.end - begin);
        const int first = column.at + 1;
        const int tail = std::min(scale.column(end), scale.width);
        open(tail);
        if (first < tail)
            add({first, tail, activity.state, isFailed(activity), false, at});
        if (tail < scale.width && end > scale.timeAt(tail))
            put(activity, at, end - scale.timeAt(tail));
        return true;
    };
    summaries.walk(activityAt(activities, scale.begin), activities.size(), wholeRun, one);
    flush();
}

/// Marks that share a place.
struct MarkGroup {
    double x = 0;          ///< of the first one
    std::size_t index = 0; ///< of the gravest among the lane's marks
    std::size_t count = 0; ///< how many
};

/// Groups the marks within the scale so that groups begin at least `apart` columns from each other. No mark is lost:
/// the counts add up to all of them. With their summaries it takes as long as there are groups.
template <typename Marks>
void groupMarks(const Marks& marks, const Scale& scale, double apart, std::vector<MarkGroup>& groups,
                const MarkSummaries& summaries = {}) {
    groups.clear();
    const auto first =
        std::partition_point(marks.begin(), marks.end(), [&](const Mark& mark) { return mark.time < scale.begin; });
    const auto last =
        std::partition_point(first, marks.end(), [&](const Mark& mark) { return mark.time <= scale.end(); });
    for (auto place = first; place != last;) {
        const double x = scale.x(place->time);
        // Processes write for themselves, so that a mark may stand a moment early.
        const auto next = std::partition_point(std::next(place), last,
                                               [&](const Mark& mark) { return scale.x(mark.time) - x < apart; });
        const auto begin = static_cast<std::size_t>(place - marks.begin());
        const auto count = static_cast<std::size_t>(next - place);
        std::size_t index = begin;
        int gravest = -1;
        summaries.walk(
            begin, begin + count,
            [&](const MarkSummary& run, std::size_t, std::size_t) {
                if (run.gravest > gravest) {
                    gravest = run.gravest;
                    index = static_cast<std::uint32_t>(run.index - static_cast<std::uint32_t>(summaries.dropped()));
                }
                return true;
            },
            [&](std::size_t at) {
                if (gravity(marks[at]) > gravest) {
                    gravest = gravity(marks[at]);
                    index = at;
                }
                return true;
            });
        groups.push_back({x, index, count});
        place = next;
    }
}

/// What is seen of a quantity in one column: its least and its greatest value there.
struct StepColumn {
    double least = 0;
    double most = 0;
};

/// Samples steps (each holds from its time on) into one pair for each column; `value` reads a step's height. Columns
/// before the first step and after `now` are 0. With their summaries it takes as long as there are columns.
template <typename Steps, typename Value>
void layOutSteps(const Steps& steps, const Scale& scale, std::int64_t now, Value&& value,
                 std::vector<StepColumn>& columns, const LevelSummaries& summaries = {}) {
    columns.assign(static_cast<std::size_t>(scale.width), {});
    const auto first =
        std::partition_point(steps.begin(), steps.end(), [&](const auto& step) { return step.time <= scale.begin; });
    auto place = static_cast<std::size_t>(first - steps.begin());
    double current = place == 0 ? 0 : value(steps[place - 1]);
    for (int at = 0; at < scale.width; ++at) {
        const std::int64_t end = scale.timeAt(at + 1);
        StepColumn& column = columns[static_cast<std::size_t>(at)];
        if (scale.timeAt(at) > now)
            break;
        column = {current, current};
        summaries.walk(
            place, steps.size(),
            [&](const LevelSummary& run, std::size_t index, std::size_t number) {
                if (run.most.time >= end)
                    return false;
                column.least = std::min(column.least, double(value(run.least)));
                column.most = std::max(column.most, double(value(run.most)));
                place = index + number;
                current = value(steps[place - 1]);
                return true;
            },
            [&](std::size_t index) {
                if (steps[index].time >= end)
                    return false;
                current = value(steps[index]);
                column.least = std::min(column.least, current);
                column.most = std::max(column.most, current);
                place = index + 1;
                return true;
            });
    }
}

/// The distance of lines on a ruler, ns: the least of 1, 2, 5, 10 … ns, µs, ms, s, 10 s, 30 s, minutes and hours that
/// keeps them at least `apart` columns from each other.
std::int64_t rulerStep(const Scale& scale, double apart);
/// A time since the beginning (ns) as a label among others that are `step` apart: "0", "20 ms", "1.25 s", "2:05".
QString rulerLabel(std::int64_t time, std::int64_t step);

} // namespace pprocess::widgets::timeline
