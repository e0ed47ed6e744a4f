// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/command_template.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <pprocess/job/columns.h>
#include <pprocess/job/job.h>
#include <pprocess/job/shell_text.h>

namespace pprocess::job {

namespace {

constexpr std::array<std::pair<std::string_view, Placeholder::Kind>, 6> placeholders{{
    {"{}", Placeholder::input},
    {"{.}", Placeholder::without_extension},
    {"{/}", Placeholder::base_name},
    {"{//}", Placeholder::folder},
    {"{#}", Placeholder::number},
    {"{<}", Placeholder::previous},
}};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

std::string_view without_trailing_slashes(std::string_view path) {
    while (path.size() > 1 && path.back() == '/')
        path.remove_suffix(1);
    return path;
}

std::string_view base_name(std::string_view path) {
    path = without_trailing_slashes(path);
    return path.size() > 1 ? path.substr(path.rfind('/') + 1) : path;
}

std::string_view folder_of(std::string_view path) {
    path = without_trailing_slashes(path);
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos)
        return ".";
    return without_trailing_slashes(path.substr(0, std::max<std::size_t>(slash, 1)));
}

std::string_view without_extension(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    const std::size_t start = slash == std::string_view::npos ? 0 : slash + 1;
    const std::string_view name = path.substr(start);
    const std::size_t dot = name.rfind('.');
    // A dot at the front marks a hidden file, or is "." or "..".
    if (dot == std::string_view::npos || name.find_first_not_of('.') > dot)
        return path;
    return path.substr(0, start + dot);
}

} // namespace

std::size_t placeholder_at(std::string_view text, std::size_t position, const std::vector<std::string>& columns,
                           Placeholder& what) {
    text.remove_prefix(position);
    for (const auto& [name, meaning] : placeholders) {
        if (!text.starts_with(name))
            continue;
        what = {meaning};
        return name.size();
    }
    if (columns.empty() || !text.starts_with('{'))
        return 0;
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos)
        return 0;
    const std::string_view name = text.substr(1, end - 1);
    const auto named = std::find(columns.begin(), columns.end(), name);
    std::size_t place = static_cast<std::size_t>(named - columns.begin());
    if (named == columns.end()) {
        const char* const last = name.data() + name.size();
        const auto [stopped, error] = std::from_chars(name.data(), last, place);
        if (error != std::errc() || stopped != last || place == 0 || place > columns.size())
            return 0;
        --place;
    }
    what = {Placeholder::field, place};
    return end + 1;
}

std::string expand(const Placeholder& what, const Filling& filling) {
    switch (what.kind) {
    case Placeholder::input:
        return std::string(filling.input);
    case Placeholder::without_extension:
        return std::string(without_extension(filling.input));
    case Placeholder::base_name:
        return std::string(base_name(filling.input));
    case Placeholder::folder:
        return std::string(folder_of(filling.input));
    case Placeholder::number:
        return std::to_string(filling.index + 1);
    case Placeholder::field:
        return what.place < filling.fields.size() ? filling.fields[what.place] : std::string();
    case Placeholder::previous:
        return std::string(filling.previous);
    }
    return {};
}

Filling filling_for(std::string_view input, std::size_t index, const std::vector<std::string>& columns) {
    Filling filling{.input = input, .index = index};
    if (!columns.empty()) {
        filling.fields = split_record(input, ',');
        filling.fields.resize(columns.size()); // a row may be shorter, or longer
    }
    return filling;
}

std::string quoted_for_shell(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'') {
            quoted += "'\\''";
        } else {
            quoted += c;
        }
    }
    quoted += '\'';
    return quoted;
}

std::string quoted_if_needed(std::string_view text) {
    const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
    });
    return is_plain ? std::string(text) : quoted_for_shell(text);
}

namespace {

/// Splits a command into words of literal text and placeholders, by the quoting of a shell and nothing else of it.
class Splitter {
public:
    using Part = std::variant<std::string, Placeholder>;
    using Word = std::vector<Part>;

    Splitter(std::string_view text, const std::vector<std::string>& columns) : text_(text), columns_(columns) {}

    std::vector<Word> run() {
        while (position_ < text_.size()) {
            const char c = text_[position_];
            if (is_blank(c)) {
                end_word();
                ++position_;
            } else if (c == '\'' || c == '"') {
                take_quoted(c);
            } else if (c == '\\') {
                take_escaped();
            } else {
                take_one();
            }
        }
        end_word();
        return std::move(words_);
    }

private:
    void take_one() {
        in_word_ = true;
        Placeholder what{};
        const std::size_t length = placeholder_at(text_, position_, columns_, what);
        if (length) {
            end_literal();
            word_.emplace_back(what);
            position_ += length;
        } else {
            literal_ += text_[position_++];
        }
    }

    void take_escaped() {
        if (position_ + 1 == text_.size()) {
            throw JobError("command", "The command ends with a backslash; remove it or write two.");
        }
        const char next = text_[position_ + 1];
        position_ += 2;
        if (next == '\n')
            return; // a line that goes on
        in_word_ = true;
        literal_ += next;
    }

    void take_quoted(char quote) {
        in_word_ = true;
        const std::size_t opened = position_++;
        while (position_ < text_.size() && text_[position_] != quote) {
            const bool escapes = quote == '"' && text_[position_] == '\\' && position_ + 1 < text_.size() &&
                                 std::string_view("\"\\$`\n").find(text_[position_ + 1]) != std::string_view::npos;
            if (escapes) {
                take_escaped();
            } else {
                take_one();
            }
        }
        if (position_ == text_.size()) {
            throw JobError("command", "The command has a " + std::string(1, quote) + " (character " +
                                          std::to_string(opened + 1) +
                                          ") that is never closed; add the missing one, or a backslash before it.");
        }
        ++position_;
    }

    void end_literal() {
        if (!literal_.empty())
            word_.emplace_back(std::exchange(literal_, {}));
    }

    void end_word() {
        if (!in_word_)
            return;
        end_literal();
        words_.push_back(std::exchange(word_, {}));
        in_word_ = false;
    }

    std::string_view text_;
    const std::vector<std::string>& columns_;
    std::size_t position_ = 0;
    bool in_word_ = false;
    std::string literal_;
    Word word_;
    std::vector<Word> words_;
};

} // namespace

namespace {

/// What is appended to a command without placeholders.
std::vector<Placeholder> last_arguments(const std::vector<std::string>& columns) {
    std::vector<Placeholder> all;
    for (std::size_t place = 0; place < columns.size(); ++place)
        all.push_back({Placeholder::field, place});
    if (columns.empty())
        all.push_back({Placeholder::input});
    return all;
}

} // namespace

CommandTemplate::CommandTemplate(std::string_view command, bool use_shell, const std::vector<std::string>& columns,
                                 bool appends)
    : use_shell_(use_shell) {
    if (command.find_first_not_of(" \t\n") == std::string_view::npos) {
        throw JobError("command", "The command is empty. Write the program to run, such as: sha256sum {}");
    }
    if (!use_shell) {
        words_ = Splitter(command, columns).run();
        const auto is_placeholder = [](const Part& part) { return std::holds_alternative<Placeholder>(part); };
        const bool has_any = std::any_of(words_.begin(), words_.end(), [&](const Word& word) {
            return std::any_of(word.begin(), word.end(), is_placeholder);
        });
        if (!has_any && appends) {
            for (const Placeholder& last : last_arguments(columns))
                words_.push_back({last});
        }
        if (words_.front().empty()) {
            throw JobError("command", "The command begins with an empty word; the program to run belongs there.");
        }
        return;
    }

    Word script;
    std::size_t done = 0;
    for (const std::size_t place : shell_placeholders(command, columns, appends)) {
        Placeholder what{};
        const std::size_t length = placeholder_at(command, place, columns, what);
        script.emplace_back(std::string(command.substr(done, place - done)));
        script.emplace_back(what);
        done = place + length;
    }
    std::string rest(command.substr(done));
    if (script.empty() && appends) {
        script.emplace_back(rest);
        for (const Placeholder& last : last_arguments(columns)) {
            script.emplace_back(std::string(" "));
            script.emplace_back(last);
        }
    } else {
        script.emplace_back(std::move(rest));
    }
    words_ = {{std::string("/bin/sh")}, {std::string("-c")}, std::move(script)};
}

std::vector<std::string> CommandTemplate::arguments(const Filling& filling) const {
    std::vector<std::string> arguments;
    arguments.reserve(words_.size());
    for (const Word& word : words_) {
        std::string& argument = arguments.emplace_back();
        for (const Part& part : word) {
            if (const auto* literal = std::get_if<std::string>(&part)) {
                argument += *literal;
            } else {
                const std::string text = expand(std::get<Placeholder>(part), filling);
                argument += use_shell_ ? quoted_for_shell(text) : text;
            }
        }
    }
    return arguments;
}

std::string CommandTemplate::program() const {
    const Word& first = words_.front();
    const auto* literal = first.size() == 1 ? std::get_if<std::string>(&first.front()) : nullptr;
    return literal ? *literal : std::string();
}

TextTemplate::TextTemplate(std::string_view text, const std::vector<std::string>& columns) {
    std::string literal;
    for (std::size_t position = 0; position < text.size();) {
        Placeholder what;
        const std::size_t length = placeholder_at(text, position, columns, what);
        if (length == 0) {
            literal += text[position++];
            continue;
        }
        if (!literal.empty())
            parts_.emplace_back(std::exchange(literal, {}));
        parts_.emplace_back(what);
        position += length;
    }
    if (!literal.empty())
        parts_.emplace_back(std::move(literal));
}

std::string TextTemplate::text(const Filling& filling) const {
    std::string text;
    for (const auto& part : parts_) {
        const auto* literal = std::get_if<std::string>(&part);
        text += literal ? *literal : expand(std::get<Placeholder>(part), filling);
    }
    return text;
}

bool TextTemplate::is_previous() const {
    const auto* what = parts_.size() == 1 ? std::get_if<Placeholder>(&parts_.front()) : nullptr;
    return what && what->kind == Placeholder::previous;
}

std::vector<std::string> command_line(const Job& job, std::string_view input, std::size_t index,
                                      const std::vector<std::string>& columns) {
    return CommandTemplate(job.command, job.use_shell, columns).arguments(filling_for(input, index, columns));
}

} // namespace pprocess::job
