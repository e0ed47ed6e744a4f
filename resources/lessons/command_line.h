// SPDX-License-Identifier: LGPL-3.0-or-later
//
// The options of a lesson: declared once, then read, explained by --help, and refused in words where they are wrong.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace lesson {

/// Ends a program that was called in a way it does not understand.
[[noreturn]] inline void refuse(const std::string& problem) {
    std::fprintf(stderr, "%s See --help.\n", problem.c_str());
    std::exit(2);
}

class CommandLine {
public:
    /// `promise`: what the program does; `arguments`: what it calls those that are no options, e.g. "FOLDER".
    explicit CommandLine(std::string promise, std::string arguments = {})
        : promise_(std::move(promise)),
          arguments_(std::move(arguments)) {}

    void flag(const char* name, const char* meaning, bool& value) {
        options_.push_back({name, "", meaning, [&value](const std::string&) { value = true; }});
    }

    void text(const char* name, const char* unit, const char* meaning, std::string& value) {
        options_.push_back({name, unit, meaning, [&value](const std::string& given) { value = given; }});
    }

    /// A whole number, kept as whatever can be made of one: a size, a duration.
    template <typename Value>
    void number(const char* name, const char* unit, const char* meaning, Value& value, int least, int most) {
        options_.push_back({name, unit, meaning, [=, &value](const std::string& given) {
                                value = Value(whole_number(name, given, least, most));
                            }});
    }

    /// Reads what the program was called with and returns what are no options. Ends the program after --help, and
    /// where something is wrong.
    std::vector<std::string> read(int argc, char** argv, std::size_t least = 0, std::size_t most = 0) const {
        std::vector<std::string> arguments;
        for (int k = 1; k < argc; ++k) {
            const std::string given = argv[k];
            if (given == "--help")
                explain(argv[0]);
            else if (given.starts_with("-"))
                find(given).set(find(given).unit.empty() || k + 1 == argc ? "" : argv[++k]);
            else
                arguments.push_back(given);
        }
        if (arguments.size() > most)
            refuse("'" + arguments[most] + "' is more than this program can use.");
        if (arguments.size() < least)
            refuse("This program has to be told more: " + call(argv[0]) + ".");
        return arguments;
    }

private:
    struct Option {
        std::string name;
        std::string unit; // empty: it stands alone
        std::string meaning;
        std::function<void(const std::string&)> set;
    };

    static int whole_number(const std::string& name, const std::string& text, int least, int most) {
        int value = 0;
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (error != std::errc() || stop != end || value < least || value > most)
            refuse(name + " takes a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
                   ", not '" + text + "'.");
        return value;
    }

    const Option& find(const std::string& name) const {
        std::string known;
        for (const Option& option : options_) {
            if (option.name == name)
                return option;
            known += ", " + option.name;
        }
        refuse("There is no option '" + name + "', only --help" + known + ".");
    }

    std::string call(const std::string& program) const {
        return program.substr(program.rfind('/') + 1) + (arguments_.empty() ? "" : " " + arguments_);
    }

    [[noreturn]] void explain(const char* program) const {
        std::printf("%s [OPTIONS]\n\n%s\n\n", call(program).c_str(), promise_.c_str());
        for (const Option& option : options_)
            std::printf("  %-16s %s\n", (option.name + " " + option.unit).c_str(), option.meaning.c_str());
        std::exit(0);
    }

    std::string promise_;
    std::string arguments_;
    std::vector<Option> options_;
};

} // namespace lesson
