// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/line_model.h>

#include <widgets/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace pprocess::widgets {

namespace {

int alignment(int column) {
    return int((column == LineModel::NumberColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

} // namespace

std::vector<LineModel::Line> LineModel::split(const std::vector<job::ItemOutput>& outputs) {
    // From the newest back, so that of a flood no more is copied than is kept.
    std::vector<Line> lines;
    std::size_t bytes = 0;
    std::uint64_t left = 0;
    for (auto output = outputs.rbegin(); output != outputs.rend(); ++output) {
        const auto input = std::make_shared<const std::string>(output->input);
        std::string_view text = output->lines;
        while (!text.empty()) {
            text.remove_suffix(text.back() == '\n' ? 1 : 0);
            const std::size_t begin = text.rfind('\n') + 1;
            const std::string_view line = text.substr(begin);
            bytes += line.size();
            if (left > 0 || lines.size() >= mostLines || (bytes > mostBytes && !lines.empty())) {
                ++left;
            } else {
                lines.push_back({output->index, input, std::string(line)});
            }
            text = text.substr(0, begin);
        }
    }
    m_dropped += left;
    std::reverse(lines.begin(), lines.end());
    return lines;
}

void LineModel::letGo(std::size_t arriving, std::size_t arrivingBytes) {
    std::size_t count = 0;
    std::size_t bytes = m_bytes;
    while (count < m_lines.size() &&
           (m_lines.size() - count + arriving > mostLines || bytes + arrivingBytes > mostBytes)) {
        bytes -= m_lines[count++].text.size();
    }
    if (count == 0) {
        return;
    }
    beginRemoveRows({}, 0, static_cast<int>(count) - 1);
    m_lines.erase(m_lines.begin(), m_lines.begin() + static_cast<std::ptrdiff_t>(count));
    m_bytes = bytes;
    m_dropped += count;
    endRemoveRows();
}

void LineModel::append(const std::vector<job::ItemOutput>& outputs) {
    std::vector<Line> lines = split(outputs);
    if (lines.empty()) {
        return;
    }
    std::size_t bytes = 0;
    for (const Line& line : lines) {
        bytes += line.text.size();
    }
    letGo(lines.size(), bytes);
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(lines.size()) - 1);
    m_lines.insert(m_lines.end(), std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end()));
    m_bytes += bytes;
    endInsertRows();
}

void LineModel::clear() {
    beginResetModel();
    m_lines.clear();
    m_bytes = 0;
    m_dropped = 0;
    endResetModel();
}

int LineModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int LineModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant LineModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return alignment(index.column());
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) {
        return {};
    }
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case NumberColumn:
        return role == Qt::DisplayRole ? QVariant(format::count(line.item + 1)) : QVariant();
    case InputColumn:
        return format::oneLine(*line.input);
    default:
        return format::oneLine(line.text, role == Qt::DisplayRole ? 400 : 4000);
    }
}

QVariant LineModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole) {
        return alignment(section);
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case NumberColumn:
        return tr("Item");
    case InputColumn:
        return tr("Input");
    default:
        return tr("Line");
    }
}

} // namespace pprocess::widgets
