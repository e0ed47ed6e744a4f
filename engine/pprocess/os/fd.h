// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <utility>

namespace pprocess::os {

/// One owned file descriptor of the library. Move-only; closed when destroyed.
///
/// Every descriptor held by an `Fd` is known to the library, so that a process made by fork can drop all of them but
/// its own channel (`close_inherited_descriptors`). An `Fd` that a forked process inherited from its creator does
/// nothing when it is destroyed there: its number may mean something else by then.
class Fd {
public:
    /// Empty.
    Fd() noexcept = default;

    /// Takes ownership of `number`, which must be open and close-on-exec; -1 makes an empty object. A number of the
    /// standard streams (0 to 2) is given up for a higher one: `get` says which.
    explicit Fd(int number);

    /// Takes the descriptor over; the other is empty afterwards.
    Fd(Fd&& other) noexcept
        : number_(std::exchange(other.number_, -1)),
          generation_(std::exchange(other.generation_, 0)) {}
    /// The same, after closing what this one held.
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            reset();
            number_ = std::exchange(other.number_, -1);
            generation_ = std::exchange(other.generation_, 0);
        }
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    /// The number for system calls; -1 when empty or inherited from a creator.
    [[nodiscard]] int get() const noexcept;
    /// Is there a descriptor?
    [[nodiscard]] bool is_open() const noexcept { return get() >= 0; }
    explicit operator bool() const = delete; // "is there one" and "is it not 0" are too easily mixed up

    /// Closes now; does nothing when empty.
    void reset() noexcept;

    /// Gives the descriptor up without closing it.
    [[nodiscard]] int release() noexcept;

private:
    int number_ = -1;
    unsigned generation_ = 0;
};

/// How often this process and its ancestors have been forked by the library: objects made in another generation
/// belong to a creating process.
[[nodiscard]] unsigned generation() noexcept;

/// Forks as `fork` does: -1 with errno on failure, 0 in the created process, its pid in the creating one. The created
/// process starts a new generation and has none of the library's descriptors open but those in `keep`, whose `Fd`s
/// become its own. Standard output streams are flushed before, so that nothing buffered is written twice.
int fork_process(std::initializer_list<Fd*> keep);

} // namespace pprocess::os
