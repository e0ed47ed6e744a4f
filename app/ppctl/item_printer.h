// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <pprocess/job/runner.h>

namespace ppctl {

/// Prints each item's result whole, so that no two items' output mixes.
class ItemPrinter {
public:
    explicit ItemPrinter(bool json) : json_(json) {}

    /// Output to standard output, error output and a line about a failure to standard error; or one JSON object.
    /// Throws `pprocess::SystemError` when standard output cannot be written (a full disk, a closed pipe).
    void print(const pprocess::job::ItemResult& result);

private:
    void print_text(const pprocess::job::ItemResult& result);
    void print_json(const pprocess::job::ItemResult& result);

    bool json_;
};

/// At the end of a job, as an object with the field "summary"; nothing where no JSON is wanted.
void print_summary(const pprocess::job::Progress& progress, bool json, std::optional<double> seconds = {});

} // namespace ppctl
