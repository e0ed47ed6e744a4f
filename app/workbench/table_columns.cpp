// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/table_columns.h>

#include <QHeaderView>
#include <QSettings>
#include <QTableView>

namespace pprocess::workbench::table_columns {

namespace {

void sortByNone(QHeaderView* header) {
    header->setSortIndicatorClearable(true);
    header->setSortIndicator(-1, Qt::AscendingOrder);
}

} // namespace

void makeSortable(QTableView* table, std::initializer_list<int> widths) {
    sortByNone(table->horizontalHeader());
    table->setSortingEnabled(true);
    int column = 0;
    for (const int width : widths) {
        table->setColumnWidth(column++, width);
    }
}

void store(QSettings& settings, const QString& key, const QTableView* table) {
    settings.setValue(key, table->horizontalHeader()->saveState());
}

void restore(const QSettings& settings, const QString& key, QTableView* table) {
    table->horizontalHeader()->restoreState(settings.value(key).toByteArray());
    sortByNone(table->horizontalHeader());
}

} // namespace pprocess::workbench::table_columns
