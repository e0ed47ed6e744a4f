// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>

/// How many milliseconds a test waits for what has to come. Only what never comes takes as long.
inline constexpr int longestWait = 60'000;

// Qt gives up after five seconds, which are not enough on a machine that is busy with other things.
#undef QTRY_VERIFY
#define QTRY_VERIFY(...) QTRY_VERIFY_WITH_TIMEOUT((__VA_ARGS__), longestWait)
#undef QTRY_VERIFY2
#define QTRY_VERIFY2(expression, message) QTRY_VERIFY2_WITH_TIMEOUT((expression), message, longestWait)
#undef QTRY_COMPARE
#define QTRY_COMPARE(...) QTRY_COMPARE_WITH_TIMEOUT(__VA_ARGS__, longestWait)

/// Waits until it is so; false when that does not come.
template <typename Condition>
bool waitUntil(Condition condition) {
    return QTest::qWaitFor(condition, longestWait);
}
