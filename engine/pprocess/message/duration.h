// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstdint>

namespace pprocess::message::detail {

__extension__ typedef __int128 Int128;

/// The number `mantissa * 2^exponent`.
struct Dyadic {
    Int128 mantissa = 0;
    int exponent = 0;
};

/// Converts a count of periods of `from_numerator / from_denominator` seconds into one of `to_numerator /
/// to_denominator`, all positive. False when the result is no such number or needs more than 127 bits.
[[nodiscard]] bool convert_period(Dyadic& count, std::int64_t from_numerator, std::int64_t from_denominator,
                                  std::int64_t to_numerator, std::int64_t to_denominator);

/// A finite number as it is.
[[nodiscard]] Dyadic dyadic(long double value);

/// The number as an integer; false when it has a fraction or does not fit.
[[nodiscard]] bool exact_integer(const Dyadic& value, Int128& result);

/// The number as a floating-point number of `digits` significant bits; false when it needs more.
[[nodiscard]] bool exact_floating(const Dyadic& value, int digits, long double& result);

} // namespace pprocess::message::detail
