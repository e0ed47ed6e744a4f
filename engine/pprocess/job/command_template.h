// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pprocess::job {

/// A placeholder of a command.
struct Placeholder {
    /// What it stands for.
    enum Kind {
        input,             ///< `{}`
        without_extension, ///< `{.}`
        base_name,         ///< `{/}`
        folder,            ///< `{//}`
        number,            ///< `{#}`
        field,             ///< `{name}` or `{1}`: a column of the input
        previous,          ///< `{<}`: the result of the step before
    };
    Kind kind = input;     ///< what it stands for
    std::size_t place = 0; ///< of a field, from 0
};

/// What a template is filled in with.
struct Filling {
    std::string_view input;          ///< the input's text
    std::size_t index = 0;           ///< its number, from 0
    std::string_view previous;       ///< the result of the step before
    std::vector<std::string> fields; ///< the input's columns; empty where it has none
};

/// A filling for an input with these columns.
Filling filling_for(std::string_view input, std::size_t index, const std::vector<std::string>& columns);

/// A command line that has been read once and can be filled in for each input.
class CommandTemplate {
public:
    /// `columns`: the names of the inputs' columns. `appends`: without a placeholder the input becomes the last
    /// argument. Throws `JobError` for the field "command" when the text cannot be used.
    CommandTemplate(std::string_view command, bool use_shell, const std::vector<std::string>& columns = {},
                    bool appends = true);

    /// The program and its arguments for one input.
    [[nodiscard]] std::vector<std::string> arguments(const Filling& filling) const;

    /// The program, as far as it is the same for every input; otherwise empty.
    [[nodiscard]] std::string program() const;

private:
    using Part = std::variant<std::string, Placeholder>;
    using Word = std::vector<Part>;

    bool use_shell_;
    std::vector<Word> words_;
};

/// One text with placeholders, such as an argument of a function. No quotes, no words.
class TextTemplate {
public:
    /// Takes the text as it is.
    TextTemplate(std::string_view text, const std::vector<std::string>& columns);
    /// The text for one input.
    [[nodiscard]] std::string text(const Filling& filling) const;
    /// Is it the result of the step before and nothing else?
    [[nodiscard]] bool is_previous() const;

private:
    std::vector<std::variant<std::string, Placeholder>> parts_;
};

/// Is there a placeholder at `position`? Returns its length, or 0, and sets `what`.
std::size_t placeholder_at(std::string_view text, std::size_t position, const std::vector<std::string>& columns,
                           Placeholder& what);

/// The text that a placeholder stands for.
std::string expand(const Placeholder& what, const Filling& filling);

/// `text` in single quotes, as one word of a POSIX shell.
std::string quoted_for_shell(std::string_view text);
/// The same, but a word that needs no quotes stays without.
std::string quoted_if_needed(std::string_view text);

} // namespace pprocess::job
