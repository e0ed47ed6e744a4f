// SPDX-License-Identifier: GPL-3.0-or-later
//
// says: neither references to change
#include <pprocess/launch/task.h>

void increase(int& number) {
    ++number;
}
PPROCESS_TASK(increase, "adds one", "number");
