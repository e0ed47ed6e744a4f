// SPDX-License-Identifier: LGPL-3.0-or-later

/// The program that makes workers for a `pprocess::ForkServer`, which starts it with the socket of its requests as standard input.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

#include <pprocess/launch/server_protocol.h>

int main() {
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
        std::fputs("pprocess-launcher is started by programs that use pprocess; it does nothing by itself.\n", stderr);
        return 2;
    }
    const int requests = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (requests < 0 || null < 0 || ::dup2(null, STDIN_FILENO) < 0) {
        std::perror("pprocess-launcher");
        return 1;
    }
    ::close(null);
    ::prctl(PR_SET_NAME, "pp-launcher");
    try {
        pprocess::launch::serve_requests(requests);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "pprocess-launcher: %s\n", error.what());
        return 1;
    }
}
