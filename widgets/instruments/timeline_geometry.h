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

/// Did the work of this activity end badly?
inline bool isFailed(const Activity& activity) {
    return activity.outcome != TaskOutcome::value && activity.state == observe::ProcessState::running;
}

/// The activity that covers `time`, or else the next one; `activities.size()` after all.
template <typename Activities>
std::size_t activityAt(const Activities& activities, std::int64_t time) {
    const auto place = std::partition_point(activities.begin(), activities.end(),
                                            [time](const Activity& activity) { return activity.end <= time; });
    return static_cast<std::size_t>(place - activities.begin());
}

/// Lays activities, in order of time, out into bars that neither overlap nor leave the scale. `now` ends what still
/// lasts. Of what shares a column the longest is seen, but a failure before anything else.
template <typename Activities>
void layOut(const Activities& activities, const Scale& scale, std::int64_t now, std::vector<Bar>& bars) {
    bars.clear();
    struct Column {
        int at = -1;
        std::int64_t end = 0;                  ///< its end in time
        std::array<std::int64_t, 9> time{};    ///< of each state
        std::array<std::int64_t, 9> longest{}; ///< activity of each state
        std::array<std::size_t, 9> index{};    ///< of that activity
        std::size_t failed = 0;                ///< the first that failed
        bool isFailed = false;
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
            const auto most = std::max_element(column.time.begin(), column.time.end()) - column.time.begin();
            const auto state =
                column.isFailed ? observe::ProcessState::running : static_cast<observe::ProcessState>(most);
            const std::size_t index = column.isFailed ? column.failed : column.index[static_cast<std::size_t>(most)];
            add({column.at, column.at + 1, state, column.isFailed, column.isMany, index});
        }
        column.isUsed = false;
    };
    const auto open = [&](int at) {
        flush();
        column = {};
        column.at = at;
        column.end = scale.timeAt(at + 1);
    };
    const auto put = [&column](const Activity& activity, std::size_t index, std::int64_t time) {
        const auto state = static_cast<std::size_t>(activity.state);
        column.isMany = column.isMany || column.isUsed;
        column.isUsed = true;
        // One more, so that what took no time at all is seen where nothing else is.
        column.time[state] += time + 1;
        if (time + 1 > column.longest[state]) {
            column.longest[state] = time + 1;
            column.index[state] = index;
        }
        if (!column.isFailed && isFailed(activity)) {
            column.isFailed = true;
            column.failed = index;
        }
    };
    std::size_t at = activityAt(activities, scale.begin);
    const std::int64_t last = scale.end();
    for (auto place = activities.begin() + static_cast<std::ptrdiff_t>(at); place != activities.end(); ++place, ++at) {
        const Activity& activity = *place;
        const std::int64_t begin = std::max(activity.begin, scale.begin);
        const std::int64_t end = std::min({activity.end, now, last});
        if (activity.begin >= last)
            break;
        if (end < begin)
            continue;
        if (column.at < 0 || begin >= column.end)
            open(scale.column(begin));
        if (end <= column.end) {
            put(activity, at, end - begin);
            continue;
        }
        put(activity, at, column.end - begin);
        const int first = column.at + 1;
        const int tail = std::min(scale.column(end), scale.width);
        open(tail);
        if (first < tail)
            add({first, tail, activity.state, isFailed(activity), false, at});
        if (tail < scale.width && end > scale.timeAt(tail))
            put(activity, at, end - scale.timeAt(tail));
    }
    flush();
}

/// How grave a mark is: of several in one place the gravest is seen.
inline int gravity(const Mark& mark) {
    switch (mark.kind) {
    case EventKind::process_ended:
        return mark.isFailure ? 7 : 1;
    case EventKind::task_timed_out:
        return 6;
    case EventKind::task_finished:
        return 5;
    case EventKind::process_signalled:
        return 4;
    case EventKind::task_retried:
        return 3;
    case EventKind::process_stopped:
        return 2;
    default:
        return mark.isFailure ? 5 : 0;
    }
}

/// Marks that share a place.
struct MarkGroup {
    double x = 0;          ///< of the first one
    std::size_t index = 0; ///< of the gravest among the lane's marks
    std::size_t count = 0; ///< how many
};

/// Groups the marks within the scale so that groups begin at least `apart` columns from each other. No mark is lost:
/// the counts add up to all of them.
template <typename Marks>
void groupMarks(const Marks& marks, const Scale& scale, double apart, std::vector<MarkGroup>& groups) {
    groups.clear();
    const auto first =
        std::partition_point(marks.begin(), marks.end(), [&](const Mark& mark) { return mark.time < scale.begin; });
    for (auto place = first; place != marks.end() && place->time <= scale.end(); ++place) {
        const double x = scale.x(place->time);
        const auto index = static_cast<std::size_t>(place - marks.begin());
        if (groups.empty() || x - groups.back().x >= apart) {
            groups.push_back({x, index, 1});
            continue;
        }
        MarkGroup& group = groups.back();
        ++group.count;
        if (gravity(*place) > gravity(marks[group.index]))
            group.index = index;
    }
}

/// What is seen of a quantity in one column: its least and its greatest value there.
struct StepColumn {
    double least = 0;
    double most = 0;
};

/// Samples steps (each holds from its time on) into one pair for each column; `value` reads a step's height. Columns
/// before the first step and after `now` are 0.
template <typename Steps, typename Value>
void layOutSteps(const Steps& steps, const Scale& scale, std::int64_t now, Value&& value,
                 std::vector<StepColumn>& columns) {
    columns.assign(static_cast<std::size_t>(scale.width), {});
    auto place =
        std::partition_point(steps.begin(), steps.end(), [&](const auto& step) { return step.time <= scale.begin; });
    double current = place == steps.begin() ? 0 : value(*(place - 1));
    for (int at = 0; at < scale.width; ++at) {
        const std::int64_t end = scale.timeAt(at + 1);
        StepColumn& column = columns[static_cast<std::size_t>(at)];
        if (scale.timeAt(at) > now)
            break;
        column = {current, current};
        for (; place != steps.end() && place->time < end; ++place) {
            current = value(*place);
            column.least = std::min(column.least, current);
            column.most = std::max(column.most, current);
        }
    }
}

/// The distance of lines on a ruler, ns: the least of 1, 2, 5, 10 … ns, µs, ms, s, 10 s, 30 s, minutes and hours that
/// keeps them at least `apart` columns from each other.
std::int64_t rulerStep(const Scale& scale, double apart);
/// A time since the beginning (ns) as a label among others that are `step` apart: "0", "20 ms", "1.25 s", "2:05".
QString rulerLabel(std::int64_t time, std::int64_t step);

} // namespace pprocess::widgets::timeline
