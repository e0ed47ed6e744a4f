// SPDX-License-Identifier: GPL-3.0-or-later
#include <pprocess/pprocess.h>

#include <signal.h>

#include <stdexcept>
#include <string>

#include "check.h"

namespace {

void greet(pprocess::Channel& channel, const std::string& name, int times) {
    for (int i = 0; i < times; ++i)
        channel.send("hello " + name);
}

void fail(pprocess::Channel&) {
    throw std::out_of_range("too far");
}

void die(pprocess::Channel&) {
    ::raise(SIGKILL);
}

void check_started() {
    pprocess::Channel channel = pprocess::start(greet, "world", 2);
    CHECK(channel.pid() > 0 && channel.fileno() >= 0 && channel.is_open());
    CHECK(channel.receive<std::string>() == "hello world");
    CHECK(channel.receive<std::string>() == "hello world");
    const pprocess::ProcessStatus status = channel.wait();
    CHECK(status.exited() && status.exit_code() == 0);
}

void check_created() {
    pprocess::Channel channel = pprocess::create();
    if (channel.pid() == 0) {
        channel.send(channel.receive<int>() * 2);
        pprocess::exit(channel, 3);
    }
    channel.send(21);
    CHECK(channel.receive<int>() == 42);
    CHECK(channel.wait().exit_code() == 3);
}

void check_errors() {
    bool told = false;
    pprocess::Channel failing = pprocess::start(fail);
    try {
        failing.receive<int>();
    } catch (const pprocess::RemoteError& error) {
        told = error.what() == std::string("too far") && error.type_name() == "std::out_of_range" &&
               error.pid() == failing.pid();
    }
    CHECK(told);

    told = false;
    pprocess::Channel dying = pprocess::start(die);
    try {
        dying.receive<int>();
    } catch (const pprocess::ProcessDied& error) {
        told = error.status().signaled() && error.status().signal() == SIGKILL;
    }
    CHECK(told);
}

} // namespace

int main() {
    check_started();
    check_created();
    check_errors();
    pprocess::wait_all();
}
