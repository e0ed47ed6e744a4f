// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include <pprocess/observe/event_ring.h>

namespace pprocess {

/// Keeps what happens in this program and in the processes created from it until it is read. Bounded: when it is full,
/// what comes is dropped and counted, and the count is told as an event of its own.
///
///     Recorder recorder;                       // 8 MiB: about 60,000 events between two calls of drain
///     ... pmap, queues, exchanges ...
///     recorder.drain([&](const Event& event, std::span<const std::byte> payload) { ... });
///
/// It observes from its construction on and until it is destroyed, beside others if there are some, such as the one by
/// which a program is inspected.
class Recorder final : public Observer {
public:
    /// The memory used when nothing else is said, in bytes.
    static constexpr std::size_t default_memory = std::size_t{8} << 20;

    /// Begins to record. Throws `SystemError` when the memory cannot be had, `std::logic_error` when there are
    /// `os::most_observers` already.
    explicit Recorder(std::size_t memory = default_memory);
    /// Writes to what another process records; reads nothing. Throws as the constructors of `EventRing`, and
    /// `std::logic_error` as above.
    explicit Recorder(os::Fd shared);
    ~Recorder() override;

    /// What is called for each event, in the order in which they were written: that of time but for events of different
    /// processes that happened within microseconds.
    using Reader = std::function<void(const Event& event, std::span<const std::byte> payload)>;

    /// Hands over what has been recorded since the last call, `most` events at most, and returns how many. In the
    /// process that made the recorder.
    std::size_t drain(const Reader& reader, std::size_t most = SIZE_MAX);

    /// Events that did not fit, ever.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return ring_.dropped(); }
    /// The ring itself, to be waited for.
    [[nodiscard]] observe::EventRing& ring() noexcept { return ring_; }

    void observe(const Event& event, std::span<const std::byte> payload) noexcept override;
    [[nodiscard]] bool works_in_created_processes() const noexcept override { return true; }
    [[nodiscard]] int shared_descriptor() const noexcept override { return ring_.fd(); }

private:
    void install();

    observe::EventRing ring_;
    std::uint64_t dropped_told_ = 0;
};

} // namespace pprocess
