// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/report.h>

#include <cerrno>

#include <pprocess/os/socket.h>

namespace pprocess::os {

ReportResult receive_report(int socket, Report& report, Fd& pidfd) {
    std::vector<Fd> descriptors;
    const ssize_t size = receive_with_descriptors(socket, &report, sizeof report, descriptors);
    if (size < 0)
        return errno == EAGAIN ? ReportResult::nothing_yet : ReportResult::server_gone;
    if (size != static_cast<ssize_t>(sizeof report))
        return ReportResult::server_gone;
    if (!descriptors.empty())
        pidfd = std::move(descriptors.front());
    return ReportResult::received;
}

void send_report(int socket, const Report& report, int pidfd) {
    if (pidfd >= 0) {
        send_with_descriptors(socket, &report, sizeof report, {pidfd});
    } else {
        send_with_descriptors(socket, &report, sizeof report, {});
    }
}

} // namespace pprocess::os
