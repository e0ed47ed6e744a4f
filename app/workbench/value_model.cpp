// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/value_model.h>

#include <widgets/format.h>

namespace pprocess::workbench {

using namespace widgets;

int ValueModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_values.size());
}

int ValueModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ValueModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant((index.column() == NumberColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    constexpr std::size_t most = 400;
    const auto row = static_cast<std::size_t>(index.row());
    return index.column() == NumberColumn ? format::count(row + 1) : format::oneLine(to_text(m_values[row], most));
}

QVariant ValueModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant((section == NumberColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    return section == NumberColumn ? tr("#") : tr("Value");
}

void ValueModel::append(const std::vector<AnyValue>& values) {
    if (values.empty()) {
        return;
    }
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(values.size()) - 1);
    m_values.insert(m_values.end(), values.begin(), values.end());
    endInsertRows();
}

} // namespace pprocess::workbench
