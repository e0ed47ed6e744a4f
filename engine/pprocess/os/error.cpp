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
        const std::string most = std::to_string(limit.rlim_max);
        text += ". This process may have " + std::to_string(limit.rlim_cur) +
                " files open (ulimit -n); each process watched needs at least two, so that 5000 at once need more than "
                "10000. Let fewer run at once, or ";
        // Raising it is the program's decision: it is passed on to commands, some of which cannot bear many files.
        text +=
            limit.rlim_cur < limit.rlim_max
                ? "raise it: `ulimit -n " + most + "` in the shell, or setrlimit in the program, goes as far as that"
                : "have the administrator raise it: that is also the hard limit (limits.conf, or LimitNOFILE= of a "
                  "systemd unit)";
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
