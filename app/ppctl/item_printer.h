// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <pprocess/job/runner.h>

namespace ppctl {

/// Prints each item's result whole, so that no two items' output mixes.
class ItemPrinter {
public:
    /// With `by_line` whole lines are printed as they come; otherwise each item's output at its end.
    explicit ItemPrinter(bool json, bool by_line = false) : json_(json), by_line_(by_line) {}

    /// Prints lines of an item that goes on, as text or as an object with the field "lines". Throws as below.
    void print(const pprocess::job::ItemOutput& output) const;

    /// Output to standard output, error output and a line about a failure to standard error; or one JSON object.
    /// Throws `pprocess::SystemError` when standard output cannot be written (a full disk, a closed pipe).
    void print(const pprocess::job::ItemResult& result);

    /// Will something of it be printed on standard error?
    [[nodiscard]] bool has_words(const pprocess::job::ItemResult& result) const;
    /// Did what was printed last end a line?
    [[nodiscard]] bool ends_line() const { return ends_line_; }

private:
    void print_text(const pprocess::job::ItemResult& result);
    void print_json(const pprocess::job::ItemResult& result);

    bool json_;
    bool by_line_;
    bool ends_line_ = true;
};

/// At the end of a job, as an object with the field "summary"; nothing where no JSON is wanted.
void print_summary(const pprocess::job::Progress& progress, bool json, std::optional<double> seconds = {});

} // namespace ppctl
