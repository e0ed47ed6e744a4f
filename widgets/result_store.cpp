// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/result_store.h>

namespace pprocess::widgets {

ResultStore ResultStore::snapshot() {
    m_isShared.assign(m_chunks.size(), true);
    return ResultStore(*this);
}

ResultStore::Chunk& ResultStore::writableChunk(std::size_t index) {
    auto& chunk = m_chunks[index];
    if (m_isShared[index]) {
        auto own = std::make_shared<Chunk>();
        own->reserve(chunkSize);
        own->assign(chunk->begin(), chunk->end());
        chunk = std::move(own);
        m_isShared[index] = false;
    }
    return *chunk;
}

void ResultStore::append(StoredRow row) {
    if (m_size % chunkSize == 0) {
        m_chunks.push_back(std::make_shared<Chunk>());
        m_chunks.back()->reserve(chunkSize);
        m_isShared.push_back(false);
    }
    writableChunk(m_size / chunkSize).push_back(std::move(row));
    ++m_size;
}

void ResultStore::replace(std::size_t row, StoredRow with) {
    writableChunk(row / chunkSize)[row % chunkSize] = std::move(with);
}

void ResultStore::clear() {
    m_chunks.clear();
    m_isShared.clear();
    m_size = 0;
}

} // namespace pprocess::widgets
