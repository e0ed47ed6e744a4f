// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <pprocess/observe/snapshot.h>
#include <pprocess/os/observer.h>

namespace pprocess::observe {

/// Events with what came with them, in their order: what travels and is stored at once. A value.
class EventBatch {
public:
    /// More than these are neither encoded nor decoded at once.
    static constexpr std::size_t most = 65'536;

    /// Appends one. `payload` as `Observer::observe` gets it; what is longer than an observer is told is left out.
    void add(const Event& event, std::span<const std::byte> payload = {});

    /// How many there are.
    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
    /// Are there none?
    [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
    /// One of them, by its place from 0.
    [[nodiscard]] const Event& event(std::size_t index) const noexcept { return events_[index]; }
    /// What came with it; valid until the batch changes.
    [[nodiscard]] std::span<const std::byte> payload(std::size_t index) const noexcept {
        return std::span(payloads_).subspan(begins_[index], events_[index].payload_size);
    }
    /// Bytes of all payloads.
    [[nodiscard]] std::size_t payload_bytes() const noexcept { return payloads_.size(); }

    /// Calls `use(event, payload)` for each.
    template <typename Use>
    void each(Use&& use) const {
        for (std::size_t index = 0; index < size(); ++index)
            use(event(index), payload(index));
    }

    /// Takes the memory for so many at once.
    void reserve(std::size_t events, std::size_t payload_bytes);
    /// Leaves none, and keeps the memory for the next.
    void clear() noexcept;

private:
    std::vector<Event> events_;
    std::vector<std::uint32_t> begins_;
    std::vector<std::byte> payloads_;
};

/// A batch as bytes, packed: about 8 bytes an event. Throws `std::length_error` for more events than
/// `EventBatch::most`.
std::vector<std::byte> encode(const EventBatch& batch);
/// The batch again. Throws `ProtocolError` for whatever is not one, or holds what no observer can have told; memory
/// grows to 16 MiB at most before that is found out.
EventBatch decode_batch(std::span<const std::byte> bytes);

/// A snapshot as bytes: what a late observer is given first. Throws `ProtocolError` when it is too large to be read
/// again.
std::vector<std::byte> encode(const Snapshot::Parts& parts);
/// The snapshot again. Throws `ProtocolError` for whatever is none.
Snapshot::Parts decode_snapshot(std::span<const std::byte> bytes);

} // namespace pprocess::observe
