// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include <pprocess/os/clock.h>
#include <pprocess/os/fd.h>
#include <pprocess/os/observer.h>

namespace pprocess::observe {

/// Events in memory that several processes share: any number of them write, one reads. Bounded: when the reader does
/// not keep up, what comes is dropped and counted; nothing waits. Messages and tasks are dropped before the ring is
/// quite full, so that there is still room for what tells of processes, channels and exchanges.
///
/// A writer that is killed in the middle loses its own event only, and the reader goes on at once: each says whose the
/// place is before it fills it. Writing takes no lock and, while the reader is not asleep, no system call.
///
/// Memory: a header and slots of 128 bytes; an event takes one, and one more for each further 120 bytes of payload
/// after the first 56.
class EventRing {
public:
    /// A new one of so many bytes, rounded up to a power of two of slots and a page. Throws `SystemError` when the
    /// memory cannot be had.
    explicit EventRing(std::size_t bytes);
    /// One that another process has made. Throws `SystemError`, or `std::invalid_argument` when the descriptor is of
    /// something else.
    explicit EventRing(os::Fd memory);
    EventRing(const EventRing&) = delete;
    EventRing& operator=(const EventRing&) = delete;
    ~EventRing();

    /// Writes one event, from any thread of any process. False when it was dropped.
    bool write(const Event& event, std::span<const std::byte> payload) noexcept;

    /// Which writers the reader has to reckon with.
    enum class Writers {
        live, ///< one that has not finished is waited for: false until it has, for a second at most unless it is dead
        ended ///< all have ended, and what is not finished never will be
    };
    /// Reads the next event; false when there is none now. `payload` is valid until the next call. One reader only.
    bool read(Event& event, std::span<const std::byte>& payload, Writers writers = Writers::live) noexcept;

    /// How many events have been dropped so far.
    [[nodiscard]] std::uint64_t dropped() const noexcept;
    /// How many slots are taken at this moment, and of how many.
    [[nodiscard]] std::size_t used() const noexcept;
    /// See `used`.
    [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

    /// Waits until there is something to read; false when `deadline` came first. For the reader.
    bool wait(os::Deadline deadline) noexcept;
    /// Ends a `wait` that is under way, in whatever process.
    void wake() noexcept;

    /// The descriptor of the memory; it stays the ring's.
    [[nodiscard]] int fd() const noexcept { return memory_fd_.get(); }

private:
    struct Header;
    struct Slot;

    void map(std::size_t size);
    bool reserve(std::size_t slots, bool urgent, std::uint64_t& ticket) noexcept;
    void populate(std::uint64_t ticket) noexcept;
    bool turn(std::size_t slots, std::uint64_t& ticket) noexcept;
    [[nodiscard]] bool skip_unfinished(std::uint64_t ticket, std::uint64_t mark, Writers writers) noexcept;

    os::Fd memory_fd_;
    std::size_t size_ = 0;
    std::size_t mask_ = 0;
    std::atomic<std::uint64_t> known_tail_{0}; ///< where the reader was when last looked at; it is there or further
    std::atomic<std::uint64_t> populated_{0}; ///< the chunk that this process wrote to last, and which process that was
    Header* header_ = nullptr;
    Slot* slots_ = nullptr;
    std::uint64_t stuck_at_ = UINT64_MAX; ///< the reader waits for a writer there
    os::Clock::time_point stuck_since_{};
    std::size_t unread_slots_ = 0; ///< of the event read last, which are still in use
    alignas(8) std::byte assembled_[512];
};

} // namespace pprocess::observe
