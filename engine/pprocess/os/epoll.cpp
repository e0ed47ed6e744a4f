// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/epoll.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>

#include <pprocess/os/error.h>

namespace pprocess::os {

bool wait_readable(int fd, Deadline deadline) {
    pollfd entry{fd, POLLIN, 0};
    for (;;) {
        const int count = ::poll(&entry, 1, deadline.milliseconds_left());
        if (count > 0)
            return true;
        if (count == 0 && deadline.has_passed())
            return false;
        if (count < 0 && errno != EINTR)
            throw SystemError(errno, "wait for input");
    }
}

Epoll::Epoll() : fd_(check(::epoll_create1(EPOLL_CLOEXEC), "make an epoll set")) {}

void Epoll::add(int fd, std::uint64_t tag) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = tag;
    check(::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event), "watch a descriptor");
}

void Epoll::watch_output(int fd, std::uint64_t tag, bool wanted) {
    watch(fd, tag, true, wanted);
}

void Epoll::watch(int fd, std::uint64_t tag, bool input, bool output) {
    epoll_event event{};
    event.events = (input ? EPOLLIN : 0u) | (output ? EPOLLOUT : 0u);
    event.data.u64 = tag;
    check(::epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event), "watch a descriptor for output");
}

void Epoll::remove(int fd) noexcept {
    if (fd >= 0)
        ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

std::size_t Epoll::wait(std::span<epoll_event> events, Deadline deadline) {
    for (;;) {
        const int count =
            ::epoll_wait(fd_.get(), events.data(), static_cast<int>(events.size()), deadline.milliseconds_left());
        if (count > 0)
            return static_cast<std::size_t>(count);
        if (count == 0 && deadline.has_passed())
            return 0;
        if (count < 0 && errno != EINTR)
            throw SystemError(errno, "wait for channels");
    }
}

Flag::Flag() : fd_(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "make an event descriptor")) {}

void Flag::set(bool raised) {
    if (raised == raised_)
        return;
    raised_ = raised;
    std::uint64_t value = 1;
    if (raised) {
        check(retry([&] { return ::write(fd_.get(), &value, sizeof value); }), "raise an event");
    } else {
        check(retry([&] { return ::read(fd_.get(), &value, sizeof value); }), "clear an event");
    }
}

Timer::Timer() : fd_(check(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "make a timer")) {}

void Timer::set(const Deadline& deadline) {
    if (!deadline.is_set() && !deadline_.is_set())
        return;
    if (deadline.is_set() && deadline_.is_set() && deadline.at() == deadline_.at() && !deadline.has_passed())
        return;
    deadline_ = deadline;
    itimerspec spec{};
    if (deadline.is_set()) {
        const auto since_boot = deadline.at().time_since_epoch();
        const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
        spec.it_value.tv_sec = seconds.count();
        spec.it_value.tv_nsec = std::chrono::nanoseconds(since_boot - seconds).count();
        if (spec.it_value.tv_sec == 0 && spec.it_value.tv_nsec == 0)
            spec.it_value.tv_nsec = 1;
    }
    check(::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &spec, nullptr), "set a timer");
}

} // namespace pprocess::os
