// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/observer.h>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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
std::atomic<std::uint64_t> version{0};

/// Hands on to all that there are.
class FanOut final : public Observer {
public:
    constexpr FanOut() = default;

    void observe(const Event& event, std::span<const std::byte> payload) noexcept override {
        for (const auto& one : all)
            if (Observer* const observer = one.load(std::memory_order_acquire))
                observer->observe(event, payload);
    }

    std::array<std::atomic<Observer*>, most_observers> all{};
};

/// Never destroyed, as observers may be static objects, too; and there before anything is allocated.
union NeverDestroyed {
    constexpr NeverDestroyed() : object() {}
    ~NeverDestroyed() {}
    FanOut object;
};

constinit NeverDestroyed kept;
FanOut& fan_out = kept.object;

/// One is called directly. Without a lock, which in a forked process nobody might ever release.
void observers_have_changed() noexcept {
    std::uint64_t seen = ++version;
    while (true) {
        Observer* current = nullptr;
        for (const auto& one : fan_out.all)
            if (Observer* const observer = one.load())
                current = current ? &fan_out : observer;
        detail::current_observer.store(current);
        const std::uint64_t newest = version.load();
        if (newest == seen)
            return;
        seen = newest; // another thread has changed something meanwhile, perhaps unseen above
    }
}

/// Puts `next` where `current` is; false when that is nowhere.
bool replace(const Observer* current, Observer* next) noexcept {
    for (auto& one : fan_out.all) {
        Observer* found = one.load();
        if (found == current && one.compare_exchange_strong(found, next)) {
            observers_have_changed();
            return true;
        }
    }
    return false;
}

/// A process that the application forks by itself must not write with the pid of this one.
const int forgets_pid_in_children =
    ::pthread_atfork(nullptr, nullptr, [] { pid_of_this.store(0, std::memory_order_relaxed); });

} // namespace

bool add_observer(Observer* observer) noexcept {
    return replace(nullptr, observer);
}

void remove_observer(const Observer* observer) noexcept {
    if (observer)
        replace(observer, nullptr);
}

void set_observer(Observer* observer) noexcept {
    for (auto& one : fan_out.all)
        one.store(std::exchange(observer, nullptr));
    observers_have_changed();
}

std::uint64_t observers_version() noexcept {
    return version.load(std::memory_order_relaxed);
}

std::vector<int> shared_descriptors() {
    std::vector<int> descriptors;
    for (const auto& one : fan_out.all)
        if (const Observer* const observer = one.load(); observer && observer->shared_descriptor() >= 0)
            descriptors.push_back(observer->shared_descriptor());
    return descriptors;
}

void observe_on_request() noexcept {
    if (request_was_looked_at.load(std::memory_order_relaxed) || request_was_looked_at.exchange(true))
        return;
    const char* wish = std::getenv("PPROCESS_INSPECT");
    if (wish && *wish != '\0' && std::strcmp(wish, "0") != 0)
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
    if (!observer())
        return;
    for (auto& one : fan_out.all)
        if (const Observer* const inherited = one.load(); inherited && !inherited->works_in_created_processes())
            one.store(nullptr);
    observers_have_changed();
}

} // namespace pprocess::os
