// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/error.h>

#include <sys/resource.h>

namespace pprocess {

namespace {

std::string describe(int error_number, const std::string& action) {
    std::string text = "cannot " + action + ": " + std::system_category().message(error_number);
    if (error_number == EMFILE) {
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        text += ". This process may have " + std::to_string(limit.rlim_cur) +
                " files open (ulimit -n); each process watched needs at least two";
    }
    return text;
}

} // namespace

SystemError::SystemError(int error_number, const std::string& action)
    : Error(describe(error_number, action)),
      code_(error_number, std::system_category()) {}

SystemError::SystemError(int error_number, const std::string& action, const std::string& advice)
    : Error(describe(error_number, action) + ". " + advice),
      code_(error_number, std::system_category()) {}

} // namespace pprocess
