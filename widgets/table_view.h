// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

namespace pprocess::widgets {

/// A table with rows of one height, whole rows selected, copied with Ctrl+C as tab-separated text, and words where
/// there is nothing to show.
class TableView : public QTableView {
    Q_OBJECT

public:
    explicit TableView(QWidget* parent = nullptr);

    /// Shown instead of rows: a line in bold and one of advice below.
    void setEmptyText(const QString& title, const QString& advice = {});
    [[nodiscard]] QString emptyTitle() const { return m_emptyTitle; }
    [[nodiscard]] QString emptyAdvice() const { return m_emptyAdvice; }

    /// The column that takes the room the others leave; when there is too little for it, the table scrolls sideways.
    void setStretchColumn(int column, int minimumWidth = 90);

    /// The selected rows as they are shown, with a header line.
    [[nodiscard]] QString selectionAsText() const;
    void copySelection() const;
    /// One entry per selected row, in the order shown, without making an index for each cell.
    [[nodiscard]] QList<int> selectedRows() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void applyRowHeight();
    void stretch();

    int m_stretchColumn = -1;
    int m_stretchMinimum = 0;
    bool m_isStretching = false;

    QString m_emptyTitle;
    QString m_emptyAdvice;
};

} // namespace pprocess::widgets
