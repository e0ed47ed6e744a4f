// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/error.h>

namespace pprocess {

namespace {

std::string describe(int error_number, const std::string& action) {
    return "cannot " + action + ": " + std::system_category().message(error_number);
}

} // namespace

SystemError::SystemError(int error_number, const std::string& action)
    : Error(describe(error_number, action)),
      code_(error_number, std::system_category()) {}

SystemError::SystemError(int error_number, const std::string& action, const std::string& advice)
    : Error(describe(error_number, action) + ". " + advice),
      code_(error_number, std::system_category()) {}

} // namespace pprocess
