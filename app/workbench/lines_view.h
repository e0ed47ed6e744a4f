// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <pprocess/job/runner.h>

#include <vector>

class QSortFilterProxyModel;

namespace pprocess::widgets {
class LineModel;
class TableView;
} // namespace pprocess::widgets

namespace pprocess::workbench {

/// The lines that a job's items write while they run. It follows the newest until somebody scrolls up, and again once
/// the end is reached.
class LinesView : public QWidget {
    Q_OBJECT

public:
    explicit LinesView(QWidget* parent = nullptr);

    void append(const std::vector<job::ItemOutput>& outputs);
    void clear();
    /// Shows only lines that contain the text, or whose input does, in upper or lower case.
    void setFilter(const QString& text);
    /// How many there are, and what of them is not to be seen; for a line beside the view.
    [[nodiscard]] QString note() const;

signals:
    /// The item of a line has been chosen.
    void chosen(std::size_t item);

private:
    widgets::LineModel* m_lines;
    QSortFilterProxyModel* m_filtered;
    widgets::TableView* m_table;
};

} // namespace pprocess::workbench
