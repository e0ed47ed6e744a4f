// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <vector>

#include <pprocess/message/any_value.h>

namespace pprocess::workbench {

/// Values in the order in which they came, each as one line of text.
class ValueModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { NumberColumn, ValueColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    void append(const std::vector<AnyValue>& values);
    [[nodiscard]] const std::vector<AnyValue>& values() const { return m_values; }

private:
    std::vector<AnyValue> m_values;
};

} // namespace pprocess::workbench
