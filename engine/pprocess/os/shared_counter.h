// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace pprocess::os {

/// A number in memory that a process shares with those forked from it, begun at 0. Move-only; each process gives up its
/// own view of it. It outlives the death of whoever counts, so that the other side learns how far that one came.
class SharedCounter {
public:
    /// None.
    SharedCounter() noexcept = default;
    /// Throws `SystemError` when no memory can be had.
    static SharedCounter make();

    /// Takes the view over; the other is none afterwards.
    SharedCounter(SharedCounter&& other) noexcept : number_(std::exchange(other.number_, nullptr)) {}
    /// Exchanges the two.
    SharedCounter& operator=(SharedCounter&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    SharedCounter(const SharedCounter&) = delete;
    SharedCounter& operator=(const SharedCounter&) = delete;
    ~SharedCounter();

    /// Is there a number?
    [[nodiscard]] bool exists() const noexcept { return number_ != nullptr; }
    /// Adds one; there must be a number.
    void increment() noexcept { number_->fetch_add(1, std::memory_order_release); }
    /// The number now; there must be one.
    [[nodiscard]] std::uint64_t value() const noexcept { return number_->load(std::memory_order_acquire); }

private:
    using Number = std::atomic<std::uint64_t>;
    static_assert(Number::is_always_lock_free, "a lock would be one process's own");

    Number* number_ = nullptr;
};

} // namespace pprocess::os
