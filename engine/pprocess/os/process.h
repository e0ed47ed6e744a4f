// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pprocess/os/clock.h>
#include <pprocess/os/fd.h>

namespace pprocess {

/// How a process ended: by exiting with a code or by a signal. A value.
class ProcessStatus {
public:
    /// Exited with `code`.
    static ProcessStatus from_exit(int code) { return {code, 0}; }
    /// Killed by `signal`.
    static ProcessStatus from_signal(int signal) { return {0, signal}; }
    /// From the status word of `waitpid`.
    static ProcessStatus from_wait(int word);
    /// A process whose end could not be learned (its launcher ended before it could say).
    static ProcessStatus unknown() { return {-1, -1}; }
    /// A process that its launcher could not make, with the errno that says why.
    static ProcessStatus not_started(int error) { return {error, -2}; }

    /// Did it end by itself, whatever the code?
    [[nodiscard]] bool exited() const noexcept { return signal_ == 0; }
    /// The code given to exit, 0 to 255; meaningful when `exited()`.
    [[nodiscard]] int exit_code() const noexcept { return start_error() == 0 ? code_ : -1; }
    /// Was it killed by a signal?
    [[nodiscard]] bool signaled() const noexcept { return signal_ > 0; }
    /// The signal's number; 0 unless `signaled()`.
    [[nodiscard]] int signal() const noexcept { return signal_ > 0 ? signal_ : 0; }
    /// Could its end not be learned?
    [[nodiscard]] bool is_unknown() const noexcept { return signal_ < 0; }
    /// The errno for which there was no process at all; 0 when there was one.
    [[nodiscard]] int start_error() const noexcept { return signal_ == -2 ? code_ : 0; }
    /// Did it exit with code 0?
    [[nodiscard]] bool success() const noexcept { return signal_ == 0 && code_ == 0; }

    /// "exited with status 3", "was killed by signal 9 (Killed)".
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const ProcessStatus&, const ProcessStatus&) = default;

private:
    ProcessStatus(int code, int signal) : code_(code), signal_(signal) {}
    int code_;
    int signal_;
};

namespace os {

/// A process at the other end of a channel. One that this object is responsible for is reached by pidfds alone, so that
/// neither a signal nor a wait can hit a stranger that got the same pid. Three kinds behind one face:
///
/// - a *child* of this process, reaped here by `waitid(P_PIDFD)`;
/// - a *ward*: the child of a fork server, which tells over a socket when it has started (with its pid and a pidfd)
///   and how it ended. Its pid is 0 until the server has said it;
/// - a *remote* process: one of which this one only hears, as a background process. It is neither waited for nor
///   signalled from here.
///
/// Destroying the object neither ends nor reaps the process: its owner does that by `end`.
class Process {
public:
    /// No process.
    Process() = default;
    /// Takes the process over; the other stands for none afterwards.
    Process(Process&& other) noexcept { swap(other); }
    /// The same; the process that this object stood for goes on.
    Process& operator=(Process&& other) noexcept {
        Process(std::move(other)).swap(*this);
        return *this;
    }
    /// Exchanges the processes that two objects stand for.
    void swap(Process& other) noexcept;
    /// A child just forked by this process. Throws `SystemError` when no pidfd is to be had. How it ended is unknown
    /// when somebody else has reaped it.
    static Process child(pid_t pid);
    /// A child of a fork server that reports over `report` (see `report.h` for the format).
    static Process ward(Fd report);
    /// A process of somebody else's, whose end `set_status` tells.
    static Process remote(pid_t pid);

    /// Its pid; 0 for none, and for a ward that has not said it yet.
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// From now on an observer hears of its beginning and its end: it is for `purpose`, and the channel of this id (0:
    /// none) leads to it. `purpose` must stay valid, as a literal does.
    void announce(std::uint64_t channel, const char* purpose) noexcept;

    /// Is there a process behind this object, running or ended?
    [[nodiscard]] bool exists() const noexcept;
    /// Is it one that this object neither waits for nor signals?
    [[nodiscard]] bool is_remote() const noexcept { return is_remote_; }
    /// Says how a remote process ended.
    void set_status(ProcessStatus status) { end_with(status); }
    /// Says which process a remote one is.
    void set_pid(pid_t pid) noexcept { pid_ = pid; }

    /// The descriptor that becomes readable when `update` has something to learn; -1 when it never will again.
    [[nodiscard]] int watch_fd() const noexcept;

    /// Learns without waiting what there is to learn; returns the status as soon as the process has ended and is
    /// reaped.
    std::optional<ProcessStatus> update();
    /// How it ended, as far as has been learned.
    [[nodiscard]] const std::optional<ProcessStatus>& status() const noexcept { return status_; }

    /// Waits for the end until `deadline`; empty when it did not come by then, and at once for a remote process.
    std::optional<ProcessStatus> wait(Deadline deadline = {});

    /// Sends a signal; false when the process has ended, is not yet known by pid, or the signal is not allowed.
    bool send_signal(int signal) noexcept;

    /// SIGTERM, then SIGCONT so that a stopped process gets it too.
    void terminate() noexcept;

    /// Ends the process for good: waits `grace` for it to end by itself, terminates it, waits `grace` again, kills it,
    /// and reaps. A ward whose server is gone counts as ended. A remote process is left alone.
    void end(std::chrono::milliseconds grace) noexcept;

private:
    [[nodiscard]] bool deliver(int signal) const noexcept;
    void learn_from_report();
    void end_with(ProcessStatus status) noexcept;
    void tell_created() const noexcept;

    pid_t pid_ = 0;
    Fd pidfd_;
    Fd report_;
    bool is_ward_ = false;
    bool is_remote_ = false;
    bool kill_when_started_ = false;
    std::optional<ProcessStatus> status_;
    unsigned generation_ = 0;
    std::uint64_t channel_ = 0;     ///< its id, for observers
    const char* purpose_ = nullptr; ///< set: observers are told
};

/// A descriptor that stands for a process, readable when it has ended; empty (with errno) when none is to be had.
Fd open_pidfd(pid_t pid);

/// For a process just forked: from now on it is killed when its creator ends; ends it when that has happened already.
/// The creator's thread that forked must live as long as the creator does (prctl(2), PR_SET_PDEATHSIG).
void end_with_creator(pid_t creator);

/// Waits until every process made by `Process::child` here has ended, without reaping any.
void wait_for_all_children();

/// The names of this process's threads, one each, e.g. {"main", "QXcbEventQueue"}. Of one that has ended the system may
/// tell for a moment after it has been joined; it is left out.
std::vector<std::string> thread_names();

} // namespace os
} // namespace pprocess
