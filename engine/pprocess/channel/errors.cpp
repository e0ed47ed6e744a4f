// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/channel/errors.h>

namespace pprocess {

namespace {

std::string describe(pid_t pid, const ProcessStatus& status) {
    std::string text = "process " + std::to_string(pid) + " " + status.to_string();
    if (status.exited())
        text += " without having sent a result";
    return text;
}

} // namespace

ProcessDied::ProcessDied(pid_t pid, ProcessStatus status) : Error(describe(pid, status)), pid_(pid), status_(status) {}

} // namespace pprocess
