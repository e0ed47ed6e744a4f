// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pprocess::job {

/// What a placeholder of a command stands for.
enum class Placeholder {
    input,             ///< `{}`
    without_extension, ///< `{.}`
    base_name,         ///< `{/}`
    folder,            ///< `{//}`
    number,            ///< `{#}`
};

/// A command line that has been read once and can be filled in for each input.
class CommandTemplate {
public:
    /// Throws `JobError` for the field "command" when the text cannot be used.
    CommandTemplate(std::string_view command, bool use_shell);

    /// The program and its arguments for the input numbered `index` (from 0).
    [[nodiscard]] std::vector<std::string> arguments(std::string_view input, std::size_t index) const;

    /// The program, as far as it is the same for every input; otherwise empty.
    [[nodiscard]] std::string program() const;

private:
    using Part = std::variant<std::string, Placeholder>;
    using Word = std::vector<Part>;

    bool use_shell_;
    std::vector<Word> words_;
};

/// Is there a placeholder at `position`? Returns its length, or 0, and sets `what`.
std::size_t placeholder_at(std::string_view text, std::size_t position, Placeholder& what);

/// The text that a placeholder stands for.
std::string expand(Placeholder what, std::string_view input, std::size_t index);

/// `text` in single quotes, as one word of a POSIX shell.
std::string quoted_for_shell(std::string_view text);

} // namespace pprocess::job
