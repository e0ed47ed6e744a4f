// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace pprocess::message {

/// So many containers, tuples, aggregates and variants may be within one another, counted on both sides: more is a
/// `ProtocolError`. It leaves room for a list of a thousand nodes chained by `unique_ptr` and keeps the recursion well
/// within the stack of an ordinary thread, whatever a stranger sends.
constexpr int deepest_nesting = 1024;

/// What `capnp::ReaderOptions::nestingLimit` must be at least to read every value that `encode` writes: each level
/// takes up to two pointers.
constexpr int nesting_limit = 2 * deepest_nesting + 16;

/// Where one Cap'n Proto object ends and a value travels in parts. The format's own limits are 2^29-1 bytes for data
/// and 2^29-1 words for a list; tests choose smaller ones.
struct PartLimits {
    std::size_t bytes = std::size_t{1} << 28;    ///< of data or text in one part
    std::size_t elements = std::size_t{1} << 26; ///< of a list in one part
};

/// What the header of a message may claim where the sender is a stranger, and how many bytes of messages are kept for
/// one who goes on sending while it is itself to take something in: more is a `ProtocolError`.
/// `Channel::limit_incoming` sets it.
constexpr std::uint64_t largest_from_stranger = std::uint64_t{64} << 20;

/// How a value is written into a message.
struct EncodeOptions {
    /// Where large values are cut.
    PartLimits parts = {};
    /// Contiguous numbers, byte buffers and texts of at least so many bytes are not copied but referred to, each as a
    /// segment of its own: then the value must outlive the message and stay as it is. Only data of whole words can be.
    std::size_t borrow_from = std::numeric_limits<std::size_t>::max();
    /// At most so many, as the number of segments in a message is limited.
    int most_borrowed = 64;
};

} // namespace pprocess::message
