// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/job/comparison.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <tuple>

#include <nlohmann/json.hpp>

#include <pprocess/job/json_text.h>
#include <pprocess/os/error.h>
#include <pprocess/os/fd.h>

namespace pprocess::job {

namespace {

using Json = nlohmann::ordered_json;

/// A setting's value for people. A text that is no UTF-8 stands in an object.
std::string value_text(const Json& value) {
    if (value.is_string() || (value.is_object() && value.size() == 1 && value.contains("bytes")))
        return printable(text_from_json(value, "value"));
    return value.dump();
}

bool is_group(const std::string& field) {
    return field == "inputs" || field == "environment" || field == "function";
}

/// Field by field, a level down for what is a group of settings.
std::vector<std::pair<std::string, std::string>> fields_of(const Job& job) {
    std::vector<std::pair<std::string, std::string>> fields;
    const Json whole = Json::parse(to_json(job));
    for (const auto& [field, value] : whole.items()) {
        if (field == "version")
            continue;
        if (!is_group(field)) {
            fields.emplace_back(field, value_text(value));
            continue;
        }
        for (const auto& [inner, setting] : value.items())
            fields.emplace_back(field + "." + inner, value_text(setting));
    }
    return fields;
}

std::optional<std::string> value_of(const std::vector<std::pair<std::string, std::string>>& fields,
                                    const std::string& name) {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
    return found == fields.end() ? std::nullopt : std::optional(found->second);
}

/// The place of a setting in a job file.
std::size_t rank_of(const std::string& field) {
    constexpr std::array<std::string_view, 18> order{
        "name",        "command",  "use_shell", "function",  "then",    "inputs",          "pattern",
        "limit",       "reuse",    "batch",     "timeout",   "retries", "stop_at_failure", "working_folder",
        "environment", "niceness", "cores",     "output_cap"};
    const std::string_view group = std::string_view(field).substr(0, field.find('.'));
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), group) - order.begin());
}

constexpr std::array<Outcome, outcome_count> all_outcomes{
    Outcome::succeeded,   Outcome::failed,    Outcome::killed,   Outcome::not_started,
    Outcome::worker_lost, Outcome::timed_out, Outcome::cancelled};

std::optional<Outcome> outcome_of(const std::string& text) {
    for (const Outcome outcome : all_outcomes) {
        if (text == to_string(outcome))
            return outcome;
    }
    return {};
}

float seconds_of(const Json& line) {
    const auto found = line.find("seconds");
    const double seconds = found != line.end() && found->is_number() ? found->get<double>() : 0;
    constexpr double most = 1e9; // some thirty years
    return static_cast<float>(std::clamp(seconds, 0.0, most));
}

std::uint64_t whole_number_of(const Json& line, const char* field) {
    const auto found = line.find(field);
    return found != line.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::chrono::nanoseconds to_duration(float seconds) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
}

Change change_between(const RunComparison::End& first, const RunComparison::End& second) {
    const bool was_well = first.outcome == Outcome::succeeded;
    const bool is_well = second.outcome == Outcome::succeeded;
    if (was_well != is_well)
        return is_well ? Change::succeeds_now : Change::fails_now;
    if (first.outcome != second.outcome)
        return Change::fails_otherwise;
    if (!is_well || is_about_same(first.duration, second.duration))
        return Change::none;
    return second.duration > first.duration ? Change::slower : Change::faster;
}

} // namespace

std::vector<SettingDifference> differing_settings(const Job& first, const Job& second) {
    const auto ours = fields_of(first);
    const auto theirs = fields_of(second);
    std::vector<SettingDifference> differences;
    for (const auto& [field, value] : ours) {
        const auto other = value_of(theirs, field);
        if (other != value)
            differences.push_back({field, value, other});
    }
    for (const auto& [field, value] : theirs) {
        if (!value_of(ours, field))
            differences.push_back({field, {}, value});
    }
    std::stable_sort(differences.begin(), differences.end(),
                     [](const auto& one, const auto& other) { return rank_of(one.field) < rank_of(other.field); });
    return differences;
}

std::size_t RunFigures::items() const {
    std::size_t sum = 0;
    for (const std::size_t count : outcomes)
        sum += count;
    return sum;
}

std::size_t RunFigures::succeeded() const {
    return outcomes[static_cast<std::size_t>(Outcome::succeeded)];
}

std::size_t RunFigures::failed() const {
    return items() - succeeded() - outcomes[static_cast<std::size_t>(Outcome::cancelled)];
}

std::optional<std::chrono::nanoseconds> elapsed_of(const PastRun& run) {
    if (!run.ended || *run.ended < run.started)
        return {};
    return std::chrono::duration_cast<std::chrono::nanoseconds>(*run.ended - run.started);
}

bool is_about_same(std::chrono::nanoseconds first, std::chrono::nanoseconds second) {
    const auto [less, more] = std::minmax(first, second);
    return more - less < std::chrono::milliseconds(10) || more * 4 < less * 5;
}

/// What is read of one log.
struct RunComparison::Log {
    struct Line {
        std::uint64_t key = 0; ///< a hash of the text
        std::uint64_t number = 0;
        std::uint64_t offset = 0;
        std::uint32_t length = 0;
        std::uint32_t place = 0; ///< in the file
        StoredEnd end;
    };
    std::string texts;
    std::vector<Line> lines;
    RunFigures figures;

    void add(const Json& line);
    /// The last line about each item, by text and number.
    void settle();
};

void RunComparison::Log::add(const Json& line) {
    if (!line.is_object() || !line.contains("input") || !line.contains("outcome") || !line["outcome"].is_string())
        return;
    const auto outcome = outcome_of(line["outcome"].get<std::string>());
    if (!outcome)
        return;
    std::string text;
    try {
        text = text_from_json(line["input"], "input");
    } catch (const JobError&) {
        return;
    }
    constexpr std::uint64_t most_attempts = std::numeric_limits<std::uint16_t>::max();
    Line added;
    added.key = std::hash<std::string>()(text);
    added.number = whole_number_of(line, "number");
    added.offset = texts.size();
    added.length = static_cast<std::uint32_t>(text.size());
    added.place = static_cast<std::uint32_t>(lines.size());
    added.end = {seconds_of(line),
                 static_cast<std::uint16_t>(std::min(whole_number_of(line, "attempts"), most_attempts)),
                 static_cast<std::uint8_t>(*outcome), true};
    texts += text;
    lines.push_back(added);
}

void RunComparison::Log::settle() {
    std::sort(lines.begin(), lines.end(), [](const Line& one, const Line& other) {
        return std::tie(one.key, one.number, one.place) < std::tie(other.key, other.number, other.place);
    });
    std::size_t kept = 0;
    for (const Line& line : lines) {
        const bool is_later = kept > 0 && lines[kept - 1].key == line.key && lines[kept - 1].number == line.number;
        lines[is_later ? kept - 1 : kept++] = line;
    }
    lines.resize(kept);
    for (const Line& line : lines) {
        ++figures.outcomes[line.end.outcome];
        figures.work += to_duration(line.end.seconds);
    }
}

std::optional<RunComparison::Log> RunComparison::read(const std::filesystem::path& file,
                                                      const std::function<bool(double)>& may_go_on) {
    Log log;
    try {
        const os::Fd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        if (!opened.is_open())
            throw SystemError(errno, "read the job log " + printable(file.native()));
        struct stat about {};
        const auto whole = ::fstat(opened.get(), &about) == 0 ? static_cast<double>(about.st_size) : 0.0;
        const auto source = lines_of(opened.get(), "the job log " + printable(file.native()));
        double done = 0;
        std::size_t count = 0;
        for (Item line; source->next(line) == ItemSource::Next::item; ++count) {
            if (count % 1024 == 0 && !may_go_on(whole > 0 ? std::min(1.0, done / whole) : 0.0))
                return {};
            done += static_cast<double>(line.text.size() + 1);
            log.add(Json::parse(line.text, nullptr, false));
        }
    } catch (const Error& error) {
        log = {};
        log.figures.problem = error.what();
    }
    log.settle();
    return log;
}

std::optional<RunComparison> RunComparison::of(const std::filesystem::path& first, const std::filesystem::path& second,
                                               const MayGoOn& may_go_on) {
    const auto half = [&](double begin) {
        return [&, begin](double part) { return !may_go_on || may_go_on(begin + part / 2); };
    };
    auto one = read(first, half(0));
    auto other = one ? read(second, half(0.5)) : std::nullopt;
    if (!other)
        return {};
    RunComparison comparison;
    comparison.match(*one, *other);
    if (may_go_on && !may_go_on(1))
        return {};
    return comparison;
}

void RunComparison::match(Log& first, Log& second) {
    const auto only = [](const Log::Line& line, bool is_second) {
        Stored row;
        row.number = line.number;
        row.offset = line.offset;
        row.length = line.length;
        row.is_text_of_second = is_second;
        (is_second ? row.second : row.first) = line.end;
        return row;
    };
    rows_.reserve(std::max(first.lines.size(), second.lines.size()));
    // Both are in the order of their keys, and of the numbers for each key.
    auto one = first.lines.begin();
    auto other = second.lines.begin();
    while (one != first.lines.end() || other != second.lines.end()) {
        if (other == second.lines.end() || (one != first.lines.end() && one->key < other->key)) {
            rows_.push_back(only(*one++, false));
        } else if (one == first.lines.end() || other->key < one->key) {
            rows_.push_back(only(*other++, true));
        } else {
            Stored row = only(*other++, true);
            row.first = (one++)->end;
            rows_.push_back(row);
        }
    }
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const Stored& left, const Stored& right) { return left.number < right.number; });
    texts_ = std::move(first.texts);
    second_texts_ = std::move(second.texts);
    first_ = std::move(first.figures);
    second_ = std::move(second.figures);
    for (std::size_t place = 0; place < rows_.size(); ++place)
        ++changes_[static_cast<std::size_t>(row(place).change)];
}

RunComparison::Row RunComparison::row(std::size_t place) const {
    const Stored& stored = rows_[place];
    const auto end_of = [](const StoredEnd& end) -> std::optional<End> {
        if (!end.is_there)
            return {};
        return End{static_cast<Outcome>(end.outcome), end.attempts, to_duration(end.seconds)};
    };
    Row row;
    row.text = std::string_view(stored.is_text_of_second ? second_texts_ : texts_).substr(stored.offset, stored.length);
    row.first = end_of(stored.first);
    row.second = end_of(stored.second);
    row.change = !row.first    ? Change::only_second
                 : !row.second ? Change::only_first
                               : change_between(*row.first, *row.second);
    return row;
}

std::size_t RunComparison::common() const {
    return size() - count(Change::only_first) - count(Change::only_second);
}

} // namespace pprocess::job
