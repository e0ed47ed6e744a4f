// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/equivalent.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include <pprocess/job/columns.h>
#include <pprocess/job/command_template.h>
#include <pprocess/job/grid.h>

namespace pprocess::job {

namespace {

/// A longer line is nothing to be pasted, and more than a system may take.
constexpr std::size_t longest_line = 60'000;

std::string number_text(double number) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

bool is_plain(std::string_view text) {
    const bool is_known = std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("_@%+=:,./-{}#").find(c) != std::string_view::npos;
    });
    // Some shells make several words of braces with a comma or two dots, and all a comment of a # in front.
    const bool has_braces = text.find_first_of("{}") != std::string_view::npos;
    const bool is_expanded = has_braces && (text.find(',') != std::string_view::npos ||
                                            text.find("..") != std::string_view::npos || text.size() == 1);
    return !text.empty() && is_known && text.front() != '#' && !is_expanded;
}

/// As one word of a shell.
std::string shell_word(std::string_view text) {
    return is_plain(text) ? std::string(text) : quoted_for_shell(text);
}

/// The words of a command for ppctl, which quotes each and joins them again; none where that would not be the same
/// command.
std::optional<std::vector<std::string>> words_of(std::string_view command, bool has_columns) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    bool in_braces = false; // what may be the name of a column, as far as one can tell without knowing them
    const auto end_word = [&] {
        if (in_word)
            words.push_back(std::move(word));
        word.clear();
        in_word = false;
    };
    for (const char c : command) {
        if (c == '\\')
            return std::nullopt; // may keep a placeholder from being one
        const bool is_quote = quote ? c == quote : c == '\'' || c == '"';
        const bool is_blank = !quote && (c == ' ' || c == '\t' || c == '\n');
        if (has_columns && in_braces && (is_quote || is_blank))
            return std::nullopt;
        if (is_quote) {
            quote = quote ? 0 : c;
            in_word = true;
        } else if (is_blank) {
            end_word();
        } else {
            in_braces = c == '{' || (in_braces && c != '}');
            word += c;
            in_word = true;
        }
    }
    end_word();
    return words;
}

/// Options and words of one call of ppctl; empty where it has none for something.
class Line {
public:
    explicit Line(const Job& job) : job_(job) {}

    std::optional<std::string> text() {
        if (!add_inputs() || !add_steps() || !add_surroundings())
            return std::nullopt;
        add_manner();
        std::string line = "ppctl run" + options_ + words_;
        const bool can_be_said = line.size() <= longest_line && line.find('\0') == std::string::npos;
        return can_be_said ? std::optional(std::move(line)) : std::nullopt;
    }

private:
    void add(const std::string& option) { options_ += " " + option; }
    void add(const std::string& option, std::string_view value) {
        // What looks like another option would be taken for one.
        const bool is_tied = value.empty() || value.front() == '-';
        add(option + (is_tied ? "=" : " ") + shell_word(value));
    }

    bool add_inputs() {
        return std::visit([this](const auto& inputs) { return add(inputs); }, job_.inputs);
    }
    bool add(const FolderInputs& files) {
        if (files.folder.empty() || files.pattern.empty())
            return false;
        add("--folder", files.folder.native());
        if (files.pattern != "*")
            add("--pattern", files.pattern);
        if (!files.recursive)
            add("--no-recursive");
        return true;
    }
    bool add(const ListInputs& list) {
        for (const std::string& item : list.items) {
            if (item.empty() || item.front() == '[')
                return false; // ppctl's parser would take it for none, or for several
            add("--item", item);
        }
        return !list.items.empty();
    }
    bool add(const LineInputs& lines) {
        add("--inputs", lines.file.native());
        return !lines.file.empty();
    }
    bool add(const TableInputs& table) {
        add("--table", table.file.native());
        if (table.separator == '\t')
            add("--separator", "tab");
        else if (table.separator == ' ')
            add("--separator", "blank");
        else if (table.separator != ',')
            add("--separator", std::string(1, table.separator));
        if (!table.has_header)
            add("--no-header");
        return !table.file.empty();
    }
    bool add(const GridInputs& grid) {
        for (const Axis& axis : grid.axes) {
            std::string text = axis.name + "=";
            if (const auto* range = std::get_if<Range>(&axis.values)) {
                text += number_text(range->from) + ":" + number_text(range->to);
                if (range->step != (range->to < range->from ? -1.0 : 1.0))
                    text += ":" + number_text(range->step);
            } else {
                const auto& values = std::get<std::vector<std::string>>(axis.values);
                const std::string list = join_record(values);
                // Where they would be read as others, or as a range.
                if (split_list(list) != values || list.find(':') != std::string::npos)
                    return false;
                text += list;
            }
            add("--grid", text);
        }
        return true;
    }
    bool add(const StandardInput&) { return true; }

    bool add_steps() {
        bool use_shell = job_.use_shell && !job_.function;
        for (std::size_t place = 0; place < job_.then.size(); ++place) {
            const auto* command = std::get_if<Command>(&job_.then[place]);
            if (!command)
                return false;
            if (place == 0 && job_.function)
                use_shell = command->use_shell;
            if (command->use_shell != use_shell)
                return false; // ppctl has one --shell for all
            add("--then", command->line);
        }
        if (use_shell)
            add("--shell");
        return job_.function ? add_function(*job_.function) : add_command();
    }
    bool add_function(const Function& function) {
        // Behind a colon ppctl looks for the name.
        if (function.library.empty() || function.name.empty() ||
            function.library.native().find(':') != std::string::npos)
            return false;
        add("--function", function.library.native() + ":" + function.name);
        default_name_ = function.name;
        for (const std::string& argument : function.arguments)
            words_ += " " + shell_word(argument);
        if (!words_.empty())
            words_.insert(0, " --");
        return true;
    }
    bool add_command() {
        if (job_.use_shell) {
            words_ = " -- " + shell_word(job_.command);
            default_name_ = job_.command;
            return true;
        }
        const bool has_columns =
            std::holds_alternative<TableInputs>(job_.inputs) || std::holds_alternative<GridInputs>(job_.inputs);
        const auto words = words_of(job_.command, has_columns);
        if (!words || words->empty())
            return false;
        words_ = " --";
        for (const std::string& word : *words)
            words_ += " " + shell_word(word);
        default_name_ = words->front();
        return true;
    }

    void add_manner() {
        const Job plain;
        if (!job_.name.empty() && job_.name != default_name_)
            add("--name", job_.name);
        if (job_.pattern == Pattern::map)
            add("--keep-order");
        if (job_.pattern == Pattern::continuous)
            add("--continuous");
        if (job_.limit)
            add("--limit", std::to_string(*job_.limit));
        if (!job_.reuse)
            add("--fresh");
        if (job_.batch)
            add("--batch", std::to_string(*job_.batch));
        if (job_.timeout)
            add("--timeout", number_text(static_cast<double>(job_.timeout->count()) / 1000));
        if (job_.retries != 0)
            add("--retries", std::to_string(job_.retries));
        if (job_.stop_at_failure)
            add("--stop-at-failure");
        if (!job_.working_folder.empty())
            add("--working-folder", job_.working_folder.native());
        if (job_.output_cap != plain.output_cap)
            add("--output-cap", std::to_string(job_.output_cap));
    }

    bool add_surroundings() {
        for (const auto& [name, value] : job_.environment) {
            if (name.empty() || name.find('=') != std::string::npos)
                return false; // a mistake, and to be told as such
            add("--env", name + "=" + value);
        }
        if (job_.niceness != 0)
            add("--nice", std::to_string(job_.niceness));
        std::string cores;
        for (const unsigned core : job_.cores)
            cores += (cores.empty() ? "" : ",") + std::to_string(core);
        if (!cores.empty())
            add("--cores", cores);
        return true;
    }

    const Job& job_;
    std::string options_;
    std::string words_; ///< with the -- in front
    std::string default_name_;
};

} // namespace

void check_steps_and_grid(const Job& job) {
    const auto* grid = std::get_if<GridInputs>(&job.inputs);
    if (grid)
        (void)Grid(*grid);
    // Where columns are not known, it cannot be told whether a placeholder is missing.
    const bool appends = !grid && !std::holds_alternative<TableInputs>(job.inputs);
    bool is_first = true;
    for (const Step& step : steps_of(job)) {
        if (const auto* command = std::get_if<Command>(&step))
            (void)CommandTemplate(command->line, command->use_shell, {}, is_first && appends);
        is_first = false;
    }
}

std::string ppctl_line(const Job& job) {
    check_steps_and_grid(job);
    if (auto line = Line(job).text())
        return *std::move(line);
    // Standard input stays free for the items.
    return "ppctl run /dev/fd/3 3<<'END_OF_JOB'\n" + to_json(job) + "END_OF_JOB";
}

} // namespace pprocess::job
