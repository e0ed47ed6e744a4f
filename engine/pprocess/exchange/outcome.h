// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <sys/types.h>

namespace pprocess {

/// How one task ended: with a value or with an error: `RemoteError`, `ProcessDied`, `TaskTimedOut`, `TaskCancelled`,
/// `TypeMismatch`, `ProtocolError`, or `SystemError` where no process could be made for it.
template <typename T>
class Outcome {
public:
    /// Of a task that has not ended.
    Outcome() = default;
    /// Neither value nor error yet; used by queues and maps.
    Outcome(std::size_t index, pid_t pid, unsigned attempts, std::chrono::nanoseconds duration)
        : index_(index),
          pid_(pid),
          attempts_(attempts),
          duration_(duration) {}

    /// The task's number in order of start, from 0.
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    /// Did the task give a value that is still here?
    [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
    /// Was there a value that has been moved out?
    [[nodiscard]] bool taken() const noexcept { return taken_; }
    /// The value; throws the task's error, or `std::logic_error` when the value was moved out or is not there yet.
    [[nodiscard]] T& value() { return const_cast<T&>(std::as_const(*this).value()); }
    /// The same, to look at.
    [[nodiscard]] const T& value() const {
        if (error_)
            std::rethrow_exception(error_);
        if (!value_)
            throw std::logic_error(taken_ ? "the value of this outcome has been moved out"
                                          : "this task has not ended yet");
        return *value_;
    }
    /// Null when the task did not fail.
    [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }
    /// The process that worked on it; 0 when none did.
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// How often it was started; 0 when it was cancelled before.
    [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }
    /// From the start of the last attempt to the arrival of what ended it.
    [[nodiscard]] std::chrono::nanoseconds duration() const noexcept { return duration_; }

    /// Makes it the outcome of a task that gave `value`.
    void set_value(T value) { value_.emplace(std::move(value)); }
    /// Makes it the outcome of a task that failed.
    void set_error(std::exception_ptr error) { error_ = std::move(error); }
    /// Moves the value out; throws as `value`. Afterwards `taken()` is true.
    [[nodiscard]] T take() {
        T result = std::move(value());
        value_.reset();
        taken_ = true;
        return result;
    }

private:
    std::size_t index_ = 0;
    std::optional<T> value_;
    std::exception_ptr error_;
    pid_t pid_ = 0;
    unsigned attempts_ = 0;
    std::chrono::nanoseconds duration_{};
    bool taken_ = false;
};

} // namespace pprocess
