// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QDateTime>
#include <QString>

#include <vector>

namespace pprocess::workbench {

/// A program or background process of this user, as it is offered for attaching.
struct ListedProgram {
    QString name;
    qint64 pid = 0;
    QString state; ///< in words
    QDateTime started;
    QString command;
    bool canAttach = false; ///< why not, `state` says
    friend bool operator==(const ListedProgram&, const ListedProgram&) = default;
};

/// Programs of this user, those that can be attached to first.
class ProgramModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { NameColumn, PidColumn, StartedColumn, StateColumn, CommandColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

    /// Takes away those that are gone, adds the new ones; a row stays the one of its program.
    void setPrograms(std::vector<ListedProgram> programs);
    [[nodiscard]] const ListedProgram& at(int row) const { return m_rows[static_cast<std::size_t>(row)]; }

private:
    std::vector<ListedProgram> m_rows;
};

} // namespace pprocess::workbench
