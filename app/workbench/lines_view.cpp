// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/lines_view.h>

#include <widgets/format.h>
#include <widgets/line_model.h>
#include <widgets/row_delegate.h>
#include <widgets/table_view.h>

#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

namespace pprocess::workbench {

using widgets::LineModel;
namespace format = widgets::format;

LinesView::LinesView(QWidget* parent) : QWidget(parent) {
    m_lines = new LineModel(this);
    m_filtered = new QSortFilterProxyModel(this);
    m_filtered->setSourceModel(m_lines);
    m_filtered->setFilterKeyColumn(-1);
    m_filtered->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table = new widgets::TableView;
    m_table->setObjectName(QStringLiteral("lines"));
    m_table->setAccessibleName(tr("Lines that the commands write"));
    m_table->setModel(m_filtered);
    auto* delegate = new widgets::RowDelegate(
        [](const QModelIndex&) { return false; },
        [](const QModelIndex& index) { return index.column() == LineModel::NumberColumn; }, this);
    delegate->setMonospaceColumn(LineModel::LineColumn);
    m_table->setItemDelegate(delegate);
    m_table->setColumnWidth(LineModel::NumberColumn, 60);
    m_table->setColumnWidth(LineModel::InputColumn, 170);
    m_table->setStretchColumn(LineModel::LineColumn);
    m_table->setEmptyText(tr("No lines yet"), tr("Each line is shown as soon as a command has written it."));
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid()) {
                    emit chosen(m_lines->itemAt(m_filtered->mapToSource(current).row()));
                }
            });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_table);
}

void LinesView::append(const std::vector<job::ItemOutput>& outputs) {
    const QScrollBar* bar = m_table->verticalScrollBar();
    const bool follows = bar->value() >= bar->maximum();
    m_lines->append(outputs);
    if (follows) {
        m_table->scrollToBottom();
    }
}

void LinesView::clear() {
    m_lines->clear();
}

void LinesView::setFilter(const QString& text) {
    m_filtered->setFilterFixedString(text);
    m_table->setEmptyText(text.isEmpty() ? tr("No lines yet") : tr("No line fits the filter"),
                          text.isEmpty() ? tr("Each line is shown as soon as a command has written it.")
                                         : tr("Clear the filter."));
}

QString LinesView::note() const {
    const auto lines = [](std::uint64_t number) {
        return format::counted<LinesView>(number, QT_TR_N_NOOP("%1 line(s)"));
    };
    const auto shown = static_cast<std::uint64_t>(m_filtered->rowCount());
    if (m_lines->dropped() > 0) {
        return tr("%1, the newest %2 kept")
            .arg(lines(m_lines->total()), format::count(m_lines->total() - m_lines->dropped()));
    }
    return shown == m_lines->total() ? lines(shown) : tr("%1 of %2").arg(format::count(shown), lines(m_lines->total()));
}

} // namespace pprocess::workbench
