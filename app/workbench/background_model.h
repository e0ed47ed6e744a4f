// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/background_watcher.h>

#include <QAbstractTableModel>

namespace pprocess::workbench {

/// The background processes of this user, the oldest first.
class BackgroundModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { NameColumn, StateColumn, AgeColumn, PidColumn, AddressColumn, ColumnCount };
    enum Role { HasFailedRole = Qt::UserRole + 1, IsGoneRole };

    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// Rows that stay keep their place in the views.
    void setProcesses(const std::vector<ListedBackground>& processes);
    /// The ages have grown.
    void tick();
    [[nodiscard]] const ListedBackground& at(int row) const { return m_rows[static_cast<std::size_t>(row)]; }
    /// How many have left nothing but their entry.
    [[nodiscard]] int goneCount() const;

private:
    std::vector<ListedBackground> m_rows;
};

} // namespace pprocess::workbench
