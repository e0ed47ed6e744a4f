// SPDX-License-Identifier: GPL-3.0-or-later
//
// says: a parameter of the function has no name
#include <pprocess/launch/task.h>

double area(double width, double height) {
    return width * height;
}
PPROCESS_TASK(area, "the area of a rectangle", "width");
