// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <stdexcept>

namespace ppctl {

constexpr int bad_usage = 125;
constexpr int something_else = 126;
constexpr int interrupted = 130;

/// 0 when none failed, the number of failed items up to 100, 101 for more.
constexpr int for_failures(std::size_t failed) {
    return failed > 100 ? 101 : static_cast<int>(failed);
}

/// What was asked for cannot be done as it was asked; the text says what to change.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace ppctl
