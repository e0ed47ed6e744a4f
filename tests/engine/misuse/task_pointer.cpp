// SPDX-License-Identifier: GPL-3.0-or-later
//
// says: a pointer means nothing in another process
#include <pprocess/launch/task.h>

int first(int* numbers) {
    return *numbers;
}
PPROCESS_TASK(first, "the first of some numbers", "numbers");
