// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <capnp/message.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <pprocess/channel/errors.h>
#include <pprocess/channel/persistent_link.h>
#include <pprocess/message/codec.h>
#include <pprocess/message/frame.h>
#include <pprocess/message/limits.h>
#include <pprocess/os/observer.h>
#include <pprocess/os/process.h>
#include <pprocess/os/shared_counter.h>
#include <pprocess/os/socket.h>

namespace pprocess {

/// One end of a two-way connection that carries values to and from another process.
///
/// In the process that created the other one it also owns that process: destroyed, it closes, gives the process 200 ms
/// to end, then ends it by SIGTERM, SIGCONT and SIGKILL, and reaps it. A channel that a created process inherited from
/// its creator does nothing when destroyed there. Belongs to one thread.
///
/// Both sides may send at once, whatever the size: a `send` that finds the connection full takes in what comes the
/// other way.
class Channel {
public:
    /// What went over a channel so far, whole messages counted.
    struct Traffic {
        std::uint64_t messages_in = 0;  ///< received
        std::uint64_t messages_out = 0; ///< sent
        std::uint64_t bytes_in = 0;     ///< received, frames and all
        std::uint64_t bytes_out = 0;    ///< sent, frames and all
    };

    /// A closed channel.
    Channel() = default;
    /// Takes over a connected non-blocking stream socket and the process at its other end; none: an empty `Process`.
    /// Observers know the channel by `id`, which both ends should share; 0: a new one. `purpose`, a literal, tells them
    /// what the process is for.
    Channel(os::Fd socket, os::Process process, std::uint64_t id = 0, const char* purpose = "function");
    /// Takes over a socket that is connected to the address of a background process. It is asked for its results as
    /// soon as something is to be received. `id` as above.
    Channel(os::Fd socket, PersistentLink link, std::uint64_t id = 0);
    /// Moves socket and process; the other is closed afterwards.
    Channel(Channel&&) noexcept = default;
    /// As the destructor and then the move constructor.
    Channel& operator=(Channel&& other) noexcept;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    ~Channel();

    /// Sends a value, waiting while the connection is full. Throws `ChannelClosed` when the other side is gone, and
    /// `ProtocolError` when it exceeds `limit_incoming` meanwhile.
    template <typename T>
    void send(const T& value) {
        message::OutgoingMessage message(message::FrameKind::value);
        message::encode(value, message.root().initValue(), referring);
        send_frame(message);
    }

    /// Waits for the next value. Throws, once what was sent before has been received: `RemoteError` when an exception
    /// left the function of the other process; `ProcessDied` when that process was killed, exited with another status
    /// than 0, or ended without having sent anything; `ChannelClosed` when it has sent all it had; `TypeMismatch` when
    /// the value is no `T` (it is consumed).
    ///
    /// From a background process also `SystemError` (EBUSY) when another collector is attached. What was received is
    /// acknowledged once it has been decoded; a value that is no `T` is kept for the next collector.
    template <typename T>
    T receive() {
        Taken taken(*this);
        T value = message::decode<T>(taken.value());
        taken.acknowledge();
        return value;
    }

    /// Receives a value and gives it to `use`. A background process keeps the value until that has returned: if it
    /// throws, which goes on to the caller, the value stays for the next collector. Throws as `receive`.
    template <typename T, typename Function>
    void receive_then(Function&& use) {
        Taken taken(*this);
        use(message::decode<T>(taken.value()));
        taken.acknowledge();
    }

    /// Sends a message of the caller's own schema. It is copied.
    void send_message(capnp::MessageBuilder& message);
    /// Receives a message sent by `send_message`; throws as `receive`.
    std::unique_ptr<capnp::MessageReader> receive_message();

    /// The process at the other end; 0 in a created process, for a pair without processes, and while a fork server has
    /// not yet said it.
    [[nodiscard]] pid_t pid() const noexcept { return process_.pid(); }
    /// The socket, for watching. Readable does not yet mean that a whole message is there. -1 when closed.
    [[nodiscard]] int fileno() const noexcept { return socket_.get(); }
    /// Is this end open? Says nothing of the other end.
    [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }
    /// Closes this end. The other side receives what was sent before. Does not end the process.
    void close();
    /// Waits until the process has ended, taking in what it sends meanwhile, and says how. Throws `SystemError`
    /// (ECHILD) when there is no process or it is a background process, which is no child of this one.
    ProcessStatus wait();

    /// By which observers know it; the same at both ends of a channel that this library has made.
    [[nodiscard]] std::uint64_t id() const noexcept { return id_.value(); }

    /// From now on observers hear nothing of this channel: it is how they themselves are told.
    void hide_from_observers() noexcept { id_ = os::Identity(nullptr); }

    /// Says which end observers are to take this one for; without a call the one that owns the process is the
    /// creator's.
    void set_end(ChannelEnd end) noexcept { end_ = end; }

    /// What went over this channel so far.
    [[nodiscard]] const Traffic& traffic() const noexcept { return traffic_; }

    /// Bounds the memory that the other side can take up here; for a side that is not trusted, such as a stranger that
    /// connected to an address. A message announced as larger is a `ProtocolError` before any of it has been taken in;
    /// so is more than that sent without pause while it takes nothing in itself. Neither can be received from after
    /// that. Without a call there is no bound: a process of one's own may send whatever memory holds.
    void limit_incoming(std::uint64_t largest_message = message::largest_from_stranger);

    // For exchanges and launchers: nothing here waits.

    /// Takes in what is there. True when `receive` would not wait: a message or an error is due.
    bool pump();
    /// Is the next thing due a value (and not an error)? Meaningful after `pump` was true.
    [[nodiscard]] bool has_value() const noexcept;
    /// Takes the error that `receive` would throw; empty when a value is due.
    std::exception_ptr take_error();
    /// From now on `receive` throws `error`, once, and nothing else comes any more.
    void fail(std::exception_ptr error);
    /// Did the peer say that its process ends after the failure taken last?
    [[nodiscard]] bool failure_was_final() const noexcept { return failure_was_final_; }
    /// Has an exception of the other side been handed over?
    [[nodiscard]] bool failure_was_taken() const noexcept { return failure_taken_; }
    /// Has the error been handed over that tells of the end?
    [[nodiscard]] bool end_was_taken() const noexcept { return end_taken_; }
    /// Is an error due that `fail` set?
    [[nodiscard]] bool has_error() const noexcept { return failure_ != nullptr; }
    /// Will no more bytes come?
    [[nodiscard]] bool at_end_of_stream() const noexcept { return end_of_stream_ || failed_; }
    /// Has everything been received, with no more to come, and the process ended?
    [[nodiscard]] bool is_over() const noexcept;

    /// Asks for the end of the process, without waiting: SIGTERM and SIGCONT, for a background process through the one
    /// that keeps its results.
    void end_process() noexcept;
    /// Waits until the background process has let this collector in. Throws `SystemError`: EBUSY when another is
    /// attached, ECONNREFUSED when it has just ended, ETIMEDOUT when it has not answered by the deadline.
    void attach(os::Deadline deadline);

    /// Sends a value without waiting; what the connection does not take is kept and goes out by `flush`.
    template <typename T>
    void post(const T& value) {
        message::OutgoingMessage message(message::FrameKind::value);
        message::encode(value, message.root().initValue(), referring);
        post_frame(message);
    }
    /// Sends what `post` kept as far as it goes; true when nothing is left. Throws `ChannelClosed` when the other side
    /// is gone.
    bool flush();
    /// Is there something that `flush` would send?
    [[nodiscard]] bool has_unsent() const noexcept { return !outbound_.empty(); }

    /// Reports the exception that is being handled to the other side; `final`: this process ends with it. False when
    /// nothing could be sent: the other side is gone, or memory is.
    bool send_failure(bool final) noexcept;

    /// In a created process: counts in `counter` each value that is about to be received.
    void count_takings(os::SharedCounter counter) noexcept {
        takings_ = std::move(counter);
        counts_takings_ = true;
    }
    /// In its creator: looks there to see how far the other side came.
    void watch_takings(os::SharedCounter counter) noexcept { takings_ = std::move(counter); }
    /// How many values the other side has taken up, whether or not it has done anything with them; empty when it does
    /// not say.
    [[nodiscard]] std::optional<std::uint64_t> taken_by_peer() const noexcept {
        if (counts_takings_ || !takings_.exists())
            return std::nullopt;
        return takings_.value();
    }

    /// In a created process: tells observers that it begins its next task; `text`: a command, if it is one.
    void tell_task_started(std::string_view text = {}) noexcept {
        if (Observer* observer = os::observer()) [[unlikely]]
            tell_of_task(*observer, EventKind::task_started, text);
    }
    /// And that its function has returned or thrown.
    void tell_task_returned() noexcept {
        if (Observer* observer = os::observer()) [[unlikely]]
            tell_of_task(*observer, EventKind::task_returned, {});
    }
    /// Could what was received last be decoded?
    [[nodiscard]] bool last_was_decoded() const noexcept { return last_was_decoded_; }

    /// The process at the other end, for signals and watching; it stays the channel's.
    [[nodiscard]] os::Process& process() noexcept { return process_; }
    /// The same, to look at.
    [[nodiscard]] const os::Process& process() const noexcept { return process_; }
    /// The socket, for launchers; it stays the channel's.
    [[nodiscard]] os::Fd& socket() noexcept { return socket_; }

private:
    /// The value stands until its frame has gone or has been kept, so what is large in it need not be copied before.
    static constexpr message::EncodeOptions referring{.borrow_from = 4096};

    /// One frame taken out of the stream while more had to be read.
    struct Stored {
        message::FrameKind kind;
        kj::Array<capnp::word> body;

        [[nodiscard]] std::uint64_t size() const noexcept {
            return message::frame_header_size + body.size() * sizeof(capnp::word);
        }
    };

    /// The value that is due next; consumed when this goes, whether it could be decoded or not.
    class Taken {
    public:
        explicit Taken(Channel& channel) : Taken(channel, channel.wait_for_value()) {}
        [[nodiscard]] schema::Value::Reader value() const { return value_; }
        /// The value is about to be handed over.
        void acknowledge() {
            consumer_.channel.last_was_decoded_ = true;
            if (consumer_.channel.link_)
                consumer_.channel.acknowledge_result();
        }

    private:
        struct Consumer {
            Channel& channel;
            ~Consumer() { channel.consume(); }
        };

        Taken(Channel& channel, kj::ArrayPtr<const capnp::word> body);

        Consumer consumer_;
        message::IncomingMessage message_;
        schema::Value::Reader value_;
    };

    void tell_of_task(Observer& observer, EventKind kind, std::string_view text) noexcept;
    void tell_sent(message::OutgoingMessage& message, std::span<const iovec> frame) noexcept {
        if (Observer* observer = os::observer()) [[unlikely]]
            tell_of_sending(*observer, message, frame);
    }
    void tell_of_sending(Observer& observer, message::OutgoingMessage& message, std::span<const iovec> frame) noexcept;
    void tell_received() noexcept;
    void tell_space(EventKind kind, std::size_t size) noexcept;
    void count_sent(const message::OutgoingMessage& message) noexcept;
    [[nodiscard]] Event event_here(EventKind kind) const noexcept;

    [[nodiscard]] bool has_frame() const noexcept { return !backlog_.empty() || reader_.has_frame(); }
    [[nodiscard]] message::FrameKind frame_kind() const noexcept;
    [[nodiscard]] kj::ArrayPtr<const capnp::word> frame_body() const noexcept;
    void consume();

    void send_frame(message::OutgoingMessage& message);
    void finish_sending() noexcept;
    void flush_if_open() noexcept;
    void post_frame(message::OutgoingMessage& message);
    /// Sends without waiting from `parts`, which it advances; false when the connection is full.
    bool write_some(std::vector<iovec>& parts);

    kj::ArrayPtr<const capnp::word> wait_for_value();
    /// Waits until more can be sent, taking in what arrives. Throws `ChannelClosed` when the other process has ended.
    void wait_for_room();
    /// Waits for input, the process's end, or room to write; takes nothing in.
    void wait_for_events(bool for_output, os::Deadline deadline = {});
    enum class Read { something, nothing, end };
    Read read_some();
    /// Takes a frame that is not itself received: an end, or an answer of a background process.
    void take_notice();
    void take_answer(message::FrameKind kind);
    void throw_refusal();
    void ask_for_results();
    void acknowledge(std::uint64_t number) noexcept;
    void acknowledge_result();
    void acknowledge_end() noexcept;
    /// Reads what is there while something else is being waited for.
    void store_arriving();
    void drop_backlog() noexcept;
    [[nodiscard]] std::exception_ptr remote_error();
    [[nodiscard]] std::exception_ptr end_error() const;
    [[noreturn]] void throw_closed(const char* action) const;

    os::Fd socket_;
    os::Process process_;
    message::FrameReader reader_;
    std::list<Stored> backlog_;
    std::uint64_t backlog_bytes_ = 0;
    std::uint64_t most_backlog_ = UINT64_MAX;
    std::vector<std::byte> outbound_; ///< what was posted and not taken
    std::size_t outbound_sent_ = 0;   ///< so much of it has gone since
    Traffic traffic_;
    std::exception_ptr failure_; ///< what `fail` set, until it is taken
    bool failed_ = false;        ///< `fail` was called
    bool end_of_stream_ = false;
    bool end_taken_ = false; ///< the end's error has been handed over
    bool goodbye_ = false;
    bool failure_taken_ = false; ///< a RemoteError has been handed over
    bool failure_was_final_ = false;
    std::unique_ptr<PersistentLink> link_; ///< of a channel to a background process
    os::SharedCounter takings_;
    bool counts_takings_ = false;          ///< here, for the other side
    os::Identity id_{nullptr};             ///< by which observers know it
    ChannelEnd end_ = ChannelEnd::creator; ///< this one
    std::uint64_t results_sent_ = 0;       ///< messages that the other side receives
    std::uint64_t tasks_begun_ = 0;        ///< here, for the other side
    bool last_was_decoded_ = false;
    bool wants_space_ = false;      ///< observers have been told that the connection is full
    std::uint64_t exchange_id_ = 0; ///< by which its exchange finds it
    friend class Exchange;
};

/// Two connected channels without a process (`pid()` is 0), for tests and for wiring by hand.
std::pair<Channel, Channel> channel_pair();

} // namespace pprocess
