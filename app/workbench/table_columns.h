// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <initializer_list>

class QSettings;
class QTableView;

/// The columns of a table: sorted by a click on their heads, and kept from one start of the application to the next.
namespace pprocess::workbench::table_columns {

/// To be called when the table has its model. `widths` in pixels, from the first column on.
void makeSortable(QTableView* table, std::initializer_list<int> widths);
void store(QSettings& settings, const QString& key, const QTableView* table);
/// Widths and order as they were stored; sorted by none.
void restore(const QSettings& settings, const QString& key, QTableView* table);

} // namespace pprocess::workbench::table_columns
