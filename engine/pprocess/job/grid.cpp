// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/grid.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <pprocess/job/columns.h>

namespace pprocess::job {

namespace {

std::string to_text(double number) {
    std::array<char, 400> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed).ptr;
    return {text.data(), end};
}

int decimals_of(double number) {
    const std::string text = to_text(number);
    const std::size_t point = text.find('.');
    return point == std::string::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

} // namespace

Grid::Values Grid::values_of(const Axis& axis, const std::string& field) {
    Values values;
    if (const auto* listed = std::get_if<std::vector<std::string>>(&axis.values)) {
        if (listed->empty())
            throw JobError(field, "\"" + printable(axis.name) + "\" has no values. Give at least one.");
        values.listed = *listed;
        values.count = listed->size();
        return values;
    }
    const auto& range = std::get<Range>(axis.values);
    if (!std::isfinite(range.from) || !std::isfinite(range.to) || !std::isfinite(range.step))
        throw JobError(field, "\"" + printable(axis.name) +
                                  "\" must go from a number to a number. Write both, such as 1 and 10.");
    if (range.step == 0)
        throw JobError(field, "The step of \"" + printable(axis.name) +
                                  "\" is 0, which never gets anywhere. Write another, such as 1.");
    // A little more than the quotient, because 0.1 is none exactly.
    const double steps = (range.to - range.from) / range.step * (1 + 1e-12) + 1e-9;
    if (steps < 0) {
        throw JobError(field, "\"" + printable(axis.name) + "\" never gets from " + to_text(range.from) + " to " +
                                  to_text(range.to) + " by steps of " + to_text(range.step) +
                                  ". Change the sign of the step.");
    }
    if (steps >= 1e15)
        throw JobError(field,
                       "\"" + printable(axis.name) + "\" has more values than can be numbered. Choose a larger step.");
    values.range = range;
    values.count = static_cast<std::size_t>(steps) + 1;
    values.decimals = std::max(decimals_of(range.from), decimals_of(range.step));
    return values;
}

Grid::Grid(const GridInputs& inputs) {
    if (inputs.axes.empty())
        throw JobError("inputs.grid", "The grid has no axis. Add one, with a name and its values.");
    for (const Axis& axis : inputs.axes) {
        const std::string field = "inputs.grid[" + std::to_string(axes_.size()) + "]";
        if (!is_column_name(axis.name)) {
            throw JobError(field, axis.name.empty()
                                      ? "An axis of the grid has no name. Give it one, such as: width"
                                      : "\"" + printable(axis.name) +
                                            "\" cannot be an axis' name: write letters, digits, _ or -, and not "
                                            "digits alone.");
        }
        if (std::find(names_.begin(), names_.end(), axis.name) != names_.end())
            throw JobError(field, "Two axes of the grid are called \"" + printable(axis.name) + "\". Rename one.");
        names_.push_back(axis.name);
        axes_.push_back(values_of(axis, field));
        const std::size_t count = axes_.back().count;
        if (size_ > std::numeric_limits<std::size_t>::max() / 4 / count)
            throw JobError("inputs.grid",
                           "The grid has more combinations than can be numbered. Give its axes fewer values.");
        size_ *= count;
    }
}

std::vector<std::string> Grid::combination(std::size_t index) const {
    std::vector<std::string> values(axes_.size());
    for (std::size_t place = axes_.size(); place-- > 0;) {
        const Values& axis = axes_[place];
        const std::size_t at = index % axis.count;
        index /= axis.count;
        if (!axis.listed.empty()) {
            values[place] = axis.listed[at];
            continue;
        }
        const double number = axis.range.from + static_cast<double>(at) * axis.range.step;
        std::array<char, 400> text{};
        const auto end =
            std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed, axis.decimals).ptr;
        values[place].assign(text.data(), end);
        if (values[place].find_first_not_of("-0.") == std::string::npos && values[place].front() == '-')
            values[place].erase(0, 1); // no -0.0
    }
    return values;
}

} // namespace pprocess::job
