// SPDX-License-Identifier: GPL-3.0-or-later
//
// says: more names than the function has parameters
#include <pprocess/launch/task.h>

double square(double side) {
    return side * side;
}
PPROCESS_TASK(square, "the area of a square", "side", "other side");
