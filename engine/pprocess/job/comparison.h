// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pprocess/job/history.h>
#include <pprocess/job/job.h>
#include <pprocess/job/runner.h>

namespace pprocess::job {

/// A setting that two jobs have differently.
struct SettingDifference {
    /// As in a job file, with a dot before what lies within: "limit", "inputs.pattern", "environment.LANG".
    std::string field;
    /// Its value in the first: a text as it is, anything else as JSON. None: it is not set there.
    std::optional<std::string> first;
    std::optional<std::string> second; ///< the same in the second
};

/// What two jobs would do differently, in the order of a job file.
std::vector<SettingDifference> differing_settings(const Job& first, const Job& second);

/// How many values `Outcome` has.
constexpr std::size_t outcome_count = static_cast<std::size_t>(Outcome::cancelled) + 1;

/// What a run comes to, by its log.
struct RunFigures {
    std::array<std::size_t, outcome_count> outcomes{}; ///< items by `Outcome`, each by the last line about it
    std::chrono::nanoseconds work{};                   ///< of all these items together, as far as each took time
    std::string problem;                               ///< why the log could not be read; empty: it was

    /// Items that ended.
    [[nodiscard]] std::size_t items() const;
    /// Those that ended well.
    [[nodiscard]] std::size_t succeeded() const;
    /// Those that neither succeeded nor were cancelled.
    [[nodiscard]] std::size_t failed() const;
};

/// How long a run took, from its first start to its last end; none when it never came to one.
std::optional<std::chrono::nanoseconds> elapsed_of(const PastRun& run);

/// What became of an item from a first to a second run.
enum class Change {
    none,            ///< the same outcome in about the same time
    succeeds_now,    ///< succeeded the second time only
    fails_now,       ///< succeeded the first time only
    fails_otherwise, ///< never succeeded, with another outcome
    slower,          ///< succeeded, the second time in more time
    faster,          ///< succeeded, the second time in less time
    only_first,      ///< is not in the second run
    only_second,     ///< is not in the first run
};

/// The same two times to a person: they differ by less than 10 ms, or the longer is less than 1.25 times the other.
bool is_about_same(std::chrono::nanoseconds first, std::chrono::nanoseconds second);

/// The items of two runs side by side. Those with the same text are the same; of a text that a run has several times
/// they are matched in the order of their numbers. A value of about 100 bytes an item.
class RunComparison {
public:
    /// How an item ended in one of the runs.
    struct End {
        Outcome outcome = Outcome::cancelled; ///< of all its steps
        unsigned attempts = 0;                ///< starts of its first step
        std::chrono::nanoseconds duration{};  ///< of its last attempt
    };
    /// An item of either run.
    struct Row {
        std::string_view text;        ///< lives as long as the comparison
        std::optional<End> first;     ///< none: it is not in the first run
        std::optional<End> second;    ///< none: it is not in the second run
        Change change = Change::none; ///< from the first to the second
    };

    /// Called now and then with the part that is done, from 0 to 1; false gives up.
    using MayGoOn = std::function<bool(double part)>;

    /// Reads two logs (see `JobLog`). None when it was given up. Throws nothing for a log that cannot be read: its
    /// figures say why.
    static std::optional<RunComparison> of(const std::filesystem::path& first, const std::filesystem::path& second,
                                           const MayGoOn& may_go_on = {});

    /// How many items are in either run.
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    /// Items of both runs in the order of the second, those of the first alone by their numbers in between.
    [[nodiscard]] Row row(std::size_t place) const;
    /// What the first run comes to.
    [[nodiscard]] const RunFigures& first() const noexcept { return first_; }
    /// What the second run comes to.
    [[nodiscard]] const RunFigures& second() const noexcept { return second_; }
    /// How many items changed in this way.
    [[nodiscard]] std::size_t count(Change change) const { return changes_[static_cast<std::size_t>(change)]; }
    /// How many items are in both.
    [[nodiscard]] std::size_t common() const;

private:
    struct Log;
    struct StoredEnd {
        float seconds = 0;
        std::uint16_t attempts = 0;
        std::uint8_t outcome = 0;
        bool is_there = false;
    };
    struct Stored {
        std::uint64_t number = 0;
        std::uint64_t offset = 0; ///< of the text
        std::uint32_t length = 0;
        bool is_text_of_second = false;
        StoredEnd first;
        StoredEnd second;
    };

    static std::optional<Log> read(const std::filesystem::path& file, const std::function<bool(double)>& may_go_on);
    void match(Log& first, Log& second);

    std::string texts_;        ///< of the first run
    std::string second_texts_; ///< of the second
    std::vector<Stored> rows_;
    std::array<std::size_t, static_cast<std::size_t>(Change::only_second) + 1> changes_{};
    RunFigures first_;
    RunFigures second_;
};

} // namespace pprocess::job
