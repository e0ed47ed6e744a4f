// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// What is fuzzed, free of the fuzzer, so that a test can replay a corpus. Each takes any bytes and aborts, having said
/// why, when a promise does not hold.
namespace fuzz {

using Input = std::span<const std::uint8_t>;

/// A stream of frames: through a `FrameReader` in one piece and in pieces, then through a channel. The first byte says
/// how it is cut, and whether the channel leads to a background process.
void stream(Input input);

/// The body of one frame: read as a message, shown, decoded as a type that the first byte chooses, and encoded again.
void body(Input input);

/// Directions for building a tree of values, well-formed Cap'n Proto with any content; then as `body`.
void tree(Input input);

struct Target {
    const char* name;
    void (*run)(Input input);
    /// Sound inputs to begin with, each with a name.
    std::vector<std::pair<std::string, std::vector<std::uint8_t>>> (*seeds)();
};

/// All of them; `name` is that of the corpus folder.
[[nodiscard]] std::span<const Target> targets();

} // namespace fuzz
