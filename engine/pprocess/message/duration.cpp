// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/message/duration.h>

#include <cmath>

namespace pprocess::message::detail {
namespace {

Int128 magnitude(Int128 value) {
    return value < 0 ? -value : value;
}

Int128 common_divisor(Int128 a, Int128 b) {
    while (b != 0) {
        const Int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

void strip_zeros(Dyadic& value) {
    while (value.mantissa != 0 && value.mantissa % 2 == 0) {
        value.mantissa /= 2;
        ++value.exponent;
    }
}

} // namespace

bool convert_period(Dyadic& count, std::int64_t from_numerator, std::int64_t from_denominator,
                    std::int64_t to_numerator, std::int64_t to_denominator) {
    Int128 multiplier = static_cast<Int128>(from_numerator) * to_denominator;
    Int128 divisor = static_cast<Int128>(from_denominator) * to_numerator;
    const Int128 common = common_divisor(multiplier, divisor);
    multiplier /= common;
    divisor /= common;

    strip_zeros(count);
    if (count.mantissa == 0)
        return true;
    while (divisor % 2 == 0) {
        divisor /= 2;
        --count.exponent;
    }
    if (count.mantissa % divisor != 0)
        return false;
    return !__builtin_mul_overflow(count.mantissa / divisor, multiplier, &count.mantissa);
}

Dyadic dyadic(long double value) {
    constexpr int bits = 64;
    int exponent = 0;
    const long double fraction = std::frexp(value, &exponent);
    return {static_cast<Int128>(std::ldexp(fraction, bits)), exponent - bits};
}

bool exact_integer(const Dyadic& value, Int128& result) {
    Dyadic left = value;
    strip_zeros(left);
    if (left.mantissa == 0) {
        result = 0;
        return true;
    }
    if (left.exponent < 0 || left.exponent > 64)
        return false;
    return !__builtin_mul_overflow(left.mantissa, static_cast<Int128>(1) << left.exponent, &result);
}

bool exact_floating(const Dyadic& value, int digits, long double& result) {
    Dyadic left = value;
    strip_zeros(left);
    if (magnitude(left.mantissa) >> digits != 0)
        return false;
    result = std::ldexp(static_cast<long double>(left.mantissa), left.exponent);
    return std::isfinite(result) && (result != 0 || left.mantissa == 0);
}

} // namespace pprocess::message::detail
