// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <string>

#include <pprocess/message/errors.h>
#include <pprocess/os/process.h>

namespace pprocess {

/// An exception left the function that another process ran. `what()` is its own text.
class RemoteError : public Error {
public:
    /// Of an exception of the type named so, with its text, in process `pid`.
    RemoteError(pid_t pid, std::string type_name, const std::string& message)
        : Error(message),
          pid_(pid),
          type_name_(std::move(type_name)) {}

    /// The exception's type as in the source, e.g. "std::out_of_range"; `int` for `throw 1`.
    [[nodiscard]] const std::string& type_name() const noexcept { return type_name_; }
    /// The process that threw it.
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
    pid_t pid_;
    std::string type_name_;
};

/// A process ended where a result was due.
class ProcessDied : public Error {
public:
    /// `status` says how it ended.
    ProcessDied(pid_t pid, ProcessStatus status);

    /// The process, which is reaped: the number may be another's by now.
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Its exit code or signal.
    [[nodiscard]] const ProcessStatus& status() const noexcept { return status_; }

private:
    pid_t pid_;
    ProcessStatus status_;
};

/// The channel is closed, here or on the other side, and nothing more can come or go.
class ChannelClosed : public Error {
public:
    using Error::Error;
};

/// A task did not end within the time it was given; its process has been ended.
class TaskTimedOut : public Error {
public:
    using Error::Error;
};

/// A task was dropped, or its process ended, because its exchange was cancelled.
class TaskCancelled : public Error {
public:
    using Error::Error;
};

} // namespace pprocess
