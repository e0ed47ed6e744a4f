// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <pprocess/job/runner.h>

namespace ppctl {

/// Prints each item's result whole, so that no two items' output mixes.
class ItemPrinter {
public:
    explicit ItemPrinter(bool json) : json_(json) {}

    /// Output to standard output, error output and a line about a failure to standard error; or one JSON object.
    /// Throws `pprocess::SystemError` when standard output cannot be written (a full disk, a closed pipe).
    void print(const pprocess::job::ItemResult& result);
    void flush();

private:
    void print_text(const pprocess::job::ItemResult& result);
    void print_json(const pprocess::job::ItemResult& result);
    void write(const std::string& text);

    bool json_;
};

} // namespace ppctl
