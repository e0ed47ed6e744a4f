// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/message/frame.h>

#include <bit>
#include <cstring>
#include <new>
#include <string>

#include <pprocess/message/errors.h>
#include <pprocess/message/fail.h>
#include <pprocess/message/limits.h>

namespace pprocess::message {

static_assert(std::endian::native == std::endian::little,
              "frames and packed numbers are written least significant byte first");

namespace {

constexpr std::array<char, 4> magic{'P', 'P', 'R', '1'};

/// Bytes read ahead at most; larger bodies go straight to where they stay.
constexpr std::size_t ahead_capacity = 64 * 1024;

/// What is set aside for a large body before any of it has come.
constexpr std::size_t first_large_capacity = 1 << 20;

/// No memory holds more, and sums with a header stay within 64 bits.
constexpr std::uint64_t largest_possible_body = std::uint64_t{1} << 62;

/// Checks the segment table against the bytes that are there, so that Cap'n Proto reads a table that is known to be
/// sound.
kj::ArrayPtr<const capnp::word> checked(kj::ArrayPtr<const capnp::word> body) {
    if (body.size() == 0)
        throw ProtocolError("received an empty message");
    const auto* table = reinterpret_cast<const std::uint32_t*>(body.begin());
    const std::uint64_t segments = std::uint64_t{table[0]} + 1;
    if (segments > most_segments)
        throw ProtocolError("received a message of " + std::to_string(segments) + " segments; at most " +
                            std::to_string(most_segments) + " are allowed");
    const std::uint64_t table_words = segments / 2 + 1;
    std::uint64_t words = table_words;
    if (table_words <= body.size())
        for (std::uint64_t segment = 0; segment < segments; ++segment)
            words += table[1 + segment];
    if (words != body.size())
        throw ProtocolError("received a message whose segments do not add up to its size");
    return body;
}

capnp::ReaderOptions options_for(std::size_t words) {
    capnp::ReaderOptions options;
    // Each part is looked at a few times at most; content whose pointers lead to the same bytes again and again runs
    // out.
    options.traversalLimitInWords = 8 * words + 1024;
    options.nestingLimit = nesting_limit;
    return options;
}

/// No pointers of a copy lead to the same bytes, so that reading them again is its owner's decision.
constexpr capnp::ReaderOptions options_for_copies{UINT64_MAX, nesting_limit};

class OwnedMessage : public capnp::MessageReader {
public:
    explicit OwnedMessage(kj::Array<capnp::word> body)
        : MessageReader(options_for_copies),
          body_(kj::mv(body)),
          inner_(body_, options_for_copies) {}
    kj::ArrayPtr<const capnp::word> getSegment(capnp::uint id) override { return inner_.getSegment(id); }

private:
    kj::Array<capnp::word> body_;
    capnp::FlatArrayMessageReader inner_;
};

} // namespace

std::array<std::byte, frame_header_size> frame_header(FrameKind kind, std::uint64_t body_size) {
    std::array<std::byte, frame_header_size> header{};
    std::memcpy(header.data(), magic.data(), magic.size());
    header[4] = static_cast<std::byte>(kind);
    std::memcpy(header.data() + 8, &body_size, sizeof body_size);
    return header;
}

std::span<const iovec> OutgoingMessage::frame() {
    const bool empty = has_no_body(kind_);
    const auto segments =
        empty ? kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>() : builder_.getSegmentsForOutput();
    if (segments.size() > most_segments)
        throw ProtocolError("this value is too finely divided to be sent as one message");

    const std::size_t table_words = empty ? 0 : segments.size() / 2 + 1;
    head_.assign(2 + table_words, 0);
    auto* table = reinterpret_cast<std::uint32_t*>(head_.data() + 2);
    if (!empty)
        *table++ = static_cast<std::uint32_t>(segments.size() - 1);
    std::uint64_t words = table_words;
    parts_.clear();
    parts_.push_back({head_.data(), head_.size() * sizeof(std::uint64_t)});
    for (const auto& segment : segments) {
        *table++ = static_cast<std::uint32_t>(segment.size());
        words += segment.size();
        parts_.push_back({const_cast<capnp::word*>(segment.begin()), segment.size() * sizeof(capnp::word)});
    }
    const auto header = frame_header(kind_, words * sizeof(capnp::word));
    std::memcpy(head_.data(), header.data(), header.size());
    size_ = frame_header_size + words * sizeof(capnp::word);
    return parts_;
}

std::span<std::byte> FrameReader::space() {
    if (header_known_ && !in_large_ && frame_size() > ahead_capacity)
        move_to_large();
    if (in_large_) {
        grow_large();
        return {large_.get() + large_size_,
                static_cast<std::size_t>(std::min<std::uint64_t>(large_capacity_, body_size_)) - large_size_};
    }
    if (!ahead_) {
        ahead_.reset(static_cast<std::byte*>(std::malloc(ahead_capacity)));
        if (!ahead_)
            throw std::bad_alloc();
    }
    if (begin_ > 0) {
        std::memmove(ahead_.get(), ahead_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    return {ahead_.get() + end_, ahead_capacity - end_};
}

void FrameReader::grow_large() {
    if (large_size_ < large_capacity_)
        return;
    const std::uint64_t wanted = std::max<std::uint64_t>(first_large_capacity, std::uint64_t{large_capacity_} * 2);
    const auto capacity = static_cast<std::size_t>(std::min(wanted, body_size_));
    auto* memory = static_cast<std::byte*>(std::realloc(large_.get(), capacity));
    if (!memory)
        throw std::bad_alloc();
    static_cast<void>(large_.release());
    large_.reset(memory);
    large_capacity_ = capacity;
}

void FrameReader::advance(std::size_t count) {
    if (in_large_) {
        large_size_ += count;
        whole_ = large_size_ == body_size_;
        return;
    }
    end_ += count;
    look();
}

void FrameReader::look() {
    if (!header_known_) {
        if (!problem_.empty() || end_ - begin_ < frame_header_size)
            return;
        read_header();
    }
    whole_ = header_known_ && end_ - begin_ >= frame_size();
}

/// A frame that is too large to be read ahead goes on in memory of its own. Only `space` does that, so that taking a
/// message needs no memory for the next one.
void FrameReader::move_to_large() {
    grow_large();
    const std::size_t here = end_ - begin_ - frame_header_size;
    std::memcpy(large_.get(), ahead_.get() + begin_ + frame_header_size, here);
    large_size_ = here;
    begin_ = end_ = 0;
    in_large_ = true;
}

void FrameReader::read_header() {
    const std::byte* header = ahead_.get() + begin_;
    std::uint8_t kind = 0;
    std::array<std::uint8_t, 3> reserved{};
    std::memcpy(&kind, header + 4, 1);
    std::memcpy(reserved.data(), header + 5, reserved.size());
    std::memcpy(&body_size_, header + 8, sizeof body_size_);
    if (std::memcmp(header, magic.data(), magic.size()) != 0 || kind < 1 ||
        kind > static_cast<std::uint8_t>(last_frame_kind) || reserved != std::array<std::uint8_t, 3>{} ||
        body_size_ % sizeof(capnp::word) != 0 || (body_size_ != 0 && has_no_body(static_cast<FrameKind>(kind)))) {
        problem_ = "received bytes that are not a message of pprocess";
        return;
    }
    kind_ = static_cast<FrameKind>(kind);
    header_known_ = true;
    check_claim();
}

void FrameReader::check_claim() {
    const std::uint64_t most = std::min(largest_body_, largest_possible_body);
    if (body_size_ <= most)
        return;
    problem_ = "received the announcement of a message of " + std::to_string(body_size_) + " bytes; at most " +
               std::to_string(most) + " are allowed here";
    header_known_ = false;
}

void FrameReader::limit(std::uint64_t largest_body) {
    largest_body_ = largest_body;
    if (!header_known_ || whole_)
        return;
    check_claim();
    if (!problem_.empty()) {
        in_large_ = false;
        large_.reset();
        large_size_ = large_capacity_ = 0;
    }
}

kj::ArrayPtr<const capnp::word> FrameReader::body() const noexcept {
    const std::byte* start = in_large_ ? large_.get() : ahead_.get() + begin_ + frame_header_size;
    return {reinterpret_cast<const capnp::word*>(start), static_cast<std::size_t>(body_size_) / sizeof(capnp::word)};
}

void FrameReader::next() {
    header_known_ = false;
    whole_ = false;
    in_large_ = false;
    large_size_ = 0;
    large_capacity_ = 0;
    if (begin_ == end_)
        begin_ = end_ = 0;
    look();
}

void FrameReader::consume() {
    if (in_large_) {
        large_.reset();
    } else {
        begin_ += frame_size();
    }
    next();
}

void FrameReader::rest() noexcept {
    if (begin_ == end_)
        ahead_.reset();
}

kj::Array<capnp::word> FrameReader::take_body() {
    const auto here = body();
    if (in_large_) {
        auto* words = reinterpret_cast<capnp::word*>(large_.get());
        auto taken = kj::arrayPtr(words, here.size()).attach(std::move(large_));
        next();
        return taken;
    }
    auto copy = kj::heapArray<capnp::word>(here.size());
    std::memcpy(copy.begin(), here.begin(), here.size() * sizeof(capnp::word));
    consume();
    return copy;
}

IncomingMessage::IncomingMessage(kj::ArrayPtr<const capnp::word> body)
    : reader_(checked(body), options_for(body.size())) {}

schema::Message::Reader IncomingMessage::root() {
    try {
        return reader_.getRoot<schema::Message>();
    } catch (const kj::Exception& exception) {
        detail::damaged(exception);
    }
}

std::unique_ptr<capnp::MessageReader> own_message(kj::Array<capnp::word> body) {
    checked(body);
    return std::make_unique<OwnedMessage>(kj::mv(body));
}

} // namespace pprocess::message
