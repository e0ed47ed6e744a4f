// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <pprocess/channel/channel.h>
#include <pprocess/observe/inspectable_program.h>
#include <pprocess/observe/snapshot.h>

namespace pprocess {

/// Watches another program, of the same user, that lets itself be inspected: gives its present state and then what
/// happens there. The program does not notice. Belongs to one thread; nothing here waits.
///
///     Attachment attachment("pmap");                  // or Attachment(pid), or one of inspectable_programs()
///     ... when attachment.fileno() is readable:
///     while (attachment.step(callbacks) == Attachment::Step::more) {}
class Attachment {
public:
    /// Whoever watches. Those not set are not called. None may destroy the attachment.
    struct Callbacks {
        /// Once, before anything else: the state at the moment of attaching.
        std::function<void(observe::Snapshot state)> present;
        /// Each thing that has happened since, in order; `payload` as `Observer::observe` gets it.
        std::function<void(const Event& event, std::span<const std::byte> payload)> event;
        /// What became of a command; `refusal` is empty when it was carried out.
        std::function<void(std::uint64_t command, const std::string& refusal)> answered;
    };

    /// What `step` has left.
    enum class Step {
        waiting, ///< nothing: call it again when `fileno` is readable
        more,    ///< something: call it again soon, readable or not
        over,    ///< nothing ever again: the connection has ended, `ending` says why
    };

    /// How one is asked to end.
    enum class How {
        ask, ///< SIGTERM, and SIGCONT so that a stopped process gets it
        kill ///< SIGKILL
    };

    /// Attaches. Throws `SystemError` when that cannot be: ECONNREFUSED or ENOENT when the program has just ended.
    explicit Attachment(const InspectableProgram& program);
    /// To the program with this name or pid. Throws also as `inspectable_program`.
    explicit Attachment(std::string_view name_or_pid);
    /// Attaches to nothing; for assigning to.
    Attachment() = default;

    /// Takes in what has come, about `most_bytes` of it at a time. Throws what a callback throws; that event counts as
    /// handed over.
    Step step(const Callbacks& callbacks, std::size_t most_bytes = std::size_t{1} << 20);

    /// The descriptor to watch for input; -1 when nothing comes any more.
    [[nodiscard]] int fileno() const noexcept { return is_over_ ? -1 : channel_.fileno(); }
    /// Is it attached to something that may still tell?
    [[nodiscard]] bool is_attached() const noexcept { return !is_over_; }
    /// Why it is over: "the program has ended", or that the connection was lost. Empty before.
    [[nodiscard]] const std::string& ending() const noexcept { return ending_; }
    /// What it is attached to.
    [[nodiscard]] const InspectableProgram& program() const noexcept { return program_; }
    /// Are `end_process` and `end_task` obeyed? Known after the first `step` that called `present`.
    [[nodiscard]] bool allows_control() const noexcept { return allows_control_; }

    // Commands. Each returns a number by which `Callbacks::answered` tells what became of it; 0 when it is over.

    /// Samples a second of each process: 0 to 50, 2 when nothing is said. The highest of all attached is what is done.
    std::uint64_t set_sample_rate(double rate);
    /// Ends a process of the present state.
    std::uint64_t end_process(pid_t pid, How how);
    /// Ends the process that runs this task, whose outcome is then *died*.
    std::uint64_t end_task(std::uint64_t exchange, std::uint64_t task, How how);

    /// Goes. The program is not changed by that.
    void detach();

private:
    void hand_over(const Event& event, std::span<const std::byte> payload, const Callbacks& callbacks);
    std::uint64_t send(int kind, double rate, pid_t pid, std::uint64_t exchange, std::uint64_t task, How how);
    void end(std::string reason);

    InspectableProgram program_;
    Channel channel_;
    bool is_over_ = true;
    bool allows_control_ = false;
    bool program_has_ended_ = false;
    std::int64_t seen_ = 0; ///< the time of the latest thing told, ns
    std::uint64_t commands_ = 0;
    std::string ending_;
};

} // namespace pprocess
