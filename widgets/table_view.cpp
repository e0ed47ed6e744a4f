// SPDX-License-Identifier: GPL-3.0-or-later
#include <widgets/table_view.h>

#include <widgets/empty_text.h>

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHeaderView>
#include <QKeyEvent>

#include <algorithm>

namespace pprocess::widgets {

TableView::TableView(QWidget* parent) : QTableView(parent) {
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    setShowGrid(false);
    setWordWrap(false);
    setTextElideMode(Qt::ElideRight);
    setAlternatingRowColors(true);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollMode(ScrollPerPixel);
    setFrameShape(NoFrame);
    setTabKeyNavigation(false);
    setCornerButtonEnabled(false);
    setContextMenuPolicy(Qt::CustomContextMenu);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setMinimumSectionSize(36);
    horizontalHeader()->setSectionsMovable(true);
    applyRowHeight();
}

void TableView::applyRowHeight() {
    verticalHeader()->setMinimumSectionSize(0);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 7);
}

void TableView::setStretchColumn(int column, int minimumWidth) {
    m_stretchColumn = column;
    m_stretchMinimum = minimumWidth;
    connect(horizontalHeader(), &QHeaderView::sectionResized, this, [this](int section) {
        if (section != m_stretchColumn) {
            stretch();
        }
    });
    stretch();
}

// Not QHeaderView's own way of stretching: that would forbid to drag the column's edge, and squeeze it to nothing.
void TableView::stretch() {
    if (m_stretchColumn < 0 || m_isStretching) {
        return;
    }
    m_isStretching = true;
    const int others = horizontalHeader()->length() - columnWidth(m_stretchColumn);
    setColumnWidth(m_stretchColumn, qMax(m_stretchMinimum, viewport()->width() - others));
    m_isStretching = false;
}

void TableView::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    stretch();
}

void TableView::changeEvent(QEvent* event) {
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        applyRowHeight();
    }
}

void TableView::setEmptyText(const QString& title, const QString& advice) {
    if (title != m_emptyTitle || advice != m_emptyAdvice) {
        m_emptyTitle = title;
        m_emptyAdvice = advice;
        viewport()->update();
    }
}

void TableView::paintEvent(QPaintEvent* event) {
    QTableView::paintEvent(event);
    if (m_emptyTitle.isEmpty() || (model() && model()->rowCount() > 0)) {
        return;
    }
    paintEmptyText(*viewport(), m_emptyTitle, m_emptyAdvice);
}

QList<int> TableView::selectedRows() const {
    QList<int> rows;
    if (selectionModel()) {
        for (const auto& range : selectionModel()->selection()) {
            for (int row = range.top(); row <= range.bottom(); ++row) {
                rows.append(row);
            }
        }
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

QString TableView::selectionAsText() const {
    const auto rows = selectedRows();
    if (!model() || rows.isEmpty()) {
        return {};
    }
    QList<int> columns;
    for (int place = 0; place < horizontalHeader()->count(); ++place) {
        if (const int column = horizontalHeader()->logicalIndex(place); !isColumnHidden(column)) {
            columns.append(column);
        }
    }
    QString text;
    const auto addLine = [&](auto&& cell) {
        for (qsizetype i = 0; i < columns.size(); ++i) {
            QString value = cell(columns[i]);
            value.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
            text += value + QLatin1Char(i + 1 < columns.size() ? '\t' : '\n');
        }
    };
    addLine([this](int column) { return model()->headerData(column, Qt::Horizontal).toString(); });
    for (const int row : rows) {
        addLine([this, row](int column) { return model()->index(row, column).data().toString(); });
    }
    return text;
}

void TableView::copySelection() const {
    if (const QString text = selectionAsText(); !text.isEmpty()) {
        QApplication::clipboard()->setText(text);
    }
}

void TableView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) {
        copySelection();
        event->accept();
        return;
    }
    QTableView::keyPressEvent(event);
}

} // namespace pprocess::widgets
