// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

#include <functional>

namespace pprocess::widgets {

/// Paints table cells with quiet selection, muted secondary text and failed rows in the colour of failure.
class RowDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using Test = std::function<bool(const QModelIndex&)>;

    /// `isFailed` and `isMuted` say how a cell's text is coloured.
    RowDelegate(Test isFailed, Test isMuted, QObject* parent);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

    /// Columns in the fixed-width font.
    void setMonospaceColumn(int column) { m_monospaceColumn = column; }

private:
    Test m_isFailed;
    Test m_isMuted;
    int m_monospaceColumn = -1;
};

} // namespace pprocess::widgets
