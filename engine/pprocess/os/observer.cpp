// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/observer.h>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <pprocess/os/clock.h>

namespace pprocess::os {

/// Makes this program inspectable. As `observe_into` it is defined by the floor observe/, of which this one knows
/// nothing else.
void begin_inspection_on_request() noexcept;

namespace detail {
std::atomic<Observer*> current_observer{nullptr};
}

namespace {

std::atomic<pid_t> pid_of_this{0};
std::atomic<bool> request_was_looked_at{false};
std::atomic<std::uint32_t> last_number{0};
std::atomic<std::uint64_t> next_id{0};

/// A process that the application forks by itself must not write with the pid of this one.
const int forgets_pid_in_children =
    ::pthread_atfork(nullptr, nullptr, [] { pid_of_this.store(0, std::memory_order_relaxed); });

} // namespace

Observer* set_observer(Observer* observer) noexcept {
    return detail::current_observer.exchange(observer, std::memory_order_acq_rel);
}

void observe_on_request() noexcept {
    if (request_was_looked_at.load(std::memory_order_relaxed) || request_was_looked_at.exchange(true))
        return;
    const char* wish = std::getenv("PPROCESS_INSPECT");
    if (wish && *wish != '\0' && std::strcmp(wish, "0") != 0 && !observer())
        begin_inspection_on_request();
}

void never_observe_on_request() noexcept {
    request_was_looked_at.store(true);
}

pid_t own_pid() noexcept {
    pid_t pid = pid_of_this.load(std::memory_order_relaxed);
    if (pid == 0) {
        pid = ::getpid();
        pid_of_this.store(pid, std::memory_order_relaxed);
    }
    return pid;
}

void set_next_id(std::uint64_t id) noexcept {
    next_id.store(id, std::memory_order_relaxed);
}

std::uint64_t new_id() noexcept {
    if (next_id.load(std::memory_order_relaxed) != 0) [[unlikely]]
        return next_id.exchange(0);
    return static_cast<std::uint64_t>(own_pid()) << 32 | (last_number.fetch_add(1, std::memory_order_relaxed) + 1);
}

namespace {

void tell_with(Observer& observer, Event& event, std::span<const std::byte> payload) noexcept {
    event.time = Clock::now().time_since_epoch().count();
    event.writer = own_pid();
    event.payload_size = static_cast<std::uint16_t>(payload.size());
    observer.observe(event, payload);
}

/// The longest part of `text` that fits and does not end within a character of UTF-8.
std::string_view cut(std::string_view text) noexcept {
    if (text.size() <= Observer::largest_text)
        return text;
    std::size_t size = Observer::largest_text;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        --size;
    return text.substr(0, size);
}

} // namespace

void tell(Observer& observer, Event event, std::string_view text) noexcept {
    event.payload_is_body = 0;
    tell_with(observer, event, std::as_bytes(std::span(cut(text))));
}

void tell(Observer& observer, Event event, std::span<const std::byte> body) noexcept {
    event.payload_is_body = 1;
    tell_with(observer, event, body.size() > Observer::largest_body ? std::span<const std::byte>() : body);
}

void leave_observer_of_creator() noexcept {
    const Observer* inherited = observer();
    if (inherited && !inherited->works_in_created_processes())
        set_observer(nullptr);
}

} // namespace pprocess::os
