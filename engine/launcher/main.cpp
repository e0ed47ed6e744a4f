// SPDX-License-Identifier: LGPL-3.0-or-later

/// The program that makes workers for a `pprocess::ForkServer`, which starts it with the socket of its requests as
/// standard input; or, told so by its first argument, becomes the inspector of the program that starts it
/// (`pprocess::Inspector`).

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>

#include <pprocess/launch/server_protocol.h>
#include <pprocess/launch/surroundings.h>
#include <pprocess/observe/inspector_process.h>
#include <pprocess/os/observer.h>

int main(int argc, char** argv) {
    pprocess::os::never_observe_on_request(); // only what its owner observes
    if (argc > 1 && std::string_view(argv[1]) == pprocess::observe::inspect_word)
        return pprocess::observe::inspect_creator(argc, argv);

    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
        std::fputs("pprocess-launcher is started by programs that use pprocess; it does nothing by itself.\n", stderr);
        return 2;
    }
    // Files that the owner left open over an exec are not the workers' to hold: a pipe's reader would wait for its end
    // in vain.
    constexpr int requests = 3;
    constexpr int held = pprocess::launch::held_descriptor;
    static_assert(held == requests + 1);
    const bool holds = std::find(argv + 1, argv + argc, pprocess::launch::held_word) !=
                           argv + argc && // and programs that it starts do not
                       ::fcntl(held, F_SETFD, FD_CLOEXEC) == 0;
    const bool is_moved =
        ::dup3(STDIN_FILENO, requests, O_CLOEXEC) >= 0 && ::close_range(holds ? held + 1 : held, ~0U, 0) == 0;
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (!is_moved || null < 0 || ::dup2(null, STDIN_FILENO) < 0) {
        std::perror("pprocess-launcher");
        return 1;
    }
    ::close(null);
    ::prctl(PR_SET_NAME, "pp-launcher");
    ucred owner{};
    size = sizeof owner;
    ::getsockopt(requests, SOL_SOCKET, SO_PEERCRED, &owner, &size);
    try {
        pprocess::launch::enter_surroundings(argc, argv);
        const pprocess::os::Fd socket(requests);
        pprocess::launch::serve_requests(socket.get(), owner.pid, {"pprocess-launcher itself"});
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "pprocess-launcher: %s\n", error.what());
        return 1;
    }
}
