// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/message/type_name.h>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

namespace pprocess::message {
namespace {

std::string demangle(const char* mangled) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                           &std::free);
    return status == 0 ? name.get() : mangled;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Rewrites a demangled name: a recursive walk over its template arguments.
class Simplifier {
public:
    explicit Simplifier(std::string_view text) : text_(text) {}

    /// False when the brackets are not those of templates, as around operators in a function's name.
    bool run(std::string& result) {
        result = name();
        return ok_ && at_ == text_.size();
    }

private:
    std::string name() {
        std::string result;
        while (ok_ && at_ < text_.size() && text_[at_] != ',' && text_[at_] != '>') {
            const char c = text_[at_++];
            if (c == '<') {
                result = with_arguments(std::move(result));
            } else if (c == '(' || c == '{') {
                ok_ = false;
            } else {
                result += c;
            }
        }
        while (!result.empty() && result.back() == ' ')
            result.pop_back();
        return shortened(std::move(result));
    }

    std::string with_arguments(std::string outer) {
        std::vector<std::string> arguments;
        do {
            while (at_ < text_.size() && text_[at_] == ' ')
                ++at_;
            arguments.push_back(name());
        } while (ok_ && at_ < text_.size() && text_[at_++] == ',');
        if (at_ == 0 || at_ > text_.size() || text_[at_ - 1] != '>')
            ok_ = false;
        if (!ok_)
            return outer;

        if (outer.ends_with("std::basic_string") && arguments.front() == "char")
            return outer.substr(0, outer.size() - 17) + "std::string";
        if (outer.ends_with("std::basic_string_view") && arguments.front() == "char")
            return outer.substr(0, outer.size() - 22) + "std::string_view";
        if (outer.find("std::") != std::string::npos) {
            while (arguments.size() > 1 && is_default(arguments.back()))
                arguments.pop_back();
        }
        std::string result = std::move(outer) + '<';
        for (std::size_t index = 0; index < arguments.size(); ++index) {
            if (index != 0)
                result += ", ";
            result += arguments[index];
        }
        return result + '>';
    }

    static bool is_default(std::string_view argument) {
        for (const std::string_view name : {"std::allocator<", "std::less<", "std::hash<", "std::equal_to<",
                                            "std::default_delete<", "std::char_traits<"}) {
            if (argument.starts_with(name))
                return true;
        }
        return false;
    }

    static std::string shortened(std::string name) {
        auto digits = name.find_last_not_of("ul");
        digits = digits == std::string::npos ? 0 : digits + 1;
        if (is_number(std::string_view(name).substr(0, digits)))
            name.resize(digits);
        constexpr std::pair<std::string_view, std::string_view> durations[] = {
            {"std::chrono::duration<long, std::ratio<1, 1000000000>>", "std::chrono::nanoseconds"},
            {"std::chrono::duration<long, std::ratio<1, 1000000>>", "std::chrono::microseconds"},
            {"std::chrono::duration<long, std::ratio<1, 1000>>", "std::chrono::milliseconds"},
            {"std::chrono::duration<long, std::ratio<1, 1>>", "std::chrono::seconds"},
            {"std::chrono::duration<long, std::ratio<60, 1>>", "std::chrono::minutes"},
            {"std::chrono::duration<long, std::ratio<3600, 1>>", "std::chrono::hours"},
        };
        for (const auto& [full, alias] : durations) {
            if (name == full)
                return std::string(alias);
        }
        return name;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

} // namespace

std::string type_name(const std::type_info& type) {
    std::string full = demangle(type.name());
    replace_all(full, "(anonymous namespace)::", ""); // which the source does not spell
    replace_all(full, "std::__cxx11::", "std::");
    replace_all(full, "std::chrono::_V2::", "std::chrono::");
    replace_all(full, "std::filesystem::__cxx11::", "std::filesystem::");
    std::string simple;
    return Simplifier(full).run(simple) ? simple : full;
}

} // namespace pprocess::message
