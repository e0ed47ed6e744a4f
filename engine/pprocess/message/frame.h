// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <capnp/serialize.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <pprocess/message/message.capnp.h>

namespace pprocess::message {

/// What travels over a stream: a header of 16 bytes and a body.
///
///     offset 0  4 bytes  the letters "PPR1"
///     offset 4  1 byte   the kind
///     offset 5  3 bytes  0
///     offset 8  8 bytes  size of the body in bytes, a multiple of 8, least significant byte first
///     offset 16          the body: a Cap'n Proto message in the standard stream encoding (segment table, segments)
///     whose root is
///                        `schema::Message`; empty for kinds that say all by themselves
enum class FrameKind : std::uint8_t {
    value = 1,         ///< a value
    failure = 2,       ///< the error that a task ended with; its process goes on
    final_failure = 3, ///< the error that a process ends with
    goodbye = 4,       ///< the sender closes its channel though its process goes on

    // Only between a background process and those who connect to it.
    attach = 5,       ///< asks for the results
    attached = 6,     ///< they follow
    refused = 7,      ///< the answer to `attach` or `make_way`: no
    acknowledged = 8, ///< a result has been handed over
    ended = 9,        ///< how the process ended; nothing follows
    stop = 10,        ///< asks for the end of the background process
    make_way = 11,    ///< asks to leave the address to another, answered by closing the connection
};

/// Greater numbers are no kinds.
constexpr FrameKind last_frame_kind = FrameKind::make_way;

/// Does a frame of this kind consist of its header alone?
constexpr bool has_no_body(FrameKind kind) {
    return kind == FrameKind::goodbye || kind == FrameKind::attach || kind == FrameKind::stop ||
           kind == FrameKind::make_way;
}

/// Is this something that a task brings forth, and a collector acknowledges?
constexpr bool is_result(FrameKind kind) {
    return kind == FrameKind::value || kind == FrameKind::failure || kind == FrameKind::final_failure;
}

/// Bytes before a frame's body.
constexpr std::size_t frame_header_size = 16;

/// The header of a frame whose body has so many bytes.
std::array<std::byte, frame_header_size> frame_header(FrameKind kind, std::uint64_t body_size);

/// A message being built, to be sent as one frame. Small ones need no allocation.
class OutgoingMessage {
public:
    /// An empty message.
    explicit OutgoingMessage(FrameKind kind) : kind_(kind), builder_(kj::arrayPtr(scratch_.data(), scratch_.size())) {}
    OutgoingMessage(const OutgoingMessage&) = delete;
    OutgoingMessage& operator=(const OutgoingMessage&) = delete;

    /// As it was given.
    [[nodiscard]] FrameKind kind() const noexcept { return kind_; }
    /// Where its content is put.
    schema::Message::Builder root() { return builder_.getRoot<schema::Message>(); }

    /// The frame's parts in order, valid until this object changes or goes. Throws `ProtocolError` for more than
    /// `most_segments` segments.
    std::span<const iovec> frame();

    /// Bytes of the frame; known after `frame()`.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    FrameKind kind_;
    std::array<capnp::word, 128> scratch_{}; // Cap'n Proto wants it zeroed
    capnp::MallocMessageBuilder builder_;
    std::vector<std::uint64_t> head_;
    std::vector<iovec> parts_;
    std::size_t size_ = 0;
};

/// More segments than this in one message are refused on both sides.
constexpr std::size_t most_segments = 512;

/// Cuts a stream of bytes into frames. Memory grows only as bytes arrive, whatever a header claims.
///
/// What is not ours breaks the stream at that point: the frames before it are given, then `problem` says what came.
class FrameReader {
public:
    /// A claim of more than `largest_body` bytes breaks the stream before any of them is read.
    explicit FrameReader(std::uint64_t largest_body = UINT64_MAX) : largest_body_(largest_body) {}
    /// Changes that number; also for a frame whose header is known but whose body is not there yet.
    void limit(std::uint64_t largest_body);
    /// Moves the bytes read ahead with it.
    FrameReader(FrameReader&&) noexcept = default;
    /// The same.
    FrameReader& operator=(FrameReader&&) noexcept = default;

    /// Where the next bytes of the stream go, and how many are welcome: never 0 while there is neither a whole frame
    /// nor a problem.
    std::span<std::byte> space();
    /// Says that `count` bytes were put there.
    void advance(std::size_t count);
    /// Why nothing more can be read from this stream; empty while it can. Meaningful when there is no whole frame.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

    /// Is a whole frame there? Then `kind` and `body` speak of it until `consume` or `take_body`.
    [[nodiscard]] bool has_frame() const noexcept { return whole_; }
    /// Is there part of a frame?
    [[nodiscard]] bool in_frame() const noexcept { return begin_ != end_ || in_large_; }
    /// The kind of the frame that is there.
    [[nodiscard]] FrameKind kind() const noexcept { return kind_; }
    /// Its body, valid until the next call that changes this object.
    [[nodiscard]] kj::ArrayPtr<const capnp::word> body() const noexcept;
    /// Its bytes on the wire, header included.
    [[nodiscard]] std::size_t frame_size() const noexcept { return frame_header_size + body_size_; }

    /// Goes on to the next frame.
    void consume();
    /// Gives memory back that holds nothing, until the next `space`. For a reader that is about to wait.
    void rest() noexcept;
    /// Like `consume`, and gives the body to the caller.
    kj::Array<capnp::word> take_body();

private:
    struct Free {
        void operator()(std::byte* memory) const noexcept { std::free(memory); }
    };
    using Buffer = std::unique_ptr<std::byte, Free>;

    void look();
    void read_header();
    void check_claim();
    void move_to_large();
    void grow_large();
    void next();

    std::uint64_t largest_body_;
    Buffer ahead_; // what was read, and perhaps several small frames
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool header_known_ = false;
    bool whole_ = false;
    std::string problem_;
    FrameKind kind_{};
    std::uint64_t body_size_ = 0;
    bool in_large_ = false;
    Buffer large_; // the body of a frame too large for `ahead_`
    std::size_t large_size_ = 0;
    std::size_t large_capacity_ = 0;
};

/// Reads a frame's body as a message: limits are taken from its real size and the segment table is checked first.
/// The bytes must outlive the object.
class IncomingMessage {
public:
    /// Throws `ProtocolError` when the body is no message.
    explicit IncomingMessage(kj::ArrayPtr<const capnp::word> body);
    /// Throws `ProtocolError` likewise.
    schema::Message::Reader root();

private:
    capnp::FlatArrayMessageReader reader_;
};

/// A message that owns its bytes, which have been copied from a message whose size was known: it may be read any number
/// of times. What `Channel::receive_message` gives. Throws `ProtocolError` when the body is no message.
std::unique_ptr<capnp::MessageReader> own_message(kj::Array<capnp::word> body);

} // namespace pprocess::message
