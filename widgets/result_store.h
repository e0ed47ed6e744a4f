// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <pprocess/job/runner.h>

namespace pprocess::widgets {

/// One item's input and how it ended. Never changed once it is in a store, so that other threads may read it.
struct ResultRow {
    std::string input;
    job::ItemResult result;

    [[nodiscard]] bool succeeded() const { return result.outcome == job::Outcome::succeeded; }
    [[nodiscard]] bool cancelled() const { return result.outcome == job::Outcome::cancelled; }
    [[nodiscard]] bool failed() const { return !succeeded() && !cancelled(); }
};

using ResultRowPtr = std::shared_ptr<const ResultRow>;

/// Result rows in order of arrival. A snapshot costs a pointer for every few thousand rows and stays as it is: what is
/// added or replaced later does not show in it. That is how sorting and saving a million rows can go on in another
/// thread while rows arrive.
class ResultStore {
public:
    ResultStore() = default;
    ResultStore(ResultStore&&) = default;
    ResultStore& operator=(ResultStore&&) = default;

    [[nodiscard]] ResultStore snapshot();
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] bool isEmpty() const { return m_size == 0; }
    [[nodiscard]] const ResultRowPtr& at(std::size_t row) const {
        return (*m_chunks[row / chunkSize])[row % chunkSize];
    }

    void append(ResultRowPtr row);
    void replace(std::size_t row, ResultRowPtr with);
    void clear();

private:
    ResultStore(const ResultStore&) = default;

    static constexpr std::size_t chunkSize = 4096;
    using Chunk = std::vector<ResultRowPtr>;

    Chunk& writableChunk(std::size_t index);

    std::vector<std::shared_ptr<Chunk>> m_chunks;
    // Marked here rather than read off the pointers' counts: a count that another thread lowers orders nothing.
    std::vector<bool> m_isShared;
    std::size_t m_size = 0;
};

} // namespace pprocess::widgets
