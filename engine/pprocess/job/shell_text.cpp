// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/shell_text.h>

#include <algorithm>
#include <string>

#include <pprocess/job/command_template.h>
#include <pprocess/job/job.h>

namespace pprocess::job {

namespace {

/// What the text at one place is part of.
enum class Context { plain, substitution, double_quotes, single_quotes, backquotes, parameter };

/// Follows the quoting of a POSIX shell just far enough to tell whether a place is outside of all quotes. Where shells
/// differ, or where only a whole parser could tell, it takes note that it cannot vouch for the rest.
class Scanner {
public:
    Scanner(std::string_view text, const std::vector<std::string>& columns, bool appends)
        : text_(text),
          columns_(columns),
          appends_(appends) {}

    std::vector<std::size_t> run() {
        while (position_ < text_.size())
            step();
        if (contexts_.size() > 1)
            fail("The command has a quote or bracket that is never closed; add the missing one, or a backslash before "
                 "it.");
        if (places_.empty() && appends_)
            check_end();
        return std::move(places_);
    }

private:
    [[noreturn]] static void fail(const std::string& message) { throw JobError("command", message); }

    [[nodiscard]] Context context() const { return contexts_.back(); }
    [[nodiscard]] bool is_at(std::string_view what) const { return text_.substr(position_).starts_with(what); }
    void enter(Context context, std::size_t length) {
        contexts_.push_back(context);
        position_ += length;
    }
    void leave() {
        contexts_.pop_back();
        ++position_;
    }

    [[nodiscard]] bool is_word_start() const {
        return position_ == 0 || std::string_view(" \t\n;&|()").find(text_[position_ - 1]) != std::string_view::npos;
    }

    void step() {
        Placeholder what{};
        if (const std::size_t length = placeholder_at(text_, position_, columns_, what)) {
            take_placeholder(length);
            return;
        }
        const char c = text_[position_];
        if (context() == Context::single_quotes) {
            c == '\'' ? leave() : void(++position_);
            return;
        }
        if (c == '\\') {
            if (position_ + 1 == text_.size())
                fail("The command ends with a backslash; remove it or write two.");
            position_ += 2;
            return;
        }
        if (context() == Context::backquotes) {
            c == '`' ? leave() : void(++position_);
            return;
        }
        if (c == '`')
            return enter(Context::backquotes, 1);
        if (is_at("${"))
            return enter(Context::parameter, 2);
        if (is_at("$(")) {
            // The bracket that ends one pattern of a case would be taken for the end of the substitution.
            if (text_.find("esac") != std::string_view::npos)
                doubt_ = "a command with a case inside $( )";
            return enter(Context::substitution, 2);
        }
        if (context() == Context::double_quotes) {
            c == '"' ? leave() : void(++position_);
            return;
        }
        step_unquoted(c);
    }

    void step_unquoted(char c) {
        if (is_at("$'"))
            doubt_ = "a command with $'…', which shells read differently";
        // Within "${x:-…}" an apostrophe quotes or does not, by the operator.
        if (c == '\'' && context() == Context::parameter)
            doubt_ = "a command with a quote inside ${ }";
        if (is_at("<<"))
            doubt_ = "a here-document or the commands after it";
        if (c == '"')
            return enter(Context::double_quotes, 1);
        if (c == '\'')
            return enter(Context::single_quotes, 1);
        if (c == '}' && context() == Context::parameter)
            return leave();
        if (c == ')' && context() == Context::substitution)
            return leave();
        if (c == '(' && context() == Context::substitution)
            return enter(Context::substitution, 1);
        if (c == '#' && is_word_start() && context() != Context::parameter) {
            position_ = std::min(text_.find('\n', position_), text_.size());
            ends_in_comment_ = position_ == text_.size();
            return;
        }
        ++position_;
    }

    void take_placeholder(std::size_t length) {
        const std::string name(text_.substr(position_, length));
        const std::string advice =
            " Write " + name +
            " outside of them: it is quoted by itself. For braces that are meant as such write \\{}.";
        if (doubt_) {
            fail(name + " cannot stand in " + doubt_ + ": the text put there could be run as a command. Give " + name +
                 " to a variable first, as in f=" + name + "; cat \"$f\".");
        }
        for (const Context around : contexts_) {
            if (around == Context::single_quotes || around == Context::double_quotes) {
                fail("In a shell command " + name + " cannot stand within quotes." + advice);
            }
            if (around == Context::backquotes || around == Context::parameter) {
                fail("In a shell command " + name + " cannot stand within ` ` or ${ }." + advice);
            }
        }
        places_.push_back(position_);
        position_ += length;
    }

    void check_end() const {
        const std::size_t last = text_.find_last_not_of(" \t\n");
        const bool is_open =
            last != std::string_view::npos && std::string_view(";&|(").find(text_[last]) != std::string_view::npos;
        if (is_open || ends_in_comment_ || doubt_ || text_.find('\n') != std::string_view::npos) {
            fail("The command does not say where the input belongs; write {} there.");
        }
    }

    std::string_view text_;
    const std::vector<std::string>& columns_;
    bool appends_;
    std::size_t position_ = 0;
    std::vector<Context> contexts_{Context::plain};
    std::vector<std::size_t> places_;
    const char* doubt_ = nullptr;
    bool ends_in_comment_ = false;
};

} // namespace

std::vector<std::size_t> shell_placeholders(std::string_view command, const std::vector<std::string>& columns,
                                            bool appends) {
    return Scanner(command, columns, appends).run();
}

} // namespace pprocess::job
