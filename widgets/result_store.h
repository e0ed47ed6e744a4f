// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <widgets/stored_row.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace pprocess::widgets {

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
    /// A copy, unless it is a large one.
    [[nodiscard]] ResultRowPtr at(std::size_t row) const { return stored(row).row(); }
    /// Valid until the row is replaced or the store cleared.
    [[nodiscard]] ResultView view(std::size_t row) const { return stored(row).view(); }

    void append(StoredRow row);
    void replace(std::size_t row, StoredRow with);
    void clear();

private:
    ResultStore(const ResultStore&) = default;

    static constexpr std::size_t chunkSize = 4096;
    using Chunk = std::vector<StoredRow>;

    [[nodiscard]] const StoredRow& stored(std::size_t row) const {
        return (*m_chunks[row / chunkSize])[row % chunkSize];
    }
    Chunk& writableChunk(std::size_t index);

    std::vector<std::shared_ptr<Chunk>> m_chunks;
    // Marked here rather than read off the pointers' counts: a count that another thread lowers orders nothing.
    std::vector<bool> m_isShared;
    std::size_t m_size = 0;
};

} // namespace pprocess::widgets
