// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <pprocess/job/runner.h>

namespace pprocess::widgets {

/// One item's input and how it ended.
struct ResultRow {
    std::string input;
    job::ItemResult result;

    [[nodiscard]] bool succeeded() const { return result.outcome == job::Outcome::succeeded; }
    [[nodiscard]] bool cancelled() const { return result.outcome == job::Outcome::cancelled; }
    [[nodiscard]] bool failed() const { return !succeeded() && !cancelled(); }
};

using ResultRowPtr = std::shared_ptr<const ResultRow>;

/// What a table shows of a result. Its texts are those of the row that it was taken from, and valid while that is.
struct ResultView {
    std::size_t index = 0;
    job::Outcome outcome = job::Outcome::cancelled;
    pid_t worker = 0;
    unsigned attempts = 0;
    int exitCode = 0;
    int signal = 0;
    std::chrono::nanoseconds duration{}; ///< of its only command; of all steps, when it has several or a function
    std::string_view input;
    std::string_view detail;
    std::string_view words; ///< its output, its value as text, its error output or why it could not be started
    bool hasValue = false;  ///< its last step was a function, which gave one

    [[nodiscard]] std::string_view firstLine() const { return words.substr(0, words.find('\n')); }

    /// That of an item that succeeded, when its whole output, or value, is one.
    [[nodiscard]] std::optional<double> number() const;

    [[nodiscard]] bool succeeded() const { return outcome == job::Outcome::succeeded; }
    [[nodiscard]] bool cancelled() const { return outcome == job::Outcome::cancelled; }
    [[nodiscard]] bool failed() const { return !succeeded() && !cancelled(); }
};

/// A result row as a million of them are kept: one block of memory, some 40 bytes more than its texts have. Large ones
/// are kept as they come. Never changes; copies share it, across threads too.
class StoredRow {
public:
    StoredRow() = default;
    explicit StoredRow(ResultRowPtr row);

    /// Made anew unless it is a large one.
    [[nodiscard]] ResultRowPtr row() const;
    [[nodiscard]] ResultView view() const;

    /// Rows with more text than this are large: what they take beyond it does not matter.
    static constexpr std::size_t mostPackedText = 2048;

private:
    struct Block;
    struct Packed;
    struct Whole;
    friend void intrusive_ptr_add_ref(const Block* block) noexcept;
    friend void intrusive_ptr_release(const Block* block) noexcept;

    boost::intrusive_ptr<const Block> m_block;
};

} // namespace pprocess::widgets
