// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <pprocess/job/job.h>

namespace pprocess::job {

/// The combinations of a grid, each made when it is asked for.
class Grid {
public:
    /// Throws `JobError` for an axis without name or values, a name that stands twice or cannot be written in a
    /// placeholder, a step of 0 or in the wrong direction, and more combinations than can be numbered.
    explicit Grid(const GridInputs& inputs);

    /// The names of the axes.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    /// How many combinations there are.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// The values of combination `index`, one for each axis.
    [[nodiscard]] std::vector<std::string> combination(std::size_t index) const;

private:
    /// A range's numbers are written when they are asked for: there may be very many.
    struct Values {
        std::size_t count = 0;
        std::vector<std::string> listed;
        Range range;
        int decimals = 0; ///< of each number of the range
    };
    static Values values_of(const Axis& axis, const std::string& field);

    std::vector<std::string> names_;
    std::vector<Values> axes_;
    std::size_t size_ = 1;
};

} // namespace pprocess::job
