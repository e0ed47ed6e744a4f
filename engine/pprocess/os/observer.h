// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace pprocess {

/// What can happen. The numbers are written to trace files and never change their meaning. Which fields of an `Event`
/// mean something is said with each; `time`, `writer` and `process` always do.
enum class EventKind : std::uint8_t {
    none = 0,

    // Processes. `process` is the one that it is about.
    process_created = 1,   ///< by `writer`, which is its creator; `channel` leads to it. Text: what it is for
    process_running = 2,   ///< its first own instruction, or the moment at which its pid became known to its owner
    process_stopped = 3,   ///< by a signal; learned by a sample
    process_resumed = 4,   ///< after that; learned by a sample
    process_ended = 5,     ///< `detail`: a `ProcessEnd`; `value`: exit code, signal or errno. Text: how, in words
    process_signalled = 6, ///< `value`: the signal that this library sent it
    process_sample = 7,    ///< `number`: CPU time so far, ns; `size`: resident memory, bytes; `value`: threads; `task`:
                           ///< open descriptors (`unknown` when not to be learned); `detail`: state letter as in ps(1)
    program_described = 8, ///< the program that is being watched: `process`. Text: its command line

    // Exchanges. `exchange` is its id, `process` its owner.
    exchange_created = 16, ///< `number`: its limit, 0 for none; `detail`: bits of `ExchangeTraits`
    exchange_ended = 17,   ///< it was destroyed
    channel_added = 18,    ///< `channel`, `process` at its other end
    channel_ready = 19, ///< `detail`: whether something can be received from `channel`, a `Readiness`; `process` at its
                        ///< other end
    channel_removed = 20, ///< `channel`, `process` at its other end

    // Tasks, as their exchange sees them. `exchange` and `task` name one.
    task_queued = 32,  ///< it waits for a process
    task_sent = 33,    ///< to `process` over `channel`; `number`: which task of that process, from 0; `value`: attempt
    task_retried = 34, ///< its process died, and it waits again; `value`: attempts so far
    task_timed_out = 35, ///< and its `process` is being ended
    task_cancelled = 36, ///< by its owner
    task_finished = 37,  ///< `detail`: a `TaskOutcome`; `value`: attempts; `process`: 0: none had it. Text: the error
    tasks_expected = 38, ///< `number`: how many tasks there will be in all, of which some may not be queued yet

    // Tasks, as the process sees them that runs them (`process`).
    task_started = 48,  ///< `channel` it came by; `number`: which task of that process, from 0. Text: a command, if one
    task_returned = 49, ///< likewise; the function has returned or thrown, its result is about to be sent

    // Messages. `channel`, `number`: which message of that channel in that direction, from 0; `size`: bytes with frame;
    // `process` at the other end; `detail`: which end of the channel observed it (`ChannelEnd`). Payload: a frame's
    // body
    message_sent = 64,      ///< is about to be given to the channel
    message_received = 65,  ///< has been decoded or is about to be
    waiting_for_space = 66, ///< the connection is full; `size`: bytes that are left to send
    space_found = 67,       ///< and on it goes

    // About the record itself.
    events_dropped = 96, ///< `number`: so many more were lost since the last such event
};

/// How a process ended, in `Event::detail`.
enum class ProcessEnd : std::uint8_t { exited, signalled, not_started, unknown };

/// How a task ended, in `Event::detail`.
enum class TaskOutcome : std::uint8_t { value, error, died, timed_out, cancelled };

/// Which end of a channel, in `Event::detail`.
enum class ChannelEnd : std::uint8_t { creator, created };

/// `Event::detail` of a ready channel. What is received from it ends that too, and is told of by the message alone.
enum class Readiness : std::uint8_t { something, nothing_more };

/// Bits of `Event::detail` of an exchange.
enum ExchangeTraits : std::uint8_t { exchange_reuses = 1, exchange_is_continuous = 2 };

/// One thing that happened. A value of 64 bytes without pointers, which travels between processes as it stands.
struct Event {
    /// Of a number that is not known or does not apply, where 0 would mean something.
    static constexpr std::uint64_t unknown = UINT64_MAX;

    std::int64_t time = 0;                 ///< nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share
    std::uint64_t channel = 0;             ///< its id, the same at both ends; 0: none
    std::uint64_t exchange = 0;            ///< its id; 0: none
    std::uint64_t task = unknown;          ///< its index in the exchange
    std::uint64_t number = 0;              ///< see `EventKind`
    std::uint64_t size = 0;                ///< see `EventKind`
    std::int32_t writer = 0;               ///< pid of the process that observed it
    std::int32_t process = 0;              ///< pid of the process that it is about; 0 when that is not known yet
    std::int32_t value = 0;                ///< see `EventKind`
    EventKind kind = EventKind::none;      ///< what happened
    std::uint8_t detail = 0;               ///< see `EventKind`
    std::uint16_t payload_size : 15 = 0;   ///< of what comes with it
    std::uint16_t payload_is_body : 1 = 0; ///< it is the body of a frame (frame.h), not text
};
static_assert(sizeof(Event) == 64);

/// Hears of everything that happens in this library, in this process and perhaps in those created from it.
///
/// Comes and goes while nothing else of the library runs in other threads; in between it may be called from every
/// thread, and must neither throw, wait, nor use the library.
class Observer {
public:
    Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;
    virtual ~Observer() = default;

    /// `event` has its time and writer set; `payload` is text (UTF-8) or, with `payload_is_body`, a frame's body, whole
    /// or not at all. Both are valid during the call.
    virtual void observe(const Event& event, std::span<const std::byte> payload) noexcept = 0;

    /// May processes that are forked from this one go on calling it? By default they have no observer.
    [[nodiscard]] virtual bool works_in_created_processes() const noexcept { return false; }

    /// A descriptor by which the launcher's processes can observe into the same place; -1: there is none.
    [[nodiscard]] virtual int shared_descriptor() const noexcept { return -1; }

    /// Bodies of more bytes than this are not wanted; of those that exceed it a text is made.
    static constexpr std::size_t largest_body = 168;
    /// Longer texts are cut.
    static constexpr std::size_t largest_text = 400;
};

namespace os {

namespace detail {
extern std::atomic<Observer*> current_observer;
}

/// Who is to hear of events: an observer, or one that hands on to several; null when nobody is. This is all that an
/// event costs then.
inline Observer* observer() noexcept {
    return detail::current_observer.load(std::memory_order_acquire);
}

/// Most observers at a time.
constexpr std::size_t most_observers = 4;

/// Installs one more observer, which must outlive that; false when there are `most_observers`.
bool add_observer(Observer* observer) noexcept;
/// It hears of nothing any more. Nothing happens when it is not installed.
void remove_observer(const Observer* observer) noexcept;
/// Installs this observer instead of all others, or, when it is null, none.
void set_observer(Observer* observer) noexcept;
/// Another number whenever observers have come or gone; 0 as long as there was none.
std::uint64_t observers_version() noexcept;
/// What `Observer::shared_descriptor` says, of those that have one. They stay theirs.
std::vector<int> shared_descriptors();

/// Called by whatever is first used of this library: has inspection been asked for from outside (PPROCESS_INSPECT)?
/// Then it begins. Costs a branch the next time.
void observe_on_request() noexcept;

/// This process shall not be observed on request: it is a tool of another.
void never_observe_on_request() noexcept;

/// A number that no other channel or exchange of this machine has: the pid and a count.
std::uint64_t new_id() noexcept;
/// The next `new_id` of this process gives this one: that of a channel whose other end has it already.
void set_next_id(std::uint64_t id) noexcept;

/// This process is to be observed by the owners of these descriptors (`shared_descriptors`), which become its own, and
/// by nobody else. Those that cannot be used are left out.
void observe_into(std::span<const int> descriptors) noexcept;

/// The id of an object that moves: it goes along, and 0 is left behind.
class Identity {
public:
    /// A new one.
    Identity() noexcept : value_(new_id()) {}
    /// One that is known already.
    explicit Identity(std::uint64_t value) noexcept : value_(value) {}
    /// None.
    explicit Identity(std::nullptr_t) noexcept {}
    /// Takes it over.
    Identity(Identity&& other) noexcept : value_(std::exchange(other.value_, 0)) {}
    /// Takes it over.
    Identity& operator=(Identity&& other) noexcept {
        value_ = std::exchange(other.value_, 0);
        return *this;
    }
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    ~Identity() = default;

    /// The id; 0: none.
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    std::uint64_t value_ = 0;
};

/// Tells `observer` of an event whose time and writer are filled in here.
void tell(Observer& observer, Event event, std::string_view text = {}) noexcept;
/// The same with a frame's body.
void tell(Observer& observer, Event event, std::span<const std::byte> body) noexcept;

/// For a process just forked: drops observers that do not work here.
void leave_observer_of_creator() noexcept;

/// This process's pid, without a system call.
pid_t own_pid() noexcept;

} // namespace os
} // namespace pprocess
