// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <pprocess/job/runner.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace pprocess::widgets {

/// What the items of a job write, line by line in the order in which it comes. Keeps the newest lines and counts those
/// that it let go.
class LineModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { NumberColumn, InputColumn, LineColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    /// Whole lines of some items, as they were written.
    void append(const std::vector<job::ItemOutput>& outputs);
    void clear();

    /// The number of the item whose line stands there, from 0.
    [[nodiscard]] std::size_t itemAt(int row) const { return m_lines[static_cast<std::size_t>(row)].item; }
    /// Lines that came, kept or not.
    [[nodiscard]] std::uint64_t total() const { return m_dropped + m_lines.size(); }
    /// The oldest of them, which are not kept any more.
    [[nodiscard]] std::uint64_t dropped() const { return m_dropped; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    static constexpr std::size_t mostLines = 100'000;
    static constexpr std::size_t mostBytes = std::size_t{32} << 20; ///< of their texts

private:
    struct Line {
        std::size_t item = 0;
        std::shared_ptr<const std::string> input; ///< shared by lines that came together
        std::string text;                         ///< without its end
    };

    /// The lines of `outputs` that would not be let go again at once.
    [[nodiscard]] std::vector<Line> split(const std::vector<job::ItemOutput>& outputs);
    void letGo(std::size_t arriving, std::size_t arrivingBytes);

    std::deque<Line> m_lines;
    std::size_t m_bytes = 0;
    std::uint64_t m_dropped = 0;
};

} // namespace pprocess::widgets
